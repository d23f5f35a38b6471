"""Planning of the week of an area: its problem is read, solved outside of any transaction, and kept as a draft."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from typing import Any
from uuid import UUID

import scheduler
from adapters.application.unit_of_work import Application, Repository, UnitOfWork, command
from adapters.processes import background_process
from adapters.processes.part_process import ProcessPool
from adapters.store.engines import Writes
from adapters.store.store import Store, document_row
from adapters.week.key_labels import Keys
from adapters.week.plan_documents import (
    Document,
    canonical,
    for_a_released_week,
    load_timetable,
    read_document,
)
from adapters.week.plan_times import left_out_by_zone
from adapters.week.problem_document import WrittenProblem, write_problem
from adapters.week.week_snapshot import WeekSnapshot, snapshot_of
from domain.events import Refused
from domain.messages import message
from domain.timetable import (
    GoalValue,
    Origin,
    latest_release,
    make_draft,
    require_near,
)

ENGINES = ("lyceum-scheduler", "ortools")


class NothingToPlan(Refused):
    """A week in which nobody asks for anything."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to search: seconds of wall time at most, how many workers, and the seed of all random choices.

    Where units of `work` are given they are counted instead of seconds; see `scheduler.solve`. With `in_background` the
    search is in a process of its own, and takes only the processor time that nobody else wants.
    """

    time_limit_s: float = 60
    workers: int = 2
    seed: int = 0
    work: float | None = None
    in_background: bool = False


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """How a week is planned.

    With `again`, it is solved even where nothing has changed since the last draft. `goal_keys` are keys of the problem
    document that say what counts for more than what: "tolerance", "minimum". `start` are assignments to go on from.
    """

    again: bool = False
    goal_keys: Mapping[str, Any] | None = None
    start: list[Document] | None = None


USUAL = PlanOptions()


@dataclass(frozen=True, slots=True)
class WeekDraft:
    """`made` is False where the same problem was planned before, and that draft still stands."""

    number: int
    made: bool
    problem: WrittenProblem
    plan: Document


Also = Callable[[WeekDraft], Writes]
"""Writes that belong into the transaction that keeps a draft; asked again after a lost race."""


def _nothing(_: WeekDraft) -> Writes:
    return ()


def plan_week(
    target: UnitOfWork | Application,
    area: UUID,
    week: str,
    *,
    effort: Effort = Effort(),
    options: PlanOptions = USUAL,
    on_progress: Callable[[scheduler.Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    also: Also = _nothing,
) -> WeekDraft:
    """Make a draft of the week in three steps: read its problem, solve it, and keep the plan.

    The last step alone is a command, `keep_draft`, so a lost race does not begin the search again. `also` is saved with
    the draft, or not at all where nothing is solved. Raises NothingToPlan.
    """
    week_problem = read_week(target, area, week, options)
    if week_problem.draft is not None:
        return week_problem.draft
    with target.store.observer.step("solve"):
        plan = solve_week(week_problem, effort, options.start, on_progress, should_stop)
    return keep_draft(target, area, week, week_problem.problem, plan, effort.seed, also)


# ---- Reading


@dataclass(frozen=True, slots=True)
class WeekProblem:
    """A week as it was read, with the problem to solve; `draft` where it was solved before and shall not be again."""

    snapshot: WeekSnapshot
    problem: WrittenProblem
    draft: WeekDraft | None = None


def read_week(repository: Repository, area: UUID, week: str, options: PlanOptions = USUAL) -> WeekProblem:
    """The problem of a week by the facts as they are now.

    Raises NothingToPlan where no accepted request asks for the week; that of a released week may be empty, so that what
    was promised can be taken back.
    """
    require_near(week, repository.metadata())
    repository.views.catch_up()
    snapshot = snapshot_of(repository.views, area, week)
    problem = write_problem(repository, snapshot)
    released = latest_release(snapshot.timetable)
    if not problem.document["requests"] and not (released and released.sessions):
        raise NothingToPlan(_nothing_to_plan(snapshot))
    if options.goal_keys:
        problem = replace(problem, document={**problem.document, **options.goal_keys})
    known = None if options.again else _draft_that_stands(repository.store, snapshot, problem)
    return WeekProblem(snapshot, for_a_released_week(snapshot, problem), known)


def _nothing_to_plan(snapshot: WeekSnapshot) -> str:
    name = snapshot.area_name(snapshot.area.id)
    asking = [request for request in snapshot.own_requests() if snapshot.sessions_of(request)]
    if left_out := "; ".join(left_out_by_zone(snapshot)):
        return message(
            "no accepted request of {name} asks for {week}: {left_out}",
            name=name,
            week=snapshot.week,
            left_out=left_out,
        )
    if asking:
        return message(
            "everything that {name} asks for in {week} is served by released timetables of other areas "
            "already; plan it once those have given it back",
            name=name,
            week=snapshot.week,
        )
    return message(
        "no accepted request of {name} asks for {week}: import or accept requests first",
        name=name,
        week=snapshot.week,
    )


def _draft_that_stands(store: Store, snapshot: WeekSnapshot, problem: WrittenProblem) -> WeekDraft | None:
    """The latest draft, where it was made from the same problem."""
    latest = snapshot.timetable.origin
    for same in (problem, for_a_released_week(snapshot, problem)):
        if latest is not None and latest.problem == document_row(canonical(same.document))[0]:
            return WeekDraft(snapshot.timetable.drafts, False, same, read_document(store, latest.plan))
    return None


# ---- Solving


def solve_week(
    week_problem: WeekProblem,
    effort: Effort,
    start: list[Document] | None = None,
    on_progress: Callable[[scheduler.Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Document:
    """The plan of a problem, by a search that goes on from the assignments `start`."""
    search = background_process.solve if effort.in_background else _search_here
    with by_keys(week_problem.snapshot):
        return search(
            week_problem.problem.document,
            scheduler.SolveOptions(effort.time_limit_s, effort.workers, effort.seed, effort.work),
            on_progress=on_progress,
            should_stop=should_stop,
            start=start,
        )


_search_here = partial(scheduler.solve, pool=ProcessPool, clock=time.monotonic)


@contextmanager
def by_keys(snapshot: WeekSnapshot) -> Iterator[None]:
    """Let the scheduler refuse a week with keys in the place of ids; of a pin it is said what can be done."""
    try:
        yield
    except scheduler.MalformedDocument as malformed:
        keys, advice = Keys(snapshot), message("; unpin it, or mend what it breaks")
        raise scheduler.MalformedDocument(
            keys.with_labels(error) + (advice if error.startswith("pins: ") else "")
            for error in malformed.errors
        ) from malformed


# ---- Keeping


@command
def keep_draft(
    unit: UnitOfWork,
    area: UUID,
    week: str,
    problem: WrittenProblem,
    plan: Document,
    seed: int,
    also: Also = _nothing,
) -> WeekDraft:
    """Record a plan as the next draft, with all that is needed to make it again."""
    digest, problem_row = document_row(canonical(problem.document))
    plan_digest, plan_row = document_row(canonical(plan))
    origin = Origin(
        problem=digest,
        plan=plan_digest,
        position=problem.position,
        seed=seed,
        engines=tuple((name, version(name)) for name in ENGINES),
        status=plan["status"],
        goals=tuple(
            GoalValue(goal, result["value"], result.get("bound")) for goal, result in plan["goals"].items()
        ),
    )
    timetable = load_timetable(unit, area, week)
    drafted = make_draft(timetable, unit.metadata(), origin)
    draft = WeekDraft(timetable.drafts + len(drafted), bool(drafted), problem, plan)
    unit.commit(drafted, [*([problem_row, plan_row] if drafted else ()), *also(draft)])
    return draft
