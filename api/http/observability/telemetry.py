"""Telemetry of each request: an id, a line in the log, counts, a span; and what is never seen.

A request is told by its route's template. Paths and queries hold keys, people's ids and secret addresses.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.observability.logs import FORMS, LEVELS, Log, Logging, configure
from api.http.observability.metrics import Metrics
from api.http.settings import BadSetting
from domain.messages import message

if TYPE_CHECKING:
    from api.http.observability.tracing import Tracing

T = TypeVar("T", bound=str)
NOT_GUESSED = (b"x-content-type-options", b"nosniff")  # a browser takes an answer for what it says it is
UNSEEN = frozenset({"/health/live", "/health/ready", "/metrics"})  # asked every few seconds, by machines
NAMED = frozenset({*UNSEEN, "/v1/openapi.json"})  # plain routes, whose path is their template
NO_ROUTE = "none"
CLIENT_LEFT = 499
SHORTEST_TOKEN = 16
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
COLLECTORS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
TRACEPARENT = re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_NOTHING: AbstractContextManager[Any] = nullcontext()


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What one process sees of its work; each part may be missing. It watches the store, too."""

    log: Log | None = None
    metrics: Metrics | None = None
    tracing: Tracing | None = None
    addresses: bool = False

    def step(self, name: str) -> AbstractContextManager[object]:
        return _NOTHING if self.tracing is None else self.tracing.step(name)

    def retried(self) -> None:
        if self.metrics is not None:
            self.metrics.retries.inc()

    def say(self, event: str, **more: Any) -> None:
        """A line about the process itself."""
        if self.log is not None:
            self.log.info(event, pid=os.getpid(), **more)

    def close(self) -> None:
        if self.tracing is not None:
            self.tracing.close()


# ---- Settings


def logging_of(environ: Mapping[str, str]) -> Logging:
    """How to log, by LYCEUM_LOG_LEVEL, LYCEUM_LOG_FORMAT and LYCEUM_DEBUG. Raises BadSetting."""
    level = _one_of(environ, "LYCEUM_LOG_LEVEL", LEVELS, "info")
    form = _one_of(environ, "LYCEUM_LOG_FORMAT", FORMS, "auto")
    return Logging(level, form, bool(environ.get("LYCEUM_DEBUG")))


def metrics_token_of(environ: Mapping[str, str]) -> str | None:
    """What a reader of `/metrics` has to show; None: there are no metrics. Raises BadSetting."""
    token = environ.get("LYCEUM_METRICS_TOKEN", "").strip()
    if token and len(token) < SHORTEST_TOKEN:
        raise BadSetting(
            message(
                "LYCEUM_METRICS_TOKEN is too short to be a secret; give at least {shortest_token} "
                "characters, for example from `openssl rand -hex 24`",
                shortest_token=SHORTEST_TOKEN,
            )
        )
    return token or None


def telemetry_of(environ: Mapping[str, str]) -> Telemetry:
    """What this process sees, by its environment. Raises BadSetting."""
    log = configure(logging_of(environ))
    token = metrics_token_of(environ)
    addresses = environ.get("LYCEUM_LOG_ADDRESSES", "").strip().lower() in {"1", "true", "yes"}
    return Telemetry(log, Metrics(token) if token else None, _tracing_of(environ), addresses)


def traces_wanted(environ: Mapping[str, str]) -> bool:
    """Whether the standard settings of OpenTelemetry name a collector, and do not switch tracing off."""
    off = environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    off = off or environ.get("OTEL_TRACES_EXPORTER", "otlp").strip().lower() == "none"
    return not off and any(environ.get(name, "").strip() for name in COLLECTORS)


def _tracing_of(environ: Mapping[str, str]) -> Tracing | None:
    if not traces_wanted(environ):
        return None
    from api.http.observability.tracing import Tracing  # noqa: PLC0415 - half a second of imports for whoever wants traces

    return Tracing(environ)


