"""Steps by hand in a week's draft, read from the events of its timetable, and their labels for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from adapters.store.caches import Kind
from adapters.store.store import Store
from adapters.week.week_snapshot import WeekSnapshot
from domain.calendar import wall
from domain.steps import Step, StepHistory, StepKind, step_history
from domain.timetable import Session, Timetable, TimetableEvent, blank
from domain.windows import DAY_MIN, DAY_NAMES, clock

HISTORIES = Kind[StepHistory](64)


def history_of(store: Store, timetable: Timetable) -> StepHistory:
    """The steps of a timetable as it is; the timetable must be as it was saved last."""

    def read() -> StepHistory:
        return step_history(blank(timetable.area, timetable.week), _events(store, timetable))

    return store.derived.get(HISTORIES, (), (timetable.id, timetable.version), read)


def _events(store: Store, timetable: Timetable) -> Iterator[TimetableEvent]:
    for event in store.events_of(timetable.id):
        if event.originator_version <= timetable.version and isinstance(event, TimetableEvent):
            yield event


@dataclass(frozen=True, slots=True)
class StepLabel:
    """A step in words: what was done to which session, and why, "" where no reason was asked for."""

    request: str
    session: int
    kind: StepKind
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class NextStep:
    """What the next undo, or redo, of somebody would do; `label` None: nothing. `left` counts the steps."""

    label: StepLabel | None
    left: int


def label_of(snapshot: WeekSnapshot, step: Step) -> StepLabel:
    request = snapshot.requests.get(step.request)
    key, title = (request.key, request.order.title) if request else (str(step.request), "")
    return StepLabel(key, step.number, step.kind, title, step.why)


def next_undo(snapshot: WeekSnapshot, history: StepHistory, by: str) -> NextStep:
    return _next(snapshot, history.done.get(by, ()))


def next_redo(snapshot: WeekSnapshot, history: StepHistory, by: str) -> NextStep:
    return _next(snapshot, history.undone.get(by, ()))


def _next(snapshot: WeekSnapshot, steps: tuple[Step, ...]) -> NextStep:
    return NextStep(label_of(snapshot, steps[-1]) if steps else None, len(steps))


# ---- In words


def when(snapshot: WeekSnapshot, moment: datetime) -> str:
    """An instant as the area's clocks show it, such as "2026-11-28 at 10:03"."""
    day, minute = wall(moment, snapshot.zone)
    return f"{day} at {clock(minute)}"


def whereabouts(snapshot: WeekSnapshot, session: Session | None) -> str:
    """Where a session is, such as "in school/hall on Monday at 18:00"."""
    if session is None:
        return "without a place"
    venue = snapshot.venues.get(session.venue)
    rooms = (*venue.rooms, *venue.former) if venue else ()
    key = next((room.key for room in rooms if room.id == session.room), str(session.room))
    start = clock(session.window.start_min % DAY_MIN)
    return (
        f"in {venue.key if venue else session.venue}/{key} on {DAY_NAMES[session.window.day - 1]} at {start}"
    )


def name_of(snapshot: WeekSnapshot, request: UUID, number: int) -> str:
    """Such as "session 1 of request r-42"."""
    known = snapshot.requests.get(request)
    return f"session {number} of request {known.key if known else request}"
