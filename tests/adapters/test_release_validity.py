"""Released weeks while the facts go on: two timetables of one week, left-over promises, venues and areas that end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from adapters.application.application import Lyceum
from adapters.application.unit_of_work import UnitOfWork
from adapters.services.closures import close_venue, retire_venue
from adapters.services.planning import Effort, NothingToPlan, plan_week
from adapters.services.releases import BrokenRules, release_week
from adapters.store.streams import ACCOUNTS, AREAS, DIARIES, REQUESTS, STREAM_OF, TIMETABLES, VENUES
from adapters.week.blocked_time import with_time_taken
from adapters.week.plan_documents import load_timetable
from adapters.week.problem_document import write_problem
from adapters.week.release_validity.diary_repair import mend_diaries
from adapters.week.release_validity.impact import execute
from adapters.week.release_validity.touched_weeks import _note
from adapters.week.week_report import Report, week_report, week_warnings
from adapters.week.week_snapshot import snapshot_of
from domain import diary, network, request, venue
from domain.diary import Booking, ServedTwice
from domain.events import stream_id
from domain.network import AreaCycle, AreaInUse, area_id
from domain.timetable import latest_release
from domain.venue import Closure, open_windows, room_id, venue_id
from tests.adapters.town import TOWN, WEEK, Ticking, evenings
from tests.builders import STAMP

RIVER, HILL = area_id("river"), area_id("hill")
QUICK = Effort(time_limit_s=5, workers=1)
MONDAY = date(2026, 11, 30)


def release(lyceum: Lyceum, area: UUID, name: str = "First") -> set[str]:
    """The keys of the requests that the release serves."""
    plan_week(lyceum, area, WEEK, effort=QUICK)
    release_week(lyceum, area, WEEK, name)
    return served(lyceum, area)


def served(lyceum: Lyceum, area: UUID) -> set[str]:
    found = latest_release(load_timetable(lyceum, area, WEEK))
    assert found is not None
    return {lyceum.must_load(REQUESTS, one.request).key for one in found.sessions}


def report(lyceum: Lyceum, area: UUID) -> Report:
    return week_report(lyceum, lyceum.views, area, WEEK)


def test_course_that_is_completed_after_its_last_session_was_held_though_the_week_goes_on(
    quick: Lyceum,
) -> None:
    release(quick, TOWN)
    held = latest_release(load_timetable(quick, TOWN, WEEK))
    assert held is not None
    choir = request.request_id("r-choir")
    last = max(one.window.day for one in held.sessions if one.request == choir)
    clock = quick.clock
    assert isinstance(clock, Ticking)
    before = report(quick, TOWN)
    quick.decide(REQUESTS, choir, lambda one, metadata: request.step(one, metadata, "running"))
    quick.decide(REQUESTS, choir, lambda one, metadata: request.step(one, metadata, "completed"))
    quick.views.catch_up()

    clock.now = datetime(2026, 11, 29, 20, tzinfo=UTC) + timedelta(days=last - 1)
    assert {one.request for one in report(quick, TOWN).broken} == {"r-choir"}
    clock.now += timedelta(days=1)
    assert report(quick, TOWN) == before
    assert week_warnings(quick, quick.views, TOWN, WEEK).released == ()


# ---- Two timetables of one week


def test_request_that_a_street_has_released_is_done_for_the_city(lyceum: Lyceum) -> None:
    street = release(lyceum, RIVER)
    draft = plan_week(lyceum, TOWN, WEEK, effort=QUICK)
    city = release(lyceum, TOWN)

    assert street == {"r-brush", "r-choir"}
    assert city == {"r-phone"}
    told = [one for one in draft.problem.warnings if "already" in one]
    assert ["r-brush" in told[0], "r-choir" in told[1], "River" in told[0]] == [True] * 3
    assert (report(lyceum, TOWN).served, report(lyceum, TOWN).elsewhere) == (3, 3)
    assert week_warnings(lyceum, lyceum.views, TOWN, WEEK).released == ()
    assert week_warnings(lyceum, lyceum.views, RIVER, WEEK).released == ()


def test_draft_from_before_the_streets_release_is_refused_with_the_reason(lyceum: Lyceum) -> None:
    plan_week(lyceum, TOWN, WEEK, effort=QUICK)
    release(lyceum, RIVER)

    with pytest.raises(BrokenRules, match="r-brush is served by the released timetable of River already"):
        release_week(lyceum, TOWN, WEEK, "City")


def test_city_serves_what_the_street_takes_back(lyceum: Lyceum) -> None:
    release(lyceum, RIVER)
    release(lyceum, TOWN)
    close_venue(lyceum, "school", Closure(stream_id("c"), MONDAY, date(2026, 12, 6)), "heating")
    plan_week(lyceum, RIVER, WEEK, effort=QUICK)
    release_week(lyceum, RIVER, WEEK, "Second")

    assert served(lyceum, RIVER) == set()
    assert {one.key for one in lyceum.views.all(REQUESTS) if one.status == "scheduled"} == {"r-phone"}


def test_rest_of_a_request_is_planned_where_a_part_is_served_elsewhere(quick: Lyceum) -> None:
    brush = quick.must_load(REQUESTS, request.request_id("r-brush"))
    order = replace(brush.order, partial=True, acceptable=evenings()[:1])
    quick.commit(request.change_order(brush, quick.metadata(), area=brush.area, location=None, order=order))
    release(quick, RIVER)
    brush = quick.must_load(REQUESTS, request.request_id("r-brush"))
    wider = replace(order, acceptable=evenings())
    quick.commit(request.change_order(brush, quick.metadata(), area=brush.area, location=None, order=wider))

    draft = plan_week(quick, TOWN, WEEK, effort=QUICK)
    (asked,) = [one for one in draft.problem.document["requests"] if one["id"] == str(brush.id)]
    assert asked["sessions"] == 1


def test_request_is_promised_once_even_in_the_same_second() -> None:
    page = diary.blank("request", request.request_id("r-1"), WEEK)

    def asked(by: str) -> Booking:
        window = evenings()[0]
        return Booking(stream_id(by), page.resource, 1, window, venue_id("v"), room_id("v", by), (0.0, 0.0))

    (first,) = diary.book(page, STAMP, stream_id("one"), [asked("one")], diary.BookingLimits(sessions=1))
    known = diary.evolve(None, first)
    with pytest.raises(ServedTwice):
        diary.book(known, STAMP, stream_id("two"), [asked("two")], diary.BookingLimits(sessions=1))
    left = diary.book(
        known, STAMP, stream_id("two"), [asked("two")], diary.BookingLimits(sessions=1), [asked("one")]
    )
    assert (left[0].freed, left[0].added) == ((asked("one"),), (asked("two"),))


# ---- Diaries


def haunted(lyceum: Lyceum) -> diary.Diary:
    """A hall's diary that says what no release holds, as older releases have left it."""
    release(lyceum, TOWN)
    hall = room_id("school", "hall")
    ghost = Booking(
        load_timetable(lyceum, TOWN, WEEK).id,
        request.request_id("r-robot"),
        1,
        evenings()[4],
        venue_id("school"),
        room_id("school", "west"),
        (29.4, 105.6),
    )
    page = lyceum.must_load(DIARIES, diary.diary_id(hall, WEEK))
    own = [one for one in page.promises if one.timetable == ghost.timetable]
    lyceum.commit(diary.book(page, lyceum.metadata(), ghost.timetable, [*own, ghost], diary.BookingLimits()))
    return lyceum.must_load(DIARIES, page.id)


