"""Role-based access control of the operations: one table, role by operation, and how far each role reaches.

`all` is everywhere. `own` is the part that the role was granted for: a coordinator's area and all below it, a host's
venues, a volunteer's own record, a community's area. A role that a row does not name may not do it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from adapters.access.callers import NOBODY, Caller
from adapters.access.targets import Reach, Target, target_of
from adapters.jobs.job_records import Job
from domain.account import ROLES, Role, RoleGrant

__all__ = ["ROLES", "TABLE", "Role", "reaches"]

_PUBLIC: dict[Role, Reach] = dict.fromkeys(ROLES, "all")
_STAFF: dict[Role, Reach] = {"coordinator": "own", "administrator": "all"}
_STAFF_READ: dict[Role, Reach] = {**_STAFF, "auditor": "all"}
_SIGNED_IN: dict[Role, Reach] = {role: "all" for role in ROLES if role != "public"}
_MAKERS: dict[Role, Reach] = {role: "all" for role in _SIGNED_IN if role != "auditor"}
_ADMINISTRATOR: dict[Role, Reach] = {"administrator": "all"}

TABLE: Mapping[str, Mapping[Role, Reach]] = {
    "about.read": _PUBLIC,
    "me.read": _SIGNED_IN,
    "sign-in.read": _PUBLIC,
    "sign-in.end": _PUBLIC,
    "tokens.read": _SIGNED_IN,
    "tokens.write": _SIGNED_IN,
    "accounts.read": _STAFF_READ,
    "accounts.write": _STAFF,
    "role-offers.read": _PUBLIC,
    "role-offers.answer": _PUBLIC,
    "areas.read": _PUBLIC,
    "areas.write": _STAFF,
    "areas.found": _STAFF,
    "catalogue.read": _PUBLIC,
    "catalogue.write": _ADMINISTRATOR,
    "day-types.read": _PUBLIC,
    "day-types.write": _ADMINISTRATOR,
    "venues.read": _SIGNED_IN,
    "venues.register": _STAFF,
    "venues.write": {**_STAFF, "host": "own"},
    "venues.close": {**_STAFF, "host": "own"},
    "volunteers.read": {**_STAFF_READ, "volunteer": "own"},
    "volunteers.enrol": _STAFF,
    "volunteers.write": {**_STAFF, "volunteer": "own"},
    "volunteers.check": _STAFF,
    "requests.read": {**_STAFF_READ, "community": "own"},
    "requests.write": {**_STAFF, "community": "own"},
    "requests.withdraw": {**_STAFF, "community": "own"},
    "requests.step": _STAFF,
    "weeks.read": _PUBLIC,
    "weeks.draft.read": _STAFF_READ,
    "weeks.write": _STAFF,
    "weeks.release": _STAFF,
    "branches.read": _STAFF_READ,
    "branches.write": _STAFF,
    "branches.adopt": _STAFF,
    "jobs.read": _STAFF_READ,
    "jobs.start": _STAFF,
    "jobs.stop": _STAFF,
    "diaries.places.read": {**_STAFF_READ, "host": "own"},
    "diaries.people.read": {**_STAFF_READ, "volunteer": "own"},
    "reports.read": _STAFF_READ,
    "events.read": _STAFF_READ,
    "people.read": {**_STAFF, "volunteer": "own"},
    "people.looks": {**_STAFF_READ, "volunteer": "own"},
    "people.write": {**_STAFF, "volunteer": "own"},
    "people.erase": {**_STAFF, "volunteer": "own"},
    "people.merge": _STAFF,
    "feeds.areas": _MAKERS,
    "feeds.venues": _MAKERS,
    "feeds.requests": {**_STAFF, "community": "own"},
    "feeds.volunteers": {**_STAFF, "volunteer": "own"},
    "feeds.read": {**_STAFF_READ, "host": "own", "volunteer": "own", "community": "own"},
    "feeds.revoke": {**_STAFF, "host": "own", "volunteer": "own", "community": "own"},
    "feeds.calendar.read": _PUBLIC,
    "imports.write": _ADMINISTRATOR,
    "exports.data": {"administrator": "all", "auditor": "all"},
    "exports.people": _ADMINISTRATOR,
    "exports.weeks": _STAFF_READ,
    "exports.named": _STAFF,
}


@target_of.register
def _(record: Job) -> Target:
    return Target(area=record.area)


def reaches(caller: Caller, operation: str) -> Iterator[tuple[RoleGrant, Reach]]:
    """The grants that allow an operation at all, and how far each."""
    row = TABLE[operation]
    for granted in (*caller.grants, *NOBODY.grants):
        reach = row.get(cast("Role", granted.role))
        if reach is not None:
            yield granted, reach


def allowed_to(caller: Caller) -> list[str]:
    """The operations that the caller's roles allow somewhere, in order."""
    roles = {role_grant.role for role_grant in caller.grants} | {"public"}
    return sorted(name for name, row in TABLE.items() if roles & set(row))
