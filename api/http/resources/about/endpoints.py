"""Health of the interface, the identity of the caller, and the meaning of each problem type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from fastapi import Path

from adapters.access.api_tokens import RoleGrant
from adapters.queries.paging import Page
from adapters.wording.records import WithMessages
from api.http.auth.roles import allowed_to
from api.http.errors import ALL, HttpProblem
from api.http.framework.contexts import Answer, RequestContext, json_response, page_response
from api.http.framework.examples import with_messages
from api.http.framework.operations import Operations
from domain.messages import message

operations = Operations("about")
EXAMPLE = with_messages(
    {
        "type": "/v1/problems/double-booking",
        "status": 409,
        "title": "Promised twice",
        "next": "Move one of the two sessions.",
    },
    "title",
    "next",
)


@dataclass(frozen=True, slots=True)
class Explained(WithMessages):
    """A type of problem; `next` is what the caller can do about it."""

    sentences: ClassVar[tuple[str, ...]] = ("title", "next")

    type: str
    status: int
    title: str
    next: str


@dataclass(frozen=True, slots=True)
class Me:
    """Who asks. `may` are the operations that the roles allow somewhere."""

    actor: str
    grants: tuple[RoleGrant, ...]
    may: tuple[str, ...]


@operations.read(
    "/problems",
    may="about.read",
    answers=Explained,
    many=True,
    summary="List the types of problems",
    example={"items": [EXAMPLE], "next": None},
)
def list_problems(context: RequestContext) -> Answer:
    """Every `type` that an error can have, with its status and what to do next."""
    del context
    explanations = [Explained(kind.type, kind.status, kind.title, kind.next) for kind in ALL.values()]
    return page_response(Explained, Page(explanations, None))


@operations.read(
    "/problems/{name}",
    may="about.read",
    answers=Explained,
    summary="Explain a type of problem",
    example=EXAMPLE,
)
def explain_problem(
    context: RequestContext,
    name: Annotated[str, Path(min_length=1, max_length=60, examples=["double-booking"])],
) -> Answer:
    """The `type` of an error leads here."""
    del context
    kind = ALL.get(name)
    if kind is None:
        raise HttpProblem(
            "not-found", message("there is no problem {name!r}; list /v1/problems", name=name[:60])
        )
    return json_response(Explained(kind.type, kind.status, kind.title, kind.next))


@operations.read(
    "/me",
    may="me.read",
    answers=Me,
    summary="Say who the caller is and what they may do",
    example={
        "actor": "host-7",
        "grants": [{"role": "host", "within": None}],
        "may": ["me.read", "venues.read"],
    },
)
def read_me(context: RequestContext) -> Answer:
    return json_response(Me(context.caller.actor, context.caller.grants, tuple(allowed_to(context.caller))))
