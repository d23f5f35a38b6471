"""Parser of one time of day in the spellings of opening hours: 13:00, 13.00, 1 pm, 13h30, 下午1点."""

from __future__ import annotations

import re

from adapters.opening_hours.osm_syntax import UnsupportedHours
from adapters.opening_hours.time_spans import read_clock
from adapters.opening_hours.token_cursor import Cursor
from adapters.opening_hours.tokenizer import tokenize
from domain.messages import message

# No minutes, or a part of a day as a spreadsheet stores times: 0.25 is 06:00 there.
_NUMBER = re.compile(r"\d*|0*[.,]\d+|0*1[.,]0+|\d+[.,]\d(\d{2,})?")


def read_time(text: str) -> int:
    """Minutes after midnight, 0 to 1440. Raises UnsupportedHours, also for a number alone, which may mean anything."""
    if _NUMBER.fullmatch(text.strip()):
        raise UnsupportedHours(
            message("{text!r} is no time; write it as in 09:30, from 00:00 to 24:00", text=text)
        )
    return read_clock(Cursor(tokenize(text)))
