"""Matching of keys that a spreadsheet changed: zeros lost, capitals, full width, invisible signs, 1E+05, dates.

Signs that nobody sees are taken out without a word. Where something was lost, nothing is guessed: the key that was
probably meant is named, and people decide.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from domain.messages import message

_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
_BLANKS = re.compile(r"\s+")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_FLOAT = re.compile(r"(\d+)[.,]0+")
_LOOK_ALIKE = {
    **str.maketrans("авекмнорстухіјѕαβεζηικμνορτυχı", "abekmhopctyxijsabezhikmnoptyxi"),
    **dict.fromkeys((0x307, *range(0xFE00, 0xFE10))),  # the dot of a Turkish İ, and choices of a shape
}  # of one look in capitals: what a keyboard of another script makes of a key
_DASHES = re.compile(" ?[\u2010-\u2015\u2212\ufe58\ufe63-] ?")  # what word processors make of a hyphen
_POWER = re.compile(r"(\d)(?:[.,](\d+))?e\+?(\d{1,3})")
_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?: 00:00(?::00)?)?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PRECISE = 15  # digits that a spreadsheet keeps of a number


def seen(text: str) -> str:
    """The text as people see it: no invisible signs, one kind of blank, none around it."""
    return _BLANKS.sub(" ", _INVISIBLE.sub("", text)).strip()


def tidy(key: str) -> str:
    """The key without what spreadsheets and input methods add: blanks, full width, invisible signs, an apostrophe."""
    text = unicodedata.normalize("NFC", seen(key).translate(_FULL_WIDTH)).strip()
    return text[1:].strip() if text[:1] in "'\u2019\u2018`" else text


def likeness(key: str) -> str:
    """Normal form of a key, equal for keys that differ only in zeros, capitals, dashes, 1E+05 and the like."""
    text = _DASHES.sub("-", unicodedata.normalize("NFKC", tidy(key)).casefold()).translate(_LOOK_ALIKE)
    text = "".join(str(unicodedata.decimal(sign, sign)) for sign in text)
    if whole := _FLOAT.fullmatch(text):
        text = whole[1]
    if power := _POWER.fullmatch(text):
        digits, exponent = power[1] + (power[2] or ""), int(power[3])
        if len(digits) <= exponent + 1:
            text = digits.ljust(exponent + 1, "0")
    return text.lstrip("0") or "0" if text.isdecimal() else text


class Likenesses:
    """Index of known keys by their normal form, to find which of them a changed one may have been."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.keys = set(keys)
        self._tidy = {tidy(key): key for key in sorted(self.keys)}
        self._alike: dict[str, list[str]] = defaultdict(list)
        for key in sorted(self.keys):
            for mark in _marks(key):
                self._alike[mark].append(key)

    def exact(self, key: str) -> str | None:
        """The key itself, or the one that it is without signs that nobody sees."""
        if key in self.keys:
            return key
        return self._tidy.get(tidy(key))

    def like(self, key: str) -> str | None:
        """The key that a spreadsheet may have made this one of."""
        alike = (known for mark in _marks(key) for known in self._alike.get(mark, ()) if known != key)
        return next(alike, None) or self._rounded(key)

    def _rounded(self, key: str) -> str | None:
        """A long number of which a spreadsheet kept the first digits alone."""
        text = likeness(key)
        if not text.isdecimal() or (len(text) <= _PRECISE and "e" not in key.casefold()):
            return None
        first = text.rstrip("0")[:_PRECISE]
        alike = (
            known for known in self.keys if known.isdecimal() and _rounds_to(known.lstrip("0"), text, first)
        )
        return min(alike, default=None)


def _rounds_to(known: str, text: str, first: str) -> bool:
    if len(known) != len(text):
        return False
    places = len(first) - 1
    return known.startswith(first) or f"{int(known):.{places}e}" == f"{int(text):.{places}e}"


def _marks(key: str) -> Iterator[str]:
    yield likeness(key)
    yield from (
        message("day {month}-{day}", month=month, day=day) for month, day in _days(tidy(key).casefold())
    )


def _days(text: str) -> Iterator[tuple[int, int]]:
    """Month and day, where a spreadsheet takes the text for a date, or made one of it."""
    if whole := _DAY.fullmatch(text):
        yield int(whole[2]), int(whole[3])
    elif short := re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})", text):
        yield int(short[1]), int(short[2])
        if short[1] != short[2]:
            yield int(short[2]), int(short[1])
    elif named := re.fullmatch(r"(\d{1,2})[- ]?([a-z]{3})[a-z]*|([a-z]{3})[a-z]*[- ]?(\d{1,2})", text):
        month, day = named[2] or named[3], named[1] or named[4]
        if month in _MONTHS:
            yield _MONTHS.index(month) + 1, int(day)


def resolve_key(known: Likenesses, key: str, warn: Callable[[str], None]) -> str:
    """The known key that is meant, else the key itself; `warn` is called with a known key that a new one looks like."""
    exact = known.exact(key)
    if exact is None and (like := known.like(key)):
        warn(like)
    return exact or tidy(key)
