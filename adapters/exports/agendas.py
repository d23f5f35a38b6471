"""Agendas: which sessions stand in whose, and what is left there of one that was cancelled or moved away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias
from uuid import UUID, uuid5

from adapters.queries.left_out import each
from adapters.week.week_snapshot import CalendarEntry, SessionView, WeekSnapshot, calendar_entries
from domain.network import path_on

AgendaKind: TypeAlias = Literal["room", "venue", "volunteer", "request", "area"]
Owner: TypeAlias = tuple[AgendaKind, UUID]


@dataclass(frozen=True, slots=True)
class Occasion:
    """A session as it stands in one agenda.

    `uid` never changes, wherever the session moves. Where the session has left this agenda, `entry` is cancelled and
    says where it stood; `now` is where it takes place instead, None where it does not take place at all.
    """

    entry: CalendarEntry
    uid: str
    zone: str
    now: SessionView | None = None

    @property
    def session_view(self) -> SessionView:
        return self.entry.session_view


Agendas: TypeAlias = Mapping[Owner, tuple[Occasion, ...]]


def agendas(weeks: Iterable[WeekSnapshot]) -> Agendas:
    """Every agenda of one week or of several, each in order of time."""
    by_owner: dict[Owner, list[Occasion]] = defaultdict(list)
    for snapshot in weeks:
        for _, occasions in each(_states(snapshot), _occasions_in(snapshot), "session", snapshot.left_out):
            for owner, occasion in occasions:
                by_owner[owner].append(occasion)
    return {owner: tuple(sorted(occasions, key=_in_time)) for owner, occasions in by_owner.items()}


def _occasions_in(snapshot: WeekSnapshot) -> Callable[[list[CalendarEntry]], list[tuple[Owner, Occasion]]]:
    return lambda states: list(_occasions(snapshot, states))


def _in_time(occasion: Occasion) -> tuple[object, ...]:
    view = occasion.session_view
    return view.day, view.start_min, view.end_min, view.venue.key, view.room.key, occasion.uid


def _states(snapshot: WeekSnapshot) -> Iterable[list[CalendarEntry]]:
    """For each session its entries, one for each release that changed it, in order."""
    by_session: dict[tuple[UUID, int], list[CalendarEntry]] = defaultdict(list)
    for number in range(1, len(snapshot.timetable.releases) + 1):
        for entry in calendar_entries(until_release(snapshot, number)):
            states = by_session[entry.session_view.session.key]
            if not states or states[-1] != entry:
                states.append(entry)
    return by_session.values()


def until_release(snapshot: WeekSnapshot, number: int) -> WeekSnapshot:
    """The week as it was when the release of that number was the latest."""
    return replace(
        snapshot, timetable=replace(snapshot.timetable, releases=snapshot.timetable.releases[:number])
    )


def _occasions(snapshot: WeekSnapshot, states: list[CalendarEntry]) -> Iterable[tuple[Owner, Occasion]]:
    latest = states[-1]
    uid = _uid(snapshot, latest)
    present = owners(snapshot, latest.session_view)
    for owner in present:
        yield owner, Occasion(latest, uid, snapshot.zone)
    left = {owner for entry in states[:-1] for owner in owners(snapshot, entry.session_view)} - present
    for owner in left:
        now = None if latest.cancelled else latest.session_view
        yield owner, Occasion(_gone(snapshot, states, owner), uid, snapshot.zone, now)


def _uid(snapshot: WeekSnapshot, entry: CalendarEntry) -> str:
    request, number = entry.session_view.session.key
    return str(uuid5(snapshot.timetable.id, f"{request}:{number}"))


def _gone(snapshot: WeekSnapshot, states: list[CalendarEntry], owner: Owner) -> CalendarEntry:
    """The last state in which the session concerned the owner, cancelled, and as new as what has become of it."""
    last = max(index for index, entry in enumerate(states) if owner in owners(snapshot, entry.session_view))
    latest = states[-1]
    return replace(states[last], sequence=latest.sequence, cancelled=True, changed=latest.changed)


def owners(snapshot: WeekSnapshot, view: SessionView) -> frozenset[Owner]:
    """The owners of the agendas that a session stands in.

    A hall knows of the sessions of its parts, and a part of those that take the whole hall. Of the areas it is those
    of the timetable's area that the asking community lies in, itself included.
    """
    halves = {room.id for room in view.venue.rooms if room.part_of == view.room.id}
    rooms = {view.room.id, *([view.room.part_of] if view.room.part_of else []), *halves}
    around = path_on(snapshot.network, snapshot.home(view.request.area), snapshot.day)
    owning: set[Owner] = {("room", room) for room in rooms}
    owning |= {("venue", view.venue.id), ("request", view.request.id), ("area", snapshot.area.id)}
    owning |= {("volunteer", person) for person in view.session.team}
    owning |= {("area", area) for area in around if area in snapshot.inside}
    return frozenset(owning)
