"""Golden event files: what was once stored loads for ever."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import domain
from adapters.store import event_names
from adapters.store.event_names import NAMES, UPCASTERS, UnknownEvent, class_of, topic_of
from adapters.store.mapper import read_event
from adapters.store.streams import STREAM_OF
from domain.events import Event
from tests.builders import an_id
from tests.events import golden
from tests.events.examples import AT, FIELDS, example

FILES = sorted(golden.FOLDER.glob("*.json"))
EMPTY: tuple[object, ...] = ("", None, [], {})


def load(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def fact_in(document: dict[str, Any]) -> Event:
    state = json.dumps(document["state"]).encode()
    return read_event(
        document["topic"], state, UUID(document["originator_id"]), document["originator_version"]
    )


# Every event has a name, an example and a file


def test_every_event_of_the_domain_has_a_name_and_a_stream() -> None:
    modules = [importlib.import_module(one.name) for one in pkgutil.iter_modules(domain.__path__, "domain.")]
    records = {record for module in modules for record in vars(module).values() if isinstance(record, type)}

    events = {record for record in records if issubclass(record, Event) and record is not Event}
    assert events == set(NAMES)
    assert events == set(STREAM_OF)
    assert events == set(FIELDS)


def test_names_differ_and_versions_count_from_one() -> None:
    assert len({name for name, _ in NAMES.values()}) == len(NAMES)
    assert min(version for _, version in NAMES.values()) == 1


def test_every_version_of_every_event_has_a_golden_file() -> None:
    """Write what is missing with `python -m tests.events.golden`; never change or delete one."""
    topics = {f"{name}/{number}" for name, last in NAMES.values() for number in range(1, last + 1)}

    assert {golden.topic_in(path) for path in FILES} == topics


def test_every_version_before_the_last_has_an_upcaster() -> None:
    steps = {(name, number) for name, last in NAMES.values() for number in range(1, last)}

    assert set(UPCASTERS) == steps


# Every file loads


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_golden_file_loads(path: Path) -> None:
    document = load(path)
    fact = fact_in(document)
    name, version = NAMES[type(fact)]

    assert golden.path_of(document["topic"]) == path
    assert document["topic"].partition("/")[0] == name
    if document["topic"] == f"{name}/{version}":
        assert fact == example(type(fact))
        assert golden.stored(fact) == document


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_golden_file_has_something_in_every_field(path: Path) -> None:
    """An empty list or an absent value would load whatever became of its field."""
    assert [where for where, value in leaves(load(path)["state"], path.stem) if value in EMPTY] == []


def leaves(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, f"{where}.{key}")
    elif isinstance(value, list) and value:
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{where}.{number}")
    else:
        yield where, value


def test_existing_file_is_never_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(golden, "FOLDER", tmp_path)
    kept = tmp_path / "area.founded.v1.json"
    kept.write_text("what was once stored")

    written = golden.write_missing()
    assert kept.read_text() == "what was once stored"
    assert kept not in written
    assert len(written) == len(NAMES) - 1
    assert golden.write_missing() == []


def test_unknown_time_zone_and_fractions_of_a_second_survive() -> None:
    assert {fact_in(load(path)).at for path in FILES} == {AT}


# Versions


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorPainted(Event):
    """An event of these tests, in its third version."""

    colour: str
    doors: tuple[str, ...]


def doors_of(state: dict[str, Any]) -> dict[str, Any]:
    """From one door to several."""
    door = state.pop("door")
    return {**state, "doors": [door]}


def colour_of(state: dict[str, Any]) -> dict[str, Any]:
    """From a word in capitals to the word."""
    return {**state, "colour": state["colour"].lower()}


@pytest.fixture
def door_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(event_names.NAMES, DoorPainted, ("door.painted", 3))
    monkeypatch.setitem(event_names._CLASSES, "door.painted", (DoorPainted, 3))
    monkeypatch.setitem(event_names.UPCASTERS, ("door.painted", 1), doors_of)
    monkeypatch.setitem(event_names.UPCASTERS, ("door.painted", 2), colour_of)


PAINTED = DoorPainted(
    originator_id=an_id("house"), originator_version=4, at=AT, by="painter-1", colour="red", doors=("front",)
)


@pytest.mark.usefixtures("door_painted")
@pytest.mark.parametrize(
    ("version", "fields"),
    [
        (1, {"colour": "RED", "door": "front"}),
        (2, {"colour": "RED", "doors": ["front"]}),
        (3, {"colour": "red", "doors": ["front"]}),
    ],
)
def test_old_version_is_read_through_all_later_upcasters(version: int, fields: dict[str, Any]) -> None:
    state = json.dumps({"at": AT.isoformat(), "by": "painter-1", **fields}).encode()

    assert read_event(f"door.painted/{version}", state, an_id("house"), 4) == PAINTED


@pytest.mark.usefixtures("door_painted")
def test_event_is_stored_in_its_last_version() -> None:
    document = golden.stored(PAINTED)

    assert document["topic"] == "door.painted/3"
    assert fact_in(document) == PAINTED


@pytest.mark.parametrize(
    "topic",
    [
        "area.founded/2",
        "area.founded/999",
        "area.vanished/1",
        "area.founded",
        "area.founded/",
        "area.founded/one",
        "area.founded/0",
        "area.founded/-1",
        "",
    ],
)
def test_unknown_name_or_newer_version_is_refused(topic: str) -> None:
    with pytest.raises(
        UnknownEvent,
        match=rf"^event '{topic}' comes from a newer version of the program; upgrade to read it$",
    ):
        class_of(topic)


def test_newer_event_is_refused_before_its_content_is_read() -> None:
    with pytest.raises(UnknownEvent, match=r"upgrade to read it$"):
        read_event("area.founded/2", b"whatever it may hold", an_id("area"), 1)


def test_stored_content_that_does_not_fit_its_event_is_refused() -> None:
    state = json.dumps(
        {"at": AT.isoformat(), "by": "coordinator-1", "on": "2025-02-30", "why": "typing error"}
    )

    with pytest.raises(ValueError, match="on"):
        read_event("area.dissolved/1", state.encode(), an_id("area"), 1)


def test_topic_is_name_and_version() -> None:
    assert {topic_of(cls) for cls in NAMES} == {f"{name}/{version}" for name, version in NAMES.values()}
