"""Histories of several streams: a short one to read, and any that Hypothesis can think of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import strategies as st

from adapters.store.store import Store
from adapters.store.streams import AREAS, DIARIES, REQUESTS, TIMETABLES, VENUES, VOLUNTEERS, Stream
from domain import diary, network, request, timetable, venue, volunteer
from domain.events import Event, EventMetadata
from domain.windows import on_day
from tests.builders import FOUNDED, POINT, WEEK, an_id, hours, order, origin, profile, room, session

S = TypeVar("S")
START = datetime(2026, 11, 20, 9, tzinfo=UTC)
STREET = network.area_id("river-street")


def metadata(minutes: int = 0) -> EventMetadata:
    return EventMetadata(START + timedelta(minutes=minutes), "coordinator-1")


def founded(key: str = "river-street", minutes: int = 0) -> tuple[network.AreaFounded, ...]:
    names = (("en", key), ("zh", "河街"))
    return network.found_area(
        None,
        metadata(minutes),
        network.NewArea(key=key, level="street", names=names, zone="Asia/Shanghai", on=FOUNDED),
    )


def renamed(known: network.Area, name: str, minutes: int = 0) -> tuple[network.AreaRenamed, ...]:
    return network.rename_area(
        known, metadata(minutes), names=(("en", name),), on=date(2026, 1, 1), why="a new name"
    )


def must_load(store: Store, stream: Stream[S], id: UUID) -> S:
    state = store.load(stream, id)
    assert state is not None
    return state


# ---- Any history: each step names a stream and what happens next in it

Decision = Callable[[Any, EventMetadata, int], Iterable[Event]]


def _found(known: network.Area | None, at: EventMetadata, number: int) -> Iterable[Event]:
    key = f"area-{number % 3}"
    if known is None:
        return network.found_area(
            None,
            at,
            network.NewArea(key=key, level="street", names=(("en", key),), zone="Asia/Shanghai", on=FOUNDED),
        )
    return network.rename_area(known, at, names=(("en", f"{key} {number}"),), on=FOUNDED, why="a new name")


def _lend(known: venue.Venue | None, at: EventMetadata, number: int) -> Iterable[Event]:
    key = f"venue-{number % 2}"
    if known is None:
        return venue.register_venue(
            None, at, key=key, name=key, kind="library", area=an_id("area-0"), location=POINT
        )
    if number % 5 == 0:
        return venue.set_opening_hours(known, at, None, hours(end=f"{12 + number % 10}:00"))
    if number % 7 == 0:
        moved = an_id(f"area-{number % 3}")
        return venue.describe_venue(known, at, name=known.name, kind="museum", area=moved, location=POINT)
    return venue.open_room(known, at, room(f"room-{number % 4}", of=key, capacity=10 + number))


def _offer(known: volunteer.Volunteer | None, at: EventMetadata, number: int) -> Iterable[Event]:
    if known is None:
        return volunteer.enrol_volunteer(None, at, key=f"v-{number % 3}", profile=profile())
    return volunteer.offer_hours(known, at, (on_day(1 + number % 7, "09:00", "12:00"),))


def _order(known: request.CourseRequest | None, at: EventMetadata, number: int) -> Iterable[Event]:
    if known is None:
        return request.submit_request(
            None, at, key=f"r-{number % 3}", area=STREET, location=None, order=order()
        )
    following = request.TRANSITIONS[known.status]
    return request.step(known, at, following[number % len(following)], "a reason") if following else ()


def _plan(known: timetable.Timetable | None, at: EventMetadata, number: int) -> Iterable[Event]:
    known = known or timetable.blank(STREET, WEEK)
    planned = [session("r-1"), session("r-2", on_day(1 + number % 7, "18:00", "19:00"))]
    if known.origin is None or number % 4 == 0:
        return timetable.make_draft(known, at, origin(f"p-{number}", f"s-{number}"))
    return timetable.release_draft(known, at, f"Edition {number}", planned)


def _promise(known: diary.Diary | None, at: EventMetadata, number: int) -> Iterable[Event]:
    known = known or diary.blank("room", an_id(f"room-{number % 2}"), WEEK)
    wanted = diary.Booking(
        an_id("timetable"),
        an_id(f"request-{number}"),
        1,
        on_day(1 + number % 7, "09:00", "10:00"),
        an_id("venue"),
        known.resource,
        POINT,
    )
    return diary.book(known, at, an_id("timetable"), [wanted], diary.BookingLimits())


STEPS: tuple[tuple[Stream[Any], Callable[[int], Any], Decision], ...] = (
    (AREAS, lambda number: network.area_id(f"area-{number % 3}"), _found),
    (VENUES, lambda number: venue.venue_id(f"venue-{number % 2}"), _lend),
    (VOLUNTEERS, lambda number: volunteer.volunteer_id(f"v-{number % 3}"), _offer),
    (REQUESTS, lambda number: request.request_id(f"r-{number % 3}"), _order),
    (TIMETABLES, lambda _: timetable.timetable_id(STREET, WEEK), _plan),
    (DIARIES, lambda number: diary.diary_id(an_id(f"room-{number % 2}"), WEEK), _promise),
)


def history_of(choices: Iterable[tuple[int, int]]) -> list[Event]:
    """The events of a row of choices: which stream, and a number that says what happens in it."""
    states: dict[Any, Any] = {}
    facts: list[Event] = []
    for minutes, (which, number) in enumerate(choices):
        stream, id_of, decision = STEPS[which]
        known = states.get(id_of(number))
        for fact in decision(known, metadata(minutes), number):
            known = stream.evolve(known, fact)
            states[id_of(number)] = known
            facts.append(fact)
    return facts


HISTORIES = st.lists(st.tuples(st.integers(0, len(STEPS) - 1), st.integers(0, 40)), max_size=40).map(
    history_of
)


def later(fact: Event, minutes: int) -> Event:
    """The same event, given at another time."""
    return replace(fact, at=START + timedelta(minutes=minutes))
