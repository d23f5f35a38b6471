"""Delegation of roles: nobody gives more than they hold, and a token never holds more than its maker."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from adapters.access.targets import Target, covers, target_of
from adapters.queries.area_queries import around
from adapters.store.streams import AREAS, VENUES, VOLUNTEERS
from adapters.store.views import Views
from domain.account import PARTS, BadGrant, RoleGrant
from domain.events import NotThere
from domain.messages import message
from domain.network import area_id
from domain.terms import term
from domain.venue import venue_id
from domain.volunteer import volunteer_id

BELOW = frozenset({"host", "volunteer", "community"})  # what a coordinator gives out in the own area
_PARTS: dict[str, tuple[Any, Any]] = {
    "venue": (VENUES, venue_id),
    "volunteer": (VOLUNTEERS, volunteer_id),
    "area": (AREAS, area_id),
}


def granted_as(views: Views, role: str, key: str | None) -> RoleGrant:
    """The role for the part of a key. Raises BadGrant, or NotThere where there is no such part."""
    part = PARTS.get(role)
    if part is None or key is None:
        if (part is None) is not (key is None) or role not in PARTS:
            raise BadGrant(
                message("the role {role} needs the key of its {part}", role=term(role), part=term(part))
                if part
                else message("the role {role} needs no part", role=term(role))
            )
        return RoleGrant(role)
    stream, id_of = _PARTS[part]
    try:
        id = UUID(key) if len(key) == 36 else id_of(key)
    except ValueError:
        id = id_of(key)
    if views.get(stream, id) is None:
        raise NotThere(message("there is no {part} {key}; check the spelling", part=term(part), key=key[:80]))
    return RoleGrant(role, id)


def part_key(views: Views, granted: RoleGrant) -> str | None:
    """The key of the part that a role is given for, as people write it; None where it holds everywhere."""
    part = PARTS.get(granted.role)
    if part is None or granted.within is None:
        return None
    record = views.get(_PARTS[part][0], granted.within)
    return str(granted.within) if record is None else str(record.key)


def target_of_role(views: Views, granted: RoleGrant) -> Target:
    """What a role is about: a venue, a volunteer, an area; nowhere in particular where it holds everywhere."""
    part = PARTS.get(granted.role)
    if part is None or granted.within is None:
        return Target()
    if part == "area":
        return Target(area=granted.within)
    record = views.get(_PARTS[part][0], granted.within)
    return Target() if record is None else target_of(record)


def may_delegate(held: Iterable[RoleGrant], granted: RoleGrant, views: Views, day: date) -> bool:
    """Whether roles that are held include another: the same, or one that is narrower."""
    own = tuple(held)
    if granted in own or any(role_grant.role == "administrator" for role_grant in own):
        return True
    lower = [
        role_grant
        for role_grant in own
        if role_grant.role == granted.role or (role_grant.role == "coordinator" and granted.role in BELOW)
    ]
    if not lower:
        return False
    target = target_of_role(views, granted)
    path = around(views, target.area, day)
    return any(covers(role_grant, "own", target, path) for role_grant in lower)


def may_grant(held: Iterable[RoleGrant], granted: RoleGrant, views: Views, day: date) -> bool:
    """Whether somebody may give a role to others: administrators all, coordinators those below them."""
    own = [
        role_grant
        for role_grant in held
        if role_grant.role == "administrator" or (role_grant.role == "coordinator" and granted.role in BELOW)
    ]
    return may_delegate(own, granted, views, day)
