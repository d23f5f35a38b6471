"""Traces as a collector gets them: over OTLP/HTTP, a span for each request, with the store's and the solver's steps."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from adapters.jobs import job_queue
from adapters.jobs.job_records import Job
from adapters.services.planning import Effort, plan_week
from adapters.workers import job_kinds
from api.http.observability.telemetry import Telemetry, traces_wanted
from api.http.observability.tracing import Tracing
from api.http.server import create_app
from api.http.settings import Settings
from tests.adapters.town import TOWN, WEEK, town
from tests.api.conftest import ROOT
from tests.api.http.conftest import someone
from tests.builders import an_id

SECRET = "13800138000"
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@dataclass
class Collector:
    """A receiver of traces, and what it has received."""

    address: str = ""
    paths: set[str] = field(default_factory=set)
    got: list[ExportTraceServiceRequest] = field(default_factory=list)

    @property
    def spans(self) -> list[Span]:
        return [
            span for one in self.got for within in one.resource_spans for scope in within.scope_spans
            for span in scope.spans
        ]  # fmt: skip

    @property
    def bytes(self) -> bytes:
        return b"".join(one.SerializeToString() for one in self.got)

    def one(self, name: str) -> Span:
        (found,) = [span for span in self.spans if span.name == name]
        return found

    def below(self, parent: Span) -> list[str]:
        return sorted(one.name for one in self.spans if one.parent_span_id == parent.span_id)


@contextmanager
def collecting() -> Iterator[Collector]:
    collector = Collector()

    class Receive(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            assert self.headers["content-type"] == "application/x-protobuf"
            collector.paths.add(self.path)
            collector.got.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Tests are quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Receive) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        collector.address = f"http://127.0.0.1:{server.server_port}"
        try:
            yield collector
        finally:
            server.shutdown()


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address)
        monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")  # its spans would hold paths and queries
        yield collector


def attributes(span: Span) -> dict[str, str | int]:
    told = {one.key: one.value for one in span.attributes}
    return {key: value.string_value or value.int_value for key, value in told.items()}


def test_requests_are_spans_with_the_steps_of_the_store_below_them(
    lyceum: Lyceum, collector: Collector
) -> None:
    watch = Telemetry(tracing=Tracing({}))
    with TestClient(create_app(Settings(), lyceum=lyceum, clock=lyceum.clock, telemetry=watch)) as client:
        person = someone(lyceum, client, ("administrator", None))
        room = {"key": "attic", "name": SECRET, "capacity": 12}
        made = person.post(
            "/venues/school/rooms", room, traceparent=f"00-{TRACE}-{PARENT}-01", tracestate=f"a={SECRET}"
        )
        person.get(f"/areas/river?filter={SECRET}")
        client.get(f"/{SECRET}")
        client.get("/health/ready")

    assert made.status == 200
    assert collector.paths == {"/v1/traces"}
    command = collector.one("POST /v1/venues/{venue}/rooms")
    assert (command.trace_id.hex(), command.parent_span_id.hex()) == (TRACE, PARENT)
    assert command.kind == Span.SpanKind.SPAN_KIND_SERVER
    assert attributes(command) == {
        "http.request.method": "POST",
        "http.route": "/v1/venues/{venue}/rooms",
        "http.response.status_code": 200,
    }
    assert {"store.save", "read-models.catch-up"} <= set(collector.below(command))
    refused = collector.one("GET /v1/areas/{area}")
    assert attributes(refused)["error.type"] == "invalid"
    assert refused.trace_id != command.trace_id
    assert {one.name for one in collector.spans if one.kind == Span.SpanKind.SPAN_KIND_SERVER} == {
        command.name, refused.name, "GET none"
    }  # fmt: skip
    assert {
        one.value.string_value for got in collector.got for within in got.resource_spans
        for one in within.resource.attributes if one.key == "service.name"
    } == {"lyceum"}  # fmt: skip
    assert SECRET.encode() not in collector.bytes


def test_solving_is_a_step_and_a_step_that_fails_says_the_kind_of_its_error_alone(
    lyceum: Lyceum, collector: Collector
) -> None:
    tracing = Tracing({})
    lyceum.store.observer = Telemetry(tracing=tracing)

    plan_week(lyceum, TOWN, WEEK, effort=Effort(2, 1))
    with pytest.raises(LookupError), lyceum.store.observer.step("store.save"):
        raise LookupError(SECRET)
    tracing.close()

    assert collector.one("solve").end_time_unix_nano > collector.one("solve").start_time_unix_nano
    failed = next(one for one in collector.spans if one.status.code == Status.StatusCode.STATUS_CODE_ERROR)
    assert attributes(failed) == {"error.type": "LookupError"}
    assert SECRET.encode() not in collector.bytes


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://localhost:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": " "}, False),
    ],
)
def test_the_standard_settings_switch_traces_on_and_off(environ: dict[str, str], wanted: bool) -> None:
    assert traces_wanted(environ) is wanted


def test_worker_processes_are_traced_and_logged_too(tmp_path: Path, collector: Collector) -> None:
    database = f"sqlite:///{tmp_path / 'lyceum.db'}"
    asked = job_kinds.plan_parameters(
        seconds=2, workers=1, seed=0, work=None, again=False, tolerance={}, minimum=False
    )
    with town(database) as lyceum:
        job_queue.ask(lyceum, Job(an_id("job"), "plan", TOWN, "town", WEEK, "anna", lyceum.clock(), asked))

    ended = subprocess.run(
        [sys.executable, "-m", "api.cli", "--db", database, "work", "--once"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        cwd=ROOT,
    )

    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    assert [lines[0]["event"], lines[-1]["event"]] == ["working", "stopped working"]
    assert collector.one("solve").trace_id
    assert {"store.save", "read-models.catch-up"} <= {one.name for one in collector.spans}
