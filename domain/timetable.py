"""Weekly timetable of an area: drafts, pins, moves by hand, and numbered releases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

from domain.calendar import MOST_YEARS_PLANNED, check_week, near_week
from domain.events import Event, EventMetadata, Refused, following, stream_id
from domain.messages import message
from domain.text import Name, OptionalSentence, Sentence, clean, tidy
from domain.windows import Window

Change: TypeAlias = Literal["new", "moved", "cancelled", "unchanged"]
CHANGES: tuple[Change, ...] = ("new", "moved", "cancelled", "unchanged")


class NoDraft(Refused):
    """A release or a move without a draft to take it from."""


class NoSuchRelease(Refused):
    """A release number that the timetable has not reached."""


class NotPlaced(Refused):
    """A session that the draft does not hold."""


class MovedTwice(Refused):
    """One session that a command puts into two places."""


class NamelessRelease(Refused):
    """A release without a name."""


@dataclass(frozen=True, slots=True)
class Session:
    """A placed session: `number` 1, 2, … of its request in the week; `window` in minutes from Monday 00:00."""

    request: UUID
    number: int
    window: Window
    venue: UUID
    room: UUID
    leads: tuple[UUID, ...] = ()
    assistants: tuple[UUID, ...] = ()

    @property
    def key(self) -> tuple[UUID, int]:
        return self.request, self.number

    @property
    def team(self) -> tuple[UUID, ...]:
        return self.leads + self.assistants


@dataclass(frozen=True, slots=True)
class GoalValue:
    """`bound` is proven, None where there is none."""

    goal: str
    value: float
    bound: float | None


@dataclass(frozen=True, slots=True)
class Origin:
    """What is needed to make a draft again.

    Content hashes of both documents, the event position that the problem was written at, the seed, and the versions
    of the engines.
    """

    problem: str
    plan: str
    position: int
    seed: int
    engines: tuple[tuple[str, str], ...]
    status: str
    goals: tuple[GoalValue, ...]


@dataclass(frozen=True, slots=True)
class Pin:
    session: Session
    comment: Sentence


@dataclass(frozen=True, slots=True)
class Release:
    number: int
    name: str
    draft: int
    sessions: tuple[Session, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftMade(Event):
    """The sessions are in the plan document, so that the event stays small."""

    area: UUID
    week: str
    draft: int
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPinned(Event):
    area: UUID
    week: str
    pin: Pin


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionUnpinned(Event):
    request: UUID
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionMoved(Event):
    """`accepted` names the soft rules that the move breaks, and that `why` is the reason for."""

    session: Session
    why: Sentence
    accepted: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDropped(Event):
    request: UUID
    number: int
    why: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class TimetableReleased(Event):
    """Never edited; the next release succeeds it."""

    number: int
    name: Name
    draft: int
    sessions: tuple[Session, ...]


@dataclass(frozen=True, slots=True)
class Adjustment:
    """The last change by hand of one session of the draft: who made it, when, why, and which soft rules it passed."""

    request: UUID
    number: int
    kind: Literal["moved", "dropped"]
    why: str
    accepted: tuple[str, ...]
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SessionEdits:
    """All that is done by hand to one session: its pin, where it was moved, whether it was dropped, and why.

    `move` None: it is where the plan has it, or nowhere. `adjustment` is the last change, None where there is none.
    """

    request: UUID
    number: int
    pin: Pin | None = None
    move: Session | None = None
    dropped: bool = False
    adjustment: Adjustment | None = None

    @property
    def key(self) -> tuple[UUID, int]:
        return self.request, self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUndone(Event):
    """A step by hand is taken back: `edits` are those of its sessions from before it, which hold again.

    `step` is the version of the step's first event, `why` the reason that it had, "" where it had none.
    """

    step: int
    edits: tuple[SessionEdits, ...]
    why: OptionalSentence


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRedone(Event):
    """A step that was taken back is done again: `edits` are those of its sessions from after it."""

    step: int
    edits: tuple[SessionEdits, ...]
    why: OptionalSentence


TimetableEvent: TypeAlias = (
    DraftMade
    | SessionPinned
    | SessionUnpinned
    | SessionMoved
    | SessionDropped
    | StepUndone
    | StepRedone
    | TimetableReleased
)


@dataclass(frozen=True, slots=True)
class Timetable:
    """`moves` and `dropped` change the latest draft, `adjustments` say why; a new draft clears them, pins stay.

    Pins, moves and drops are in order of request and number, adjustments in order of time: so a step that is taken back
    leaves the same state as before.
    """

    id: UUID
    version: int
    area: UUID
    week: str
    drafts: int = 0
    origin: Origin | None = None
    pins: tuple[Pin, ...] = ()
    moves: tuple[Session, ...] = ()
    dropped: tuple[tuple[UUID, int], ...] = ()
    releases: tuple[Release, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()


def timetable_id(area: UUID, week: str) -> UUID:
    return stream_id("timetable", str(area), check_week(week))


def blank(area: UUID, week: str) -> Timetable:
    """A timetable before its first event."""
    return Timetable(timetable_id(area, week), 0, area, week)


# ---- Decisions


def require_near(week: str, metadata: EventMetadata) -> str:
    """Return the week as it is. Raises OutOfCalendar for one more than two years ahead, NotAWeek."""
    return near_week(week, metadata.at.date(), MOST_YEARS_PLANNED, message("a week is planned"))


def make_draft(timetable: Timetable, metadata: EventMetadata, origin: Origin) -> tuple[DraftMade, ...]:
    """Take a plan as the next draft; no event where the latest one, untouched by hand, is the same of the same problem.

    Raises OutOfCalendar, NotAWeek.
    """
    require_near(timetable.week, metadata)
    latest = timetable.origin
    same = latest is not None and (latest.problem, latest.plan) == (origin.problem, origin.plan)
    if same and not (timetable.moves or timetable.dropped):
        return ()
    return (
        DraftMade(
            **following(timetable, metadata),
            area=timetable.area,
            week=timetable.week,
            draft=timetable.drafts + 1,
            origin=origin,
        ),
    )


def release_draft(
    timetable: Timetable, metadata: EventMetadata, name: str, planned: Iterable[Session]
) -> tuple[TimetableReleased, ...]:
    """The draft as moved by hand becomes the next release; no event where the last one has the same sessions.

    Raises
    ------
    NoDraft, NamelessRelease, BadText, OutOfCalendar
    """
    require_draft(timetable, message("release"))
    require_near(timetable.week, metadata)
    if not tidy(name):
        raise NamelessRelease(
            message("a release of {week} needs a name, such as 'First timetable'", week=timetable.week)
        )
    name = clean(name, message("the name of the release of {week}", week=timetable.week), Name)
    sessions = draft_sessions(timetable, planned)
    last = latest_release(timetable)
    if last is not None and last.sessions == sessions:
        return ()
    number = len(timetable.releases) + 1
    return (
        TimetableReleased(
            **following(timetable, metadata),
            number=number,
            name=name,
            draft=timetable.drafts,
            sessions=sessions,
        ),
    )


def require_draft(timetable: Timetable, to: str) -> None:
    """Refuse to `to` (a verb) a week that has no draft. Raises NoDraft."""
    if timetable.origin is None:
        raise NoDraft(
            message(
                "there is no draft of {week} to {verb}; make one with a plan first",
                week=timetable.week,
                verb=to,
            )
        )


# ---- State


def evolve(timetable: Timetable | None, event: TimetableEvent) -> Timetable:
    """The state after an event; None before the first. Raises TypeError for an event that cannot come then."""
    if timetable is None:
        if not isinstance(event, DraftMade | SessionPinned):
            raise TypeError(f"cannot apply {type(event).__name__} to an empty timetable")
        timetable = Timetable(event.originator_id, 0, event.area, event.week)
    return replace(_in_order(_changed(timetable, event)), version=event.originator_version)


def _in_order(timetable: Timetable) -> Timetable:
    return replace(
        timetable,
        pins=tuple(sorted(timetable.pins, key=lambda pin: pin.session.key)),
        moves=tuple(sorted(timetable.moves, key=lambda session: session.key)),
        dropped=tuple(sorted(timetable.dropped)),
        adjustments=tuple(
            sorted(timetable.adjustments, key=lambda noted: (noted.at, noted.request, noted.number))
        ),
    )


def _changed(timetable: Timetable, event: TimetableEvent) -> Timetable:
    match event:
        case DraftMade():
            fresh = replace(timetable, moves=(), dropped=(), adjustments=())
            return replace(fresh, drafts=event.draft, origin=event.origin)
        case SessionPinned():
            others = tuple(pin for pin in timetable.pins if pin.session.key != event.pin.session.key)
            return replace(timetable, pins=(*others, event.pin))
        case SessionUnpinned():
            key = event.request, event.number
            return replace(timetable, pins=tuple(pin for pin in timetable.pins if pin.session.key != key))
        case SessionMoved():
            moves = tuple(session for session in timetable.moves if session.key != event.session.key)
            dropped = tuple(key for key in timetable.dropped if key != event.session.key)
            noted = _noted(timetable, event, event.session.key, "moved", event.accepted)
            return replace(timetable, moves=(*moves, event.session), dropped=dropped, adjustments=noted)
        case SessionDropped():
            key = event.request, event.number
            moves = tuple(session for session in timetable.moves if session.key != key)
            noted = _noted(timetable, event, key, "dropped")
            return replace(timetable, moves=moves, dropped=(*timetable.dropped, key), adjustments=noted)
        case StepUndone() | StepRedone():
            for edits in event.edits:
                timetable = _with_edits(timetable, edits)
            return timetable
        case TimetableReleased():
            release = Release(event.number, event.name, event.draft, event.sessions, event.at)
            return replace(timetable, releases=(*timetable.releases, release))


def _noted(
    timetable: Timetable,
    event: SessionMoved | SessionDropped,
    key: tuple[UUID, int],
    kind: Literal["moved", "dropped"],
    accepted: tuple[str, ...] = (),
) -> tuple[Adjustment, ...]:
    others = tuple(
        adjustment for adjustment in timetable.adjustments if (adjustment.request, adjustment.number) != key
    )
    return (*others, Adjustment(*key, kind, event.why, accepted, event.by, event.at))


def _with_edits(timetable: Timetable, edits: SessionEdits) -> Timetable:
    """The timetable in which exactly this is done by hand to one session."""
    key = edits.key
    pins = tuple(pin for pin in timetable.pins if pin.session.key != key)
    moves = tuple(session for session in timetable.moves if session.key != key)
    dropped = tuple(other_key for other_key in timetable.dropped if other_key != key)
    adjustments = tuple(
        adjustment for adjustment in timetable.adjustments if (adjustment.request, adjustment.number) != key
    )
    return replace(
        timetable,
        pins=pins if edits.pin is None else (*pins, edits.pin),
        moves=moves if edits.move is None else (*moves, edits.move),
        dropped=(*dropped, key) if edits.dropped else dropped,
        adjustments=adjustments if edits.adjustment is None else (*adjustments, edits.adjustment),
    )


# ---- Questions


def edits_of(timetable: Timetable, key: tuple[UUID, int]) -> SessionEdits:
    """All that is done by hand to the session of a request's id and a number."""
    return SessionEdits(
        *key,
        next((pin for pin in timetable.pins if pin.session.key == key), None),
        next((session for session in timetable.moves if session.key == key), None),
        key in timetable.dropped,
        next(
            (
                adjustment
                for adjustment in timetable.adjustments
                if (adjustment.request, adjustment.number) == key
            ),
            None,
        ),
    )


