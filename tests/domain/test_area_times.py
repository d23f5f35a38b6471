"""When sessions of an area may start and which weeks are A weeks: dated, handed down, counted from a date."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.area_times import letter_of, letter_week, set_starts, starts_on
from domain.calendar import monday, shift_week, weeks_between
from domain.events import ReasonMissing
from domain.network import Area, AreaEnded, dissolve_area, evolve
from domain.recurrence import Letter
from domain.starts import GRIDS, BadStarts, Starts, common_step, starts_within
from domain.windows import Window, normal
from tests.builders import FOUNDED, STAMP, after, again, area, networked

CITY = area("city", level="city")
STREET = area("river-street", parent=CITY.id)
TERM, WHY = date(2026, 9, 1), "the new term"
BELLS = Starts(bells=(485, 535, 610))


def starting(one: Area, starts: Starts | None, on: date = TERM) -> Area:
    return after(evolve, one, lambda state: set_starts(state, STAMP, starts=starts, on=on, why=WHY))


def lettered(one: Area, letter: Letter, on: date) -> Area:
    return after(evolve, one, lambda state: letter_week(state, STAMP, letter=letter, on=on, why=WHY))


def test_sessions_start_every_half_hour_where_nobody_says_otherwise() -> None:
    assert starts_on(networked(CITY, STREET), STREET.id, TERM) == Starts(30)


def test_starts_hold_from_their_day_on_and_in_the_areas_below() -> None:
    network = networked(starting(CITY, Starts(15)), STREET)

    assert starts_on(network, STREET.id, TERM) == Starts(15)
    assert starts_on(network, STREET.id, TERM - timedelta(1)) == Starts(30)


def test_own_starts_come_before_those_of_the_area_around_until_they_are_given_up() -> None:
    own = starting(starting(STREET, BELLS), None, TERM + timedelta(7))
    network = networked(starting(CITY, Starts(15)), own)

    assert starts_on(network, STREET.id, TERM) == BELLS
    assert starts_on(network, STREET.id, TERM + timedelta(7)) == Starts(15)


def test_setting_the_same_again_changes_nothing() -> None:
    assert again(evolve, STREET, lambda one: set_starts(one, STAMP, starts=BELLS, on=TERM, why=WHY)) == ()
    assert again(evolve, STREET, lambda one: letter_week(one, STAMP, letter="A", on=TERM, why=WHY)) == ()


def test_bells_are_kept_in_order_each_once() -> None:
    assert starting(STREET, Starts(5, (610, 485, 485))).starts[0].value == Starts(bells=(485, 610))


@pytest.mark.parametrize(
    "starts", [Starts(7), Starts(60), Starts(0), Starts(bells=(1440,)), Starts(bells=(-5,))]
)
def test_starts_that_no_day_has_are_refused(starts: Starts) -> None:
    with pytest.raises(BadStarts, match="area river-street"):
        set_starts(STREET, STAMP, starts=starts, on=TERM, why=WHY)


def test_settings_need_a_reason_and_an_area_that_exists() -> None:
    with pytest.raises(ReasonMissing):
        set_starts(STREET, STAMP, starts=BELLS, on=TERM, why=" ")
    with pytest.raises(AreaEnded):
        letter_week(STREET, STAMP, letter="A", on=FOUNDED - timedelta(1), why=WHY)


@given(st.lists(st.integers(0, 1439), max_size=6), st.sampled_from([5, 10, 15, 30]))
def test_the_common_step_meets_every_start(bells: list[int], grid: int) -> None:
    step = common_step([Starts(grid), Starts(bells=tuple(bells))])

    assert 30 % step == 0
    assert all(minute % step == 0 for minute in [*bells, grid])


@given(st.lists(st.tuples(st.integers(0, 1300), st.integers(5, 139)), max_size=4), st.integers(5, 90))
def test_the_grid_of_a_course_is_the_coarsest_that_meets_its_times(
    times: list[tuple[int, int]], minutes: int
) -> None:
    windows = [Window(at, at + length) for at, length in times]

    def met(step: int) -> set[Window]:
        starts = range(0, 1440, step)
        return {
            one
            for one in normal(windows)
            if any(one.start_min <= at and at + minutes <= one.end_min for at in starts)
        }

    grid = starts_within(windows, minutes).grid_min
    assert [step for step in GRIDS if met(step) == met(5)][-1] == grid


@given(st.dates(FOUNDED, date(2060, 1, 1)), st.integers(-300, 300))
def test_weeks_alternate_without_end_also_over_years_of_53_weeks(on: date, by: int) -> None:
    network = networked(CITY, lettered(STREET, "B", on))
    week = shift_week(f"{on.isocalendar().year:04}-W{on.isocalendar().week:02}", by)

    assert letter_of(network, STREET.id, week) == ("B" if by % 2 == 0 else "A")
    assert letter_of(network, STREET.id, shift_week(week, 1)) != letter_of(network, STREET.id, week)


def test_a_year_of_53_weeks_does_not_make_two_a_weeks_of_one_letter_in_a_row() -> None:
    network = networked(CITY, lettered(STREET, "A", monday("2026-W52")))

    letters = [
        letter_of(network, STREET.id, week) for week in ("2026-W52", "2026-W53", "2027-W01", "2027-W02")
    ]

    assert letters == ["A", "B", "A", "B"]


def test_the_count_starts_afresh_where_a_week_is_named_again() -> None:
    named = lettered(lettered(CITY, "A", monday("2026-W36")), "A", monday("2026-W45"))
    network = networked(named, STREET)

    assert weeks_between("2026-W36", "2026-W45") % 2 == 1
    assert [letter_of(network, STREET.id, week) for week in ("2026-W43", "2026-W44", "2026-W45", "2026-W46")] == [
        "B", "A", "A", "B",
    ]  # fmt: skip


def test_the_first_week_that_a_street_names_leaves_those_before_to_the_city() -> None:
    city = lettered(CITY, "A", monday("2026-W36"))
    street = lettered(STREET, "B", monday("2027-W02"))
    network = networked(city, street)

    assert [letter_of(network, STREET.id, week) for week in ("2026-W53", "2027-W01", "2027-W02", "2027-W03")] == [
        "B", "A", "B", "A",
    ]  # fmt: skip
    assert letter_of(networked(CITY, street), STREET.id, "2027-W01") == "A"
    assert letter_of(networked(city, lettered(STREET, "A", monday("2027-W02"))), STREET.id, "2027-W01") == "A"


def test_a_street_can_say_of_an_earlier_week_what_it_would_count_back_to() -> None:
    street = lettered(lettered(STREET, "A", monday("2027-W02")), "B", monday("2027-W01"))

    assert letter_of(networked(lettered(CITY, "A", monday("2027-W01")), street), STREET.id, "2027-W01") == "B"


def test_weeks_of_a_dissolved_area_are_those_of_the_one_that_answers_for_it() -> None:
    city, street = lettered(CITY, "A", monday("2026-W36")), lettered(STREET, "B", monday("2026-W36"))
    around, on = networked(city, street), monday("2027-W01")
    ended = after(evolve, street, lambda one: dissolve_area(one, STAMP, on=on, why=WHY, network=around))
    network = networked(city, ended)

    assert [letter_of(network, STREET.id, week) for week in ("2026-W53", "2027-W01")] == ["A", "A"]


def test_weeks_have_no_letter_where_nobody_has_named_one() -> None:
    assert letter_of(networked(CITY, STREET), STREET.id, "2026-W49") is None
