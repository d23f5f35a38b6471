"""In which weeks courses are held and hours offered: the counts come out as ordered, over years of 53 weeks too."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import shift_week, week_of, weeks_between
from domain.recurrence import (
    BadRecurrence,
    Course,
    Letter,
    Rhythm,
    held_weeks,
    sound_course,
    times_in,
    unlettered,
)
from domain.request import (
    BadRequest,
    CourseRequest,
    asks_in,
    change_order,
    evolve,
    leave_out,
    order_in,
    sessions_in,
)
from domain.volunteer import BadOffer, Volunteer, available, offer_hours
from domain.volunteer import evolve as evolve_volunteer
from domain.windows import on_day
from tests.builders import POINT, STAMP, after, course_request, helper, order

FIRST = "2026-W49"
MONDAY, TUESDAY = on_day(1, "09:00", "12:00"), on_day(2, "14:00", "17:00")


def letters(week: str) -> Letter:
    """A weeks are those at an even distance from the first."""
    return "B" if weeks_between(FIRST, week) % 2 else "A"


def asked(**changes: Any) -> CourseRequest:
    fields: dict[str, Any] = {"first_week": FIRST, "weeks": 4} | changes
    return course_request(status="accepted", **fields)


WEEKS = st.dates(date(2024, 1, 1), date(2030, 1, 1)).map(week_of)
OFFSETS = st.lists(st.integers(0, 40), max_size=6, unique=True)


@st.composite
def courses(draw: st.DrawFn) -> Course:
    first, weeks = draw(WEEKS), draw(st.integers(1, 12))
    every = draw(st.integers(1, 4))
    letter: Letter | None = draw(st.sampled_from([None, "A", "B"])) if every == 1 else None
    left_out = sorted(shift_week(first, by) for by in draw(OFFSETS))
    instead = [shift_week(one, draw(st.integers(1, 30))) for one in left_out if draw(st.booleans())]
    course = Course(Rhythm(every, first, letter), weeks, (), (), tuple(left_out), tuple(instead))
    if draw(st.booleans()):
        listed = tuple(shift_week(first, by) for by in draw(OFFSETS.filter(bool)))
        return replace(course, rhythm=Rhythm(first_week=first), on_weeks=listed)
    return replace(course, make_up=draw(st.sampled_from(["none", "extend"])))


@given(courses())
def test_a_course_is_held_as_often_as_its_weeks_say_less_those_that_nothing_makes_up(course: Course) -> None:
    held = held_weeks(sound_course(course, "it"), letters)

    ordered = len(course.on_weeks) or course.weeks
    if course.make_up == "extend":
        assert len(held) == ordered
    else:
        assert ordered - len(set(course.except_weeks)) <= len(held) <= ordered
    assert all(week in course.make_up_weeks for week in held if week in course.except_weeks)


@given(courses(), st.integers(-3, 80))
def test_what_a_week_holds_is_what_the_list_of_weeks_says(course: Course, by: int) -> None:
    week = shift_week(course.rhythm.first_week, by)

    assert times_in(course, week, letters) == held_weeks(course, letters).count(week)


@given(WEEKS, st.integers(1, 30), st.integers(-5, 40))
def test_a_course_without_more_is_held_in_weeks_on_end(first: str, weeks: int, by: int) -> None:
    course = Course(Rhythm(first_week=first), weeks)

    assert held_weeks(course, unlettered) == tuple(shift_week(first, n) for n in range(weeks))
    assert times_in(course, shift_week(first, by), unlettered) == (0 <= by < weeks)


@pytest.mark.parametrize(
    ("changes", "weeks"),
    [
        ({"every_weeks": 2}, "W49 W51 W53 W02"),
        ({"week_letter": "A"}, "W49 W51 W53 W02"),
        ({"week_letter": "B"}, "W50 W52 W01 W03"),
        ({"on_weeks": ("2027-W01", "2026-W49")}, "W49 W01"),
        ({"except_weeks": ("2026-W50",)}, "W49 W51 W52"),
        ({"except_weeks": ("2026-W50",), "make_up": "extend"}, "W49 W51 W52 W53"),
        ({"except_weeks": ("2026-W50",), "make_up_weeks": ("2027-W05",)}, "W49 W51 W52 W05"),
        ({"except_weeks": ("2026-W50",), "make_up_weeks": ("2026-W52",)}, "W49 W51 W52 W52"),
        ({"except_weeks": ("2026-W50", "2026-W51"), "make_up_weeks": ("2027-W05",), "make_up": "extend"},
         "W49 W52 W53 W05"),
        ({"every_weeks": 2, "except_weeks": ("2026-W53",), "make_up": "extend"}, "W49 W51 W02 W04"),
        ({"except_weeks": ("2026-W40",), "make_up_weeks": ("2027-W05",)}, "W49 W50 W51 W52"),
    ],
)  # fmt: skip
def test_weeks_of_a_course(changes: dict[str, Any], weeks: str) -> None:
    held = held_weeks(order(**{"first_week": FIRST, "weeks": 4} | changes).course, letters)

    assert " ".join(week[5:] for week in held) == weeks


def test_a_week_that_makes_up_for_another_asks_for_twice_the_sessions() -> None:
    one = asked(sessions=2, except_weeks=("2026-W50",), make_up_weeks=("2026-W52",))

    assert [sessions_in(one, week) for week in ("2026-W49", "2026-W50", "2026-W52")] == [2, 0, 4]


def test_no_week_is_an_a_week_where_nobody_has_said_so() -> None:
    assert not any(asks_in(asked(week_letter="A"), shift_week(FIRST, by)) for by in range(9))


def test_single_dates_ask_for_sessions_on_these_days_alone() -> None:
    both = (on_day(1, "09:00", "12:00"), on_day(3, "09:00", "12:00"), on_day(5, "09:00", "12:00"))
    days = (date(2026, 12, 2), date(2026, 12, 4), date(2026, 12, 14))
    (event,) = change_order(
        asked(),
        STAMP,
        area=asked().area,
        location=POINT,
        order=order(acceptable=both, preferred=(), on_dates=days),
    )
    one = evolve(asked(), event)

    assert (one.order.first_week, one.order.weeks) == (FIRST, 2)
    assert [sessions_in(one, week) for week in (FIRST, "2026-W50", "2026-W51")] == [2, 0, 1]
    assert order_in(one.order, FIRST).acceptable == both[1:]
    assert order_in(one.order, "2026-W51").acceptable == both[:1]
    assert (
        change_order(
            one,
            STAMP,
            area=one.area,
            location=POINT,
            order=order(acceptable=both, preferred=(), on_dates=days),
        )
        == ()
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"every_weeks": 0}, "every 0 weeks"),
        ({"every_weeks": 2, "week_letter": "A"}, "give one of them"),
        ({"on_weeks": (FIRST,), "on_dates": (date(2026, 12, 2),)}, "give one of the two"),
        ({"on_weeks": (FIRST,), "every_weeks": 2}, "do not recur"),
        ({"on_weeks": (FIRST,), "except_weeks": (FIRST,), "make_up": "extend"}, "do not recur"),
        ({"make_up_weeks": ("2026-W52",)}, "makes up for no week before it"),
        ({"except_weeks": ("2026-W52",), "make_up_weeks": ("2026-W51",)}, "makes up for no week before it"),
        ({"except_weeks": ("2026-W49",), "make_up_weeks": ("2026-W51", "2026-W52")}, "makes up for no week"),
    ],
)
def test_weeks_that_contradict_each_other_are_refused(changes: dict[str, Any], says: str) -> None:
    one = asked()

    with pytest.raises(BadRecurrence, match=says):
        change_order(one, STAMP, area=one.area, location=POINT, order=order(**changes))


def test_a_date_on_which_no_window_lies_is_refused() -> None:
    one = asked()

    with pytest.raises(BadRequest, match="on the weekday of 2026-12-06"):
        change_order(one, STAMP, area=one.area, location=POINT,
                     order=order(acceptable=(MONDAY,), preferred=(), on_dates=(date(2026, 12, 6),)))  # fmt: skip


def test_a_closed_week_is_left_out_and_made_up_later_or_at_the_end() -> None:
    later = after(evolve, asked(), lambda one: leave_out(one, STAMP, week="2026-W50", instead="2027-W05"))
    both = after(evolve, later, lambda one: leave_out(one, STAMP, week="2026-W51", extend=True))

    assert held_weeks(later.order.course, unlettered) == ("2026-W49", "2026-W51", "2026-W52", "2027-W05")
    assert held_weeks(both.order.course, unlettered) == ("2026-W49", "2026-W52", "2026-W53", "2027-W05")
    assert leave_out(both, STAMP, week="2026-W51", extend=True) == ()
    with pytest.raises(BadRequest, match="choose one of the two"):
        leave_out(both, STAMP, week="2026-W52", instead="2027-W06", extend=True)


def test_a_week_that_a_course_does_not_ask_for_is_not_left_out() -> None:
    every_second = asked(week_letter="A")
    later = after(evolve, asked(), lambda one: leave_out(one, STAMP, week="2026-W50", instead="2027-W05"))

    for course, week in ((asked(), "2027-W40"), (every_second, "2026-W50"), (later, "2027-W05")):
        with pytest.raises(BadRequest, match=f"does not ask for {week} of itself"):
            leave_out(course, STAMP, week=week, letter_of=letters)
    assert leave_out(every_second, STAMP, week="2026-W51", letter_of=letters)
    assert leave_out(later, STAMP, week="2026-W50", letter_of=letters) == ()


# Offers


def offering(one: Volunteer, rhythm: Rhythm, otherwise: bool = True) -> Volunteer:
    other = (TUESDAY,) if otherwise else ()
    return after(evolve_volunteer, one, lambda state: offer_hours(state, STAMP, (MONDAY,), rhythm, other))


@given(WEEKS, st.integers(2, 6), st.integers(-60, 60))
def test_an_offer_of_every_second_week_is_counted_in_both_directions(first: str, every: int, by: int) -> None:
    one = offering(helper(), Rhythm(every, first))

    assert available(one, shift_week(first, by)) == ((TUESDAY,) if by % every else (MONDAY,))


def test_an_offer_of_a_weeks_holds_in_these_and_other_hours_in_the_others() -> None:
    one = offering(helper(), Rhythm(week_letter="A"))

    assert [available(one, shift_week(FIRST, by), letters) for by in range(3)] == [
        (MONDAY,),
        (TUESDAY,),
        (MONDAY,),
    ]
    assert available(one, FIRST) == ()


def test_other_weeks_need_a_rhythm_and_a_rhythm_its_first_week() -> None:
    with pytest.raises(BadOffer, match="no other week is left"):
        offering(helper(), Rhythm())
    with pytest.raises(BadRecurrence, match="give the first"):
        offering(helper(), Rhythm(2))


def test_the_same_offer_again_changes_nothing() -> None:
    one = offering(helper(), Rhythm(2, FIRST), otherwise=False)

    assert offer_hours(one, STAMP, (MONDAY,), Rhythm(2, FIRST)) == ()
    assert offer_hours(offering(one, Rhythm(), False), STAMP, (MONDAY,), Rhythm(1, FIRST)) == ()
