"""Drafts: what a plan says before people read it, what it was made from, and what is doubtful about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import orjson
from fastapi import Path

from adapters.queries.paging import Page
from adapters.store.caches import CacheKind
from adapters.store.mapper import json_of
from adapters.week.plan_documents import planned_sessions
from adapters.week.problem_document import problem_document
from adapters.week.release_validity.broken_sessions import BrokenSession
from adapters.week.week_report import week_warnings
from adapters.week.week_snapshot import WeekSnapshot
from adapters.wording.records import WithMessages
from api.http import errors
from api.http.framework import examples
from api.http.framework.contexts import Answer, RequestContext, json_response, page_response
from api.http.framework.etags import of_content, of_version
from api.http.framework.operations import Operations
from api.http.framework.parameters import At, Key, Week
from api.http.resources.weeks.endpoints import area_and_week, week_snapshot
from domain.messages import message
from domain.timetable import (
    Adjustment,
    NoDraft,
    Origin,
    Pin,
    Session,
    Timetable,
    draft_sessions,
)
from scheduler.precheck import precheck

operations = Operations("drafts")
WRITTEN_DRAFTS = CacheKind[bytes](16)  # as they were sent last

DOCUMENT: dict[str, Any] = {"type": "object", "description": "A document of the solver, by its content hash."}


@dataclass(frozen=True, slots=True)
class Draft:
    """The latest draft as moved by hand. `version` is that of the week's timetable, for If-Match.

    `adjustments` say of each session that was moved or dropped by hand who did it, when and why, and which soft rules
    that passed.
    """

    number: int
    version: int
    origin: Origin
    sessions: tuple[Session, ...]
    pins: tuple[Pin, ...]
    moves: tuple[Session, ...]
    dropped: tuple[tuple[UUID, int], ...]
    adjustments: tuple[Adjustment, ...]


@dataclass(frozen=True, slots=True)
class Breach(WithMessages):
    """A rule that is or would be broken, and the sentence about it."""

    rule: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Finding(WithMessages):
    """One thing that is known of a week without search; see `scheduler.precheck`."""

    code: str
    severity: str
    path: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Warnings(WithMessages):
    """What a coordinator should look at.

    `problem`: about the facts. `draft`: rules that the draft breaks as the facts are now. `released`: released
    sessions that can no longer take place as they stand, each with the rules that it breaks and whom it concerns.
    """

    sentences: ClassVar[tuple[str, ...]] = ("problem",)

    problem: tuple[str, ...]
    draft: tuple[Breach, ...]
    released: tuple[BrokenSession, ...]


def _origin(timetable: Timetable) -> Origin:
    if timetable.origin is None:
        raise NoDraft(message("there is no draft of {week} yet; plan the week first", week=timetable.week))
    return timetable.origin


def _record_response(record: Any) -> Answer:
    """A record that is no stream's state: its tag is that of its content."""
    answer = json_response(record)
    return Answer(answer.body, etag=of_content(answer.body))


def breaches(sentences: Iterable[object]) -> tuple[Breach, ...]:
    """The scheduler's breaches, or sentences that begin with the rule."""
    broken = (errors.breach(str(sentence)) for sentence in sentences)
    return tuple(Breach(breach["rule"], breach["sentence"]) for breach in broken)


@operations.read(
    "/weeks/{area}/{week}/draft",
    may="weeks.draft.read",
    answers=Draft,
    summary="Read the draft",
    example=examples.DRAFT,
)
def read_draft(context: RequestContext, area: Key, week: Week, at: At = None) -> Answer:
    """With its origin: anybody can make it again from problem, seed and engines. 409 while there is none."""
    _, timetable = area_and_week(context, area, week, at)
    origin = _origin(timetable)

    def written() -> bytes:
        sessions = draft_sessions(timetable, planned_sessions(context.app_state.lyceum.store, timetable))
        draft = Draft(
            timetable.drafts,
            timetable.version,
            origin,
            sessions,
            timetable.pins,
            timetable.moves,
            timetable.dropped,
            timetable.adjustments,
        )
        return json_of(Draft).dump_json(draft)

    derived = context.app_state.lyceum.store.derived
    body = derived.get(WRITTEN_DRAFTS, (), (timetable.id, timetable.version), written)
    return Answer(body, etag=of_version(timetable.version))


