"""Records of jobs: parameters, progress and outcome, with ids alone and nothing personal.

The rows of a job are in the table `jobs`: the job itself in the collection of open or of ended jobs; its beat, which
its worker writes about once a second; the best plan so far; and its result.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

from adapters.store.mapper import json_of
from adapters.store.rows import Row, Table
from adapters.store.store import Store
from domain.account import Authority
from domain.timetable import timetable_id

JobKind: TypeAlias = Literal["plan", "repair", "explain", "gaps", "price"]
JobStatus: TypeAlias = Literal["queued", "running", "done", "stopped", "failed"]

TABLE: Table = "jobs"
OPEN, ENDED, BEAT, BEST, RESULT, GUARD = "open", "ended", "beat", "best", "result", "guard"
DRAFTING: frozenset[JobKind] = frozenset({"plan", "repair"})  # of these one at a time for each week
RECENT_POINTS = 60  # kept in full: a listener that comes back misses nothing of the last minute
MOST_OLDER_POINTS = 60


@dataclass(frozen=True, slots=True)
class Point:
    """How far a job was; `number` rises by one from point to point.

    `seconds` of work over all attempts; `value` and a proven `bound` on `served`, where the job is a search; `share` of
    what it may take, from 0 to 1.
    """

    number: int
    phase: str
    seconds: float
    value: int | None = None
    bound: int | None = None
    share: float = 0.0

    @property
    def gap(self) -> float | None:
        """The part of the bound that the value misses; None as long as there is no bound."""
        if self.value is None or self.bound is None:
            return None
        return (self.bound - self.value) / self.bound if self.bound else 0.0


@dataclass(frozen=True, slots=True)
class Beat:
    """The sign of life of who works on a job, and its points, oldest first. `count` rises with every beat."""

    worker: str
    attempt: int
    count: int = 0
    points: tuple[Point, ...] = ()

    @property
    def last(self) -> Point | None:
        return self.points[-1] if self.points else None

    def grown(self, **point: Any) -> Beat:
        """The beat with one more point; of points before the recent ones an even selection is kept."""
        number = self.last.number + 1 if self.last else 1
        points = (*self.points, Point(number, **point))
        older, recent = list(points[:-RECENT_POINTS]), points[-RECENT_POINTS:]
        if len(older) > MOST_OLDER_POINTS:
            inner = range(1, len(older) - 1)
            del older[min(inner, key=lambda index: older[index + 1].number - older[index - 1].number)]
        return replace(self, points=(*older, *recent))


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of slow work about the week of an area.

    Attributes
    ----------
    by : str
        Who asked, by id; the draft's events carry it too.
    asked : dict
        The parameters of its kind; see `job_kinds`.
    branch : UUID, optional
        The what-if branch that it is about; None for the truth.
    beside : bool
        Whether it may run beside another that makes a draft of the same week.
    stop : bool
        Whether somebody asked to stop it and keep the best.
    attempt, worker
        How often it was begun, and who has it now; "" where nobody has.
    draft : int, optional
        The number of the draft that it made, or that stood already.
    why : str
        In one sentence why it failed.
    authority : Authority, optional
        By whose right it was asked for; where that no longer holds when its turn comes, it is not begun.
    """

    id: UUID
    kind: JobKind
    area: UUID
    area_key: str
    week: str
    by: str
    at: datetime
    asked: Mapping[str, Any]
    branch: UUID | None = None
    beside: bool = False
    status: JobStatus = "queued"
    stop: bool = False
    attempt: int = 0
    worker: str = ""
    began: datetime | None = None
    ended: datetime | None = None
    draft: int | None = None
    why: str = ""
    authority: Authority | None = None

    @property
    def is_open(self) -> bool:
        return self.status in ("queued", "running")

    @property
    def subject(self) -> UUID:
        """What it makes a draft of: a branch, or the week's timetable."""
        return self.branch or timetable_id(self.area, self.week)


# ---- Rows


def job_row(job: Job, before: bytes | None) -> tuple[Table, Row]:
    return TABLE, Row(OPEN if job.is_open else ENDED, str(job.id), written(job), str(job.area), before)


def beat_row(job: Job, beat: Beat, before: bytes | None) -> tuple[Table, Row]:
    return TABLE, Row(BEAT, str(job.id), written(beat), before=before)


def best_row(job: Job, assignments: list[Any] | None) -> tuple[Table, Row]:
    """The write that keeps the best plan so far, or erases it where None."""
    body = None if assignments is None else gzip.compress(json.dumps(assignments).encode(), 1, mtime=0)
    return TABLE, Row(BEST, str(job.id), body)


def result_row(job: Job, result: Any) -> tuple[Table, Row]:
    return TABLE, Row(RESULT, str(job.id), json.dumps(result, ensure_ascii=False).encode())


def guard_row(job: Job, *, gone: bool = False) -> tuple[Table, Row]:
    """What makes sure that only one job at a time makes a draft of a week."""
    own = str(job.id).encode()
    if gone:
        return TABLE, Row(GUARD, str(job.subject), None, before=own)
    return TABLE, Row(GUARD, str(job.subject), own, before=b"")


def written(record: Job | Beat) -> bytes:
    return json_of(type(record)).dump_json(record)


def read_job(body: bytes) -> Job:
    job: Job = json_of(Job).validate_json(body)
    return job


def find_beat(store: Store, id: UUID) -> tuple[Beat | None, bytes]:
    """The beat, and its bytes; of a job that nobody has begun there is none."""
    body = store.rows(TABLE).get(BEAT, str(id))
    return (json_of(Beat).validate_json(body), body) if body else (None, b"")


def find_best(store: Store, id: UUID) -> list[Any] | None:
    """The assignments of the best plan that was kept so far."""
    body = store.rows(TABLE).get(BEST, str(id))
    return None if body is None else json.loads(gzip.decompress(body))


def find_result(store: Store, id: UUID) -> bytes | None:
    return store.rows(TABLE).get(RESULT, str(id))
