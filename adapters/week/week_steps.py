"""Steps by hand in a week's draft, read from the events of its timetable, and their labels for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from adapters.store.caches import CacheKind
from adapters.store.store import Store
from adapters.week.week_snapshot import WeekSnapshot
from domain.calendar import wall
from domain.steps import SessionChanged, Step, StepHistory, StepKind, Whereabouts, step_history
from domain.timetable import Session, Timetable, TimetableEvent, blank
from domain.windows import DAY_MIN, DAY_NAMES, clock

HISTORIES = CacheKind[StepHistory](64)


def history_of(store: Store, timetable: Timetable) -> StepHistory:
    """The steps of a timetable as it is; the timetable must be as it was saved last."""

    def read() -> StepHistory:
        return step_history(blank(timetable.area, timetable.week), _events(store, timetable))

    return store.derived.get(HISTORIES, (timetable,), None, read)


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


def whereabouts(snapshot: WeekSnapshot, session: Session | None) -> Whereabouts | None:
    """Where a session is, by keys; None where it has no place."""
    if session is None:
        return None
    venue = snapshot.venues.get(session.venue)
    rooms = (*venue.rooms, *venue.former) if venue else ()
    key = next((room.key for room in rooms if room.id == session.room), str(session.room))
    return Whereabouts(venue.key if venue else str(session.venue), key, session.window.start_min)


def in_words(spot: Whereabouts | None) -> str:
    """Such as "in school/hall on Monday at 18:00"."""
    if spot is None:
        return "without a place"
    day, minute = divmod(spot.start_min, DAY_MIN)
    return f"in {spot.venue}/{spot.room} on {DAY_NAMES[day]} at {clock(minute)}"


def session_changed(
    snapshot: WeekSnapshot, history: StepHistory, key: tuple[UUID, int], now: Session | None, since: str
) -> SessionChanged:
    """The refusal that says who changed a session and when, and where it is; by hand, else by a new draft."""
    touch, draft, spot = history.touches.get(key), history.draft, whereabouts(snapshot, now)
    if touch is not None:
        by, moment, what = touch.by, touch.at, _DONE[touch.kind]
    elif draft is not None:
        by, moment, what = draft.by, draft.at, f"was planned anew in draft {draft.draft}"
    else:
        raise LookupError(f"nobody has changed session {key}")
    return SessionChanged(
        f"{name_of(snapshot, *key)} {what} by {by} on {when(snapshot, moment)}, {since}; "
        f"it is {in_words(spot)} now: look at it, then decide again",
        by,
        moment,
        spot,
    )


_DONE = {
    "pinned": "was pinned",
    "lifted": "had its pin lifted",
    "moved": "was moved",
    "dropped": "was taken out",
    "undone": "was changed",
    "redone": "was changed",
}


def name_of(snapshot: WeekSnapshot, request: UUID, number: int) -> str:
    """Such as "session 1 of request r-42"."""
    known = snapshot.requests.get(request)
    return f"session {number} of request {known.key if known else request}"
