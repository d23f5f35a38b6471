"""Problems outside of any page, such as an unknown address or a mistake of the program, as pages for browsers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.http.framework.route_index import RouteIndex
from api.pages.languages import language_of
from api.pages.operation_client import OperationClient, ProblemDetails
from api.pages.page import Page

INTERFACE = "/v1"
Handler = Callable[[Request, Any], Awaitable[Response]]


def install(app: FastAPI, route_index: RouteIndex) -> None:
    """Let browsers see pages where programs get problem documents; both are of the same words."""
    handlers: dict[Any, Any] = app.exception_handlers
    for error in (HTTPException, Exception):
        handlers[error] = _shown(handlers[error], route_index)


def _shown(answer: Handler, route_index: RouteIndex) -> Handler:
    async def handle(request: Request, error: Any) -> Response:
        response = await answer(request, error)
        if not _is_for_page(request):
            return response
        problem = ProblemDetails(
            response.status_code, orjson.loads(bytes(response.body)), dict(response.headers)
        )
        request.scope.setdefault("state", {})["problem"] = problem.name
        client = OperationClient(request, route_index)
        try:
            page = await Page.begin(request, client)
        except Exception:  # noqa: BLE001 - what made the mistake may be in the way here too
            page = Page(request, client, language_of(request))
        shown = page.refused(problem)
        if "allow" in response.headers:
            shown.headers["Allow"] = response.headers["allow"]
        return shown

    return handle


def _is_for_page(request: Request) -> bool:
    path = request.url.path
    return "text/html" in request.headers.get("accept", "") and not f"{path}/".startswith(f"{INTERFACE}/")
