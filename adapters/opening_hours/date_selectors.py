"""Parser of opening hours: years, months, dates with and without a year, and seasons that recur."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from adapters.opening_hours.osm_syntax import EVER, Range
from adapters.opening_hours.time_spans import is_at_time
from adapters.opening_hours.token_cursor import Cursor
from adapters.opening_hours.tokenizer import HoursToken
from domain.messages import message
from domain.opening import LONGEST_MONTHS, Season

_MOST_SEASONS = 20
_WHOLE_YEAR = ((1, 1), (12, 31))
_HOUR_MARKS = ("hour", "morning", "afternoon", "half")  # what makes a number behind a month an hour

MonthDay = tuple[int, int]


@dataclass(slots=True)
class Dates:
    """Date selectors of a rule; both lists empty: all dates."""

    ranges: list[Range] = field(default_factory=list)
    seasons: list[Season] = field(default_factory=list)
    has_day: bool = False
    has_month_behind_day: bool = False

    def __bool__(self) -> bool:
        return bool(self.ranges or self.seasons)


@dataclass(frozen=True, slots=True)
class _Item:
    """One date selector: years, None where not written; (month, day) pairs, None where only years are written."""

    first_year: int | None
    last_year: int | None
    first: MonthDay | None
    last: MonthDay | None
    is_absolute: bool = False  # from a date of the first year to one of the last, not in each of these years


def is_year(token: HoursToken, after: HoursToken) -> bool:
    return (
        token.kind == "number"
        and len(token.text) == 4
        and EVER[0] <= token.number <= EVER[1]
        and not after.is_sign(":")
    )


def is_at_date(cursor: Cursor, steps: int = 0) -> bool:
    token = cursor.ahead(steps)
    return token.kind == "month" or is_year(token, cursor.ahead(steps + 1))


def read_dates(cursor: Cursor) -> Dates:
    """Read dates, joined by commas."""
    dates = Dates()
    item = _add(cursor, dates, None)
    while cursor.token.is_sign(","):
        if is_at_date(cursor, 1):
            cursor.take()
            item = _add(cursor, dates, item)
        elif _is_at_day(cursor, 1) and item.first_year is None and item.last and item.first:
            cursor.take()
            item = _add_days(cursor, dates, item)
        else:
            break
    return dates


def _add(cursor: Cursor, dates: Dates, before: _Item | None) -> _Item:
    start_index = cursor.position
    item = _item(cursor)
    if before and before.first_year and item.first_year is None:
        cursor.ask(
            message(
                "{since!r} has no year, so it recurs every year; write its year if it does not",
                since=cursor.since(start_index),
            )
        )
    is_month = _is_whole_month(item)
    if not is_month and dates.has_month_behind_day:
        cursor.refuse(
            message("is a day behind whole months and other days; write them in rules of their own")
        )
    dates.has_day = dates.has_day or not is_month
    dates.has_month_behind_day = dates.has_month_behind_day or (dates.has_day and is_month)
    _add_item(cursor, start_index, dates, item)
    return item


def _is_whole_month(item: _Item) -> bool:
    if item.first is None or item.last is None:
        return False
    return item.first[1] == 1 and item.last[1] == LONGEST_MONTHS[item.last[0] - 1]


def _add_days(cursor: Cursor, dates: Dates, before: _Item) -> _Item:
    """Read one more day, or days, of the month before: the 26 of "Dec 24,26"."""
    start_index = cursor.position
    month = (before.last or (1, 1))[0]
    first = last = cursor.take_number(1, 31)
    if cursor.token.is_sign("-") and cursor.ahead().kind == "number":
        cursor.take()
        last = cursor.take_number(1, 31)
    item = _Item(None, None, (month, first), (month, last))
    _add_item(cursor, start_index, dates, item)
    return item


def _is_at_day(cursor: Cursor, steps: int = 0) -> bool:
    """Whether a day of the month stands there, and not a time: 9 in "Dec 9", not in "Dec 9:00"."""
    token, after = cursor.ahead(steps), cursor.ahead(steps + 1)
    if token.kind != "number" or len(token.text) > 2 or not 1 <= token.number <= 31:
        return False
    if after.is_sign(":") and not cursor.ahead(steps + 2).gap and cursor.ahead(steps + 2).kind == "number":
        return after.gap or len(cursor.ahead(steps + 2).text) < 2
    if after.is_sign(".") and cursor.ahead(steps + 2).kind == "number":
        return False
    return after.kind not in _HOUR_MARKS


def _item(cursor: Cursor) -> _Item:
    start_index = cursor.position
    first_year, last_year = _years(cursor)
    if cursor.token.kind != "month":
        return _Item(first_year, last_year, None, None)
    item = _month_item(cursor, _Item(first_year, last_year, None, None))
    if item.first_year is None and is_year(cursor.token, cursor.ahead()) and not item.is_absolute:
        year = cursor.take().number  # written behind: Jun 29-Jul 28 2022
        item = replace(item, first_year=year, last_year=year)
    _refuse_moving(cursor, start_index)
    return item


def _years(cursor: Cursor) -> tuple[int | None, int | None]:
    if not is_year(cursor.token, cursor.ahead()):
        return None, None
    first = cursor.take().number
    last = first
    if cursor.token.is_sign("-") and is_year(cursor.ahead(), cursor.ahead(2)):
        cursor.take()
        last = cursor.take().number
    elif cursor.take_sign("+"):
        last = EVER[1]
    if cursor.token.is_sign("/"):
        cursor.refuse(message("skips years; write each year"))
    return first, last


def _refuse_moving(cursor: Cursor, start_index: int) -> None:
    """Refuse "Mar Su[-1]-Oct Su[-1]", and "Jan 1 +1 day"."""
    after = cursor.ahead()
    moves = cursor.token.kind == "day" and after.is_sign("[") and _ends_as_date(cursor)
    if moves or (cursor.token.is_sign("-", "+") and after.kind in ("number", "day")):
        text = f"{cursor.since(start_index)} {cursor.token.text}{after.text}"
        cursor.tokenized.refuse(
            HoursToken("", text, cursor.token.start),
            message("moves from year to year; write the dates with their year"),
        )


def _ends_as_date(cursor: Cursor) -> bool:
    """Whether the weekday at the cursor, Su[-1], is one end of a run of dates."""
    steps = 2
    while cursor.ahead(steps).kind == "number" or cursor.ahead(steps).is_sign("-", ",", "]"):
        if cursor.ahead(steps).is_sign("]"):
            return cursor.ahead(steps + 1).is_sign("-", "+")
        steps += 1
    return False


def _month_item(cursor: Cursor, item: _Item) -> _Item:
    start_index = cursor.position
    month = cursor.take().number
    if not _is_at_day(cursor):
        return _months(cursor, item, month)
    day = cursor.take().number
    if cursor.token.kind == "day" and cursor.ahead().is_sign("[") and _ends_as_date(cursor):
        _refuse_moving(cursor, start_index)
    if not cursor.token.is_sign("-"):
        return replace(item, first=(month, day), last=(month, day))
    after = cursor.ahead()
    if after.kind == "month":
        cursor.take()
        last_month = cursor.take().number
        if not _is_at_day(cursor):
            _refuse_moving_end(cursor, start_index)
        return replace(item, first=(month, day), last=(last_month, cursor.take().number))
    if is_year(after, cursor.ahead(2)) and cursor.ahead(2).kind == "month" and item.first_year:
        cursor.take()
        last_year, last_month = cursor.take().number, cursor.take().number
        last = (last_month, cursor.take_number(1, 31))
        return replace(item, last_year=last_year, first=(month, day), last=last, is_absolute=True)
    if _is_at_day(cursor, 1):
        cursor.take()
        return replace(item, first=(month, day), last=(month, cursor.take().number))
    _refuse_moving(cursor, start_index)
    return replace(item, first=(month, day), last=(month, day))


def _months(cursor: Cursor, item: _Item, month: int) -> _Item:
    start_index = cursor.position
    last = month
    _ask_about_hour(cursor)
    if cursor.token.is_sign("-") and cursor.ahead().kind == "month":
        cursor.take()
        last = cursor.take().number
        if (
            cursor.token.kind == "number"
            and not is_at_time(cursor)
            and not is_year(cursor.token, cursor.ahead())
        ):
            cursor.refuse_from()
        if _is_at_day(cursor) and not cursor.ahead().is_sign("-"):
            cursor.refuse_from()
        if cursor.token.kind == "day" and cursor.ahead().is_sign("[") and not cursor.token.gap:
            _refuse_moving_end(cursor, start_index)
    return replace(item, first=(month, 1), last=(last, LONGEST_MONTHS[last - 1]))


def _ask_about_hour(cursor: Cursor) -> None:
    """Ask about the 9 of "Dec 9h-17h", which may be a day as well."""
    if cursor.token.kind == "number" and cursor.token.number <= 31 and cursor.ahead().kind in _HOUR_MARKS:
        text = cursor.tokenized.tokens[cursor.position - 1].text
        cursor.ask(
            message(
                "'{text} {hour}{mark}' is read as a time of each day of the month; write it with its "
                "minutes, as in 09:00, if it is",
                text=text,
                hour=cursor.token.text,
                mark=cursor.ahead().text,
            )
        )


def _refuse_moving_end(cursor: Cursor, start_index: int) -> None:
    text = f"{cursor.since(max(0, start_index - 1))} {cursor.token.text}".strip()
    cursor.tokenized.refuse(
        HoursToken("", text, cursor.token.start),
        message("does not end on a date; write the month and the day"),
    )


def _add_item(cursor: Cursor, start_index: int, dates: Dates, item: _Item) -> None:
    first, last = item.first or _WHOLE_YEAR[0], item.last or _WHOLE_YEAR[1]
    for month, day in (first, last):
        if day > LONGEST_MONTHS[month - 1]:
            cursor.refuse_from(cursor.tokenized.tokens[start_index])
    if first > last and first[0] == last[0] and not item.is_absolute:
        cursor.refuse(message("ends before it starts; check the dates"), cursor.tokenized.tokens[start_index])
    if item.first_year is None:
        if item.first is not None:
            dates.seasons.append(Season(*first, *last))
        return
    ranges = list(_ranges(item, first, last))
    if len(ranges) > _MOST_SEASONS:
        cursor.refuse(
            message("begins over twenty seasons; name fewer years"), cursor.tokenized.tokens[start_index]
        )
    if any(end < start for start, end in ranges):
        cursor.refuse(message("ends before it starts; check the dates"), cursor.tokenized.tokens[start_index])
    dates.ranges += ranges


def _ranges(item: _Item, first: MonthDay, last: MonthDay) -> Iterator[Range]:
    start, end = item.first_year or 0, item.last_year or 0
    if item.is_absolute or item.first is None:
        yield bounded(start, first), bounded(end, last)
        return
    for year in range(start, min(end, start + _MOST_SEASONS) + 1):
        yield bounded(year, first), bounded(year + (last < first), last)


def bounded(year: int, month_day: MonthDay) -> date:
    """Return the date; the years 1900 and 9999 stand for "since ever" and "for ever"."""
    month, day = month_day
    if year <= EVER[0]:
        return date.min
    if year >= EVER[1]:
        return date.max
    return date(year, month, min(day, monthrange(year, month)[1]))
