"""A job has one worker at a time: claimed by one of many, kept by beats, taken over where they stop."""

from __future__ import annotations

import pytest
from eventsourcing.persistence import IntegrityError

from adapters.application.application import Lyceum
from adapters.jobs import job_queue
from adapters.jobs.job_queue import MOST_ATTEMPTS, ClaimLost, LeaseWatch
from adapters.jobs.job_records import find_best
from tests.adapters.test_jobs import asked, claimed, now


def test_of_two_workers_one_has_the_job(lyceum: Lyceum) -> None:
    job = asked(lyceum)
    second = lyceum.unit("w2")
    assert job_queue.claim(second, "w2", LeaseWatch(10), 0.0) is not None

    first = claimed(lyceum, "w1")

    with pytest.raises(IntegrityError):
        second.save()
    assert job_queue.claim(lyceum, "w2", LeaseWatch(10), 0.0) is None
    assert (first.job.worker, now(lyceum, job.id).worker) == ("w1", "w1")


def test_job_whose_worker_gives_no_sign_is_taken_over_and_one_that_does_is_not(lyceum: Lyceum) -> None:
    asked(lyceum)
    claim, watch = claimed(lyceum), LeaseWatch(10)
    assert job_queue.claim(lyceum, "w2", watch, 0.0) is None

    claim = job_queue.give_beat(lyceum.store, claim, claim.beat, [{"a": "plan"}])
    assert job_queue.claim(lyceum, "w2", watch, 9.0) is None  # the beat has moved
    assert job_queue.claim(lyceum, "w2", watch, 18.0) is None
    taken = job_queue.claim(lyceum, "w2", watch, 19.0)

    assert taken is not None
    assert (taken.job.worker, taken.job.attempt) == ("w2", 2)
    assert find_best(lyceum.store, taken.job.id) == [{"a": "plan"}]
    with pytest.raises(IntegrityError):
        job_queue.give_beat(lyceum.store, claim, claim.beat, None)
    with pytest.raises(ClaimLost):
        job_queue.still_mine(lyceum.store, claim)


def test_worker_that_starts_again_takes_up_at_once_what_its_forerunner_had(quick: Lyceum) -> None:
    asked(quick)
    claimed(quick, "w1")

    assert claimed(quick, "w1").job.attempt == 2


def test_job_that_takes_its_workers_down_is_given_up(quick: Lyceum) -> None:
    job = asked(quick)
    for _ in range(MOST_ATTEMPTS):
        claimed(quick, "w1")

    assert job_queue.claim(quick, "w1", LeaseWatch(10), 0.0) is None
    ended = now(quick, job.id)
    assert ended.status == "failed"
    assert "was lost 3 times" in ended.why
    asked(quick, "two")
