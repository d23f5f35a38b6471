"""Nobody waits behind another kind of work: each operation has its lane; what nobody in particular does is bounded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Event, Thread
from typing import Any

import anyio
import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from adapters.store.rows import TABLES
from api.http.auth.roles import TABLE
from api.http.limits.thread_limits import LANES, Lane
from api.http.server import RESOURCES
from tests.adapters.town import WEEK
from tests.api.http.conftest import Person, served, someone
from tests.api.http.signing import house_of
from tests.api.http.test_doors import doors

__all__ = ["doors"]
LARGE = {  # commands on as many streams as there are, or that read or give again whatever they are sent
    "import_table": "a whole table is read, judged and saved",
    "close_venue": "a block in the diary of every room, for each week",
    "lift_closure": "every diary that it was written into",
    "withdraw_room": "every diary of the room",
    "pause_volunteer": "a block in every week of the pause",
    "let_go": "every diary of the volunteer",
    "merge_volunteer": "every diary of the volunteer, and every account",
    "erase_person": "the files are written anew",
    "type_days": "a table of days",
    "move_area": "all that lies below the area",
    "merge_area": "all that lies in both areas",
    "dissolve_area": "all that lies in the area",
    "release_draft": "the week is judged by all facts, and every diary is written",
    "change_branch": "any of these, inside a branch",
    "rebase_branch": "every command of the branch again",
    "adopt_branch": "every command of the branch again",
}
JUDGED = {
    "move_session",
    "try_move",
    "suggest_places",
    "map_places",
    "undo_step",
    "redo_step",
    "compare_branch",
}
SEARCHED = {"plan_a_branch", "repair_a_branch"}


def operations() -> Iterator[tuple[str, str, Lane]]:
    """Each operation: its name, its method and its lane."""
    for resource in RESOURCES:
        for route in resource.operations.routes:
            if isinstance(route, APIRoute) and route.include_in_schema:
                endpoint: Any = route.endpoint
                yield route.operation_id or "", next(iter(route.methods or ())), endpoint.lane


def test_commands_that_take_longer_than_a_write_are_not_among_the_writes() -> None:
    commands = {name: lane for name, method, lane in operations() if method == "POST"}

    assert len(commands) > 60
    assert {name for name, lane in commands.items() if lane == "large"} == set(LARGE)
    assert {name for name, lane in commands.items() if lane == "search"} == SEARCHED
    assert {name for name, lane in commands.items() if lane == "alone"} == JUDGED & set(commands)
    assert set(commands.values()) == {"write", "large", "search", "alone"}


def test_reads_are_not_among_the_writes() -> None:
    reads = {name: lane for name, method, lane in operations() if method == "GET"}

    assert set(reads.values()) == {"quick", "feed", "slow", "alone", "stream"}
    assert [name for name, lane in reads.items() if lane == "feed"] == ["read_feed"]
    assert {name for name, lane in reads.items() if lane == "alone"} == JUDGED & set(reads)


@contextmanager
def full(client: TestClient, but: set[Lane]) -> Iterator[None]:
    """Every lane is taken by somebody who does not come to an end, except these."""
    lanes, portal = house_of(client).lanes, client.portal
    assert portal is not None
    with ExitStack() as stack:
        for lane in set(LANES) - but:
            limiter = lanes.of(lane)
            for _ in range(int(limiter.total_tokens)):
                taken = object()
                portal.call(limiter.acquire_on_behalf_of_nowait, taken)
                stack.callback(portal.call, limiter.release_on_behalf_of, taken)
        yield


def test_write_waits_for_nothing_but_writes(client: TestClient, administrator: Person) -> None:
    offer = {"windows": [{"start_min": 540, "end_min": 900}]}
    with full(client, {"write", "admission"}):
        assert administrator.post("/volunteers/wang/offer", offer).status == 200


def test_read_waits_for_nothing_but_quick_reads(
    client: TestClient, administrator: Person, nobody: Person
) -> None:
    with full(client, {"quick"}):
        assert administrator.get("/venues").status == 200
        assert nobody.get("/areas/town").status == 200


def test_feed_that_is_made_anew_waits_for_feeds_alone(client: TestClient, administrator: Person) -> None:
    url = administrator.post("/areas/town/feeds", {}).body["url"]
    with full(client, {"feed"}):
        assert [client.request(method, url).status_code for method in ("GET", "HEAD")] == [200, 200]


def test_past_of_who_is_signed_in_waits_for_nobody_else(client: TestClient, administrator: Person) -> None:
    with full(client, {"past", "admission"}):
        assert administrator.get("/areas/town?at=9").status == 200


def test_search_of_one_caller_is_one_at_a_time(
    client: TestClient, lyceum: Lyceum, coordinator: Person
) -> None:
    lanes = house_of(client).lanes
    begun, go = Event(), Event()

    def search() -> None:
        begun.set()
        go.wait(30)

    assert client.portal is not None
    who = "coordinator"
    held = client.portal.start_task_soon(lanes.run, "search", who, search)
    assert begun.wait(30)
    coordinator.post(f"/weeks/river/{WEEK}/branches", {"name": "what-if"})
    refused = coordinator.post(f"/weeks/river/{WEEK}/branches/what-if/plan", {"time_limit_s": 1})
    go.set()
    held.result()

    assert refused.problem == "too-many"
    assert refused.headers["retry-after"] == "5"


# ---- Nobody in particular

BOUNDED = {  # what the public may do, and what bounds it
    "about.read": "memory",
    "sign-in.read": "the caller's own cookie",
    "sign-in.end": "the caller's own cookie; nothing is kept of others",
    "areas.read": "memory; the past is counted",
    "catalogue.read": "memory; the past is counted",
    "day-types.read": "memory; the past is counted",
    "weeks.read": "the last releases are in memory; the past is counted",
    "role-offers.read": "who is not signed in hears 401",
    "role-offers.answer": "who is not signed in hears 401",
    "feeds.calendar.read": "a secret address, a lane of its own; the last ones are in memory, up to 64 MB",
}


def test_whatever_the_public_may_do_has_its_bound() -> None:
    assert {name for name, row in TABLE.items() if "public" in row} == set(BOUNDED)


def rows(lyceum: Lyceum) -> dict[str, int]:
    tables = (lyceum.store.rows(table) for table in TABLES if table != "views")
    return {
        collection: len(table.select(collection)) for table in tables for collection in table.collections()
    }


def test_nobody_in_particular_writes_a_row(
    doors: list[tuple[str, str, dict[str, Any]]], client: TestClient, lyceum: Lyceum
) -> None:
    before, position = rows(lyceum), lyceum.store.position()
    for number, (method, path, _) in enumerate(doors):
        for body in (b"{}", b""):
            headers = {"idempotency-key": f"k-{number}-{len(body)}", "content-type": "application/json"}
            client.request(method, f"/v1{path}", content=body if method == "post" else None, headers=headers)

    assert rows(lyceum) == before
    assert lyceum.store.position() == position


def test_body_of_nobody_in_particular_is_small_and_not_read_where_a_role_is_asked_for(
    doors: list[tuple[str, str, dict[str, Any]]], client: TestClient
) -> None:
    for method, path, operation in doors:
        if method == "post":
            sent: list[int] = []

            def parts(sent: list[int] = sent) -> Iterator[bytes]:
                for number in range(100):
                    sent.append(number)
                    yield b" " * 1000

            answer = client.post(f"/v1{path}", content=parts(), headers={"content-type": "application/json"})

            assert answer.status_code == (413 if {} in operation["security"] else 401), path


def test_command_of_somebody_is_not_as_large_as_a_file(client: TestClient, lyceum: Lyceum) -> None:
    house_of(client).bodies._max_bytes = 20_000_000
    person = someone(lyceum, client, ("administrator", None))

    assert person.send("/areas", b" " * 1_000_001, "application/json").problem == "too-large"
    assert person.send("/imports/venues", b"key\r\n" + b" " * 1_000_001, "text/csv").problem != "too-large"


@pytest.mark.parametrize("given", [{"authorization": "Bearer wrong"}, {"authorization": "Basic x"}])
def test_wrong_key_is_refused_before_the_body(given: dict[str, str], client: TestClient) -> None:
    answer = client.post(
        "/v1/imports/venues", content=b"x" * 150_000, headers={**given, "content-type": "text/csv"}
    )

    assert answer.status_code == 401


def test_large_bodies_of_one_caller_are_few(lyceum: Lyceum) -> None:
    with served(lyceum) as client:
        person = someone(lyceum, client, ("administrator", None))
        large = house_of(client).bodies._large
        with large.held("administrator"), large.held("administrator"):
            assert person.send("/imports/venues", b"x" * 100_000, "text/csv").problem == "too-many"
        assert person.send("/imports/venues", b"x" * 100_000, "text/csv").problem != "too-many"


def test_mails_of_one_who_asks_for_many_do_not_keep_others_waiting() -> None:
    from api.http.signin.outbox import MOST_EACH, SENDERS, Outbox

    outbox, go, sent = Outbox(), Event(), list[str]()

    def waits() -> None:
        go.wait(30)

    for number in range(SENDERS):  # who is at work does not come to an end
        outbox.put("busy", f"busy-{number}@example.org", waits)
    many = [outbox.put("much", f"m{number}@example.org", lambda: sent.append("much")) for number in range(40)]
    other = outbox.put("little", "l@example.org", lambda: sent.append("little"))
    again = outbox.put("little", "m0@example.org", lambda: sent.append("twice"))
    closing = Thread(target=outbox.settle)
    go.set()
    closing.start()
    closing.join(60)
    outbox.close()

    assert many == [True] * MOST_EACH + [False] * (40 - MOST_EACH)
    assert (other, again) == (True, True)
    assert sorted(sent) == sorted(["little", *["much"] * MOST_EACH])
    assert sent.index("little") < 10


def test_turns_are_given_back() -> None:
    async def taken() -> int:
        from api.http.limits.thread_limits import Turns

        turns = Turns(1, each=1)
        for _ in range(3):
            with turns.held("somebody"):
                pass
        return turns.count

    assert anyio.run(taken) == 0
