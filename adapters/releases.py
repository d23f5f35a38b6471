"""Release the draft of a week: the timetable's event and every touched diary's events in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

import scheduler
from adapters.application import Lyceum
from adapters.plan_times import across_zones
from adapters.planning import Document, load_timetable, planned_sessions
from adapters.problems import TRAVEL_KMH, assignment_of, write_problem
from adapters.store.streams import DIARIES
from adapters.weeks import Facts, facts_of
from domain import diary, request
from domain.calendar import shift_week
from domain.facts import Fact, Refused, Stamp
from domain.releasing import Page, pages
from domain.timetable import (
    Difference,
    Session,
    Timetable,
    TimetableReleased,
    differences,
    draft_sessions,
    latest_release,
    release_draft,
)


class BrokenRules(Refused):
    """Sessions that break hard rules, as the facts are now; `breaches` are sentences, one for each."""

    def __init__(self, breaches: Iterable[str], doing: str) -> None:
        self.breaches = tuple(breaches)
        more = f" (and {len(self.breaches) - 3} more)" if len(self.breaches) > 3 else ""
        super().__init__(
            f"{doing} would break {len(self.breaches)} rules: {'; '.join(self.breaches[:3])}{more}; "
            "plan the week again"
        )


@dataclass(frozen=True, slots=True)
class Released:
    """`number` of the release that now holds; `made` is False where it said the same already."""

    number: int
    name: str
    made: bool
    sessions: int
    changes: tuple[Difference, ...]


def release_week(lyceum: Lyceum, area: UUID, week: str, name: str) -> Released:
    """Make the latest draft, as moved by hand, the next release.

    Raises NoDraft, BrokenRules (the facts have changed since the plan), DoubleBooking, Overload or ResourceClosed
    (another timetable has promised the same room or person). Then nothing is changed.
    """
    return lyceum.retrying(lambda: _release(lyceum, area, week, name))


def _release(lyceum: Lyceum, area: UUID, week: str, name: str) -> Released:
    timetable = load_timetable(lyceum.store, area, week)
    planned = planned_sessions(lyceum.store, timetable)
    made = release_draft(timetable, lyceum.stamp(), name, planned)
    before = latest_release(timetable)
    old = before.sessions if before else ()
    if not made:
        number, kept = (before.number, before.name) if before else (0, name)
        return Released(number, kept, False, len(old), differences(old, old))
    released = made[0]
    lyceum.views.catch_up()
    facts = facts_of(lyceum.views, area, week)
    breaches = tuple(across_zones(facts, released.sessions))
    if breaches := breaches or rules_broken(write_problem(lyceum, facts).document, released.sessions):
        raise BrokenRules(breaches, f"releasing {week}")
    lyceum.commit(_effects(lyceum, facts, timetable, released, old))
    return Released(
        released.number, released.name, True, len(released.sessions), differences(old, released.sessions)
    )


def rules_broken(problem: Document, sessions: Iterable[Session]) -> tuple[str, ...]:
    """The hard rules that the sessions break, as the scheduler judges them; a sentence for each breach."""
    given, assignments = read_sessions(problem, sessions)
    return tuple(str(one) for one in scheduler.check(given, assignments))


def read_sessions(
    problem: Document, sessions: Iterable[Session]
) -> tuple[scheduler.Problem, tuple[scheduler.Assignment, ...]]:
    """The problem and the sessions as the scheduler reads them. Raises MalformedDocument where they do not fit."""
    given = scheduler.read_problem(problem)
    plan = {
        "format": "plan/1",
        "problem": problem["name"],
        "status": "feasible",
        "goals": {},
        "assignments": [assignment_of(one) for one in sessions],
        "unserved": [],
    }
    return given, scheduler.read_plan(plan, given).assignments


def _effects(
    lyceum: Lyceum, facts: Facts, timetable: Timetable, released: TimetableReleased, old: tuple[Session, ...]
) -> Iterator[Fact]:
    """The release, what it changes in every diary, and the requests that it serves or no longer serves."""
    stamp = lyceum.stamp()
    yield released
    wanted = pages(timetable, released.sessions, facts.venues)
    known = [one for one in old if one.venue in facts.venues]
    touched = {**wanted, **dict.fromkeys(_pages_of(facts, known))}
    diaries = _diaries(lyceum, {page.week for page in touched})
    for page in touched:
        present = diaries.get(diary.diary_id(page.resource, page.week))
        yield from diary.promise(
            present or diary.blank(page.kind, page.resource, page.week),
            stamp,
            timetable.id,
            wanted.get(page, ()),
            _limits(facts, page),
        )
    yield from _steps(facts, stamp, {one.request for one in released.sessions}, {one.request for one in old})


def _diaries(lyceum: Lyceum, weeks: Iterable[str]) -> dict[UUID, diary.Diary]:
    """The diaries of whole weeks at once. One that has been written since is told by its version when it is saved."""
    return {one.id: one for week in weeks for one in lyceum.views.all(DIARIES, week)}


def _pages_of(facts: Facts, sessions: Iterable[Session]) -> Iterator[Page]:
    """The diaries that an earlier release wrote, whatever has become of its rooms."""
    week = facts.week
    for session in sessions:
        venue = facts.venues[session.venue]
        yield Page("venue", venue.id, week)
        whole = next((room.part_of for room in venue.rooms if room.id == session.room), None)
        for room in filter(None, (session.room, whole)):
            yield Page("room", room, week)
            if session.window.day == 7:
                yield Page("room", room, shift_week(week, 1))  # turnaround past midnight
        for volunteer in session.team:
            yield Page("volunteer", volunteer, week)


def _limits(facts: Facts, page: Page) -> diary.Limits:
    match page.kind:
        case "volunteer" if page.resource in facts.volunteers:
            profile = facts.volunteers[page.resource].profile
            return diary.Limits(profile.max_minutes_day, profile.max_minutes_week, TRAVEL_KMH)
        case "venue":
            return diary.Limits(minutes_week=facts.venues[page.resource].terms.weekly_cap_minutes)
    return diary.Limits()


def _steps(facts: Facts, stamp: Stamp, served: set[UUID], before: set[UUID]) -> Iterator[Fact]:
    for one in sorted(served | before):
        asked = facts.requests.get(one)
        if asked is None:
            continue
        if one in served and asked.status == "accepted":
            yield from request.step(asked, stamp, "scheduled")
        if one not in served and asked.status == "scheduled":
            yield from request.step(asked, stamp, "accepted")


def draft_of(lyceum: Lyceum, facts: Facts) -> tuple[Session, ...]:
    """The sessions of the latest draft, as moved by hand; none where there is no draft."""
    return draft_sessions(facts.timetable, planned_sessions(lyceum.store, facts.timetable))
