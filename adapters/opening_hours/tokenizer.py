"""Tokenizer of opening hours: numbers, signs, and words in any language that is known.

Each character is looked at a bounded number of times, so that no text, however long or odd, takes long.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import NoReturn

from adapters.opening_hours.hour_languages import COMMON, WEEKDAYS, Meaning, meanings_of
from adapters.opening_hours.osm_syntax import LONGEST_TEXT, UnsupportedHours
from domain.messages import message

_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212~\u301c\uff5e"
_SIGNS = {
    **dict.fromkeys(_DASHES, "-"),
    "&": ",",
    "\u3001": ",",
    "\u3002": ";",
    "\u2013": "-",
    "\u2236": ":",
    "\ufe30": ":",
}
_IDEOGRAPHS = re.compile("[\u4e00-\u9fff]+")
_PIECES = re.compile(
    r"""
    (?P<always> 24\ ?[/x]\ ?7 (?:h\b)? | 24\ ?hours\b | 24\ ?小时 | 全天 | \ball\ day\b ) (?![\d:])
    | (?P<daily> 7/7 | \bevery\ ?day\b ) (?![\d:])
    | (?P<number> \d+ )
    | (?P<half> [ap]\.\ ?m\b )
    | (?P<word> [^\W\d_]+ )
    | (?P<comment> "[^"]*"? )
    | (?P<sign> \S )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_IDEOGRAPH_WORDS = frozenset(
    word for word in (*COMMON, *WEEKDAYS["zh"], *WEEKDAYS["ja"]) if _IDEOGRAPHS.fullmatch(word)
)
_LONGEST_WORD = max(map(len, _IDEOGRAPH_WORDS))
_FEIRA = re.compile(r"(?<=[^\W\d_])[- ]feira\b", re.IGNORECASE)  # Monday is segunda-feira or segunda alone
_NUMERALS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "日": 7, "天": 7}


@dataclass(frozen=True, slots=True)
class HoursToken:
    """A token. `kind` is "number", "sign", "comment", "always" (24/7), "end", or that of a word's meaning.

    `number` is the number, the weekday or the month; `gap` whether a blank stands before it.
    """

    kind: str
    text: str
    start: int
    number: int = 0
    gap: bool = False

    def is_sign(self, *signs: str) -> bool:
        return self.kind == "sign" and self.text in signs


@dataclass(frozen=True, slots=True)
class TokenizedText:
    """A text in its plain form (full-width signs made plain) with its tokens, the last of kind "end"."""

    text: str
    tokens: tuple[HoursToken, ...]

    def refuse(self, token: HoursToken, why: str) -> NoReturn:
        """Raise UnsupportedHours: `why` says what is wrong at the token and what would be right."""
        raise UnsupportedHours(
            message("{text!r} in {hours} {why}", text=token.text, hours=shortened(self.text), why=why)
        )

    def refuse_from(self, token: HoursToken) -> NoReturn:
        rest = self.text[token.start :].strip()
        part = message("from {rest} on", rest=shortened(rest)) if rest else message("where it ends")
        raise UnsupportedHours(
            message(
                "{hours} is not in the opening_hours syntax {part}; write hours as in 'Mo-Fr 09:00-17:00'",
                hours=shortened(self.text),
                part=part,
            )
        )


def shortened(text: str) -> str:
    return repr(text if len(text) <= 120 else text[:117] + "...")


def tokenize(text: str) -> TokenizedText:
    """The tokens of a text. Raises UnsupportedHours for words that are unknown or of two languages."""
    if len(text) > LONGEST_TEXT:
        raise UnsupportedHours(
            message(
                "opening hours of {count} characters are too long to be meant; write at most {longest_text}",
                count=len(text),
                longest_text=LONGEST_TEXT,
            )
        )
    plain = unicodedata.normalize("NFKC", text).strip().removeprefix("opening_hours=")
    plain = _FEIRA.sub("", plain).replace("\u0130", "I")
    pieces = _pieces(plain)
    tokenized = TokenizedText(plain, tuple(pieces))
    tokens = [*_resolved(tokenized, pieces), HoursToken("end", "", len(plain))]
    return TokenizedText(plain, tuple(_parentheses_left_out(tokens)))


def _pieces(plain: str) -> list[HoursToken]:
    pieces: list[HoursToken] = []
    end = 0
    for match in _PIECES.finditer(plain):
        kind, text, start = str(match.lastgroup), match[0], match.start()
        gap = start > end
        end = match.end()
        if kind == "half":  # a.m. and p.m.
            pieces.append(HoursToken("word", text[0] + text[-1], start, 0, gap))
        elif kind == "word":
            pieces += _words(text, start, gap)
        elif kind == "number":
            pieces.append(HoursToken("number", text, start, int(text[:9]), gap))
        else:
            pieces.append(HoursToken(kind, _SIGNS.get(text, text), start, 0, gap))
    return pieces


