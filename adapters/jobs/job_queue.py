"""Job queue with leases, by compare and swap of rows: which job is next, who has it, and when it is over.

A worker claims a job by changing its row, which only one can do; it then gives a heartbeat. Where the beats have
stopped for as long as the lease, counted on the observer's clock, another claims the job. What a job leaves is saved
together with its end, and the end needs the row to be as the worker left it: so a job ends exactly once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from adapters.access.rights import Rights
from adapters.application.unit_of_work import Repository, UnitOfWork, command
from adapters.jobs.job_records import (
    BEAT,
    DRAFTING,
    ENDED,
    OPEN,
    RESULT,
    TABLE,
    Beat,
    Job,
    JobStatus,
    Point,
    beat_row,
    best_row,
    find_beat,
    guard_row,
    job_row,
    read_job,
    result_row,
    written,
)
from adapters.store.rows import Row, Table
from adapters.store.store import Store
from domain.events import NotThere, Refused
from domain.messages import message
from domain.timetable import require_near

MOST_OPEN = 500  # jobs that wait or run
MOST_OPEN_OF_ONE = 50  # of whoever asks
MOST_ATTEMPTS = 3  # after which a job that takes its worker down is given up
KEPT_DAYS = 14
Writes = list[tuple[Table, Row]]


class Planning(Refused):
    """A job that makes a draft of a week while another does."""

    def __init__(self, rival: UUID, week: str) -> None:
        super().__init__(
            f"job {rival} is making a draft of {week}; stop it, wait for it, or ask with beside=true"
        )
        self.rival = rival


class TooManyJobs(Refused):
    """A job beyond what may wait at once."""


class JobEnded(Refused):
    """A command to a job that is over."""


class NoResult(NotThere):
    """The result of a job that has none, or none yet."""


class ClaimLost(Exception):
    """Whoever worked on a job no longer has it."""


# ---- Asking


@command
def ask(unit: UnitOfWork, job: Job) -> Job:
    """Put a job into the queue. Raises Planning, TooManyJobs or OutOfCalendar."""
    if job.kind in DRAFTING:
        require_near(job.week, unit.metadata())
    open_now = [open_job for open_job, _ in open_jobs(unit.store)]
    if len(open_now) >= MOST_OPEN or sum(open_job.by == job.by for open_job in open_now) >= MOST_OPEN_OF_ONE:
        raise TooManyJobs(
            message(
                "{count} jobs are open; wait until some of them have ended, or stop some", count=len(open_now)
            )
        )
    guards: Writes = []
    if job.kind in DRAFTING and not job.beside:
        for open_job in open_now:
            if open_job.kind in DRAFTING and open_job.subject == job.subject:
                raise Planning(open_job.id, job.week)
        guards = [guard_row(job)]
    unit.commit((), [job_row(job, b""), *guards])
    return job


@command
def ask_to_stop(unit: UnitOfWork, id: UUID) -> Job:
    """Have a job stop and keep the best that it has; one that nobody has begun ends at once. Raises JobEnded."""
    job, known = find_job(unit.store, id)
    if not job.is_open:
        raise JobEnded(message("job {id} is over: {status}; ask for its result", id=id, status=job.status))
    if job.stop:
        return job
    if job.began is None:
        ended = replace(job, stop=True, status="stopped", ended=unit.clock())
        unit.commit((), _moved(job, known, ended))
        return ended
    stopping = replace(job, stop=True)
    unit.commit((), [job_row(stopping, known)])
    return stopping


# ---- Looking


def open_jobs(store: Store) -> list[tuple[Job, bytes]]:
    """Jobs that wait or run, with their bytes, in the order in which they were asked for."""
    rows = store.rows(TABLE).select(OPEN)
    jobs = [(read_job(row.body), row.body) for row in rows if row.body is not None]
    return sorted(jobs, key=lambda entry: (entry[0].at, entry[0].id))


def ended_jobs(store: Store) -> list[Job]:
    return [read_job(row.body) for row in store.rows(TABLE).select(ENDED) if row.body is not None]


def find_job(store: Store, id: UUID) -> tuple[Job, bytes]:
    """A job, and its bytes. Raises NotThere."""
    for collection in (OPEN, ENDED):  # in this order: a job goes from the one to the other, never back
        body = store.rows(TABLE).get(collection, str(id))
        if body is not None:
            return read_job(body), body
    raise NotThere(
        message(
            "there is no job {id}; jobs that have ended are forgotten after {kept_days} days",
            id=id,
            kept_days=KEPT_DAYS,
        )
    )


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """How many jobs wait, and those that run, each with its last point."""

    queued: int
    running: tuple[tuple[Job, Point | None], ...]

    @property
    def gaps(self) -> dict[UUID, float]:
        """The gap of each running search that has a bound: the part of the bound that its best plan misses."""
        by_job = {job.id: point.gap for job, point in self.running if point is not None}
        return {id: gap for id, gap in by_job.items() if gap is not None}


def queue_status(store: Store) -> QueueStatus:
    """For metrics: two or more small queries, so ask every few seconds and not at each request."""
    jobs = [job for job, _ in open_jobs(store)]
    running = [job for job in jobs if job.status == "running"]
    points = ((job, find_beat(store, job.id)[0]) for job in running)
    return QueueStatus(
        len(jobs) - len(running), tuple((job, beat.last if beat else None) for job, beat in points)
    )


def in_turn(jobs: list[Job]) -> list[Job]:
    """The jobs that wait, in the order in which they will be claimed (round robin over who asked).

    What runs counts as a turn that was had; among equals the one that waits longest comes first.
    """
    turns = Counter(job.by for job in jobs if job.status == "running")
    ranked = []
    for job in sorted((job for job in jobs if job.status == "queued"), key=lambda job: (job.at, job.id)):
        ranked.append((turns[job.by], job.at, job.id, job))
        turns[job.by] += 1
    return [job for *_, job in sorted(ranked, key=lambda row: row[:3])]


# ---- Claiming


RIGHT_IS_OVER = "whoever asked for it may no longer; ask for it again if it is still needed"


def not_begun(job: Job, body: bytes, moment: datetime) -> Writes:
    """The writes that end a job whose right is over: it leaves nothing."""
    ended = replace(job, status="failed", ended=moment, why=RIGHT_IS_OVER, worker="")
    return [*_moved(job, body, ended), best_row(job, None)]


class RightOver(Refused):
    """A job whose asker lost the right to it while it ran."""


class LeaseWatch:
    """Detects dead workers: their jobs run, and their beats have not moved for as long as the lease."""

    def __init__(self, lease_s: float) -> None:
        self.lease_s = lease_s
        self._seen: dict[UUID, tuple[tuple[str, int, int], float]] = {}

    def lost(self, store: Store, running: list[Job], now_s: float) -> Iterator[Job]:
        """The running jobs that nobody works on any more; `now_s` on a clock that only goes forward."""
        self._seen = {job.id: self._seen[job.id] for job in running if job.id in self._seen}
        for job in running:
            beat, _ = find_beat(store, job.id)
            sign = (job.worker, job.attempt, beat.count if beat else 0)
            if job.id not in self._seen or self._seen[job.id][0] != sign:
                self._seen[job.id] = sign, now_s
            elif now_s - self._seen[job.id][1] >= self.lease_s:
                yield job


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that a worker has, its beat, and the bytes of both rows as the worker left them."""

    job: Job
    beat: Beat
    beat_bytes: bytes


