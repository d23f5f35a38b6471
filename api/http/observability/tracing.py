"""Traces: a span for each request, and one for each step of the store and of the solver within it.

Off, and free, unless the standard settings of OpenTelemetry name a collector. A span has the route's template and never
the path, the query, a header or an error's message: any of these may hold what is personal or secret.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator


class Tracing:
    """Spans of one process, sent in batches by a thread of their own; close it at the end, so that none is lost."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        about = {SERVICE_VERSION: version("lyceum-scheduler")}
        if not environ.get("OTEL_SERVICE_NAME"):
            about[SERVICE_NAME] = "lyceum"
        self._provider = TracerProvider(resource=Resource.create(about), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("lyceum", version("lyceum-scheduler"))
        self._parents = TraceContextTextMapPropagator()

    @contextmanager
    def request(self, method: str, traceparent: str | None) -> Iterator[Span]:
        """Stands around one request, below the span of whoever sent it."""
        parent = self._parents.extract({"traceparent": traceparent}) if traceparent else None
        with self._tracer.start_as_current_span(
            method,
            parent,
            SpanKind.SERVER,
            {"http.request.method": method},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            yield span

    @contextmanager
    def step(self, name: str) -> Iterator[Span]:
        """Stands around a step, below the request that it belongs to."""
        with self._tracer.start_as_current_span(
            name, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield span
            except Exception as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(Status(StatusCode.ERROR))
                raise

    @staticmethod
    def name(span: Span, method: str, route: str, status: int, problem: str | None) -> None:
        """Say at the end of a request what it was."""
        span.update_name(f"{method} {route}")
        span.set_attribute("http.route", route)
        span.set_attribute("http.response.status_code", status)
        if problem is not None:
            span.set_attribute("error.type", problem)
        if status >= 500:
            span.set_status(Status(StatusCode.ERROR))

    def close(self) -> None:
        """Send what has not been sent yet."""
        self._provider.shutdown()
