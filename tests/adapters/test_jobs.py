"""Jobs wait, are claimed by one worker, give signs of life, and end once, on each kind of database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from eventsourcing.persistence import IntegrityError

from adapters.application.application import Lyceum
from adapters.jobs import job_queue
from adapters.jobs.job_queue import KEPT_DAYS, Claim, ClaimLost, JobEnded, LeaseWatch, Planning, TooManyJobs
from adapters.jobs.job_records import Job, JobKind, find_beat, find_best, find_result
from adapters.services.releases import release_week
from adapters.store.streams import AREAS
from adapters.week.plan_documents import load_timetable, planned_sessions
from adapters.workers import job_kinds
from adapters.workers.job_worker import Interrupted, JobRun, Worker
from domain.events import NotThere
from domain.network import rename_area
from scheduler import Progress
from tests.adapters.town import TOWN, WEEK
from tests.builders import an_id
from tests.workers import do_one

PLAN = job_kinds.plan_parameters(
    seconds=5, workers=1, seed=0, work=None, again=False, tolerance={}, minimum=False
)
REPAIR = job_kinds.repair_parameters(
    seconds=1, seed=0, most_sessions=None, most_people=None, notice_hours=0, moment=None
)
ASKED: dict[JobKind, dict[str, Any]] = {
    "plan": PLAN,
    "repair": REPAIR,
    "explain": job_kinds.explain_parameters(None, 1),
    "gaps": {},
    "price": job_kinds.price_parameters(seconds=2, workers=1, seed=0),
}


def a_job(lyceum: Lyceum, name: str = "one", kind: JobKind = "plan", by: str = "anna", **given: Any) -> Job:
    asked = {**ASKED[kind], **given.pop("asked", {})}
    return Job(an_id(name), kind, TOWN, "town", WEEK, by, lyceum.clock(), asked, **given)


def asked(lyceum: Lyceum, name: str = "one", kind: JobKind = "plan", by: str = "anna", **given: Any) -> Job:
    return job_queue.ask(lyceum, a_job(lyceum, name, kind, by, **given))


def now(lyceum: Lyceum, id: UUID) -> Job:
    return job_queue.find_job(lyceum.store, id)[0]


def test_worker_that_has_nothing_to_do_follows_what_a_killed_process_left(lyceum: Lyceum) -> None:
    area = lyceum.must_load(AREAS, TOWN)
    metadata = lyceum.metadata()
    lyceum.store.save(
        rename_area(area, metadata, names=(("en", "City"),), on=metadata.at.date(), why="a decree")
    )
    assert lyceum.views.position < lyceum.store.position()

    Worker(lyceum, "w1").run(until_idle=True)

    assert lyceum.views.position == lyceum.store.position()


def claimed(lyceum: Lyceum, worker: str = "w1") -> Claim:
    found = job_queue.claim(lyceum, worker, LeaseWatch(10), 0.0)
    assert found is not None
    return found


# Doing


def test_plan_job_makes_a_draft_in_the_name_of_who_asked(lyceum: Lyceum) -> None:
    job = asked(lyceum, by="anna-7")

    assert do_one(lyceum)

    ended = now(lyceum, job.id)
    timetable = load_timetable(lyceum, TOWN, WEEK)
    made = list(lyceum.store.events_of(timetable.id))
    assert (ended.status, ended.draft, ended.attempt) == ("done", 1, 1)
    assert [one.by for one in made] == ["anna-7"]
    result = find_result(lyceum.store, job.id)
    assert result is not None
    assert b'"draft": 1, "made": true, "status": "optimal"' in result
    beat, _ = find_beat(lyceum.store, job.id)
    assert beat is not None
    assert beat.last is not None
    assert (beat.last.phase, beat.last.share, beat.last.gap) == ("ended", 1.0, 0.0)
    assert not do_one(lyceum)


def test_job_about_what_has_not_changed_says_so(quick: Lyceum) -> None:
    asked(quick)
    do_one(quick)
    again = asked(quick, "two")
    position = quick.store.position()

    do_one(quick)

    ended = now(quick, again.id)
    assert (ended.status, ended.draft, quick.store.position()) == ("done", 1, position)
    assert b'"made": false' in (find_result(quick.store, again.id) or b"")


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("explain", b'"requests": [{'),
        ("gaps", b'"waiting": 1'),
        ("price", b'"price": 0'),
        ("repair", b'"kept": 4'),
    ],
)
def test_each_kind_of_job_has_its_result(quick: Lyceum, kind: JobKind, told: bytes) -> None:
    asked(quick)
    do_one(quick)
    release_week(quick, TOWN, WEEK, "First")
    job = asked(quick, kind, kind)

    do_one(quick)

    assert now(quick, job.id).status == "done", now(quick, job.id).why
    assert told in (find_result(quick.store, job.id) or b"")


def test_refused_job_says_why(quick: Lyceum) -> None:
    job = asked(quick, kind="gaps")
    do_one(quick)

    ended = now(quick, job.id)
    assert (ended.status, ended.why) == (
        "failed",
        f"there is no draft of {WEEK} yet; plan the week first",
    )


def test_mistake_in_one_job_leaves_the_worker_to_the_next(
    quick: Lyceum, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    first, second = asked(quick), asked(quick, "two", beside=True)
    planned = job_kinds.WORK["plan"]
    tries = iter([lambda *_: 1 // 0, planned])

    def plan(lyceum: Lyceum, run: job_kinds.Run) -> Any:
        return next(tries)(lyceum, run)

    def say(event: str, **_: Any) -> None:
        said.append(event)

    monkeypatch.setitem(job_kinds.WORK, "plan", plan)
    worker = Worker(quick, "w1", say=say)

    worker.run(until_idle=True)

    assert now(quick, first.id).why == "the program made a mistake (ZeroDivisionError); please report it"
    assert now(quick, second.id).status == "done"
    assert "a mistake of the program" in said


# Waiting


def test_second_plan_of_a_week_is_refused_unless_it_may_run_beside(lyceum: Lyceum) -> None:
    first = asked(lyceum)

    with pytest.raises(Planning, match=f"job {first.id} is making a draft of {WEEK}"):
        asked(lyceum, "two", "repair")
    asked(lyceum, "three", beside=True)
    asked(lyceum, "five", "gaps")
    job_queue.ask_to_stop(lyceum, first.id)
    job_queue.ask_to_stop(lyceum, an_id("three"))
    asked(lyceum, "six")


def test_of_two_plans_of_a_week_asked_for_at_once_one_is_refused(lyceum: Lyceum) -> None:
    """Both looked before either wrote: the guard's row is new for one of them only."""
    unit = lyceum.unit("anna")
    job_queue.ask(unit, a_job(lyceum, "one"))
    other = lyceum.unit("bob")
    job_queue.ask(other, a_job(lyceum, "two"))

    unit.save()
    with pytest.raises(IntegrityError):
        other.save()
    assert [job.id for job, _ in job_queue.open_jobs(lyceum.store)] == [an_id("one")]


