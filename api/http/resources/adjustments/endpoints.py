"""Adjustments of a draft, and its release: pins, moves, drops, with every rule judged as the scheduler judges it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Path
from pydantic import Field

from adapters.queries.natural_keys import ident
from adapters.services import adjusting
from adapters.services.concerns import Concerned
from adapters.services.releases import release_week
from adapters.store.streams import TIMETABLES, VENUES
from adapters.week.plan_documents import load_timetable
from api.http.framework import examples
from api.http.framework.contexts import Answer, CommandContext, json_response
from api.http.framework.etags import of_version
from api.http.framework.operations import Form, Operations
from api.http.framework.parameters import Key, Week, Why
from api.http.resources.adjustments.session_lookup import PlacedForm, SessionForm, placed
from api.http.resources.drafts.endpoints import Breach, breaches
from api.http.resources.weeks.endpoints import area_and_week
from domain.adjusting import with_moves
from domain.network import Area
from domain.request import request_id
from domain.timetable import CHANGES, Change, NotPlaced, Session, Timetable
from scheduler import SoftRuleName

operations = Operations("drafts")

Number = Annotated[int, Path(ge=1, le=1000, description="Which of its sessions in the week.")]


class Pinned(SessionForm):
    """Hold a session where the draft has it; the comment tells the others why."""

    comment: Why


class TriedForm(PlacedForm):
    """A move by hand; `also` is another session that moves at the same time, such as one that makes room."""

    also: Annotated[tuple[PlacedForm, ...], Field(max_length=1)] = ()


class MovedForm(TriedForm):
    """A move by hand, with its reason; `accept` names the soft rules that the reason is good enough to pass."""

    why: Why
    accept: Annotated[tuple[SoftRuleName, ...], Field(max_length=10)] = ()


class Dropped(SessionForm):
    why: Why


class Named(Form):
    """What the release is called."""

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


@dataclass(frozen=True, slots=True)
class Tried:
    """Whether a move may be made: `broken` are hard rules, which nobody passes, `warnings` soft ones to accept.

    `people` are whom to call, `learners` how many to tell, if it is made.
    """

    allowed: bool
    broken: tuple[Breach, ...]
    warnings: tuple[Breach, ...]
    people: tuple[Concerned, ...] = ()
    learners: int = 0


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Whether anything changed, the version of the week's timetable afterwards, and the session.

    `also` is what moved with it; `accepted` are the soft rules that were passed, as they are recorded. `people` are
    whom to call, `learners` how many to tell.
    """

    changed: bool
    version: int
    session: Session | None
    also: tuple[Session, ...] = ()
    accepted: tuple[str, ...] = ()
    people: tuple[Concerned, ...] = ()
    learners: int = 0


@dataclass(frozen=True, slots=True)
class ReleasedWeek:
    """The release that holds now; `made` false: it said the same already."""

    number: int
    name: str
    made: bool
    version: int
    sessions: int
    counts: dict[Change, int]


def _subject(context: CommandContext, area: str, week: str) -> tuple[Area, Timetable]:
    """The area and its timetable, from the events and as If-Match says."""
    area_state, _ = area_and_week(context, area, week)
    timetable = load_timetable(context.unit, area_state.id, week)
    context.match(timetable.version)
    return area_state, timetable


def _adjusted(
    context: CommandContext,
    before: Timetable,
    changed: bool,
    session: Session | None = None,
    also: tuple[Session, ...] = (),
) -> Answer:
    after = context.after(TIMETABLES, before.id, before) if changed else before
    moved = {placed.key for placed in (session, *also) if placed is not None}
    accepted = {
        rule
        for adjustment in after.adjustments
        if (adjustment.request, adjustment.number) in moved
        for rule in (adjustment.accepted if changed and adjustment.kind == "moved" else ())
    }
    concern = adjusting.concern(context.unit, before, after)
    adjusted = Adjusted(
        changed, after.version, session, also, tuple(sorted(accepted)), concern.people, concern.learners
    )
    return json_response(adjusted, etag=of_version(after.version))


def _require_unmoved(context: CommandContext, area_state: Area, week: str, form: SessionForm) -> None:
    """Refuse where the session is not where the caller picked it up."""
    if form.moved_from is not None:
        key = ident(form.request, request_id), form.session
        adjusting.require_unmoved(context.unit, area_state.id, week, key, form.moved_from.picked_up_from())


@operations.command(
    "/weeks/{area}/{week}/pins",
    may="weeks.write",
    answers=Adjusted,
    summary="Pin a session of the draft",
    example={"request": "r-42", "session": 1, "comment": "the choir needs the piano"},
    answer_example={"changed": True, "version": 4, "session": examples.PLACED},
)
def pin_session(context: CommandContext, form: Pinned, area: Key, week: Week) -> Answer:
    """It is held where it is in every plan to come."""
    area_state, timetable = _subject(context, area, week)
    _require_unmoved(context, area_state, week, form)
    session = _session(context, area_state, week, form)
    changed = adjusting.pin(context.unit, area_state.id, week, session, form.comment)
    return _adjusted(context, timetable, changed, session)


def _session(context: CommandContext, area_state: Area, week: str, form: SessionForm) -> Session:
    return adjusting.find_session(
        context.unit, area_state.id, week, ident(form.request, request_id), form.session
    )


