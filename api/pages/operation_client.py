"""Client of the operations of the HTTP interface, in the same process: what a page reads and what it commands.

A page decides nothing. It asks operations as a program outside would, with the cookie of whoever looks at it, so that
the same table of roles, the same checks and the same units of work stand behind both.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Match
from starlette.types import Message

from api.http.auth import cookies
from api.http.auth.identity import CSRF
from api.http.errors import HttpProblem, problem_of, respond, validation_problem
from api.http.framework.contexts import JSON
from api.http.framework.operations import refusal
from api.http.framework.route_index import RouteIndex
from api.http.signin.origin import token_for
from api.http.state import AppState
from api.pages.languages import language_of
from domain.messages import message

PREFIX = "/v1"
_OWN_HEADERS = frozenset(
    {b"content-type", b"content-length", b"idempotency-key", b"if-match", b"if-none-match", b"accept"}
    | {b"if-modified-since", b"range", b"accept-language", CSRF.encode()}
)  # of the request for the page, which say nothing about the operation


@dataclass(frozen=True, slots=True)
class ProblemDetails:
    """A problem document (RFC 9457) as a page words it; `fields` maps the path of a field to what is wrong with it."""

    status: int
    document: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.document.get("type", "")).rpartition("/")[2]

    @property
    def fields(self) -> dict[str, str]:
        wrong = self.document.get("errors", ())
        return {error["field"]: error["detail"] for error in wrong if error.get("in") == "body"}


class OperationRefused(Exception):
    """An operation has refused, and the page cannot be shown without its answer."""

    def __init__(self, problem: ProblemDetails) -> None:
        super().__init__(str(problem.document.get("detail", "")))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Reply:
    """What an operation answered: the parsed JSON body, its tag, or a problem."""

    status: int
    document: Any
    etag: str = ""
    problem: ProblemDetails | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def required(self) -> Any:
        """The document. Raises OperationRefused."""
        if self.problem is not None:
            raise OperationRefused(self.problem)
        return self.document


class OperationClient:
    """Asks the operations for one request for a page, as the same caller."""

    def __init__(self, request: Request, route_index: RouteIndex) -> None:
        self.request, self.route_index = request, route_index

    @property
    def app_state(self) -> AppState:
        app_state: AppState = self.request.app.state.app_state
        return app_state

    async def read(self, path: str, query: Mapping[str, Any] | None = None) -> Reply:
        """GET of an operation: `path` below /v1; values of the query that are None or "" are left out."""
        return await self._reply("GET", path, query, b"", {})

    async def command(
        self,
        path: str,
        body: Any = None,
        *,
        key: str = "",
        version: str = "",
        query: Mapping[str, Any] | None = None,
        media: str = JSON,
    ) -> Reply:
        """POST of an operation: `key` is its Idempotency-Key, `version` its If-Match."""
        content = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        headers = {"content-type": media} if content else {}
        if key:
            headers["idempotency-key"] = key
        if version:
            headers["if-match"] = version
        secret = cookies.read(self.request, cookies.SIGN_IN, self.app_state.sign_in_service.public_url)
        if secret is not None:
            headers[CSRF] = token_for(secret)
        return await self._reply("POST", path, query, content, headers)

    async def response(self, path: str, query: Mapping[str, Any] | None = None) -> Response:
        """The answer to a GET as it is, to hand a file on. Raises OperationRefused."""
        response = await self._ask("GET", path, query, b"", {})
        if response.status_code >= 400:
            raise OperationRefused(_problem(response))
        return response

    async def _reply(
        self, method: str, path: str, query: Mapping[str, Any] | None, body: bytes, headers: Mapping[str, str]
    ) -> Reply:
        response = await self._ask(method, path, query, body, headers)
        if response.status_code >= 400:
            return Reply(response.status_code, None, problem=_problem(response))
        content = await _content(response)
        is_json = response.media_type == JSON or response.headers.get("content-type", "").startswith(JSON)
        document = orjson.loads(content) if content and is_json else content
        return Reply(
            response.status_code, document, response.headers.get("etag", ""), headers=dict(response.headers)
        )

    async def _ask(
        self, method: str, path: str, query: Mapping[str, Any] | None, body: bytes, headers: Mapping[str, str]
    ) -> Response:
        request = self.request
        try:
            request = self._request(method, path, query, body, headers)
            route = request.scope["route"]
            response: Response = await route.endpoint(request)
        except RequestValidationError as error:
            problem = await refusal(request) or validation_problem(error.errors())
            response = respond(problem, request.scope)
        except Exception as error:
            refused = problem_of(error)
            if refused is None:
                raise
            response = respond(refused, request.scope)
        return response

    def _request(
        self, method: str, path: str, query: Mapping[str, Any] | None, body: bytes, headers: Mapping[str, str]
    ) -> Request:
        own = [pair for pair in self.request.scope["headers"] if pair[0] not in _OWN_HEADERS]
        own += [(name.encode(), value.encode("latin-1", "ignore")) for name, value in headers.items()]
        own.append((b"content-length", str(len(body)).encode()))
        own.append((b"accept-language", language_of(self.request).code.encode()))
        values = {name: value for name, value in (query or {}).items() if value not in (None, "")}
        scope = {
            **self.request.scope,
            "path_params": {},
            "method": method,
            "path": PREFIX + path,
            "raw_path": quote(PREFIX + path).encode(),
            "query_string": urlencode(values, doseq=True).encode(),
            "headers": own,
        }
        match, child_scope = self.route_index.matches(scope)
        if match is not Match.FULL:  # a key with a slash in it leads nowhere
            raise HttpProblem(
                "not-found", message("there is nothing at {prefix}{path}", prefix=PREFIX, path=path[:200])
            )
        scope.update(child_scope)
        messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            return messages.pop() if messages else {"type": "http.disconnect"}

        return Request(scope, receive)


async def _content(response: Response) -> bytes:
    if not isinstance(response, StreamingResponse):
        return bytes(response.body)
    chunks: AsyncIterator[Any] = response.body_iterator  # type: ignore[assignment]
    return b"".join([chunk.encode() if isinstance(chunk, str) else bytes(chunk) async for chunk in chunks])


def _problem(response: Response) -> ProblemDetails:
    document = orjson.loads(bytes(response.body))
    return ProblemDetails(response.status_code, document, dict(response.headers))
