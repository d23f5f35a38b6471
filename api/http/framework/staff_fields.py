"""Fields of commands that only staff may write, whoever else may write the rest.

A volunteer says what they can lead and when, not that they are no minor; a community orders, and does not say before
whom it comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.access.targets import Target
from api.http.errors import HttpProblem
from api.http.framework.contexts import RequestContext
from api.http.framework.operations import Form
from domain.messages import message


@dataclass(frozen=True, slots=True)
class Guard:
    """The row of the table of roles whose roles may set the fields of a form.

    `refuses`: who else gives another value is refused. Else the value that is there stays, as the answer shows.
    """

    row: str
    fields: tuple[str, ...]
    refuses: bool


GUARDED: Mapping[str, Guard] = {
    "ProfileForm": Guard("volunteers.check", ("kind", "minor", "roles"), refuses=True),
    "OrderForm": Guard(
        "requests.step", ("priority",), refuses=False
    ),  # an order is read, changed and sent whole
}


def guarded(
    context: RequestContext, form: Form, target: Target, present: Mapping[str, Any]
) -> dict[str, Any]:
    """The values of the guarded fields of a form, by whoever calls.

    Staff set what they say. For others each field keeps its `present` value; a role may be given up by everybody.
    """
    guard = GUARDED[type(form).__name__]
    values = {name: getattr(form, name) for name in guard.fields}
    if context.may(guard.row, target):
        return values
    requested = {name: values[name] for name in guard.fields if name in form.model_fields_set}
    taken = {name: value for name, value in requested.items() if _is_no_more(name, value, present[name])}
    if guard.refuses and (refused := requested.keys() - taken.keys()):
        names = ", ".join(name for name in guard.fields if name in refused)
        raise HttpProblem(
            "not-allowed",
            message("{names}: set by coordinators alone; leave it out, or ask one to change it", names=names),
        )
    return {name: taken.get(name, present[name]) for name in guard.fields}


def _is_no_more(name: str, value: Any, present: Any) -> bool:
    """Whether it is what is there, or a part of the roles that are."""
    return set(value) <= set(present) if name == "roles" else bool(value == present)
