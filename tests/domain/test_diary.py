"""Diaries: no room and no person is promised twice, whatever is asked in whatever order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations, permutations
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import NotAWeek
from domain.diary import (
    Block,
    BlockLifted,
    Booking,
    BookingLimits,
    Diary,
    DoubleBooking,
    Overload,
    PromisesChanged,
    Resource,
    ResourceClosed,
    TimeBlocked,
    TooLong,
    blank,
    block_time,
    book,
    diary_id,
    evolve,
    lift_block,
    weeks_to_block,
)
from domain.events import Event, ReasonMissing, Refused
from domain.venue import room_id, venue_id
from domain.volunteer import volunteer_id
from domain.windows import DAY_MIN, Window, on_day
from tests.builders import POINT, STAMP, WEEK, after, again, an_id, place, promised

HALL = room_id("library", "hall")
LEFT = room_id("library", "left")
ANNA = volunteer_id("anna")
NORTH, SOUTH = an_id("north"), an_id("south")
NO_LIMITS = BookingLimits()
ROOM = blank("room", HALL, WEEK)
PERSON = blank("volunteer", ANNA, WEEK)
LIBRARY = blank("venue", venue_id("library"), WEEK)
EAST = (POINT[0], POINT[1] + 0.01)  # about 1 km away: 4 minutes at 15 km/h


def at(start: str, end: str, name: str = "r-1", day: int = 2, **where: object) -> Booking:
    """A promise to the north on a Tuesday."""
    return promised(name, on_day(day, start, end), **{"by": "north", **where})  # type: ignore[arg-type]


def asks(
    known: Diary, by: UUID, *wanted: Booking, limits: BookingLimits = NO_LIMITS
) -> tuple[PromisesChanged, ...]:
    own = [replace(one, timetable=by) for one in wanted]
    return book(known, STAMP, by, own, limits)


def keeping(known: Diary, *wanted: Booking, by: UUID = NORTH, limits: BookingLimits = NO_LIMITS) -> Diary:
    return after(evolve, known, lambda one: asks(one, by, *wanted, limits=limits))


def blocked(known: Diary, *windows: Window, mark: UUID = NORTH) -> Diary:
    return after(
        evolve,
        known,
        lambda one: block_time(one, STAMP, [Block(mark, window) for window in windows], "painters"),
    )


# Promises


def test_blank_diary_has_the_id_of_its_resource_and_week() -> None:
    assert Diary(diary_id(HALL, WEEK), 0, "room", HALL, WEEK, (), ()) == ROOM
    assert len({diary_id(HALL, WEEK), diary_id(HALL, "2026-W50"), diary_id(LEFT, WEEK)}) == 3


def test_diary_of_no_iso_week_is_refused() -> None:
    with pytest.raises(NotAWeek, match="2027-W53 does not exist"):
        blank("room", HALL, "2027-W53")


def test_first_promise_starts_the_stream() -> None:
    events = asks(ROOM, NORTH, at("11:00", "12:00", "r-2"), at("09:00", "10:00"))

    in_order = (at("09:00", "10:00"), at("11:00", "12:00", "r-2"))
    assert events == (
        PromisesChanged(**place(1, ROOM.id), kind="room", resource=HALL, week=WEEK, added=in_order, freed=()),
    )
    assert evolve(None, events[0]) == replace(ROOM, version=1, promises=in_order)


def test_promise_given_twice_changes_nothing() -> None:
    assert again(evolve, ROOM, lambda one: asks(one, NORTH, at("09:00", "10:00"))) == ()


def test_wanting_nothing_of_an_empty_diary_changes_nothing() -> None:
    assert asks(ROOM, NORTH) == ()


def test_next_release_adds_and_frees_the_difference() -> None:
    kept, gone, new = at("09:00", "10:00"), at("11:00", "12:00", "r-2"), at("15:00", "16:00", "r-3")
    known = keeping(ROOM, kept, gone)
    (event,) = asks(known, NORTH, new, kept)

    assert (event.originator_version, event.added, event.freed) == (2, (new,), (gone,))
    assert evolve(known, event).promises == (kept, new)


def test_one_timetable_leaves_the_promises_to_others_alone() -> None:
    known = keeping(keeping(ROOM, at("09:00", "10:00")), at("11:00", "12:00"), by=SOUTH)
    cleared = keeping(known, by=NORTH)

    assert cleared.promises == (at("11:00", "12:00", by="south"),)


def test_freed_time_can_be_promised_to_another() -> None:
    known = keeping(keeping(ROOM, at("09:00", "10:00")), by=NORTH)

    assert keeping(known, at("09:00", "10:00"), by=SOUTH).promises == (at("09:00", "10:00", by="south"),)


# Rooms


@pytest.mark.parametrize(
    ("start", "end"), [("09:00", "10:00"), ("08:30", "09:01"), ("09:59", "11:00"), ("09:15", "09:30")]
)
def test_room_cannot_be_promised_twice(start: str, end: str) -> None:
    with pytest.raises(DoubleBooking):
        asks(keeping(ROOM, at("09:00", "10:00")), SOUTH, at(start, end, "r-2"))


def test_double_booking_names_resource_week_and_both_times() -> None:
    known = keeping(ROOM, at("09:00", "10:00", turnaround=15))

    with pytest.raises(
        DoubleBooking,
        match=rf"^room {HALL} in 2026-W49 is promised Tuesday 09:00 to 10:00 already, and Tuesday 10:10 to 11:00 "
        r"comes less than 15 minutes after it; move one of the two$",
    ):
        asks(known, SOUTH, at("10:10", "11:00", "r-2"))


@pytest.mark.parametrize(("start", "free"), [("10:00", False), ("10:14", False), ("10:15", True)])
def test_turnaround_lies_between_two_sessions(start: str, free: bool) -> None:
    known = keeping(ROOM, at("09:00", "10:00", turnaround=15))
    later = at(start, "12:00", "r-2")

    assert accepts(known, SOUTH, later) == free


def accepts(known: Diary, by: UUID, *wanted: Booking, limits: BookingLimits = NO_LIMITS) -> bool:
    try:
        asks(known, by, *wanted, limits=limits)
    except Refused:
        return False
    return True


@pytest.mark.parametrize("turned", [(15, 0), (0, 15), (15, 10)])
def test_larger_turnaround_of_a_hall_and_its_part_counts(turned: tuple[int, int]) -> None:
    known = keeping(ROOM, at("09:00", "10:00", turnaround=turned[0]))
    part = [at(start, "12:00", "r-2", at="left", turnaround=turned[1]) for start in ("10:14", "10:15")]

    assert [accepts(known, SOUTH, one) for one in part] == [False, True]


def test_two_parts_of_a_hall_can_be_used_at_once() -> None:
    known = keeping(ROOM, at("09:00", "10:00", at="left"))

    assert accepts(known, SOUTH, at("09:00", "10:00", "r-2", at="right"))
    assert not accepts(known, SOUTH, at("09:00", "10:00", "r-2", at="left"))
    assert not accepts(known, SOUTH, at("09:00", "10:00", "r-2"))


def test_one_release_cannot_promise_a_room_twice_either() -> None:
    with pytest.raises(DoubleBooking):
        asks(ROOM, NORTH, at("09:00", "10:00"), at("09:30", "10:30", "r-2"))


def test_turnaround_of_last_week_s_sunday_night_keeps_monday_morning_free() -> None:
    sunday_night = replace(at("00:00", "01:00", turnaround=30), window=Window(-60, 0))
    known = keeping(ROOM, sunday_night)

    assert not accepts(known, SOUTH, at("00:29", "01:00", "r-2", day=1))
    assert accepts(known, SOUTH, at("00:30", "01:00", "r-2", day=1))


# Volunteers


def test_volunteer_cannot_be_in_two_rooms_at_once() -> None:
    with pytest.raises(
        DoubleBooking, match=f"^volunteer {ANNA} in 2026-W49 is promised Tuesday 09:00 to 10:00"
    ):
        asks(keeping(PERSON, at("09:00", "10:00")), SOUTH, at("09:30", "10:30", "r-2", at="left"))


def test_volunteer_needs_no_time_within_a_venue_whatever_the_room_s_turnaround() -> None:
    known = keeping(PERSON, at("09:00", "10:00", turnaround=30))

    assert accepts(known, SOUTH, at("10:00", "11:00", "r-2", at="left", turnaround=30))


@pytest.mark.parametrize(("start", "free"), [("10:03", False), ("10:04", True)])
def test_volunteer_has_time_for_the_way_to_another_venue(start: str, free: bool) -> None:
    known = keeping(PERSON, at("09:00", "10:00"))

    assert accepts(known, SOUTH, at(start, "11:00", "r-2", of="museum", location=EAST)) == free


def test_way_is_shorter_for_the_fast() -> None:
    known = keeping(PERSON, at("09:00", "10:00"))
    next_one = at("10:02", "11:00", "r-2", of="museum", location=EAST)

    assert [accepts(known, SOUTH, next_one, limits=BookingLimits(kmh=kmh)) for kmh in (15, 30)] == [
        False,
        True,
    ]


def test_way_is_looked_at_from_every_session_before() -> None:
    """A short session nearby must not hide that the one before it is too far away."""
    far = (POINT[0], POINT[1] + 1)
    first = at("09:00", "10:00", "r-1", of="far", location=far)
    third = at("10:10", "11:00", "r-3", of="library")

    with pytest.raises(DoubleBooking):
        asks(PERSON, NORTH, first, at("10:05", "10:08", "r-2", of="far", location=far), third)


def test_night_lies_between_two_days() -> None:
    far = (POINT[0], POINT[1] + 1)
    known = keeping(PERSON, at("22:00", "24:00", day=1))

    assert accepts(known, SOUTH, at("00:00", "01:00", "r-2", day=2, of="far", location=far))


@pytest.mark.parametrize(("limit", "free"), [(119, False), (120, True), (None, True)])
def test_minutes_of_a_day_stay_within_the_limit(limit: int | None, free: bool) -> None:
    known = keeping(PERSON, at("09:00", "10:00"))
    second = at("14:00", "15:00", "r-2")

    assert accepts(known, SOUTH, second, limits=BookingLimits(minutes_day=limit)) == free


def test_each_day_has_its_own_minutes() -> None:
    known = keeping(PERSON, at("09:00", "10:00", day=1))

    assert accepts(known, SOUTH, at("09:00", "10:00", "r-2", day=2), limits=BookingLimits(minutes_day=60))


def test_overload_names_the_minutes_and_the_limit() -> None:
    known = keeping(PERSON, at("09:00", "10:00", day=1))

    with pytest.raises(
        Overload,
        match=rf"^volunteer {ANNA} would be promised 120 minutes in the week of 2026-W49, and gives 90; "
        r"take a session away$",
    ):
        asks(known, SOUTH, at("09:00", "10:00", "r-2", day=2), limits=BookingLimits(minutes_week=90))


# Venues


def test_venue_lends_up_to_its_weekly_cap_in_all_rooms_together() -> None:
    known = keeping(LIBRARY, at("09:00", "10:00"))
    second = at("09:00", "10:00", "r-2", at="attic")

    assert accepts(known, SOUTH, second, limits=BookingLimits(minutes_week=120))
    with pytest.raises(
        Overload, match=r"would be promised 120 minutes in the week of 2026-W49, and gives 119;"
    ):
        asks(known, SOUTH, second, limits=BookingLimits(minutes_week=119))


# Taking away


@pytest.mark.parametrize(
    ("known", "limits"),
    [
        (keeping(PERSON, at("09:00", "10:00"), at("14:00", "15:00", "r-2")), BookingLimits(minutes_day=30)),
        (keeping(LIBRARY, at("09:00", "10:00"), at("14:00", "15:00", "r-2")), BookingLimits(minutes_week=0)),
    ],
)
def test_release_that_only_takes_away_is_never_refused(known: Diary, limits: BookingLimits) -> None:
    """A limit that was lowered meanwhile must not hold a session in place."""
    less = keeping(known, at("14:00", "15:00", "r-2"), limits=limits)

    assert less.promises == (at("14:00", "15:00", "r-2"),)


# Blocks


def test_blocked_time_is_in_the_diary() -> None:
    blocks = (Block(NORTH, on_day(2, "00:00", "24:00")), Block(NORTH, on_day(3, "00:00", "24:00")))
    events = block_time(ROOM, STAMP, blocks, " painters ")

    assert events == (
        TimeBlocked(
            **place(1, ROOM.id), kind="room", resource=HALL, week=WEEK, blocks=blocks, why="painters"
        ),
    )
    assert evolve(None, events[0]) == replace(ROOM, version=1, blocks=blocks)


def test_only_new_blocks_are_written() -> None:
    known = blocked(ROOM, on_day(2, "09:00", "12:00"))
    both = [Block(NORTH, on_day(2, "09:00", "12:00")), Block(NORTH, on_day(3, "09:00", "12:00"))]

    assert [event.blocks for event in block_time(known, STAMP, both, "painters")] == [(both[1],)]


def test_promise_in_blocked_time_is_refused() -> None:
    known = blocked(ROOM, on_day(2, "09:30", "12:00"))

    with pytest.raises(
        ResourceClosed,
        match=rf"^room {HALL} is closed or away Tuesday 09:00 to 10:00 in 2026-W49; plan again$",
    ):
        asks(known, NORTH, at("09:00", "10:00"))
    assert accepts(known, NORTH, at("08:30", "09:30"))


def test_block_does_not_hinder_what_was_promised_before() -> None:
    known = blocked(keeping(ROOM, at("09:00", "10:00")), on_day(2, "09:00", "12:00"))

    assert known.promises == (at("09:00", "10:00"),)
    assert accepts(known, NORTH, at("09:00", "10:00"), at("14:00", "15:00", "r-2"))
    assert accepts(known, NORTH)


def test_closed_part_of_a_hall_leaves_the_other_part_free() -> None:
    """The closure of a part blocks the hall; what is in the other part stands in the hall's diary, too."""
    other_part = at("09:00", "10:00", at="right")
    known = blocked(ROOM, on_day(2, "00:00", "24:00"))

    assert accepts(known, NORTH, other_part)
    assert not accepts(known, NORTH, at("09:00", "10:00"))


