"""What is seen of a request: in the log, in the counts; and what is never seen: who and what was sent."""

from __future__ import annotations

import io
import json
import logging
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, NoReturn
from uuid import UUID

import pytest
from eventsourcing.persistence import IntegrityError
from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from adapters.jobs import job_queue
from adapters.jobs.job_records import Job
from adapters.store.store import TRIES, Conflict
from adapters.store.streams import AREAS
from adapters.workers import job_kinds
from api.http import server as apps
from api.http.observability.logs import Logging, formatter, log_to, redacted
from api.http.observability.metrics import Metrics
from api.http.observability.telemetry import Telemetry, logging_of, metrics_token_of
from api.http.server import create_app
from api.http.settings import BadSetting, Settings
from domain.network import area_id, rename_area
from tests.api.http.conftest import Person, someone
from tests.builders import an_id

TOKEN = "a-token-of-the-metrics"
SECRET = "13800138000"
TRACE = "0af7651916cd43dd8448eb211c80319c"


class Seen:
    """The town, watched: its log as lines, and somebody who asks."""

    def __init__(self, lyceum: Lyceum, stack: ExitStack, **more: Any) -> None:
        self.lyceum, self.out = lyceum, io.BytesIO()
        how = more.pop("how", Logging("info", "json"))
        watch = Telemetry(log_to(self.out, how), Metrics(TOKEN), **more)
        self.app = create_app(Settings(), lyceum=lyceum, clock=lyceum.clock, telemetry=watch)
        self.app.add_api_route("/v1/mistakes/{thing}", _mistaken, response_model=None)
        self.client = stack.enter_context(TestClient(self.app))

    def person(self, *grants: tuple[str, UUID | None]) -> Person:
        return someone(self.lyceum, self.client, *grants)

    @property
    def text(self) -> str:
        return self.out.getvalue().decode()

    @property
    def requests(self) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.text.splitlines()]
        return [line for line in lines if line["event"] == "request"]

    def metrics(self) -> dict[str, float]:
        answer = self.client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        return read(answer.text)


def read(page: str) -> dict[str, float]:
    """Samples by name and labels, as Prometheus reads them."""
    rows = [line.rpartition(" ") for line in page.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in rows}


def _mistaken(thing: str) -> NoReturn:
    telephone = thing
    raise ValueError(f"no room for {telephone}")


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def seen(lyceum: Lyceum, stack: ExitStack) -> Seen:
    return Seen(lyceum, stack)


# ---- The log


def test_a_request_is_one_line_with_its_route_and_without_what_was_sent(seen: Seen) -> None:
    person = seen.person(("administrator", None))
    venue = {"key": SECRET, "name": SECRET, "kind": "school", "area": "river", "host": SECRET}

    read = person.get(f"/areas/{SECRET}?x={SECRET}", accept_language=SECRET)
    person.post(f"/venues?filter={SECRET}", venue)
    person.send(f"/imports/{SECRET}", SECRET.encode(), "text/csv")
    seen.client.get(f"/{SECRET}?{SECRET}", headers={"x-request-id": SECRET, "traceparent": SECRET})

    assert SECRET not in seen.text
    assert str(person.token) not in seen.text
    assert [(one["method"], one["route"], one["status"]) for one in seen.requests] == [
        ("GET", "/v1/areas/{area}", 422),
        ("POST", "/v1/venues", 422),
        ("POST", "/v1/imports/{kind}", 422),
        ("GET", "none", 404),
    ]
    first = seen.requests[0]
    assert first["request"] == read.headers["x-request-id"]
    assert (first["actor"], first["problem"], first["level"]) == ("administrator", "invalid", "info")
    assert first.keys() == {
        "at", "level", "event", "request", "method", "route", "status", "ms", "actor", "problem"
    }  # fmt: skip


def test_a_mistake_is_told_by_its_lines_of_code_and_not_by_its_values(seen: Seen) -> None:
    answer = seen.client.get(f"/v1/mistakes/{SECRET}")

    (line,) = seen.requests
    assert answer.status_code == 500
    assert answer.json()["type"] == "/v1/problems/mistake"
    assert answer.headers["x-request-id"] == line["request"]
    assert (line["level"], line["error"], line["problem"]) == ("error", "builtins.ValueError", "mistake")
    assert "in _mistaken" in line["exception"]
    assert SECRET not in seen.text


