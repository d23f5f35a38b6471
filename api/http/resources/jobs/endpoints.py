"""Jobs: slow work about a week, asked for here, done by worker processes; how far it is, stop, and result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query
from starlette.responses import Response

from adapters.access.targets import target_of
from adapters.branches.branches import find_branch
from adapters.jobs import job_queue
from adapters.jobs.job_queries import JobQuery, jobs, waiting_jobs
from adapters.jobs.job_records import Job, JobKind, JobStatus, Point, find_beat, find_result
from adapters.queries.natural_keys import ident
from adapters.queries.paging import Page
from adapters.store.store import Store
from adapters.store.streams import REQUESTS
from adapters.workers import job_kinds
from api.http.framework import examples
from api.http.framework.contexts import Answer, CommandContext, RequestContext, json_response, page_response
from api.http.framework.etags import of_content
from api.http.framework.operations import Accepted, Operations
from api.http.framework.parameters import Key, Week, WeekFilter
from api.http.framework.query_models import ListQuery
from api.http.resources.jobs.event_stream import (
    EXAMPLE,
    LAST_EVENT_ID,
    SILENT,
    Listener,
    answer,
    find_shown_job,
    last_event_of,
)
from api.http.resources.jobs.schemas import (
    ExplainJobForm,
    GapsJobForm,
    PlanJobForm,
    PriceJobForm,
    RepairJobForm,
)
from api.http.resources.weeks.endpoints import area_and_week
from domain.events import NotThere
from domain.messages import message
from domain.request import request_id
from domain.timetable import NoDraft, Timetable

operations = Operations("jobs")

JobId = Annotated[UUID, Path(description="The id that the job was given.")]


class JobList(ListQuery):
    status: Annotated[JobStatus | None, Query()] = None
    kind: Annotated[JobKind | None, Query()] = None
    area: Annotated[str | None, Query(max_length=200, description="In this area and below it, by key.")] = (
        None
    )
    week: WeekFilter | None = None
    sort: Literal["at", "-at"] = "-at"


@dataclass(frozen=True, slots=True)
class JobTold:
    """A job. `place` is the one in the queue, from 1; `progress` the last point, `why` the reason of a failure."""

    id: UUID
    kind: JobKind
    area: str
    week: str
    branch: UUID | None
    by: str
    at: datetime
    asked: dict[str, Any]
    status: JobStatus
    stop: bool
    attempt: int
    place: int | None
    began: datetime | None
    ended: datetime | None
    draft: int | None
    why: str
    progress: Point | None


_ID = "6d1b2b1c-4b7e-4b39-9a39-0b7a5d5c2f10"
_POINT = {
    "number": 7,
    "phase": "improving served",
    "seconds": 12.0,
    "value": 128830,
    "bound": 130200,
    "share": 0.2,
}
_JOB = {
    "id": _ID,
    "kind": "plan",
    "area": "town",
    "week": "2026-W49",
    "branch": None,
    "by": "coordinator-7",
    "at": "2026-11-22T09:00:00Z",
    "asked": {"seconds": 60, "workers": 2, "seed": 0},
    "status": "running",
    "stop": False,
    "attempt": 1,
    "place": None,
    "began": "2026-11-22T09:00:01Z",
    "ended": None,
    "draft": None,
    "why": "",
    "progress": _POINT,
}
_WAITING = {**_JOB, "status": "queued", "place": 1, "attempt": 0, "began": None, "progress": None}
RESULT: dict[str, Any] = {
    "type": "object",
    "description": "As the command line prints it with --json; its keys depend on the kind of job.",
}


# ---- Asking


@operations.command(
    "/weeks/{area}/{week}/plan",
    may="jobs.start",
    answers=Accepted(JobTold),
    summary="Plan a week",
    example={"seconds": 60},
    answer_example=_WAITING,
)
def start_plan(context: CommandContext, form: PlanJobForm, area: Key, week: Week) -> Answer:
    """Makes the next draft of the week, or of one of its branches. One at a time for each, unless asked otherwise."""
    area_state, timetable = area_and_week(context, area, week)
    branch = None
    if form.branch is not None:
        branch = find_branch(context.app_state.lyceum.store, area_state.id, week, form.branch).id
    parameters = job_kinds.plan_parameters(
        seconds=form.seconds,
        workers=form.workers,
        seed=form.seed,
        work=form.work,
        again=form.again,
        tolerance={str(goal): share for goal, share in form.tolerance.items()},
        minimum=form.minimum,
    )
    return _ask(context, timetable, area_state.key, "plan", parameters, branch=branch, beside=form.beside)


@operations.command(
    "/weeks/{area}/{week}/repair",
    may="jobs.start",
    answers=Accepted(JobTold),
    summary="Repair a released week",
    example={"most_sessions": 2, "notice_hours": 24},
    answer_example={**_WAITING, "kind": "repair"},
)
def start_repair(context: CommandContext, form: RepairJobForm, area: Key, week: Week) -> Answer:
    """Makes a draft that changes no more of the last release than it must."""
    area_state, timetable = area_and_week(context, area, week)
    if not timetable.releases:
        raise NotThere(
            message(
                "{week} of {area_state} is not released yet; plan and release it first",
                week=week,
                area_state=area_state.key,
            )
        )
    parameters = job_kinds.repair_parameters(
        seconds=form.seconds,
        seed=form.seed,
        most_sessions=form.most_sessions,
        most_people=form.most_people,
        notice_hours=form.notice_hours,
        moment=form.at,
    )
    return _ask(context, timetable, area_state.key, "repair", parameters, beside=form.beside)


@operations.command(
    "/weeks/{area}/{week}/explain",
    may="jobs.start",
    answers=Accepted(JobTold),
    summary="Ask why a request is not served, or why a session is where it is",
    example={"request": None},
    answer_example={**_WAITING, "kind": "explain"},
)
def start_explain(context: CommandContext, form: ExplainJobForm, area: Key, week: Week) -> Answer:
    """About the latest draft as moved by hand. Every way out was tried on a copy of it."""
    area_state, timetable = area_and_week(context, area, week)
    request = None if form.request is None else ident(form.request, request_id)
    if request is not None and context.views().get(REQUESTS, request) is None:
        raise NotThere(
            message("there is no request {request}; check the spelling", request=str(form.request)[:80])
        )
    _require_draft(timetable)
    return _ask(
        context, timetable, area_state.key, "explain", job_kinds.explain_parameters(request, form.session)
    )


@operations.command(
    "/weeks/{area}/{week}/gaps",
    may="jobs.start",
    answers=Accepted(JobTold),
    summary="Ask what is short",
    example={},
    answer_example={**_WAITING, "kind": "gaps"},
)
def start_gaps(context: CommandContext, form: GapsJobForm, area: Key, week: Week) -> Answer:
    """The volunteers, opened hours and seats that would serve most of those whom the latest draft leaves out."""
    del form
    area_state, timetable = area_and_week(context, area, week)
    _require_draft(timetable)
    return _ask(context, timetable, area_state.key, "gaps", {})


@operations.command(
    "/weeks/{area}/{week}/price",
    may="jobs.start",
    answers=Accepted(JobTold),
    summary="Ask what a minimum for each community costs",
    example={"seconds": 60},
    answer_example={**_WAITING, "kind": "price"},
)
def start_price(context: CommandContext, form: PriceJobForm, area: Key, week: Week) -> Answer:
    """Plans the problem of the latest draft twice, with and without a session for each community before all else."""
    area_state, timetable = area_and_week(context, area, week)
    _require_draft(timetable)
    parameters = job_kinds.price_parameters(seconds=form.seconds, workers=form.workers, seed=form.seed)
    return _ask(context, timetable, area_state.key, "price", parameters)


def _require_draft(timetable: Timetable) -> None:
    if timetable.origin is None:
        raise NoDraft(message("there is no draft of {week} yet; plan the week first", week=timetable.week))


def _ask(
    context: CommandContext,
    timetable: Timetable,
    key: str,
    kind: JobKind,
    parameters: dict[str, Any],
    *,
    branch: UUID | None = None,
    beside: bool = False,
) -> Answer:
    context.match(timetable.version)
    now = context.app_state.lyceum.clock()
    by = context.caller.actor
    job = Job(
        context.app_state.ids(),
        kind,
        timetable.area,
        key,
        timetable.week,
        by,
        now,
        parameters,
        branch=branch,
        beside=beside,
        authority=context.authority_for(target_of(timetable)),
    )
    job_queue.ask(context.unit, job)
    return json_response(
        _shown_job(context.app_state.lyceum.store, job), status=202, location=f"/v1/jobs/{job.id}"
    )


# ---- Looking


def _shown_job(store: Store, job: Job, waiting: Sequence[Job] = ()) -> JobTold:
    beat, _ = find_beat(store, job.id)
    position = next((index for index, waiting_job in enumerate(waiting, 1) if waiting_job.id == job.id), None)
    return JobTold(
        job.id,
        job.kind,
        job.area_key,
        job.week,
        job.branch,
        job.by,
        job.at,
        dict(job.asked),
        job.status,
        job.stop,
        job.attempt,
        position,
        job.began,
        job.ended,
        job.draft,
        job.why,
        beat.last if beat else None,
    )


def _find(context: RequestContext, id: UUID) -> Job:
    job = find_shown_job(context.app_state.lyceum, id)
    context.within(target_of(job))
    return job


@operations.read(
    "/jobs",
    may="jobs.read",
    answers=JobTold,
    many=True,
    summary="List jobs",
    example={"items": [_JOB], "next": None},
)
def list_jobs(context: RequestContext, query: JobList) -> Answer:
    """Those that wait or run, and those that have ended within two weeks."""
    store = context.app_state.lyceum.store
    job_query = JobQuery(query.paging(), context.today, query.area, query.status, query.kind, query.week)
    shown = jobs(store, context.views(), job_query, context.visible())
    if not all(job.is_open for job in shown.items):
        context.app_state.live.catch_up()
    waiting = waiting_jobs(store) if any(job.status == "queued" for job in shown.items) else []
    return page_response(JobTold, Page([_shown_job(store, job, waiting) for job in shown.items], shown.next))


@operations.read("/jobs/{job}", may="jobs.read", answers=JobTold, summary="Read a job", example=_JOB)
def read_job(context: RequestContext, job: JobId) -> Answer:
    state = _find(context, job)
    store = context.app_state.lyceum.store
    body = json_response(
        _shown_job(store, state, waiting_jobs(store) if state.status == "queued" else ())
    ).body
    return Answer(body, etag=of_content(body))


@operations.read(
    "/jobs/{job}/points",
    may="jobs.read",
    answers=Point,
    many=True,
    summary="Read how a job went",
    example=examples.page(_POINT),
)
def list_points(context: RequestContext, job: JobId) -> Answer:
    """The points of its progress, oldest first: those of the last minute, and an even selection of those before."""
    _find(context, job)
    beat, _ = find_beat(context.app_state.lyceum.store, job)
    return page_response(Point, Page(beat.points if beat else (), None))


@operations.stream(
    "/jobs/{job}/progress",
    may="jobs.read",
    summary="Follow a job",
    example=EXAMPLE,
    silent=SILENT,
    parameters=(LAST_EVENT_ID,),
)
def follow_job(context: RequestContext, job: JobId) -> Response:
    """Server-sent events: `state` when its status changes, `progress` about once a second, at last `result`.

    `data` is JSON. A client that comes back with Last-Event-ID misses nothing of the last minute. A job that has ended
    tells its last point and its result at once.
    """
    _find(context, job)
    who = context.caller.account or context.caller.actor
    return answer(
        context.app_state,
        job,
        last_event_of(context.request),
        Listener(who, partial(_still_may, context, job)),
    )


def _still_may(before: RequestContext, job: UUID) -> None:
    """Judge who follows a job as if they came now. Raises a problem, or NotThere."""
    context = RequestContext(before.app_state, before.request, before.operation)
    context.admit()
    _find(context, job)


@operations.read(
    "/jobs/{job}/result",
    may="jobs.read",
    answers=RESULT,
    summary="Read the result of a job",
    example={"draft": 2, "made": True, "status": "feasible", "sessions": 514, "unserved": 31},
)
def read_result(context: RequestContext, job: JobId) -> Answer:
    """404 while there is none: the job itself says whether it runs, was stopped too early, or failed."""
    state = _find(context, job)
    body = find_result(context.app_state.lyceum.store, job)
    if body is None:
        raise job_queue.NoResult(
            message(
                "job {job} has no result: it is {status}{why}",
                job=job,
                status=state.status,
                why=state.why and ", " + state.why,
            )
        )
    return Answer(body, etag=of_content(body))


# ---- Stopping


@operations.command(
    "/jobs/{job}/stop",
    may="jobs.stop",
    answers=JobTold,
    summary="Stop a job and keep the best",
    answer_example={**_JOB, "stop": True},
)
def stop_job(context: CommandContext, job: JobId) -> Answer:
    """The best plan so far becomes a draft, within seconds. One that nobody has begun just ends."""
    _find(context, job)
    context.match(0)  # a job has no version that If-Match could name
    return json_response(_shown_job(context.app_state.lyceum.store, job_queue.ask_to_stop(context.unit, job)))
