"""Declarations of operations: path, permission, parameters, answer, and errors.

A route without a row in the table of roles cannot be declared. Who asks is judged before anything of a body is read.
Reads and commands run in the threads of their lane; a command runs as a unit of work that is saved together with its
answer, and begins again when it loses a race.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from pydantic import BaseModel, ValidationError, field_validator
from starlette.responses import Response

from api.http.auth.identity import has_credential, known_keys
from api.http.auth.roles import TABLE
from api.http.errors import HttpProblem, invalid, problem_of, respond, validation_problem
from api.http.framework import etags, idempotency
from api.http.framework.breaking_answers import (
    BREAKS,
    DRY_RUN,
    Breaks,
    DryRun,
    always_tells,
    broken_of,
    tried,
    with_broken,
    with_broken_sessions,
)
from api.http.framework.contexts import JSON, Answer, CommandContext, RequestContext
from api.http.framework.descriptions import (
    CSRF,
    EVENTS_SCHEMA,
    FILE,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    IF_NONE_MATCH,
    TAGGED,
)
from api.http.framework.openapi import STATUSES, example_of, list_of, schema_of
from api.http.framework.routes import PlainRoute, Reader
from api.http.limits.thread_limits import Lane
from api.http.state import AppState
from domain.messages import message
from domain.text import TextRule, checked

F = TypeVar("F", bound=Callable[..., Answer])
Stream = TypeVar("Stream", bound=Callable[..., Response])
EVENTS = "text/event-stream"
ANY_TEXT = TextRule("text", 2000, optional=True)  # each field has bounds of its own

READ = (401, 403, 404, 409, 422, 429, 503)  # 409: what is asked for rests on something that is not there yet
COMMAND = (401, 403, 404, 408, 409, 412, 413, 415, 422, 429, 503)


class Form(BaseModel):
    """What a command takes: exactly these fields, of exactly these types."""

    model_config = {
        "extra": "forbid",
        "strict": True,
        "allow_inf_nan": False,
        "str_max_length": 2000,
        "frozen": True,
    }

    @field_validator("*", mode="after")
    @classmethod
    def _tidied(cls, value: Any) -> Any:
        """Every text of every form is tidied, and refused where it holds what no text may."""
        if isinstance(value, str):
            return checked(value, ANY_TEXT)
        if isinstance(value, tuple | list):
            return type(value)(cls._tidied(item) for item in value)
        return value


@dataclass(frozen=True, slots=True)
class Answers:
    """A record, or a schema, and the status with which it is answered."""

    status: int
    record: Any


Created = partial(Answers, 201)
Accepted = partial(Answers, 202)


@dataclass(frozen=True, slots=True)
class FileBody:
    """The media types of a body that is a file; `rare` are those that few tools know, left out of the description."""

    media: tuple[str, ...]
    rare: tuple[str, ...] = ()


class Operations(APIRouter):
    """The operations of one resource; `tag` is the heading that they stand under."""

    def __init__(self, tag: str) -> None:
        super().__init__(prefix="/v1", tags=[tag], route_class=PlainRoute)

    def read(
        self,
        path: str,
        *,
        may: str,
        answers: Any,
        summary: str,
        example: Any = None,
        many: bool = False,
        media: Iterable[str] = (JSON,),
        lane: Lane = "quick",
    ) -> Callable[[F], F]:
        """Declare a GET. `answers` is the record that it tells, or the schema; `many`: a page of such records.

        One that takes longer waits in the lane `slow`, or where it computes all the while in `alone`, so that quick
        ones need not wait for it.
        """
        schema = answers if isinstance(answers, dict) else list_of(answers) if many else schema_of(answers)

        def declare(function: F) -> F:
            takes = _Taken(function, path, lane=lane)
            extra: dict[str, Any] = {
                STATUSES: list(READ),
                "parameters": [*takes.reader.described(), IF_NONE_MATCH],
                "security": _security(may),
            }
            content = _content(schema, example)
            self.add_api_route(
                path,
                takes.endpoint(may, _read),
                methods=["GET"],
                summary=summary,
                description=inspect.getdoc(function) or summary,
                operation_id=_operation_id(function),
                responses={
                    200: {
                        "description": "Found.",
                        "content": dict.fromkeys(media, content),
                        "headers": TAGGED,
                    },
                    304: {"description": "The client knows it already."},
                },
                response_class=Response,
                openapi_extra=extra,
            )
            return function

        return declare

    def stream(
        self,
        path: str,
        *,
        may: str,
        summary: str,
        example: str,
        silent: str,
        parameters: Iterable[dict[str, Any]],
    ) -> Callable[[Stream], Stream]:
        """Declare a GET that tells server-sent events; `silent` says when there is none to tell, which is 204.

        The function judges the caller and gives the whole answer; `parameters` are headers that it reads.
        """

        def declare(function: Stream) -> Stream:
            events = {"schema": EVENTS_SCHEMA, "example": example}
            taken = _Taken(function, path, lane="stream")
            extra: dict[str, Any] = {
                STATUSES: list(READ),
                "parameters": [*taken.reader.described(), *parameters],
                "security": _security(may),
            }
            self.add_api_route(
                path,
                taken.endpoint(may, _stream),
                methods=["GET"],
                summary=summary,
                description=inspect.getdoc(function) or summary,
                operation_id=_operation_id(function),
                responses={
                    200: {"description": "Server-sent events.", "content": {EVENTS: events}},
                    204: {"description": silent},
                },
                response_class=Response,
                openapi_extra=extra,
            )
            return function

        return declare

    def command(
        self,
        path: str,
        *,
        may: str,
        answers: Any,
        summary: str,
        example: Any = None,
        answer_example: Any = None,
        file: FileBody | None = None,
        lane: Lane = "write",
    ) -> Callable[[F], F]:
        """Declare a POST. One that takes longer than a write does not wait in the lane of the writes.

        `answers` is the record, or the schema, of an answer 200; Created or Accepted of one for another status.
        `example` is a body that is JSON, `file` says which media types one has that is a file.
        """
        status, record = (answers.status, answers.record) if isinstance(answers, Answers) else (200, answers)
        schema = record if isinstance(record, dict) else schema_of(record)
        always = may in BREAKS and always_tells(record)
        breaks: Breaks = "always" if always else "where there are" if may in BREAKS else ""

        def declare(function: F) -> F:
            media = file.media if file else ()
            taken = _Taken(function, path, (*media, *(file.rare if file else ())), lane=lane, breaks=breaks)
            COMMANDS[_operation_id(function)] = Declared(may, summary, taken)
            extra: dict[str, Any] = {
                STATUSES: list(COMMAND),
                "parameters": [*taken.reader.described(), IDEMPOTENCY_KEY, IF_MATCH, CSRF],
                "security": _security(may),
            }
            if taken.form is not None or taken.media:
                form = schema_of(taken.form, "validation") if taken.form else FILE
                body = _content(form, example)
                extra["requestBody"] = {
                    "required": True,
                    "content": dict.fromkeys(media or (JSON,), body),
                }
            answer_schema = with_broken(schema) if breaks else schema
            shown = {**answer_example, "broken": []} if always and answer_example else answer_example
            content = {JSON: _content(answer_schema, shown)}
            answered: dict[int | str, dict[str, Any]] = {
                status: {"description": "Done.", "content": content, "headers": TAGGED}
            }
            if taken.tries and status != 200:
                answered[200] = {"description": "Tried with `dry_run`; nothing is done.", "content": content}
            self.add_api_route(
                path,
                taken.endpoint(may, _command),
                methods=["POST"],
                status_code=status,
                summary=summary,
                description=inspect.getdoc(function) or summary,
                operation_id=_operation_id(function),
                responses=answered,
                response_class=Response,
                openapi_extra=extra,
            )
            return function

        return declare


# ---- What a function takes

_DRY_RUN = inspect.Parameter(DRY_RUN, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=DryRun)
_Run = Callable[["_Taken", RequestContext, Mapping[str, Any]], Response]


class _Taken:
    """The parameters of a route's function, sorted into the call, the form, and what FastAPI reads."""

    def __init__(
        self,
        function: Callable[..., Any],
        path: str,
        media: tuple[str, ...] = (),
        *,
        lane: Lane,
        breaks: Breaks = "",
    ) -> None:
        self.function, self.media, self.lane, self.breaks = function, media, lane, breaks
        self.signature = inspect.signature(function, eval_str=True)
        self.form = next(
            (
                parameter.annotation
                for parameter in self.signature.parameters.values()
                if parameter.name == "form"
            ),
            None,
        )
        self.parameters = [
            parameter
            for parameter in self.signature.parameters.values()
            if parameter.name not in ("context", "form")
        ]
        self.reader = Reader(self.parameters, path)
        self.tries = bool(breaks) and DRY_RUN not in self.reader.query_names
        if self.tries:
            self.parameters.append(_DRY_RUN)
            self.reader = Reader(self.parameters, path)
        self.path_names, self.query_names = self.reader.path_names, self.reader.query_names

    def endpoint(self, operation: str, run: _Run) -> Callable[..., Awaitable[Response]]:
        """The function that the route calls: it judges who asks before anything else."""
        if operation not in TABLE:
            raise LookupError(
                f"{operation} is not in the table of roles; add a row to api/http/auth/roles.py"
            )

        def answer(context: RequestContext, arguments: Mapping[str, Any]) -> Response:
            context.admit()
            self._refuse_unknown(context)
            return run(self, context, arguments)

        async def handle(request: Request) -> Response:
            context = RequestContext(request.app.state.app_state, request, operation)
            arguments = self.reader.read(request)
            try:
                await known_keys(context.app_state, context.request)
                lane = self.lane_of(context, arguments)
                work = partial(answer, context, arguments)
                if lane == "quick":
                    return await context.app_state.lanes.run(lane, None, work)
                who = await _admitted(context)
                if lane == "public-past":
                    context.app_state.sign_in_service.count_past(str(who))
                if context.request.method in ("GET", "HEAD"):
                    return await context.app_state.lanes.run(lane, who, work)
                async with context.app_state.bodies.read(
                    context.request, who, self._most(context), is_file=bool(self.media)
                ) as context.body:
                    return await context.app_state.lanes.run(lane, who, work)
            except Exception as error:
                problem = problem_of(error)
                if problem is None:
                    raise
                return respond(problem, context.request.scope)

        handle.__name__ = self.function.__name__
        handle.lane = self.lane  # type: ignore[attr-defined]
        handle.operation = operation  # type: ignore[attr-defined]
        return handle

    def lane_of(self, context: RequestContext, arguments: Mapping[str, Any]) -> Lane:
        """The past has lanes of its own: nobody waits for somebody who looks back."""
        if getattr(arguments.get("query"), "at", arguments.get("at")) is None:
            return self.lane
        return "past" if has_credential(context.app_state, context.request) else "public-past"

    def _most(self, context: RequestContext) -> int:
        return context.app_state.bodies.limit_of(public=context.caller.is_public, is_file=bool(self.media))

    def _refuse_unknown(self, context: RequestContext) -> None:
        for name in context.request.query_params:
            if name not in self.query_names:
                known = tuple(sorted(self.query_names)) or message("no parameters at all")
                raise invalid(
                    "query", name[:80], message("is not known here; there are {known}", known=known)
                )