def test_queue_gives_everybody_a_turn_before_anybody_has_the_next(quick: Lyceum) -> None:
    for number in range(3):
        asked(quick, f"anna-{number}", beside=True)
    asked(quick, "bob-0", by="bob", beside=True)
    jobs = [job for job, _ in job_queue.open_jobs(quick.store)]
    names = {an_id(name): name for name in ("anna-0", "anna-1", "anna-2", "bob-0")}

    assert [names[job.id] for job in job_queue.in_turn(jobs)] == ["anna-0", "bob-0", "anna-1", "anna-2"]
    running = [replace(job, status="running") if job.id == an_id("anna-0") else job for job in jobs]
    assert [names[job.id] for job in job_queue.in_turn(running)] == ["bob-0", "anna-1", "anna-2"]


def test_who_has_asked_for_too_much_is_refused(quick: Lyceum, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_queue, "MOST_OPEN_OF_ONE", 1)
    asked(quick, beside=True)

    with pytest.raises(TooManyJobs):
        asked(quick, "two", beside=True)
    asked(quick, "three", by="bob", beside=True)


# Ending


def test_job_that_two_believe_they_have_ends_once(lyceum: Lyceum) -> None:
    """The first was away so long that another took its job; both come to the end."""
    job = asked(lyceum)
    away = JobRun(lyceum, claimed(lyceum, "w1"), 60, lambda: False)
    away.start()
    assert Worker(lyceum, "w1").once()
    position = lyceum.store.position()

    result = job_kinds.WORK["plan"](lyceum, away)  # the draft stands already, so that nothing is saved
    with pytest.raises(ClaimLost):
        away.end(result=result)

    assert lyceum.store.position() == position
    assert (now(lyceum, job.id).status, now(lyceum, job.id).attempt) == ("done", 2)
    away.close()


def test_end_of_a_job_and_its_draft_are_saved_together_or_not_at_all(lyceum: Lyceum) -> None:
    asked(lyceum)
    run = JobRun(lyceum, claimed(lyceum), 60, lambda: False)
    run.start()
    lost = replace(run._claim, beat_bytes=b"another's")
    run._claim = lost

    with pytest.raises(Exception, match="others keep changing"):
        job_kinds.WORK["plan"](lyceum, run)

    assert load_timetable(lyceum, TOWN, WEEK).drafts == 0
    assert now(lyceum, an_id("one")).status == "running"


