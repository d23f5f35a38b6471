"""Worker loop: claims the next job, gives heartbeats while it runs, and ends it once.

The work runs in the thread of the caller, the heartbeats in one of their own. A worker that is to end, such as on
SIGTERM, gives its job back with the best plan so far. One that was killed gives nothing back; its beats stop, and
another goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Any

from eventsourcing.persistence import IntegrityError

import scheduler
from adapters.application.application import Lyceum
from adapters.jobs import job_queue
from adapters.jobs.job_queue import Claim, ClaimLost, JobOutcome, LeaseWatch
from adapters.jobs.job_records import Beat, Job, find_best
from adapters.processes.background_process import NothingYet
from adapters.store.engines import Writes
from adapters.store.store import DATABASE_FAULTS, Conflict
from adapters.workers.job_kinds import WORK
from domain.calendar import NotAWeek, OutOfCalendar
from domain.events import Refused
from scheduler import MalformedDocument
from scheduler.explain import UnknownRequest
from scheduler.processes import Mistake, ProcessLost

LEASE_S = 20.0
BEAT_S = 1.0
POLL_S = 0.5
KEEP_S = 5.0  # after which a plan that serves more is kept
KEEP_ANYHOW_S = 30.0  # the same where it may be better otherwise
SWEEP_S = 3600.0
LEFT: tuple[type[Exception], ...] = (*DATABASE_FAULTS, ProcessLost)
REFUSALS = (Refused, MalformedDocument, NotAWeek, OutOfCalendar, UnknownRequest)


Say = Callable[..., object]  # told what happens: an event in a few words, and what it is about by name


class Interrupted(Exception):
    """Work that goes no further here: this worker is to end, or has lost the job. `best` is what it leaves."""

    def __init__(self, best: list[Any] | None = None) -> None:
        super().__init__("the work was interrupted")
        self.best = best


def _silent(_: str, **__: Any) -> None:
    """Says nothing."""


class Worker:
    """Takes one job at a time.

    Parameters
    ----------
    lyceum
        The application, of this worker alone.
    name
        Nobody else's as long as this worker lives. What its forerunner of the same name left it takes up at once.
    lease_s
        After so many seconds without a beat a job is taken from its worker; the same for all workers of a database.
    leaving
        Asked now and then; once it says True the worker gives back what it has and ends.
    say
        Told what happens.
    """

    def __init__(
        self,
        lyceum: Lyceum,
        name: str,
        *,
        lease_s: float = LEASE_S,
        leaving: Callable[[], bool] = lambda: False,
        say: Say = _silent,
    ) -> None:
        self.lyceum, self.name, self.leaving, self.say = lyceum, name, leaving, say
        self.beat_s = min(BEAT_S, lease_s / 4)
        self._watch = LeaseWatch(lease_s)
        self._swept: float | None = None

    def run(self, *, until_idle: bool = False) -> None:
        """Work until this worker is to leave, or with `until_idle` until nothing waits and nothing runs elsewhere."""
        while not self.leaving():
            try:
                worked = self.once() or self._followed()
            except DATABASE_FAULTS as fault:
                self.say("the database does not answer", fault=type(fault).__name__)
                worked = False
            if until_idle and not worked and not job_queue.open_jobs(self.lyceum.store):
                return
            if not worked:
                time.sleep(POLL_S)

    def once(self) -> bool:
        """Do the next job to its end; False where none waits."""
        self._sweep()
        try:
            claim = job_queue.claim(self.lyceum, self.name, self._watch, time.monotonic())
        except Conflict:
            return True  # others were faster, again and again; there may be more
        if claim is None:
            return False
        self._do(claim)
        return True

    def _followed(self) -> bool:
        """Whether the read side missed events, as where a process was killed between saving and following them."""
        views = self.lyceum.views
        behind = views.position < self.lyceum.store.position()
        if behind:
            views.catch_up()
        return behind

    def _do(self, claim: Claim) -> None:
        job = claim.job
        about = {"job": str(job.id), "kind": job.kind, "week": job.week, "attempt": job.attempt}
        self.say("job begun", **about)
        self.lyceum.actor = job.by
        run = JobRun(self.lyceum, claim, self.beat_s, self.leaving)
        run.start()
        try:
            outcome = self._outcome(run)
        finally:
            run.close()
        self.say(outcome, **about)

    def _outcome(self, run: JobRun) -> str:
        """Work, and end the job if the work has not; what became of it."""
        try:
            result = WORK[run.job.kind](self.lyceum, run)
            run.end(result=result, draft=result.get("draft") if isinstance(result, dict) else None)
        except NothingYet:
            run.end()
        except ClaimLost:
            return "job lost to another worker"
        except Interrupted as interrupted:
            with suppress(ClaimLost):
                job_queue.give_back(self.lyceum, run.settled(), interrupted.best)
            return "job given back"
        except REFUSALS as refused:
            return self._failed(run, str(refused))
        except LEFT as fault:
            self.say("job left to whoever claims it next", job=str(run.job.id), fault=type(fault).__name__)
            return "job left"
        except Exception as mistake:  # noqa: BLE001 - one job must not take the worker with it
            self.say("a mistake of the program", job=str(run.job.id), exc_info=mistake)
            kind = str(mistake) if isinstance(mistake, Mistake) else type(mistake).__name__
            return self._failed(run, f"the program made a mistake ({kind}); please report it")
        return "job ended"

    def _failed(self, run: JobRun, why: str) -> str:
        with suppress(ClaimLost):
            run.end(why=why)
        return "job failed"

    def _sweep(self) -> None:
        """Forget old jobs, now and then."""
        now = time.monotonic()
        if self._swept is None or now - self._swept > SWEEP_S:
            self._swept = now
            job_queue.tidy(self.lyceum, self.lyceum.clock())


class JobRun:
    """One claim while it is worked on; a `job_kinds.Run`."""

    def __init__(self, lyceum: Lyceum, claim: Claim, beat_s: float, leaving: Callable[[], bool]) -> None:
        self.job: Job = claim.job
        self._lyceum, self._claim, self._beat_s, self._leaving = lyceum, claim, beat_s, leaving
        self._began, last = time.monotonic(), claim.beat.last
        self._spent_s = last.seconds if last else 0.0
        self._best_before = find_best(lyceum.store, claim.job.id)
        self._lock, self._over = Lock(), Event()
        self._point: dict[str, Any] = {}
        self._best: list[Any] | None = None
        self._last_saved: tuple[int, float] | None = None
        self._stop_requested, self._lost, self._leave_noticed = claim.job.stop, False, False
        self._ended = False
        self._thread = Thread(target=self._beats, name="beats", daemon=True)

    # ---- What work asks

    @property
    def spent_s(self) -> float:
        return self._spent_s

    @property
    def best(self) -> list[Any] | None:
        return self._best_before

    def follow(self, progress: scheduler.Progress) -> None:
        point = {
            "phase": progress.phase,
            "seconds": self.seconds,
            "value": progress.served,
            "bound": progress.bound,
            "share": progress.share,
        }
        now = time.monotonic()
        with self._lock:
            self._point = point
        if self._is_worth_saving(progress.served, now):
            best = progress.plan()  # only here, in the thread of the search, does it hold together
            self._last_saved = progress.served, now
            with self._lock:
                self._best = best

    def _is_worth_saving(self, served: int, now: float) -> bool:
        if self._last_saved is None or not self._last_saved[0]:
            return served > 0
        before, saved_at = self._last_saved
        return now - saved_at >= (KEEP_S if served > before else KEEP_ANYHOW_S)

    def step(self, phase: str, done: float, total: float) -> None:
        share = done / total if total else 0.0
        with self._lock:
            self._point = {"phase": phase, "seconds": self.seconds, "share": share}

    def check(self) -> None:
        if self._lost or self._leaving():
            raise Interrupted

    def should_stop(self) -> bool:
        if self._lost or self._stop_requested:
            return True
        self._leave_noticed = self._leave_noticed or self._leaving()
        return self._leave_noticed

    def ends(self, result: Any, draft: int | None = None, best: list[Any] | None = None) -> Writes:
        if self._leave_noticed and not self._stop_requested:
            raise Interrupted(best)
        if self._stop_requested and best == []:
            raise NothingYet
        rows = job_queue.ending(self._lyceum, *self._ending(result, draft, ""))
        self._ended = True
        return rows

    # ---- What the worker asks

    @property
    def seconds(self) -> float:
        return round(self._spent_s + time.monotonic() - self._began, 1)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join()

    def settled(self) -> Claim:
        """The claim, once no beat changes it any more. Raises ClaimLost."""
        self.close()
        if self._lost:
            raise ClaimLost(f"job {self.job.id} is no longer that of {self.job.worker}")
        return self._claim

    def end(self, *, result: Any = None, draft: int | None = None, why: str = "") -> None:
        """End the job, unless the work has ended it together with what it saved. Raises ClaimLost."""
        if self._ended and not why:
            return
        job_queue.end_job(self._lyceum, *self._ending(result, draft, why))

    def _ending(self, result: Any, draft: int | None, why: str) -> tuple[Claim, JobOutcome]:
        claim = self.settled()
        closing = {**self._last(claim.beat), "phase": "ended", "seconds": self.seconds, "share": 1.0}
        served = result.get("goals", {}).get("served") if isinstance(result, dict) else None
        if served is not None:
            closing |= {"value": served["value"], "bound": served["bound"]}
        return claim, JobOutcome(result, draft, why, claim.beat.grown(**closing))

    def _last(self, beat: Beat) -> dict[str, Any]:
        """What is known at the end of a search."""
        point, last = self._point, beat.last
        known = {} if last is None else {"value": last.value, "bound": last.bound}
        return known | point

    # ---- Beats

    def _beats(self) -> None:
        while not self._over.wait(self._beat_s) and not self._lost:
            try:
                self._beat()
            except (ClaimLost, IntegrityError):
                self._lost = True
            except DATABASE_FAULTS:  # it may come back before anybody else has the job
                continue

    def _beat(self) -> None:
        job, _ = job_queue.still_mine(self._lyceum.store, self._claim)
        self._stop_requested = self._stop_requested or job.stop
        with self._lock:
            point, self._point = self._point, {}
            best, self._best = self._best, None
        beat: Beat = self._claim.beat.grown(**point) if point else self._claim.beat
        self._claim = job_queue.give_beat(self._lyceum.store, self._claim, beat, best)