def draft_sessions(timetable: Timetable, planned: Iterable[Session]) -> tuple[Session, ...]:
    """The sessions of the plan with the moves by hand applied, in order of time."""
    sessions = {session.key: session for session in planned}
    sessions |= {session.key: session for session in timetable.moves}
    remaining = (session for key, session in sessions.items() if key not in timetable.dropped)
    return tuple(sorted(remaining, key=_in_time))


def _in_time(session: Session) -> tuple[int, int, int, int, int]:
    """Ids sort by their numbers as by their text."""
    window = session.window
    return window.start_min, window.end_min, session.room.int, session.request.int, session.number


def latest_release(timetable: Timetable) -> Release | None:
    """The last release; None where nothing is released yet."""
    return timetable.releases[-1] if timetable.releases else None


def find_release(timetable: Timetable, number: int) -> Release:
    """The release with a number, counted from 1. Raises NoSuchRelease."""
    if not 1 <= number <= len(timetable.releases):
        raise NoSuchRelease(
            message(
                "there is no release {number} of {week}; there are {count}",
                number=number,
                week=timetable.week,
                count=len(timetable.releases),
            )
        )
    return timetable.releases[number - 1]


@dataclass(frozen=True, slots=True)
class Difference:
    """One session in two releases: `before` None where it is new, `after` None where it is cancelled."""

    change: Change
    before: Session | None
    after: Session | None

    @property
    def sessions(self) -> tuple[Session, ...]:
        return tuple(session for session in (self.before, self.after) if session is not None)

    def touches(self, resource: UUID) -> bool:
        """Whether a room, volunteer, venue or request has to do with it, before or after."""
        return any(
            resource in (session.request, session.room, session.venue, *session.leads, *session.assistants)
            for session in self.sessions
        )


def differences(before: Iterable[Session], after: Iterable[Session]) -> tuple[Difference, ...]:
    """What changes from one release to another, in order of time of what holds afterwards."""
    old, new = ({session.key: session for session in sessions} for sessions in (before, after))
    changes = [
        Difference(_change(old.get(key), new.get(key)), old.get(key), new.get(key)) for key in old | new
    ]
    return tuple(
        sorted(
            changes,
            key=lambda difference: (difference.sessions[-1].window, str(difference.sessions[-1].room)),
        )
    )


def _change(before: Session | None, after: Session | None) -> Change:
    if before is None:
        return "new"
    if after is None:
        return "cancelled"
    return "unchanged" if before == after else "moved"
