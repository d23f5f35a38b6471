"""Decoder and encoder of the planning documents, problem and plan, version 1 of `docs/format.md`.

A malformed document is refused with every error named.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cache
from itertools import zip_longest
from typing import Annotated, Any, get_type_hints

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, core_schema

from domain.messages import Message, beside, message, read_message
from domain.starts import DEFAULT_GRID_MIN
from domain.windows import NotATime, Windows, clock, clock_min, within_days
from scheduler.documents.fields import MISSING, MUST, MUSTS, ListOf, Text, TextList, one_of, required
from scheduler.documents.records import (
    GOALS,
    MINIMUMS,
    Assignment,
    GoalResult,
    Plan,
    Problem,
    Request,
    Room,
    Venue,
    Volunteer,
    key,
)

Recall = Callable[[Any, Callable[[], Any]], Any]
_SHAPES = {
    "dataclass_type": message("an object"),
    "dict_type": message("an object"),
    "list_type": message("a list"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemDocument(Problem):
    """One area and one ISO week to plan."""

    format: Annotated[str, one_of("problem/1")]
    minimum: Annotated[
        Annotated[str, one_of(*MINIMUMS)] | None,
        key(meaning="`area`: before all goals, one session for each community that can have one"),
    ] = None


@dataclass(frozen=True, slots=True)
class Unserved:
    """A request without any session."""

    request: Annotated[Text, key(meaning="id of the request")]
    reasons: Annotated[TextList, key(meaning="what the solver says about it, in words")] = ()


class _Claims:
    """An object with goals as keys; what is no goal is ignored, and null is the same as none."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def known(value: Any) -> Any:
            if not isinstance(value, dict):
                raise PydanticCustomError(MUST, message("an object"))
            return {goal: value[goal] for goal in _CLAIMED if value.get(goal) is not None}

        return required(core_schema.no_info_before_validator_function(known, handler(source)))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        claim = {"anyOf": [handler(schema)["additionalProperties"], {"type": "null"}]}
        return {"type": "object", "properties": dict.fromkeys(_CLAIMED, claim)}


_CLAIMED = (*MINIMUMS.values(), *GOALS)


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """What was decided for a problem."""

    format: Annotated[str, one_of("plan/1")]
    problem: Annotated[Text, key(meaning="the `name` of the problem")]
    status: Annotated[
        str,
        one_of("optimal", "feasible", "infeasible"),
        key(meaning="`optimal` only where the value of every goal equals its bound"),
    ]
    goals: Annotated[
        dict[str, GoalResult],
        _Claims(),
        key(meaning="what the plan states of its goals; some may be left out"),
    ]
    assignments: Annotated[tuple[Assignment, ...], ListOf()]
    unserved: Annotated[tuple[Unserved, ...], ListOf()]


class MalformedDocument(ValueError):
    """A document that is not in the format, or a problem whose pins break a rule.

    Parameters
    ----------
    errors : tuple of str
        Every error found, each beginning with the path of its place in the document.
    """

    def __init__(self, errors: Iterable[str]) -> None:
        self.errors = tuple(errors)
        super().__init__(message("{errors:; }", errors=self.errors))

    def __reduce__(self) -> tuple[type[MalformedDocument], tuple[Any, ...]]:
        return MalformedDocument, (self.errors,)  # as itself from process to process


class ForeignPlan(MalformedDocument):
    """A plan document that is in the format, but was made for another problem, or for another state of this one.

    Parameters
    ----------
    named, problem : str
        The problem that the plan names, and the one that it was read for.
    """

    def __init__(self, errors: Iterable[str], named: str, problem: str) -> None:
        super().__init__(errors)
        self.named, self.problem = named, problem

    def __str__(self) -> str:
        if self.named != self.problem:
            return message(
                "the plan was made for another problem, {named!r}, not for {problem!r}; give the plan of this "
                "problem",
                named=self.named,
                problem=self.problem,
            )
        more = message(", and {count} more", count=len(self.errors) - 1) if len(self.errors) > 1 else ""
        return message(
            "the plan was made for another problem or an older state of {problem!r} ({error}{more}); give the "
            "plan of this problem",
            problem=self.problem,
            error=self.errors[0],
            more=more,
        )

    def __reduce__(self) -> tuple[type[MalformedDocument], tuple[Any, ...]]:
        return ForeignPlan, (self.errors, self.named, self.problem)


