"""Release of the draft of a week: the timetable's event and every touched diary's events in one transaction."""

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
from domain.messages import message, plural
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
        more = message(" (and {count} more)", count=len(self.breaches) - 3) if len(self.breaches) > 3 else ""
        super().__init__(
            plural(
                "{doing} would break {count} rule: {breaches:; }{more}; plan the week again",
                "{doing} would break {count} rules: {breaches:; }{more}; plan the week again",
                doing=doing,
                count=len(self.breaches),
                breaches=tuple(self.breaches[:3]),
                more=more,
            )
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
    unit.views.catch_up()
    timetable = load_timetable(unit, area, week)
    planned = planned_sessions(unit.store, timetable)
    released_events = release_draft(timetable, unit.metadata(), name, planned)
    before = latest_release(timetable)
    old = before.sessions if before else ()
    if not released_events:
        number, held_name = (before.number, before.name) if before else (0, name)
        return Released(number, held_name, False, len(old), differences(old, old))
    released = released_events[0]
    position = unit.views.position
    snapshot = snapshot_of(unit.views, area, week)
    breaches = tuple(across_zones(snapshot, released.sessions)) or draft_breaches(
        unit.views, snapshot, unit.people(), released.sessions, unit.clock().date()
    )
    if breaches:
        raise BrokenRules(breaches, message("releasing {week}", week=week))
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
    repository: Repository,
    snapshot: WeekSnapshot,
    timetable: Timetable,
    released: TimetableReleased,
    old: tuple[Session, ...],
) -> Iterator[Event]:
    """The release, what it changes in every diary, and the requests that it serves or no longer serves."""
    metadata = repository.metadata()
    yield released
    bookings = bookings_by_diary(timetable, released.sessions, snapshot.venues)
    weeks = {diary_key.week for diary_key in bookings} | {snapshot.week, shift_week(snapshot.week, 1)}
    # One that has been written since is told by its version when it is saved.
    diaries = diaries_of(repository.views, weeks if _is_late(timetable, bookings) else {snapshot.week})
    held = {
        DiaryKey(entry.kind, entry.resource, entry.week): ()
        for entry in diaries.values()
        if any(booking.timetable == timetable.id for booking in entry.promises)
    }
    known = TimetablesOf(repository.views)
    lent = {room.id: venue for venue in snapshot.venues.values() for room in venue.rooms}
    states: dict[UUID, Venue | Volunteer] = {**snapshot.volunteers, **lent}
    for diary_key, own_bookings in {**held, **bookings}.items():
        present = diaries.get(diary.diary_id(diary_key.resource, diary_key.week))
        present = present or diary.blank(diary_key.kind, diary_key.resource, diary_key.week)
        others = [booking for booking in present.promises if booking.timetable != timetable.id]
        left = [booking for booking in others if not known.still_booked(present, booking)]
        taken = with_time_taken(present, states.get(diary_key.resource))
        yield from diary.book(taken, metadata, timetable.id, own_bookings, _limits(snapshot, diary_key), left)
    served, before = {session.request for session in released.sessions}, {session.request for session in old}
    elsewhere = set(other_bookings(repository.views, snapshot).served)
    yield from _steps(snapshot, metadata, served, before - elsewhere)


def _is_late(timetable: Timetable, diary_keys: Iterable[DiaryKey]) -> bool:
    """Whether turnaround past Sunday midnight may stand in a diary of the week after."""
    sessions = (session for release in timetable.releases for session in release.sessions)
    return any(diary_key.week != timetable.week for diary_key in diary_keys) or any(
        session.window.day == 7 for session in sessions
    )


def _limits(snapshot: WeekSnapshot, diary_key: DiaryKey) -> diary.BookingLimits:
    match diary_key.kind:
        case "volunteer" if diary_key.resource in snapshot.volunteers:
            profile = snapshot.volunteers[diary_key.resource].profile
            return diary.BookingLimits(profile.max_minutes_day, profile.max_minutes_week, TRAVEL_KMH)
        case "request" if diary_key.resource in snapshot.requests:
            return diary.BookingLimits(sessions=snapshot.sessions_of(snapshot.requests[diary_key.resource]))
        case "venue":
            return diary.BookingLimits(
                minutes_week=snapshot.venues[diary_key.resource].terms.weekly_cap_minutes
            )
    return diary.BookingLimits()


def _steps(
    snapshot: WeekSnapshot, metadata: EventMetadata, served: set[UUID], before: set[UUID]
) -> Iterator[Event]:
    for request_id in sorted(served | before):
        course_request = snapshot.requests.get(request_id)
        if course_request is None:
            continue
        if request_id in served and course_request.status == "accepted":
            yield from request.step(course_request, metadata, "scheduled")
        if request_id not in served and course_request.status == "scheduled":
            yield from request.step(course_request, metadata, "accepted")
