"""Commands that take the caller's last steps by hand back, and do them again, each judged by the hard rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Literal
from uuid import UUID

from eventsourcing.persistence import IntegrityError

from adapters.application.unit_of_work import UnitOfWork, command
from adapters.services.adjusting import Judges
from adapters.services.concerns import Concern, concern_of
from adapters.services.releases import BrokenRules
from adapters.week.draft_workspace import judged
from adapters.week.plan_documents import load_timetable, planned_sessions
from adapters.week.week_snapshot import WeekSnapshot, snapshot_of
from adapters.week.week_steps import (
    StepLabel,
    history_of,
    label_of,
    session_changed,
    when,
)
from domain.messages import message
from domain.steps import (
    NoStep,
    Step,
    StepHistory,
    changed_since,
    redo_step,
    undo_step,
)
from domain.timetable import (
    Session,
    SessionEdits,
    StepRedone,
    StepUndone,
    Timetable,
    draft_sessions,
    evolve,
)


@dataclass(frozen=True, slots=True)
class UndoneStep:
    """The step that was taken back, or done again, whom that concerns, and the version of the timetable.

    `next_undo` and `next_redo` are the steps that come next; None where there are no more.
    """

    step: StepLabel
    concern: Concern
    version: int
    next_undo: StepLabel | None
    next_redo: StepLabel | None


@command
def undo(
    unit: UnitOfWork, area: UUID, week: str, *, judge: Judges | None = None, dry_run: bool = False
) -> UndoneStep:
    """Take the caller's last step by hand in this week back, or with `dry_run` only say what that would do.

    Raises NoStep, SessionChanged where somebody has changed one of its sessions since, and BrokenRules where a hard
    rule is in the way of what was before.
    """
    return _turn(unit, (area, week), "undo", judge, dry_run=dry_run)


@command
def redo(
    unit: UnitOfWork, area: UUID, week: str, *, judge: Judges | None = None, dry_run: bool = False
) -> UndoneStep:
    """Do the step again that the caller has taken back last; a new step by hand puts an end to that.

    Raises as `undo` does.
    """
    return _turn(unit, (area, week), "redo", judge, dry_run=dry_run)


def _turn(
    unit: UnitOfWork,
    of_week: tuple[UUID, str],
    direction: Literal["undo", "redo"],
    judge: Judges | None,
    *,
    dry_run: bool,
) -> UndoneStep:
    area, week = of_week
    unit.views.catch_up()
    timetable = load_timetable(unit, area, week)
    snapshot = snapshot_of(unit.views, area, week)
    history = history_of(unit.store, timetable)
    step = _last(snapshot, history, unit.actor, direction)
    expected = step.after if direction == "undo" else step.before
    _require_unchanged(unit, snapshot, timetable, expected)
    decide: Callable[..., tuple[StepUndone | StepRedone, ...]] = (
        undo_step if direction == "undo" else redo_step
    )
    events = decide(timetable, unit.metadata(), step)
    planned = planned_sessions(unit.store, timetable)
    after = timetable
    for event in events:
        after = evolve(after, event)
    keys = {edits.key for edits in expected}
    was, will = (
        [session for session in draft_sessions(state, planned) if session.key in keys]
        for state in (timetable, after)
    )
    _judge(unit, timetable, [session for session in will if session not in was], direction, judge)
    version = timetable.version
    if not dry_run:
        unit.commit(events)
        version = after.version
    turned = label_of(snapshot, step)
    stacks = (history.done, history.undone) if direction == "undo" else (history.undone, history.done)
    rest = stacks[0][unit.actor][:-1]
    further = label_of(snapshot, rest[-1]) if rest else None
    nexts = (further, turned) if direction == "undo" else (turned, further)
    return UndoneStep(turned, concern_of(snapshot, was, will), version, *nexts)


def _last(snapshot: WeekSnapshot, history: StepHistory, actor: str, direction: str) -> Step:
    steps = (history.done if direction == "undo" else history.undone).get(actor, ())
    if steps:
        return steps[-1]
    what = "take back" if direction == "undo" else "do again"
    sentence = f"there is no step of yours in {snapshot.week} to {what}"
    if history.draft is not None and actor in history.stopped:
        author = f"draft {history.draft.draft}, which {history.draft.by} made on {when(snapshot, history.draft.at)}"
        raise NoStep(
            message(
                "{sentence}: those before {author} stay as they are; change the new draft by hand",
                sentence=sentence,
                author=author,
            )
        )
    raise NoStep(message("{sentence}; pins, moves and drops by hand are steps", sentence=sentence))


def _require_unchanged(
    unit: UnitOfWork, snapshot: WeekSnapshot, timetable: Timetable, expected: Iterable[SessionEdits]
) -> None:
    for key in changed_since(timetable, expected):
        planned = planned_sessions(unit.store, timetable)
        now = next((session for session in draft_sessions(timetable, planned) if session.key == key), None)
        raise session_changed(
            snapshot, history_of(unit.store, timetable), key, now, message("after your step")
        )


def _judge(
    unit: UnitOfWork, timetable: Timetable, sessions: list[Session], direction: str, judge: Judges | None
) -> None:
    """Raises BrokenRules where a hard rule is in the way. A wish that is passed over was accepted before."""
    if not sessions:
        return
    answer = (judge or partial(judged, unit))(timetable.area, timetable.week, sessions)
    if answer.version != timetable.version:
        raise IntegrityError("the draft changed while the step was judged")
    if answer.judgement.broken:
        raise BrokenRules(map(str, answer.judgement.broken), message("this {direction}", direction=direction))
