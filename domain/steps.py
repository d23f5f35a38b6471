"""Steps by hand in a week's draft: what each command did to sessions, taken back and done again as new events.

A step is all that one person did at one instant. It can be taken back while no new draft was made since.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Literal, TypeAlias
from uuid import UUID

from domain.events import EventMetadata, Refused, following
from domain.timetable import (
    DraftMade,
    SessionDropped,
    SessionEdits,
    SessionMoved,
    SessionPinned,
    SessionUnpinned,
    StepRedone,
    StepUndone,
    Timetable,
    TimetableEvent,
    edits_of,
    evolve,
)

MOST_STEPS = 50
StepKind: TypeAlias = Literal["pinned", "lifted", "moved", "dropped"]
Key: TypeAlias = tuple[UUID, int]
ByHand: TypeAlias = SessionPinned | SessionUnpinned | SessionMoved | SessionDropped


class NoStep(Refused):
    """Nothing to take back, or to do again."""


@dataclass(frozen=True, slots=True)
class Touch:
    """The last change of a session by hand: who made it, when, and what was done."""

    by: str
    at: datetime
    kind: StepKind | Literal["undone", "redone"]


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a session is: venue and room by their keys, its start in minutes from Monday 00:00, local time."""

    venue: str
    room: str
    start_min: int


class SessionChanged(Refused):
    """A session that somebody has changed since: `by` and `at` say who and when, `now` where it is, None: nowhere."""

    def __init__(self, sentence: str, by: str, moment: datetime, now: Whereabouts | None) -> None:
        self.by, self.at, self.now = by, moment, now
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Step:
    """What one command did by hand.

    `version` is that of its first event. `request` and `number` name the session that it was given for; `before` and
    `after` are the edits of all sessions that it touched, that one first.
    """

    version: int
    by: str
    at: datetime
    kind: StepKind
    request: UUID
    number: int
    why: str
    before: tuple[SessionEdits, ...]
    after: tuple[SessionEdits, ...]


@dataclass(frozen=True, slots=True)
class StepHistory:
    """The steps of a timetable since its last draft, under who made them.

    Attributes
    ----------
    done, undone
        Those that can be taken back and done again, the last one last.
    touches
        The last change of each session.
    draft
        The event of the last draft; None before the first.
    stopped
        Who had steps that the last draft put an end to.
    """

    done: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)
    undone: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)
    touches: Mapping[Key, Touch] = field(default_factory=dict)
    draft: DraftMade | None = None
    stopped: frozenset[str] = frozenset()


def step_history(blank: Timetable, events: Iterable[TimetableEvent]) -> StepHistory:
    """The steps that the events of a timetable, all from the first on, tell of."""
    timetable: Timetable | None = None
    history = _Recorder()
    for (moment, by, _), together in groupby(events, _instant):
        group = list(together)
        before = timetable or blank
        for event in group:
            timetable = evolve(timetable, event)
        history.take(before, timetable or blank, group, by, moment)
    return history.result()


def _instant(event: TimetableEvent) -> tuple[datetime, str, object]:
    """Events of one command have this in common; those that are no change by hand stand alone."""
    return event.at, event.by, None if isinstance(event, ByHand) else event.originator_version


class _Recorder:
    def __init__(self) -> None:
        self._done: dict[str, list[Step]] = defaultdict(list)
        self._undone: dict[str, list[Step]] = defaultdict(list)
        self._touches: dict[Key, Touch] = {}
        self._draft: DraftMade | None = None
        self._stopped: frozenset[str] = frozenset()

    def take(
        self, before: Timetable, after: Timetable, group: list[TimetableEvent], by: str, moment: datetime
    ) -> None:
        match group[0]:
            case DraftMade() as draft_made:
                self._stopped = frozenset(actor for actor, steps in self._done.items() if steps)
                self._done.clear()
                self._undone.clear()
                self._touches.clear()
                self._draft = draft_made
            case StepUndone() as undone:
                self._turn(self._done[by], self._undone[by], undone, "undone")
            case StepRedone() as redone:
                self._turn(self._undone[by], self._done[by], redone, "redone")
            case SessionPinned() | SessionUnpinned() | SessionMoved() | SessionDropped():
                if self._draft is not None and (self._draft.at, self._draft.by) == (moment, by):
                    return  # moves that a branch brought with its draft
                self._add(
                    _step(before, after, [event for event in group if isinstance(event, ByHand)], by, moment)
                )

    def _turn(
        self,
        source: list[Step],
        target: list[Step],
        event: StepUndone | StepRedone,
        kind: Literal["undone", "redone"],
    ) -> None:
        target += [step for step in source if step.version == event.step]
        source[:] = [step for step in source if step.version != event.step]
        for edits in event.edits:
            self._touches[edits.key] = Touch(event.by, event.at, kind)

    def _add(self, step: Step) -> None:
        self._done[step.by] = [*self._done[step.by], step][-MOST_STEPS:]
        self._undone[step.by].clear()
        self._stopped -= {step.by}
        for edits in step.after:
            self._touches[edits.key] = Touch(step.by, step.at, step.kind)

    def result(self) -> StepHistory:
        done, undone = (
            {by: tuple(steps) for by, steps in stacks.items()} for stacks in (self._done, self._undone)
        )
        return StepHistory(done, undone, dict(self._touches), self._draft, self._stopped)


def _step(before: Timetable, after: Timetable, group: list[ByHand], by: str, moment: datetime) -> Step:
    main = next((event for event in group if isinstance(event, SessionMoved)), group[0])
    keys = tuple(dict.fromkeys([_key(main), *map(_key, group)]))
    return Step(
        group[0].originator_version,
        by,
        moment,
        _KINDS[type(main)],
        *_key(main),
        _why(main),
        tuple(edits_of(before, key) for key in keys),
        tuple(edits_of(after, key) for key in keys),
    )


_KINDS: dict[type[ByHand], StepKind] = {
    SessionPinned: "pinned",
    SessionUnpinned: "lifted",
    SessionMoved: "moved",
    SessionDropped: "dropped",
}


def _key(event: ByHand) -> Key:
    match event:
        case SessionPinned():
            return event.pin.session.key
        case SessionMoved():
            return event.session.key
        case _:
            return event.request, event.number


def _why(event: ByHand) -> str:
    match event:
        case SessionPinned():
            return event.pin.comment
        case SessionUnpinned():
            return ""
        case _:
            return event.why


# ---- Decisions


def undo_step(timetable: Timetable, metadata: EventMetadata, step: Step) -> tuple[StepUndone, ...]:
    """Take a step back; `changed_since` must have found nothing."""
    return (StepUndone(**following(timetable, metadata), step=step.version, edits=step.before, why=step.why),)


def redo_step(timetable: Timetable, metadata: EventMetadata, step: Step) -> tuple[StepRedone, ...]:
    """Do a step again that was taken back; `changed_since` must have found nothing."""
    return (StepRedone(**following(timetable, metadata), step=step.version, edits=step.after, why=step.why),)


# ---- Questions


def changed_since(timetable: Timetable, edits: Iterable[SessionEdits]) -> Iterator[Key]:
    """The sessions to which something else is done by hand now."""
    return (expected.key for expected in edits if edits_of(timetable, expected.key) != expected)
