"""The sidecar: the same answers as here, as new as the database; a lost process is replaced."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest

from adapters.application.application import Lyceum
from adapters.branches.branches import branch_row, start_branch
from adapters.branches.comparing_branches import compare
from adapters.services.adjusting import find_session, move
from adapters.services.planning import Effort, plan_week
from adapters.services.suggesting import session_places, suggested
from adapters.store.streams import VENUES
from adapters.week.draft_workspace import judged
from adapters.workers.sidecar import Sidecar
from domain.events import EventMetadata
from domain.request import request_id
from domain.timetable import MovedTwice, NoDraft, Session
from domain.venue import Venue, VenueEvent, room_id, venue_id, withdraw_room
from domain.windows import on_day
from scheduler.processes import Mistake, ProcessLost
from tests.adapters.town import TOWN, WEEK, town

PHONE, CHOIR = request_id("r-phone"), request_id("r-choir")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def lyceum(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lyceum]:
    """The town on the databases that several processes can open."""
    sqlite = f"sqlite:///{tmp_path / 'lyceum.db'}"
    with town(
        sqlite if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    ) as application:
        yield application


@pytest.fixture
def drafted(lyceum: Lyceum) -> Lyceum:
    plan_week(lyceum, TOWN, WEEK, effort=Effort(time_limit_s=5, workers=1))
    return lyceum


@pytest.fixture
def beside(lyceum: Lyceum) -> Iterator[Sidecar]:
    made = Sidecar(lyceum.store.url)
    yield made
    made.close()


def moved(lyceum: Lyceum) -> Session:
    """The choir where nobody of it can be."""
    return replace(find_session(lyceum, TOWN, WEEK, CHOIR, 1), window=on_day(7, "09:00", "10:30"))


def test_it_answers_what_is_answered_here_also_after_a_change(drafted: Lyceum, beside: Sidecar) -> None:
    for half in ("east", "west"):
        here = judged(drafted, TOWN, WEEK, [moved(drafted)])
        assert here.judgement.broken
        assert beside.judged(TOWN, WEEK, [moved(drafted)]) == here
        places = suggested(drafted, TOWN, WEEK, PHONE, 1, limit=3)
        assert places
        assert beside.suggested(TOWN, WEEK, PHONE, 1, limit=3) == places
        assert beside.session_places(TOWN, WEEK, PHONE, 1) == session_places(drafted, TOWN, WEEK, PHONE, 1)

        move(drafted, TOWN, WEEK, places[0].moves[0].after, "painters", judge=beside.judged)
        gone = room_id("school", half)
        drafted.decide(VENUES, venue_id("school"), partial(withdraw, gone))


def withdraw(room: UUID, known: Venue, metadata: EventMetadata) -> tuple[VenueEvent, ...]:
    return withdraw_room(known, metadata, room, "damp")


def test_branches_are_compared_as_they_are_here(drafted: Lyceum, beside: Sidecar) -> None:
    known, branch = start_branch(drafted.store, drafted.metadata(), TOWN, WEEK, "painters")
    drafted.commit((), [branch_row(drafted.store, known, branch)])
    place = suggested(drafted, TOWN, WEEK, PHONE, 1, limit=1)[0].moves[0].after
    move(drafted, TOWN, WEEK, place, "painters")

    found = beside.compared(branch)
    assert found == compare(drafted, branch)
    assert (found.after.name, found.after.sessions) == ("painters", 4)


def test_refusals_come_back_as_they_are_raised_here(lyceum: Lyceum, beside: Sidecar) -> None:
    with pytest.raises(NoDraft, match="plan the week first"):
        beside.suggested(TOWN, WEEK, PHONE, 1)
    plan_week(lyceum, TOWN, WEEK, effort=Effort(time_limit_s=5, workers=1))
    with pytest.raises(MovedTwice):
        beside.judged(TOWN, WEEK, [moved(lyceum), replace(moved(lyceum), window=on_day(6, "09:00", "10:30"))])
    with pytest.raises(Mistake, match="AttributeError"):
        beside.suggested(TOWN, WEEK, PHONE, 1, "anywhere")


def test_process_that_is_killed_is_replaced(drafted: Lyceum, beside: Sidecar) -> None:
    beside.start()
    process = beside.process.process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)

    assert beside.judged(TOWN, WEEK, [moved(drafted)]) == judged(drafted, TOWN, WEEK, [moved(drafted)])
    assert beside.process.process is not process
    assert process.returncode == -signal.SIGKILL


def test_process_that_cannot_begin_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    nowhere = Sidecar(f"sqlite:///{tmp_path / 'no folder' / 'lyceum.db'}")

    with pytest.raises(ProcessLost, match="ended by itself"):
        nowhere.judged(TOWN, WEEK, [])
    assert "there is no folder" in capfd.readouterr().err
    nowhere.close()


def test_close_ends_the_process(lyceum: Lyceum, beside: Sidecar) -> None:
    beside.start()
    process = beside.process.process
    assert process is not None
    beside.close()

    assert process.poll() is not None
