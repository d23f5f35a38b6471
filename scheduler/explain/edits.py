"""Decide how a change of the problem is written down: an edit of one key, done on a board and on a document alike."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from typing import Any

from domain.windows import Window, Windows, clock_min
from scheduler.documents.codec import write_windows
from scheduler.documents.records import Volunteer
from scheduler.explain.editable_plan import EditablePlan

Document = dict[str, Any]
_FIELDS = {
    "max_minutes_week": "max_min_week",
    "max_minutes_day": "max_min_day",
    "weekly_cap_minutes": "weekly_cap_min",
}
_WINDOWS = ("open", "available", "acceptable")


@dataclass(frozen=True, slots=True)
class Edit:
    """One key of one thing of the problem, changed.

    Attributes
    ----------
    thing : str
        "room", "venue", "volunteer" or "request".
    id : str
        Of the thing.
    key : str
        As docs/format.md calls it, such as "open" or "max_minutes_week".
    before, after
        Values as the document writes them.
    """

    thing: str
    id: str
    key: str
    before: Any
    after: Any

    def __hash__(self) -> int:
        return hash((self.thing, self.id, self.key, repr(self.after)))


def edit(thing: str, record: Any, key: str, after: Any) -> Edit:
    """The edit that gives a record's key another value, both in the record's form."""
    before = getattr(record, _FIELDS.get(key, key))
    return Edit(thing, record.id, key, _written(before), _written(after))


def _written(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return write_windows(value)
    return value


def _read(key: str, value: Any) -> Any:
    if key in _WINDOWS:
        return tuple(map(_window, value))
    return frozenset(value) if isinstance(value, list) else value


def _window(one: Document) -> Window:
    midnight = (one["day"] - 1) * 1440
    return Window(midnight + clock_min(one["start"]), midnight + clock_min(one["end"]))


def with_window(windows: Windows, more: Window) -> Windows:
    """The windows with one more, joined where they touch within its day."""
    others = [one for one in windows if one.day != more.day]
    joined = more
    for window in sorted(windows):
        if window.day == more.day:
            if window.start_min <= joined.end_min and joined.start_min <= window.end_min:
                joined = Window(min(window.start_min, joined.start_min), max(window.end_min, joined.end_min))
            else:
                others.append(window)
    return tuple(sorted([*others, joined]))


def missing_minutes(windows: Windows, wanted: Window) -> int:
    """The least minutes by which the windows have to grow so that one of them holds `wanted`."""
    return sum(window.minutes for window in with_window(windows, wanted)) - sum(
        window.minutes for window in windows
    )


def do(board: EditablePlan, edits: Iterable[Edit], newcomers: Iterable[Volunteer] = ()) -> None:
    """Make the changes on a board; `board.undo` takes them back."""
    for person in newcomers:
        board.add_volunteer(person)
    for one in edits:
        value = {_FIELDS.get(one.key, one.key): _read(one.key, one.after)}
        instance = board.instance
        if one.thing == "room":
            at = instance.room_index[one.id]
            board.edit_room(at, replace(instance.rooms[at], **value))
        elif one.thing == "request":
            at = instance.request_index[one.id]
            board.edit_request(at, replace(instance.requests[at], **value))
        elif one.thing == "volunteer":
            at = instance.volunteer_index[one.id]
            board.edit_volunteer(at, replace(instance.volunteers[at], **value))
        else:
            at = next(index for index, venue in enumerate(instance.venues) if venue.id == one.id)
            board.edit_venue(at, replace(instance.venues[at], **value))


def changed(problem: Document, edits: Iterable[Edit], newcomers: Iterable[Volunteer] = ()) -> Document:
    """A copy of a problem document with the changes made.

    Raises
    ------
    KeyError
        If an edit names a thing that the document does not have.
    """
    made = deepcopy(problem)
    things = {
        "room": {room["id"]: room for venue in made["venues"] for room in venue["rooms"]},
        "venue": {one["id"]: one for one in made["venues"]},
        "volunteer": {one["id"]: one for one in made["volunteers"]},
        "request": {one["id"]: one for one in made["requests"]},
    }
    for one in edits:
        things[one.thing][one.id][one.key] = deepcopy(one.after)
    made["volunteers"] += map(write_volunteer, newcomers)
    return made


def write_volunteer(one: Volunteer) -> Document:
    written = asdict(one)
    written |= {
        "max_minutes_week": written.pop("max_min_week"),
        "max_minutes_day": written.pop("max_min_day"),
    }
    written |= {"location": list(one.location), "skills": sorted(one.skills), "roles": sorted(one.roles)}
    return written | {"available": write_windows(one.available)}
