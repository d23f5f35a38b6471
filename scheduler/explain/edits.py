"""Edits of a problem: one key of one room, venue, volunteer or request, applied to a plan or to a document."""

from __future__ import annotations

from collections.abc import Iterable
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
    """A changed value of one key of the problem.

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


def new_edit(thing: str, record: Any, key: str, after: Any) -> Edit:
    """The edit that gives a record's key the value `after`, which is in the record's form."""
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


def _window(written: Document) -> Window:
    midnight = (written["day"] - 1) * 1440
    return Window(midnight + clock_min(written["start"]), midnight + clock_min(written["end"]))


def with_window(windows: Windows, extra: Window) -> Windows:
    """The windows with an extra one, joined with those of its day that it touches."""
    others = [window for window in windows if window.day != extra.day]
    joined = extra
    for window in sorted(windows):
        if window.day == extra.day:
            if window.start_min <= joined.end_min and joined.start_min <= window.end_min:
                joined = Window(min(window.start_min, joined.start_min), max(window.end_min, joined.end_min))
            else:
                others.append(window)
    return tuple(sorted([*others, joined]))


def missing_minutes(windows: Windows, span: Window) -> int:
    """The fewest minutes by which the windows have to grow so that one of them holds `span`."""
    grown = with_window(windows, span)
    return sum(window.minutes for window in grown) - sum(window.minutes for window in windows)


def apply_edits(plan: EditablePlan, edits: Iterable[Edit], newcomers: Iterable[Volunteer] = ()) -> None:
    """Change a plan's problem; `plan.undo` takes the changes back."""
    for newcomer in newcomers:
        plan.add_volunteer(newcomer)
    for edit in edits:
        value = {_FIELDS.get(edit.key, edit.key): _read(edit.key, edit.after)}
        instance = plan.instance
        if edit.thing == "room":
            index = instance.room_index[edit.id]
            plan.edit_room(index, replace(instance.rooms[index], **value))
        elif edit.thing == "request":
            index = instance.request_index[edit.id]
            plan.edit_request(index, replace(instance.requests[index], **value))
        elif edit.thing == "volunteer":
            index = instance.volunteer_index[edit.id]
            plan.edit_volunteer(index, replace(instance.volunteers[index], **value))
        else:
            index = next(index for index, venue in enumerate(instance.venues) if venue.id == edit.id)
            plan.edit_venue(index, replace(instance.venues[index], **value))


def write_volunteer(volunteer: Volunteer) -> Document:
    """A volunteer as the problem document writes one."""
    written = asdict(volunteer)
    written |= {
        "max_minutes_week": written.pop("max_min_week"),
        "max_minutes_day": written.pop("max_min_day"),
    }
    written |= {
        "location": list(volunteer.location),
        "skills": sorted(volunteer.skills),
        "roles": sorted(volunteer.roles),
    }
    return written | {"available": write_windows(volunteer.available)}
