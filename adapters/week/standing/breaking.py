"""Which released sessions a command breaks, from what its events change, before they are saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import TypeVar
from uuid import UUID

from adapters.people.personal_records import Homes, PeopleNeeded
from adapters.services.application import Lyceum
from adapters.store.engines import Writes
from adapters.store.streams import TIMETABLES
from adapters.store.views import Views
from adapters.week.standing.broken import BrokenSession, broken_sessions, sessions_about
from adapters.week.standing.projected_read_side import PeopleAfter, ViewsAfter
from adapters.week.standing.screening import Rules, may_break, rules_of
from adapters.week.standing.touched_weeks import places, touched_by
from adapters.week.week_snapshot import snapshot_of
from domain.events import Event, NotThere

T = TypeVar("T")


def broken_by(
    lyceum: Lyceum, snapshot: Iterable[Event], writes: Writes = (), *, now: Views | None = None
) -> tuple[BrokenSession, ...]:
    """The released sessions that break a rule after events and rows that are not saved yet, and did not before.

    `now` is the read side to start from; by default as it is now. Only weeks that the events can touch are looked at.
    """
    snapshot, people = tuple(snapshot), PeopleNeeded(lyceum.persons)
    people_after = PeopleAfter(people, writes)
    touched = touched_by(snapshot, people_after.written)
    rules = None if people_after.written else rules_of(snapshot)
    if not (touched.resources or touched.areas or touched.all_areas):
        return ()
    planned = lyceum.views.scopes(TIMETABLES)
    if not planned:
        return ()
    before = now or lyceum.views
    after, today = ViewsAfter(before, snapshot), lyceum.clock().date()
    found: list[BrokenSession] = []
    for id, about in places(before, after, touched, planned, today).items():
        if (
            rules is not None
            and about is not None
            and not _may_break(before, after, id, rules, people, today, about)
        ):
            continue
        broken = _judged(after, id, people_after, today, about)
        if not broken:  # then nobody need know what was broken before
            continue
        known = {one.key: set(one.reasons) for one in _judged(before, id, people, today, about)}
        for broken_session in broken:
            new = tuple(
                reason for reason in broken_session.reasons if reason not in known.get(broken_session.key, ())
            )
            if new:
                found.append(replace(broken_session, reasons=new))
    return tuple(sorted(found, key=lambda one: (one.day, one.start, one.key)))


def _may_break(
    before: Views,
    after: Views,
    timetable: UUID,
    rules: Rules,
    people: Homes,
    today: date,
    about: frozenset[UUID],
) -> bool:
    found = after.get(TIMETABLES, timetable)
    if found is None or not sessions_about(after.derived, found, about):
        return False
    try:
        return may_break(before, after, found, rules, people, today, about)
    except NotThere:  # a timetable of an area that is not known here
        return False


def _judged(
    views: Views, timetable: UUID, people: Homes, today: date, about: frozenset[UUID] | None
) -> tuple[BrokenSession, ...]:
    view = views.get(TIMETABLES, timetable)
    if view is None or not sessions_about(views.derived, view, about):
        return ()
    try:
        return broken_sessions(views, snapshot_of(views, view.area, view.week), people, today, about)
    except NotThere:  # a timetable of an area that is not known here
        return ()


def carried_out(
    lyceum: Lyceum, command: Callable[[Lyceum], T], *, dry_run: bool = False
) -> tuple[T, tuple[BrokenSession, ...]]:
    """Give a command, or only try it: what it answers, and the released sessions that it breaks, or would."""

    def attempt() -> tuple[T, tuple[BrokenSession, ...]]:
        lyceum.views.catch_up()
        unit = lyceum.unit(lyceum.actor)
        answer = command(unit)
        broken = broken_by(lyceum, unit.events, unit.writes)
        if not dry_run:
            unit.save()
        return answer, broken

    return lyceum.retrying(attempt)
