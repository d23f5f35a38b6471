"""Released sessions that break a hard rule in the current state: which, why, and whom that concerns.

Nothing is stored about it: it follows from the state, by the rules that a release is judged by.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

import scheduler
from adapters.people.personal_records import PersonLookup
from adapters.store.caches import CacheKind, DerivedValues
from adapters.store.views import Views
from adapters.week.key_labels import Keys
from adapters.week.problem_cache import recall_by
from adapters.week.problem_document import Nameable, assignment_of, problem_about
from adapters.week.release_validity.broken_reasons import in_words, why_gone
from adapters.week.release_validity.other_timetables import OtherBookings, TimetablesOf, other_bookings
from adapters.week.week_snapshot import SessionView, WeekSnapshot, view_sessions
from adapters.wording.records import WithMessages
from domain.diary import Booking
from domain.messages import message, plural
from domain.timetable import Release, Session, Timetable, latest_release
from domain.windows import DAY_MIN, DAY_NAMES, clock
from scheduler import LASTING, Breach, HeldSession, Rule, Why, judge_as_is, read_assignments


@dataclass(frozen=True, slots=True)
class BrokenRule(WithMessages):
    """A hard rule that a session breaks, and the sentence about it."""

    rule: str
    sentence: str


@dataclass(frozen=True, slots=True)
class BrokenSession:
    """A released session that can no longer take place as it stands, by keys; times as the area's clocks show them.

    `area` is the one whose timetable holds it, `community` the name of the one that asked; with `leads`,
    `assistants` and so many `learners` they are whom it concerns, besides the host of `venue`.
    """

    area: str
    week: str
    release: int
    request: str
    number: int
    title: str
    community: str
    day: date
    start: str
    end: str
    venue: str
    room: str
    leads: tuple[str, ...]
    assistants: tuple[str, ...]
    learners: int
    reasons: tuple[BrokenRule, ...]

    @property
    def key(self) -> tuple[str, str, str, int]:
        return self.area, self.week, self.request, self.number

    def text(self) -> str:
        """One line for people."""
        return message(
            "{request}#{number} {title}, {weekday} {day} {start}-{end}, {venue}/{room} (concerns {concerned}): "
            "{reasons:; }",
            request=self.request,
            number=self.number,
            title=self.title,
            weekday=DAY_NAMES[self.day.isoweekday() - 1],
            day=self.day,
            start=self.start,
            end=self.end,
            venue=self.venue,
            room=self.room,
            concerned=(self.community or message("nobody known"), *self.leads, *self.assistants),
            reasons=[broken_rule.sentence for broken_rule in self.reasons],
        )


def broken_sessions(
    views: Views,
    snapshot: WeekSnapshot,
    people: PersonLookup,
    today: date,
    about: frozenset[UUID] | None = None,
) -> tuple[BrokenSession, ...]:
    """The broken sessions of the latest release of a week, in order of time; none where nothing is released.

    With `about` only those are judged that have to do with a venue, room, volunteer or request of these ids.
    """
    release = latest_release(snapshot.timetable)
    core = sessions_about(snapshot.derived, snapshot.timetable, about)
    if release is None or not core:
        return ()
    around = release.sessions if about is None else _around(snapshot, release, core)
    others = other_bookings(views, snapshot, _resources(snapshot, around))
    breaches = judged(views, snapshot, people, around, others, today)
    core_keys = {session.key for session in core}
    return tuple(
        _described(
            snapshot, release.number, {key: breaches[key] for key in breaches if key in core_keys}, core
        )
    )


def sessions_about(
    derived: DerivedValues, timetable: Timetable, about: frozenset[UUID] | None = None
) -> tuple[Session, ...]:
    """The sessions of the latest release, in its order; with `about` those that name one of these ids."""
    release = latest_release(timetable)
    if release is None or about is None:
        return release.sessions if release else ()
    return _naming(derived, release, about)


def _ids_in(session: Session) -> set[UUID]:
    return {session.request, session.venue, session.room, *session.team}


@dataclass(frozen=True, slots=True)
class _ReleaseIndex:
    """Inverted index of a release: under each id the positions of the sessions that name it, and all request ids."""

    positions: Mapping[UUID, frozenset[int]]
    requests: frozenset[UUID]


INDEXES = CacheKind[_ReleaseIndex](8)  # each holds its release, some hundred kilobytes for a district


def _index_of(derived: DerivedValues, release: Release) -> _ReleaseIndex:
    """Built once for each release."""

    def build() -> _ReleaseIndex:
        positions: dict[UUID, set[int]] = defaultdict(set)
        for index, session in enumerate(release.sessions):
            for id in _ids_in(session):
                positions[id].add(index)
        requests = frozenset(session.request for session in release.sessions)
        return _ReleaseIndex({id: frozenset(positions) for id, positions in positions.items()}, requests)

    return derived.get(INDEXES, (release,), None, build)


def _naming(derived: DerivedValues, release: Release, ids: Iterable[UUID]) -> tuple[Session, ...]:
    positions = _index_of(derived, release).positions
    return tuple(
        release.sessions[position] for position in sorted(set().union(*(positions.get(id, ()) for id in ids)))
    )


def _around(snapshot: WeekSnapshot, release: Release, core: Iterable[Session]) -> tuple[Session, ...]:
    """The sessions that a rule could look at together with one of the core: same course, venue, people or learners."""
    core = list(core)
    named = set[UUID]().union(*map(_ids_in, core))
    cohorts = {cohort for session in core for cohort in _cohorts(snapshot, session.request)}
    if cohorts:
        named |= {
            id
            for id in _index_of(snapshot.derived, release).requests
            if not cohorts.isdisjoint(_cohorts(snapshot, id))
        }
    return _naming(snapshot.derived, release, named)


def _cohorts(snapshot: WeekSnapshot, request: UUID) -> tuple[str, ...]:
    known = snapshot.requests.get(request)
    return known.order.cohorts if known else ()


def _resources(snapshot: WeekSnapshot, sessions: Iterable[Session]) -> set[UUID]:
    """The resources whose diaries hold bookings of other timetables that may conflict with these sessions."""
    sessions = list(sessions)
    return set[UUID]().union(*map(_ids_in, sessions)) | room_diaries(snapshot, sessions)


def room_diaries(snapshot: WeekSnapshot, sessions: Iterable[Session]) -> set[UUID]:
    """The venues of sessions and all rooms there, by their ids."""
    ids: set[UUID] = set()
    for id in {session.venue for session in sessions}:
        venue = snapshot.venues.get(id)
        ids |= {id, *(room.id for room in (*venue.rooms, *venue.former))} if venue else {id}
    return ids


# ---- Judging


@dataclass(frozen=True, slots=True)
class SessionRules:
    """How sessions are judged: rules, pins, and a function that says why a resource is not there."""

    rules: Mapping[str, Rule]
    pins: tuple[Session, ...] = ()
    why: Why = lambda _: message("is no longer there")


def judged(
    views: Views,
    snapshot: WeekSnapshot,
    people: PersonLookup,
    sessions: Iterable[Session],
    others: OtherBookings,
    today: date,
    *,
    rules: Mapping[str, Rule] = LASTING,
    pins: Iterable[Session] = (),
) -> dict[tuple[UUID, int], tuple[Breach, ...]]:
    """The rules that sessions break, under each of them; under a blank key those that name no session."""
    sessions, keys = tuple(sessions), Keys(snapshot)
    why = why_gone(views, snapshot, others)
    breaches = breaches_of(
        views, snapshot, people, sessions, others, today, SessionRules(rules, tuple(pins), why)
    )
    breaches_of_session: dict[tuple[UUID, int], list[Breach]] = defaultdict(list)
    for breach in (*breaches, *_lengthened(snapshot, sessions)):
        labelled = Breach(breach.rule, in_words(snapshot, keys, sessions, breach), breach.sessions)
        for request, number in breach.sessions or ((str(NOBODY), 0),):
            breaches_of_session[UUID(request), number].append(labelled)
    return {key: tuple(listed) for key, listed in breaches_of_session.items()}


def breaches_of(
    views: Views,
    snapshot: WeekSnapshot,
    people: PersonLookup,
    sessions: Iterable[Session],
    others: OtherBookings,
    today: date,
    judgement: SessionRules,
) -> tuple[Breach, ...]:
    """The rules that sessions break, with ids in the sentences."""
    sessions, pins = tuple(sessions), judgement.pins
    document = problem_about(snapshot, (*sessions, *pins), people, others, today)
    nameable = Nameable(document)
    firm = [assignment_of(session) for session in pins if not any(nameable.why_loose(session))]
    problem = replace(
        scheduler.read_problem({**document, "pins": []}, recall=recall_by(snapshot.derived)),
        pins=read_assignments(firm),
    )
    placed = read_assignments([assignment_of(session) for session in sessions])
    return judge_as_is(
        problem, placed, rules=judgement.rules, held=_held(views, snapshot, others), why=judgement.why
    )


NOBODY = UUID(int=0)


def _held(views: Views, snapshot: WeekSnapshot, others: OtherBookings) -> Iterator[HeldSession]:
    """Each session of another timetable once, with everybody of whom a diary says that they take part in it.

    It is called by the key of that timetable's area and that of the request.
    """
    timetables = TimetablesOf(views)
    teams: dict[tuple[UUID, UUID, int], set[str]] = defaultdict(set)
    known: dict[tuple[UUID, UUID, int], Booking] = {}
    for resource, bookings in others.bookings.items():
        for booking in bookings:
            key = booking.timetable, booking.request, booking.number
            known[key] = booking if key not in known or booking.window.start_min >= 0 else known[key]
            if resource in snapshot.volunteers:
                teams[key].add(str(resource))
    for key, booking in known.items():
        venue = snapshot.venues.get(booking.venue)
        room = next((room for room in venue.rooms if room.id == booking.room), None) if venue else None
        if booking.window.start_min >= 0:
            timetable = timetables.get(booking.timetable)
            area = snapshot.network.get(timetable.area) if timetable else None
            yield HeldSession(
                name=f"{area.key if area else booking.timetable}:{booking.request}",
                session=booking.number,
                begin_min=booking.window.start_min,
                end_min=booking.window.end_min,
                venue=str(booking.venue),
                room=str(booking.room),
                location=venue.location if venue else booking.location,
                people=tuple(sorted(teams[key])),
                part_of=str(room.part_of) if room and room.part_of else None,
                turnaround_min=room.turnaround_minutes if room else booking.turnaround_minutes,
            )


def _lengthened(snapshot: WeekSnapshot, sessions: Iterable[Session]) -> Iterator[Breach]:
    """A session has the length that was asked for when it was planned."""
    for session in sessions:
        request = snapshot.requests.get(session.request)
        if request is not None and request.order.duration_minutes != session.window.minutes:
            yield Breach(
                "session",
                message(
                    "{request}#{number} lasts {minutes} minutes, and {duration_minutes} are asked for",
                    request=session.request,
                    number=session.number,
                    minutes=session.window.minutes,
                    duration_minutes=request.order.duration_minutes,
                ),
                ((str(session.request), session.number),),
            )


# ---- Describing


def _described(
    snapshot: WeekSnapshot,
    release: int,
    breaches: Mapping[tuple[UUID, int], tuple[Breach, ...]],
    sessions: Iterable[Session],
) -> Iterator[BrokenSession]:
    broken = [session for session in sessions if session.key in breaches]
    shown: dict[tuple[UUID, int], SessionView] = {
        session_view.session.key: session_view for session_view in view_sessions(snapshot, broken)
    }
    for session in sorted(broken, key=lambda placed: (placed.window, str(placed.room))):
        reasons = dict.fromkeys(BrokenRule(breach.rule, breach.sentence) for breach in breaches[session.key])
        yield _broken(snapshot, release, session, shown.get(session.key), tuple(reasons))


def _broken(
    snapshot: WeekSnapshot,
    release: int,
    session: Session,
    session_view: SessionView | None,
    reasons: tuple[BrokenRule, ...],
) -> BrokenSession:
    def key(volunteer: UUID) -> str:
        known = snapshot.volunteers.get(volunteer)
        return known.key if known else str(volunteer)

    midnight = (session.window.day - 1) * DAY_MIN
    return BrokenSession(
        area=snapshot.area.key,
        week=snapshot.week,
        release=release,
        request=session_view.request.key if session_view else str(session.request),
        number=session.number,
        title=session_view.request.order.title if session_view else "",
        community=session_view.community if session_view else "",
        day=snapshot.date_of(session.window.day),
        start=clock(session.window.start_min - midnight),
        end=clock(session.window.end_min - midnight),
        venue=session_view.venue.key if session_view else str(session.venue),
        room=session_view.room.key if session_view else str(session.room),
        leads=tuple(map(key, session.leads)),
        assistants=tuple(map(key, session.assistants)),
        learners=session_view.request.order.learners if session_view else 0,
        reasons=reasons,
    )


def usual_remedy(area: str, week: str) -> str:
    """What to do about sessions that are broken."""
    return message(
        "mend it with `lyceum repair --area {area} --week {week}`, then `lyceum release`",
        area=area,
        week=week,
    )


def lines(
    broken: Iterable[BrokenSession],
    *,
    dry_run: bool = False,
    remedy: Callable[[str, str], str] = usual_remedy,
) -> Iterator[str]:
    """What a command tells people of the sessions that it breaks; `remedy` says what to do, by area and week."""
    sessions = list(broken)
    if not sessions:
        return
    if dry_run:
        yield plural(
            "{count} released session would be broken by this, and cannot take place as released:",
            "{count} released sessions would be broken by this, and cannot take place as released:",
            count=len(sessions),
        )
    else:
        yield plural(
            "{count} released session is broken by this, and cannot take place as released:",
            "{count} released sessions are broken by this, and cannot take place as released:",
            count=len(sessions),
        )
    yield from (message("  {session}", session=broken_session.text()) for broken_session in sessions)
    weeks = sorted({(broken_session.area, broken_session.week) for broken_session in sessions})
    for area, week in weeks:
        yield remedy(area, week)
