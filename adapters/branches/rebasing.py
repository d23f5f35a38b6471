"""Replay of a what-if branch on the truth as it is now: each command is given again, in order (rebase)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial

from eventsourcing.persistence import IntegrityError

from adapters.application.unit_of_work import UnitOfWork
from adapters.branches.branch_commands import run
from adapters.branches.branch_planning import replanned
from adapters.branches.branches import (
    SOLVED,
    Branch,
    BranchChange,
    on_the_truth_now,
    rebased,
    stored_events,
)
from adapters.branches.old_changes import converted
from adapters.branches.overlay import BranchUnit
from adapters.store.append_conditions import AppendCondition
from adapters.week.key_labels import Keys
from adapters.week.week_snapshot import snapshot_of
from domain.events import NotThere, Refused
from domain.messages import message


class ChangeRefused(Refused):
    """A change of a branch that is refused now; its number and operation are in the sentence."""


class NoSuchChange(NotThere):
    """A number that no change of a branch has."""


class Replayer:
    """How changes are given again: here by an operator, who may do all of them."""

    def give(self, unit: BranchUnit, change: BranchChange) -> BranchChange:
        """Give a change in a unit inside the branch; the change as it is kept then, apart from its events."""
        commands = change.commands or converted(unit, change)
        for command in commands:
            run(unit, command)
        return replace(change, commands=commands)

    def refusal(
        self, number: int, change: BranchChange, error: Exception, labelled: Callable[[str], str]
    ) -> Exception:
        """What to raise for an error, with keys for ids (`labelled`); the error itself where it is no refusal."""
        if not isinstance(error, Refused):
            return error
        return ChangeRefused(
            message(
                "change {number} ({operation}): {error}; rebase the branch with --without {number} to leave "
                "this change out",
                number=number,
                operation=change.operation,
                error=labelled(str(error)),
            )
        )


@dataclass(frozen=True, slots=True)
class Replayed:
    """The branch as it is then, and what its events rest on beside the versions of their streams.

    `idle` are the numbers that those changes had which decide nothing any more, and were left out.
    """

    branch: Branch
    conditions: tuple[AppendCondition, ...]
    idle: tuple[int, ...] = ()


def replayed(unit: UnitOfWork, branch: Branch, replayer: Replayer, without: Collection[int] = ()) -> Replayed:
    """The branch on the truth as it is now. `without` are the numbers of changes to leave out.

    A change that decides nothing any more is left out too, and named. Raises NoSuchChange, BranchClosed, and what
    `replayer` makes of the refusal of a change.
    """
    if unknown := set(without) - set(range(1, len(branch.changes) + 1)):
        raise NoSuchChange(
            message("branch {branch} has no change {unknown}", branch=branch.name, unknown=min(unknown))
        )
    fresh = on_the_truth_now(unit.store, unit.metadata(), branch)
    conditions: list[AppendCondition] = []
    idle: list[int] = []
    for number, change in enumerate(branch.changes, 1):
        if number in without:
            continue
        inside = BranchUnit(unit, unit.actor, fresh)
        try:
            present = _given(inside, fresh, replayer, change)
        except IntegrityError:
            raise  # a lost race begins again
        except Exception as error:
            refusal = replayer.refusal(number, change, error, partial(_labelled, inside))
            if refusal is error:
                raise
            raise refusal from error
        if inside.events or change.operation in SOLVED:
            kept_change = replace(present, facts=stored_events(inside.events))
            fresh = replace(fresh, changes=(*fresh.changes, kept_change))
            conditions += inside.conditions
        else:
            idle.append(number)
    return Replayed(rebased(branch, fresh), tuple(conditions), tuple(idle))


def _labelled(inside: BranchUnit, sentence: str) -> str:
    """A sentence with the keys of the branch's week in the place of ids."""
    return Keys(snapshot_of(inside.views, inside.branch.area, inside.branch.week)).with_labels(sentence)


def _given(inside: BranchUnit, branch: Branch, replayer: Replayer, change: BranchChange) -> BranchChange:
    if change.operation not in SOLVED:
        return replayer.give(inside, change)
    replanned(inside, branch, change)
    return change