@operations.read(
    "/weeks/{area}/{week}/draft/documents/{name}",
    may="weeks.draft.read",
    answers=DOCUMENT,
    summary="Read the problem or the plan that a draft was made from",
    example={"format": "plan/1", "problem": "town 2026-W49", "status": "optimal", "assignments": []},
)
def read_draft_document(
    context: RequestContext,
    area: Key,
    week: Week,
    name: Annotated[str, Path(pattern="^(problem|plan)$", examples=["plan"])],
    at: At = None,
) -> Answer:
    """Its ETag is its content hash."""
    _, timetable = area_and_week(context, area, week, at)
    origin = _origin(timetable)
    digest = origin.problem if name == "problem" else origin.plan
    return Answer(context.app_state.lyceum.store.document(digest), etag=f'"{digest}"')


@operations.read(
    "/weeks/{area}/{week}/problem",
    lane="slow",
    may="weeks.draft.read",
    answers=DOCUMENT,
    summary="Write the problem document of a week",
    example={"format": "problem/1", "name": "town 2026-W49", "venues": [], "volunteers": [], "requests": []},
)
def read_problem(context: RequestContext, area: Key, week: Week, at: At = None) -> Answer:
    """As it would be planned now, or at an earlier time."""
    snapshot = week_snapshot(context, area, week, at)
    body = orjson.dumps(_problem(context, snapshot, at).document)
    return Answer(body, etag=of_content(body))


def _problem(context: RequestContext, snapshot: WeekSnapshot, at: str | None) -> Any:
    return problem_document(context.views(at), snapshot, context.app_state.lyceum.people())


@operations.read(
    "/weeks/{area}/{week}/findings",
    lane="slow",
    may="weeks.draft.read",
    answers=Finding,
    many=True,
    summary="Say what is known of a week before it is planned",
    example=examples.page(
        examples.with_messages(
            {
                "code": "no_lead",
                "severity": "warning",
                "path": "requests[3].topic",
                "sentence": "Nobody can lead robots.",
            },
            "sentence",
        )
    ),
)
def list_findings(
    context: RequestContext,
    area: Key,
    week: Week,
    severity: Literal["error", "warning", "note"] | None = None,
    at: At = None,
) -> Answer:
    """What is wrong with the problem, and what can never be served, without search; errors first."""
    findings = precheck(_problem(context, week_snapshot(context, area, week, at), at).document)
    shown = [
        Finding(finding.code, finding.severity, finding.path, finding.sentence)
        for finding in findings.all
        if severity in (None, finding.severity)
    ]
    return page_response(Finding, Page(shown, None))


@operations.read(
    "/weeks/{area}/{week}/warnings",
    lane="slow",
    may="weeks.draft.read",
    answers=Warnings,
    summary="List what a coordinator should look at",
    example=examples.with_messages(
        {
            "problem": [],
            "draft": [examples.with_messages({"rule": "open", "sentence": "the hall is closed"}, "sentence")],
            "released": [],
        },
        "problem",
    ),
)
def read_warnings(context: RequestContext, area: Key, week: Week, at: At = None) -> Answer:
    """`released` are sessions that can no longer take place as they stand, by whatever has changed since."""
    area_state, _ = area_and_week(context, area, week, at)
    warnings = week_warnings(context.app_state.lyceum, context.views(at), area_state.id, week)
    return _record_response(Warnings(warnings.problem, breaches(warnings.draft), warnings.released))


@operations.read(
    "/weeks/{area}/{week}/pins",
    may="weeks.draft.read",
    answers=Pin,
    many=True,
    summary="List pins",
    example=examples.page({"session": examples.PLACED, "comment": "the choir needs the piano"}),
)
def list_pins(context: RequestContext, area: Key, week: Week, at: At = None) -> Answer:
    _, timetable = area_and_week(context, area, week, at)
    return page_response(Pin, Page(timetable.pins, None))
