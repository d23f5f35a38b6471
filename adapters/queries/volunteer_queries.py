"""Queries about volunteers, without their personal records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from adapters.queries.area_queries import below
from adapters.queries.paging import Page, Paging, SortKey, Visible, page, seen
from adapters.store.streams import VOLUNTEERS
from adapters.store.views import Views
from domain.volunteer import Volunteer, VolunteerKind


@dataclass(frozen=True, slots=True)
class VolunteerQuery:
    """Which volunteers: on `day` at home in the area of the key `area` or below, of a kind, who can lead a topic.

    None of a filter: all.
    """

    paging: Paging
    day: date
    area: str | None = None
    topic: str | None = None
    kind: VolunteerKind | None = None

    def matches(self, volunteer: Volunteer) -> bool:
        profile = volunteer.profile
        knows = self.topic is None or any(skill.topic == self.topic for skill in profile.skills)
        return knows and self.kind in (None, profile.kind)


@dataclass(frozen=True, slots=True)
class CheckQuery:
    """Whose background check: with `expires_before`, those that run out before that day, and who has none."""

    paging: Paging
    expires_before: date | None = None

    def matches(self, volunteer: Volunteer) -> bool:
        check = volunteer.check
        return self.expires_before is None or check is None or check.expires < self.expires_before


def _key(volunteer: Volunteer) -> str:
    return volunteer.key


def _expires(volunteer: Volunteer) -> str:
    return volunteer.check.expires.isoformat() if volunteer.check else ""


def volunteers(views: Views, query: VolunteerQuery, visible: Visible) -> Page[Volunteer]:
    """Volunteers that the query names and the caller may see. Raises NotThere for an unknown area, or BadCursor."""
    within = below(views, query.area, query.day)
    matching = (
        volunteer
        for volunteer in views.all(VOLUNTEERS)
        if volunteer.profile.home_area in within and query.matches(volunteer)
    )
    return page(seen(matching, visible, "volunteer"), {"key": _key}, _key, query.paging)


def checks(views: Views, query: CheckQuery, visible: Visible) -> Page[Volunteer]:
    """The volunteers whose checks the query names, in order of key or of expiry. Raises BadCursor."""
    matching = filter(query.matches, views.all(VOLUNTEERS))
    keys: dict[str, SortKey[Volunteer]] = {"volunteer": _key, "expires": _expires}
    return page(seen(matching, visible, "volunteer"), keys, _key, query.paging)


def all_volunteers(views: Views) -> list[Volunteer]:
    """In order of their keys."""
    return sorted(views.all(VOLUNTEERS), key=_key)


def volunteers_by_id(views: Views) -> Mapping[UUID, Volunteer]:
    """All of them in order of id, not to be changed."""
    return views.collection(VOLUNTEERS)


def merged_into(views: Views, volunteer: UUID) -> dict[UUID, str]:
    """The keys of all records that were merged into one, by id, also by way of another."""
    duplicates: dict[UUID, str] = {}
    passed = [volunteer]
    while passed:
        into = passed.pop()
        for duplicate in views.all(VOLUNTEERS):
            if duplicate.merged_into == into and duplicate.id not in duplicates:
                duplicates[duplicate.id] = duplicate.key
                passed.append(duplicate.id)
    return duplicates
