"""Release the draft of a week: the timetable's event and every touched diary's events in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from adapters.application.unit_of_work import Repository, UnitOfWork, command
from adapters.queries.diary_queries import diaries_of
from adapters.store.append_conditions import AppendCondition, read_all
from adapters.store.streams import AREAS, DAY_TYPES
from adapters.week.blocked_time import with_time_taken
from adapters.week.draft_breaches import draft_breaches
from adapters.week.plan_documents import load_timetable, planned_sessions
from adapters.week.plan_times import across_zones
from adapters.week.problem_document import TRAVEL_KMH
from adapters.week.release_validity.other_timetables import TimetablesOf, other_bookings
from adapters.week.week_snapshot import WeekSnapshot, snapshot_of
from domain import diary, request
from domain.calendar import shift_week
from domain.events import Event, EventMetadata, Refused
from domain.releasing import DiaryKey, bookings_by_diary
from domain.timetable import (
    Difference,
    Session,
    Timetable,
    TimetableReleased,
    differences,
    latest_release,
    release_draft,
)
from domain.venue import Venue
from domain.volunteer import Volunteer


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


@command
def release_week(unit: UnitOfWork, area: UUID, week: str, name: str) -> Released:
    """Make the latest draft, as moved by hand, the next release.

    Raises NoDraft, BrokenRules (the facts have changed since the plan), DoubleBooking, Overload or ResourceClosed
    (another timetable has promised the same room or person). Then nothing is changed.
    """
    timetable = load_timetable(unit.store, area, week)
    planned = planned_sessions(unit.store, timetable)
    timetable_releaseds = release_draft(timetable, unit.metadata(), name, planned)
    before = latest_release(timetable)
    old = before.sessions if before else ()
    if not timetable_releaseds:
        number, kept = (before.number, before.name) if before else (0, name)
        return Released(number, kept, False, len(old), differences(old, old))
    released = timetable_releaseds[0]
    unit.views.catch_up()
    position = unit.views.position
    snapshot = snapshot_of(unit.views, area, week)
    breaches = tuple(across_zones(snapshot, released.sessions)) or draft_breaches(
        unit.views, snapshot, unit.people(), released.sessions, unit.clock().date()
    )
    if breaches:
        raise BrokenRules(breaches, f"releasing {week}")
    effects = _effects(unit, snapshot, timetable, released, old)
    unit.commit(effects, condition=_rests_on(position, released.sessions))
    return Released(
        released.number, released.name, True, len(released.sessions), differences(old, released.sessions)
    )


def _rests_on(position: int, sessions: Iterable[Session]) -> AppendCondition:
    """What a release was judged by: the places and people of its sessions, the requests, all areas and day types."""
    named = {id for session in sessions for id in (session.venue, session.request, *session.team)}
    return replace(read_all(position, AREAS, DAY_TYPES), streams=frozenset(named))


def _effects(
    lyceum: Repository,
    snapshot: WeekSnapshot,
    timetable: Timetable,
    released: TimetableReleased,
    old: tuple[Session, ...],
) -> Iterator[Event]:
    """The release, what it changes in every diary, and the requests that it serves or no longer serves."""
    metadata = lyceum.metadata()
    yield released
    wanted = bookings_by_diary(timetable, released.sessions, snapshot.venues)
    weeks = {page.week for page in wanted} | {snapshot.week, shift_week(snapshot.week, 1)}
    # One that has been written since is told by its version when it is saved.
    diaries = diaries_of(lyceum.views, weeks if _is_late(timetable, wanted) else {snapshot.week})
    held = {
        DiaryKey(one.kind, one.resource, one.week): ()
        for one in diaries.values()
        if any(promise.timetable == timetable.id for promise in one.promises)
    }
    known = TimetablesOf(lyceum.views)
    lent = {room.id: venue for venue in snapshot.venues.values() for room in venue.rooms}
    states: dict[UUID, Venue | Volunteer] = {**snapshot.volunteers, **lent}
    for page, promises in {**held, **wanted}.items():
        present = diaries.get(diary.diary_id(page.resource, page.week))
        present = present or diary.blank(page.kind, page.resource, page.week)
        others = [booking for booking in present.promises if booking.timetable != timetable.id]
        left = [booking for booking in others if not known.still_booked(present, booking)]
        taken = with_time_taken(present, states.get(page.resource))
        yield from diary.book(taken, metadata, timetable.id, promises, _limits(snapshot, page), left)
    served, before = {session.request for session in released.sessions}, {session.request for session in old}
    elsewhere = set(other_bookings(lyceum.views, snapshot).served)
    yield from _steps(snapshot, metadata, served, before - elsewhere)


def _is_late(timetable: Timetable, wanted: Iterable[DiaryKey]) -> bool:
    """Whether turnaround past Sunday midnight may stand in a diary of the week after."""
    sessions = (session for release in timetable.releases for session in release.sessions)
    return any(page.week != timetable.week for page in wanted) or any(
        session.window.day == 7 for session in sessions
    )


def _limits(snapshot: WeekSnapshot, page: DiaryKey) -> diary.Limits:
    match page.kind:
        case "volunteer" if page.resource in snapshot.volunteers:
            profile = snapshot.volunteers[page.resource].profile
            return diary.Limits(profile.max_minutes_day, profile.max_minutes_week, TRAVEL_KMH)
        case "request" if page.resource in snapshot.requests:
            return diary.Limits(sessions=snapshot.sessions_of(snapshot.requests[page.resource]))
        case "venue":
            return diary.Limits(minutes_week=snapshot.venues[page.resource].terms.weekly_cap_minutes)
    return diary.Limits()


def _steps(
    snapshot: WeekSnapshot, metadata: EventMetadata, served: set[UUID], before: set[UUID]
) -> Iterator[Event]:
    for one in sorted(served | before):
        asked = snapshot.requests.get(one)
        if asked is None:
            continue
        if one in served and asked.status == "accepted":
            yield from request.step(asked, metadata, "scheduled")
        if one not in served and asked.status == "scheduled":
            yield from request.step(asked, metadata, "accepted")