def test_messages_of_mistakes_are_logged_where_somebody_asks_for_them(
    lyceum: Lyceum, stack: ExitStack
) -> None:
    seen = Seen(lyceum, stack, how=Logging("info", "json", debug=True))

    seen.client.get("/v1/mistakes/hall")

    assert seen.requests[0]["exception"].endswith("ValueError: no room for hall")


def test_only_a_well_formed_traceparent_is_believed_and_no_request_id(seen: Seen) -> None:
    good = f"00-{TRACE}-b7ad6b7169203331-01"
    for given in (good, good.upper(), f"00-{'0' * 32}-b7ad6b7169203331-01", f"{good}-x", "x" * 5000):
        seen.client.get("/v1/areas", headers={"traceparent": given, "x-request-id": "mine"})

    assert [one.get("trace") for one in seen.requests] == [TRACE, None, None, None, None]
    assert "mine" not in {one["request"] for one in seen.requests}


def test_what_machines_ask_every_few_seconds_is_not_logged(seen: Seen) -> None:
    for path in ("/health/live", "/health/ready", "/metrics"):
        seen.client.get(path)

    assert seen.requests == []


def test_addresses_of_clients_are_logged_only_where_that_is_set(lyceum: Lyceum, stack: ExitStack) -> None:
    told = Seen(lyceum, stack, addresses=True)

    told.client.get("/v1/areas")

    assert told.requests[0]["client"] == "testclient"


def test_starting_and_stopping_are_told(lyceum: Lyceum) -> None:
    with ExitStack() as stack:
        seen = Seen(lyceum, stack)

    lines = [json.loads(line) for line in seen.text.splitlines()]
    assert [(one["event"], one["pid"]) for one in lines] == [
        ("started", os.getpid()),
        ("stopped", os.getpid()),
    ]
    assert lines[0]["events"] == lyceum.store.position()


def test_lines_of_libraries_look_the_same_and_keep_no_secrets() -> None:
    error = LookupError(SECRET)
    told = type(error), error, None
    record = logging.LogRecord(
        "uvicorn.error", 40, "", 0, "no answer from %s", ("https://a:b@c/d?e=f",), told
    )

    line = json.loads(formatter(Logging(form="json")).format(record))

    assert (line["level"], line["logger"]) == ("error", "uvicorn.error")
    assert line["event"] == "no answer from https://…@c/d?…"
    assert line["error"] == "builtins.LookupError"
    assert SECRET not in json.dumps(line)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("postgresql://lyceum:pa%40ss@db/city failed", "postgresql://…@db/city failed"),
        ("GET https://x.org/feeds?key=abc now", "GET https://x.org/feeds?… now"),
        ("password=hunter2 host=db", "password=… host=db"),
        ('{"token": "abc"}', '{"token": …'),
        ("Started server process [12]", "Started server process [12]"),
    ],
)
def test_secrets_in_words_of_others_are_struck_out(text: str, told: str) -> None:
    assert redacted(text) == told


def test_text_for_people_is_no_json(lyceum: Lyceum, stack: ExitStack) -> None:
    seen = Seen(lyceum, stack, how=Logging("info", "text"))

    seen.client.get("/v1/mistakes/hall")

    last = seen.text.splitlines()[-1]
    assert "route=/v1/mistakes/{thing}" in re.sub(r"\x1b\[[0-9;]*m", "", seen.text)
    assert last == "builtins.ValueError"


def test_quieter_levels_leave_requests_out_but_not_mistakes(lyceum: Lyceum, stack: ExitStack) -> None:
    seen = Seen(lyceum, stack, how=Logging("error", "json"))

    seen.client.get("/v1/areas")
    seen.client.get("/v1/mistakes/hall")

    assert [one["status"] for one in seen.requests] == [500]


def test_settings_that_cannot_be_are_refused_by_name() -> None:
    assert logging_of({"LYCEUM_LOG_LEVEL": "WARNING", "LYCEUM_DEBUG": "1"}) == Logging(
        "warning", "auto", True
    )
    assert metrics_token_of({}) is None
    with pytest.raises(
        BadSetting, match=r"LYCEUM_LOG_LEVEL is 'loud'; it may be debug, info, warning, error"
    ):
        logging_of({"LYCEUM_LOG_LEVEL": "loud"})
    with pytest.raises(BadSetting, match="LYCEUM_METRICS_TOKEN is too short"):
        metrics_token_of({"LYCEUM_METRICS_TOKEN": "short"})