def test_promise_that_no_release_holds_is_freed_by_the_next_release(lyceum: Lyceum) -> None:
    page = haunted(lyceum)
    retired = retire_venue(lyceum, "library", MONDAY, "moves out")
    release(lyceum, TOWN, "Second")

    left = lyceum.must_load(DIARIES, page.id)
    assert retired
    assert [one for one in left.promises if one.request == request.request_id("r-robot")] == []


def test_promise_that_no_release_holds_takes_nobody_elses_time_and_is_mended(lyceum: Lyceum) -> None:
    page = haunted(lyceum)
    before = write_problem(lyceum, snapshot_of(lyceum.views, RIVER, WEEK)).document
    freed = mend_diaries(lyceum)

    assert freed == 1
    assert mend_diaries(lyceum) == 0
    assert len(lyceum.must_load(DIARIES, page.id).promises) == len(page.promises) - 1
    assert write_problem(lyceum, snapshot_of(lyceum.views, RIVER, WEEK)).document == before
    with pytest.raises(NothingToPlan, match="served by released timetables of other areas already"):
        plan_week(lyceum, RIVER, WEEK, effort=QUICK)


def test_new_room_of_a_closed_venue_is_closed(quick: Lyceum) -> None:
    close_venue(quick, "library", Closure(stream_id("c"), MONDAY, date(2026, 12, 6)), "painting")
    library = quick.must_load(VENUES, venue_id("library"))
    annex = venue.Room(room_id("library", "annex"), "annex", "Annex", 20)
    quick.commit(venue.open_room(library, quick.metadata(), annex))

    lent = quick.must_load(VENUES, library.id)
    page = with_time_taken(diary.blank("room", annex.id, WEEK), lent)
    assert len(page.blocks) == 7
    assert open_windows(lent, annex.id, WEEK, None) == ()