@command
def claim(unit: UnitOfWork, worker: str, watch: LeaseWatch, now_s: float) -> Claim | None:
    """Take the next job; None where none waits. Jobs before it that cannot be done end."""
    store = unit.store
    known = {job.id: (job, body) for job, body in open_jobs(store)}
    jobs = [job for job, _ in known.values()]
    running = [job for job in jobs if job.status == "running"]
    own = [
        job for job in running if job.worker == worker
    ]  # a worker that starts has none: its forerunner died
    rights = Rights.of_events(store)
    for job in [
        *own,
        *watch.lost(store, [job for job in running if job.worker != worker], now_s),
        *in_turn(jobs),
    ]:
        body = known[job.id][1]
        if not rights.is_effective(job.authority):
            unit.commit((), not_begun(job, body, unit.clock()))
            continue
        if job.attempt < MOST_ATTEMPTS:
            return _take(unit, job, body, worker)
        why = f"whoever worked on it was lost {MOST_ATTEMPTS} times; the week may need more memory than there is"
        given_up = replace(job, status="failed", ended=unit.clock(), why=why)
        unit.commit((), [*_moved(job, body, given_up), best_row(job, None)])
    return None


def _take(unit: UnitOfWork, job: Job, body: bytes, worker: str) -> Claim:
    began = job.began or unit.clock()
    taken = replace(job, status="running", worker=worker, attempt=job.attempt + 1, began=began)
    before, known = find_beat(unit.store, job.id)
    points = before.points if before else ()
    seconds, value, bound = (before.last.seconds, before.last.value, before.last.bound) if before and before.last else (
        0.0, None, None)  # fmt: skip
    phase = "reading the week" if not before else "picked up again"
    beat = Beat(worker, taken.attempt, points=points).grown(
        phase=phase, seconds=seconds, value=value, bound=bound
    )
    unit.commit((), [job_row(taken, body), beat_row(taken, beat, known)])
    return Claim(taken, beat, written(beat))


