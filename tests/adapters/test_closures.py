"""Time that is taken back is written into the diaries, and the broken sessions are named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from adapters.application.application import Lyceum
from adapters.services.closures import close_venue, let_go, lift_closures, pause_volunteer, reopen_venue
from adapters.services.planning import Effort, plan_week
from adapters.services.releases import BrokenRules, release_week
from adapters.store.streams import DIARIES, VENUES
from adapters.week.blocked_time import with_time_taken
from adapters.week.plan_documents import load_timetable
from adapters.week.release_validity.impact import execute
from domain import diary, venue
from domain.diary import Booking, ResourceClosed, TooLong
from domain.events import stream_id
from domain.timetable import latest_release
from domain.venue import Closure, ShortNotice, room_id
from domain.volunteer import Pause, volunteer_id
from tests.adapters.town import TOWN, WEEK

QUICK = Effort(time_limit_s=5, workers=1)
MONDAY, SUNDAY = date(2026, 11, 30), date(2026, 12, 6)


def closure(*rooms: str, first: date = MONDAY, last: date = SUNDAY) -> Closure:
    return Closure(stream_id("closure", "test"), first, last, tuple(room_id("school", one) for one in rooms))


def release(lyceum: Lyceum, name: str) -> None:
    plan_week(lyceum, TOWN, WEEK, effort=QUICK)
    release_week(lyceum, TOWN, WEEK, name)


def test_closure_of_a_venue_names_the_released_sessions_that_it_breaks(lyceum: Lyceum) -> None:
    release(lyceum, "First")

    _, broken = execute(lyceum, lambda unit: close_venue(unit, "school", closure(), "the heating is out"))

    assert {one.week for one in broken} == {WEEK}
    assert {(one.request, one.number) for one in broken} == {("r-brush", 1), ("r-brush", 2), ("r-choir", 1)}


def test_closure_twice_changes_nothing(lyceum: Lyceum) -> None:
    close_venue(lyceum, "school", closure(), "the heating is out")
    position = lyceum.store.position()

    assert not close_venue(lyceum, "school", closure(), "the heating is out")
    assert lyceum.store.position() == position


def test_closed_hall_closes_its_parts_but_one_part_leaves_the_other_open(quick: Lyceum) -> None:
    close_venue(quick, "school", closure("east"), "painting")

    blocked = {key: bool(page(quick, key).blocks) for key in ("hall", "east", "west")}
    assert blocked == {"hall": True, "east": True, "west": False}


def page(lyceum: Lyceum, room: str) -> diary.Diary:
    """The diary of a room of the school, with what the school takes of it."""
    id, school = room_id("school", room), lyceum.must_load(VENUES, venue.venue_id("school"))
    return with_time_taken(
        lyceum.load(DIARIES, diary.diary_id(id, WEEK)) or diary.blank("room", id, WEEK), school
    )


def test_closure_of_many_rooms_for_two_years_is_one_event_where_nothing_is_promised(quick: Lyceum) -> None:
    before = quick.store.position()

    close_venue(quick, "school", closure(last=date(2028, 11, 30)), "a new building")

    assert quick.store.position() == before + 1
    assert page(quick, "hall").blocks


def test_release_between_the_look_of_a_closure_and_its_save_is_seen(lyceum: Lyceum) -> None:
    """The closure is decided again, and names what has been released meanwhile."""
    plan_week(lyceum, TOWN, WEEK, effort=QUICK)
    store, plain = lyceum.store, lyceum.store.save

    def save(*given: Any, **named: Any) -> int:
        store.save = plain  # type: ignore[method-assign]
        release_week(lyceum, TOWN, WEEK, "First")
        return plain(*given, **named)

    store.save = save  # type: ignore[method-assign]

    _, broken = execute(lyceum, lambda unit: close_venue(unit, "school", closure(), "the heating is out"))

    assert len(broken) == 3


@pytest.mark.parametrize("emergency", [True, False])
def test_closure_between_the_look_of_a_release_and_its_save_refuses_it(
    lyceum: Lyceum, emergency: bool
) -> None:
    plan_week(lyceum, TOWN, WEEK, effort=QUICK)
    store, plain = lyceum.store, lyceum.store.save

    def save(*given: Any, **named: Any) -> int:
        store.save = plain  # type: ignore[method-assign]
        close_venue(lyceum, "school", closure(), "the heating is out", emergency=emergency)
        return plain(*given, **named)

    store.save = save  # type: ignore[method-assign]

    with pytest.raises(BrokenRules):
        release_week(lyceum, TOWN, WEEK, "First")


def test_closed_room_cannot_be_promised_even_by_a_stale_plan(quick: Lyceum) -> None:
    close_venue(quick, "school", closure(), "the heating is out")
    hall, known = room_id("school", "hall"), page(quick, "hall")
    stale = Booking(
        timetable=stream_id("timetable", "other"),
        request=stream_id("request", "other"),
        number=1,
        window=known.blocks[0].window,
        venue=venue.venue_id("school"),
        room=hall,
        location=(0.0, 0.0),
    )

    with pytest.raises(ResourceClosed):
        diary.book(known, quick.metadata(), stale.timetable, [stale], diary.BookingLimits())


def test_next_plan_after_a_closure_avoids_it(lyceum: Lyceum) -> None:
    release(lyceum, "First")
    close_venue(lyceum, "school", closure(), "the heating is out")

    release(lyceum, "Second")

    sessions = latest_release(load_timetable(lyceum, TOWN, WEEK)).sessions  # type: ignore[union-attr]
    assert {one.venue for one in sessions} == {venue.venue_id("library")}


def test_pause_names_the_broken_sessions_and_the_next_plan_does_without(lyceum: Lyceum) -> None:
    release(lyceum, "First")

    pause = Pause(SUNDAY.replace(day=5), SUNDAY)
    _, broken = execute(lyceum, lambda unit: pause_volunteer(unit, "li", pause, "away"))
    release(lyceum, "Second")

    wang = volunteer_id("wang")
    sessions = latest_release(load_timetable(lyceum, TOWN, WEEK)).sessions  # type: ignore[union-attr]
    assert [one.leads for one in broken] == [("li",)]
    assert {one for session in sessions for one in session.team} == {wang}


def test_volunteer_who_leaves_breaks_what_was_promised_after_that_day(lyceum: Lyceum) -> None:
    release(lyceum, "First")

    def broken(who: str, on: date) -> list[str]:
        _, found = execute(lyceum, lambda unit: let_go(unit, who, on, "moved away"))
        return [one.request for one in found]

    assert broken("wang", date(2026, 12, 7)) == []
    assert broken("li", MONDAY) == ["r-phone"]


def test_who_leaves_later_than_was_said_first_keeps_what_was_promised_until_then(lyceum: Lyceum) -> None:
    release(lyceum, "First")
    let_go(lyceum, "li", MONDAY, "moves away")
    let_go(lyceum, "li", date(2026, 12, 7), "moves a week later")

    page = lyceum.must_load(DIARIES, diary.diary_id(volunteer_id("li"), WEEK))
    assert page.promises
    assert page.blocks == ()


def test_closure_of_more_than_two_years_is_refused(quick: Lyceum) -> None:
    with pytest.raises(TooLong, match="longer than two years"):
        close_venue(quick, "school", closure(last=date(2029, 1, 1)), "a new building")


def test_closure_with_less_notice_than_the_terms_ask_for_is_refused_unless_it_is_an_emergency(
    quick: Lyceum,
) -> None:
    school = quick.must_load(VENUES, venue.venue_id("school"))
    quick.commit(
        venue.set_lending_terms(school, quick.metadata(), venue.LendingTerms(recall_notice_hours=24 * 14))
    )

    with pytest.raises(ShortNotice, match="336 hours ahead"):
        close_venue(quick, "school", closure(), "the heating is out")

    assert close_venue(quick, "school", closure(), "the heating is out", emergency=True)


def test_reopened_venue_can_be_planned_as_before(lyceum: Lyceum) -> None:
    before = plan_week(lyceum, TOWN, WEEK, effort=QUICK).problem.document
    closed = closure()
    close_venue(lyceum, "school", closed, "the heating is out")

    assert reopen_venue(lyceum, "school", closed.id, "it works again")
    assert not reopen_venue(lyceum, "school", closed.id, "it works again")

    assert plan_week(lyceum, TOWN, WEEK, effort=QUICK).problem.document == before


def test_closures_are_lifted_all_or_none(lyceum: Lyceum) -> None:
    """From the venue, and from diaries that have all of them, in one save."""
    release(lyceum, "First")
    lasts = {"heating": SUNDAY, "roof": date(2026, 12, 13)}
    both = [replace(closure(last=last), id=stream_id("closure", name)) for name, last in lasts.items()]
    for each in both:
        close_venue(lyceum, "school", each, "building work")
    store, plain, saves = lyceum.store, lyceum.store.save, 0

    def fails(*_: Any, **__: Any) -> int:
        raise OSError("the disk is full")

    def counts(*given: Any, **named: Any) -> int:
        nonlocal saves
        saves += 1
        return plain(*given, **named)

    ids = [each.id for each in both]
    store.save = fails  # type: ignore[method-assign]
    with pytest.raises(OSError, match="full"):
        lift_closures(lyceum, "school", ids, "it works again")
    assert list(blocks_of_school(lyceum)) == ids

    store.save = counts  # type: ignore[method-assign]
    assert lift_closures(lyceum, "school", ids, "it works again")
    assert (saves, list(blocks_of_school(lyceum))) == (1, [])
    assert not lift_closures(lyceum, "school", ids, "it works again")


def blocks_of_school(lyceum: Lyceum) -> dict[UUID, None]:
    """The closures of the school, each of which the diary of a room that is promised to somebody has too."""
    lyceum.views.catch_up()
    school = lyceum.must_load(VENUES, venue.venue_id("school"))
    ids = {closed.id: None for closed in school.closures}
    promised = [
        one for one in lyceum.views.all(DIARIES, WEEK) if one.promises and one.resource in rooms_of(school)
    ]
    assert promised
    assert all({block.id for block in one.blocks} == set(ids) for one in promised)
    return ids


def rooms_of(school: venue.Venue) -> set[UUID]:
    return {room.id for room in school.rooms}
