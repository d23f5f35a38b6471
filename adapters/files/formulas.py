"""Guard against formula injection: texts that spreadsheets would run are marked, and read back as meant."""

from __future__ import annotations

import re

from domain.text import shown

_STARTS = "=+@＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋−-"  # full width and small ones count too, to some programs
_UNSEEN = r"\s\u00ad\u115f\u1160\u180e\u200b-\u200f\u2060-\u2064\u2800\u3164\ufeff"
_FORMULA = re.compile(rf"(^|;)(?=[{_UNSEEN}\"']*[{_STARTS}])")
_MADE_HARMLESS = re.compile(rf"(^|;)'(?=[{_UNSEEN}\"']*[{_STARTS}])")


def harmless(text: str) -> str:
    """The text with an apostrophe wherever a spreadsheet program would take what follows for a formula.

    That is at its start, and after a semicolon: where the list separator is one, a cell is cut there.
    """
    return _FORMULA.sub(r"\1'", shown(text))


def is_formula(text: str) -> bool:
    """Whether a program could take the text for a formula."""
    return _FORMULA.search(shown(text)) is not None


def as_meant(text: str) -> str:
    """The text of a cell without the apostrophes that `harmless` put there."""
    return _MADE_HARMLESS.sub(r"\1", text)
