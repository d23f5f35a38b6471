"""Decide which commands a what-if branch takes, and give them inside it: the same forms, roles and rules as outside.

What a branch may hold is named by the rows of the table of roles. A row that nobody has put here is refused, so that
no credential, personal record or promise ever comes from a branch.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from adapters.branches.branch_planning import replanned
from adapters.branches.branches import SOLVED, Branch, BranchChange, on_the_truth_now, rebased, stored_events
from adapters.branches.overlay import BranchUnit, NotInBranch
from api.http.errors import HttpProblem, invalid, problem_of, validation_problem
from api.http.framework.contexts import Answer, CommandContext, RequestContext
from api.http.framework.operations import COMMANDS, Declared, form_of

IN_BRANCHES = frozenset(
    {
        "areas.write",
        "areas.found",
        "catalogue.write",
        "day-types.write",
        "venues.register",
        "venues.write",
        "venues.close",
        "volunteers.enrol",
        "volunteers.write",
        "volunteers.check",
        "requests.write",
        "requests.withdraw",
        "requests.step",
        "weeks.write",
    }
)


class Inside(CommandContext):
    """A command inside a branch, given by the caller of another one."""

    def __init__(self, outer: CommandContext, operation: str, unit: BranchUnit, body: bytes) -> None:
        RequestContext.__init__(self, outer.app_state, outer.request, operation, body)
        self.__dict__["caller"] = outer.caller
        _ = outer.now
        unit.notes = outer.unit.notes  # it rests on the same look
        self.unit = unit
        self.known, self.matched = None, True  # If-Match speaks of the branch


def declared(operation: str) -> Declared:
    """The command of a name. Raises NotInBranch, or a problem where there is none."""
    found = COMMANDS.get(operation)
    if found is None:
        raise invalid("body", "operation", "is no command; give the operationId of one, such as close_venue")
    if found.may not in IN_BRANCHES or found.taken.media:
        raise NotInBranch(
            f"{operation} cannot be given in a branch, which holds facts, pins and moves alone; "
            "adopt the branch first, or give it outside"
        )
    return found


def give(
    context: CommandContext,
    unit: BranchUnit,
    branch: Branch,
    operation: str,
    path: Mapping[str, str],
    body: Any,
) -> tuple[BranchChange | None, Any]:
    """Give a command inside a branch: the change that it makes, None where nothing changes, and what it answers."""
    found = declared(operation)
    whole = _of_week(branch, found, path)
    given = b"" if body is None else json.dumps(body).encode()
    inner = Inside(context, found.may, unit, given)
    answer = _run(found, inner, whole)
    told = json.loads(answer.body) if answer.body else None
    if not unit.events:
        return None, told
    metadata = unit.metadata()
    words = _words(found, whole, body)
    return BranchChange(
        operation, whole, body, words, metadata.by, metadata.at, stored_events(unit.events)
    ), told


def _run(found: Declared, inner: Inside, path: Mapping[str, str]) -> Answer:
    inner.admit()
    fields = _path(found, path)
    if found.taken.form is not None:
        fields["form"] = form_of(found.taken.form, inner)
    elif inner.body not in (b"", b"{}"):
        raise invalid("body", "body", "must be left out: this command takes none")
    answer: Answer = found.taken.function(inner, **fields)
    if not inner.judged:
        raise HttpProblem("not-allowed", f"{inner.operation} is allowed in a part of the network only")
    return answer


def _of_week(branch: Branch, found: Declared, path: Mapping[str, str]) -> dict[str, str]:
    """The path, of the branch's own week where it names none."""
    own = {"area": str(branch.area), "week": branch.week}
    return {**own, **path} if "week" in found.taken.path_names else dict(path)


def _path(found: Declared, path: Mapping[str, str]) -> dict[str, Any]:
    if set(path) != found.taken.path_names:
        names = ", ".join(sorted(found.taken.path_names)) or "nothing"
        raise invalid("body", "path", f"must name {names}")
    fields = {}
    for parameter in found.taken.given:
        if parameter.name in path:
            try:
                fields[parameter.name] = TypeAdapter(parameter.annotation).validate_python(
                    path[parameter.name]
                )
            except ValidationError as error:
                wrong = ({**one, "loc": ("path", parameter.name)} for one in error.errors(include_url=False))
                raise validation_problem(wrong, "body") from None
    return fields


def _words(found: Declared, path: Mapping[str, str], body: Any) -> str:
    """A change in words: what is done, to what, and how."""
    named = [value for name, value in path.items() if name not in ("area", "week") or "week" not in path]
    said = [f"{name} {_short(value)}" for name, value in (body or {}).items() if value not in (None, [], "")]
    return ": ".join(filter(None, (found.summary, ", ".join([*named, *said]))))


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."


# ---- Give all of it again


def again(context: CommandContext, branch: Branch, without: Collection[int] = ()) -> Branch:
    """The branch on the truth as it is now: each command given again, by whoever calls, with their rights.

    `without` are the numbers of changes to leave out. Raises a problem that names the change that is refused now.
    """
    fresh = on_the_truth_now(context.app_state.lyceum.store, context.unit.metadata(), branch)
    for number, change in enumerate(branch.changes, 1):
        if number not in without:
            fresh = replace(fresh, changes=(*fresh.changes, *_once_more(context, fresh, number, change)))
    return rebased(branch, fresh)


def _once_more(
    context: CommandContext, branch: Branch, number: int, change: BranchChange
) -> Iterator[BranchChange]:
    unit = BranchUnit(context.app_state.lyceum, context.caller.actor, branch)
    try:
        if change.operation in SOLVED:
            replanned(unit, branch, change)
            yield replace(change, facts=stored_events(unit.events))
            return
        branch_change, _ = give(context, unit, branch, change.operation, change.path, change.body)
    except Exception as error:
        problem = problem_of(error)
        if problem is None:
            raise
        problem.detail = f"change {number} ({change.operation}): {problem.detail}"
        problem.more = {**problem.more, "refused_change": number}
        raise problem from None
    if branch_change is not None:
        yield replace(branch_change, by=change.by, at=change.at)
