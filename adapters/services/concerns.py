"""Whom changes of a draft concern: volunteers to call, and learners to tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from adapters.week.week_snapshot import WeekSnapshot
from domain.timetable import Session
from domain.windows import Window


@dataclass(frozen=True, slots=True)
class Concerned:
    """A volunteer to call: asked to come, moved to another time or place, or freed."""

    volunteer: UUID
    key: str
    request: str
    session: int
    part: Literal["asked", "moved", "freed"]


@dataclass(frozen=True, slots=True)
class Concern:
    """Volunteers to call, and how many learners to tell."""

    people: tuple[Concerned, ...] = ()
    learners: int = 0


def concern_of(snapshot: WeekSnapshot, before: Iterable[Session], after: Iterable[Session]) -> Concern:
    """Whom it concerns that sessions are as `after` says; a session of `before` alone is taken out."""
    old, new = ({session.key: session for session in sessions} for sessions in (before, after))
    changed = {key: (old.get(key), new.get(key)) for key in old | new if old.get(key) != new.get(key)}
    people = tuple(who for key, sides in changed.items() for who in _concerned(snapshot, key, *sides))
    requests = {request for request, _ in changed}
    known = [snapshot.requests[request] for request in requests if request in snapshot.requests]
    return Concern(people, sum(request.order.learners for request in known))


def _concerned(
    snapshot: WeekSnapshot, key: tuple[UUID, int], before: Session | None, after: Session | None
) -> Iterator[Concerned]:
    old, new = (set(session.team) if session else set[UUID]() for session in (before, after))
    stays = before is not None and after is not None and _place(before) == _place(after)
    for volunteer in sorted(old | new):
        part: Literal["asked", "moved", "freed"] = (
            "freed" if volunteer not in new else "asked" if volunteer not in old else "moved"
        )
        if part != "moved" or not stays:
            yield Concerned(
                volunteer,
                _key(snapshot.volunteers, volunteer),
                _key(snapshot.requests, key[0]),
                key[1],
                part,
            )


def _place(session: Session) -> tuple[Window, UUID]:
    return session.window, session.room


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


def _key(records: Mapping[UUID, _Keyed], id: UUID) -> str:
    return records[id].key if id in records else str(id)
