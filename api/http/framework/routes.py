"""Decide how a request becomes arguments: path and query alone, each read by the field that FastAPI describes it with.

FastAPI's own way also looks for bodies, forms, files, nested dependencies and contexts to close, at each request. An
operation here takes none of these, and the way to it was a third of what a quick read costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, get_args, get_origin

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import request_response

Read = tuple[dict[str, Any], list[Any]]


class PlainRoute(APIRoute):
    """The route of an operation. Its endpoint has `begin`, which makes the call of a request."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        endpoint: Any = self.endpoint
        self._begin: Callable[[Request], Any] = endpoint.begin
        self._path, self._query = self.dependant.path_params, self.dependant.query_params
        unread = (self.dependant.header_params, self.dependant.cookie_params, self.dependant.body_params)
        if any(unread):
            raise TypeError(f"{self.path} takes more than path and query; read it from the call")
        self._lists = [one.alias for one in self._query if _is_list(one.field_info.annotation)]
        self._unasked = {one.name: one.default for one in self._query if not one.field_info.is_required()}
        self.app = request_response(self._answer)

    async def _answer(self, request: Request) -> Response:
        context = self._begin(request)
        given, errors = _read(self._path, request.path_params, "path")
        if self._query:
            asked, wrong = self._asked(request.query_params)
            given, errors = {**given, **asked}, [*errors, *wrong]
        if errors:
            raise RequestValidationError(errors)
        answer: Response = await self.endpoint(context=context, **given)
        return answer

    def _asked(self, query: QueryParams) -> Read:
        if not query and len(self._unasked) == len(self._query):
            return self._unasked, []
        named = [one for one in self._query if one.alias in query or one.name not in self._unasked]
        values = {**query, **{name: query.getlist(name) for name in self._lists if name in query}}
        found, errors = _read(named, values, "query")
        return {**self._unasked, **found}, errors


def _is_list(kind: Any) -> bool:
    """Whether a parameter may be given several times."""
    return any(get_origin(one) is list for one in (kind, *get_args(kind)))


def _read(fields: Iterable[Any], given: Mapping[str, Any], where: str) -> Read:
    """The values by the names of their parameters, and what is wrong with those that cannot be read."""
    found: dict[str, Any] = {}
    errors: list[Any] = []
    for field in fields:
        loc = (where, field.alias)
        if field.alias not in given:
            errors.append({"type": "missing", "loc": loc, "msg": "Field required", "input": None})
            continue
        value, wrong = field.validate(given[field.alias], {}, loc=loc)
        if wrong:
            errors += wrong
        else:
            found[field.name] = value
    return found, errors
