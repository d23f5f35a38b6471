"""Undo and redo of what this person did by hand in a week: what would be taken back, and the buttons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.pages.routes import Fields
from api.pages.weeks.week_forms import ACTION, FormState, send
from api.pages.weeks.week_records import WeekPage

UNDO, REDO = "undo", "redo"


@dataclass(frozen=True, slots=True)
class UndoSteps:
    """What the next undo and redo of this person would take back; None where there is nothing.

    `names` are those of the people of the draft by their keys, as far as this person may read them.
    """

    undo: Mapping[str, Any] | None = None
    redo: Mapping[str, Any] | None = None
    names: Mapping[str, str] = field(default_factory=dict)


async def undo_steps(about: WeekPage) -> UndoSteps:
    """As the desk of the week says it. Nothing where this person changes nothing there, or it is a past moment."""
    if not about.may_change:
        return UndoSteps()
    desk = await about.page.read_if_there(f"{about.path}/desk")
    if desk is None:
        return UndoSteps()
    names = {person["key"]: person["name"] for person in desk["people"] if person["name"]}
    return UndoSteps(desk["undo"]["label"], desk["redo"]["label"], names)


async def take_back(about: WeekPage, fields: Fields) -> FormState | None:
    """Undo or redo as the form says; None where it is done."""
    action = REDO if fields.get(ACTION) == REDO else UNDO
    reply, state = await send(about.page, fields, f"{about.path}/{action}", {})
    return None if reply is not None and reply.problem is None else state
