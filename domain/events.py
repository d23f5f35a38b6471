"""The base of every event, its metadata, and stream ids derived from natural keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import NAMESPACE_URL, UUID, uuid5

from domain.messages import message
from domain.refusal import Refused as Refused  # noqa: PLC0414 - other modules import it from here
from domain.terms import term
from domain.text import ACTOR, SENTENCE, Actor, BadText, checked, tidy


class ReasonMissing(Refused):
    """A decision that others must be able to understand later, given without its reason."""


class AlreadyThere(Refused):
    """A stream that was started before."""


class NotThere(Refused):
    """A stream that was never started."""


class NaiveTime(ValueError):
    """A time of a command that does not say its time zone: it could not be put in order with others."""


@dataclass(frozen=True, slots=True)
class EventMetadata:
    """When a command was given (aware) and by whom: the id of a person or of a program, never a name."""

    at: datetime
    by: Actor

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise NaiveTime(
                message("the time of a command must say its time zone; {at} does not", at=self.at)
            )
        object.__setattr__(self, "by", checked(self.by, ACTOR, message("the id of who gives the command")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What all events have in common. `originator_version` counts 1, 2, 3, … in each stream."""

    originator_id: UUID
    originator_version: int
    at: datetime
    by: Actor


def envelope(stream: UUID, version: int, metadata: EventMetadata) -> dict[str, Any]:
    """The common fields of the event with this version (1, 2, 3, …) in its stream."""
    return {"originator_id": stream, "originator_version": version, "at": metadata.at, "by": metadata.by}


class StreamState(Protocol):
    """The state of a stream."""

    @property
    def id(self) -> UUID: ...

    @property
    def version(self) -> int: ...


def following(state: StreamState, metadata: EventMetadata) -> dict[str, Any]:
    """The common fields of the event that comes next in a stream."""
    return envelope(state.id, state.version + 1, metadata)


def stream_id(kind: str, *parts: str) -> UUID:
    """The id of the stream of a natural key, a UUID version 5: no registry is needed.

    >>> stream_id("diary", "room-1", "2026-W49") == stream_id("diary", "room-1", "2026-W49")
    True
    Raises BadText for what no text can hold: half a character, which a terminal makes of bytes that are no UTF-8.
    """
    for part in parts:
        if not part.isascii() and any("\ud800" <= character <= "\udfff" for character in part):
            raise BadText(
                message(
                    "the key of a {kind} holds half a character; write it again, in UTF-8", kind=term(kind)
                )
            )
    # A colon inside a part is escaped, so that "a:b", "c" and "a", "b:c" stay two keys.
    marked = (part.replace("\\", r"\\").replace(":", r"\:") for part in parts)
    return uuid5(NAMESPACE_URL, ":".join(("lyceum", kind, *marked)))


def reason(why: str, what: str) -> str:
    """The reason, tidied; `what` names the decision in the message. Raises ReasonMissing, BadText."""
    if not tidy(why):
        raise ReasonMissing(message("{what} needs a reason; say why in one sentence", what=what))
    return checked(why, SENTENCE, message("the reason of {what}", what=what))