# ---- Metrics


def test_requests_are_counted_by_route_and_refusals_by_their_type(seen: Seen) -> None:
    for path in ("/v1/areas/river", "/v1/areas/hill", "/v1/areas/nowhere", "/v1/venues", f"/{SECRET}"):
        seen.client.get(path)
    seen.client.request("BREW", "/v1/areas")

    told = seen.metrics()

    assert told['lyceum_http_requests_total{method="GET",route="/v1/areas/{area}",status="200"}'] == 2
    assert told['lyceum_http_requests_total{method="GET",route="/v1/areas/{area}",status="404"}'] == 1
    assert told['lyceum_http_requests_total{method="GET",route="none",status="404"}'] == 1
    assert any(name.startswith('lyceum_http_requests_total{method="other"') for name in told)
    assert told['lyceum_http_request_duration_seconds_count{method="GET",route="/v1/areas/{area}"}'] == 3
    assert told['lyceum_http_problems_total{problem="not-there"}'] == 1
    assert told['lyceum_http_problems_total{problem="not-found"}'] == 1
    assert told['lyceum_http_problems_total{problem="not-signed-in"}'] == 1
    assert SECRET not in str(told)


def test_commands_that_begin_again_are_counted(seen: Seen) -> None:
    def lost() -> NoReturn:
        raise IntegrityError

    with pytest.raises(Conflict):
        seen.lyceum.store.retrying(lost)

    assert seen.metrics()["lyceum_command_retries_total"] == TRIES


def test_events_that_the_read_side_misses_show_in_metrics_and_then_in_ready(
    seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = seen.lyceum.store.position()
    metadata = seen.lyceum.metadata()
    area = seen.lyceum.must_load(AREAS, area_id("river"))
    seen.lyceum.store.save(
        rename_area(area, metadata, names=(("en", "River Bank"),), on=metadata.at.date(), why="new sign")
    )

    behind = seen.client.get("/health/ready")
    told = seen.metrics()
    monkeypatch.setattr(apps, "READY_WITHIN", 0)
    far = seen.client.get("/health/ready")
    seen.lyceum.views.catch_up()
    again = seen.client.get("/health/ready")

    assert (behind.status_code, behind.json()["events_behind"]) == (200, 1)
    assert told["lyceum_projection_lag_events"] == 1
    assert told["lyceum_events_stored"] == last + 1
    assert told["lyceum_database_up"] == 1
    assert (far.status_code, far.json()["type"]) == (503, "/v1/problems/behind")
    assert again.status_code == 200


def test_metrics_are_for_who_shows_the_token(seen: Seen, client: TestClient) -> None:
    assert seen.client.get("/metrics").status_code == 401
    assert seen.client.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 401
    assert seen.client.get("/metrics", headers=[(b"authorization", b"Bearer \xff")]).status_code == 401
    assert client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 404


def test_jobs_that_wait_and_run_are_told_with_how_far_a_search_is_from_its_bound(seen: Seen) -> None:
    lyceum = seen.lyceum
    asked = job_kinds.plan_parameters(
        seconds=5, workers=1, seed=0, work=None, again=False, tolerance={}, minimum=False
    )
    for week in ("2026-W49", "2026-W50"):
        job = Job(an_id(week), "plan", area_id("town"), "town", week, "anna", lyceum.clock(), asked)
        job_queue.ask(lyceum, job)
    claim = job_queue.claim(lyceum, "w1", job_queue.LeaseWatch(10), 0.0)
    assert claim is not None
    found = claim.beat.grown(phase="searching", seconds=1.0, value=90, bound=100)
    job_queue.give_beat(lyceum.store, claim, found, None)

    told = seen.metrics()

    assert told['lyceum_jobs{status="queued"}'] == 1
    assert told['lyceum_jobs{status="running"}'] == 1
    assert told[f'lyceum_solve_gap{{job="{claim.job.id}"}}'] == pytest.approx(0.1)
