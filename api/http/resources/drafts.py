"""Drafts: what a plan says before people read it, adjusted by hand, and released."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import Path
from pydantic import Field

from adapters import adjusting
from adapters.closures import Broken
from adapters.planning import load_timetable, planned_sessions
from adapters.problems import problem_of
from adapters.releases import release_week, rules_broken
from adapters.store.streams import DIARIES, TIMETABLES, VENUES
from adapters.weeks import Facts
from api.http import problems
from api.http.calls import Answer, Call, Command, listed, told
from api.http.etags import of_content, of_version
from api.http.operations import Form, Operations
from api.http.paging import Page
from api.http.parameters import At, Key, Week, Why, ident
from api.http.resources import examples
from api.http.resources.sessions import PlacedForm, SessionForm, placed
from api.http.resources.weeks import area_and_week, week_facts
from domain.diary import broken
from domain.network import Area
from domain.request import request_id
from domain.timetable import (
    CHANGES,
    Change,
    NoDraft,
    Origin,
    Pin,
    Session,
    Timetable,
    draft_sessions,
)
from scheduler.precheck import Finding, precheck

operations = Operations("drafts")

Number = Annotated[int, Path(ge=1, le=1000, description="Which of its sessions in the week.")]
DOCUMENT: dict[str, Any] = {"type": "object", "description": "A document of the solver, by its content hash."}


class Pinned(SessionForm):
    """Hold a session where the draft has it; the comment tells the others why."""

    comment: Why


class MovedForm(PlacedForm):
    """A move by hand, with its reason."""

    why: Why


class Dropped(SessionForm):
    why: Why


class Named(Form):
    """What the release is called."""

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


@dataclass(frozen=True, slots=True)
class Draft:
    """The latest draft as moved by hand. `version` is that of the week's timetable, for If-Match."""

    number: int
    version: int
    origin: Origin
    sessions: tuple[Session, ...]
    pins: tuple[Pin, ...]
    moves: tuple[Session, ...]
    dropped: tuple[tuple[UUID, int], ...]


@dataclass(frozen=True, slots=True)
class Breach:
    """A hard rule that is or would be broken, and the sentence about it."""

    rule: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Tried:
    """Whether a move may be made, and each hard rule that it would break."""

    allowed: bool
    broken: tuple[Breach, ...]


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Whether anything changed, the version of the week's timetable afterwards, and the session."""

    changed: bool
    version: int
    session: Session | None


@dataclass(frozen=True, slots=True)
class ReleasedWeek:
    """The release that holds now; `made` false: it said the same already."""

    number: int
    name: str
    made: bool
    version: int
    sessions: int
    counts: dict[Change, int]


@dataclass(frozen=True, slots=True)
class Warnings:
    """What a coordinator should look at.

    `problem`: about the facts. `draft`: rules that the draft breaks as the facts are now. `released`: released
    sessions that a closure or a pause has broken since.
    """

    problem: tuple[str, ...]
    draft: tuple[Breach, ...]
    released: tuple[Broken, ...]


def _origin(timetable: Timetable) -> Origin:
    if timetable.origin is None:
        raise NoDraft(f"there is no draft of {timetable.week} yet; plan the week first")
    return timetable.origin


def _told(record: Any) -> Answer:
    """A record that is no stream's state: its tag is that of its content."""
    answer = told(record)
    return Answer(answer.body, etag=of_content(answer.body))


def _breaches(sentences: tuple[str, ...]) -> tuple[Breach, ...]:
    return tuple(Breach(**problems.breach(one)) for one in sentences)


@operations.read(
    "/weeks/{area}/{week}/draft",
    may="weeks.draft.read",
    answers=Draft,
    summary="Read the draft",
    example=examples.DRAFT,
)
def read_draft(call: Call, area: Key, week: Week, at: At = None) -> Answer:
    """With its origin: anybody can make it again from problem, seed and engines. 409 while there is none."""
    _, timetable = area_and_week(call, area, week, at)
    origin = _origin(timetable)
    sessions = draft_sessions(timetable, planned_sessions(call.house.lyceum.store, timetable))
    return told(
        Draft(
            timetable.drafts,
            timetable.version,
            origin,
            sessions,
            timetable.pins,
            timetable.moves,
            timetable.dropped,
        )
    )


