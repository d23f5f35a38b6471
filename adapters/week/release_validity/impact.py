"""Impact analysis of commands: which released sessions events would break, before they are saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import TypeVar
from uuid import UUID

from adapters.application.unit_of_work import Application, Repository, UnitOfWork
from adapters.people.personal_records import LazyPeople, PersonLookup
from adapters.store.engines import Writes
from adapters.store.streams import TIMETABLES
from adapters.store.views import Views
from adapters.week.release_validity.broken_sessions import BrokenSession, broken_sessions, sessions_about
from adapters.week.release_validity.projected_read_side import PeopleAfter, ViewsAfter
from adapters.week.release_validity.screening import Rules, may_break, rules_of
from adapters.week.release_validity.touched_weeks import touched_by, touched_timetables
from adapters.week.week_snapshot import snapshot_of
from domain.events import Event, NotThere

T = TypeVar("T")


def broken_by(
    repository: Repository, events: Iterable[Event], writes: Writes = (), *, now: Views | None = None
) -> tuple[BrokenSession, ...]:
    """The released sessions that break a rule after events and rows that are not saved yet, and did not before.

    `now` is the read side to start from; by default as it is now. Only weeks that the events can touch are looked at.
    """
    events, people = tuple(events), LazyPeople(repository.persons)
    people_after = PeopleAfter(people, writes)
    touched = touched_by(events, people_after.written)
    rules = None if people_after.written else rules_of(events)
    if not (touched.resources or touched.areas or touched.all_areas):
        return ()
    planned = repository.views.scopes(TIMETABLES)
    if not planned:
        return ()
    before = now or repository.views
    after, today = ViewsAfter(before, events), repository.clock().date()
    newly_broken: list[BrokenSession] = []
    for id, about in touched_timetables(before, after, touched, planned, today).items():
        if (
            rules is not None
            and about is not None
            and not _may_break(before, after, id, rules, people, today, about)
        ):
            continue
        broken = _judged(after, id, people_after, today, about)
        if not broken:  # then nobody need know what was broken before
            continue
        known = {session.key: set(session.reasons) for session in _judged(before, id, people, today, about)}
        for broken_session in broken:
            new = tuple(
                reason for reason in broken_session.reasons if reason not in known.get(broken_session.key, ())
            )
            if new:
                newly_broken.append(replace(broken_session, reasons=new))
    return tuple(sorted(newly_broken, key=lambda session: (session.day, session.start, session.key)))


def _may_break(
    before: Views,
    after: Views,
    timetable: UUID,
    rules: Rules,
    people: PersonLookup,
    today: date,
    about: frozenset[UUID],
) -> bool:
    state = after.get(TIMETABLES, timetable)
    if state is None or not sessions_about(after.derived, state, about):
        return False
    try:
        return may_break(before, after, state, rules, people, today, about)
    except NotThere:  # a timetable of an area that is not known here
        return False


def _judged(
    views: Views, timetable: UUID, people: PersonLookup, today: date, about: frozenset[UUID] | None
) -> tuple[BrokenSession, ...]:
    state = views.get(TIMETABLES, timetable)
    if state is None or not sessions_about(views.derived, state, about):
        return ()
    try:
        return broken_sessions(views, snapshot_of(views, state.area, state.week), people, today, about)
    except NotThere:  # a timetable of an area that is not known here
        return ()


def execute(
    application: Application, command: Callable[[UnitOfWork], T], *, dry_run: bool = False
) -> tuple[T, tuple[BrokenSession, ...]]:
    """Run a command, or only try it: its answer, and the released sessions that it breaks or would break."""

    def attempt() -> tuple[T, tuple[BrokenSession, ...]]:
        application.views.catch_up()
        unit = application.unit(application.actor)
        answer = command(unit)
        broken = broken_by(application, unit.events, unit.writes)
        if not dry_run:
            unit.save()
        return answer, broken

    return application.retrying(attempt)