def test_stop_keeps_the_best_so_far(quick: Lyceum) -> None:
    job = asked(quick)
    run = StopsItself(quick, claimed(quick), 60, lambda: False)
    run.start()

    job_kinds.WORK["plan"](quick, run)

    ended = now(quick, job.id)
    assert (ended.status, ended.draft) == ("stopped", 1)
    timetable = load_timetable(quick, TOWN, WEEK)
    assert len(planned_sessions(quick.store, timetable)) > 0


class StopsItself(JobRun):
    """Somebody asks for a stop as soon as there is anything to keep; the next beat sees it."""

    def follow(self, progress: Progress) -> None:
        super().follow(progress)
        if progress.served and not self._stop_requested:
            job_queue.ask_to_stop(self._lyceum, self.job.id)
            self._beat()


def test_stop_before_anything_was_found_leaves_no_empty_draft(quick: Lyceum) -> None:
    job = asked(quick)
    claim = claimed(quick)
    job_queue.ask_to_stop(quick, job.id)
    job_queue.give_back(quick, claim, None)

    do_one(quick)

    assert (now(quick, job.id).status, now(quick, job.id).draft) == ("stopped", None)
    assert load_timetable(quick, TOWN, WEEK).drafts == 0
    asked(quick, "two")


def test_job_that_nobody_has_begun_stops_at_once(lyceum: Lyceum) -> None:
    job = asked(lyceum)

    stopped = job_queue.ask_to_stop(lyceum, job.id)

    assert stopped == now(lyceum, job.id)
    assert (stopped.status, find_result(lyceum.store, job.id)) == ("stopped", None)
    assert not do_one(lyceum)
    with pytest.raises(JobEnded):
        job_queue.ask_to_stop(lyceum, job.id)


class IsToLeave(JobRun):
    """The search asks after each step forward, as a longer one does."""

    def follow(self, progress: Progress) -> None:
        super().follow(progress)
        self.should_stop()


def test_worker_that_is_to_leave_gives_its_job_back_with_the_best_plan(quick: Lyceum) -> None:
    job = asked(quick)
    run = IsToLeave(quick, claimed(quick), 60, lambda: run._last_saved is not None)
    run.start()

    with pytest.raises(Interrupted) as interrupted:
        job_kinds.WORK["plan"](quick, run)
    job_queue.give_back(quick, run.settled(), interrupted.value.best)

    waiting = now(quick, job.id)
    assert (waiting.status, waiting.worker, waiting.attempt) == ("queued", "", 0)
    assert len(find_best(quick.store, job.id) or []) > 0
    next_one = JobRun(quick, claimed(quick, "w2"), 60, lambda: False)
    assert next_one.best == find_best(quick.store, job.id)


def test_job_that_was_cut_goes_on_from_the_best_plan_and_for_the_time_that_is_left(
    quick: Lyceum, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(quick, asked={"seconds": 300.0})
    first = claimed(quick)
    beat = first.beat.grown(phase="improving served", seconds=250.0, value=10, bound=20)
    job_queue.give_beat(quick.store, first, beat, [{"request": "r", "session": 1}])
    second = JobRun(quick, claimed(quick), 60, lambda: False)
    given: dict[str, Any] = {}

    def plan_week(*_: Any, **keywords: Any) -> None:
        given.update(keywords)
        raise NotThere("enough seen")

    monkeypatch.setattr(job_kinds, "plan_week", plan_week)
    with pytest.raises(NotThere):
        job_kinds.WORK["plan"](quick, second)

    assert given["options"].start == [{"request": "r", "session": 1}]
    assert given["effort"].time_limit_s == 50
    points = second._claim.beat.points
    assert [(one.number, one.phase) for one in points] == [
        (1, "reading the week"),
        (2, "improving served"),
        (3, "picked up again"),
    ]


# Looking, forgetting


def test_standing_tells_queue_and_gaps(lyceum: Lyceum) -> None:
    asked(lyceum)
    asked(lyceum, "two", "gaps")
    claim = claimed(lyceum)
    job_queue.give_beat(
        lyceum.store, claim, claim.beat.grown(phase="x", seconds=1, value=90, bound=100), None
    )

    standing = job_queue.queue_status(lyceum.store)

    assert (standing.queued, [job.id for job, _ in standing.running]) == (1, [an_id("one")])
    assert standing.gaps == {an_id("one"): 0.1}


def test_old_jobs_are_forgotten_whole(lyceum: Lyceum) -> None:
    job = asked(lyceum)
    do_one(lyceum)
    later: Callable[[int], Any] = lambda days: lyceum.clock() + timedelta(days=days)  # noqa: E731

    assert job_queue.tidy(lyceum, later(KEPT_DAYS - 1)) == 0
    assert job_queue.tidy(lyceum, later(KEPT_DAYS + 1)) == 1

    with pytest.raises(NotThere, match="forgotten after 14 days"):
        job_queue.find_job(lyceum.store, job.id)
    assert lyceum.store.rows("jobs").collections() == []
