"""Timetables: drafts, pins, moves by hand, and releases that are succeeded and never edited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st

from domain.adjusting import (
    drop_session,
    move_sessions,
    pin_session,
    reasons_before,
    unpin_session,
)
from domain.calendar import NotAWeek
from domain.events import Event, ReasonMissing
from domain.network import area_id
from domain.request import request_id
from domain.timetable import (
    Adjustment,
    Difference,
    DraftMade,
    MovedTwice,
    NamelessRelease,
    NoDraft,
    NoSuchRelease,
    NotPlaced,
    Pin,
    Release,
    Session,
    SessionDropped,
    SessionMoved,
    SessionPinned,
    SessionUnpinned,
    Timetable,
    TimetableReleased,
    blank,
    differences,
    draft_sessions,
    evolve,
    find_release,
    latest_release,
    make_draft,
    release_draft,
    timetable_id,
)
from domain.venue import room_id, venue_id
from domain.volunteer import volunteer_id
from domain.windows import on_day
from tests.builders import STAMP, WEEK, after, again, drafted, origin, place, session

AREA = area_id("river-street")
EMPTY = blank(AREA, WEEK)
DRAFT = drafted()

TUESDAY = session("r-1")
THURSDAY = session("r-2", on_day(4, "18:00", "19:30"), leads=("v-2",), assistants=("v-3",))
FRIDAY = session("r-3", on_day(5, "18:00", "19:30"), leads=("v-2",))
PLANNED = (THURSDAY, TUESDAY)
MOVED = replace(TUESDAY, window=on_day(6, "09:00", "10:30"))


def do(known: Timetable, *decisions: Callable[[Timetable], Iterable[Event]]) -> Timetable:
    return after(evolve, known, *decisions)


def release(
    name: str, planned: Iterable[Session] = PLANNED
) -> Callable[[Timetable], tuple[TimetableReleased, ...]]:
    return lambda one: release_draft(one, STAMP, name, planned)


def move(
    to: Session, planned: Iterable[Session] = PLANNED
) -> Callable[[Timetable], tuple[SessionMoved | SessionUnpinned, ...]]:
    return lambda one: move_sessions(one, STAMP, (to,), "the hall is cold", planned)


def drop(
    one: Session, planned: Iterable[Session] = PLANNED
) -> Callable[[Timetable], tuple[SessionDropped, ...]]:
    return lambda known: drop_session(known, STAMP, one.request, one.number, "nobody came", planned)


# Drafts


def test_blank_timetable_has_the_id_of_its_area_and_week() -> None:
    assert Timetable(timetable_id(AREA, WEEK), 0, AREA, WEEK) == EMPTY
    assert timetable_id(AREA, WEEK) != timetable_id(AREA, "2026-W50")


def test_timetable_of_no_iso_week_is_refused() -> None:
    with pytest.raises(NotAWeek, match="2027-W53 does not exist"):
        blank(AREA, "2027-W53")


def test_first_draft_starts_the_stream() -> None:
    events = make_draft(EMPTY, STAMP, origin())

    assert events == (DraftMade(**place(1, EMPTY.id), area=AREA, week=WEEK, draft=1, origin=origin()),)
    assert evolve(None, events[0]) == replace(EMPTY, version=1, drafts=1, origin=origin())


def test_draft_of_the_same_problem_and_plan_changes_nothing() -> None:
    assert again(evolve, EMPTY, lambda one: make_draft(one, STAMP, origin())) == ()


@pytest.mark.parametrize("other", [origin(problem="p-2"), origin(plan="s-2")])
def test_draft_of_another_problem_or_plan_is_the_next(other: Any) -> None:
    assert [event.draft for event in make_draft(DRAFT, STAMP, other)] == [2]


@pytest.mark.parametrize("by_hand", [move(MOVED), drop(TUESDAY)], ids=["move", "drop"])
def test_same_plan_again_takes_changes_by_hand_back(by_hand: Callable[[Timetable], Iterable[Event]]) -> None:
    touched = do(DRAFT, by_hand)
    fresh = do(touched, lambda one: make_draft(one, STAMP, origin()))

    assert draft_sessions(touched, PLANNED) != (TUESDAY, THURSDAY)
    assert draft_sessions(fresh, PLANNED) == (TUESDAY, THURSDAY)
    assert fresh.drafts == 2


# Pins


def test_pin_may_come_before_the_first_draft() -> None:
    events = pin_session(EMPTY, STAMP, Pin(TUESDAY, " the mayor comes "))

    pin = Pin(TUESDAY, "the mayor comes")
    assert events == (SessionPinned(**place(1, EMPTY.id), area=AREA, week=WEEK, pin=pin),)
    assert evolve(None, events[0]) == replace(EMPTY, version=1, pins=(pin,))


def test_pin_without_a_comment_is_refused() -> None:
    with pytest.raises(ReasonMissing, match="a pin needs a reason"):
        pin_session(DRAFT, STAMP, Pin(TUESDAY, " "))


def test_second_pin_of_a_session_takes_the_place_of_the_first() -> None:
    pinned = do(
        DRAFT,
        lambda one: pin_session(one, STAMP, Pin(TUESDAY, "the mayor comes")),
        lambda one: pin_session(one, STAMP, Pin(THURSDAY, "a birthday")),
        lambda one: pin_session(one, STAMP, Pin(MOVED, "the mayor comes later")),
    )

    assert set(pinned.pins) == {Pin(THURSDAY, "a birthday"), Pin(MOVED, "the mayor comes later")}
    assert pinned.pins == tuple(sorted(pinned.pins, key=lambda one: one.session.key))


def test_unpinned_session_is_free() -> None:
    pinned = do(DRAFT, lambda one: pin_session(one, STAMP, Pin(TUESDAY, "the mayor comes")))
    events = unpin_session(pinned, STAMP, TUESDAY.request, 1)

    assert events == (SessionUnpinned(**place(3, pinned.id), request=TUESDAY.request, number=1),)
    assert evolve(pinned, events[0]).pins == ()


def test_unpinning_what_is_not_pinned_changes_nothing() -> None:
    assert unpin_session(DRAFT, STAMP, TUESDAY.request, 1) == ()


def test_pins_outlast_a_new_draft() -> None:
    pinned = do(
        DRAFT,
        lambda one: pin_session(one, STAMP, Pin(TUESDAY, "the mayor comes")),
        lambda one: make_draft(one, STAMP, origin("p-2", "s-2")),
    )

    assert pinned.pins == (Pin(TUESDAY, "the mayor comes"),)


# Moves and drops


def test_moved_session_takes_the_place_of_the_planned_one() -> None:
    events = move(MOVED)(DRAFT)
    known = evolve(DRAFT, events[0])

    assert events == (SessionMoved(**place(2, DRAFT.id), session=MOVED, why="the hall is cold"),)
    assert draft_sessions(known, PLANNED) == (THURSDAY, MOVED)


def test_session_moved_back_is_where_the_plan_has_it() -> None:
    known = do(DRAFT, move(MOVED), move(TUESDAY))

    assert draft_sessions(known, PLANNED) == (TUESDAY, THURSDAY)


def test_session_that_the_plan_does_not_hold_can_be_placed() -> None:
    assert draft_sessions(do(DRAFT, move(FRIDAY)), PLANNED) == (TUESDAY, THURSDAY, FRIDAY)


def test_dropped_session_is_out_of_the_draft() -> None:
    events = drop(TUESDAY)(DRAFT)
    known = evolve(DRAFT, events[0])

    assert events == (
        SessionDropped(**place(2, DRAFT.id), request=TUESDAY.request, number=1, why="nobody came"),
    )
    assert draft_sessions(known, PLANNED) == (THURSDAY,)


def test_dropped_session_can_be_placed_again() -> None:
    assert draft_sessions(do(DRAFT, drop(TUESDAY), move(MOVED)), PLANNED) == (THURSDAY, MOVED)
    assert draft_sessions(do(DRAFT, drop(TUESDAY), move(TUESDAY)), PLANNED) == (TUESDAY, THURSDAY)


def test_moved_session_can_be_dropped() -> None:
    assert draft_sessions(do(DRAFT, move(MOVED), drop(MOVED)), PLANNED) == (THURSDAY,)


def test_dropping_what_is_not_placed_is_refused() -> None:
    with pytest.raises(
        NotPlaced, match=rf"^session 1 of request {FRIDAY.request} is not in the draft of 2026-W49"
    ):
        drop(FRIDAY)(DRAFT)


def test_dropping_twice_is_refused() -> None:
    with pytest.raises(NotPlaced):
        drop(TUESDAY)(do(DRAFT, drop(TUESDAY)))


@pytest.mark.parametrize("by_hand", [move(MOVED), drop(TUESDAY)], ids=["move", "drop"])
@pytest.mark.parametrize(
    "known", [EMPTY, do(EMPTY, lambda one: pin_session(one, STAMP, Pin(TUESDAY, "mayor")))]
)
def test_change_by_hand_without_a_draft_is_refused(
    known: Timetable, by_hand: Callable[[Timetable], Iterable[Event]]
) -> None:
    with pytest.raises(
        NoDraft, match=r"^there is no draft of 2026-W49 to change; make one with a plan first$"
    ):
        by_hand(known)


@pytest.mark.parametrize(
    "command",
    [
        lambda: move_sessions(DRAFT, STAMP, (MOVED,), " ", PLANNED),
        lambda: drop_session(DRAFT, STAMP, TUESDAY.request, 1, "", PLANNED),
    ],
    ids=["move", "drop"],
)
def test_change_by_hand_needs_a_reason(command: Callable[[], object]) -> None:
    with pytest.raises(ReasonMissing, match="needs a reason; say why in one sentence"):
        command()


def test_two_sessions_move_at_once_with_the_rules_that_their_reason_passes() -> None:
    known = do(
        DRAFT,
        lambda one: move_sessions(
            one, STAMP, (MOVED, FRIDAY), "painters", PLANNED, ("preferred", "continuity", "preferred")
        ),
    )

    assert known.version == DRAFT.version + 2
    assert draft_sessions(known, PLANNED) == (THURSDAY, FRIDAY, MOVED)
    assert [one.accepted for one in known.adjustments] == [("continuity", "preferred")] * 2


def test_session_cannot_be_put_into_two_places_at_once() -> None:
    with pytest.raises(MovedTwice, match="give each session one place"):
        move_sessions(DRAFT, STAMP, (MOVED, TUESDAY), "painters", PLANNED)


def test_move_lifts_a_pin_that_holds_the_session_elsewhere() -> None:
    pinned = do(
        DRAFT,
        lambda one: pin_session(one, STAMP, Pin(TUESDAY, "the mayor comes")),
        lambda one: pin_session(one, STAMP, Pin(THURSDAY, "a birthday")),
    )
    events = move(MOVED)(pinned)

    assert [type(one) for one in events] == [SessionUnpinned, SessionMoved]
    assert do(pinned, move(MOVED)).pins == (Pin(THURSDAY, "a birthday"),)


def test_move_to_where_it_is_pinned_keeps_the_pin() -> None:
    pinned = do(DRAFT, lambda one: pin_session(one, STAMP, Pin(MOVED, "the mayor comes")))

    assert do(pinned, move(MOVED)).pins == (Pin(MOVED, "the mayor comes"),)


def test_adjustments_say_who_changed_a_session_last_and_why_until_the_next_draft() -> None:
    moved = do(DRAFT, drop(THURSDAY), move(MOVED), drop(MOVED))
    known = [
        Adjustment(*one.key, "dropped", "nobody came", (), STAMP.by, STAMP.at) for one in (THURSDAY, MOVED)
    ]

    assert list(moved.adjustments) == sorted(known, key=lambda one: one.request)
    assert do(moved, lambda one: make_draft(one, STAMP, origin("p-2", "s-2"))).adjustments == ()


def test_release_tells_what_was_changed_by_hand_before_it_until_the_next_draft() -> None:
    known = do(DRAFT, move(MOVED), release("First"))
    after_it = replace(STAMP, at=STAMP.at + timedelta(hours=1))
    moved_since = do(
        known, lambda one: move_sessions(one, after_it, (FRIDAY,), "later", PLANNED, ("preferred",))
    )
    first = moved_since.releases[0]

    assert reasons_before(moved_since, first) == {MOVED.key: "the hall is cold"}
    assert [one.why for one in moved_since.adjustments] == ["the hall is cold", "later"]
    planned_again = do(known, lambda one: make_draft(one, STAMP, origin("p-2", "s-2")))
    assert reasons_before(planned_again, first) == {}


def test_draft_is_in_order_of_time() -> None:
    early = session("r-9", on_day(1, "08:00", "09:00"))

    assert draft_sessions(DRAFT, (THURSDAY, TUESDAY, early)) == (early, TUESDAY, THURSDAY)


# Releases


def test_release_holds_the_draft_as_it_stands() -> None:
    known = do(DRAFT, move(MOVED))
    events = release(" First timetable ")(known)

    assert events == (
        TimetableReleased(
            **place(3, DRAFT.id), number=1, name="First timetable", draft=1, sessions=(THURSDAY, MOVED)
        ),
    )
    assert evolve(known, events[0]).releases == (
        Release(1, "First timetable", 1, (THURSDAY, MOVED), STAMP.at),
    )


def test_release_without_a_draft_is_refused() -> None:
    with pytest.raises(
        NoDraft, match=r"^there is no draft of 2026-W49 to release; make one with a plan first$"
    ):
        release("First")(EMPTY)


def test_release_without_a_name_is_refused() -> None:
    with pytest.raises(
        NamelessRelease, match=r"^a release of 2026-W49 needs a name, such as 'First timetable'$"
    ):
        release("  ")(DRAFT)


def test_same_sessions_are_not_released_twice_whatever_the_name() -> None:
    known = do(DRAFT, release("First"))

    assert release("Second")(known) == ()
    assert release("Second", (TUESDAY, THURSDAY))(known) == ()


def test_next_release_succeeds_the_last_and_leaves_it_as_it_was() -> None:
    first = do(DRAFT, release("First"))
    second = do(first, move(MOVED), release("Second"))

    assert second.releases[0] == first.releases[0]
    assert latest_release(second) == Release(2, "Second", 1, (THURSDAY, MOVED), STAMP.at)


def test_release_may_say_again_what_an_earlier_one_said() -> None:
    known = do(DRAFT, release("First"), move(MOVED), release("Second"), move(TUESDAY), release("Third"))

    assert [(one.number, one.name) for one in known.releases] == [(1, "First"), (2, "Second"), (3, "Third")]
    assert known.releases[2].sessions == known.releases[0].sessions


def test_new_draft_leaves_releases_alone() -> None:
    known = do(DRAFT, release("First"), lambda one: make_draft(one, STAMP, origin("p-2", "s-2")))

    assert latest_release(known) == Release(1, "First", 1, (TUESDAY, THURSDAY), STAMP.at)


def test_empty_plan_can_be_released() -> None:
    assert [event.sessions for event in release("Quiet week", ())(DRAFT)] == [()]


def test_release_is_found_by_its_number() -> None:
    known = do(DRAFT, release("First"), move(MOVED), release("Second"))

    assert [find_release(known, number).name for number in (1, 2)] == ["First", "Second"]
    assert latest_release(DRAFT) is None


@pytest.mark.parametrize("number", [-1, 0, 2])
def test_release_that_is_not_there_is_refused(number: int) -> None:
    known = do(DRAFT, release("First"))

    with pytest.raises(NoSuchRelease, match=rf"^there is no release {number} of 2026-W49; there are 1$"):
        find_release(known, number)


# Repeating


REPEATED: dict[str, Callable[[Timetable], Iterable[Event]]] = {
    "draft": lambda one: make_draft(one, STAMP, origin("p-2", "s-2")),
    "pin": lambda one: pin_session(one, STAMP, Pin(TUESDAY, "the mayor comes")),
    "unpin": lambda one: unpin_session(one, STAMP, TUESDAY.request, 1),
    "move": move(MOVED),
    "release": release("First"),
}


@pytest.mark.parametrize("command", REPEATED.values(), ids=REPEATED)
def test_command_given_twice_changes_nothing(command: Callable[[Timetable], Iterable[Event]]) -> None:
    assert again(evolve, DRAFT, command) == ()


def test_event_out_of_place_cannot_be_applied() -> None:
    with pytest.raises(TypeError, match="cannot apply SessionMoved to an empty timetable"):
        evolve(None, move(MOVED)(DRAFT)[0])


# Differences


def test_differences_say_what_is_new_moved_cancelled_and_unchanged() -> None:
    found = differences((TUESDAY, THURSDAY), (MOVED, THURSDAY, FRIDAY))

    assert found == (
        Difference("unchanged", THURSDAY, THURSDAY),
        Difference("new", None, FRIDAY),
        Difference("moved", TUESDAY, MOVED),
    )
    assert differences((TUESDAY,), ()) == (Difference("cancelled", TUESDAY, None),)


@pytest.mark.parametrize(
    "changes",
    [
        {"window": on_day(6, "09:00", "10:30")},
        {"room": room_id("library", "attic")},
        {"leads": (volunteer_id("v-2"),)},
        {"assistants": (volunteer_id("v-2"),)},
    ],
)
def test_other_time_room_or_team_is_a_move(changes: dict[str, Any]) -> None:
    assert [one.change for one in differences((TUESDAY,), (replace(TUESDAY, **changes),))] == ["moved"]


def test_other_number_of_a_request_is_another_session() -> None:
    found = differences((TUESDAY,), (replace(TUESDAY, number=2),))

    assert Counter(one.change for one in found) == {"new": 1, "cancelled": 1}


def test_difference_touches_all_that_have_to_do_with_it_before_or_after() -> None:
    before = session("r-2", on_day(4, "18:00", "19:30"), leads=("v-2",), assistants=("v-3",))
    then = session("r-2", on_day(4, "18:00", "19:30"), of="museum", at="attic", leads=("v-4",))
    (moved,) = differences((before,), (then,))

    touched = [
        request_id("r-2"),
        venue_id("library"),
        venue_id("museum"),
        room_id("library", "hall"),
        room_id("museum", "attic"),
        *(volunteer_id(one) for one in ("v-2", "v-3", "v-4")),
    ]
    assert [one for one in touched if not moved.touches(one)] == []
    assert not moved.touches(volunteer_id("v-1"))
    assert not moved.touches(room_id("library", "attic"))


SESSIONS = st.lists(
    st.builds(
        session,
        st.sampled_from(["r-1", "r-2", "r-3"]),
        st.integers(1, 7).map(lambda day: on_day(day, "09:00", "10:30")),
        number=st.integers(1, 2),
        at=st.sampled_from(["hall", "attic"]),
    ),
    unique_by=lambda one: one.key,
)


@given_any(SESSIONS, SESSIONS)
def test_every_session_of_two_releases_is_in_their_difference_once(
    before: list[Session], then: list[Session]
) -> None:
    found = differences(before, then)

    assert Counter(one.before for one in found if one.before) == Counter(before)
    assert Counter(one.after for one in found if one.after) == Counter(then)
    assert {one.change for one in differences(before, before)} <= {"unchanged"}


@given_any(st.lists(SESSIONS, max_size=4))
def test_releases_are_numbered_and_keep_their_sessions(plans: list[list[Session]]) -> None:
    known, said = DRAFT, []
    for number, planned in enumerate(plans, 1):
        before = known.releases
        known = do(known, release(f"Edition {number}", planned))
        if known.releases != before:
            said.append(draft_sessions(DRAFT, planned))
        assert known.releases[: len(before)] == before

    assert [one.sessions for one in known.releases] == said
    assert [one.number for one in known.releases] == list(range(1, len(said) + 1))
