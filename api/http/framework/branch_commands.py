"""Commands inside a what-if branch: the same forms, roles and rules as outside.

What a branch may hold is named by the rows of the table of roles. A row that nobody has put here is refused, so that
no credential, personal record or promise ever comes from a branch.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from adapters.access.targets import Target, target_of
from adapters.branches.branch_commands import not_in_branch, stored_commands
from adapters.branches.branches import Branch, BranchChange, UsedRight, stored_events
from adapters.branches.overlay import BranchUnit
from adapters.branches.rebasing import Replayer
from adapters.services.adjusting import Judges
from adapters.store.streams import STREAMS, Stream
from adapters.week.draft_workspace import judged
from api.http.errors import HttpProblem, invalid, problem_of, validation_problem
from api.http.framework.contexts import Answer, CommandContext
from api.http.framework.operations import COMMANDS, Declared, form_of
from domain.messages import message

S = TypeVar("S")

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


INSTEAD = {
    "release_draft": "adopt the branch first, then release the draft",
    "start_plan": "plan the branch: its own address ends in /plan",
    "plan_a_branch": "give it to the branch itself: its own address ends in /plan",
    "start_repair": "repair the branch: its own address ends in /repair",
    "repair_a_branch": "give it to the branch itself: its own address ends in /repair",
}  # by operation


class BranchCommandContext(CommandContext):
    """A command inside a branch, given by the caller of another one; it notes the rights that it is allowed by.

    What it is about is noted for the other one too, whose answer is kept under an Idempotency-Key.
    """

    def __init__(self, outer: CommandContext, operation: str, unit: BranchUnit, body: bytes = b"") -> None:
        super().__init__(outer, unit)
        self.operation, self.body, self.judged = operation, body, False
        self.known, self.matched = None, True  # If-Match speaks of the branch
        self.targets = outer.targets
        self.used_rights: dict[UsedRight, None] = {}
        self._subjects: dict[Target, tuple[str, UUID]] = {}

    @property
    def judge(self) -> Judges:
        """The draft of the branch is judged in this process."""
        return partial(judged, self.unit)

    def subject(self, stream: Stream[S], id: UUID, what: str) -> S:
        state = self.unit.load(stream, id)
        if state is not None:
            self._subjects[target_of(state)] = stream.name, id
        return super().subject(stream, id, what)

    def within(self, target: Target) -> None:
        super().within(target)
        self._note(self.operation, target)

    def may(self, operation: str, target: Target) -> bool:
        allowed = super().may(operation, target)
        if allowed:
            self.targets.append(target)
            self._note(operation, target)
        return allowed

    def require_judged(self) -> None:
        super().require_judged()
        if not self.used_rights:
            self.targets.append(
                Target()
            )  # a role that holds everywhere was needed, and nothing else was judged

    def _note(self, operation: str, target: Target) -> None:
        stream, id = self._subjects.get(target, ("", None))
        self.used_rights[UsedRight(operation, stream, id, None if id else target.area)] = None


def declared(operation: str) -> Declared:
    """The command of a name. Raises NotInBranch, or a problem where there is none."""
    command = COMMANDS.get(operation)
    if command is None:
        raise invalid(
            "body", "operation", message("is no command; give the operationId of one, such as close_venue")
        )
    if command.may not in IN_BRANCHES or command.taken.media:
        raise not_in_branch(operation, INSTEAD.get(operation, "give it outside the branch"))
    return command


def give(
    context: CommandContext,
    unit: BranchUnit,
    operation: str,
    path: Mapping[str, str],
    body: Any,
) -> tuple[BranchChange | None, Any]:
    """Give a command inside a branch: the change that it makes, None where nothing changes, and what it answers."""
    command = declared(operation)
    whole = _of_week(unit.branch, command, path)
    inner = BranchCommandContext(
        context, command.may, unit, b"" if body is None else json.dumps(body).encode()
    )
    answer = _run(command, inner, whole)
    answered = json.loads(answer.body) if answer.body else None
    if not unit.events:
        return None, answered
    metadata = unit.metadata()
    change = BranchChange(
        operation,
        whole,
        body,
        _words(command, whole, body),
        metadata.by,
        metadata.at,
        stored_events(unit.events),
        stored_commands(unit.commands),
        command.may,
        tuple(inner.used_rights),
    )
    return change, answered


def _run(command: Declared, inner: BranchCommandContext, path: Mapping[str, str]) -> Answer:
    inner.admit()
    fields = _path(command, path)
    if command.taken.form is not None:
        fields["form"] = form_of(command.taken.form, inner)
    elif inner.body not in (b"", b"{}"):
        raise invalid("body", "body", message("must be left out: this command takes none"))
    answer: Answer = command.taken.function(inner, **fields)
    inner.require_judged()
    return answer


def _of_week(branch: Branch, command: Declared, path: Mapping[str, str]) -> dict[str, str]:
    """The path, of the branch's own week where it names none."""
    own = {"area": str(branch.area), "week": branch.week}
    return {**own, **path} if "week" in command.taken.path_names else dict(path)


