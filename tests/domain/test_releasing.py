"""Releasing: which diaries a timetable writes, and that no two released sessions ever clash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import diary
from domain.diary import Booking, BookingLimits, Diary
from domain.events import Refused
from domain.network import area_id
from domain.releasing import DiaryKey, UnknownPlace, bookings_by_diary
from domain.request import request_id
from domain.timetable import Session, Timetable, blank
from domain.venue import Venue, room_id, venue_id
from domain.volunteer import volunteer_id
from domain.windows import DAY_MIN, WEEK_MIN, Window, on_day
from tests.builders import POINT, STAMP, WEEK, after, room, session, venue_of

HALL = room("hall", turnaround_minutes=15)
LEFT = room("left", part_of=HALL.id)
RIGHT = room("right", part_of=HALL.id, turnaround_minutes=30)
ATTIC = room("attic")
LIBRARY = venue_of(HALL, LEFT, RIGHT, ATTIC)
VENUES = {LIBRARY.id: LIBRARY}
TIMETABLE = blank(area_id("river-street"), WEEK)
LATE = Window(WEEK_MIN - 60, WEEK_MIN)  # Sunday 23:00 to 24:00


def promise_of(one: Session, turnaround: int = 0, timetable: Timetable = TIMETABLE) -> Booking:
    return Booking(timetable.id, one.request, one.number, one.window, LIBRARY.id, one.room, POINT, turnaround)


def room_page(key: str, week: str = WEEK) -> DiaryKey:
    return DiaryKey("room", room_id("library", key), week)


def person_page(key: str) -> DiaryKey:
    return DiaryKey("volunteer", volunteer_id(key), WEEK)


def request_page(key: str = "r-1", week: str = WEEK) -> DiaryKey:
    return DiaryKey("request", request_id(key), week)


# Pages


def test_session_goes_to_its_room_and_its_volunteers() -> None:
    one = session(at="attic", leads=("v-1", "v-2"), assistants=("v-3",))

    promise = promise_of(one)
    assert bookings_by_diary(TIMETABLE, [one], VENUES) == {
        request_page(): (promise,),
        room_page("attic"): (promise,),
        person_page("v-1"): (promise,),
        person_page("v-2"): (promise,),
        person_page("v-3"): (promise,),
    }


def test_session_in_a_part_goes_to_the_whole_hall_too() -> None:
    one = session(at="left", leads=())

    assert bookings_by_diary(TIMETABLE, [one], VENUES) == {
        request_page(): (promise_of(one),),
        room_page("left"): (promise_of(one),),
        room_page("hall"): (promise_of(one),),
    }


def test_session_in_a_hall_goes_to_the_hall_alone() -> None:
    """The hall's page holds what is in its parts, so that it needs no page of theirs."""
    one = session(at="hall", leads=())

    promise = promise_of(one, 15)
    assert bookings_by_diary(TIMETABLE, [one], VENUES) == {
        request_page(): (promise,),
        room_page("hall"): (promise,),
    }


def test_session_goes_to_a_venue_with_a_weekly_cap() -> None:
    one, other = session(at="attic", leads=()), session("r-2", on_day(4, "09:00", "10:00"), leads=())
    capped = venue_of(HALL, ATTIC, cap=600)

    found = bookings_by_diary(TIMETABLE, [one, other], {capped.id: capped})
    assert found[DiaryKey("venue", venue_id("library"), WEEK)] == (promise_of(one), promise_of(other, 15))


def test_cap_of_no_minutes_is_a_cap() -> None:
    capped = venue_of(ATTIC, cap=0)

    assert DiaryKey("venue", capped.id, WEEK) in bookings_by_diary(
        TIMETABLE, [session(at="attic")], {capped.id: capped}
    )


def test_no_session_needs_no_page() -> None:
    assert bookings_by_diary(TIMETABLE, [], VENUES) == {}


@pytest.mark.parametrize(("week", "following"), [(WEEK, "2026-W50"), ("2026-W53", "2027-W01")])
def test_turnaround_past_sunday_midnight_goes_to_the_next_week(week: str, following: str) -> None:
    timetable = blank(area_id("river-street"), week)
    one = session(window=LATE, leads=("v-1",))

    promise = promise_of(one, 15, timetable)
    assert bookings_by_diary(timetable, [one], VENUES) == {
        request_page(week=week): (promise,),
        room_page("hall", week): (promise,),
        room_page("hall", following): (replace(promise, window=Window(-60, 0)),),
        DiaryKey("volunteer", volunteer_id("v-1"), week): (promise,),
    }


def test_turnaround_up_to_midnight_stays_in_the_week() -> None:
    """No room of the hall needs more than 30 minutes."""
    one = session(window=LATE.shifted(-30), leads=())

    assert set(bookings_by_diary(TIMETABLE, [one], VENUES)) == {request_page(), room_page("hall")}


def test_room_without_turnaround_stays_in_the_week() -> None:
    found = bookings_by_diary(TIMETABLE, [session(window=LATE, at="attic", leads=())], VENUES)

    assert set(found) == {request_page(), room_page("attic")}


@pytest.mark.parametrize(
    ("key", "carried"), [("left", {"hall"}), ("right", {"right", "hall"}), ("hall", {"hall"})]
)
def test_larger_turnaround_of_a_hall_and_its_parts_is_carried_over(key: str, carried: set[str]) -> None:
    """What follows on Monday may be in the hall or in any part of it."""
    found = bookings_by_diary(TIMETABLE, [session(window=LATE, at=key, leads=())], VENUES)

    assert {page for page in found if page.week == "2026-W50"} == {
        room_page(one, "2026-W50") for one in carried
    }


