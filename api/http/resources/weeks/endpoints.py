"""Weeks: the timetable of an area and an ISO week, as it is released for everybody to read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Path, Query

from adapters.access.targets import Target
from adapters.queries.area_queries import area_named
from adapters.queries.paging import Page
from adapters.queries.timetable_queries import timetable_of
from adapters.store.mapper import json_of
from adapters.week.plan_documents import planned_sessions
from adapters.week.released_timetables import FILTERS, PublicSession, ReleaseEdition, edition_of
from adapters.week.week_snapshot import WeekSnapshot, snapshot_of
from api.http.framework import examples
from api.http.framework.contexts import Answer, RequestContext, joined, json_response, page_response
from api.http.framework.etags import of_content
from api.http.framework.operations import Operations
from api.http.framework.parameters import At, Day, Key, Week
from api.http.framework.query_models import Limit, PastListQuery, QueryModel
from api.http.resources.adjustments.session_lookup import resource_ids
from domain.adjusting import adjusted_before
from domain.calendar import monday
from domain.events import NotThere
from domain.messages import message
from domain.network import Area, name_on
from domain.timetable import (
    CHANGES,
    Adjustment,
    Change,
    Difference,
    NoDraft,
    Release,
    Session,
    Timetable,
    differences,
    draft_sessions,
    find_release,
    latest_release,
)

operations = Operations("weeks")


@dataclass(frozen=True, slots=True)
class ReleaseNote:
    """A numbered release: `sessions` is how many it holds."""

    number: int
    name: str
    draft: int
    at: datetime
    sessions: int


@dataclass(frozen=True, slots=True)
class WeekSummary:
    """How far a week is. `version` is that of its timetable, 0 before anything was planned."""

    area: str
    name: str
    week: str
    first_day: date
    zone: str
    version: int
    drafts: int
    releases: tuple[ReleaseNote, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """What changes from one release to another; `before` 0 is the empty week, `after` 0 the latest draft.

    `adjustments` say which of the sessions were changed by hand for the later one, by whom and why, as long as no
    later draft has cleared that.
    """

    before: int
    after: int
    counts: dict[Change, int]
    changes: tuple[Difference, ...]
    adjustments: tuple[Adjustment, ...]


class SessionList(PastListQuery):
    release: Annotated[int | None, Query(ge=1, le=100_000, description="Default: the last.")] = None
    venue: Annotated[str | None, Query(max_length=200, description="By key.")] = None
    room: Annotated[str | None, Query(max_length=200, description="By key, within its venue.")] = None
    request: Annotated[str | None, Query(max_length=200, description="By key.")] = None
    function: Annotated[str | None, Query(max_length=80)] = None
    audience: Annotated[str | None, Query(max_length=80)] = None
    day: Annotated[Day | None, Query()] = None
    sort: Literal["time", "-time", "venue", "-venue"] = "time"
    limit: Limit = 100


class DifferenceList(QueryModel):
    before: Annotated[int | None, Query(ge=0, le=100_000, description="Default: the one before.")] = None
    after: Annotated[int | None, Query(ge=1, le=100_000, description="Default: the last.")] = None
    draft: Annotated[
        bool, Query(description="From the last release, or `before`, to the latest draft; `after` is then 0.")
    ] = False
    venue: Annotated[str | None, Query(max_length=200, description="Only what touches it, by key.")] = None
    room: Annotated[
        str | None,
        Query(
            max_length=200,
            pattern="^[^/]+/[^/]+$",
            description="VENUE/ROOM, by keys.",
            examples=["school/hall"],
        ),
    ] = None
    volunteer: Annotated[str | None, Query(max_length=200, description="By key.")] = None
    request: Annotated[str | None, Query(max_length=200, description="By key.")] = None
    at: At = None


def area_and_week(
    context: RequestContext, area: str, week: str, at: str | None = None
) -> tuple[Area, Timetable]:
    """The area and its timetable of the week, blank where nothing was planned; the caller must be let in here."""
    views = context.views(at)
    area_state = area_named(views, area)
    monday(week)
    context.within(Target(area=area_state.id))
    return area_state, timetable_of(views, area_state.id, week)


def week_snapshot(context: RequestContext, area: str, week: str, at: str | None = None) -> WeekSnapshot:
    """Everything that is known of the week, for questions that need it."""
    area_state, _ = area_and_week(context, area, week, at)
    return snapshot_of(context.views(at), area_state.id, week)


def note(release: Release) -> ReleaseNote:
    return ReleaseNote(release.number, release.name, release.draft, release.at, len(release.sessions))


@operations.read(
    "/weeks/{area}/{week}",
    may="weeks.read",
    answers=WeekSummary,
    summary="Say how far a week is",
    example={
        "area": "town",
        "name": "Town",
        "week": "2026-W49",
        "first_day": "2026-11-30",
        "zone": "Asia/Shanghai",
        "version": 3,
        "drafts": 1,
        "releases": [examples.RELEASE_NOTE],
    },
)
def read_week(context: RequestContext, area: Key, week: Week, at: At = None) -> Answer:
    """The ETag is that of the week's timetable: drafts, pins, moves and releases change it."""
    area_state, timetable = area_and_week(context, area, week, at)
    first = monday(week)
    return json_response(
        WeekSummary(
            area_state.key,
            name_on(area_state, first),
            week,
            first,
            area_state.zone,
            timetable.version,
            timetable.drafts,
            tuple(map(note, timetable.releases)),
        )
    )