def _path(command: Declared, path: Mapping[str, str]) -> dict[str, Any]:
    if set(path) != command.taken.path_names:
        names = ", ".join(sorted(command.taken.path_names)) or "nothing"
        raise invalid("body", "path", message("must name {names}", names=names))
    fields = {}
    for parameter in command.taken.parameters:
        if parameter.name in path:
            try:
                fields[parameter.name] = TypeAdapter(parameter.annotation).validate_python(
                    path[parameter.name]
                )
            except ValidationError as error:
                wrong = (
                    {**detail, "loc": ("path", parameter.name)} for detail in error.errors(include_url=False)
                )
                raise validation_problem(wrong, message("body")) from None
    return fields


def _words(command: Declared, path: Mapping[str, str], body: Any) -> str:
    """A change in words: what is done, to what, and how."""
    named = [value for name, value in path.items() if name not in ("area", "week") or "week" not in path]
    said = [f"{name} {_short(value)}" for name, value in (body or {}).items() if value not in (None, [], "")]
    return ": ".join(filter(None, (command.summary, ", ".join([*named, *said]))))


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."


# ---- Give all of it again


class CallersReplayer(Replayer):
    """Changes given again over HTTP, by whoever calls, with their rights as they are now."""

    def __init__(self, context: CommandContext) -> None:
        self._context = context

    def give(self, unit: BranchUnit, change: BranchChange) -> BranchChange:
        """A change of the old form is given as an operation once more, and its commands are kept."""
        if not change.commands:
            present, _ = give(self._context, unit, change.operation, change.path, change.body)
            return change if present is None else replace(present, by=change.by, at=change.at)
        self._allow(unit, change)
        return super().give(unit, change)

    def _allow(self, unit: BranchUnit, change: BranchChange) -> None:
        """Ask again for each right that the change was made by; where a record has moved, in its area of now."""
        if not change.may:
            self._allow_operator()
            return
        judge = BranchCommandContext(self._context, change.may, unit)
        judge.admit()
        for right in change.rights:
            target = _target(unit, right)
            if right.row == change.may:
                judge.within(target)
            elif not judge.may(right.row, target):
                raise HttpProblem(
                    "not-allowed",
                    message("your role does not allow {row} in this part of the network", row=right.row),
                )
        judge.require_judged()

    def _allow_operator(self) -> None:
        """The command line knows no roles, so what was given there is for administrators."""
        if not self._context.is_administrator:
            raise HttpProblem(
                "not-allowed", message("this was given on the command line; ask an administrator")
            )

    def refusal(
        self, number: int, change: BranchChange, error: Exception, labelled: Callable[[str], str]
    ) -> Exception:
        problem = problem_of(error)
        if problem is None:
            return error
        problem.detail = message(
            'change {number} ({operation}): {error}; rebase the branch with "without": [{number}] to leave '
            "this change out",
            number=number,
            operation=change.operation,
            error=labelled(problem.detail),
        )
        problem.more = {**problem.more, "refused_change": number}
        return problem


def _target(unit: BranchUnit, right: UsedRight) -> Target:
    if right.subject is None:
        return Target(area=right.area)
    return target_of(unit.must_load(_BY_NAME[right.stream], right.subject))


_BY_NAME: Mapping[str, Stream[Any]] = {stream.name: stream for stream in STREAMS}
