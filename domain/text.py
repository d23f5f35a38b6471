"""Names, keys and sentences: which characters they may hold, how they are tidied, and how foreign text is shown.

What is tidied without a word: composed characters (Unicode NFC), blanks around the text, line breaks and tabs (each
run of them becomes one blank), invisible characters that change nothing, and what word processors leave. What is
refused: control characters, characters that turn the order of reading round, halves of characters, and hidden text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

from domain.messages import message
from domain.refusal import Refused

T = TypeVar("T")


class BadText(Refused, ValueError):
    """A name, a key or a sentence with characters that it may not hold, with nothing in it, or too long."""


@dataclass(frozen=True, slots=True)
class TextRule:
    """What a text is called in a sentence, its most characters, and whether it may be left empty."""

    what: str
    longest: int
    optional: bool = False


KEY = TextRule(message("key"), 200)
ACTOR = TextRule(message("id"), 300)
NAME = TextRule(message("name"), 300)
OPTIONAL_NAME = TextRule(message("name"), 300, optional=True)
SENTENCE = TextRule(message("sentence"), 2000)
OPTIONAL_SENTENCE = TextRule(message("sentence"), 2000, optional=True)

Key: TypeAlias = Annotated[str, KEY]
Actor: TypeAlias = Annotated[str, ACTOR]
Name: TypeAlias = Annotated[str, NAME]
OptionalName: TypeAlias = Annotated[str, OPTIONAL_NAME]
Sentence: TypeAlias = Annotated[str, SENTENCE]
OptionalSentence: TypeAlias = Annotated[str, OPTIONAL_SENTENCE]

_BREAKS = "\t\n\v\f\r\x85\u2028\u2029"
_BLANKS = re.compile(f"[ {_BREAKS}]+")
_BREAK = re.compile(f"\r\n|[{_BREAKS}]")
_LEFT_BY_WORD = {
    **dict.fromkeys(map(ord, "\x01\x02\x05\x08\x13\x14\x15\x1f"), ""),
    **dict.fromkeys(map(ord, "\x07\x0e"), " "),
    0x1E: "-",
}  # places of pictures, notes and fields, ends of cells and columns, hyphens: word processors copy them along
_INVISIBLE = frozenset(
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060\u2061\u2062\u2063\u2064\u206a\u206b\u206c\u206d"
    "\u206e\u206f\u3164\ufeff\uffa0"
)  # they show nothing and change nothing: soft hyphens, zero-width blanks, fillers
_JOINERS = frozenset("\u200c\u200d")
_MARKS = frozenset("\u200e\u200f\u061c")  # directions of neutral characters, in scripts from right to left
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSEEN = frozenset("\u2800")  # a letter or symbol by its category, but blank on paper
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,8}\U000e007f")
_CONTEXTUAL = re.compile("[\u200c-\u200f\u061c\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NEVER_IN_KEYS = frozenset('/\\?#%"<>|*')  # parts of addresses, of file names and of headers
REPLACEMENT = "\ufffd"


# ---- Tidying


def tidy(text: str) -> str:
    """The text without what is never meant: see the head of this module. It refuses nothing."""
    if text.isascii() and text.isprintable():
        return text.strip()
    before = None
    while text != before:
        before, text = text, _tidied(text)
    return text


def _tidied(text: str) -> str:
    text = text.translate(_LEFT_BY_WORD)
    text = _BLANKS.sub(lambda blanks: blanks[0] if blanks[0].strip(" ") == "" else " ", text)
    text = "".join(
        character for character in unicodedata.normalize("NFC", text) if character not in _INVISIBLE
    )
    if _CONTEXTUAL.search(text):
        text = "".join(character for index, character in enumerate(text) if _belongs(text, index))
    return unicodedata.normalize("NFC", text).strip()


def _belongs(text: str, index: int) -> bool:
    """Whether a character that shows nothing by itself changes the characters around it."""
    character, before = text[index], text[index - 1] if index else " "
    after = text[index + 1] if index + 1 < len(text) else " "
    if character in _JOINERS:
        joined = not after.isspace() and (_is_cursive(before) or _is_cursive(after))
        return joined or (character == "\u200d" and _is_picture(before) and _is_picture(after))
    if character in _MARKS:
        return any(
            unicodedata.bidirectional(letter) in ("R", "AL") for letter in text if letter not in _MARKS
        )
    if _is_selector(character):
        return not before.isspace() and not _is_selector(before)
    return True


def _is_cursive(character: str) -> bool:
    """Whether it is of a script whose letters join: Arabic, Syriac, Mongolian, those of India and its neighbours."""
    code = ord(character)
    return 0x0600 <= code <= 0x1CFF or 0xA840 <= code <= 0xABFF or 0x10A00 <= code <= 0x11FFF


def _is_picture(character: str) -> bool:
    return unicodedata.category(character) in ("So", "Sk", "Cn") or _is_selector(character)


def _is_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


# ---- Saying


def counted(number: int, what: str, several: str = "") -> str:
    """A number with what it counts, such as "1 change" or "2 changes"; `several` where that is no "s" more."""
    return f"{number:,} {what if number == 1 else several or what + 's'}"


# ---- Refusing


def checked(text: str, rule: TextRule, what: str = "") -> str:
    """The text, tidied. Raises BadText; `what` names it in the sentence, which never repeats the text."""
    named = what or message("the {what}", what=rule.what)
    if len(text) > 10 * rule.longest:
        raise BadText(
            message(
                "{named} is far too long; write at most {longest} characters",
                named=named,
                longest=rule.longest,
            )
        )
    text = tidy(text)
    bad = next(_refused(text), None)
    if bad is not None:
        raise BadText(
            message(
                "{named} holds {called}, which nobody can read; write it again without",
                named=named,
                called=_called(bad),
            )
        )
    if not any(_is_seen(character) for character in text) and not (rule.optional and not text):
        raise BadText(message("{named} is blank; write at least one letter or digit", named=named))
    if len(text) > rule.longest:
        raise BadText(
            message(
                "{named} has {count} characters; write at most {longest}",
                named=named,
                count=len(text),
                longest=rule.longest,
            )
        )
    if rule.what == KEY.what:
        _check_key(text, named)
    return text


def _refused(text: str) -> Iterator[str]:
    """The characters that no text may hold, in their order."""
    if text.isascii() and text.isprintable():
        return
    for character in _FLAG.sub("", text):
        if _is_refused(character):
            yield character


def _is_refused(character: str) -> bool:
    code = ord(character)
    return (
        unicodedata.category(character) in ("Cc", "Cs")
        or character in _TURNING
        or 0xFFF9 <= code <= 0xFFFB  # notes between the lines
        or 0xE0000 <= code <= 0xE007F  # letters that nobody sees
        or 0xFDD0 <= code <= 0xFDEF
        or code & 0xFFFE == 0xFFFE  # no characters at all
    )


def _called(character: str) -> str:
    name = unicodedata.name(character, "")
    if not name:
        name = {"Cc": message("a control character"), "Cs": message("half a character")}.get(
            unicodedata.category(character), message("no character")
        )
    return f"U+{ord(character):04X} ({name})"


def _is_seen(character: str) -> bool:
    return (unicodedata.category(character)[0] in "LNPS" and character not in _UNSEEN) or _is_private(
        character
    )


def _is_private(character: str) -> bool:
    """Private use and unassigned code points: older files have rare Chinese characters there."""
    return unicodedata.category(character) in ("Co", "Cn")


def _check_key(text: str, named: str) -> None:
    bad = next((character for character in text if character in _NEVER_IN_KEYS), None)
    if bad is not None:
        raise BadText(
            message(
                "{named} holds {bad}, which addresses and files cannot; use - or _ in its place",
                named=named,
                bad=bad,
            )
        )
    if not (text[0].isalnum() or text[0] == "_"):
        raise BadText(
            message(
                "{named} begins with {text}; begin it with a letter or a digit", named=named, text=text[0]
            )
        )
    if _ID.fullmatch(text):
        raise BadText(
            message(
                "{named} looks like an id, which may be that of something else; choose another key",
                named=named,
            )
        )


# ---- Records


def clean(value: T, what: str = "", kind: Any = None) -> T:
    """A record, or a value of a kind, with every text in it tidied, by the rules that its fields are annotated with.

    Raises BadText, which names the field. What needs no tidying is given back as it is.
    """
    of: Any = type(value) if kind is None else kind
    cleaner = _cleaner(of)
    if cleaner is None:
        return value
    cleaned: T = cleaner.tidied(value, what)
    return cleaned


@dataclass(frozen=True, slots=True)
class _Cleaner:
    """`is_record`: the value is a record, or some of them, whose fields are named in a sentence; not it itself."""

    tidied: Callable[[Any, str], Any]
    is_record: bool = False


@lru_cache(maxsize=1024)
def _cleaner(kind: Any) -> _Cleaner | None:
    """How a value of a type is tidied; None where it holds no text that has a rule."""
    origin = get_origin(kind)
    if origin is Annotated:
        rule = next((text_rule for text_rule in kind.__metadata__ if isinstance(text_rule, TextRule)), None)
        return _text_cleaner(rule) if rule else _cleaner(get_args(kind)[0])
    if origin in (Union, UnionType):
        return _optional_cleaner([member for member in get_args(kind) if member is not type(None)])
    if origin in (tuple, frozenset):
        return _tuple_cleaner(get_args(kind))
    if isinstance(kind, type) and is_dataclass(kind):
        return _record_cleaner(kind)
    return None


def _text_cleaner(rule: TextRule) -> _Cleaner:
    return _Cleaner(lambda text, what: checked(text, rule, what))


def _optional_cleaner(kinds: list[Any]) -> _Cleaner | None:
    """Of what may be None; several kinds with texts in them are no event's."""
    cleaners = [cleaner for kind in kinds if (cleaner := _cleaner(kind)) is not None]
    if not cleaners:
        return None
    if len(kinds) > 1:
        raise TypeError(f"a text is one kind of text or none, not one of {kinds}")
    (only,) = cleaners
    return _Cleaner(
        lambda value, what: None if value is None else only.tidied(value, what), is_record=only.is_record
    )