def test_released_week_without_requests_gives_an_empty_plan_and_an_unreleased_one_none(quick: Lyceum) -> None:
    release(quick, TOWN)
    for one in quick.views.all(REQUESTS):
        quick.commit(request.step(one, quick.metadata(), "withdrawn", "all off"))

    assert plan_week(quick, TOWN, WEEK, effort=QUICK).plan["assignments"] == []
    with pytest.raises(NothingToPlan):
        plan_week(quick, TOWN, "2026-W50", effort=QUICK)


# ---- Venues and areas that end


def test_retired_venue_is_open_until_the_day_before(quick: Lyceum) -> None:
    library = quick.must_load(VENUES, venue_id("library"))
    reading = room_id("library", "reading")
    (gone,) = venue.retire_venue(library, quick.metadata(), on=date(2026, 12, 3), why="moves out")
    after = venue.evolve(library, gone)

    assert [window.day for window in open_windows(after, reading, WEEK, None)] == [2, 3]
    assert open_windows(after, reading, "2026-W50", None) == ()
    assert len(open_windows(after, reading, "2026-W48", None)) == 6
    assert venue.retire_venue(after, quick.metadata(), on=date(2026, 12, 3), why="again") == ()
    (back,) = venue.retire_venue(after, quick.metadata(), on=None, why="it stays")
    assert venue.evolve(after, back).retired is None


def test_venue_that_retires_later_after_all_keeps_what_is_promised(lyceum: Lyceum) -> None:
    release(lyceum, TOWN)
    _, first = execute(lyceum, lambda unit: retire_venue(unit, "library", MONDAY, "moves out"))
    retire_venue(lyceum, "library", date(2027, 6, 1), "moves out in summer")

    page = lyceum.must_load(DIARIES, diary.diary_id(room_id("library", "reading"), WEEK))
    assert [one.request for one in first] == ["r-phone"]
    assert "has retired on 2026-11-30" in first[0].text()
    assert page.blocks == ()
    assert week_warnings(lyceum, lyceum.views, TOWN, WEEK).released == ()


def dissolve(lyceum: UnitOfWork | Lyceum, key: str, into: str | None = None, *, holds: bool = True) -> None:
    known = {one.id: one for one in lyceum.views.all(AREAS)}
    heir = known[area_id(into)] if into else None
    made = network.dissolve_area(
        known[area_id(key)], lyceum.metadata(), on=MONDAY, why="reform", network=known, into=heir, holds=holds
    )
    lyceum.commit(made)


@pytest.mark.parametrize(("into", "heir"), [(None, TOWN), ("river", RIVER)])
def test_what_belongs_to_a_dissolved_area_goes_to_its_heir(
    lyceum: Lyceum, into: str | None, heir: UUID
) -> None:
    before = plan_week(lyceum, TOWN, WEEK, effort=QUICK).problem.document
    dissolve(lyceum, "hill", into)
    after = plan_week(lyceum, TOWN, WEEK, effort=QUICK).problem.document

    for section in ("requests", "venues", "volunteers"):
        assert {one["id"] for one in after[section]} == {one["id"] for one in before[section]}
    assert network.successor_on({one.id: one for one in lyceum.views.all(AREAS)}, HILL, MONDAY) == heir


def test_week_that_a_dissolved_area_has_released_is_broken_until_it_is_emptied(lyceum: Lyceum) -> None:
    release(lyceum, HILL)
    _, broken = execute(lyceum, lambda unit: dissolve(unit, "hill"))
    empty = release(lyceum, HILL, "Nothing left")

    assert [one.request for one in broken] == ["r-phone"]
    assert "belongs to Town" in broken[0].text()
    assert empty == set()
    assert "r-phone" in release(lyceum, TOWN)


def test_area_that_nobody_is_around_names_who_takes_over(quick: Lyceum) -> None:
    for key in ("river", "hill"):
        dissolve(quick, key)

    with pytest.raises(AreaInUse, match="name the area that takes them over"):
        dissolve(quick, "town")
    with pytest.raises(AreaCycle):
        dissolve(quick, "town", "town")
    dissolve(quick, "town", holds=False)


# ---- Which events can break something

HARMLESS = {
    "AreaFounded",
    "AreaRenamed",
    "AreaRecoded",
    "AreaStartsSet",
    "EntryAdded",
    "EntryRetired",
    "VenueRegistered",
    "VolunteerEnrolled",
    "RequestSubmitted",
}
"""Events after which what was released holds as before: nothing rests on what is new, on names, nor on a grid."""


def test_every_event_of_what_a_release_rests_on_is_looked_at_or_harmless() -> None:
    own = {TIMETABLES.name, DIARIES.name, ACCOUNTS.name}
    kinds = {kind for kind, stream in STREAM_OF.items() if stream.name not in own}
    passed_over = {kind.__name__ for kind in kinds if _note.dispatch(kind) is _note.dispatch(object)}

    assert passed_over == HARMLESS
