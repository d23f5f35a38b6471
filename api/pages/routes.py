"""Routes of pages: what each page is for, the permission that it rests on, and how refusals are shown."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from api.http.auth.roles import TABLE
from api.http.errors import HttpProblem, problem_of, respond
from api.http.framework.route_index import RouteIndex
from api.http.limits.body_limits import FORM_S, read_within
from api.pages.languages import NAMES, choose, language_of, remember
from api.pages.operation_client import OperationClient, OperationRefused, ProblemDetails
from api.pages.page import Page
from api.pages.uploads import uploads_of
from domain.messages import message

MOST_FORM_BYTES = 200_000
LANGUAGE = "language"  # the name of the buttons that switch it, on every form
SHOWN_ONLY = "shown only"  # no name that a field of a form can have
Fields = Mapping[str, str]
F = TypeVar("F", bound=Callable[..., Awaitable[Response]])


@dataclass(frozen=True, slots=True)
class DeclaredPage:
    """A page: its path, its method, and the permission without which nobody gets it; "" for anybody."""

    path: str
    method: str
    may: str
    function: Callable[..., Awaitable[Response]]
    takes_files: bool = False


class PageRoute(Route):
    """Leaves itself with the request, for the log and the counts, which name a page by the template of its path."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child_scope = super().matches(scope)
        return match, {**child_scope, "route": self} if match is Match.FULL else child_scope


class Pages:
    """The pages of one subject."""

    def __init__(self) -> None:
        self.declared: list[DeclaredPage] = []

    def get(self, path: str, *, may: str = "") -> Callable[[F], F]:
        """Declare a page. The function takes the page and the parameters of the path."""
        return self._declare(path, "GET", may, takes_files=False)

    def post(self, path: str, *, may: str = "", takes_files: bool = False) -> Callable[[F], F]:
        """Declare what the form of a page sends; `fields` is what was typed, once the form is known to be ours.

        With `takes_files` they are `uploads.Uploads`, which have the files as well.
        """
        return self._declare(path, "POST", may, takes_files=takes_files)

    def _declare(self, path: str, method: str, may: str, *, takes_files: bool) -> Callable[[F], F]:
        if may and may not in TABLE:
            raise LookupError(f"{may} is not in the table of roles; see api/http/auth/roles.py")

        def declare(function: F) -> F:
            self.declared.append(DeclaredPage(path, method, may, function, takes_files))
            return function

        return declare

    def routes(self, route_index: RouteIndex) -> list[Route]:
        return [
            PageRoute(each.path, _endpoint(each, route_index), methods=[each.method], include_in_schema=False)
            for each in sorted(self.declared, key=lambda each: each.path.count("{"))
        ]


def _endpoint(declared: DeclaredPage, route_index: RouteIndex) -> Callable[[Request], Awaitable[Response]]:
    takes_fields = "fields" in inspect.signature(declared.function).parameters

    async def handle(request: Request) -> Response:
        client = OperationClient(request, route_index)
        page: Page | None = None
        try:
            page = await Page.begin(request, client)
            _admit(page, declared.may)
            parameters: dict[str, Any] = dict(request.path_params)
            if declared.method == "POST":
                fields = await (uploads_of(page) if declared.takes_files else fields_of(request))
                _require_own(page, fields)
                if (code := fields.get(LANGUAGE, "")) in NAMES:
                    return await _in_language(page, declared, fields, code, parameters)
                if takes_fields:
                    parameters["fields"] = fields
            return await declared.function(page, **parameters)
        except OperationRefused as refused:
            return (page or Page(request, client, language_of(request))).refused(refused.problem)
        except Exception as error:
            problem = problem_of(error)
            if problem is None:
                raise
            return (page or Page(request, client, language_of(request))).refused(
                _as_document(problem, request)
            )

    return handle


def _admit(page: Page, permission: str) -> None:
    """The same words as the operations have for who may not do this anywhere; they judge the part of the network."""
    if not permission or page.viewer.may(permission):
        return
    if not page.viewer.actor or page.viewer.actor == "public":
        raise HttpProblem("not-signed-in", message("{operation} asks for a role", operation=permission))
    raise HttpProblem("not-allowed", message("your role does not allow {operation}", operation=permission))


def _require_own(page: Page, fields: Fields) -> None:
    if page.csrf and not page.is_own_form(fields):  # who has no role yet has a cookie as well
        raise HttpProblem(
            "not-from-here", message("this form was not sent by a page of this site, or it is too old")
        )


async def _in_language(
    page: Page, declared: DeclaredPage, fields: Fields, code: str, parameters: Mapping[str, Any]
) -> Response:
    """The same page with what was typed, in another language; nothing is done."""
    choose(page.request, code)
    page.language = language_of(page.request)
    shown = await declared.function(page, **parameters, fields={**fields, SHOWN_ONLY: "yes"})
    remember(shown, code, secure=page.is_secure)
    return shown


def is_shown_only(fields: Fields) -> bool:
    """Whether a form was sent to be shown again, in another language, and nothing is to be done."""
    return SHOWN_ONLY in fields


def _as_document(problem: HttpProblem, request: Request) -> ProblemDetails:
    response = respond(problem, request.scope)
    return ProblemDetails(response.status_code, orjson.loads(bytes(response.body)), dict(response.headers))


async def fields_of(request: Request) -> dict[str, str]:
    """What a form says; of a name that comes several times, all lines."""
    body = await read_within(request, MOST_FORM_BYTES, FORM_S)
    fields: dict[str, str] = {}
    for name, text in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True):
        fields[name] = f"{fields[name]}\n{text}" if name in fields else text
    return fields