@operations.read(
    "/weeks/{area}/{week}/releases",
    may="weeks.read",
    answers=ReleaseNote,
    many=True,
    summary="List a week's releases",
    example=examples.page(examples.RELEASE_NOTE),
)
def list_releases(context: RequestContext, area: Key, week: Week, at: At = None) -> Answer:
    _, timetable = area_and_week(context, area, week, at)
    return page_response(ReleaseNote, Page([note(release) for release in timetable.releases], None))


@operations.read(
    "/weeks/{area}/{week}/releases/{number}",
    may="weeks.draft.read",
    answers=Release,
    summary="Read a release with its people",
    example=examples.RELEASE,
)
def read_release(
    context: RequestContext,
    area: Key,
    week: Week,
    number: Annotated[int, Path(ge=1, le=100_000)],
    at: At = None,
) -> Answer:
    """A release is never edited; the next one succeeds it."""
    _, timetable = area_and_week(context, area, week, at)
    release = find_release(timetable, number)
    body = json_of(Release).dump_json(release)
    return Answer(body, etag=of_content(body))


@operations.read(
    "/weeks/{area}/{week}/sessions",
    may="weeks.read",
    answers=PublicSession,
    many=True,
    summary="Read the released timetable",
    example=examples.page(examples.SESSION),
)
def list_sessions(context: RequestContext, area: Key, week: Week, query: SessionList) -> Answer:
    """In order of time. 404 before the first release."""
    edition = _edition(context, area, week, query.release, query.at)
    filters = {name: value for name in FILTERS if (value := getattr(query, name)) is not None}
    shown = edition.page(query.paging(), filters)
    return joined((item.body for item in shown.items), shown.next)


def _edition(
    context: RequestContext, area: str, week: str, release: int | None, at: str | None
) -> ReleaseEdition:
    area_state, timetable = area_and_week(context, area, week, at)
    if at is not None:
        return edition_of(context.views(at), area_state.id, week, release)
    shown = find_release(timetable, release) if release else latest_release(timetable)
    if shown is None:
        raise NotThere(
            message(
                "{week} of {area_state} is not released yet; plan and release it first",
                week=week,
                area_state=area_state.key,
            )
        )
    return context.app_state.editions.edition(context.now, area_state.id, week, shown)


@operations.read(
    "/weeks/{area}/{week}/differences",
    lane="slow",
    may="weeks.draft.read",
    answers=Differences,
    summary="Compare two releases",
    example={
        "before": 0,
        "after": 1,
        "counts": {"new": 1, "moved": 0, "cancelled": 0, "unchanged": 0},
        "changes": [{"change": "new", "before": None, "after": examples.PLACED}],
        "adjustments": examples.DRAFT["adjustments"],
    },
)
def read_differences(context: RequestContext, area: Key, week: Week, query: DifferenceList) -> Answer:
    """New, moved, cancelled and unchanged sessions, in order of time."""
    area_state, timetable = area_and_week(context, area, week, query.at)
    if query.draft:
        compared = _release_and_draft(context, timetable, query)
    elif timetable.releases:
        compared = _two_releases(timetable, query)
    else:
        raise NotThere(
            message(
                "{week} of {area} is not released yet; plan and release it first",
                week=week,
                area=area_state.key,
            )
        )
    resources = resource_ids(
        venue=query.venue, room=query.room, volunteer=query.volunteer, request=query.request
    )
    changes = tuple(
        difference
        for difference in differences(compared.earlier, compared.later)
        if all(difference.touches(resource) for resource in resources)
    )
    counts = {change: sum(difference.change == change for difference in changes) for change in CHANGES}
    touched = {session.key for difference in changes for session in difference.sessions}
    by_hand = tuple(
        adjustment
        for adjustment in compared.adjustments
        if (adjustment.request, adjustment.number) in touched
    )
    body = json_of(Differences).dump_json(
        Differences(compared.before, compared.after, counts, changes, by_hand)
    )
    return Answer(body, etag=of_content(body))


@dataclass(frozen=True, slots=True)
class _Compared:
    """The two sides of a comparison by number and sessions, and what was changed by hand for the later one."""

    before: int
    after: int
    earlier: tuple[Session, ...]
    later: tuple[Session, ...]
    adjustments: tuple[Adjustment, ...]


def _two_releases(timetable: Timetable, query: DifferenceList) -> _Compared:
    last = timetable.releases[-1] if query.after is None else find_release(timetable, query.after)
    number = last.number - 1 if query.before is None else query.before
    earlier = find_release(timetable, number).sessions if number else ()
    return _Compared(number, last.number, earlier, last.sessions, adjusted_before(timetable, last))


def _release_and_draft(context: RequestContext, timetable: Timetable, query: DifferenceList) -> _Compared:
    if timetable.origin is None:
        raise NoDraft(message("there is no draft of {week} yet; plan the week first", week=timetable.week))
    last = latest_release(timetable)
    number = query.before if query.before is not None else last.number if last else 0
    earlier = find_release(timetable, number).sessions if number else ()
    later = draft_sessions(timetable, planned_sessions(context.app_state.lyceum.store, timetable))
    return _Compared(number, 0, earlier, later, timetable.adjustments)
