"""Commands that branches hold are stored under names and arguments that stay: old branches have to be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.application.application import Lyceum
from adapters.application.unit_of_work import GivenCommand
from adapters.branches.branch_commands import HELD, NOT_STORED, parameters, run, stored_commands
from adapters.branches.branches import NotInBranch, StoredCommand
from adapters.services import adjusting
from adapters.store.mapper import json_of
from tests.adapters.town import TOWN, WEEK

GOLDEN = Path(__file__).parent / "old" / "branch_commands.json"
STORED = {
    name: StoredCommand(name, arguments)
    for name, arguments in json.loads(GOLDEN.read_text(encoding="utf-8")).items()
}


def test_each_command_has_its_stored_form() -> None:
    assert STORED.keys() == HELD.keys()


@pytest.mark.parametrize("name", HELD)
def test_stored_form_is_read_and_written_as_it_stands(name: str) -> None:
    """A parameter with another name, or a record with another field, is a new stored form: convert the old one."""
    stored, known = STORED[name], parameters(HELD[name])
    assert stored.arguments.keys() == known.keys()
    arguments = {
        parameter: json_of(known[parameter]).validate_json(json.dumps(value))
        for parameter, value in stored.arguments.items()
    }

    assert stored_commands([GivenCommand(name, (), arguments)]) == (stored,)


def test_how_a_move_is_judged_is_not_stored() -> None:
    assert "judge" in NOT_STORED
    assert "judge" not in parameters(adjusting.move)


def test_stored_command_takes_defaults_for_what_it_does_not_say(quick: Lyceum) -> None:
    """Such as a parameter that was added after it was stored."""
    unit = quick.unit("operator")
    closed = STORED["close_venue"]
    arguments = {name: value for name, value in closed.arguments.items() if name != "emergency"}
    run(unit, StoredCommand("close_venue", arguments))

    assert [event.by for event in unit.events] == ["operator"]
    assert stored_commands(unit.commands)[0].arguments["emergency"] is False


def test_command_that_no_branch_holds_is_refused() -> None:
    with pytest.raises(NotInBranch, match=r"^release_week cannot be given in a branch"):
        stored_commands([GivenCommand("release_week", (TOWN, WEEK, "First"), {})])
    with pytest.raises(NotInBranch):
        run(None, StoredCommand("erase_volunteer", {}))  # type: ignore[arg-type]