def _one_of(environ: Mapping[str, str], name: str, known: tuple[T, ...], default: T) -> T:
    value = environ.get(name, "").strip().lower()
    choice = next((choice for choice in known if choice == (value or default)), None)
    if choice is None:
        raise BadSetting(
            message("{name} is {value!r}; it may be {known}", name=name, value=value[:40], known=tuple(known))
        )
    return choice


# ---- Requests


class TelemetryMiddleware:
    """Stands around every request: gives it an id, sees how it ends, and answers where the program made a mistake."""

    def __init__(self, app: ASGIApp, ids: Callable[[], UUID], telemetry: Telemetry) -> None:
        self.app, self.ids, self.telemetry = app, ids, telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})["request_id"] = str(self.ids())
        tracing = self.telemetry.tracing
        if tracing is None or scope["path"] in UNSEEN:
            await self._answer(scope, receive, send)
            return
        with tracing.request(_method(scope), traceparent(scope)) as span:
            await self._answer(scope, receive, send, span)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, span: Any = None) -> None:
        began = perf_counter()
        state = scope["state"]
        head: Message | None = None

        async def tell(message: Message) -> None:
            nonlocal head
            if head is None:
                head = message
                name = state["request_id"].encode()
                message["headers"] = [*message["headers"], (b"x-request-id", name), NOT_GUESSED]
            await send(message)

        mistake: Exception | None = None
        try:
            await self.app(scope, receive, tell)
        except Exception as error:
            if self.telemetry.log is None or head is not None:
                raise
            mistake = error
            response = await scope["app"].exception_handlers[Exception](Request(scope), error)
            await response(scope, receive, tell)
        finally:
            self._note(scope, head, perf_counter() - began, span, mistake)

    def _note(
        self, scope: Scope, head: Message | None, seconds: float, span: Any, mistake: Exception | None
    ) -> None:
        """After the answer has gone."""
        if scope["path"] in UNSEEN and mistake is None:
            return
        method, route = _method(scope), template(scope)
        status = CLIENT_LEFT if head is None else head["status"]
        problem = scope["state"].get("problem")
        if (metrics := self.telemetry.metrics) is not None:
            timed = None if _is_stream(head, seconds) else seconds
            metrics.count(method, route, status, timed, problem)
        if (tracing := self.telemetry.tracing) is not None and span is not None:
            tracing.name(span, method, route, status, problem)
        if (log := self.telemetry.log) is not None:
            line = self._line(scope, method, route, status, seconds)
            if status >= 500:
                log.error("request", exc_info=mistake, **line)
            else:
                log.info("request", **line)

    def _line(self, scope: Scope, method: str, route: str, status: int, seconds: float) -> dict[str, Any]:
        state = scope["state"]
        line = {
            "request": state["request_id"],
            "method": method,
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 2),
            "actor": state.get("actor"),
        }
        if "problem" in state:
            line["problem"] = state["problem"]
        if trace := traceparent(scope):
            line["trace"] = trace[3:35]
        if self.telemetry.addresses and scope.get("client"):
            line["client"] = scope["client"][0]
        return line


def template(scope: Scope) -> str:
    """The route that answered, never the path."""
    route = scope.get("route")
    path: str | None = getattr(route, "path", None)
    return path or (scope["path"] if scope["path"] in NAMED else NO_ROUTE)


def traceparent(scope: Scope) -> str | None:
    """The caller's `traceparent`, where it is one."""
    header = next((value for key, value in scope["headers"] if key == b"traceparent"), b"")
    return header.decode() if TRACEPARENT.fullmatch(header) else None


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in METHODS else "other"


def _is_stream(head: Message | None, seconds: float) -> bool:
    """Whether an answer that took long was meant to."""
    if head is None or seconds < 1:
        return False
    return any(
        key == b"content-type" and value.startswith(b"text/event-stream") for key, value in head["headers"]
    )
