"""A database whose branches hold operations of the interface, from before they held commands, is used as any other."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.application.application import Lyceum
from adapters.branches import lifecycle
from adapters.branches.adopting import require_same
from adapters.branches.branch_commands import run
from adapters.branches.branches import Branch, branches_of, find_branch, stored_events
from adapters.branches.comparing_branches import compare
from adapters.branches.lifecycle import BranchRef
from adapters.branches.old_changes import OLD_OPERATIONS, converted
from adapters.branches.overlay import BranchUnit
from adapters.branches.rebasing import ChangeRefused, NoSuchChange, replayed
from adapters.store.streams import VENUES
from adapters.week.plan_documents import load_timetable
from api.http.framework.branch_commands import IN_BRANCHES
from api.http.framework.operations import COMMANDS
from domain.venue import venue_id
from tests.adapters.town import TOWN, WEEK, Ticking
from tests.api.http.conftest import served, someone

OLD = Path(__file__).parent / "old" / "branches.sql"
CHANGES = {"facts": 45, "by-hand": 5, "planned": 2}


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Lyceum]:
    with sqlite3.connect(tmp_path / "old.db") as connection:
        connection.executescript(OLD.read_text(encoding="utf-8"))
    connection.close()
    with Lyceum(f"sqlite:///{tmp_path / 'old.db'}", actor="operator", clock=Ticking()) as lyceum:
        lyceum.views.catch_up()
        yield lyceum


def branch(lyceum: Lyceum, name: str) -> Branch:
    return find_branch(lyceum.store, TOWN, WEEK, name)


def test_old_branches_are_read_as_they_were_written(old: Lyceum) -> None:
    branches = {one.name: one for one in branches_of(old.store, TOWN, WEEK)}

    assert {name: one.status for name, one in branches.items()} == {
        **dict.fromkeys(CHANGES, "open"),
        "gone": "dropped",
        "done": "adopted",
    }
    assert {name: len(branches[name].changes) for name in CHANGES} == CHANGES
    assert all(change.commands == () for one in branches.values() for change in one.changes)
    assert compare(old, branches["planned"]).counts["cancelled"] == 0
    assert compare(old, branches["by-hand"]).counts["cancelled"] == 1


def test_read_side_of_the_old_database_is_rebuilt_to_the_same(old: Lyceum) -> None:
    before = old.views.digest()
    old.views.rebuild()

    assert old.views.digest() == before


def test_every_old_operation_is_converted_to_commands_that_decide_the_same(old: Lyceum) -> None:
    operations = set()
    for name in ("facts", "by-hand"):
        whole = branch(old, name)
        for number, change in enumerate(whole.changes):
            unit = BranchUnit(old, "operator", replace(whole, changes=whole.changes[:number]))
            for command in converted(unit, change):
                run(unit, command)
            again = replace(whole, begun=(), changes=(change,))

            require_same(again, stored_events(unit.events))
            operations.add(change.operation)

    could_be_held = {name for name, one in COMMANDS.items() if one.may in IN_BRANCHES and not one.taken.media}
    since = {"undo_step", "redo_step"}  # no branch of before could hold them
    assert could_be_held - operations - since == {"try_move"}  # which changes nothing
    assert operations == OLD_OPERATIONS.keys()


@pytest.mark.parametrize("name", CHANGES)
def test_old_branch_is_rebased_and_adopted_by_the_operator(old: Lyceum, name: str) -> None:
    before = branch(old, name)
    ref = BranchRef(before.id)
    rebased = lifecycle.rebase(old, ref).branch

    assert [change.words for change in rebased.changes] == [change.words for change in before.changes]
    assert all(change.commands for change in rebased.changes if change.operation != "plan")
    require_same(before, rebased.stored)
    adoption = lifecycle.adopt(old, ref)
    assert (adoption.branch.status, branch(old, name).status) == ("adopted", "adopted")
    assert adoption.draft == (2 if name == "planned" else 1)
    assert adoption.events == len(before.events)
    assert load_timetable(old, TOWN, WEEK).drafts == adoption.draft


@pytest.mark.parametrize("name", CHANGES)
def test_old_branch_is_shown_and_adopted_over_http(old: Lyceum, name: str) -> None:
    before = branch(old, name)
    with served(old) as client:
        administrator = someone(old, client, ("administrator", None))
        here = f"/weeks/town/{WEEK}/branches/{name}"
        shown = administrator.get(here).body
        rebased = administrator.post(f"{here}/rebase", {})

        assert [change["body"] for change in shown["changes"]] == [change.body for change in before.changes]
        assert rebased.status == 200, rebased.body
        assert [change["events"] for change in rebased.body["changes"]] == [
            change["events"] for change in shown["changes"]
        ]
        assert all(change.commands for change in branch(old, name).changes if change.operation != "plan")
        assert administrator.post(f"{here}/adopt").body["events"] == len(before.events)


def test_old_change_that_is_refused_now_is_named(old: Lyceum) -> None:
    ref = BranchRef(branch(old, "facts").id)
    number = 1 + [change.operation for change in branch(old, "facts").changes].index("register_venue")
    change = branch(old, "facts").changes[number - 1]
    run_outside = BranchUnit(old, "operator", replace(branch(old, "facts"), changes=()))
    (command,) = converted(run_outside, change)
    old.execute(lambda unit: run(unit, command))
    assert old.store.load(VENUES, venue_id("club")) is not None

    with pytest.raises(
        ChangeRefused, match=rf"^change {number} \(register_venue\): venue club is registered"
    ):
        lifecycle.rebase(old, ref)
    with pytest.raises(NoSuchChange):
        lifecycle.rebase(old, ref, {99})
    kept = replayed(old.unit("operator"), branch(old, "facts"), lifecycle.OPERATOR, range(number, 46)).branch
    assert len(kept.changes) == number - 1