def read_problem(document: Any, *, recall: Recall | None = None) -> Problem:
    """Read a problem document.

    Parameters
    ----------
    document : dict
        A problem as `docs/format.md` describes it, as `json.load` gives it.
    recall : callable, optional
        Takes a venue, volunteer, request or assignment of the document and a function that reads it, and gives what
        that one gives: from memory, where it was given the very same object before and nobody has changed it since.

    Raises
    ------
    MalformedDocument
        With every error named. Pins are looked up here; whether they break a rule is `check_pins`'s question.
    """
    read: ProblemDocument = _read(ProblemDocument, document, _unrelated, recall)
    values = {field.name: getattr(read, field.name) for field in fields(Problem)}
    if read.minimum is not None:
        values["goals"] = MINIMUMS[read.minimum], *read.goals
    return Problem(**values)


def read_plan(document: Any, problem: Problem) -> Plan:
    """Read a plan document that belongs to `problem`.

    Raises
    ------
    ForeignPlan
        Where nothing is wrong but the name of its problem, or rooms, volunteers and unserved requests are unknown.
    MalformedDocument
        With every error named, those of a foreign plan among them.
    """
    foreign = tuple(_foreign(problem, document))
    try:
        read: PlanDocument = _read(PlanDocument, document)
    except MalformedDocument as malformed:
        raise MalformedDocument((*malformed.errors, *foreign)) from None
    if foreign:
        raise ForeignPlan(foreign, read.problem, problem.name)
    unserved = {item.request: item.reasons for item in read.unserved}
    return Plan(problem.name, read.status, read.goals, read.assignments, unserved)


def read_assignments(value: Any) -> tuple[Assignment, ...]:
    """Read a list of assignments, whatever they name.

    Raises
    ------
    MalformedDocument
        With every error named.
    """
    read: tuple[Assignment, ...] = _read(_ASSIGNMENTS, value, under="assignments")
    return read


_ASSIGNMENTS: Any = Annotated[tuple[Assignment, ...], ListOf()]


def _read(
    kind: Any,
    document: Any,
    related: Callable[[Any], Iterable[str]] = lambda _: (),
    recall: Recall | None = None,
    under: str = "",
) -> Any:
    """Read a document; `related` says what is wrong between its places, whether or not each can be read.

    `under` is the path of what is read, where it is a part of a document.
    """
    read, errors = None, []
    try:
        read = adapter(kind).validate_python(document, context=recall)
    except ValidationError as invalid:
        wrong = invalid.errors(include_url=False, include_context=False)
        wrong.sort(
            key=lambda error: error["loc"] != ("format",)
        )  # whoever takes a plan for a problem reads it first
        errors = [_sentence(error, under) for error in wrong]
    errors += related(document)
    if errors:
        raise MalformedDocument(errors)
    return read


@cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    """What reads documents of a kind; made when the first is read."""
    return TypeAdapter(kind)


def _sentence(error: ErrorDetails, under: str) -> str:
    path, loc = under, error["loc"]
    if error["input"] is MISSING:  # pydantic names a default by the record's field
        loc = *loc[:-1], _keys().get(loc[-1], loc[-1])
    for step in loc:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    if error["type"] == MUST or error["type"] in _SHAPES:
        must = _SHAPES.get(error["type"]) or MUSTS.get(error["msg"], error["msg"])
        return _at(path, message("must be {must}, is {value}", must=must, value=shown(error["input"])))
    if error["type"] == "string_unicode":
        return _at(path, message("holds a key that is no Unicode text"))
    return _at(path, MUSTS.get(error["msg"], error["msg"]))


