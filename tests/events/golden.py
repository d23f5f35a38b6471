"""Write the golden file of every event that has none yet: `python -m tests.events.golden`.

A file that exists is never written again: what was once stored must load for ever.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from adapters.store.event_names import NAMES, topic_of
from adapters.store.mapper import EventMapper, NullTranscoder
from domain.events import Event
from tests.events.examples import example

FOLDER = Path(__file__).parent


def path_of(topic: str) -> Path:
    """The file of a stored type: `area.founded/1` is in `area.founded.v1.json`."""
    name, _, version = topic.partition("/")
    return FOLDER / f"{name}.v{version}.json"


def topic_in(path: Path) -> str:
    name, _, version = path.name.removesuffix(".json").rpartition(".v")
    return f"{name}/{version}"


def stored(fact: Event) -> dict[str, Any]:
    """What the event store keeps of an event."""
    event = EventMapper(transcoder=NullTranscoder()).to_stored_event(fact)
    return {
        "topic": event.topic,
        "originator_id": str(event.originator_id),
        "originator_version": event.originator_version,
        "state": json.loads(event.state),
    }


def write_missing() -> list[Path]:
    written = []
    for cls in NAMES:
        path = path_of(topic_of(cls))
        if not path.exists():
            path.write_text(
                json.dumps(stored(example(cls)), ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
            )
            written.append(path)
    return written


if __name__ == "__main__":
    for new in write_missing():
        print(f"wrote {new.name}")  # noqa: T201 - a command says what it did
