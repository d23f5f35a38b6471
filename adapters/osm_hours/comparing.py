"""Compare what we made of OpenStreetMap hours with the library's own evaluation, day by day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import zip_longest
from uuid import UUID

from opening_hours import OpeningHours as Osm
from opening_hours import State

from adapters.osm_hours.words import CHECKED, EVER, Range, UnsupportedHours, spans_text
from domain import opening
from domain.day_types import DayKind, DayTypes, kind_on
from domain.opening import DayRule, OpeningHours, Span, date_marks
from domain.windows import DAY_MIN, Window, Windows


@dataclass(frozen=True, slots=True)
class Difference:
    """The first date on which the two sides differ, and what each opens on it, in minutes after midnight."""

    day: date
    here: Windows
    there: Windows


def verify(hours: OpeningHours, canonical: str, within: Range | None) -> None:
    found = difference_from_library(hours, canonical, within, night_minutes(hours))
    if found is None:
        return
    raise UnsupportedHours(
        f"{canonical!r} cannot be kept exactly: {found.day:%A}, {found.day} would be {_open_text(found.here)} "
        f"and should be {_open_text(found.there)}; enter these hours row by row"
    )


def _open_text(windows: Windows) -> str:
    return f"open {spans_text(windows)}" if windows else "closed"


def night_minutes(hours: OpeningHours) -> int:
    """Return how far after midnight a night may run, in minutes; 0 where none does.

    A night belongs to the day on which it starts: that is what people mean who write "Tu 18:00-02:00; We
    09:00-17:00". The specification cuts such a night at midnight, because the semicolon gives Wednesday a rule
    of its own (https://github.com/opening-hours/opening_hours.js/issues/261), so where hours run past midnight
    the minutes up to the latest closing stand outside the comparison.
    """
    return max((one.end_min - DAY_MIN for _, one in rule_spans(hours) if one.end_min > DAY_MIN), default=0)


def rule_spans(hours: OpeningHours) -> Iterator[tuple[DayRule, Span]]:
    return ((rule, one) for period in hours.periods for rule in period.rules for one in rule.spans)


def difference_from_library(
    hours: OpeningHours, text: str, within: Range | None, night_min: int
) -> Difference | None:
    """Compare on ordinary days, and then with a year's public holidays as PH and, alone, as SH."""
    views: list[tuple[Osm, DayTypes | None]] = [(Osm(text), None)]
    if "PH" in text:
        views.append((Osm(text, country="GB"), _marked(DayKind("holiday"))))
    elif "SH" in text:  # the library knows no school holidays, so public ones take their part
        views.append((Osm(text.replace("SH", "PH"), country="GB"), _marked(DayKind("workday", school=False))))
    for osm, types in views:
        for first, end in _checked(hours, within):
            found = _difference_between(hours, osm, types, (first, end), night_min)
            if found:
                return found
    return None


@cache
def _marked(kind: DayKind) -> DayTypes:
    """Give this kind to the dates that the library has for public holidays in England."""
    spans = Osm("PH", country="GB").intervals(datetime(2020, 1, 1), datetime(2040, 1, 1))  # noqa: DTZ001
    days = [
        start.date() + timedelta(days=n)
        for start, end, state, _ in spans
        if state == State.OPEN
        for n in range((end - start).days)
    ]
    return DayTypes(UUID(int=0), 0, "", dict.fromkeys(days, kind))


def _checked(hours: OpeningHours, within: Range | None) -> Iterator[Range]:
    """Every day of two years, and the days around each beginning and end of a period."""
    if within:
        yield within
        return
    yield CHECKED
    for period in hours.periods:
        for edge in (period.first, period.last):
            if edge and not CHECKED[0] < edge < CHECKED[1] and EVER[0] < edge.year < EVER[1] - 1:
                yield edge - timedelta(days=10), edge + timedelta(days=10)


def _difference_between(
    hours: OpeningHours, osm: Osm, types: DayTypes | None, dates: Range, night_min: int
) -> Difference | None:
    first, end = dates
    last_min = (end - first).days * DAY_MIN
    here = [
        piece for piece in _pieces_of_days(_here(hours, types, dates), night_min) if 0 <= piece[0] < last_min
    ]
    there = _pieces_of_days(_there(osm, dates), night_min)
    if here == there:
        return None
    found = next(pair for pair in zip_longest(here, there) if pair[0] != pair[1])
    number = min(piece[0] for piece in found if piece) // DAY_MIN
    return Difference(first + timedelta(days=number), _of_day(here, number), _of_day(there, number))


Piece = tuple[int, int]  # start and end in minutes since the first date; a plain pair, because there are many


def _here(hours: OpeningHours, types: DayTypes | None, dates: Range) -> Iterator[Piece]:
    """Open by the domain's rules, with the day before for what runs over from it."""
    first, end = dates
    seen: dict[object, Windows] = {}  # dates alike in all that a rule can ask for are open alike
    for offset in range(-1, (end - first).days):
        day = first + timedelta(days=offset)
        names = kind_on(types, day).names if types else None
        sort = (id(opening.period_on(hours, day)), date_marks(day), names)
        if sort not in seen:
            seen[sort] = opening.spans_on(hours, day, types)
        for window in seen[sort]:
            yield offset * DAY_MIN + window.start_min, offset * DAY_MIN + window.end_min


def _there(osm: Osm, dates: Range) -> Iterator[Piece]:
    start, end = (datetime.combine(day, time()) for day in dates)
    for begins, ends, state, _ in osm.intervals(start, end):
        if state == State.OPEN:
            yield _minutes(begins - start), _minutes(ends - start)


def _minutes(passed: timedelta) -> int:
    return passed.days * DAY_MIN + passed.seconds // 60


def _pieces_of_days(pieces: Iterable[Piece], night_min: int) -> list[Piece]:
    """Cut at midnight, leave out the night after it, and join what touches within a day."""
    cut: list[Piece] = []
    for begins, end in sorted(pieces):
        start = begins
        while start < end:
            midnight = start // DAY_MIN * DAY_MIN
            stop = min(end, midnight + DAY_MIN)
            morning = max(start, midnight + night_min)
            if cut and midnight <= cut[-1][0] and morning <= cut[-1][1]:
                cut[-1] = (cut[-1][0], max(cut[-1][1], stop))
            elif morning < stop:
                cut.append((morning, stop))
            start = stop
    return cut


def _of_day(pieces: list[Piece], number: int) -> Windows:
    midnight = number * DAY_MIN
    return tuple(
        Window(start - midnight, end - midnight)
        for start, end in pieces
        if midnight <= start < midnight + DAY_MIN
    )
