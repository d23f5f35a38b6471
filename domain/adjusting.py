"""Manual changes of a week's draft: pins, moves and drops of sessions, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from uuid import UUID

from domain.events import EventMetadata, following, reason
from domain.messages import message
from domain.timetable import (
    Adjustment,
    MovedTwice,
    NotPlaced,
    Pin,
    Release,
    Session,
    SessionDropped,
    SessionMoved,
    SessionPinned,
    SessionUnpinned,
    Timetable,
    draft_sessions,
    evolve,
    require_draft,
    require_near,
)


def pin_session(timetable: Timetable, metadata: EventMetadata, pin: Pin) -> tuple[SessionPinned, ...]:
    """A pin holds a session where it is; its comment says why. Raises ReasonMissing, OutOfCalendar."""
    comment = reason(pin.comment, message("a pin"))
    require_near(timetable.week, metadata)
    if Pin(pin.session, comment) in timetable.pins:
        return ()
    pinned = Pin(pin.session, comment)
    return (
        SessionPinned(**following(timetable, metadata), area=timetable.area, week=timetable.week, pin=pinned),
    )


def unpin_session(
    timetable: Timetable, metadata: EventMetadata, request: UUID, number: int
) -> tuple[SessionUnpinned, ...]:
    """Lift the pin of a session; no event where it has none."""
    if all(pin.session.key != (request, number) for pin in timetable.pins):
        return ()
    return (SessionUnpinned(**following(timetable, metadata), request=request, number=number),)


def move_sessions(
    timetable: Timetable,
    metadata: EventMetadata,
    sessions: Iterable[Session],
    why: str,
    planned: Iterable[Session],
    accepted: Iterable[str] = (),
) -> tuple[SessionMoved | SessionUnpinned, ...]:
    """Place sessions of the draft by hand, all at once.

    A pin that holds a session elsewhere is lifted. What is there already stays as it is.

    Parameters
    ----------
    planned
        The sessions of the draft's plan document.
    accepted
        Names of the soft rules that the scheduler found broken; hard rules it judged before this is called.

    Raises
    ------
    NoDraft, MovedTwice, ReasonMissing
    """
    require_draft(timetable, message("change"))
    sessions = one_place_each(sessions)
    present = set(draft_sessions(timetable, planned))
    passed = tuple(sorted(set(accepted)))
    events: list[SessionMoved | SessionUnpinned] = []
    for session in sessions:
        if session not in present:
            for event in _moved(timetable, metadata, session, reason(why, message("a move by hand")), passed):
                timetable = evolve(timetable, event)
                events.append(event)
    return tuple(events)


def one_place_each(sessions: Iterable[Session]) -> tuple[Session, ...]:
    """The sessions, of which none is there twice. Raises MovedTwice."""
    sessions = tuple(sessions)
    if len({session.key for session in sessions}) < len(sessions):
        raise MovedTwice(message("one session is put into two places; give each session one place"))
    return sessions


def _moved(
    timetable: Timetable, metadata: EventMetadata, session: Session, why: str, accepted: tuple[str, ...]
) -> Iterator[SessionMoved | SessionUnpinned]:
    if any(pin.session.key == session.key and pin.session != session for pin in timetable.pins):
        lifted = SessionUnpinned(
            **following(timetable, metadata), request=session.request, number=session.number
        )
        yield lifted
        timetable = evolve(timetable, lifted)
    yield SessionMoved(**following(timetable, metadata), session=session, why=why, accepted=accepted)


def drop_session(
    timetable: Timetable,
    metadata: EventMetadata,
    request: UUID,
    number: int,
    why: str,
    planned: Iterable[Session],
) -> tuple[SessionDropped, ...]:
    """Take a session out of the draft. Raises NoDraft, NotPlaced, ReasonMissing."""
    require_draft(timetable, message("change"))
    if all(session.key != (request, number) for session in draft_sessions(timetable, planned)):
        raise NotPlaced(
            message(
                "session {number} of request {request} is not in the draft of {week}",
                number=number,
                request=request,
                week=timetable.week,
            )
        )
    return (
        SessionDropped(
            **following(timetable, metadata),
            request=request,
            number=number,
            why=reason(why, message("taking a session out")),
        ),
    )


# ---- Questions


def with_moves(timetable: Timetable, sessions: Iterable[Session]) -> Timetable:
    """The timetable as if these sessions were moved, to look at."""
    sessions = tuple(sessions)
    keys = {session.key for session in sessions}
    moves = tuple(session for session in timetable.moves if session.key not in keys)
    dropped = tuple(key for key in timetable.dropped if key not in keys)
    return replace(timetable, moves=(*moves, *sessions), dropped=dropped)


def adjusted_before(timetable: Timetable, release: Release) -> tuple[Adjustment, ...]:
    """What was changed by hand in the draft of a release; nothing where a later draft has cleared it."""
    if release.draft != timetable.drafts:
        return ()
    return tuple(adjustment for adjustment in timetable.adjustments if adjustment.at <= release.at)


def reasons_before(timetable: Timetable, release: Release) -> dict[tuple[UUID, int], str]:
    """The reason of each such change, with the soft rules that it passed, under the session's key."""
    return {
        (adjustment.request, adjustment.number): message(
            "{why} (passes {rules})", why=adjustment.why, rules=adjustment.accepted
        )
        if adjustment.accepted
        else adjustment.why
        for adjustment in adjusted_before(timetable, release)
    }