@dataclass(frozen=True, slots=True)
class Declared:
    """A command by its name in the description, for whoever gives it inside another one."""

    may: str
    summary: str
    taken: _Taken


COMMANDS: dict[str, Declared] = {}


async def _admitted(context: RequestContext) -> Hashable:
    """Who asks, once it is clear that they may. Raises a problem."""
    if not has_credential(context.app_state, context.request):
        context.admit()
        return context.app_state.sign_in_service.client(context.request)
    await context.app_state.lanes.run("admission", None, context.admit)
    return context.caller.account or context.caller.actor


def _operation_id(function: Callable[..., Any]) -> str:
    return function.__name__


async def refusal(request: Request) -> HttpProblem | None:
    """Why somebody may not ask at all, where that is so: told before what is wrong with the question."""
    operation = getattr(getattr(request.scope.get("route"), "endpoint", None), "operation", None)
    try:
        if operation:
            app_state: AppState = request.app.state.app_state
            await known_keys(app_state, request)
            await _admitted(RequestContext(app_state, request, operation))
    except Exception as error:
        problem = problem_of(error)
        if problem is None:
            raise
        return problem
    return None


# ---- How they run


def _read(taken: _Taken, context: RequestContext, arguments: Mapping[str, Any]) -> Response:
    return context.finish(taken.function(context, **arguments))