def test_lifted_block_frees_all_of_its_windows() -> None:
    known = blocked(ROOM, on_day(2, "09:00", "12:00"), on_day(3, "09:00", "12:00"))
    known = blocked(known, on_day(4, "09:00", "12:00"), mark=SOUTH)
    events = lift_block(known, STAMP, NORTH, " done early ")

    assert events == (BlockLifted(**place(3, ROOM.id), block=NORTH, why="done early"),)
    assert evolve(known, events[0]).blocks == (Block(SOUTH, on_day(4, "09:00", "12:00")),)


def test_lifting_what_is_not_blocked_changes_nothing() -> None:
    assert lift_block(ROOM, STAMP, NORTH, "done early") == ()


def test_weeks_to_block_are_all_weeks_between_two_days() -> None:
    assert weeks_to_block(date(2026, 12, 31), date(2027, 1, 4)) == ("2026-W53", "2027-W01")
    assert weeks_to_block(date(2027, 1, 3), date(2027, 1, 3)) == ("2026-W53",)


def test_weeks_to_block_are_at_most_two_years() -> None:
    first, last = date(2026, 1, 5), date(2028, 1, 16)

    assert len(weeks_to_block(first, last)) == 106
    with pytest.raises(
        TooLong,
        match=r"^from 2026-01-05 to 2028-01-17 is longer than two years; withdraw the room, or leave, instead$",
    ):
        weeks_to_block(first, last + timedelta(days=1))