@operations.read(
    "/weeks/{area}/{week}/draft/documents/{name}",
    may="weeks.draft.read",
    answers=DOCUMENT,
    summary="Read the problem or the plan that a draft was made from",
    example={"format": "plan/1", "problem": "town 2026-W49", "status": "optimal", "assignments": []},
)
def read_draft_document(
    call: Call,
    area: Key,
    week: Week,
    name: Annotated[str, Path(pattern="^(problem|plan)$", examples=["plan"])],
    at: At = None,
) -> Answer:
    """Its ETag is its content hash."""
    _, timetable = area_and_week(call, area, week, at)
    origin = _origin(timetable)
    digest = origin.problem if name == "problem" else origin.plan
    return Answer(call.house.lyceum.store.document(digest), etag=f'"{digest}"')


@operations.read(
    "/weeks/{area}/{week}/problem",
    may="weeks.draft.read",
    answers=DOCUMENT,
    summary="Write the problem document of a week",
    example={"format": "problem/1", "name": "town 2026-W49", "venues": [], "volunteers": [], "requests": []},
)
def read_problem(call: Call, area: Key, week: Week, at: At = None) -> Answer:
    """As it would be planned now, or at an earlier time."""
    facts = week_facts(call, area, week, at)
    body = orjson.dumps(_problem(call, facts, at).document)
    return Answer(body, etag=of_content(body))


def _problem(call: Call, facts: Facts, at: str | None) -> Any:
    return problem_of(call.views(at), facts, call.house.lyceum.people())


@operations.read(
    "/weeks/{area}/{week}/findings",
    may="weeks.draft.read",
    answers=Finding,
    many=True,
    summary="Say what is known of a week before it is planned",
    example=examples.page(
        {
            "code": "no_lead",
            "severity": "warning",
            "path": "requests[3].topic",
            "sentence": "Nobody can lead robots.",
        }
    ),
)
def list_findings(
    call: Call,
    area: Key,
    week: Week,
    severity: Literal["error", "warning", "note"] | None = None,
    at: At = None,
) -> Answer:
    """What is wrong with the problem, and what can never be served, without search; errors first."""
    found = precheck(_problem(call, week_facts(call, area, week, at), at).document)
    return listed(Finding, Page([one for one in found.all if severity in (None, one.severity)], None))


@operations.read(
    "/weeks/{area}/{week}/warnings",
    may="weeks.draft.read",
    answers=Warnings,
    summary="List what a coordinator should look at",
    example={"problem": [], "draft": [{"rule": "open", "sentence": "the hall is closed"}], "released": []},
)
def read_warnings(call: Call, area: Key, week: Week, at: At = None) -> Answer:
    facts = week_facts(call, area, week, at)
    problem = _problem(call, facts, at)
    draft: tuple[str, ...] = ()
    if facts.timetable.origin is not None:
        planned = planned_sessions(call.house.lyceum.store, facts.timetable)
        draft = rules_broken(problem.document, draft_sessions(facts.timetable, planned))
    released = tuple(
        Broken(week, page.resource, one)
        for page in call.views(at).all(DIARIES, week)
        for one in broken(page)
        if one.timetable == facts.timetable.id
    )
    return _told(Warnings(problem.warnings, _breaches(draft), released))


@operations.read(
    "/weeks/{area}/{week}/pins",
    may="weeks.draft.read",
    answers=Pin,
    many=True,
    summary="List pins",
    example=examples.page({"session": examples.PLACED, "comment": "the choir needs the piano"}),
)
def list_pins(call: Call, area: Key, week: Week, at: At = None) -> Answer:
    _, timetable = area_and_week(call, area, week, at)
    return listed(Pin, Page(timetable.pins, None))


# ---- Commands


def _subject(call: Command, area: str, week: str) -> tuple[Area, Timetable]:
    """The area and its timetable, from the events and as If-Match says."""
    place, _ = area_and_week(call, area, week)
    timetable = load_timetable(call.unit.store, place.id, week)
    call.match(timetable.version)
    return place, timetable


def _adjusted(call: Command, before: Timetable, changed: bool, session: Session | None = None) -> Answer:
    after = call.after(TIMETABLES, before.id, before) if changed else before
    return told(Adjusted(changed, after.version, session), etag=of_version(after.version))


