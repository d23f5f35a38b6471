"""Dates from both ends of the calendar: decisions take those from 1990 to 2200, and no question ever raises."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import catalogue, day_types, diary, network, opening, request, timetable, venue, volunteer
from domain.calendar import FIRST_DAY, LAST_DAY, OutOfCalendar, instant, week_of
from domain.effective_dates import Since
from domain.events import Event, EventMetadata, Refused
from domain.windows import on_day
from tests.builders import (
    STAMP,
    an_id,
    area,
    course_request,
    drafted,
    helper,
    networked,
    order,
    room,
    venue_of,
)

SPAN = (opening.Span(540, 1020),)
DAY = timedelta(days=1)
ENDS = [
    date.min,
    date.min + DAY,
    FIRST_DAY - DAY,
    LAST_DAY + DAY,
    date.max - 7 * DAY,
    date.max - DAY,
    date.max,
]
INSIDE = [FIRST_DAY, date(2026, 12, 1), LAST_DAY]
HERE, TOWN = (
    area("here", parent=network.area_id("town"), on=date(2000, 1, 1)),
    area("town", on=date(2000, 1, 1)),
)
NETWORK = networked(HERE, TOWN)

Decision = Callable[[date], Iterable[Event]]
EVERY: dict[str, Decision] = {
    "found": lambda day: network.found_area(
        None, STAMP, network.NewArea(key="new", level="street", names=(("en", "New"),), zone="UTC", on=day)
    ),
    "rename": lambda day: network.rename_area(HERE, STAMP, names=(("en", "X"),), on=day, why="why"),
    "recode": lambda day: network.recode_area(
        HERE, STAMP, codes=(network.Code("a", "1"),), on=day, why="why"
    ),
    "move": lambda day: network.move_area(HERE, STAMP, parent=None, on=day, why="why", network=NETWORK),
    "merge": lambda day: network.merge_area(HERE, STAMP, into=TOWN, on=day, why="why", network=NETWORK),
    "dissolve": lambda day: network.dissolve_area(HERE, STAMP, on=day, why="why", network=NETWORK),
    "add a word since": lambda day: catalogue.add_entry(
        catalogue.Catalogue(catalogue.CATALOGUE),
        STAMP,
        catalogue.Entry("topic", "new", (("en", "New"),), since=day),
    ),
    "add a word until": lambda day: catalogue.add_entry(
        catalogue.Catalogue(catalogue.CATALOGUE),
        STAMP,
        catalogue.Entry("topic", "new", (("en", "New"),), until=day),
    ),
    "retire a word": lambda day: catalogue.retire_entry(
        catalogue.Catalogue(catalogue.CATALOGUE), STAMP, kind="function", code="arts", on=day, why="why"
    ),
    "type a day": lambda day: day_types.type_days(
        None, STAMP, "CN", [day_types.TypedDay(day, "holiday")], status="official", source="notice"
    ),
    "close from": lambda day: venue.close_venue(
        venue_of(room()), STAMP, venue.Closure(an_id("c"), day, max(day, LAST_DAY)), "why"
    ),
    "close to": lambda day: venue.close_venue(
        venue_of(room()), STAMP, venue.Closure(an_id("c"), min(day, FIRST_DAY), day), "why"
    ),
    "open from": lambda day: venue.set_opening_hours(venue_of(room()), STAMP, None, season(day, None)),
    "open to": lambda day: venue.set_opening_hours(venue_of(room()), STAMP, None, season(None, day)),
    "pause": lambda day: volunteer.pause_offer(helper(), STAMP, volunteer.Pause(day, day), "why"),
    "except": lambda day: volunteer.except_offer(helper(), STAMP, volunteer.OfferException(day)),
    "check": lambda day: volunteer.record_check(
        helper(), STAMP, volunteer.BackgroundCheck(True, day, day, "office")
    ),
    "leave": lambda day: volunteer.leave(helper(), STAMP, on=day, why="why"),
    "order": lambda day: request.submit_request(
        None, STAMP, key="r", area=HERE.id, location=None, order=order(first_week=week_of(day))
    ),
    "change an order": lambda day: request.change_order(
        course_request(), STAMP, area=HERE.id, location=None, order=order(first_week=week_of(day))
    ),
    "draft": lambda day: timetable.make_draft(
        timetable.blank(HERE.id, week_of(day)), STAMP, drafted().origin or pytest.fail("no draft")
    ),
}


NEAR = {"order", "change an order", "draft"}  # a course and a plan lie near today


def season(first: date | None, last: date | None) -> opening.OpeningHours:
    rules = (opening.DayRule((1, 2, 3, 4, 5, 6, 7), SPAN),)
    return opening.OpeningHours((opening.Period("", first, last, rules),))


@pytest.mark.parametrize(("what", "day"), list(product(EVERY, ENDS)))
def test_date_that_nobody_plans_for_is_taken_by_no_decision(what: str, day: date) -> None:
    with pytest.raises(OutOfCalendar, match="is too far away"):
        list(EVERY[what](day))


@pytest.mark.parametrize(("what", "day"), list(product(EVERY, INSIDE)))
def test_date_from_1990_to_2200_is_taken_or_refused_for_another_rule(what: str, day: date) -> None:
    far = day == LAST_DAY and what in NEAR
    with pytest.raises(OutOfCalendar, match="too far away") if far else suppress(Refused):
        list(EVERY[what](day))


def test_course_lies_at_most_ten_years_ahead_and_a_plan_two() -> None:
    for day, what in ((date(2036, 12, 1), "order"), (date(2028, 12, 4), "draft")):
        with pytest.raises(OutOfCalendar, match="years ahead"):
            list(EVERY[what](day))
        assert list(EVERY[what](day - 21 * DAY))
    with pytest.raises(request.BadRequest, match="521 weeks are more than 520"):
        request.submit_request(None, STAMP, key="r", area=HERE.id, location=None, order=order(weeks=521))


# ---- Old records, taken in before there were bounds

ANY_DAY = st.one_of(st.sampled_from([*ENDS, *INSIDE]), st.dates())
ANY_WEEK = st.one_of(ANY_DAY.map(week_of), st.sampled_from(["0001-W01", "9999-W52", "2026-W53"]))


@given(ANY_DAY, ANY_DAY, ANY_WEEK)
def test_no_question_about_a_venue_raises(one: date, other: date, week: str) -> None:
    first, last = min(one, other), max(one, other)
    hall = room()
    place = replace(
        venue_of(hall),
        hours=(venue.RoomHours(None, season(first, last)),),
        closures=(venue.Closure(an_id("c"), first, last),),
    )

    venue.open_windows(place, hall.id, week, None)
    venue.closures_of(place, hall.id, week)
    opening.days_in_doubt(season(first, last), week, None)
    opening.date_marks(one)


@given(ANY_DAY, ANY_DAY, ANY_WEEK)
def test_no_question_about_a_volunteer_raises(one: date, other: date, week: str) -> None:
    first, last = min(one, other), max(one, other)
    person = replace(
        helper("v-1", on_day(1, "09:00", "12:00")),
        pauses=(volunteer.Pause(first, last),),
        exceptions=(volunteer.OfferException(one, (on_day(1, "09:00", "10:00"),)),),
        check=volunteer.BackgroundCheck(True, first, last, "office"),
        left=other,
    )

    volunteer.available(person, week)
    volunteer.absences_of(person, week)
    volunteer.vetted(person, week)


@given(ANY_WEEK, st.integers(1, 10**9), ANY_WEEK, st.sampled_from(request.STATUSES))
def test_no_question_about_a_request_raises(
    first: str, weeks: int, week: str, status: request.RequestStatus
) -> None:
    asked = replace(course_request(status=status), order=order(first_week=first, weeks=weeks))

    assert request.asks_in(asked, first) is (status in request.PLANNED)
    request.asks_in(asked, week)


@given(ANY_DAY, ANY_DAY, ANY_DAY)
def test_no_walk_over_areas_raises_or_goes_round_for_ever(one: date, other: date, day: date) -> None:
    """Three areas that lie in each other, and were merged into each other."""
    keys = ("a", "b", "c")
    ids = [network.area_id(key) for key in keys]
    known = {
        id: replace(area(key), founded=one, parents=(Since(one, after),), ended=other, merged_into=after)
        for key, id, after in zip(keys, ids, [*ids[1:], ids[0]], strict=True)
    }

    assert network.successor_on(known, ids[0], day) == ids[0]
    assert network.is_merged_in_circle(known, ids[0])
    assert len(network.path_on(known, ids[0], day)) in (1, 3)
    assert network.inside_on(known, ids[:1], day) <= set(ids)
    network.ancestor_on(known, ids[0], "city", day)
    list(network.children_on(known, ids[0], day))


@given(ANY_DAY, st.integers(-10_000, 20_000), ANY_WEEK)
def test_no_question_about_time_raises(day: date, minute: int, week: str) -> None:
    instant(day, minute, "Asia/Shanghai").astimezone(UTC)
    day_types.kind_on(None, day)
    diary.blank("room", an_id("r"), week)
    timetable.timetable_id(an_id("a"), week)


@given(st.dates(FIRST_DAY, LAST_DAY))
def test_bounds_do_not_depend_on_when_a_command_is_given(today: date) -> None:
    metadata = EventMetadata(datetime.combine(today, time(9), UTC), "c-1")

    with pytest.raises(OutOfCalendar):
        request.submit_request(
            None, metadata, key="r", area=HERE.id, location=None, order=order(first_week="2201-W02")
        )