def _tuple_cleaner(kinds: tuple[Any, ...]) -> _Cleaner | None:
    if len(kinds) == 1 or kinds[-1] is Ellipsis:
        each = _cleaner(kinds[0])
        if each is None:
            return None
        tidied = each.tidied
        return _Cleaner(
            lambda values, what: tuple(tidied(value, what) for value in values), is_record=each.is_record
        )
    cleaners = [_cleaner(kind) for kind in kinds]
    if not any(cleaners):
        return None
    return _Cleaner(
        lambda values, what: tuple(
            value if cleaner is None else cleaner.tidied(value, what)
            for value, cleaner in zip(values, cleaners, strict=True)
        )
    )


def _record_cleaner(kind: type) -> _Cleaner | None:
    hints = get_type_hints(kind, include_extras=True)
    cleaners = [
        (field.name, cleaner)
        for field in fields(kind)
        if (cleaner := _cleaner(hints[field.name])) is not None
    ]
    if not cleaners:
        return None

    def tidied(record: Any, what: str) -> Any:
        changed = {}
        for name, cleaner in cleaners:
            before = getattr(record, name)
            after = cleaner.tidied(before, what if cleaner.is_record else _field(name, what))
            if after != before:
                changed[name] = after
        return replace(record, **changed) if changed else record

    return _Cleaner(tidied, is_record=True)


