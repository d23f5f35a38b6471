"""Fields that guard somebody are for staff: every field of every form that a host, volunteer or community may write."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from pydantic import BaseModel
from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from adapters.store.streams import REQUESTS, VOLUNTEERS
from api.http.auth.roles import TABLE
from api.http.framework.operations import COMMANDS
from api.http.framework.staff_fields import GUARDED
from domain import request
from domain.network import area_id
from domain.request import request_id
from domain.venue import venue_id
from domain.volunteer import volunteer_id
from tests.api.http.conftest import Person, someone

# Whose word each field is: "own" of whoever may write the rest, "staff" alone, "target" by who may write where it
# goes, "again" by a community that is looked at again, "nobody" for a fixed form of an answer.
WORDS: dict[str, dict[str, str]] = {
    "CalendarForm": {"language": "own"},
    "Closed": dict.fromkeys(("first", "last", "rooms", "start_min", "end_min", "why", "emergency"), "own"),
    "Described": {"name": "own", "kind": "own", "area": "target", "location": "own"},
    "End": {"everywhere": "own"},
    "Excepted": {"day": "own", "windows": "own"},
    "FeedForm": {"language": "own", "form": "own"},
    "Grant": {"role": "held", "within": "held"},
    "Left": {"on": "earlier", "why": "own"},
    "LeftOut": dict.fromkeys(("week", "instead", "extend"), "again"),
    "Offered": dict.fromkeys(("windows", "every_weeks", "first_week", "week_letter", "otherwise"), "own"),
    "Opened": dict.fromkeys(
        ("key", "name", "capacity", "equipment", "accessible", "turnaround_minutes", "part_of", "functions"),
        "own",
    ),
    "OrderForm": {
        **dict.fromkeys(
            (
                *(
                    "every_weeks",
                    "week_letter",
                    "on_weeks",
                    "on_dates",
                    "except_weeks",
                    "make_up_weeks",
                    "make_up",
                ),
                *("title", "topic", "function", "learners", "duration_minutes", "acceptable", "first_week"),
                *("weeks", "sessions", "form", "audience", "minors", "preferred", "equipment", "accessible"),
                *(
                    "max_travel_km",
                    "leads",
                    "assistants",
                    "cohorts",
                    "max_sessions_per_day",
                    "same_leads",
                    "partial",
                ),
            ),
            "again",
        ),
        "priority": "staff",
    },
    "Ordered": {"area": "target", "location": "again", "order": "again"},
    "Paused": dict.fromkeys(("first", "last", "why"), "own"),
    "Person": dict.fromkeys(("name", "phone", "email", "address", "home"), "own"),
    "ProfileForm": {
        **dict.fromkeys(
            ("skills", "languages", "max_travel_km", "max_minutes_day", "max_minutes_week"), "own"
        ),
        **dict.fromkeys(("kind", "minor", "roles"), "staff"),
        "home_area": "target",
    },
    "Reason": {"why": "own"},
    "Reopened": {"why": "own"},
    "Rules": dict.fromkeys(("room", "periods", "osm", "accept_warnings", "as_venue"), "own"),
    "VenueRetired": {"on": "own", "why": "own"},
    "Submitted": {"key": "own", "area": "target", "location": "again", "order": "again"},
    "Terms": dict.fromkeys(("price", "price_per_hour", "weekly_cap_minutes", "recall_notice_hours"), "own"),
    "TokenWanted": {"grants": "held", "days": "own"},
    "Withdrawn": {"why": "own"},
}
BELOW = {"host", "volunteer", "community"}
PARTS_OF_FORMS = {"OrderForm"}


def forms() -> Iterator[type[BaseModel]]:
    for declared in COMMANDS.values():
        if BELOW & TABLE[declared.may].keys() and declared.taken.form is not None:
            yield declared.taken.form
            for field in declared.taken.form.model_fields.values():
                if getattr(field.annotation, "__name__", "") in PARTS_OF_FORMS:
                    assert isinstance(field.annotation, type)
                    yield field.annotation


def test_somebody_has_said_of_every_field_whose_word_it_is() -> None:
    found = {form.__name__: sorted(form.model_fields) for form in forms()}

    assert found == {name: sorted(fields) for name, fields in WORDS.items()}


def test_what_is_for_staff_is_guarded_and_nothing_else() -> None:
    staff = {
        name: sorted(field for field, whose in fields.items() if whose == "staff")
        for name, fields in WORDS.items()
    }

    assert {name: fields for name, fields in staff.items() if fields} == {
        name: sorted(guard.fields) for name, guard in GUARDED.items()
    }
    assert all(not BELOW & TABLE[guard.row].keys() for guard in GUARDED.values())


# ---- Volunteers

WANG: dict[str, Any] = {"kind": "retiree", "home_area": "river", "skills": [{"topic": "choir"}]}


@pytest.fixture
def wang(lyceum: Lyceum, client: TestClient) -> Person:
    return someone(lyceum, client, ("volunteer", volunteer_id("wang")))


@pytest.mark.parametrize(
    "change", [{"minor": True, "roles": ["assistant"]}, {"kind": "staff"}, {"minor": True}]
)
def test_volunteer_does_not_change_what_guards(wang: Person, change: dict[str, Any]) -> None:
    assert wang.post("/volunteers/wang/describe", WANG | change).problem == "not-allowed"


def test_what_guards_stays_where_the_volunteer_leaves_it_out(
    lyceum: Lyceum, administrator: Person, wang: Person
) -> None:
    young = {**WANG, "minor": True, "roles": ["assistant"]}
    assert administrator.post("/volunteers/wang/describe", young).status == 200

    assert wang.post("/volunteers/wang/describe", {**WANG, "max_travel_km": 3}).status == 200

    profile = lyceum.must_load(VOLUNTEERS, volunteer_id("wang")).profile
    assert (profile.minor, profile.roles, profile.max_travel_km) == (True, ("assistant",), 3)
    assert wang.post("/volunteers/wang/describe", {**WANG, "roles": ["lead"]}).status == 403


def test_volunteer_gives_a_role_up_and_does_not_take_it_back(wang: Person) -> None:
    assert wang.post("/volunteers/wang/describe", {**WANG, "roles": ["assistant"]}).status == 200
    assert wang.post("/volunteers/wang/describe", {**WANG, "roles": ["lead", "assistant"]}).status == 403


def test_volunteer_who_was_let_go_does_not_come_back_alone(administrator: Person, wang: Person) -> None:
    assert administrator.post("/volunteers/wang/leave", {"on": "2026-12-01", "why": "let go"}).status == 200

    assert wang.post("/volunteers/wang/leave", {"on": "2027-12-01", "why": "I stay"}).status == 403
    assert wang.post("/volunteers/wang/leave", {"on": "2026-11-25", "why": "sooner"}).status == 200


def test_guardian_s_record_is_for_staff(administrator: Person, wang: Person) -> None:
    guardian = {"name": "Wang senior"}
    assert wang.post("/people/wang/guardian", guardian).status == 403
    assert administrator.post("/people/wang/guardian", guardian).status == 200
    assert wang.post("/people/wang/guardian/erase").status == 403
    assert wang.post("/people/wang/volunteer", {"name": "Wang"}).status == 200


# ---- Who moves a thing


def test_nobody_moves_a_thing_to_where_they_have_no_right_without_it(
    lyceum: Lyceum, client: TestClient
) -> None:
    venue = {"name": "School", "kind": "school", "area": "hill", "location": [29.4, 105.6]}
    moves = {
        ("host", venue_id("school")): ("/venues/school/describe", venue),
        ("volunteer", volunteer_id("wang")): ("/volunteers/wang/describe", {**WANG, "home_area": "hill"}),
        ("community", area_id("river")): ("/requests/r-choir/change", {"area": "hill", "order": ORDER}),
    }
    for granted, (path, body) in moves.items():
        assert someone(lyceum, client, granted).post(path, body).status == 403
        coordinator = someone(lyceum, client, ("coordinator", area_id("river")))
        assert coordinator.post(path, body).status == 403
        both = someone(lyceum, client, ("coordinator", area_id("river")), ("coordinator", area_id("hill")))
        assert both.post(path, body).status == 200


@pytest.mark.parametrize("into", [None, "town"])
def test_nobody_hands_an_area_on_to_where_they_have_no_right(
    lyceum: Lyceum, client: TestClient, coordinator: Person, into: str | None
) -> None:
    body = {"on": "2026-12-01", "why": "decree", "into": into}

    assert coordinator.post("/areas/river/dissolve", body).status == 403
    town = someone(lyceum, client, ("coordinator", area_id("town")))
    answer = town.post("/areas/river/dissolve", body)
    assert (answer.status, answer.body["handed_on"]["to"]) == (200, "town")


# ---- Communities

ORDER: dict[str, Any] = {
    "title": "Choir",
    "topic": "choir",
    "function": "leisure",
    "learners": 50,
    "duration_minutes": 60,
    "acceptable": [{"start_min": 1020, "end_min": 1260}],
    "first_week": "2026-W49",
}


@pytest.fixture
def river(lyceum: Lyceum, client: TestClient) -> Person:
    return someone(lyceum, client, ("community", area_id("river")))


def test_community_s_change_of_an_accepted_order_is_looked_at_again(
    lyceum: Lyceum, river: Person, coordinator: Person
) -> None:
    answer = river.post("/requests/r-choir/change", {"area": "river", "order": {**ORDER, "priority": 1000}})

    assert (answer.body["status"], answer.body["order"]["priority"]) == ("submitted", 1)
    for step in ("screen", "accept"):
        assert coordinator.post(f"/requests/r-choir/{step}", {}).status == 200
    changed = coordinator.post(
        "/requests/r-choir/change", {"area": "river", "order": {**ORDER, "priority": 7}}
    )
    assert (changed.body["status"], changed.body["order"]["priority"]) == ("accepted", 7)
    fewer = {**ORDER, "learners": 49}
    again = river.post("/requests/r-choir/change", {"area": "river", "order": fewer})
    assert (again.body["status"], again.body["order"]["priority"]) == ("submitted", 7)
    assert lyceum.must_load(REQUESTS, request_id("r-choir")).why == "the order was changed"


@pytest.mark.parametrize("status", ["scheduled", "running"])
def test_order_of_a_course_that_is_on_is_changed_by_staff(
    lyceum: Lyceum, river: Person, coordinator: Person, status: request.RequestStatus
) -> None:
    steps: tuple[request.RequestStatus, ...] = ("scheduled", "running")
    for step in steps[: steps.index(status) + 1]:
        lyceum.decide(REQUESTS, request_id("r-choir"), partial(request.step, status=step))
    body = {"area": "river", "order": {**ORDER, "learners": 51}}

    assert river.post("/requests/r-choir/change", body).problem == "wrong-step"
    assert coordinator.post("/requests/r-choir/change", body).body["status"] == status


def test_priority_of_a_new_order_is_for_staff(river: Person, coordinator: Person) -> None:
    body = {"area": "river", "order": {**ORDER, "priority": 9}}

    assert river.post("/requests", {"key": "r-1", **body}).body["order"]["priority"] == 1
    assert coordinator.post("/requests", {"key": "r-2", **body}).body["order"]["priority"] == 9