def _words(text: str, start: int, gap: bool) -> list[HoursToken]:
    """Tokens of ideographs, which have no blanks between words: the longest known word each time."""
    words: list[HoursToken] = []
    offset = 0
    while offset < len(text):
        length = _length_of_word(text, offset)
        words.append(
            HoursToken("word", text[offset : offset + length], start + offset, 0, gap and not offset)
        )
        offset += length
    return words


def _length_of_word(text: str, offset: int) -> int:
    if not _IDEOGRAPHS.match(text[offset]):
        match = _IDEOGRAPHS.search(text, offset)
        return (match.start() if match else len(text)) - offset
    if text[offset] == "每" and text[offset + 1 : offset + 3] in _IDEOGRAPH_WORDS:
        return 1  # 每周一 is every Monday, not every week
    for length in range(_LONGEST_WORD, 1, -1):
        if text[offset : offset + length] in _IDEOGRAPH_WORDS:
            return length
    return 1


def _resolved(tokenized: TokenizedText, pieces: list[HoursToken]) -> list[HoursToken]:
    """Give each word its meaning; a full stop after one goes."""
    easter = next((piece for piece in pieces if piece.text.lower() == "easter"), None)
    if easter:
        tokenized.refuse(easter, message("moves with Easter; write the dates with their year"))
    meanings = _meanings(tokenized, pieces)
    tokens: list[HoursToken] = []
    for number, piece in enumerate(pieces):
        before = tokens[-1] if tokens else None
        if piece.kind != "word":
            if not (piece.is_sign(".") and not piece.gap and number and pieces[number - 1].kind == "word"):
                tokens.append(piece)
        elif piece.text in "年月日号" and before and before.kind == "number":
            if piece.text == "月":
                tokens[-1] = replace(before, kind="month")
        elif piece.text in _NUMERALS and _continues_weekdays(tokens):
            tokens.append(replace(piece, kind="day", number=_NUMERALS[piece.text]))
        elif piece.text.lower() not in meanings:
            tokenized.refuse_from(piece)
        else:
            meaning = meanings[piece.text.lower()]
            if meaning.kind != "skip":
                tokens.append(_worded(piece, meaning))
    return tokens


def _worded(piece: HoursToken, meaning: Meaning) -> HoursToken:
    if meaning.kind == "dash":
        return replace(piece, kind="sign", text="-")
    if meaning.kind == "and":
        return replace(piece, kind="sign", text=",")
    return replace(piece, kind=meaning.kind, number=meaning.number)


def _continues_weekdays(tokens: list[HoursToken]) -> bool:
    return len(tokens) > 1 and tokens[-1].is_sign("-", ",") and tokens[-2].kind == "day"


def _meanings(tokenized: TokenizedText, pieces: list[HoursToken]) -> dict[str, Meaning]:
    """The meaning of each word: those of the one language that knows most of them, and of the syntax itself."""
    known = {piece.text.lower(): meanings_of(piece.text.lower()) for piece in pieces if piece.kind == "word"}
    common = {word: languages[""][0] for word, languages in known.items() if "" in languages}
    named = {word: languages for word, languages in known.items() if "" not in languages and languages}
    if all("osm" in languages for languages in named.values()):
        return common | {word: languages["osm"][0] for word, languages in named.items()}
    readings: dict[str, dict[str, Meaning]] = {}
    for language in {language for languages in named.values() for language in languages}:
        if all(language in languages or "osm" in languages for languages in named.values()):
            readings[language] = {
                word: (languages.get(language) or languages["osm"])[0] for word, languages in named.items()
            }
    best_count = max((_known_words(named, language) for language in readings), default=0)
    best = [reading for language, reading in readings.items() if _known_words(named, language) == best_count]
    if best and any(reading != best[0] for reading in best):
        word = next(word for word in named if any(reading[word] != best[0][word] for reading in best))
        piece = next(piece for piece in pieces if piece.text.lower() == word)
        tokenized.refuse(
            piece, message("names different days in different languages; write Mo, Tu, We, Th, Fr, Sa, Su")
        )
    if named and not best:
        word = next(word for word, languages in named.items() if "osm" not in languages)
        piece = next(piece for piece in pieces if piece.text.lower() == word)
        tokenized.refuse(
            piece, message("is of another language than the other words; write Mo, Tu, We, Th, Fr, Sa, Su")
        )
    return common | (best[0] if best else {})


def _known_words(named: dict[str, dict[str, tuple[Meaning, ...]]], language: str) -> int:
    return sum(language in languages for languages in named.values())


def _parentheses_left_out(tokens: list[HoursToken]) -> list[HoursToken]:
    """In Chinese, what is added in parentheses is one more rule: （法定节假日除外）."""
    if not any(_IDEOGRAPHS.match(token.text) for token in tokens):
        return tokens
    remaining: list[HoursToken] = []
    for token in tokens:
        if token.is_sign("("):
            remaining.append(replace(token, text=","))
        elif not token.is_sign(")"):
            remaining.append(token)
    return remaining
