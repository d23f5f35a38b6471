"""Kinds of jobs: each calls the function that the command line calls, with the job's parameters.

A function here takes the application, which acts as whoever asked, and the run that it belongs to; it gives the result,
plain values. What makes a draft saves it with `Run.ends`, so that draft and end of the job are one transaction.

A "plan" job with `Job.branch` plans that what-if branch and saves the draft in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import scheduler
from adapters.application.application import Lyceum
from adapters.branches.branch_planning import plan_branch
from adapters.jobs.job_records import Job, JobKind
from adapters.processes import background_process
from adapters.services.planning import Also, Effort, PlanOptions, WeekDraft, plan_week
from adapters.services.repairing import RepairLimits, repair_week
from adapters.store.engines import Writes
from adapters.week.plan_documents import Document, load_timetable, planned_sessions, read_document
from adapters.week.problem_document import assignment_of
from domain.messages import message
from domain.timetable import NoDraft, draft_sessions

LEAST_S = 2.0  # for a solve that is picked up when its time is nearly over


class Run(Protocol):
    """The run of a job, as its function sees it."""

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
    job, parameters = run.job, run.job.asked
    counted = parameters.get("work")
    remaining_s = max(min(LEAST_S, parameters["seconds"]), parameters["seconds"] - run.spent_s)
    effort = Effort(remaining_s, parameters["workers"], parameters["seed"], counted, in_background=True)
    if job.branch is not None:
        draft = plan_branch(
            lyceum,
            job.branch,
            job.by,
            options=PlanOptions(
                again=parameters["again"],
                goal_keys=parameters["goal_keys"],
                start=None if counted else run.best,
            ),
            effort=effort,
            on_progress=run.follow,
            should_stop=run.should_stop,
            also=_end_with_draft(run),
        )
        return plan_result(draft)
    draft = plan_week(
        lyceum,
        job.area,
        job.week,
        options=PlanOptions(
            again=parameters["again"], goal_keys=parameters["goal_keys"], start=None if counted else run.best
        ),
        effort=effort,
        on_progress=run.follow,
        should_stop=run.should_stop,
        also=_end_with_draft(run),
    )
    return plan_result(draft)


def _end_with_draft(run: Run) -> Also:
    return lambda draft: run.ends(plan_result(draft), draft.number, draft.plan["assignments"])


def plan_result(draft: WeekDraft) -> dict[str, Any]:
    """The result of a plan job, as `lyceum plan --json` prints it."""
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
    job, parameters = run.job, run.job.asked
    moment = parameters["at"]

    def repair_result(draft: WeekDraft, release: int) -> dict[str, Any]:
        return {"draft": draft.number, "made": draft.made, "release": release, **draft.plan["repair"]}

    run.step("repairing", 0, 1)
    repaired = repair_week(
        lyceum,
        job.area,
        job.week,
        limits=RepairLimits(
            budget=scheduler.ChangeBudget(parameters["most_sessions"], parameters["most_people"]),
            notice_hours=parameters["notice_hours"],
        ),
        moment=None if moment is None else datetime.fromisoformat(moment),
        effort=Effort(parameters["seconds"], 1, parameters["seed"], in_background=True),
        should_stop=run.should_stop,
        also=lambda repaired_week: run.ends(
            repair_result(repaired_week.draft, repaired_week.release), repaired_week.draft.number
        ),
    )
    return repair_result(repaired.draft, repaired.release)


def _explain(lyceum: Lyceum, run: Run) -> Any:
    """Explain every request that is not served, or one of them; a stop leaves what has been explained."""
    return _ask_background("explain", lyceum, run, **run.job.asked)


def _gaps(lyceum: Lyceum, run: Run) -> Any:
    return _ask_background("gaps", lyceum, run)


def _price(lyceum: Lyceum, run: Run) -> Any:
    """What a minimum for each community costs: the week is planned twice."""
    parameters = run.job.asked
    options = {
        "time_limit_s": parameters["seconds"],
        "workers": parameters["workers"],
        "seed": parameters["seed"],
    }
    return _ask_background("price", lyceum, run, options=options)


def _ask_background(what: str, lyceum: Lyceum, run: Run, **arguments: Any) -> Any:
    """The answer to a question about the latest draft."""
    run.step("reading the draft", 0, 1)
    problem, plan = _documents(lyceum, run.job)

    def should_stop() -> bool:
        run.check()
        return run.should_stop()

    arguments = {"problem": problem, "plan": plan, **arguments}
    return background_process.call(what, arguments, on_step=run.step, should_stop=should_stop)


def _documents(lyceum: Lyceum, job: Job) -> tuple[Document, Document]:
    """The problem that the latest draft was made from, and the draft as moved by hand. Raises NoDraft."""
    timetable = load_timetable(lyceum, job.area, job.week)
    if timetable.origin is None:
        raise NoDraft(message("there is no draft of {week} yet; plan the week first", week=job.week))
    problem = read_document(lyceum.store, timetable.origin.problem)
    plan = read_document(lyceum.store, timetable.origin.plan)
    if timetable.moves or timetable.dropped:
        sessions = draft_sessions(timetable, planned_sessions(lyceum.store, timetable))
        placed = {str(session.request) for session in sessions}
        unserved = [
            {"request": request["id"], "reasons": []}
            for request in problem["requests"]
            if request["id"] not in placed
        ]
        plan = plan | {"assignments": [assignment_of(session) for session in sessions], "unserved": unserved}
    return problem, plan


WORK: Mapping[JobKind, Work] = {
    "plan": _plan,
    "repair": _repair,
    "explain": _explain,
    "gaps": _gaps,
    "price": _price,
}


# ---- Parameters of each kind


def plan_parameters(
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


def repair_parameters(
    *,
    seconds: float,
    seed: int,
    most_sessions: int | None,
    most_people: int | None,
    notice_hours: float,
    moment: datetime | None,
) -> dict[str, Any]:
    return {
        "seconds": seconds,
        "seed": seed,
        "most_sessions": most_sessions,
        "most_people": most_people,
        "notice_hours": notice_hours,
        "at": None if moment is None else moment.isoformat(),
    }


def explain_parameters(request: UUID | None, session: int) -> dict[str, Any]:
    return {"request": None if request is None else str(request), "session": session}


def price_parameters(*, seconds: float, workers: int, seed: int) -> dict[str, Any]:
    return {"seconds": seconds, "workers": workers, "seed": seed}