def test_part_with_a_longer_turnaround_than_its_hall_keeps_sunday_night_apart() -> None:
    """The hall needs no time between two sessions, but the part that is used on Monday does."""
    bare, part = room("hall"), room("left", part_of=HALL.id, turnaround_minutes=30)
    library = venue_of(bare, part)

    found = bookings_by_diary(TIMETABLE, [session(window=LATE, at="hall", leads=())], {library.id: library})
    assert room_page("hall", "2026-W50") in found


@pytest.mark.parametrize("venues", [{}, {LIBRARY.id: venue_of(HALL)}])
def test_session_in_a_place_that_is_no_longer_lent_is_refused(venues: Mapping[UUID, Venue]) -> None:
    one = session(at="attic", number=2)

    with pytest.raises(
        UnknownPlace,
        match=rf"^session 2 of request {one.request} is in room {ATTIC.id}, which is no longer lent; "
        r"plan the week again$",
    ):
        bookings_by_diary(TIMETABLE, [one], venues)


# Whatever is released

WEEKS = ("2026-W53", "2027-W01")
AREAS = ("north", "south")
CAP = 240
SMALL = venue_of(HALL, LEFT, RIGHT, ATTIC, cap=CAP)
AROUND_NEW_YEAR = {
    "2026-W53": st.integers(-8, -2).map(lambda quarter: WEEK_MIN + quarter * 15),
    "2027-W01": st.integers(0, 6).map(lambda quarter: quarter * 15),
}


@st.composite
def editions(draw: st.DrawFn) -> tuple[Timetable, list[Session]]:
    """A release of one of two areas, around the midnight between week 53 and week 1."""
    week = draw(st.sampled_from(WEEKS))
    timetable = blank(area_id(draw(st.sampled_from(AREAS))), week)
    sessions = []
    for number in draw(st.lists(st.integers(1, 4), unique=True, max_size=3)):
        start = draw(AROUND_NEW_YEAR[week])
        sessions.append(
            session(
                f"{timetable.area}-{number}",
                Window(start, min(start + draw(st.sampled_from([15, 30])), WEEK_MIN)),
                at=draw(st.sampled_from(["hall", "left", "right", "attic"])),
                leads=(draw(st.sampled_from(["v-1", "v-2", "v-3"])),),
            )
        )
    return timetable, sessions


def released(
    diaries: Mapping[DiaryKey, Diary], timetable: Timetable, sessions: Iterable[Session]
) -> dict[DiaryKey, Diary] | None:
    """The diaries after a release, all or nothing: None where it is refused."""
    after_all = dict(diaries)
    wanted = bookings_by_diary(timetable, sessions, {SMALL.id: SMALL})
    for page in {**dict.fromkeys(diaries), **wanted}:
        known = diaries.get(page) or diary.blank(page.kind, page.resource, page.week)
        limits = BookingLimits(minutes_week=CAP) if page.kind == "venue" else BookingLimits()
        try:
            events = diary.book(known, STAMP, timetable.id, wanted.get(page, ()), limits)
        except Refused:
            return None
        if events:
            after_all[page] = after(diary.evolve, known, lambda _: events)  # noqa: B023
    return after_all


def absolute(week: str, one: Session) -> range:
    """The minutes of a session from Monday of week 53."""
    shift = WEEKS.index(week) * WEEK_MIN
    return range(one.window.start_min + shift, one.window.end_min + shift)


def share_a_room(a: Session, b: Session) -> bool:
    return a.room == b.room or (HALL.id in (a.room, b.room) and ATTIC.id not in (a.room, b.room))


def clash(a: tuple[str, Session], b: tuple[str, Session]) -> bool:
    """Said without diaries: one room or one person at one time, or the next too soon after."""
    first, second = absolute(*a), absolute(*b)
    turnaround = {one.id: one.turnaround_minutes for one in SMALL.rooms}
    apart = max(turnaround[a[1].room], turnaround[b[1].room])
    if share_a_room(a[1], b[1]) and first.start < second.stop + apart and second.start < first.stop + apart:
        return True
    same_person = set(a[1].team) & set(b[1].team)
    return bool(same_person) and first.start < second.stop and second.start < first.stop


@given(st.lists(editions(), max_size=6))
def test_whatever_is_released_in_whatever_order_nothing_clashes(
    releases: list[tuple[Timetable, list[Session]]],
) -> None:
    diaries: dict[DiaryKey, Diary] = {}
    stands: dict[UUID, list[tuple[str, Session]]] = {}
    for timetable, sessions in releases:
        others = [one for key, several in stands.items() if key != timetable.id for one in several]
        own = [(timetable.week, one) for one in sessions]
        minutes = sum(one.window.minutes for week, one in (*others, *own) if week == timetable.week)
        sound = not any(clash(a, b) for a, b in combinations([*others, *own], 2)) and minutes <= CAP
        after_release = released(diaries, timetable, sessions)

        if after_release is None:
            assert not sound
            continue
        diaries, stands[timetable.id] = after_release, own
        assert sound

    held = {
        (page.week, one.timetable, one.request, one.window.start_min // DAY_MIN)
        for page, known in diaries.items()
        if page.kind == "volunteer"
        for one in known.promises
    }
    assert len(held) == sum(len(several) for several in stands.values())
