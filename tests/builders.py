"""Plain examples of everything in the domain, and given/when/then over events.

Each builder gives a sound record; a test says only what matters to it. Nothing is random, nothing reads a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid5

from domain import catalogue, diary, network, request, timetable, venue, volunteer
from domain.calendar import instant, monday
from domain.events import Event, EventMetadata
from domain.opening import DayRule, OpeningHours, Period, Span, span, weekly
from domain.windows import Window, on_day

S = TypeVar("S")

STAMP = EventMetadata(at=datetime(2026, 11, 20, 9, tzinfo=UTC), by="coordinator-1")
WEEK = "2026-W49"  # Monday 2026-11-30 to Sunday 2026-12-06
POINT = (29.4, 105.6)
FOUNDED = date(2020, 1, 1)


def an_id(name: str) -> UUID:
    """The same id for the same name, always."""
    return uuid5(UUID(int=0), name)


# ---- Given events, when command, then events


def given(evolve: Callable[[S | None, Any], S], events: Iterable[Event], start: S | None = None) -> S:
    """The state that the events say."""
    state = start
    for event in events:
        state = evolve(state, event)
    assert state is not None, "no event was given"
    return state


def after(
    evolve: Callable[[S | None, Any], S], state: S | None, *decisions: Callable[[Any], Iterable[Event]]
) -> S:
    """The state after decisions, each of which is given what the ones before it left."""
    for decision in decisions:
        for event in decision(state):
            state = evolve(state, event)
    assert state is not None, "nothing was decided"
    return state


def again(
    evolve: Callable[[S | None, Any], S], state: S, decision: Callable[[S], Iterable[Event]]
) -> tuple[Event, ...]:
    """The events of a decision that was made just before."""
    return tuple(decision(after(evolve, state, decision)))


def place(version: int, stream: UUID) -> dict[str, Any]:
    """The fields that every event has, as a command with `STAMP` writes them."""
    return {"originator_id": stream, "originator_version": version, "at": STAMP.at, "by": STAMP.by}


# ---- Areas


def area(
    key: str = "river-street",
    *,
    parent: UUID | None = None,
    level: str = "street",
    on: date = FOUNDED,
    name: str = "",
    zone: str = "Asia/Shanghai",
    codes: tuple[network.Code, ...] = (),
) -> network.Area:
    events = network.found_area(
        None,
        STAMP,
        network.NewArea(
            key=key,
            level=level,
            names=(("en", name or key.replace("-", " ").title()),),
            zone=zone,
            on=on,
            parent=parent,
            codes=codes,
            location=POINT,
        ),
    )
    return given(network.evolve, events)


def networked(*areas: network.Area) -> dict[UUID, network.Area]:
    return {one.id: one for one in areas}


def applied(known: Mapping[UUID, network.Area], events: Iterable[Any]) -> dict[UUID, network.Area]:
    """The network after events of any of its areas."""
    after_all = dict(known)
    for event in events:
        after_all[event.originator_id] = network.evolve(after_all.get(event.originator_id), event)
    return after_all


# ---- Venues


def venue_of(*rooms: venue.Room, key: str = "library", cap: int | None = None) -> venue.Venue:
    """A venue at `POINT` that lends these rooms."""
    built = after(
        venue.evolve,
        None,
        lambda _: venue.register_venue(
            None, STAMP, key=key, name="Library", kind="library", area=an_id("river-street"), location=POINT
        ),
        *(lambda lender, room=room: venue.open_room(lender, STAMP, room) for room in rooms),
    )
    return built if cap is None else replace(built, terms=venue.LendingTerms(weekly_cap_minutes=cap))


def room(key: str = "hall", *, of: str = "library", **changes: Any) -> venue.Room:
    fields: dict[str, Any] = {"id": venue.room_id(of, key), "key": key, "name": key.title(), "capacity": 30}
    return venue.Room(**fields | changes)


def hours(start: str = "09:00", end: str = "17:00", days: tuple[int, ...] = (1, 2, 3, 4, 5)) -> OpeningHours:
    return weekly((days, start, end))


# ---- Volunteers


def profile(**changes: Any) -> volunteer.Profile:
    fields: dict[str, Any] = {
        "kind": "retiree",
        "home_area": an_id("river-street"),
        "skills": (volunteer.Skill("calligraphy"),),
        "languages": ("zh",),
    }
    return volunteer.Profile(**fields | changes)


def helper(key: str = "v-1", *windows: Window, **changes: Any) -> volunteer.Volunteer:
    """A volunteer who offers the windows each week."""
    return after(
        volunteer.evolve,
        None,
        lambda _: volunteer.enrol_volunteer(None, STAMP, key=key, profile=profile(**changes)),
        lambda one: volunteer.offer_hours(one, STAMP, windows),
    )


# ---- Requests


def order(**changes: Any) -> request.Order:
    fields: dict[str, Any] = {
        "title": "Calligraphy for beginners",
        "topic": "calligraphy",
        "function": "arts",
        "learners": 12,
        "duration_minutes": 90,
        "acceptable": (on_day(2, "09:00", "12:00"),),
        "first_week": WEEK,
    }
    return request.Order(**fields | changes)


def course_request(
    key: str = "r-1", status: request.RequestStatus = "submitted", **changes: Any
) -> request.CourseRequest:
    events = request.submit_request(
        None, STAMP, key=key, area=an_id("river-street"), location=POINT, order=order(**changes)
    )
    return replace(given(request.evolve, events), status=status)


# ---- Timetables and diaries


def session(
    name: str = "r-1",
    window: Window | None = None,
    *,
    number: int = 1,
    of: str = "library",
    at: str = "hall",
    leads: tuple[str, ...] = ("v-1",),
    assistants: tuple[str, ...] = (),
) -> timetable.Session:
    """A session of a request, by default on Tuesday from 09:00 to 10:30."""
    return timetable.Session(
        request=request.request_id(name),
        number=number,
        window=window or on_day(2, "09:00", "10:30"),
        venue=venue.venue_id(of),
        room=venue.room_id(of, at),
        leads=tuple(volunteer.volunteer_id(one) for one in leads),
        assistants=tuple(volunteer.volunteer_id(one) for one in assistants),
    )


def origin(problem: str = "p-1", plan: str = "s-1") -> timetable.Origin:
    goals = (timetable.GoalValue("served", 1080, 1200), timetable.GoalValue("travel", -3200, None))
    engines = (("lyceum-scheduler", "0.1.0"), ("ortools", "9.15"))
    return timetable.Origin(problem, plan, 12, 1, engines, "feasible", goals)


def drafted(key: str = "river-street", week: str = WEEK) -> timetable.Timetable:
    """A timetable with one draft."""
    blank = timetable.blank(network.area_id(key), week)
    return after(timetable.evolve, blank, lambda one: timetable.make_draft(one, STAMP, origin()))


def promised(
    name: str = "r-1",
    window: Window | None = None,
    *,
    by: str = "river-street",
    number: int = 1,
    of: str = "library",
    at: str = "hall",
    location: tuple[float, float] = POINT,
    turnaround: int = 0,
) -> diary.Booking:
    """A promise to the timetable of an area, by default on Tuesday from 09:00 to 10:30."""
    return diary.Booking(
        timetable=an_id(by),
        request=request.request_id(name),
        number=number,
        window=window or on_day(2, "09:00", "10:30"),
        venue=venue.venue_id(of),
        room=venue.room_id(of, at),
        location=location,
        turnaround_minutes=turnaround,
    )


def words(*entries: catalogue.Entry) -> catalogue.Catalogue:
    """The catalogue of the field with a city's own entries."""
    blank = catalogue.Catalogue(catalogue.CATALOGUE)
    additions = (lambda one, entry=entry: catalogue.add_entry(one, STAMP, entry) for entry in entries)
    return after(catalogue.evolve, blank, *additions)


# ---- Opening hours and clocks


def spans_of(text: str) -> tuple[Span, ...]:
    """Spans such as "09:00-12:00,14:00-17:00"."""
    return tuple(span(*part.split("-")) for part in text.split(","))


def closed_on(first: date, last: date, name: str) -> Period:
    """The exception that closes some dates."""
    return Period(name, first, last, ())


def opened_on(day: date, spans: tuple[Span, ...], name: str) -> Period:
    """The exception that opens one date at these spans and at no others."""
    return Period(name, day, day, (DayRule((day.isoweekday(),), spans),))


def real_minutes(week: str, window: Window, zone: str) -> int:
    """The minutes that pass in a window of the week: not its length when the clocks change."""
    start, end = (instant(monday(week), minute, zone) for minute in (window.start_min, window.end_min))
    return int((end.astimezone(UTC) - start.astimezone(UTC)).total_seconds()) // 60
