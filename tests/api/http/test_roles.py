"""Who may do what, walked: every operation, by every role, inside and outside its part of the network.

A command is sent with a version that nothing has, so that whoever is let in hears 412, and nothing is ever changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from adapters.branches.branches import branch_row, start_branch
from adapters.exports.agendas import Owner
from adapters.feeds.feed_records import Feed, Write, feed_row
from adapters.jobs.job_queue import ask
from adapters.jobs.job_records import Job
from adapters.people.personal_records import PersonalRecord
from adapters.services.adjusting import find_session, pin
from adapters.services.closures import close_venue
from adapters.services.planning import Effort, plan_week
from adapters.services.releases import release_week
from adapters.workers.job_kinds import explain_parameters
from api.http.auth.roles import ROLES, TABLE, Role
from api.http.server import RESOURCES, create_app
from api.http.settings import Settings
from domain.account import RoleGrant
from domain.day_types import TypedDay, type_days
from domain.network import area_id
from domain.request import request_id
from domain.venue import Closure, room_id, venue_id
from domain.volunteer import volunteer_id
from tests.adapters.town import WEEK, town
from tests.api.http.conftest import Asked, Person, an_account, someone
from tests.api.http.test_doors import SAMPLES
from tests.workers import do_one

RIVER, HILL = area_id("river"), area_id("hill")
CLOSURE = UUID("0c7a67b9-3f55-5197-8d77-0c24b56821c5")

# What the walk asks about lies in the street "river"; each role is granted that part, or the like of "hill".
PARTS: dict[Role, tuple[UUID | None, UUID | None]] = {
    "public": (None, None),
    "host": (venue_id("school"), venue_id("library")),
    "volunteer": (volunteer_id("wang"), volunteer_id("li")),
    "community": (RIVER, HILL),
    "coordinator": (RIVER, HILL),
    "administrator": (None, None),
    "auditor": (None, None),
}
PATH = SAMPLES | {"area": "river", "closure": str(CLOSURE), "kind": "function", "code": "leisure"}
# Where the samples for all do not fit, or the example of the description speaks of another place.
OTHER_PATHS = {
    "explain_problem": {"name": "not-there"},
    "read_template": {"kind": "venues"},
    "export_data": {"kind": "venues"},
    "import_table": {"kind": "venues"},
}
NAMES = [{"language": "en", "name": "Quay"}]
QUERIES = {"list_events": "?area=river", "read_batch": "?area=river"}
BODIES: dict[str, Any] = {
    "found_area": {
        "key": "quay",
        "level": "community",
        "names": NAMES,
        "parent": "river",
        "on": "2026-01-01",
    },
}
FOLLOWED: dict[Role, Owner] = {
    "coordinator": ("area", RIVER),
    "host": ("venue", venue_id("school")),
    "volunteer": ("volunteer", volunteer_id("wang")),
    "community": ("request", request_id("r-brush")),
}
NO_VERSION = '"999999"'


@dataclass(frozen=True)
class Door:
    """One operation with everything filled in."""

    method: str
    path: str
    operation: str
    body: Any
    is_list: bool


@pytest.fixture(scope="module")
def street() -> Iterator[Lyceum]:
    """The town after a week of work in the street of the school."""
    with town("memory:") as lyceum:
        days = [TypedDay(date(2026, 10, 1), "holiday", "National Day")]
        lyceum.commit(type_days(None, lyceum.metadata(), "CN", days, status="official", source="a sample"))
        closure = Closure(CLOSURE, *2 * (lyceum.clock().date(),), (room_id("school", "west"),))
        close_venue(lyceum, "school", closure, "a sample", emergency=True)
        lyceum.remember(volunteer_id("wang"), PersonalRecord("Wang Li", "", "", "", None))
        plan_week(lyceum, RIVER, WEEK, effort=Effort(5, 1))
        session = find_session(lyceum, RIVER, WEEK, request_id("r-brush"), 1)
        pin(lyceum, RIVER, WEEK, session, "a sample")
        release_week(lyceum, RIVER, WEEK, "First")
        an_account(lyceum, SAMPLES["account"], RoleGrant("host", venue_id("school")))
        lyceum.store.save((), list(_feeds(lyceum)))
        known, branch = start_branch(lyceum.store, lyceum.metadata(), RIVER, WEEK, SAMPLES["branch"])
        lyceum.commit((), [branch_row(lyceum.store, known, branch)])
        asked, at = explain_parameters(None, 1), lyceum.clock()
        ask(lyceum, Job(UUID(SAMPLES["job"]), "explain", RIVER, "river", WEEK, "somebody", at, asked))
        assert do_one(lyceum)
        yield lyceum


def _feeds(lyceum: Lyceum) -> Iterator[Write]:
    for role, (kind, about) in FOLLOWED.items():
        feed = Feed(UUID(feed_of(role)), kind, about, kind, "calendar", None, "somebody", lyceum.clock())
        yield feed_row(SAMPLES["secret"] if role == "coordinator" else role, feed)


def feed_of(role: Role) -> str:
    """The id of a feed in the part of each role."""
    return SAMPLES["feed"][:-1] + str(list(FOLLOWED).index(role) if role in FOLLOWED else 0)


@pytest.fixture(scope="module")
def client(street: Lyceum) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), lyceum=street, clock=street.clock)) as client:
        yield client


@pytest.fixture(scope="module")
def doors(client: TestClient) -> list[Door]:
    """Every operation that the program has: read from its description, and named in the table by its route."""
    may = {
        (method, route.path): getattr(route.endpoint, "operation", "")
        for resource in RESOURCES
        for route in resource.operations.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    return [
        _door(method.upper(), path, operation, may[method.upper(), path])
        for path, item in client.get("/v1/openapi.json").json()["paths"].items()
        for method, operation in item.items()
    ]


def _door(method: str, path: str, operation: dict[str, Any], may: str) -> Door:
    name = operation["operationId"]
    samples = PATH | OTHER_PATHS.get(name, {})
    filled = re.sub(r"\{(\w+)\}", lambda found: samples[found[1]], path) + QUERIES.get(name, "")
    content = operation.get("requestBody", {}).get("content", {})
    body = BODIES.get(name, next((one["example"] for one in content.values()), None))
    return Door(method, filled, may, body, method == "GET" and "{" not in path)


def knock(person: Person, door: Door) -> Asked:
    """Ask; a command names a version that nothing has."""
    path = door.path.removeprefix("/v1")
    if door.method == "GET":
        return person.get(path)
    if isinstance(door.body, str):
        return person.send(path, door.body.encode(), "text/csv", if_match=NO_VERSION)
    return person.post(path, door.body, if_match=NO_VERSION)


def expected(door: Door, role: Role, inside: bool) -> str:
    """What the table says: let in, kept out, or asked for a credential."""
    reach = TABLE[door.operation].get(role) or TABLE[door.operation].get("public")
    if reach is None:
        return "unknown" if role == "public" else "kept out"
    if reach == "all" or inside:
        return "let in"
    return "own list" if door.is_list else "kept out"


def told(asked: Asked) -> str:
    match asked.status:
        case 401:
            return "unknown"
        case 403:
            return "kept out"
        case 200 | 412:
            return "let in"
    return f"{asked.status} {asked.body}"


def keys(asked: Asked) -> set[str]:
    """What a list shows, each thing by its whole text."""
    if asked.status != 200:
        return set()
    return {repr(one) for one in (asked.body if isinstance(asked.body, list) else asked.body["items"])}


@pytest.mark.parametrize("role", ROLES)
def test_every_door_is_as_the_table_says(
    street: Lyceum, client: TestClient, doors: list[Door], role: Role
) -> None:
    position = street.store.position()
    inside, outside = (_person(street, client, role, part) for part in PARTS[role])
    wrong = []
    for common in doors:
        door = replace(common, path=common.path.replace(SAMPLES["feed"], feed_of(role)))
        here, there = knock(inside, door), knock(outside, door)
        for asked, where in ((here, "inside"), (there, "outside")):
            wanted, found = expected(door, role, where == "inside"), told(asked)
            if wanted == "own list":
                wanted = found if keys(here) and not keys(here) & keys(there) else "nothing of others"
            if found != wanted:
                wrong.append(f"{role} {where}: {door.method} {door.path}: {wanted}, found {found}")

    assert wrong == [], "\n".join(wrong)
    assert street.store.position() == position


def _person(lyceum: Lyceum, client: TestClient, role: Role, part: UUID | None) -> Person:
    return Person(client, None) if role == "public" else someone(lyceum, client, (role, part))


def test_every_row_of_the_table_is_a_door(doors: list[Door]) -> None:
    assert set(TABLE) - {door.operation for door in doors} == set()