def _field(name: str, what: str) -> str:
    words = name.replace("_", " ")
    return (
        message("the {words} of {what}", words=words, what=what)
        if what
        else message("the {words}", words=words)
    )


# ---- Showing what was stored before there were rules, or comes from elsewhere


def shown(text: str, line_break: str = " ") -> str:
    """The text for a page, a table or a calendar: line breaks as given, what nobody can read as U+FFFD."""
    if text.isascii() and text.isprintable():
        return text
    text = _BREAK.sub(line_break, text)
    allowed = set(line_break)
    return "".join(
        REPLACEMENT if _is_refused(character) and character not in allowed else character
        for character in text
    )


def escaped(text: str) -> str:
    r"""The text for a terminal or a log: whatever could steer it, or mislead who reads it, is written as \u001b.

    The escapes are those of JSON, so that JSON stays the same; line feeds stay.
    """
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(_escape(character) if _steers(character) else character for character in text)


def _steers(character: str) -> bool:
    if character == "\n":
        return False
    return _is_refused(character) or character in _MARKS or character in "\u2028\u2029"


def _escape(character: str) -> str:
    code = ord(character)
    if code > 0xFFFF:
        code -= 0x10000
        return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
    return f"\\u{code:04x}"


def one_line(text: str) -> str:
    """The text of somebody else for one line of a terminal: line breaks are written out too."""
    return escaped(text).replace("\n", "\\n")
