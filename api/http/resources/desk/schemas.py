"""Answers and forms of the desk."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.services.concerns import Concerned
from adapters.week.week_steps import StepLabel
from api.http.framework.operations import Form
from scheduler import RoomPlaces


@dataclass(frozen=True, slots=True)
class Places:
    """A verdict on each room and start of the week for one session of the draft.

    `version` is that of the timetable whose draft was looked at. A slot is `step_min` minutes, slot 0 is Monday 00:00;
    `runs` are pairs (first slot, index of its verdict), each until the next pair or `slots`.

    `same`: the same people can be there then. `others`: only rules about people are in their way, and others can. The
    name of a hard rule: it alone would be broken. `several`: more than one would be. `unknown`: somebody of the team is
    no longer there. A session without a place has no people: it gets `others`, or `team` where nobody can.
    """

    version: int
    step_min: int
    slots: int
    verdicts: tuple[str, ...]
    rooms: tuple[RoomPlaces, ...]


class Turned(Form):
    """With `dry_run` it is only said what would be done."""

    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class TurnedStep:
    """The step by hand that was taken back, or done again, and what comes next; null where there is no more.

    `changed` is false after a dry run. `people` are whom to call, `learners` how many to tell.
    """

    changed: bool
    version: int
    undone: StepLabel
    next_undo: StepLabel | None
    next_redo: StepLabel | None
    people: tuple[Concerned, ...]
    learners: int