REPEATED: dict[str, Callable[[Diary], Iterable[Event]]] = {
    "block": lambda one: block_time(one, STAMP, [Block(NORTH, on_day(2, "09:00", "12:00"))], "painters"),
    "lift": lambda one: lift_block(one, STAMP, SOUTH, "done early"),
}


@pytest.mark.parametrize("command", REPEATED.values(), ids=REPEATED)
def test_command_given_twice_changes_nothing(command: Callable[[Diary], Iterable[Event]]) -> None:
    known = blocked(ROOM, on_day(4, "09:00", "12:00"), mark=SOUTH)

    assert again(evolve, known, command) == ()


@pytest.mark.parametrize(
    "command",
    [
        lambda: block_time(ROOM, STAMP, [Block(NORTH, on_day(2, "09:00", "12:00"))], " "),
        lambda: lift_block(blocked(ROOM, on_day(2, "09:00", "12:00")), STAMP, NORTH, ""),
    ],
    ids=["block", "lift"],
)
def test_blocking_and_lifting_need_a_reason(command: Callable[[], object]) -> None:
    with pytest.raises(ReasonMissing, match="needs a reason; say why in one sentence"):
        command()


def test_event_out_of_place_cannot_be_applied() -> None:
    with pytest.raises(TypeError, match="cannot lift a block of an empty diary"):
        evolve(None, BlockLifted(**place(1, ROOM.id), block=NORTH, why="done early"))


