"""Dated or weekly appointments of a foreign file as acceptable windows, a week and a duration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from adapters.imports.weekly_hours import DAYS
from adapters.opening_hours import read_time
from domain.calendar import week_of
from domain.messages import message
from domain.windows import DAY_MIN, clock

_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TIMED = ("acceptable", "preferred", "duration_minutes", "first_week")  # the columns that it fills


class BadTimes(ValueError):
    """The part `times` of a profile lacks a column, or its number is none."""


@dataclass(frozen=True, slots=True)
class AppointmentTimes:
    """Where a file says when an appointment is: `start`, `end`, and `date` or `day` name its columns.

    A request may be moved by `pad_minutes` to either side on the same day: that is acceptable; the time itself is
    preferred.
    """

    start: str
    end: str
    date: str = ""
    day: str = ""
    pad_minutes: int = 0

    @classmethod
    def read(cls, texts: Mapping[str, str]) -> AppointmentTimes:
        known = {"start", "end", "date", "day", "pad_minutes"}
        if not {"start", "end"} <= set(texts) <= known or not {"date", "day"} & set(texts):
            raise BadTimes(
                message(
                    "times needs start, end, and date or day, and may have pad_minutes, not {texts}",
                    texts=sorted(texts),
                )
            )
        pad = texts.get("pad_minutes", "0")
        if not pad.isdecimal():
            raise BadTimes(message("pad_minutes is a whole number of minutes, not {pad!r}", pad=pad))
        columns = {key: value for key, value in texts.items() if key != "pad_minutes"}
        return cls(**columns, pad_minutes=int(pad))

    def reads(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.start, self.end, self.date, self.day)))

    def columns(self, cells: Mapping[str, str]) -> dict[str, str]:
        """Our columns for a row; a time or day that cannot be read is handed on as it is, to be refused there."""
        start_text, end_text = cells.get(self.start, ""), cells.get(self.end, "")
        day_text = cells.get(self.date or self.day, "")
        try:
            start, end = read_time(start_text), read_time(end_text)
            day, week = self._day(day_text)
        except ValueError:
            return {"acceptable": f"{day_text} {start_text}-{end_text}"}
        wide = f"{clock(max(0, start - self.pad_minutes))}-{clock(min(DAY_MIN, end + self.pad_minutes))}"
        own = f"{clock(start)}-{clock(end)}"
        texts = (f"{DAYS[day - 1]} {wide}", f"{DAYS[day - 1]} {own}", str(end - start), week)
        return dict(zip(TIMED, texts, strict=True))

    def _day(self, text: str) -> tuple[int, str]:
        """The ISO weekday, and the ISO week where a date says it."""
        if self.date:
            on = date.fromisoformat(text)
            return on.isoweekday(), week_of(on)
        if text.isdecimal() and 1 <= int(text) <= 7:
            return int(text), ""
        short = [name[:2] for name in _NAMES]
        return short.index(text.lower()[:2]) + 1, ""
