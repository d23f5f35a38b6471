"""Serialisation of events: JSON of a frozen record, upcast and validated when it is read."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any
from uuid import UUID

from eventsourcing.persistence import Mapper, StoredEvent, Transcoder
from pydantic import TypeAdapter

from adapters.store.event_names import class_of, topic_of
from domain.events import Event

ENVELOPE = {"originator_id", "originator_version"}  # columns of their own


def json_of(cls: Any) -> TypeAdapter[Any]:
    """Read and write a record of the domain as JSON."""
    return _adapter(cls)


@lru_cache(maxsize=1024)
def _adapter(cls: Any) -> TypeAdapter[Any]:
    return TypeAdapter(cls)


class NullTranscoder(Transcoder):
    """The mapper below needs no transcoder; the library asks for one."""

    def encode(self, obj: Any) -> bytes:
        return json.dumps(obj).encode()

    def decode(self, data: bytes) -> Any:
        return json.loads(data)


class EventMapper(Mapper[UUID]):
    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        cls = type(domain_event)
        state = json_of(cls).dump_json(domain_event, exclude=ENVELOPE)
        return StoredEvent(domain_event.originator_id, domain_event.originator_version, topic_of(cls), state)

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        stream = stored_event.originator_id
        if not isinstance(stream, UUID):
            raise TypeError(f"stream ids are UUIDs, not {stream!r}")
        return read_event(stored_event.topic, stored_event.state, stream, stored_event.originator_version)


def read_event(topic: str, state: bytes, stream: UUID, version: int) -> Event:
    """The event of stored bytes, written as any of its versions. Raises UnknownEvent."""
    cls, upcasters = class_of(topic)
    if upcasters:
        fields = json.loads(state)
        for upcast in upcasters:
            fields = upcast(fields)
        state = json.dumps(fields).encode()
    envelope = f'{{"originator_id":"{stream}","originator_version":{version},'.encode()
    event: Event = json_of(cls).validate_json(envelope + state[1:])
    return event
