"""Erase a person: the record, a guardian's, feeds, and every way in; the events stay, without the person."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from adapters.accounts import forgotten
from adapters.application import Lyceum
from adapters.closures import let_go
from adapters.feeds import feeds_end_with
from adapters.looks import look_row
from adapters.store.rows import Row, Table
from adapters.store.store import person_row
from adapters.store.streams import VOLUNTEERS
from domain.facts import stream_id


def guardian_id(volunteer_key: str) -> UUID:
    """The id of the guardian of a minor."""
    return stream_id("guardian", volunteer_key)


def erase_volunteer(lyceum: Lyceum, person: UUID, key: str, ids: Callable[[], UUID]) -> None:
    """There is no way back. `ids` makes new ids, for the note of who erased it and when.

    Nobody can be asked any more, so the volunteer leaves: what was promised from this day on is broken.
    """
    ended = [*feeds_end_with(lyceum.store, person), *forgotten(lyceum.store, lyceum.views, person)]
    guardian = guardian_id(key)
    also = _erased(lyceum, guardian, ids) if lyceum.person(guardian) else []
    lyceum.commit((), [*_erased(lyceum, person, ids), *also, *ended])
    enrolled, today = lyceum.load(VOLUNTEERS, person), lyceum.clock().date()
    if enrolled is not None and (enrolled.left is None or enrolled.left > today):
        let_go(lyceum, key, today, "the personal record was erased")


def erase_guardian(lyceum: Lyceum, key: str, ids: Callable[[], UUID]) -> None:
    """That of a minor alone."""
    lyceum.commit((), _erased(lyceum, guardian_id(key), ids))


def _erased(lyceum: Lyceum, person: UUID, ids: Callable[[], UUID]) -> list[tuple[Table, Row]]:
    return [person_row(person, None), look_row(person, "erased", lyceum.stamp(), ids())]