@operations.command(
    "/weeks/{area}/{week}/pins",
    may="weeks.write",
    answers=Adjusted,
    summary="Pin a session of the draft",
    example={"request": "r-42", "session": 1, "comment": "the choir needs the piano"},
    answer_example={"changed": True, "version": 4, "session": examples.PLACED},
)
def pin_session(call: Command, form: Pinned, area: Key, week: Week) -> Answer:
    """It is held where it is in every plan to come."""
    place, timetable = _subject(call, area, week)
    session = _session(call, place, week, form)
    changed = adjusting.pin(call.unit, place.id, week, session, form.comment)
    return _adjusted(call, timetable, changed, session)


def _session(call: Command, place: Area, week: str, form: SessionForm) -> Session:
    return adjusting.find_session(call.unit, place.id, week, ident(form.request, request_id), form.session)


@operations.command(
    "/weeks/{area}/{week}/pins/{request}/{session}/lift",
    may="weeks.write",
    answers=Adjusted,
    summary="Lift a pin",
    answer_example={"changed": True, "version": 5, "session": None},
)
def lift_pin(call: Command, area: Key, week: Week, request: Key, session: Number) -> Answer:
    """The next plan may move the session again."""
    place, timetable = _subject(call, area, week)
    changed = adjusting.unpin(call.unit, place.id, week, ident(request, request_id), session)
    return _adjusted(call, timetable, changed)


@operations.command(
    "/weeks/{area}/{week}/moves",
    may="weeks.write",
    answers=Adjusted,
    summary="Move a session of the draft by hand",
    example={"request": "r-42", "session": 1, "start_min": 1080, "why": "the hall is being painted"},
    answer_example={"changed": True, "version": 5, "session": examples.PLACED},
)
def move_session(call: Command, form: MovedForm, area: Key, week: Week) -> Answer:
    """A hard rule is never broken: the 409 names each one that would be, in `broken`."""
    place, timetable = _subject(call, area, week)
    moved = _moved(call, place, week, form)
    changed = adjusting.move(call.unit, place.id, week, moved, form.why)
    return _adjusted(call, timetable, changed, moved)


def _moved(call: Command, place: Area, week: str, form: PlacedForm) -> Session:
    session = _session(call, place, week, form)
    venue = call.views().get(VENUES, session.venue)
    return placed(session, form, venue.key if venue else "")


@operations.command(
    "/weeks/{area}/{week}/moves/try",
    may="weeks.write",
    answers=Tried,
    summary="Say what a move would break",
    example={"request": "r-42", "session": 1, "start_min": 1080},
    answer_example={"allowed": False, "broken": [{"rule": "open", "sentence": "the hall is closed"}]},
)
def try_move(call: Command, form: PlacedForm, area: Key, week: Week) -> Answer:
    """Nothing changes."""
    place, _ = _subject(call, area, week)
    found = adjusting.try_move(call.unit, place.id, week, _moved(call, place, week, form))
    return told(Tried(not found, _breaches(found)))


@operations.command(
    "/weeks/{area}/{week}/drops",
    may="weeks.write",
    answers=Adjusted,
    summary="Take a session out of the draft",
    example={"request": "r-42", "session": 1, "why": "the community called it off"},
    answer_example={"changed": True, "version": 5, "session": None},
)
def drop_session(call: Command, form: Dropped, area: Key, week: Week) -> Answer:
    """The next plan may place it anew."""
    place, timetable = _subject(call, area, week)
    request = ident(form.request, request_id)
    changed = adjusting.drop(call.unit, place.id, week, request, form.session, form.why)
    return _adjusted(call, timetable, changed)


@operations.command(
    "/weeks/{area}/{week}/release",
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
def release_draft(call: Command, form: Named, area: Key, week: Week) -> Answer:
    """It is judged by the facts as they are now, and no room or person is promised twice."""
    place, timetable = _subject(call, area, week)
    made = release_week(call.unit, place.id, week, form.name)
    after = call.after(TIMETABLES, timetable.id, timetable) if made.made else timetable
    counts = {change: sum(one.change == change for one in made.changes) for change in CHANGES}
    found = ReleasedWeek(made.number, made.name, made.made, after.version, made.sessions, counts)
    return told(found, etag=of_version(after.version))
