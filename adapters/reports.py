"""Say how a week stands: what is served and what is not, how far each place and person is used, and the bounds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias
from uuid import UUID

from adapters.planning import planned_sessions, read_document
from adapters.store.store import Store
from adapters.weeks import Card, Facts, cards
from domain.facts import NotThere
from domain.request import CourseRequest
from domain.timetable import GoalValue, Session, draft_sessions, latest_release
from domain.venue import Venue, open_windows
from domain.windows import Window, intersection, minutes

State: TypeAlias = Literal["draft", "released"]


@dataclass(frozen=True, slots=True)
class Unserved:
    """A request without a session this week, and the true facts that are known about why."""

    key: str
    title: str
    community: str
    learners: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """How a venue is used: `functions` are the kinds of learning that it hosts.

    `open_minutes` are those of its whole rooms in the real opening windows of the week, `used_minutes` those of
    sessions within them; a hall counts as used while any of its parts is.
    """

    key: str
    name: str
    kind: str
    functions: tuple[str, ...]
    sessions: int
    open_minutes: int
    used_minutes: int

    @property
    def share(self) -> float:
        return self.used_minutes / self.open_minutes if self.open_minutes else 0.0


@dataclass(frozen=True, slots=True)
class Load:
    """One volunteer's week in minutes; `limit` None where they gave none."""

    key: str
    sessions: int
    minutes: int
    offered: int
    limit: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """A week in figures.

    `goals` carry the bounds that were proven for the plan; they do not hold for moves by hand, so they are left out
    where there are any.
    """

    area: str
    week: str
    zone: str
    state: State
    release: str
    asked: int
    served: int
    sessions_asked: int
    sessions: int
    learner_hours_asked: float
    learner_hours: float
    goals: tuple[GoalValue, ...]
    unserved: tuple[Unserved, ...]
    places: tuple[Place, ...]
    loads: tuple[Load, ...]
    communities_asking: int
    communities_served: int


def week_report(store: Store, facts: Facts) -> Report:
    """Report the latest release of the week, or the latest draft where nothing is released yet."""
    release = latest_release(facts.timetable)
    origin = facts.timetable.origin
    if origin is None:
        raise NotThere(
            f"{facts.week} of {facts.area_name(facts.area.id)} has neither a draft nor a release; plan it first"
        )
    draft = draft_sessions(facts.timetable, planned_sessions(store, facts.timetable))
    sessions = release.sessions if release else draft
    asking = [one for one in facts.own_requests() if facts.sessions_of(one)]
    served = {one.request for one in sessions}
    placed = cards(facts, sessions)
    as_planned = sessions == draft and not facts.timetable.moves and not facts.timetable.dropped
    reasons = _reasons(read_document(store, origin.plan)) if as_planned else {}
    return Report(
        area=facts.area_name(facts.area.id),
        week=facts.week,
        zone=facts.zone,
        state="released" if release else "draft",
        release=f"{release.number} ({release.name})" if release else "",
        asked=len(asking),
        served=sum(one.id in served for one in asking),
        sessions_asked=sum(map(facts.sessions_of, asking)),
        sessions=len(sessions),
        learner_hours_asked=sum(_learner_hours(one) * facts.sessions_of(one) for one in asking),
        learner_hours=sum(_learner_hours(card.request) for card in placed),
        goals=origin.goals if as_planned else (),
        unserved=tuple(_unserved(facts, one, reasons) for one in asking if one.id not in served),
        places=tuple(
            sorted(_places(facts, placed), key=lambda one: (-len(one.functions), -one.share, one.key))
        ),
        loads=tuple(sorted(_loads(facts, sessions), key=lambda one: (-one.minutes, one.key))),
        communities_asking=len({one.area for one in asking}),
        communities_served=len({one.area for one in asking if one.id in served}),
    )


def _learner_hours(request: CourseRequest) -> float:
    return request.order.learners * request.order.duration_minutes / 60


def _reasons(plan: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {one["request"]: tuple(map(str, one.get("reasons", ()))) for one in plan["unserved"]}


def _unserved(facts: Facts, request: CourseRequest, reasons: Mapping[str, tuple[str, ...]]) -> Unserved:
    return Unserved(
        key=request.key,
        title=request.order.title,
        community=facts.area_name(request.area),
        learners=request.order.learners,
        reasons=reasons.get(str(request.id), ()),
    )


def _places(facts: Facts, placed: Iterable[Card]) -> Iterator[Place]:
    hosted: dict[UUID, list[Card]] = defaultdict(list)
    for card in placed:
        hosted[card.venue.id].append(card)
    for venue in facts.own_venues():
        here = hosted[venue.id]
        opened, used = _use(facts, venue, here)
        yield Place(
            key=venue.key,
            name=venue.name,
            kind=venue.kind,
            functions=tuple(sorted({card.request.order.function for card in here})),
            sessions=len(here),
            open_minutes=opened,
            used_minutes=used,
        )


def _use(facts: Facts, venue: Venue, here: Iterable[Card]) -> tuple[int, int]:
    taken: dict[UUID, list[Window]] = defaultdict(list)
    for card in here:
        taken[card.room.part_of or card.room.id].append(card.session.window)
    opened = used = 0
    for room in venue.rooms:
        if room.part_of is None:
            windows = open_windows(venue, room.id, facts.week, facts.day_types(venue.area))
            opened += minutes(windows)
            used += minutes(intersection(windows, taken[room.id]))
    return opened, used


def _loads(facts: Facts, sessions: Iterable[Session]) -> Iterator[Load]:
    count: Counter[UUID] = Counter()
    total: Counter[UUID] = Counter()
    for session in sessions:
        for one in session.team:
            count[one] += 1
            total[one] += session.window.minutes
    for volunteer in facts.own_volunteers():
        offered = minutes(facts.offer_of(volunteer))
        if offered or count[volunteer.id]:
            limit = volunteer.profile.max_minutes_week
            yield Load(volunteer.key, count[volunteer.id], total[volunteer.id], offered, limit)
