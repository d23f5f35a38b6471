"""Merging duplicate volunteers: registration, personal record, feeds and bookings become those of one record.

Released sessions keep the id that they were released with; they are reported as broken until the week is planned
again, because nothing prevents double booking of one person under two ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from adapters.access.access_log import look_row
from adapters.application.unit_of_work import Repository, UnitOfWork, command
from adapters.feeds.feed_records import feeds_moved
from adapters.people.guardians import guardian_id
from adapters.people.personal_records import PersonalRecord
from adapters.queries.account_queries import accounts_with
from adapters.services.closures import ended_from
from adapters.store.append_conditions import read_all
from adapters.store.mapper import json_of
from adapters.store.rows import ABSENT, Row, Table
from adapters.store.store import PERSON, person_row
from adapters.store.streams import AREAS, DIARIES, VOLUNTEERS
from domain.account import RoleGrant
from domain.events import Event, NotThere
from domain.messages import message
from domain.volunteer import Volunteer, leave_id, volunteer_id
from domain.volunteer_merging import merge_volunteer


@dataclass(frozen=True, slots=True)
class MergedVolunteer:
    """The two records afterwards. `accounts` have the role of the duplicate: each needs that of the other record."""

    duplicate: Volunteer
    into: Volunteer
    changed: bool
    accounts: tuple[str, ...]


@command
def merge_volunteers(
    unit: UnitOfWork, duplicate: str, into: str, on: date, why: str, ids: Callable[[], UUID]
) -> MergedVolunteer:
    """Make one record of two, given by their keys; `ids` makes new ids, for the notes of what became of the records.

    Raises NotThere, BadMerger or MergedAway.
    """
    unit.views.catch_up()
    position = unit.views.position
    merged_away, survivor = _enrolled(unit, duplicate), _enrolled(unit, into)
    metadata = unit.metadata()
    events: list[Event] = list(merge_volunteer(merged_away, metadata, into=survivor, on=on, why=why))
    if not events:
        return MergedVolunteer(merged_away, survivor, False, _accounts(unit, merged_away))
    gained = [event for event in events if event.originator_id == survivor.id]
    lost = [event for event in events if event.originator_id == merged_away.id]
    events += ended_from(unit, metadata, {merged_away.id}, leave_id(merged_away.key), on, why)
    survivor = VOLUNTEERS.fold(gained, survivor) or survivor
    merged_away = VOLUNTEERS.fold(lost, merged_away) or merged_away
    writes = [
        *_records(unit, merged_away, survivor, ids),
        *feeds_moved(unit.store, merged_away.id, survivor),
    ]
    unit.commit(events, writes, condition=read_all(position, AREAS, DIARIES))
    return MergedVolunteer(merged_away, survivor, True, _accounts(unit, merged_away))


def _enrolled(repository: Repository, key: str) -> Volunteer:
    volunteer = repository.load(VOLUNTEERS, volunteer_id(key))
    if volunteer is None:
        raise NotThere(message("there is no volunteer {key}; check the spelling", key=key[:80]))
    return volunteer


def _accounts(repository: Repository, duplicate: Volunteer) -> tuple[str, ...]:
    return accounts_with(repository.views, RoleGrant("volunteer", duplicate.id))


def _records(
    repository: Repository, duplicate: Volunteer, into: Volunteer, ids: Callable[[], UUID]
) -> Iterator[tuple[Table, Row]]:
    """The writes that complete the remaining personal record from the duplicate's, and erase that.

    Each is written only where it is still what was read: nobody who is erased meanwhile comes back.
    """
    metadata, rows = repository.metadata(), repository.store.rows("people")
    for second, first in (
        (duplicate.id, into.id),
        (guardian_id(duplicate.key), guardian_id(into.key)),
    ):
        before, present = rows.get(PERSON, str(second)), rows.get(PERSON, str(first))
        if before is None:
            continue
        if completed := _completed(_read(present), _read(before)):
            yield person_row(first, completed, present or ABSENT)
            yield look_row(first, "written", metadata, ids())
        yield person_row(second, None, before)
        yield look_row(second, "erased", metadata, ids())


def _read(body: bytes | None) -> PersonalRecord | None:
    return None if body is None else json_of(PersonalRecord).validate_json(body)


def _completed(own: PersonalRecord | None, second: PersonalRecord | None) -> PersonalRecord | None:
    """The own record with what it left blank; None where that says nothing new."""
    if own is None or second is None:
        return second
    joined = replace(
        own,
        name=own.name or second.name,
        phone=own.phone or second.phone,
        email=own.email or second.email,
        address=own.address or second.address,
        home=own.home or second.home,
    )
    return None if joined == own else joined
