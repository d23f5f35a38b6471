"""A release promises rooms and people once, whoever releases what at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from adapters.application.application import Lyceum
from adapters.services.planning import Effort, plan_week
from adapters.services.releases import BrokenRules, Released, release_week
from adapters.store.streams import DIARIES, REQUESTS, VENUES
from adapters.week.plan_documents import load_timetable
from adapters.week.problem_document import write_problem
from adapters.week.week_snapshot import calendar_entries, snapshot_of
from domain import diary, network, venue
from domain.diary import DoubleBooking, Overload
from domain.events import Refused
from domain.request import request_id
from domain.timetable import NoDraft, latest_release
from domain.volunteer import volunteer_id
from tests.adapters.town import TOWN, WEEK

QUICK = Effort(time_limit_s=5, workers=1)
RIVER = network.area_id("river")


def released(lyceum: Lyceum, area: object = TOWN, name: str = "First timetable") -> Released:
    plan_week(lyceum, area, WEEK, effort=QUICK)  # type: ignore[arg-type]
    return release_week(lyceum, area, WEEK, name)  # type: ignore[arg-type]


def test_release_writes_the_timetable_and_every_diary(lyceum: Lyceum) -> None:
    made = released(lyceum)

    sessions = latest_release(load_timetable(lyceum, TOWN, WEEK)).sessions  # type: ignore[union-attr]
    assert (made.number, made.made, made.sessions) == (1, True, 4)
    for session in sessions:
        for resource in (session.room, *session.team):
            page = lyceum.load(DIARIES, diary.diary_id(resource, WEEK))
            assert page is not None
            assert (session.request, session.number) in {(one.request, one.number) for one in page.promises}


def test_release_moves_the_served_requests_to_scheduled(lyceum: Lyceum) -> None:
    released(lyceum)

    states = {key: lyceum.must_load(REQUESTS, request_id(key)).status for key in ("r-brush", "r-robot")}
    assert states == {"r-brush": "scheduled", "r-robot": "accepted"}


def test_release_twice_changes_nothing(lyceum: Lyceum) -> None:
    released(lyceum)
    position = lyceum.store.position()

    again = release_week(lyceum, TOWN, WEEK, "First timetable")

    assert (again.number, again.made) == (1, False)
    assert lyceum.store.position() == position


def test_release_without_a_draft_is_refused(quick: Lyceum) -> None:
    with pytest.raises(NoDraft, match="make one with a plan first"):
        release_week(quick, TOWN, WEEK, "First timetable")


def test_release_of_a_draft_that_the_facts_have_overtaken_is_refused(lyceum: Lyceum) -> None:
    plan_week(lyceum, TOWN, WEEK, effort=QUICK)
    school = lyceum.must_load(VENUES, venue.venue_id("school"))
    lyceum.commit(venue.open_room(school, lyceum.metadata(), replace(school.rooms[0], capacity=40)))
    position = lyceum.store.position()

    with pytest.raises(BrokenRules, match=r"fit: .*50 learners"):
        release_week(lyceum, TOWN, WEEK, "First timetable")

    assert lyceum.store.position() == position


def test_second_release_frees_what_the_first_had_promised(lyceum: Lyceum) -> None:
    released(lyceum)
    from adapters.services.adjusting import drop

    drop(lyceum, TOWN, WEEK, request_id("r-phone"), 1, "called off")
    second = release_week(lyceum, TOWN, WEEK, "Second timetable")

    li = lyceum.load(DIARIES, diary.diary_id(volunteer_id("li"), WEEK))
    assert [one.change for one in second.changes].count("cancelled") == 1
    assert li is not None
    assert li.promises == ()
    assert lyceum.must_load(REQUESTS, request_id("r-phone")).status == "accepted"
    cancelled = [one for one in calendar_entries(snapshot_of(lyceum.views, TOWN, WEEK)) if one.cancelled]
    assert [(one.session_view.request.key, one.sequence) for one in cancelled] == [("r-phone", 1)]


def test_two_areas_cannot_promise_the_same_person(lyceum: Lyceum) -> None:
    plan_week(lyceum, TOWN, WEEK, effort=QUICK)  # the town's draft was made first …
    released(lyceum, RIVER, "River alone")  # … and the street's release takes the same people and rooms

    with pytest.raises((DoubleBooking, Overload, BrokenRules)):
        release_week(lyceum, TOWN, WEEK, "Town")

    assert latest_release(load_timetable(lyceum, TOWN, WEEK)) is None


def test_plan_leaves_alone_what_another_area_has_promised(lyceum: Lyceum) -> None:
    released(lyceum, RIVER, "River alone")

    made = released(lyceum, TOWN, "Town")

    taken = {(one.resource, promise.window) for one in lyceum.views.all(DIARIES) for promise in one.promises}
    promises = [(one.resource, promise) for one in lyceum.views.all(DIARIES) for promise in one.promises]
    assert made.made
    assert len(taken) == len(promises)


def test_of_two_areas_that_release_at_once_one_is_refused_and_nothing_is_promised_twice(
    lyceum: Lyceum,
) -> None:
    for area in (TOWN, RIVER):
        plan_week(lyceum, area, WEEK, effort=QUICK)
    start = Barrier(2)

    def release(area: object) -> bool:
        start.wait()
        try:
            return release_week(lyceum, area, WEEK, "At once").made  # type: ignore[arg-type]
        except Refused:
            return False

    with ThreadPoolExecutor(2) as pool:
        won = list(pool.map(release, (TOWN, RIVER)))

    assert sorted(won) == [False, True]
    lyceum.views.catch_up()
    for page in lyceum.views.all(DIARIES):
        assert len({one.timetable for one in page.promises}) <= 1


def test_problem_after_a_release_is_the_one_before_it(lyceum: Lyceum) -> None:
    before = write_problem(lyceum, snapshot_of(lyceum.views, TOWN, WEEK)).document
    released(lyceum)

    assert write_problem(lyceum, snapshot_of(lyceum.views, TOWN, WEEK)).document == before


def test_next_week_knows_the_release_as_its_previous_one(quick: Lyceum) -> None:
    released(quick)

    draft = plan_week(quick, TOWN, "2026-W50", effort=QUICK)

    assert len(draft.problem.document["previous"]) == 4
    assert draft.plan["goals"]["continuity"]["value"] == 4
