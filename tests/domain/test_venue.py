"""Venues: what a host lends, when it is open, and when it is not after all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.day_types import DayKind, DayTypes, day_types_id
from domain.events import AlreadyThere, Event, ReasonMissing
from domain.opening import DayRule, OpeningHours, Period, Span
from domain.venue import (
    BadClosure,
    BadRoom,
    BadTerms,
    Closure,
    ClosureLifted,
    LendingTerms,
    LendingTermsSet,
    OpeningHoursSet,
    PartsFixed,
    Room,
    RoomChanged,
    RoomHours,
    RoomOpened,
    RoomWithdrawn,
    ShortNotice,
    UnknownRoom,
    Venue,
    VenueClosed,
    VenueDescribed,
    VenueRegistered,
    close_venue,
    closed_rooms,
    closed_windows,
    closure_windows,
    describe_venue,
    evolve,
    find_room,
    hours_of,
    lift_closure,
    open_room,
    open_windows,
    register_venue,
    room_id,
    set_lending_terms,
    set_opening_hours,
    venue_id,
    withdraw_room,
)
from domain.windows import DAY_MIN, on_day
from tests.builders import POINT, STAMP, WEEK, after, again, an_id, hours, place, room, venue_of

HALL = room("hall", capacity=60, turnaround_minutes=15)
LEFT = room("left", part_of=HALL.id)
RIGHT = room("right", part_of=HALL.id)
ATTIC = room("attic")
LIBRARY = venue_of(HALL, LEFT, RIGHT, ATTIC)
STREET = an_id("river-street")
TUESDAY = date(2026, 12, 1)  # in WEEK
FRIDAY = date(2026, 12, 4)


def closure(first: date = TUESDAY, last: date = TUESDAY, rooms: tuple[UUID, ...] = (), **day: int) -> Closure:
    return Closure(an_id("closure"), first, last, rooms, **day)


def closed(known: Venue, one: Closure) -> Venue:
    return after(evolve, known, lambda lender: close_venue(lender, STAMP, one, "painters"))


def opened(known: Venue, at: UUID | None, when: OpeningHours) -> Venue:
    return after(evolve, known, lambda lender: set_opening_hours(lender, STAMP, at, when))


# Venues


def test_registered_venue_is_what_its_event_says() -> None:
    events = register_venue(
        None, STAMP, key="lib", name="Library", kind="library", area=STREET, location=POINT
    )

    assert events == (
        VenueRegistered(
            **place(1, venue_id("lib")),
            key="lib",
            name="Library",
            kind="library",
            area=STREET,
            location=POINT,
        ),
    )
    assert evolve(None, events[0]) == Venue(
        venue_id("lib"), 1, "lib", "Library", "library", STREET, POINT, LendingTerms(), (), (), ()
    )


def test_registering_twice_is_refused() -> None:
    with pytest.raises(
        AlreadyThere, match=r"^venue library is registered already; change its description instead$"
    ):
        register_venue(
            LIBRARY, STAMP, key="library", name="Library", kind="library", area=STREET, location=POINT
        )


def test_new_description_takes_the_place_of_the_old() -> None:
    told: dict[str, Any] = {
        "name": "Museum",
        "kind": "museum",
        "area": an_id("south"),
        "location": (29.5, 105.7),
    }
    events = describe_venue(LIBRARY, STAMP, **told)
    museum = evolve(LIBRARY, events[0])

    assert events == (VenueDescribed(**place(LIBRARY.version + 1, LIBRARY.id), **told),)
    assert (museum.name, museum.kind, museum.area, museum.location) == tuple(told.values())
    assert museum.rooms == LIBRARY.rooms


def test_terms_are_set() -> None:
    terms = LendingTerms("reduced", 20, 600, 48)
    events = set_lending_terms(LIBRARY, STAMP, terms)

    assert events == (LendingTermsSet(**place(LIBRARY.version + 1, LIBRARY.id), terms=terms),)
    assert evolve(LIBRARY, events[0]).terms == terms


def test_free_of_charge_but_at_a_price_is_refused() -> None:
    with pytest.raises(
        BadTerms, match=r"^venue library lends free of charge, so its price per hour must be 0$"
    ):
        set_lending_terms(LIBRARY, STAMP, LendingTerms("free", 5))


@pytest.mark.parametrize(
    "terms",
    [
        LendingTerms("reduced", -1),
        LendingTerms(weekly_cap_minutes=-1),
        LendingTerms(recall_notice_hours=-1),
    ],
)
def test_negative_terms_are_refused(terms: LendingTerms) -> None:
    with pytest.raises(BadTerms, match=r"^venue library: price, cap and notice cannot be below 0$"):
        set_lending_terms(LIBRARY, STAMP, terms)


def test_cap_of_nothing_is_no_missing_cap() -> None:
    terms = LendingTerms(weekly_cap_minutes=0)

    assert [event.terms for event in set_lending_terms(LIBRARY, STAMP, terms)] == [terms]


# Rooms


def test_opened_room_stands_after_the_others() -> None:
    cellar = room("cellar", capacity=1, equipment=("piano",), accessible=True, functions=("arts",))
    events = open_room(LIBRARY, STAMP, cellar)

    assert events == (RoomOpened(**place(LIBRARY.version + 1, LIBRARY.id), room=cellar),)
    assert evolve(LIBRARY, events[0]).rooms == (HALL, LEFT, RIGHT, ATTIC, cellar)


def test_changed_room_keeps_its_place() -> None:
    bigger = room("left", part_of=HALL.id, capacity=31)
    events = open_room(LIBRARY, STAMP, bigger)

    assert events == (RoomChanged(**place(LIBRARY.version + 1, LIBRARY.id), room=bigger),)
    assert evolve(LIBRARY, events[0]).rooms == (HALL, bigger, RIGHT, ATTIC)


@pytest.mark.parametrize("changes", [{"capacity": 0}, {"turnaround_minutes": -1}])
def test_room_that_cannot_be_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(
        BadRoom, match=r"^room cellar of library needs at least 1 place and no negative turnaround$"
    ):
        open_room(LIBRARY, STAMP, room("cellar", **changes))


@pytest.mark.parametrize(
    ("whole", "sentence"),
    [
        (room_id("library", "nowhere"), "must be part of a whole room of library; open the whole room first"),
        (LEFT.id, "cannot be part of left, which is a part itself; halls divide once"),
        (room_id("library", "cellar"), "cannot be a part of itself"),
    ],
)
def test_part_of_what_is_no_whole_room_is_refused(whole: UUID, sentence: str) -> None:
    """An unknown room, a room that is a part itself, and the room itself."""
    with pytest.raises(BadRoom, match=f"^room cellar {sentence}"):
        open_room(LIBRARY, STAMP, room("cellar", part_of=whole))


def test_room_with_parts_cannot_become_a_part() -> None:
    with pytest.raises(
        BadRoom, match=r"^room hall has parts itself, so it cannot be a part; halls divide once$"
    ):
        open_room(LIBRARY, STAMP, room("hall", part_of=ATTIC.id))


@pytest.mark.parametrize(("key", "whole"), [("attic", HALL.id), ("left", None), ("left", ATTIC.id)])
def test_what_a_room_is_part_of_stays(key: str, whole: UUID | None) -> None:
    """Its promises stand in the diary of its hall, or do not; withdrawing it in between changes nothing of that."""
    without = after(
        evolve, LIBRARY, lambda lender: withdraw_room(lender, STAMP, room_id("library", key), "sold")
    )

    for lender in (LIBRARY, without):
        with pytest.raises(PartsFixed, match=rf"^room {key} of library .*; open a room under another key$"):
            open_room(lender, STAMP, room(key, part_of=whole))


def test_withdrawn_room_is_gone() -> None:
    events = withdraw_room(LIBRARY, STAMP, ATTIC.id, " sold ")

    assert events == (RoomWithdrawn(**place(LIBRARY.version + 1, LIBRARY.id), room=ATTIC.id, why="sold"),)
    assert evolve(LIBRARY, events[0]).rooms == (HALL, LEFT, RIGHT)


def test_withdrawn_hall_takes_its_parts_along() -> None:
    left = after(evolve, LIBRARY, lambda lender: withdraw_room(lender, STAMP, HALL.id, "sold"))

    assert left.rooms == (ATTIC,)


def test_withdrawn_part_leaves_its_hall() -> None:
    left = after(evolve, LIBRARY, lambda lender: withdraw_room(lender, STAMP, LEFT.id, "wall moved"))

    assert left.rooms == (HALL, RIGHT, ATTIC)


def test_withdrawn_rooms_are_remembered_as_former_ones() -> None:
    left = after(evolve, LIBRARY, lambda lender: withdraw_room(lender, STAMP, HALL.id, "sold"))

    assert (LIBRARY.former, left.former) == ((), (HALL, LEFT, RIGHT))


def test_room_that_is_lent_again_is_no_former_one() -> None:
    bigger = room("attic", capacity=50)
    left = after(
        evolve,
        LIBRARY,
        lambda lender: withdraw_room(lender, STAMP, ATTIC.id, "roof repairs"),
        lambda lender: open_room(lender, STAMP, bigger),
    )

    assert (left.rooms, left.former) == ((HALL, LEFT, RIGHT, bigger), ())


def test_withdrawing_a_room_without_a_reason_is_refused() -> None:
    with pytest.raises(ReasonMissing, match="taking a room back needs a reason"):
        withdraw_room(LIBRARY, STAMP, ATTIC.id, "")


NOWHERE = room_id("library", "nowhere")
ON_A_ROOM: dict[str, Callable[[Venue], Iterable[Event]]] = {
    "withdraw": lambda lender: withdraw_room(lender, STAMP, NOWHERE, "sold"),
    "hours": lambda lender: set_opening_hours(lender, STAMP, NOWHERE, hours()),
    "close": lambda lender: close_venue(lender, STAMP, closure(rooms=(NOWHERE,)), "painters"),
}


@pytest.mark.parametrize("command", ON_A_ROOM.values(), ids=ON_A_ROOM)
def test_command_on_an_unknown_room_is_refused(command: Callable[[Venue], Iterable[Event]]) -> None:
    with pytest.raises(
        UnknownRoom, match=rf"^venue library has no room {NOWHERE}; its rooms are hall, left, right, attic$"
    ):
        command(LIBRARY)


def test_venue_without_rooms_says_so() -> None:
    with pytest.raises(UnknownRoom, match=r"its rooms are none$"):
        withdraw_room(venue_of(), STAMP, NOWHERE, "sold")


# Repeating


REPEATED: dict[str, Callable[[Venue], Iterable[Event]]] = {
    "describe": lambda lender: describe_venue(
        lender, STAMP, name="Museum", kind="museum", area=STREET, location=POINT
    ),
    "terms": lambda lender: set_lending_terms(lender, STAMP, LendingTerms("reduced", 20)),
    "open": lambda lender: open_room(lender, STAMP, room("cellar")),
    "change": lambda lender: open_room(lender, STAMP, room("attic", capacity=3)),
    "hours": lambda lender: set_opening_hours(lender, STAMP, None, hours()),
    "room hours": lambda lender: set_opening_hours(lender, STAMP, ATTIC.id, hours()),
    "close": lambda lender: close_venue(lender, STAMP, closure(), "painters"),
    "lift": lambda lender: lift_closure(lender, STAMP, an_id("closure"), "done early"),
}


@pytest.mark.parametrize("command", REPEATED.values(), ids=REPEATED)
def test_command_given_twice_changes_nothing(command: Callable[[Venue], Iterable[Event]]) -> None:
    assert again(evolve, LIBRARY, command) == ()


# Hours


def test_hours_are_set() -> None:
    events = set_opening_hours(LIBRARY, STAMP, ATTIC.id, hours())

    assert events == (
        OpeningHoursSet(**place(LIBRARY.version + 1, LIBRARY.id), room=ATTIC.id, hours=hours()),
    )
    assert evolve(LIBRARY, events[0]).hours == (RoomHours(ATTIC.id, hours()),)


def test_new_hours_take_the_place_of_the_old() -> None:
    known = opened(opened(LIBRARY, ATTIC.id, hours()), ATTIC.id, hours("10:00"))

    assert known.hours == (RoomHours(ATTIC.id, hours("10:00")),)


def test_room_without_any_hours_is_never_open() -> None:
    assert (hours_of(LIBRARY, ATTIC.id), open_windows(LIBRARY, ATTIC.id, WEEK, None)) == (None, ())


def test_room_has_the_venue_s_hours_unless_it_has_its_own() -> None:
    known = opened(opened(LIBRARY, None, hours("09:00")), ATTIC.id, hours("20:00", "22:00", (6,)))

    assert (hours_of(known, HALL.id), hours_of(known, ATTIC.id)) == (
        hours("09:00"),
        hours("20:00", "22:00", (6,)),
    )
    assert open_windows(known, ATTIC.id, WEEK, None) == (on_day(6, "20:00", "22:00"),)


def test_room_whose_own_hours_are_none_at_all_is_closed_in_an_open_venue() -> None:
    known = opened(opened(LIBRARY, None, hours()), ATTIC.id, OpeningHours())

    assert open_windows(known, ATTIC.id, WEEK, None) == ()


def test_day_types_decide_where_a_rule_asks_for_them() -> None:
    school = OpeningHours(
        (Period("term", None, None, (DayRule((1, 2), (Span(1020, 1200),), day_types=("school_day",)),)),)
    )
    days = {date(2026, 11, 30): DayKind("workday", school=True, school_status="official")}
    types = DayTypes(day_types_id("CN"), 1, "CN", days)

    assert open_windows(opened(LIBRARY, None, school), HALL.id, WEEK, types) == (on_day(1, "17:00", "20:00"),)


# Closures


def test_closed_venue_has_a_closure() -> None:
    events = close_venue(LIBRARY, STAMP, closure(), " painters ")

    assert events == (
        VenueClosed(**place(LIBRARY.version + 1, LIBRARY.id), closure=closure(), why="painters"),
    )
    assert evolve(LIBRARY, events[0]).closures == (closure(),)


def test_closure_under_the_same_id_is_corrected() -> None:
    known = closed(closed(LIBRARY, closure()), closure(last=FRIDAY))

    assert known.closures == (closure(last=FRIDAY),)


def test_lifted_closure_is_gone() -> None:
    known = closed(LIBRARY, closure())
    events = lift_closure(known, STAMP, an_id("closure"), "done early")

    assert events == (
        ClosureLifted(**place(known.version + 1, known.id), closure=an_id("closure"), why="done early"),
    )
    assert evolve(known, events[0]).closures == ()


def test_lifting_what_is_not_closed_changes_nothing() -> None:
    assert lift_closure(LIBRARY, STAMP, an_id("closure"), "done early") == ()


@pytest.mark.parametrize(
    "bad",
    [closure(FRIDAY, TUESDAY), closure(start_min=600, end_min=600), closure(start_min=600, end_min=540)],
)
def test_closure_that_ends_before_it_starts_is_refused(bad: Closure) -> None:
    with pytest.raises(
        BadClosure,
        match=r"^the closure of library ends (before it starts|at .*, which is not after)",
    ):
        close_venue(LIBRARY, STAMP, bad, "painters")


@pytest.mark.parametrize("bad", [closure(start_min=-60), closure(end_min=DAY_MIN + 1)])
def test_closure_outside_its_day_is_refused(bad: Closure) -> None:
    with pytest.raises(
        BadClosure, match=r"^the closure of library must lie between 00:00 and 24:00; close two days instead$"
    ):
        close_venue(LIBRARY, STAMP, bad, "painters")


@pytest.mark.parametrize(
    "command",
    [
        lambda: close_venue(LIBRARY, STAMP, closure(), " "),
        lambda: lift_closure(closed(LIBRARY, closure()), STAMP, an_id("closure"), ""),
    ],
    ids=["close", "lift"],
)
def test_closing_and_lifting_need_a_reason(command: Callable[[], object]) -> None:
    with pytest.raises(ReasonMissing, match="needs a reason; say why in one sentence"):
        command()


NOTICE = after(
    evolve, LIBRARY, lambda lender: set_lending_terms(lender, STAMP, LendingTerms(recall_notice_hours=48))
)


def test_closure_within_the_notice_of_the_lending_terms_is_refused() -> None:
    too_soon = STAMP.at + timedelta(hours=48, seconds=-1)

    with pytest.raises(
        ShortNotice,
        match=r"^library takes rooms back 48 hours ahead, by its lending terms, and 2026-12-01 is sooner; "
        r"choose a later day, or say that it is an emergency$",
    ):
        close_venue(NOTICE, STAMP, closure(), "painters", starts=too_soon)


def test_closure_in_time_or_in_an_emergency_is_accepted() -> None:
    in_time = STAMP.at + timedelta(hours=48)

    assert close_venue(NOTICE, STAMP, closure(), "painters", starts=in_time)
    assert close_venue(NOTICE, STAMP, closure(), "burst pipe", starts=None)


def test_closure_takes_whole_days_or_a_part_of_each() -> None:
    whole = closure(TUESDAY, date(2026, 12, 2))
    part = closure(TUESDAY, date(2026, 12, 2), start_min=540, end_min=720)

    assert closure_windows(whole, WEEK) == (on_day(2, "00:00", "24:00"), on_day(3, "00:00", "24:00"))
    assert closure_windows(part, WEEK) == (on_day(2, "09:00", "12:00"), on_day(3, "09:00", "12:00"))


def test_closure_over_new_year_takes_the_end_of_week_53_and_the_start_of_week_1() -> None:
    over = closure(date(2027, 1, 2), date(2027, 1, 4))

    assert closure_windows(over, "2026-W53") == (on_day(6, "00:00", "24:00"), on_day(7, "00:00", "24:00"))
    assert closure_windows(over, "2027-W01") == (on_day(1, "00:00", "24:00"),)
    assert closure_windows(over, "2027-W02") == ()


@pytest.mark.parametrize(
    ("rooms", "shut"),
    [
        ((), {"hall", "left", "right", "attic"}),
        ((HALL.id,), {"hall", "left", "right"}),
        ((LEFT.id,), {"hall", "left"}),
        ((ATTIC.id,), {"attic"}),
        ((LEFT.id, ATTIC.id), {"hall", "left", "attic"}),
    ],
)
def test_closed_hall_closes_its_parts_and_a_closed_part_its_hall(
    rooms: tuple[UUID, ...], shut: set[str]
) -> None:
    known = closed(LIBRARY, closure(rooms=rooms))

    assert {one.key for one in LIBRARY.rooms if closed_windows(known, one.id, WEEK)} == shut
    assert {one.key for one in LIBRARY.rooms if one.id in closed_rooms(known, closure(rooms=rooms))} == shut


def test_open_windows_are_without_the_closures() -> None:
    known = closed(opened(LIBRARY, None, hours(days=(2, 3))), closure(start_min=600, end_min=720))

    assert open_windows(known, ATTIC.id, WEEK, None) == (
        on_day(2, "09:00", "10:00"),
        on_day(2, "12:00", "17:00"),
        on_day(3, "09:00", "17:00"),
    )


def test_closure_of_a_room_that_was_withdrawn_closes_nothing_else() -> None:
    known = closed(opened(LIBRARY, None, hours(days=(2,))), closure(rooms=(ATTIC.id,)))
    known = after(evolve, known, lambda lender: withdraw_room(lender, STAMP, ATTIC.id, "sold"))

    assert open_windows(known, HALL.id, WEEK, None) == (on_day(2, "09:00", "17:00"),)


# Questions and errors of use


def test_room_is_found_by_its_id() -> None:
    found: list[Room | None] = [find_room(LIBRARY, LEFT.id), find_room(LIBRARY, NOWHERE)]

    assert found == [LEFT, None]


def test_event_out_of_place_cannot_be_applied() -> None:
    registered = register_venue(None, STAMP, key="x", name="X", kind="other", area=STREET, location=POINT)[0]

    with pytest.raises(TypeError, match="cannot apply VenueRegistered"):
        evolve(LIBRARY, registered)
    with pytest.raises(TypeError, match="cannot apply RoomWithdrawn to None"):
        evolve(None, withdraw_room(LIBRARY, STAMP, ATTIC.id, "sold")[0])