def _stream(taken: _Taken, context: RequestContext, arguments: Mapping[str, Any]) -> Response:
    response: Response = taken.function(context, **arguments)
    if not context.judged:
        raise HttpProblem(
            "not-allowed",
            message("{operation} is allowed in a part of the network only", operation=context.operation),
        )
    return response


def _command(taken: _Taken, context: RequestContext, arguments: Mapping[str, Any]) -> Response:
    fields = dict(arguments)
    dry_run = bool(fields.pop(DRY_RUN, False)) if taken.tries else False
    context.app_state.pace.count(context.caller, context.app_state.lyceum.clock())
    if taken.form is not None or taken.media:
        _check_media(context, taken.media or (JSON,))
    if taken.form is not None:
        fields["form"] = form_of(taken.form, context)
    etags.check(context.request.headers.get("if-match"))
    key = idempotency.key_of(context)
    if dry_run or context.caller.is_public:
        key = None  # nothing changes, so nothing is kept either
    request_contexts: list[RequestContext] = []

    def attempt() -> tuple[RequestContext, Answer]:
        """Who lost a race may have lost a right to the winner, so who asks is looked up again."""
        asking = context.again() if request_contexts else context
        request_contexts.append(asking)
        if key is not None and (before := idempotency.remembered(asking, key)):
            return asking, before
        command = CommandContext(asking, asking.app_state.lyceum.unit(asking.caller.actor))
        answer = taken.function(command, **fields)
        if not command.judged:
            raise HttpProblem(
                "not-allowed",
                message("{operation} is allowed in a part of the network only", operation=context.operation),
            )
        if not command.matched:
            raise HttpProblem("changed-meanwhile", message("this has no version that If-Match could name"))
        if taken.breaks:
            broken = broken_of(command)
            if broken or dry_run or taken.breaks == "always":
                answer = with_broken_sessions(answer, broken)
        if dry_run:
            return command, tried(answer)
        day = context.app_state.lyceum.clock().date()
        rows = [idempotency.answer_row(key, answer, command, day)] if key else []
        command.unit.save([*rows, *command.guards])
        return command, answer

    judged, answer = context.app_state.lyceum.retrying(attempt)
    if key is not None:
        idempotency.tidy(context.app_state)
    return judged.finish(answer)


def _check_media(context: RequestContext, takes: tuple[str, ...]) -> None:
    if context.media not in takes:
        raise HttpProblem(
            "wrong-media-type",
            message(
                "this takes {takes: or }, not {media}",
                takes=tuple(takes),
                media=context.media[:80] or message("nothing"),
            ),
        )


def form_of(model: type[BaseModel], context: RequestContext) -> BaseModel:
    """What the body says. Raises a problem."""
    try:
        return model.model_validate_json(context.body)
    except ValidationError as error:
        raise validation_problem(error.errors(include_url=False), message("body")) from None


# ---- What the document says of all of them


def _content(schema: dict[str, Any], example: Any) -> dict[str, Any]:
    return {"schema": schema} if example is None else {"schema": schema, "example": example_of(example)}


def _security(may: str) -> list[dict[str, list[str]]]:
    """Nobody needs a token for what the public may do."""
    signed_in: list[dict[str, list[str]]] = [{"token": []}, {"cookie": []}]
    return [{}, *signed_in] if "public" in TABLE[may] else signed_in
