"""Index of routes by the first word of their path, instead of trying one after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from domain.messages import message

PREFIX = "/v1/"


class RouteIndex(BaseRoute):
    """Stands before all routes, and finds those under `/v1/` that fit path and method; all else is left to the others.

    A path whose first word is a parameter cannot stand here.
    """

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self._by_word: dict[tuple[str, str], list[Route]] = defaultdict(list)
        for route in routes:
            if isinstance(route, Route) and route.path.startswith(PREFIX):
                word = _word(route.path)
                if word.startswith("{"):
                    raise ValueError(
                        message(
                            "{path} begins with a parameter, so that it cannot be found by its word",
                            path=route.path,
                        )
                    )
                for method in route.methods or ():
                    self._by_word[method, word].append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            for route in self._by_word.get((scope["method"], _word(scope["path"])), ()):
                match, child_scope = route.matches(scope)
                if match is Match.FULL:
                    return match, {**child_scope, "route": route}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["route"].handle(scope, receive, send)


def _word(path: str) -> str:
    return path[len(PREFIX) :].partition("/")[0]
