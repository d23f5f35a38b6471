"""Knapsack rows for people's minutes, so tight that a relaxation gains little by halves.

What a person can give in a week is a knapsack of few and large pieces. Beside the knapsack itself there are rows of
pieces rounded down (Chvátal 1973) and rows that count the large ones (Balas 1975). Without them the relaxation of a
district's week lies 2.4 % above its optimum, with them 0.2 %.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from domain.windows import DAY_MIN
from scheduler.model.columns import Choice, Unit
from scheduler.processes.program import Program

_COUNTED = 6  # the most pieces that a row about large ones allows
_MANY_SUMS = 512  # more distinct sums of pieces than that are not looked at


@dataclass(frozen=True, slots=True)
class Piece:
    """Minutes that a person gives where one of the columns is 1; no two of them are."""

    minutes: int
    columns: tuple[int, ...]


def load(choice: Choice) -> None:
    """The minutes that a volunteer has left, in the week and on each day."""
    timetable = choice.timetable
    weeks, days = _pieces(choice)
    for person, pieces in weeks.items():
        limit = timetable.instance.volunteers[person].max_min_week
        if limit is not None:
            within(choice.program, pieces, limit - timetable.week_load[person])
    for (person, day), pieces in days.items():
        limit = timetable.instance.volunteers[person].max_min_day
        if limit is not None:
            within(choice.program, pieces, limit - timetable.day_load.get((person, day), 0))


def _pieces(choice: Choice) -> tuple[dict[int, list[Piece]], dict[tuple[int, int], list[Piece]]]:
    """What each person could give in the week, and on each day."""
    weeks: dict[int, list[Piece]] = defaultdict(list)
    days: dict[tuple[int, int], list[Piece]] = defaultdict(list)
    for unit in choice.units:
        request = choice.request(unit)
        led_whole = unit.same if unit.all_or_none is not None else {}
        for person, column in led_whole.items():
            weeks[person].append(Piece(request.duration_min * unit.count, (column,)))
        for person, on_days in _columns(unit).items():
            for day, columns in on_days.items():
                days[person, day] += _of_a_day(request.duration_min, columns, request.max_sessions_per_day)
        for person, on_days in _columns(unit, without_leads=bool(led_whole)).items():
            if unit.count == 1:
                columns = [column for on_day in on_days.values() for column in on_day]
                weeks[person].append(Piece(request.duration_min, tuple(columns)))
                continue
            for columns in on_days.values():
                weeks[person] += _of_a_day(request.duration_min, columns, request.max_sessions_per_day)
    return weeks, days


def _columns(unit: Unit, *, without_leads: bool = False) -> dict[int, dict[int, list[int]]]:
    """The columns in which each person takes part, by day."""
    columns_of: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for start, slot in unit.slots.items():
        for people in (slot.assistants,) if without_leads else (slot.leads, slot.assistants):
            for person, column in people.items():
                columns_of[person][start // DAY_MIN].append(column)
    return columns_of


def _of_a_day(minutes: int, columns: list[int], limit: int) -> Iterator[Piece]:
    if limit == 1:
        yield Piece(minutes, tuple(columns))
    else:
        yield from (Piece(minutes, (column,)) for column in columns)


def within(program: Program, pieces: Iterable[Piece], limit: int) -> None:
    """Add rows that allow no more minutes than `limit` of all the pieces; none where they fit anyway."""
    pieces = [piece for piece in pieces if piece.columns]
    if sum(piece.minutes for piece in pieces) <= limit:
        return
    alone = [(piece.minutes, _stands_for(program, piece.columns)) for piece in pieces]
    limit = _nearest_sum([minutes for minutes, _ in alone], max(0, limit))
    for terms, high in _rows(alone, limit):
        program.row(terms, high=high)


def _stands_for(program: Program, columns: tuple[int, ...]) -> int:
    """One column that is 1 where one of them is: to branch on it says more than to branch on any of them."""
    if len(columns) == 1:
        return columns[0]
    whole = program.column()
    program.row([*((column, 1.0) for column in columns), (whole, -1.0)], low=0, high=0)
    return whole


def _nearest_sum(minutes: list[int], limit: int) -> int:
    """The largest sum of some of the pieces that is not above `limit`."""
    sums = {0}
    for piece in minutes:
        sums |= {total + piece for total in sums if total + piece <= limit}
        if limit in sums or len(sums) > _MANY_SUMS:
            return limit
    return max(sums)


def _rows(pieces: list[tuple[int, int]], limit: int) -> Iterator[tuple[list[tuple[int, float]], int]]:
    """The knapsack, then what follows from it for whole pieces."""
    seen = set()
    for unit in (1, *sorted({minutes for minutes, _ in pieces})):
        terms = [(column, float(minutes // unit)) for minutes, column in pieces if minutes >= unit]
        high = limit // unit
        if (key := (frozenset(terms), high)) not in seen and sum(times for _, times in terms) > high:
            seen.add(key)
            yield terms, high
    for count in range(_COUNTED + 1):
        terms = [(column, 1.0) for minutes, column in pieces if minutes * (count + 1) > limit]
        if (key := (frozenset(terms), count)) not in seen and len(terms) > count:
            seen.add(key)
            yield terms, count