# ---- While it is worked on


def give_beat(store: Store, claim: Claim, beat: Beat, best: list[Any] | None) -> Claim:
    """Give a sign of life, and keep the best plan so far where there is a new one.

    Saved by itself and never begun again: whoever loses this race (IntegrityError) has lost the job.
    """
    following = replace(beat, count=claim.beat.count + 1)
    rows = [beat_row(claim.job, following, claim.beat_bytes)]
    if best is not None:
        rows.append(best_row(claim.job, best))
    store.save((), rows)
    return replace(claim, beat=following, beat_bytes=written(following))


def still_mine(store: Store, claim: Claim) -> tuple[Job, bytes]:
    """The job as it is now. Raises ClaimLost."""
    body = store.rows(TABLE).get(OPEN, str(claim.job.id))
    job = None if body is None else read_job(body)
    if job is None or body is None or (job.worker, job.attempt) != (claim.job.worker, claim.job.attempt):
        raise ClaimLost(f"job {claim.job.id} is no longer that of {claim.job.worker}")
    return job, body


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """What a job leaves: its result, the draft that it made, why it failed, and its last beat."""

    result: Any
    draft: int | None
    why: str
    beat: Beat


def ending(repository: Repository, claim: Claim, end: JobOutcome) -> Writes:
    """The writes that end a job, for the transaction of what it leaves; asked anew after a lost race.

    Raises ClaimLost or RightOver.
    """
    job, body = still_mine(repository.store, claim)
    if not end.why and not Rights.of_events(repository.store).is_effective(job.authority):
        raise RightOver(RIGHT_IS_OVER)
    status: JobStatus = "failed" if end.why else "stopped" if job.stop else "done"
    ended = replace(job, status=status, ended=repository.clock(), draft=end.draft, why=end.why, worker="")
    rows = [*_moved(job, body, ended), best_row(job, None), beat_row(job, end.beat, claim.beat_bytes)]
    return rows if end.why or end.result is None else [*rows, result_row(job, end.result)]


@command
def end_job(unit: UnitOfWork, claim: Claim, end: JobOutcome) -> None:
    """End a job that leaves no draft. Raises ClaimLost or RightOver."""
    unit.commit((), ending(unit, claim, end))


@command
def give_back(unit: UnitOfWork, claim: Claim, best: list[Any] | None) -> None:
    """Let another go on, because this worker is to end. Raises ClaimLost."""
    job, body = still_mine(unit.store, claim)
    unit.commit((), [job_row(replace(job, status="queued", worker="", attempt=job.attempt - 1), body)])
    if best is not None:
        unit.commit((), [best_row(job, best)])


def _moved(job: Job, body: bytes, ended: Job) -> Writes:
    """The writes that move a job from the collection of open jobs to that of ended ones."""
    rows = [(TABLE, Row(OPEN, str(job.id), None, before=body)), job_row(ended, b"")]
    if job.kind in DRAFTING and not job.beside:
        rows.append(guard_row(job, gone=True))
    return rows


# ---- Forgetting


@command
def tidy(unit: UnitOfWork, now: datetime) -> int:
    """Forget the jobs that ended long ago; how many."""
    last = now - timedelta(days=KEPT_DAYS)
    old = [job for job in ended_jobs(unit.store) if job.ended is not None and job.ended < last]
    rows = [
        (TABLE, Row(collection, str(job.id), None)) for job in old for collection in (ENDED, BEAT, RESULT)
    ]
    unit.commit((), rows)
    return len(old)
