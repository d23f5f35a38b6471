"""Commands that a what-if branch may hold, and their stored form: a name, and arguments by parameter as JSON."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from types import GenericAlias
from typing import Any, TypeAlias, get_args, get_origin, get_type_hints

import orjson

from adapters.application.unit_of_work import GivenCommand, UnitOfWork
from adapters.branches.branches import NotInBranch, StoredCommand
from adapters.services import adjusting, areas, catalogue, closures, requests, venues, volunteers
from adapters.store.mapper import json_of
from domain.messages import message

Command: TypeAlias = Callable[..., Any]

# Facts, pins and the draft. Never releases, people, imports or accounts: nothing of a branch reaches anybody.
HELD: Mapping[str, Command] = {
    function.__name__: function
    for function in (
        areas.found_area,
        areas.rename_area,
        areas.recode_area,
        areas.move_area,
        areas.locate_area,
        areas.set_starts,
        areas.letter_week,
        areas.merge_area,
        areas.dissolve_area,
        catalogue.add_entry,
        catalogue.retire_entry,
        catalogue.type_days,
        venues.register_venue,
        venues.describe_venue,
        venues.set_lending_terms,
        venues.open_room,
        venues.withdraw_room,
        venues.set_opening_hours,
        venues.remove_opening_hours,
        closures.close_venue,
        closures.reopen_venue,
        closures.lift_closures,
        closures.retire_venue,
        closures.pause_volunteer,
        closures.let_go,
        volunteers.enrol_volunteer,
        volunteers.change_profile,
        volunteers.record_consent,
        volunteers.record_check,
        volunteers.offer_hours,
        volunteers.except_offer,
        requests.submit_request,
        requests.change_order,
        requests.leave_out,
        requests.step_request,
        adjusting.pin,
        adjusting.unpin,
        adjusting.move,
        adjusting.drop,
    )
}
NOT_STORED = frozenset({"judge"})  # how something is computed, not what is decided


def not_in_branch(name: str, instead: str = message("give it outside the branch")) -> NotInBranch:
    """The refusal of a command; `instead` says what to do."""
    return NotInBranch(
        message(
            "{name} cannot be given in a branch, which holds facts, pins and moves alone; {instead}",
            name=name,
            instead=instead,
        )
    )


def stored_commands(commands: Iterable[GivenCommand]) -> tuple[StoredCommand, ...]:
    """The stored form of commands that were given in a unit. Raises NotInBranch."""
    return tuple(StoredCommand(command.name, dict(_arguments(command))) for command in commands)


def _arguments(command: GivenCommand) -> Iterator[tuple[str, Any]]:
    function = HELD.get(command.name)
    if function is None:
        raise not_in_branch(command.name)
    bound = inspect.signature(function).bind(None, *command.args, **command.kwargs)
    bound.apply_defaults()
    for name, annotation in parameters(function).items():
        value = bound.arguments[name]
        written = tuple(value) if get_origin(annotation) is tuple else value
        yield name, json_of(annotation).dump_python(written, mode="json")


def run(unit: UnitOfWork, command: StoredCommand) -> None:
    """Give a stored command in a unit. Raises NotInBranch, and what the command raises."""
    function = HELD.get(command.name)
    if function is None:
        raise not_in_branch(command.name)
    known = parameters(function)
    arguments = {
        name: json_of(known[name]).validate_json(orjson.dumps(value))
        for name, value in command.arguments.items()
    }
    function(unit, **arguments)


@cache
def parameters(function: Command) -> Mapping[str, Any]:
    """The stored parameters of a command, with the types that they are written and read as."""
    hints = get_type_hints(inspect.unwrap(function))
    first, *others = inspect.signature(function).parameters
    del first  # the unit of work
    return {name: _concrete(hints[name]) for name in others if name not in NOT_STORED}


def _concrete(annotation: Any) -> Any:
    """A sequence of any kind is stored as a tuple."""
    if get_origin(annotation) in (Iterable, Sequence):
        return GenericAlias(tuple, (*get_args(annotation), ...))
    return annotation
