"""ASGI application of the interface: its resources, and the middleware around each request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from anyio import to_thread
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.responses import Response

from adapters.application.application import Lyceum
from adapters.application.unit_of_work import now
from adapters.store.cached_read_models import CachedReadModels
from adapters.week.released_timetables import Editions
from api.http.errors import HttpProblem, respond, validation_problem
from api.http.framework import openapi
from api.http.framework.contexts import JSON
from api.http.framework.operations import refusal
from api.http.framework.route_index import RouteIndex
from api.http.observability import metrics
from api.http.observability.telemetry import Telemetry, TelemetryMiddleware
from api.http.resources.about import endpoints as about
from api.http.resources.accounts import endpoints as accounts
from api.http.resources.accounts import role_offers
from api.http.resources.adjustments import endpoints as adjustments
from api.http.resources.adjustments import suggestions
from api.http.resources.areas import endpoints as areas
from api.http.resources.branches import endpoints as branches
from api.http.resources.branches import plans as branch_plans
from api.http.resources.catalogue import endpoints as catalogue
from api.http.resources.closures import endpoints as closures
from api.http.resources.day_types import endpoints as day_types
from api.http.resources.desk import endpoints as desk
from api.http.resources.diaries import endpoints as diaries
from api.http.resources.drafts import endpoints as drafts
from api.http.resources.events import endpoints as events
from api.http.resources.exports import endpoints as exports
from api.http.resources.feeds import endpoints as feeds
from api.http.resources.imports import endpoints as imports
from api.http.resources.jobs import endpoints as jobs
from api.http.resources.offers import endpoints as offers
from api.http.resources.people import endpoints as people
from api.http.resources.reports import endpoints as reports
from api.http.resources.requests import endpoints as requests
from api.http.resources.rooms import endpoints as rooms
from api.http.resources.sign_in import endpoints as sign_in
from api.http.resources.tokens import endpoints as tokens
from api.http.resources.venues import endpoints as venues
from api.http.resources.volunteers import endpoints as volunteers
from api.http.resources.weeks import endpoints as weeks
from api.http.settings import Settings
from api.http.state import AppState
from domain.messages import message

RESOURCES = (
    about,
    sign_in,
    accounts,
    role_offers,
    tokens,
    areas,
    venues,
    rooms,
    closures,
    volunteers,
    offers,
    requests,
    weeks,
    drafts,
    adjustments,
    suggestions,
    desk,
    branches,
    branch_plans,
    jobs,
    diaries,
    reports,
    catalogue,
    day_types,
    events,
    people,
    imports,
    exports,
    feeds,
)
# The library's own spans and logs hold paths, queries and the messages of errors; Watched makes ours.
NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
READY_WITHIN = 1000  # events that the read side may be behind
_NAMES = {401: "not-signed-in", 403: "not-allowed", 404: "not-found", 405: "no-such-method", 413: "too-large"}


def create_app(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = now,
    ids: Callable[[], UUID] = uuid4,
    lyceum: Lyceum | None = None,
    telemetry: Telemetry | None = None,
) -> FastAPI:
    """Make the application; it opens the database when it starts, and closes it at the end.

    `lyceum` is an application that is open already, which its owner closes; `telemetry` sees what happens.
    """
    seen = telemetry or Telemetry()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        opened = lyceum or Lyceum(settings.database, actor="api", clock=clock)
        opened.store.observer = seen
        live = opened.views = CachedReadModels(opened.store, opened.views.tracking)
        live.catch_up()
        live.warm()
        to_thread.current_default_thread_limiter().total_tokens = settings.threads
        app.state.app_state = AppState(opened, settings, live, Editions(), ids)
        app.state.app_state.start()
        seen.say("started", events=opened.store.position())
        try:
            yield
        finally:
            app.state.app_state.close()
            seen.say("stopped")
            seen.close()
            if lyceum is None:
                opened.close()

    app = FastAPI(
        lifespan=lifespan,
        openapi_url=None,  # schemas.install answers there
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
    )
    for resource in RESOURCES:
        app.include_router(resource.operations)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(HttpProblem, _problem_response)
    app.add_exception_handler(Exception, _mistaken)
    app.add_middleware(
        TelemetryMiddleware, ids=ids, telemetry=seen
    )  # last, so that it stands around the others
    app.add_api_route("/health/live", _live, include_in_schema=False)
    app.add_api_route("/health/ready", _ready, include_in_schema=False)

    def metrics_endpoint(request: Request) -> Response:
        app_state: AppState = request.app.state.app_state
        return metrics.metrics_response(app_state.lyceum.store, app_state.live, seen.metrics, request)

    app.add_api_route("/metrics", metrics_endpoint, include_in_schema=False)
    openapi.install(app)
    app.router.routes.insert(
        0, RouteIndex(route for resource in RESOURCES for route in resource.operations.routes)
    )
    return app


async def _live() -> Response:
    """Whether this process answers at all."""
    return Response(b'{"status":"live"}', media_type=JSON)


async def _ready(request: Request) -> Response:
    """Whether the database answers, and the read side is not far behind the events."""
    behind = await request.app.state.app_state.readiness.behind()
    if behind is None:
        problem = HttpProblem(
            "unavailable", message("the database does not answer"), headers={"Retry-After": "1"}
        )
    elif behind > READY_WITHIN:
        sentence = message("the read side is {behind:,} events behind", behind=behind)
        problem = HttpProblem("behind", sentence, headers={"Retry-After": "1"}, events_behind=behind)
    else:
        return Response(orjson.dumps({"status": "ready", "events_behind": behind}), media_type=JSON)
    return respond(problem, request.scope)


async def _invalid(request: Request, error: Any) -> Response:
    problem = await refusal(request)
    return respond(problem or validation_problem(error.errors()), request.scope)


_PHRASES: dict[str, str] = {
    phrase: phrase
    for phrase in (message("Not Found"), message("Method Not Allowed"), message("Not Acceptable"))
}  # of the framework


async def _refused(request: Request, error: Any) -> Response:
    name = _NAMES.get(error.status_code, "invalid")
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(sorted(_methods(request.url.path)))
    problem = HttpProblem(
        name,
        message(
            "{method} {path}: {detail}",
            method=request.method,
            path=request.url.path,
            detail=_PHRASES.get(error.detail, error.detail),
        ),
        headers=headers,
    )
    return respond(problem, request.scope)


def _methods(path: str) -> Iterator[str]:
    """All that may be done at a path: each method of it has a route of its own."""
    for resource in RESOURCES:
        for route in resource.operations.routes:
            if isinstance(route, APIRoute) and route.path_regex.match(path):
                yield from route.methods or ()


async def _problem_response(request: Request, error: Any) -> Response:
    return respond(error, request.scope)


async def _mistaken(request: Request, _: Exception) -> Response:
    return respond(HttpProblem("mistake", message("the program made a mistake; it is noted")), request.scope)
