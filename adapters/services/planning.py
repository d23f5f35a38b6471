"""Planning of the week of an area: the problem document from the read side, its solution, and the draft kept of it."""

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
from adapters.application.unit_of_work import Application, UnitOfWork, command
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
class Draft:
    """`made` is False where the same problem was planned before, and that draft still stands."""

    number: int
    made: bool
    problem: WrittenProblem
    plan: Document


Also = Callable[[Draft], Writes]
"""Writes that belong into the transaction that keeps a draft; asked again after a lost race."""


_search_here = partial(scheduler.solve, pool=ProcessPool, clock=time.monotonic)


def _nothing(_: Draft) -> Writes:
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
) -> Draft:
    """Make a draft of the week; `also` is saved with it, or not at all where nothing is solved.

    Raises NothingToPlan where no accepted request asks for the week; of a released week an empty draft is made then,
    so that what was promised can be taken back.
    """
    require_near(week, target.metadata())
    target.views.catch_up()
    snapshot = snapshot_of(target.views, area, week)
    problem = write_problem(target, snapshot)
    released = latest_release(snapshot.timetable)
    if not problem.document["requests"] and not (released and released.sessions):
        raise NothingToPlan(_nothing_to_plan(snapshot))
    if options.goal_keys:
        problem = replace(problem, document={**problem.document, **options.goal_keys})
    stands = _draft_that_stands(target.store, snapshot, problem)
    if stands is not None and not options.again:
        return stands
    problem = for_a_released_week(snapshot, problem)
    with target.store.observer.step("solve"), by_keys(snapshot):
        search = background_process.solve if effort.in_background else _search_here
        plan = search(
            problem.document,
            scheduler.SolveOptions(effort.time_limit_s, effort.workers, effort.seed, effort.work),
            on_progress=on_progress,
            should_stop=should_stop,
            start=options.start,
        )
    return keep_draft(target, area, week, problem, plan, effort.seed, also)


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


@command
def keep_draft(
    unit: UnitOfWork,
    area: UUID,
    week: str,
    problem: WrittenProblem,
    plan: Document,
    seed: int,
    also: Also = _nothing,
) -> Draft:
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
    timetable = load_timetable(unit.store, area, week)
    drafted = make_draft(timetable, unit.metadata(), origin)
    draft = Draft(timetable.drafts + len(drafted), bool(drafted), problem, plan)
    unit.commit(drafted, [*([problem_row, plan_row] if drafted else ()), *also(draft)])
    return draft


def _draft_that_stands(store: Store, snapshot: WeekSnapshot, problem: WrittenProblem) -> Draft | None:
    """The latest draft, where it was made from the same problem."""
    latest = snapshot.timetable.origin
    for same in (problem, for_a_released_week(snapshot, problem)):
        if latest is not None and latest.problem == document_row(canonical(same.document))[0]:
            return Draft(snapshot.timetable.drafts, False, same, read_document(store, latest.plan))
    return None
