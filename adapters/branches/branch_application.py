"""The application inside a what-if branch: what commands decide is kept in the branch, as one change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from adapters.application.unit_of_work import Application, UnitOfWork
from adapters.branches.branch_commands import stored_commands
from adapters.branches.branches import (
    Branch,
    BranchChange,
    NotInBranch,
    branch_row,
    must_load_branch,
    require_open,
    stored_events,
    with_change,
    with_last,
)
from adapters.branches.overlay import BranchStore, BranchUnit, BranchViews
from adapters.store.engines import Writes
from domain.messages import message

T = TypeVar("T")


class BranchApplication(Application):
    """Runs commands in units inside a branch; whatever one application runs is one change of the branch.

    `sentence` is what the change is called. Raises NotThere or BranchClosed.
    """

    def __init__(self, truth: Application, id: UUID, sentence: str) -> None:
        self._truth, self._id, self._sentence = truth, id, sentence
        self._latest: Branch | None = None
        branch = self._branch()
        store = BranchStore(truth.store, branch)
        super().__init__(store, BranchViews(truth, store.states()), truth.actor, truth.clock)

    def _branch(self) -> Branch:
        branch = must_load_branch(self._truth.store, self._id)
        require_open(branch)
        return branch

    @property
    def changed(self) -> Branch | None:
        """The branch with the change, None where nothing was decided."""
        return self._latest

    def unit(self, actor: str) -> UnitOfWork:
        """A unit of work inside the branch as it is now; it is saved as a change of that."""
        unit = _ChangeUnit(self._truth.unit(actor), actor, self._branch(), self._keep)
        self.store, self.views = unit.store, unit.views
        return unit

    def retrying(self, attempt: Callable[[], T]) -> T:
        return self._truth.retrying(attempt)

    def _keep(self, outer: UnitOfWork, unit: BranchUnit, also: Writes) -> int:
        """Keep what a unit has decided. Raises IntegrityError where somebody has changed the branch meanwhile."""
        commands = stored_commands(unit.commands)
        if not unit.events:
            return outer.store.position()
        if not commands:
            raise NotInBranch(message("a branch holds commands; give this outside the branch"))
        before, metadata, events = unit.branch, unit.metadata(), stored_events(unit.events)
        if self._latest is not None and self._latest.version == before.version:
            last = before.changes[-1]
            after = with_last(
                before, replace(last, facts=last.facts + events, commands=last.commands + commands)
            )
        else:
            change = BranchChange(
                commands[0].name, {}, None, self._sentence, metadata.by, metadata.at, events, commands
            )
            after = with_change(before, change)
        outer.commit((), [branch_row(outer.store, before, after), *unit.writes, *also])
        position = outer.save()
        self._latest = after
        store = BranchStore(self._truth.store, after)
        self.store, self.views = store, BranchViews(self._truth, store.states())
        return position


class _ChangeUnit(BranchUnit):
    """A unit inside a branch that is saved as a change of it."""

    def __init__(
        self,
        outer: UnitOfWork,
        actor: str,
        branch: Branch,
        keep: Callable[[UnitOfWork, BranchUnit, Writes], int],
    ) -> None:
        super().__init__(outer, actor, branch)
        self._outer, self._keep = outer, keep

    def save(self, also: Writes = ()) -> int:
        return self._keep(self._outer, self, also)
