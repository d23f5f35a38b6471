"""Decide what each kind of job does: the same functions that the command line calls, with what was asked.

A function here takes the application, which acts as whoever asked, and the run that it belongs to; it gives the result,
plain values. What makes a draft saves it with `Run.ends`, so that draft and end of the job are one transaction.

A job on a what-if branch is a "plan" with `Job.branch`: `_plan` hands it to `plan_branch`, which plans the branch's own
facts and keeps the draft there. Another kind that a branch shall have hooks in likewise, where its function begins;
whoever asks for it calls `queue.ask` with `Job.branch` set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import scheduler
from adapters.application.application import Lyceum
from adapters.branches.branch_planning import plan_branch
from adapters.jobs.job_records import Job, Kind
from adapters.processes import background_process
from adapters.services.planning import Also, Draft, Effort, plan_week
from adapters.services.repairing import repair_week
from adapters.store.engines import Writes
from adapters.week.plan_documents import Document, load_timetable, planned_sessions, read_document
from adapters.week.problem_document import assignment_of
from domain.timetable import NoDraft, draft_sessions

LEAST_S = 2.0  # for a solve that is picked up when its time is nearly over


class Run(Protocol):
    """What a kind of job needs to know of the run that it belongs to."""

    job: Job

    @property
    def spent_s(self) -> float:
        """Seconds that earlier attempts have used."""
        ...

    @property
    def best(self) -> list[Document] | None:
        """The best plan that an earlier attempt has kept."""
        ...

    def follow(self, progress: scheduler.Progress) -> None:
        """Remember how far the search is, and now and then its best plan."""

    def step(self, phase: str, done: float, total: float) -> None:
        """Remember how far other work is."""

    def check(self) -> None:
        """Raises Interrupted where this worker is to end, or has lost the job."""

    def should_stop(self) -> bool: ...

    def ends(self, result: Any, draft: int | None = None, best: list[Document] | None = None) -> Writes:
        """The writes that end the job, for the transaction that keeps its draft.

        Raises ClaimLost, Interrupted, or NothingYet where a stop came before the best held anything.
        """
        ...


Work = Callable[[Lyceum, Run], Any]


def _plan(lyceum: Lyceum, run: Run) -> Any:
    job, asked = run.job, run.job.asked
    counted = asked.get("work")
    left = max(min(LEAST_S, asked["seconds"]), asked["seconds"] - run.spent_s)
    effort = Effort(left, asked["workers"], asked["seed"], counted, aside=True)
    if job.branch is not None:
        draft = plan_branch(
            lyceum,
            job.branch,
            job.by,
            effort=effort,
            again=asked["again"],
            goal_keys=asked["goal_keys"],
            start=None if counted else run.best,
            on_progress=run.follow,
            should_stop=run.should_stop,
            also=_ended_with(run),
        )
        return planned(draft)
    draft = plan_week(
        lyceum,
        job.area,
        job.week,
        effort=effort,
        again=asked["again"],
        goal_keys=asked["goal_keys"],
        on_progress=run.follow,
        should_stop=run.should_stop,
        start=None if counted else run.best,
        also=_ended_with(run),
    )
    return planned(draft)


def _ended_with(run: Run) -> Also:
    return lambda draft: run.ends(planned(draft), draft.number, draft.plan["assignments"])


def planned(draft: Draft) -> dict[str, Any]:
    """What a plan job tells, as `lyceum plan --json` does."""
    return {
        "draft": draft.number,
        "made": draft.made,
        "status": draft.plan["status"],
        "goals": draft.plan["goals"],
        "sessions": len(draft.plan["assignments"]),
        "unserved": len(draft.plan["unserved"]),
        "warnings": list(draft.problem.warnings),
        "reproducible": draft.plan.get("reproducible"),
    }


def _repair(lyceum: Lyceum, run: Run) -> Any:
    job, asked = run.job, run.job.asked
    at = asked["at"]

    def told(draft: Draft, release: int) -> dict[str, Any]:
        return {"draft": draft.number, "made": draft.made, "release": release, **draft.plan["repair"]}

    run.step("repairing", 0, 1)
    repaired = repair_week(
        lyceum,
        job.area,
        job.week,
        budget=scheduler.ChangeBudget(asked["most_sessions"], asked["most_people"]),
        notice_hours=asked["notice_hours"],
        at=None if at is None else datetime.fromisoformat(at),
        effort=Effort(asked["seconds"], 1, asked["seed"], aside=True),
        should_stop=run.should_stop,
        also=lambda one: run.ends(told(one.draft, one.release), one.draft.number),
    )
    return told(repaired.draft, repaired.release)


def _explain(lyceum: Lyceum, run: Run) -> Any:
    """Of every request that is not served, or of one; a stop leaves what has been explained."""
    return _aside("explain", lyceum, run, **run.job.asked)


def _gaps(lyceum: Lyceum, run: Run) -> Any:
    return _aside("gaps", lyceum, run)


def _price(lyceum: Lyceum, run: Run) -> Any:
    """What a minimum for each community costs: the week is planned twice."""
    asked = run.job.asked
    options = {"time_limit_s": asked["seconds"], "workers": asked["workers"], "seed": asked["seed"]}
    return _aside("price", lyceum, run, options=options)


def _aside(what: str, lyceum: Lyceum, run: Run, **given: Any) -> Any:
    """The answer to a question about the latest draft."""
    run.step("reading the draft", 0, 1)
    problem, plan = _documents(lyceum, run.job)

    def should_stop() -> bool:
        run.check()
        return run.should_stop()

    given = {"problem": problem, "plan": plan, **given}
    return background_process.call(what, given, on_step=run.step, should_stop=should_stop)


def _documents(lyceum: Lyceum, job: Job) -> tuple[Document, Document]:
    """The problem that the latest draft was made from, and the draft as moved by hand. Raises NoDraft."""
    timetable = load_timetable(lyceum.store, job.area, job.week)
    if timetable.origin is None:
        raise NoDraft(f"there is no draft of {job.week} yet; plan the week first")
    problem = read_document(lyceum.store, timetable.origin.problem)
    plan = read_document(lyceum.store, timetable.origin.plan)
    if timetable.moves or timetable.dropped:
        sessions = draft_sessions(timetable, planned_sessions(lyceum.store, timetable))
        placed = {str(session.request) for session in sessions}
        left = [
            {"request": one["id"], "reasons": []} for one in problem["requests"] if one["id"] not in placed
        ]
        plan = plan | {"assignments": [assignment_of(session) for session in sessions], "unserved": left}
    return problem, plan


WORK: Mapping[Kind, Work] = {
    "plan": _plan,
    "repair": _repair,
    "explain": _explain,
    "gaps": _gaps,
    "price": _price,
}


# ---- What is asked of each kind


def plan_asked(
    *,
    seconds: float,
    workers: int,
    seed: int,
    work: float | None,
    again: bool,
    tolerance: Mapping[str, float],
    minimum: bool,
) -> dict[str, Any]:
    goal_keys: dict[str, Any] = {"tolerance": dict(tolerance)} if tolerance else {}
    goal_keys |= {"minimum": "area"} if minimum else {}
    return {
        "seconds": seconds,
        "workers": workers,
        "seed": seed,
        "work": work,
        "again": again,
        "goal_keys": goal_keys,
    }


def repair_asked(
    *,
    seconds: float,
    seed: int,
    most_sessions: int | None,
    most_people: int | None,
    notice_hours: float,
    at: datetime | None,
) -> dict[str, Any]:
    return {
        "seconds": seconds,
        "seed": seed,
        "most_sessions": most_sessions,
        "most_people": most_people,
        "notice_hours": notice_hours,
        "at": None if at is None else at.isoformat(),
    }


def explain_asked(request: UUID | None, session: int) -> dict[str, Any]:
    return {"request": None if request is None else str(request), "session": session}


def price_asked(*, seconds: float, workers: int, seed: int) -> dict[str, Any]:
    return {"seconds": seconds, "workers": workers, "seed": seed}