def _at(path: str, what: str) -> Message:
    """A fault with the path of its place; see `place_and_fault`."""
    return message("{path}: {what}", path=path or "document", what=what)


def place_and_fault(error: str) -> tuple[str, str]:
    """The path of an error of `MalformedDocument`, and the fault."""
    if isinstance(error, Message) and {"path", "what"} <= error.values.keys():
        return error.values["path"], error.values["what"]
    path, _, what = error.partition(": ")
    return path, what


@cache
def _keys() -> dict[int | str, str]:
    """The document's keys of those fields that have another name."""
    return {
        name: annotation.alias
        for record in (Room, Venue, Volunteer, Request, Assignment, Problem)
        for name, hint in get_type_hints(record, include_extras=True).items()
        for annotation in getattr(hint, "__metadata__", ())
        if isinstance(annotation, FieldInfo) and annotation.alias
    }


def shown(value: Any) -> str:
    """A value as an error names it, short."""
    if value is MISSING:
        return message("missing")
    if isinstance(value, dict):
        return message("an object")
    return message("a list") if isinstance(value, list) else json.dumps(value, ensure_ascii=False)[:60]


def _things(holder: Any, key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a list, by their places; what is of another kind was named already."""
    items = holder.get(key) if isinstance(holder, dict) else None
    if isinstance(items, list):
        yield from ((index, thing) for index, thing in enumerate(items) if isinstance(thing, dict))


def _rooms(document: Any) -> Iterator[dict[str, Any]]:
    for _, venue in _things(document, "venues"):
        yield from (room for _, room in _things(venue, "rooms"))


def _ids(things: Iterable[dict[str, Any]]) -> list[str]:
    return [name for thing in things if isinstance(name := thing.get("id"), str)]


def _unrelated(document: Any) -> Iterator[str]:
    """What is wrong between two places of a problem, however much is wrong at a third."""
    yield from _goals_twice(document)
    yield from _twins(document)
    yield from _odd_parts(document)
    yield from _off_grid(document)
    rooms, people = (
        set(_ids(_rooms(document))),
        set(_ids(volunteer for _, volunteer in _things(document, "volunteers"))),
    )
    yield from _strangers(rooms, people, document, "pins")


def _foreign(problem: Problem, document: Any) -> Iterator[str]:
    """What a plan names and the problem does not know."""
    name = document.get("problem") if isinstance(document, dict) else None
    if isinstance(name, str) and name != problem.name:
        yield _at("problem", message("is {name!r}, not {problem!r}", name=name, problem=problem.name))
    rooms = {room.id for venue in problem.venues for room in venue.rooms}
    yield from _strangers(rooms, {volunteer.id for volunteer in problem.volunteers}, document, "assignments")
    known = {request.id for request in problem.requests}
    for index, item in _things(document, "unserved"):
        if isinstance(request := item.get("request"), str) and request not in known:
            yield _at(f"unserved[{index}].request", message("unknown id {id!r}", id=request))


def _goals_twice(document: Any) -> Iterator[str]:
    goals = document.get("goals") if isinstance(document, dict) else None
    names = [goal for goal in goals if isinstance(goal, str)] if isinstance(goals, list) else []
    if len(set(names)) < len(names):
        yield _at("goals", message("must be a list of different goals, is a list"))


def _twins(document: Any) -> Iterator[str]:
    """Ids that two things of one kind share."""
    kinds = {
        key: _ids(thing for _, thing in _things(document, key))
        for key in ("venues", "volunteers", "requests")
    }
    kinds["rooms"] = _ids(_rooms(document))
    for kind in ("venues", "rooms", "volunteers", "requests"):
        yield from (
            _at(kind, message("{number} have the id {id!r}", number=count, id=name))
            for name, count in Counter(kinds[kind]).items()
            if count > 1
        )


def _odd_parts(document: Any) -> Iterator[str]:
    """Parts whose whole is not an undivided room of their own venue."""
    for venue_index, venue in _things(document, "venues"):
        rooms = list(_things(venue, "rooms"))
        wholes = _ids(room for _, room in rooms if room.get("part_of") is None)
        for room_index, room in rooms:
            whole = room.get("part_of")
            if isinstance(whole, str) and whole not in wholes:
                path = f"venues[{venue_index}].rooms[{room_index}].part_of"
                yield _at(path, message("{whole!r} is not a whole room of the same venue", whole=whole))


def _off_grid(document: Any) -> Iterator[str]:
    """Starts that are no multiple of the document's own grid, which every start is."""
    grid = document.get("grid_minutes", DEFAULT_GRID_MIN) if isinstance(document, dict) else None
    if not isinstance(grid, int) or grid < 1:
        return
    for path, holder in (
        ("", document),
        *((f"requests[{index}].", request) for index, request in _things(document, "requests")),
    ):
        own, bells = holder.get("grid_minutes"), holder.get("bell_times")
        if isinstance(own, int) and own % grid:
            yield _at(f"{path}grid_minutes", _no_multiple(own, grid))
        for bell_index, bell in enumerate(bells if isinstance(bells, list) else ()):
            with suppress(NotATime, TypeError):
                if clock_min(bell) % grid:
                    where = f"{path}bell_times[{bell_index}]"
                    yield _at(where, _no_multiple(bell, grid))


def _no_multiple(value: object, grid: int) -> Message:
    return message("{value} is not a multiple of the document's grid_minutes, {grid}", value=value, grid=grid)


def _strangers(rooms: set[str], people: set[str], holder: Any, key: str) -> Iterator[str]:
    """Rooms and volunteers that the holder's assignments name and nobody knows."""
    for index, assignment in _things(holder, key):
        if isinstance(room := assignment.get("room"), str) and room not in rooms:
            yield _at(f"{key}[{index}].room", message("unknown id {id!r}", id=room))
        for role in ("leads", "assistants"):
            names = assignment.get(role)
            for name_index, name in enumerate(names if isinstance(names, list) else ()):
                if isinstance(name, str) and name not in people:
                    yield _at(f"{key}[{index}].{role}[{name_index}]", message("unknown id {id!r}", id=name))


def write_assignment(assignment: Assignment) -> dict[str, Any]:
    return {
        "request": assignment.request,
        "session": assignment.session,
        "day": assignment.day,
        "start": clock(assignment.start_min),
        "room": assignment.room,
        "leads": list(assignment.leads),
        "assistants": list(assignment.assistants),
    }


def write_plan(plan: Plan, **extra: Any) -> dict[str, Any]:
    """Write a plan as a document; `extra` keys are added, which readers of the format ignore."""
    return {
        "format": "plan/1",
        "problem": plan.problem,
        "status": plan.status,
        "goals": {name: {"value": goal.value, "bound": goal.bound} for name, goal in plan.goals.items()},
        "assignments": [write_assignment(assignment) for assignment in plan.assignments],
        "unserved": _write_unserved(plan.unserved),
        **extra,
    }


def _write_unserved(unserved: Mapping[str, tuple[str, ...]]) -> list[dict[str, Any]]:
    """Requests with their reasons in English, and beside these the messages, which readers of the format may ignore."""
    return [
        {"request": name, "reasons": list(reasons), **beside({"reasons": reasons})}
        for name, reasons in unserved.items()
    ]


def read_reasons(unserved: Mapping[str, Any]) -> Iterator[str]:
    """The reasons of an unserved request of a plan document, as messages where the document has them."""
    reasons, messages = unserved.get("reasons", ()), unserved.get("reasons_messages", ())
    for reason, written in zip_longest(reasons, messages[: len(reasons)]):
        yield read_message(written) or str(reason)


def write_windows(windows: Windows) -> list[dict[str, Any]]:
    """Windows of a week as a document's list; one that crosses midnight is cut there."""
    return [
        {"day": day, "start": clock(start), "end": clock(end)} for day, start, end in within_days(windows)
    ]