# Whatever is asked

TIMETABLES = ("north", "south", "east")
TURNAROUND = {"hall": 15, "left": 0, "right": 30}
VENUES = {"library": POINT, "museum": EAST, "school": (POINT[0] + 0.05, POINT[1])}
LIMITS = BookingLimits(minutes_day=150, minutes_week=300)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """Crowded on purpose: two days, quarters of an hour, up to 90 minutes."""
    day, start = draw(st.integers(1, 2)), draw(st.integers(32, 42)) * 15
    return Window(
        (day - 1) * DAY_MIN + start, (day - 1) * DAY_MIN + start + draw(st.sampled_from([30, 60, 90]))
    )


def wishes(kind: Resource) -> st.SearchStrategy[list[tuple[str, list[Booking]]]]:
    """What several timetables ask of one resource, one after the other, each perhaps more than once."""
    in_rooms = st.sampled_from(sorted(TURNAROUND)).map(lambda key: {"at": key, "turnaround": TURNAROUND[key]})
    in_venues = st.sampled_from(sorted(VENUES)).map(lambda key: {"of": key, "location": VENUES[key]})
    wanted = st.tuples(st.integers(1, 6), windows(), in_rooms if kind == "room" else in_venues)
    asked = st.lists(wanted, max_size=3)
    return st.lists(st.tuples(st.sampled_from(TIMETABLES), asked), min_size=1, max_size=8).map(
        lambda all_asked: [
            (by, [promised(f"r-{number}", window, by=by, **where) for number, window, where in several])  # type: ignore[arg-type]
            for by, several in all_asked
        ]
    )


