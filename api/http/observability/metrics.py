"""Prometheus metrics at `/metrics`: counts and times of requests, and the state of the database when asked.

Each process counts for itself in a file that whoever is asked reads, so it does not matter which one that is. What the
database knows is asked at that moment, never counted.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable, Iterator
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from adapters.jobs.job_queue import queue_status
from adapters.store.store import DATABASE_FAULTS, Store
from adapters.store.views import Views
from api.http.errors import HttpProblem
from domain.messages import message

# When a series began is of no use to anybody here, and doubles their number.
disable_created_metrics()  # type: ignore[no-untyped-call]

SHARED = "PROMETHEUS_MULTIPROC_DIR"  # the library's own name for the folder that the processes share
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """The counters of one process. `token` is what a reader has to show."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.registry = CollectorRegistry()
        registry = self.registry
        self._requests = Counter(
            "lyceum_http_requests", "Requests answered.", ("method", "route", "status"), registry=registry
        )
        self._seconds = Histogram(
            "lyceum_http_request_duration_seconds",
            "Time to answer, streams left out.",
            ("method", "route"),
            registry=registry,
            buckets=BUCKETS_S,
        )
        self._problems = Counter(
            "lyceum_http_problems", "Refusals, by the type that is told.", ("problem",), registry=registry
        )
        self.retries = Counter(
            "lyceum_command_retries", "Commands that lost a race and began again.", registry=registry
        )
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def count(self, method: str, route: str, status: int, seconds: float | None, problem: str | None) -> None:
        """One request; `seconds` None where it was a stream."""
        key = method, route, status
        series = self._known.get(key)
        if series is None:
            series = self._requests.labels(method, route, str(status)), self._seconds.labels(method, route)
            self._known[key] = series
        series[0].inc()
        if seconds is not None:
            series[1].observe(seconds)
        if problem is not None:
            self._problems.labels(problem).inc()

    def may_read(self, request: Request) -> bool:
        header = request.headers.get("authorization", "")
        return hmac.compare_digest(header.encode(), f"Bearer {self.token}".encode())

    def page(self, store: Store, views: Views) -> bytes:
        """What all processes counted, and what the database says now."""
        registry = self.registry
        if SHARED in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        database_registry = CollectorRegistry()
        database_registry.register(_Asked(store, views))
        return generate_latest(registry) + generate_latest(database_registry)


class _Asked(Collector):
    """What the database says at the moment of the question."""

    def __init__(self, store: Store, views: Views) -> None:
        self.store, self.views = store, views

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        info = GaugeMetricFamily("lyceum_info", "The version that answers.", labels=("version",))
        info.add_metric((version("lyceum-scheduler"),), 1)
        yield info
        try:
            answers = [*_positions(self.store, self.views), *_jobs(self.store)]
        except DATABASE_FAULTS:
            answers = []
        yield GaugeMetricFamily("lyceum_database_up", "Whether the database answers.", value=bool(answers))
        yield from answers


def _positions(store: Store, views: Views) -> Iterator[Metric]:
    last = store.position()
    behind = max(0, last - views.position)
    yield GaugeMetricFamily("lyceum_events_stored", "Position of the last event.", value=last)
    yield GaugeMetricFamily("lyceum_projection_lag_events", "Events that the read models miss.", value=behind)


def _jobs(store: Store) -> Iterator[Metric]:
    now = queue_status(store)
    jobs = GaugeMetricFamily("lyceum_jobs", "Solves and other slow work.", labels=("status",))
    jobs.add_metric(("queued",), now.queued)
    jobs.add_metric(("running",), len(now.running))
    yield jobs
    gaps = GaugeMetricFamily(
        "lyceum_solve_gap", "Part of the bound that the best plan misses.", labels=("job",)
    )
    for id, gap in now.gaps.items():
        gaps.add_metric((str(id),), gap)
    yield gaps


def metrics_response(store: Store, views: Views, metrics: Metrics | None, request: Request) -> Response:
    """Answer `/metrics`, about a store and the read side that follows it.

    Raises a problem to those who may not read it, and where it is switched off.
    """
    if metrics is None:
        raise HttpProblem(
            "not-found", message("there is nothing here; LYCEUM_METRICS_TOKEN switches metrics on")
        )
    if not metrics.may_read(request):
        challenge = {"WWW-Authenticate": 'Bearer realm="metrics"'}
        raise HttpProblem(
            "not-signed-in", message("metrics ask for the token in LYCEUM_METRICS_TOKEN"), headers=challenge
        )
    return Response(
        metrics.page(store, views), headers={"Cache-Control": "no-store"}, media_type=CONTENT_TYPE_PLAIN_0_0_4
    )
