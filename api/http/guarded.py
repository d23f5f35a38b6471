"""Decide which fields of a command are for staff: those that guard somebody, whoever else may write the rest.

A volunteer says what they can lead and when, not that they are no minor; a community orders, and does not say before
whom it comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.http.calls import Call
from api.http.operations import Form
from api.http.problems import Problem
from api.http.roles import Target

# Under each form the row of the table of roles whose roles may set these fields, and the fields.
GUARDED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "ProfileForm": ("volunteers.check", ("kind", "minor", "roles")),
    "OrderForm": ("requests.step", ("priority",)),
}


def guarded(call: Call, form: Form, target: Target, present: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the guarded fields of a form, by whoever calls.

    Staff set what they say. For others a field keeps its `present` value, also where it is left out; one that says
    something else is refused. A role may be given up by everybody.
    """
    row, fields = GUARDED[type(form).__name__]
    given = {name: getattr(form, name) for name in fields}
    if call.may(row, target):
        return given
    for name in fields:
        if name in form.model_fields_set and not _is_less(name, given[name], present[name]):
            raise Problem(
                "not-allowed", f"{name} is set by coordinators alone; leave it out, or ask one to change it"
            )
    return {name: given[name] if name in form.model_fields_set else present[name] for name in fields}


def _is_less(name: str, given: Any, present: Any) -> bool:
    return set(given) <= set(present) if name == "roles" else bool(given == present)