def taken(one: Booking, minutes: int) -> set[int]:
    return set(range(one.window.start_min, one.window.end_min + minutes))


def way(a: Booking, b: Booking) -> int:
    if a.venue == b.venue or a.window.day != b.window.day:
        return 0
    return {
        frozenset({"library", "museum"}): 4,
        frozenset({"library", "school"}): 23,
        frozenset({"museum", "school"}): 23,
    }[frozenset(key for key in VENUES for one in (a, b) if venue_id(key) == one.venue)]


def cannot_both_be_kept(kind: Resource, a: Booking, b: Booking) -> bool:
    """The rule said once more, minute by minute."""
    if kind == "venue":
        return False
    if kind == "volunteer":
        apart = way(a, b)
    elif a.room != b.room and HALL not in (a.room, b.room):
        return False
    else:
        apart = max(a.turnaround_minutes, b.turnaround_minutes)
    return bool(taken(a, apart) & taken(b, apart))


def overloaded(kind: Resource, promises: Iterable[Booking]) -> bool:
    days: Counter[int] = Counter()
    for one in promises:
        days[one.window.start_min // DAY_MIN] += one.window.end_min - one.window.start_min
    return kind != "room" and (max(days.values(), default=0) > 150 or days.total() > 300)


def sound(kind: Resource, promises: tuple[Booking, ...]) -> bool:
    clash = any(cannot_both_be_kept(kind, a, b) for a, b in combinations(promises, 2))
    return not clash and not overloaded(kind, promises)


KINDS: dict[Resource, Diary] = {"room": ROOM, "volunteer": PERSON, "venue": LIBRARY}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_whatever_is_accepted_can_be_kept(kind: Resource, data: st.DataObject) -> None:
    """After each request the diary is sound; one that is refused would have made it unsound."""
    known = KINDS[kind]
    for by, wanted in data.draw(wishes(kind)):
        others = tuple(one for one in known.promises if one.timetable != an_id(by))
        wished = (*others, *dict.fromkeys(wanted))
        if not accepts(known, an_id(by), *wanted, limits=LIMITS):
            assert set(wanted) - set(known.promises)
            assert not sound(kind, wished)
            continue
        known = keeping(known, *wanted, by=an_id(by), limits=LIMITS)
        assert Counter(known.promises) == Counter(wished)
        assert sound(kind, known.promises)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=50)
@given(data=st.data())
def test_order_of_the_releases_does_not_matter(kind: Resource, data: st.DataObject) -> None:
    """If all releases go through in one order, they do in every order, and the diary says the same."""
    asked = dict(data.draw(wishes(kind)))
    outcomes: set[tuple[Booking, ...] | None] = set()
    for order in permutations(asked):
        known = KINDS[kind]
        try:
            for by in order:
                wanted = data.draw(st.permutations(asked[by]))
                known = keeping(known, *wanted, by=an_id(by), limits=LIMITS)
        except (DoubleBooking, Overload):
            outcomes.add(None)
        else:
            outcomes.add(known.promises)

    assert len(outcomes) == 1


@given(wishes("room"), windows())
def test_no_promise_is_made_in_blocked_time(asked: list[tuple[str, list[Booking]]], shut: Window) -> None:
    known = blocked(ROOM, shut)
    for by, wanted in asked:
        if accepts(known, an_id(by), *wanted):
            known = keeping(known, *wanted, by=an_id(by))

    own = [one for one in known.promises if one.room == HALL]
    assert [one for one in own if one.window.overlaps(shut)] == []
