"""Records of an older version, with dates at both ends of the calendar or none to be read: every question answers.

One that cannot be answered for is left out and named, and the others are there.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from adapters.services.planning import Effort, plan_week
from adapters.services.releases import release_week
from adapters.store.streams import AREAS, REQUESTS, TIMETABLES, VENUES, VOLUNTEERS, Stream
from domain import day_types, network, request, timetable, venue, volunteer
from domain.events import Event, following
from domain.request import request_id
from domain.timetable import timetable_id
from domain.venue import Closure, venue_id
from domain.volunteer import volunteer_id
from tests.adapters.town import TOWN, WEEK
from tests.api.http.conftest import Person
from tests.api.http.test_doors import SAMPLES, doors  # noqa: F401 - a fixture
from tests.builders import an_id
from tests.domain.test_bounds import season

Doors = list[tuple[str, str, dict[str, Any]]]
FIRST, LAST = date.min, date.max


def append(lyceum: Lyceum, stream: Stream[Any], id: Any, kind: type[Event], **fields: Any) -> None:
    """One more event of a stream, as nobody would decide it today."""
    state = lyceum.must_load(stream, id)
    lyceum.commit([kind(**following(state, lyceum.metadata()), **fields)])


def wild(lyceum: Lyceum) -> None:
    """Every kind of date, at both ends."""
    school, wang = venue_id("school"), volunteer_id("wang")
    for number, (first, last) in enumerate(((FIRST, FIRST), (LAST, LAST))):
        closure = Closure(an_id(f"c-{number}"), first, last)
        append(lyceum, VENUES, school, venue.VenueClosed, closure=closure, why="x")
        pause = volunteer.Pause(first, last)
        append(lyceum, VOLUNTEERS, wang, volunteer.OfferPaused, pause=pause, why="x")
        exception = volunteer.OfferException(first)
        append(lyceum, VOLUNTEERS, wang, volunteer.OfferExcepted, exception=exception)
        check = volunteer.BackgroundCheck(True, first, last, "office")
        append(lyceum, VOLUNTEERS, volunteer_id("li"), volunteer.CheckRecorded, check=check)
        append(lyceum, VOLUNTEERS, volunteer_id("zhao"), volunteer.VolunteerLeft, on=last, why="x")
        days = (day_types.TypedDay(first, "holiday"),)
        made = day_types.DaysTyped(
            originator_id=day_types.day_types_id(f"C{number}"),
            originator_version=1,
            at=lyceum.metadata().at,
            by="x",
            key=f"C{number}",
            days=days,
            status="official",
            source="x",
        )
        lyceum.commit([made])
    hours = season(FIRST, LAST)
    append(lyceum, VENUES, venue_id("library"), venue.OpeningHoursSet, room=None, hours=hours)
    hill = network.area_id("hill")
    append(lyceum, AREAS, hill, network.AreaRenamed, names=(("en", "Hill"),), on=LAST, why="x")
    append(lyceum, AREAS, hill, network.AreaMoved, parent=TOWN, on=FIRST, why="x")
    for key, first_week, weeks in (("r-brush", "9999-W52", 2), ("r-robot", "0001-W01", 10**9)):
        order = lyceum.must_load(REQUESTS, request_id(key)).order
        changed = replace(order, first_week=first_week, weeks=weeks)
        fields = {"area": hill, "location": None, "order": changed}
        append(lyceum, REQUESTS, request_id(key), request.OrderChanged, **fields)
    _last_week_of_all(lyceum)


def _last_week_of_all(lyceum: Lyceum) -> None:
    """A released timetable at each end, such as a feed meets."""
    known = lyceum.must_load(TIMETABLES, timetable_id(TOWN, WEEK))
    for week in ("9999-W52", "0001-W01"):
        blank = timetable.blank(TOWN, week)
        origin = known.origin or pytest.fail("no draft")
        drafted = timetable.DraftMade(
            **following(blank, lyceum.metadata()), area=TOWN, week=week, draft=1, origin=origin
        )
        released = timetable.TimetableReleased(
            **following(timetable.evolve(blank, drafted), lyceum.metadata()),
            number=1,
            name="x",
            draft=1,
            sessions=known.releases[0].sessions,
        )
        lyceum.commit([drafted, released])


@pytest.fixture
def old(lyceum: Lyceum) -> Lyceum:
    """The town, released, with wild records."""
    plan_week(lyceum, TOWN, WEEK, effort=Effort(time_limit_s=5, workers=1))
    release_week(lyceum, TOWN, WEEK, "First")
    wild(lyceum)
    return lyceum


def test_every_question_answers_whatever_dates_old_records_have(
    old: Lyceum,
    administrator: Person,
    doors: Doors,  # noqa: F811
) -> None:
    answers = {path: administrator.get(path).status for method, path, _ in doors if method == "get"}

    assert {path: status for path, status in answers.items() if status >= 500} == {}
    assert answers[f"/weeks/town/{WEEK}/problem"] == 200
    assert answers[f"/reports/town/{WEEK}"] == 200


@pytest.mark.parametrize("path", ["/volunteers/li/feeds", "/areas/town/feeds", "/venues/school/feeds"])
@pytest.mark.parametrize("form", ["calendar", "free-busy"])
def test_feeds_answer_too(old: Lyceum, administrator: Person, path: str, form: str) -> None:
    del old
    body = {} if path.startswith("/areas") else {"form": form}
    made = administrator.post(path, body)

    assert administrator.client.get(made.body["url"].partition("testserver")[2]).status_code == 200


WEEKS = ["9999-W52", "9999-W51", "0001-W01", "0000-W01", "1989-W52", "2201-W01"]
DAYS = ["9999-12-31", "0001-01-01", "1989-12-31", "2201-01-01"]


@pytest.mark.parametrize("week", WEEKS)
def test_week_that_nobody_plans_for_is_refused_at_every_door(
    administrator: Person, client: TestClient, week: str
) -> None:
    document = client.get("/v1/openapi.json").json()
    for path, item in document["paths"].items():
        if "{week}" not in path:
            continue
        filled = path.removeprefix("/v1").format_map({**SAMPLES, "week": week})
        for method, operation in item.items():
            body = (
                operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
            )
            answer = administrator.get(filled) if method == "get" else administrator.post(filled, body)
            assert (filled, answer.status) == (filled, 422)


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize(
    "path",
    [
        "/areas?on={}",
        "/areas/town/around?on={}",
        "/catalogue?on={}",
        "/checks?expires_before={}",
        "/areas?at={}T00:00:00Z",
        "/areas?at={}T23:59:59%2B14:00",
        "/areas?at={}T23:59:59-14:00",
    ],
)
def test_day_that_nobody_plans_for_is_refused_at_every_door(
    administrator: Person, path: str, day: str
) -> None:
    assert administrator.get(path.format(day)).status == 422


@pytest.mark.parametrize("at", ["9" * 30, "²", "٣"])
def test_position_that_is_none_is_refused(administrator: Person, at: str) -> None:
    assert administrator.get(f"/areas?at={at}").problem == "invalid"


# ---- Records that cannot be read at all


def test_record_that_cannot_be_answered_for_is_left_out_and_named(
    lyceum: Lyceum, administrator: Person, caplog: pytest.LogCaptureFixture
) -> None:
    order = replace(lyceum.must_load(REQUESTS, request_id("r-choir")).order, first_week="2026-W99")
    fields = {"area": TOWN, "location": None, "order": order}
    append(lyceum, REQUESTS, request_id("r-choir"), request.OrderChanged, **fields)

    listed = administrator.get(f"/requests?week={WEEK}").body["items"]
    problem = administrator.get(f"/weeks/town/{WEEK}/problem").body
    warnings = administrator.get(f"/weeks/town/{WEEK}/warnings").body["problem"]

    assert [one["key"] for one in listed] == ["r-brush", "r-phone", "r-robot"]
    assert len(problem["requests"]) == 3
    named = "request r-choir is left out, because what is known of it cannot be read (NotAWeek)"
    assert [one for one in warnings if one.startswith(named)]
    assert named in caplog.text


def test_report_names_what_it_leaves_out(lyceum: Lyceum, administrator: Person) -> None:
    plan_week(lyceum, TOWN, WEEK, effort=Effort(time_limit_s=5, workers=1))
    order = replace(lyceum.must_load(REQUESTS, request_id("r-robot")).order, first_week="2026-W99")
    fields = {"area": TOWN, "location": None, "order": order}
    append(lyceum, REQUESTS, request_id("r-robot"), request.OrderChanged, **fields)

    report = administrator.get(f"/reports/town/{WEEK}").body

    assert report["asked"] == 3
    assert [one.partition(",")[0] for one in report["warnings"]] == ["request r-robot is left out"]