@operations.command(
    "/weeks/{area}/{week}/pins/{request}/{session}/lift",
    may="weeks.write",
    answers=Adjusted,
    summary="Lift a pin",
    answer_example={"changed": True, "version": 5, "session": None},
)
def lift_pin(context: CommandContext, area: Key, week: Week, request: Key, session: Number) -> Answer:
    """The next plan may move the session again."""
    area_state, timetable = _subject(context, area, week)
    changed = adjusting.unpin(context.unit, area_state.id, week, ident(request, request_id), session)
    return _adjusted(context, timetable, changed)


@operations.command(
    "/weeks/{area}/{week}/moves",
    lane="alone",
    may="weeks.write",
    answers=Adjusted,
    summary="Move a session of the draft by hand",
    example={
        "request": "r-42",
        "session": 1,
        "start_min": 1080,
        "why": "the hall is being painted",
        "accept": ["preferred"],
    },
    answer_example={
        "changed": True,
        "version": 5,
        "session": examples.PLACED,
        "also": [],
        "accepted": ["preferred"],
    },
)
def move_session(context: CommandContext, form: MovedForm, area: Key, week: Week) -> Answer:
    """Or place one that has no place, or move two at once: they are judged as a whole.

    A hard rule is never broken: the 409 names each one that would be, in `broken`. A soft rule is passed only where
    `accept` names it; else the 409 lists them in `warnings`. What was passed is recorded with the reason.
    """
    area_state, timetable = _subject(context, area, week)
    moved, *others = _all_moved(context, area_state, week, form)
    also = tuple(others)
    changed = adjusting.move(
        context.unit, area_state.id, week, moved, form.why, accept=form.accept, also=also, judge=context.judge
    )
    return _adjusted(context, timetable, changed, moved, also)


def _all_moved(context: CommandContext, area_state: Area, week: str, form: TriedForm) -> Iterator[Session]:
    for placed_form in (form, *form.also):
        yield _moved(context, area_state, week, placed_form)


def _moved(context: CommandContext, area_state: Area, week: str, form: PlacedForm) -> Session:
    """The session where the form puts it. One without a place gets all of it from the form."""
    _require_unmoved(context, area_state, week, form)
    try:
        session = _session(context, area_state, week, form)
    except NotPlaced:
        if form.start_min is None or form.room is None or form.venue is None:
            raise
        session = adjusting.new_session(
            context.unit, area_state.id, week, ident(form.request, request_id), form.session, form.start_min
        )
    venue = context.views().get(VENUES, session.venue)
    return placed(session, form, venue.key if venue else "")


@operations.command(
    "/weeks/{area}/{week}/moves/try",
    lane="alone",
    may="weeks.write",
    answers=Tried,
    summary="Say what a move would break",
    example={"request": "r-42", "session": 1, "start_min": 1080},
    answer_example={
        "allowed": True,
        "broken": [],
        "warnings": [
            examples.with_messages(
                {"rule": "preferred", "sentence": "r-42#1 leaves the times that r-42 prefers"}, "sentence"
            )
        ],
    },
)
def try_move(context: CommandContext, form: TriedForm, area: Key, week: Week) -> Answer:
    """Nothing changes. Hard rules in `broken`, soft ones, which a reason can pass, in `warnings`."""
    area_state, timetable = _subject(context, area, week)
    moved, *also = _all_moved(context, area_state, week, form)
    judgement = adjusting.try_move(context.unit, area_state.id, week, moved, also, judge=context.judge)
    concern = adjusting.concern(context.unit, timetable, with_moves(timetable, (moved, *also)))
    return json_response(
        Tried(
            not judgement.broken,
            breaches(judgement.broken),
            breaches(judgement.warnings),
            concern.people,
            concern.learners,
        )
    )


@operations.command(
    "/weeks/{area}/{week}/drops",
    may="weeks.write",
    answers=Adjusted,
    summary="Take a session out of the draft",
    example={"request": "r-42", "session": 1, "why": "the community called it off"},
    answer_example={"changed": True, "version": 5, "session": None},
)
def drop_session(context: CommandContext, form: Dropped, area: Key, week: Week) -> Answer:
    """The next plan may place it anew."""
    area_state, timetable = _subject(context, area, week)
    _require_unmoved(context, area_state, week, form)
    request = ident(form.request, request_id)
    changed = adjusting.drop(context.unit, area_state.id, week, request, form.session, form.why)
    return _adjusted(context, timetable, changed)


@operations.command(
    "/weeks/{area}/{week}/release",
    lane="large",
    may="weeks.release",
    answers=ReleasedWeek,
    summary="Release the draft",
    example={"name": "First timetable"},
    answer_example={
        "number": 1,
        "name": "First timetable",
        "made": True,
        "version": 2,
        "sessions": 42,
        "counts": {"new": 42, "moved": 0, "cancelled": 0, "unchanged": 0},
    },
)
def release_draft(context: CommandContext, form: Named, area: Key, week: Week) -> Answer:
    """It is judged by the facts as they are now, and no room or person is promised twice."""
    area_state, timetable = _subject(context, area, week)
    released = release_week(context.unit, area_state.id, week, form.name)
    after = context.after(TIMETABLES, timetable.id, timetable) if released.made else timetable
    counts = {
        change: sum(difference.change == change for difference in released.changes) for change in CHANGES
    }
    released_week = ReleasedWeek(
        released.number, released.name, released.made, after.version, released.sessions, counts
    )
    return json_response(released_week, etag=of_version(after.version))
