"""Travel-time rows: nobody has two sessions on a day with too little time for the way between them.

Two choices of one person clash where even the nearest two of their venues are too far apart for the time between.
The rows are cliques of such clashes and of overlaps, which hold whatever venues are chosen. What is too far apart
only between the venues that are chosen in the end is cut off when a solution breaks it (`cuts`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from domain.windows import DAY_MIN
from scheduler.instance.instance import Instance
from scheduler.model.columns import Choice

Venues = frozenset[int]


@dataclass(frozen=True, slots=True)
class _Entry:
    begin: int
    end: int
    column: int
    venues: Venues


def way(choice: Choice) -> None:
    """There is time for the way from one session of a volunteer to the next."""
    shortest = _Shortest(choice.timetable.instance)
    for entries in _by_person_and_day(choice):
        overlaps, far = _clashes(entries, shortest)
        for clique in cliques(overlaps, far):
            choice.program.at_most([entries[index].column for index in clique])


class _Shortest:
    """The shortest way between two sets of venues, in minutes."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._known: dict[tuple[Venues, Venues], int] = {}

    def __call__(self, venues_a: Venues, venues_b: Venues) -> int:
        key = venues_a, venues_b
        if key not in self._known:
            way_min = self._instance.way_min
            met = not venues_a.isdisjoint(venues_b)
            self._known[key] = (
                0 if met else min(way_min(venue_a, venue_b) for venue_a in venues_a for venue_b in venues_b)
            )
        return self._known[key]


def _by_person_and_day(choice: Choice) -> Iterable[list[_Entry]]:
    by_day: dict[tuple[int, int], list[_Entry]] = defaultdict(list)
    for unit in choice.units:
        minutes = choice.request(unit).duration_min
        for start, slot in unit.slots.items():
            for person, column in chain(slot.leads.items(), slot.assistants.items()):
                entry = _Entry(start, start + minutes, column, slot.nearby[person])
                by_day[person, start // DAY_MIN].append(entry)
    for entries in by_day.values():
        entries.sort(key=lambda entry: (entry.begin, entry.end, entry.column))
    return by_day.values()


def _clashes(entries: list[_Entry], shortest: _Shortest) -> tuple[list[int], list[int]]:
    """For each entry the set of those that it overlaps, and of those too far away; sets are bit masks."""
    overlaps, far = [0] * len(entries), [0] * len(entries)
    for index, entry in enumerate(entries):
        for later in range(index + 1, len(entries)):
            second = entries[later]
            if second.begin < entry.end:
                kind = overlaps
            elif second.begin - entry.end < shortest(entry.venues, second.venues):
                kind = far
            else:
                continue
            kind[index] |= 1 << later
            kind[later] |= 1 << index
    return overlaps, far


def cliques(overlaps: list[int], far: list[int]) -> Iterable[list[int]]:
    """Cliques of clashes that together hold every pair that is too far apart; sets are bit masks."""
    clashing = [near | distant for near, distant in zip(overlaps, far, strict=True)]
    open_pairs = list(far)
    for first in range(len(far)):
        while open_pairs[first]:
            second = (open_pairs[first] & -open_pairs[first]).bit_length() - 1
            clique = [first, second]
            common = clashing[first] & clashing[second]
            while common:
                best = max(_members(common), key=lambda member: (clashing[member] & common).bit_count())
                clique.append(best)
                common &= clashing[best]
            members = sum(1 << index for index in clique)
            for index in clique:
                open_pairs[index] &= ~members
            yield clique


def _members(mask: int) -> Iterable[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
