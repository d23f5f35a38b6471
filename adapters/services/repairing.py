"""Repair of a released week: its problem is read anew, the release repaired, and the result kept as a draft."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

import scheduler
from adapters.application.unit_of_work import Application, Repository, UnitOfWork
from adapters.processes import background_process
from adapters.services.planning import Effort, WeekDraft, by_keys, keep_draft
from adapters.store.engines import Writes
from adapters.store.store import Store
from adapters.week.plan_documents import Document, for_a_released_week, read_document, sessions_of
from adapters.week.problem_document import WrittenProblem, assignment_of, write_problem
from adapters.week.week_snapshot import WeekSnapshot, release_of, snapshot_of
from domain.calendar import monday, wall
from domain.timetable import Difference, DraftMade, Release, differences
from domain.windows import DAY_MIN

AT_ONCE = Effort(time_limit_s=1, workers=1)


@dataclass(frozen=True, slots=True)
class RepairLimits:
    """How much a repair may change, and how many hours before it begins a session is no longer changed."""

    budget: scheduler.ChangeBudget = scheduler.UNLIMITED
    notice_hours: float = 0


@dataclass(frozen=True, slots=True)
class Repaired:
    """The draft, the release that it repairs, and what changes from the one to the other."""

    draft: WeekDraft
    release: int
    changes: tuple[Difference, ...]


def repair_week(
    target: UnitOfWork | Application,
    area: UUID,
    week: str,
    *,
    limits: RepairLimits = RepairLimits(),
    moment: datetime | None = None,
    effort: Effort = AT_ONCE,
    should_stop: Callable[[], bool] | None = None,
    also: Callable[[Repaired], Writes] = lambda _: (),
) -> Repaired:
    """Make a draft of a released week that changes no more than it must, in three steps as `plan_week` does.

    What has begun at the instant `moment` (now by default), or begins within the notice of the limits, stays as it is.
    `also` is saved with the draft. Raises NotThere where the week is not released yet.
    """
    released_week = read_release(target, area, week)
    problem, release = released_week.problem, released_week.release
    minute = _week_minute(moment or target.metadata().at, released_week.snapshot)
    plan = solve_repair(released_week, limits, minute, effort, should_stop)
    changes = differences(release.sessions, sessions_of(problem.document, plan["assignments"]))

    def repaired(draft: WeekDraft) -> Repaired:
        return Repaired(draft, release.number, changes)

    return repaired(
        keep_draft(target, area, week, problem, plan, effort.seed, lambda draft: also(repaired(draft)))
    )


@dataclass(frozen=True, slots=True)
class RepairProblem:
    """A released week as it was read: its problem as the facts are now, its release, and that as a plan document."""

    snapshot: WeekSnapshot
    problem: WrittenProblem
    release: Release
    plan: Document


def read_release(repository: Repository, area: UUID, week: str) -> RepairProblem:
    """Raises NotThere where the week is not released yet."""
    repository.views.catch_up()
    snapshot = snapshot_of(repository.views, area, week)
    release = release_of(snapshot)
    problem = for_a_released_week(snapshot, write_problem(repository, snapshot))
    return RepairProblem(snapshot, problem, release, _released(repository.store, snapshot, release))


def _released(store: Store, snapshot: WeekSnapshot, release: Release) -> Document:
    """The release as a plan document; what its draft was asked for and it does not hold was left out."""
    served = {str(session.request) for session in release.sessions}
    drafts = (
        draft_made
        for draft_made in store.events_of(snapshot.timetable.id)
        if isinstance(draft_made, DraftMade)
    )
    origin = next(draft_made.origin for draft_made in drafts if draft_made.draft == release.draft)
    requests = read_document(store, origin.problem)["requests"]
    return {
        "assignments": [assignment_of(session) for session in release.sessions],
        "unserved": [{"request": document["id"]} for document in requests if document["id"] not in served],
    }


def solve_repair(
    released_week: RepairProblem,
    limits: RepairLimits,
    minute: int,
    effort: Effort,
    should_stop: Callable[[], bool] | None = None,
) -> Document:
    """The plan of a repair at a minute of the week, by a search of its own or in the background."""
    problem, notice = released_week.problem.document, scheduler.Notice(minute, limits.notice_hours)
    with by_keys(released_week.snapshot):
        if effort.in_background:
            options = {
                "budget": asdict(limits.budget),
                "notice": asdict(notice),
                "time_limit_s": effort.time_limit_s,
                "seed": effort.seed,
            }
            parameters = {"problem": problem, "released": released_week.plan, "options": options}
            plan: Document = background_process.call("repair", parameters, should_stop=should_stop)
            return plan
        return scheduler.repair(
            problem,
            released_week.plan,
            budget=limits.budget,
            notice=notice,
            time_limit_s=effort.time_limit_s,
            seed=effort.seed,
            should_stop=should_stop,
            clock=time.monotonic,
        )


def _week_minute(moment: datetime, snapshot: WeekSnapshot) -> int:
    """Minutes since Monday 00:00 of the week, as the clocks of the area show them."""
    day, minute = wall(moment, snapshot.zone)
    return (day - monday(snapshot.week)).days * DAY_MIN + minute
