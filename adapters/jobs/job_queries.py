"""Queries about jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from adapters.jobs.job_queue import ended_jobs, in_turn, open_jobs
from adapters.jobs.job_records import Job, JobKind, JobStatus
from adapters.queries.area_queries import below
from adapters.queries.paging import Page, Paging, SortKey, Visible, page, seen
from adapters.store.store import Store
from adapters.store.views import Views


@dataclass(frozen=True, slots=True)
class JobQuery:
    """Which jobs: on `day` about the area of the key `area` or those below, and so on; None of a filter: all."""

    paging: Paging
    day: date
    area: str | None = None
    status: JobStatus | None = None
    kind: JobKind | None = None
    week: str | None = None


_KEYS: dict[str, SortKey[Job]] = {"at": lambda job: job.at.isoformat()}


def jobs(store: Store, views: Views, query: JobQuery, visible: Visible) -> Page[Job]:
    """Jobs that wait, run or have ended lately. Raises NotThere for an unknown area, or BadCursor."""
    within = below(views, query.area, query.day)
    by_id = {job.id: job for job, _ in open_jobs(store)}
    by_id |= {job.id: job for job in ended_jobs(store)}  # each once, also one that ends while they are read
    matching = (
        job
        for job in by_id.values()
        if job.area in within
        and query.status in (None, job.status)
        and query.kind in (None, job.kind)
        and query.week in (None, job.week)
    )
    return page(seen(matching, visible, "job"), _KEYS, lambda job: str(job.id), query.paging)


def waiting_jobs(store: Store) -> list[Job]:
    """Jobs in the queue, the next one first."""
    return in_turn([job for job, _ in open_jobs(store)])
