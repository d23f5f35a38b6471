"""Steps by hand are taken back and done again: the draft is then as it was, whatever was mixed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as given_any
from hypothesis import strategies as st

from adapters.application.application import Lyceum
from adapters.services.adjusting import drop, find_session, move, new_session, pin, try_move, unpin
from adapters.services.closures import close_venue
from adapters.services.planning import Effort, PlanOptions, plan_week
from adapters.services.releases import BrokenRules, release_week
from adapters.services.repairing import repair_week
from adapters.services.suggesting import suggested
from adapters.services.undoing import redo, undo
from adapters.week.plan_documents import load_timetable, planned_sessions
from domain.events import Refused
from domain.request import request_id
from domain.steps import MOST_STEPS, NoStep, SessionChanged
from domain.timetable import NotPlaced, Session, Timetable, draft_sessions
from domain.venue import Closure, closure_id, venue_id
from domain.windows import on_day
from scheduler import SOFT_RULES
from tests.adapters.town import TOWN, WEEK, town

QUICK = Effort(time_limit_s=5, workers=1)
PHONE, CHOIR, BRUSH = request_id("r-phone"), request_id("r-choir"), request_id("r-brush")
AFTERNOON, EVENING = on_day(6, "15:00", "16:30"), on_day(6, "16:30", "18:00")
EVERY_WISH = list(SOFT_RULES)


@pytest.fixture
def drafted(lyceum: Lyceum) -> Lyceum:
    plan_week(lyceum, TOWN, WEEK, effort=QUICK)
    return lyceum


def phone(lyceum: Lyceum) -> Session:
    return find_session(lyceum, TOWN, WEEK, PHONE, 1)


def state(lyceum: Lyceum) -> tuple[Timetable, tuple[Session, ...]]:
    """The timetable but for its version, and the sessions of its draft."""
    timetable = load_timetable(lyceum, TOWN, WEEK)
    sessions = draft_sessions(timetable, planned_sessions(lyceum.store, timetable))
    return replace(timetable, version=0), sessions


def test_move_is_taken_back_and_made_again(drafted: Lyceum) -> None:
    before = state(drafted)
    move(drafted, TOWN, WEEK, replace(phone(drafted), window=AFTERNOON), "the market")
    after = state(drafted)

    undone = undo(drafted, TOWN, WEEK)
    assert state(drafted) == before
    assert (undone.step.request, undone.step.kind, undone.step.why) == ("r-phone", "moved", "the market")
    assert (undone.next_undo, undone.next_redo) == (None, undone.step)
    assert [(who.key, who.part) for who in undone.concern.people] == [("li", "moved")]
    assert undone.concern.learners == 15
    assert redo(drafted, TOWN, WEEK).next_undo == undone.step
    assert state(drafted) == after


def test_dry_run_changes_nothing(drafted: Lyceum) -> None:
    move(drafted, TOWN, WEEK, replace(phone(drafted), window=AFTERNOON), "the market")
    position = drafted.store.position()

    tried = undo(drafted, TOWN, WEEK, dry_run=True)
    assert (drafted.store.position(), tried.step.kind) == (position, "moved")
    assert undo(drafted, TOWN, WEEK).step == tried.step


def test_pin_that_a_move_has_lifted_holds_again(drafted: Lyceum) -> None:
    pin(drafted, TOWN, WEEK, phone(drafted), "by the market")
    before = state(drafted)
    move(drafted, TOWN, WEEK, replace(phone(drafted), window=AFTERNOON), "the market", accept=["pin"])

    assert undo(drafted, TOWN, WEEK).step.kind == "moved"
    assert state(drafted) == before
    assert undo(drafted, TOWN, WEEK).step.kind == "pinned"
    assert load_timetable(drafted, TOWN, WEEK).pins == ()


def test_two_moved_at_once_are_one_step(drafted: Lyceum) -> None:
    before = state(drafted)
    choir, brush = (find_session(drafted, TOWN, WEEK, request, 1) for request in (CHOIR, BRUSH))
    swapped = replace(choir, window=brush.window), replace(brush, window=choir.window)
    assert not try_move(drafted, TOWN, WEEK, swapped[0], swapped[1:]).broken
    move(drafted, TOWN, WEEK, swapped[0], "swapped", also=swapped[1:], accept=EVERY_WISH)

    undo(drafted, TOWN, WEEK)
    assert state(drafted) == before


def test_dropped_session_comes_back_and_a_placed_one_goes(drafted: Lyceum) -> None:
    before = state(drafted)
    drop(drafted, TOWN, WEEK, PHONE, 1, "called off")
    dropped = state(drafted)
    place = suggested(drafted, TOWN, WEEK, PHONE, 1, limit=1)[0]
    move(drafted, TOWN, WEEK, place.moves[0].after, "on again", accept=EVERY_WISH)

    assert undo(drafted, TOWN, WEEK).step.why == "on again"
    assert state(drafted) == dropped
    undo(drafted, TOWN, WEEK)
    assert state(drafted) == before


def test_new_step_puts_an_end_to_redo_and_a_step_of_somebody_else_does_not(drafted: Lyceum) -> None:
    pin(drafted, TOWN, WEEK, phone(drafted), "by the market")
    undo(drafted, TOWN, WEEK)
    pin(drafted.acting_as("coordinator-2"), TOWN, WEEK, find_session(drafted, TOWN, WEEK, CHOIR, 1), "piano")
    redo(drafted, TOWN, WEEK)
    undo(drafted, TOWN, WEEK)
    pin(drafted, TOWN, WEEK, find_session(drafted, TOWN, WEEK, BRUSH, 1), "brushes")

    with pytest.raises(NoStep, match=f"no step of yours in {WEEK} to do again"):
        redo(drafted, TOWN, WEEK)


def test_step_is_not_taken_back_over_what_somebody_else_did(drafted: Lyceum) -> None:
    second = drafted.acting_as("coordinator-2")
    move(drafted, TOWN, WEEK, replace(phone(drafted), window=AFTERNOON), "the market")
    move(second, TOWN, WEEK, replace(phone(drafted), window=EVENING), "the fair")
    before = state(drafted)

    with pytest.raises(SessionChanged) as refused:
        undo(drafted, TOWN, WEEK)
    assert str(refused.value) == (
        "session 1 of request r-phone was moved by coordinator-2 on 2026-11-20 at 17:00, after your step; "
        "it is in library/reading on Saturday at 16:30 now: look at it, then decide again"
    )
    assert (refused.value.by, refused.value.now and refused.value.now.start_min) == (
        "coordinator-2",
        EVENING.start_min,
    )
    assert state(drafted) == before
    undo(second, TOWN, WEEK)
    undo(drafted, TOWN, WEEK)


def test_steps_of_somebody_else_stay(drafted: Lyceum) -> None:
    second = drafted.acting_as("coordinator-2")
    pin(drafted, TOWN, WEEK, phone(drafted), "by the market")
    drop(second, TOWN, WEEK, CHOIR, 1, "called off")

    undo(drafted, TOWN, WEEK)
    with pytest.raises(NotPlaced):
        find_session(drafted, TOWN, WEEK, CHOIR, 1)
    with pytest.raises(NoStep):
        undo(drafted, TOWN, WEEK)


@pytest.mark.parametrize("again", [plan_week, repair_week])
def test_steps_before_a_new_draft_are_over(drafted: Lyceum, again: object) -> None:
    move(drafted, TOWN, WEEK, replace(phone(drafted), window=AFTERNOON), "the market")
    if again is repair_week:
        release_week(drafted, TOWN, WEEK, "First")
        close_library(drafted, date(2026, 12, 5))
        repair_week(drafted, TOWN, WEEK, effort=QUICK)
    else:
        plan_week(drafted, TOWN, WEEK, effort=QUICK, options=PlanOptions(again=True))

    with pytest.raises(
        NoStep, match=r"those before draft 2, which coordinator-1 made on 2026-11-20 at 17:00"
    ):
        undo(drafted, TOWN, WEEK)


def test_step_is_taken_back_after_a_release(drafted: Lyceum) -> None:
    before = state(drafted)[1]
    move(drafted, TOWN, WEEK, replace(phone(drafted), window=AFTERNOON), "the market")
    release_week(drafted, TOWN, WEEK, "First")

    undo(drafted, TOWN, WEEK)
    assert state(drafted)[1] == before


def close_library(lyceum: Lyceum, day: date) -> None:
    closure = Closure(venue_id("library"), day, day)
    closure = replace(closure, id=closure_id("library", closure))
    close_venue(lyceum, "library", closure, "the heating is out", emergency=True)


def test_step_is_not_taken_back_against_a_hard_rule(drafted: Lyceum) -> None:
    drop(drafted, TOWN, WEEK, PHONE, 1, "called off")
    close_library(drafted, date(2026, 12, 5))

    with pytest.raises(BrokenRules, match=r"^this undo would break 1 rule: open: r-phone#1"):
        undo(drafted, TOWN, WEEK)


def test_fifty_steps_are_kept(drafted: Lyceum) -> None:
    for number in range(MOST_STEPS + 2):
        pin(drafted, TOWN, WEEK, phone(drafted), f"reason {number}")
    for _ in range(MOST_STEPS):
        undo(drafted, TOWN, WEEK)

    assert [one.comment for one in load_timetable(drafted, TOWN, WEEK).pins] == ["reason 1"]
    with pytest.raises(NoStep):
        undo(drafted, TOWN, WEEK)


# ---- Twenty mixed steps


@contextmanager
def a_town(kind: str) -> Iterator[Lyceum]:
    with TemporaryDirectory() as folder:
        url = "memory:" if kind == "memory" else f"sqlite:///{Path(folder) / 'lyceum.db'}"
        with town(url) as lyceum:
            plan_week(lyceum, TOWN, WEEK, effort=QUICK)
            yield lyceum


KEYS = [(PHONE, 1), (CHOIR, 1), (BRUSH, 1), (BRUSH, 2)]
ACTS = st.tuples(
    st.sampled_from(["pin", "lift", "move", "move", "drop", "suggest"]),
    st.sampled_from(KEYS),
    st.integers(0, 9),
)


def act(lyceum: Lyceum, kind: str, key: tuple[UUID, int], choice: int) -> bool:
    """One act by hand, where it can be done; whether it was a step."""
    request, number = key
    version = load_timetable(lyceum, TOWN, WEEK).version
    try:
        match kind:
            case "pin":
                pin(lyceum, TOWN, WEEK, find_session(lyceum, TOWN, WEEK, request, number), f"pin {choice}")
            case "lift":
                unpin(lyceum, TOWN, WEEK, request, number)
            case "drop":
                drop(lyceum, TOWN, WEEK, request, number, f"drop {choice}")
            case "suggest":
                places = suggested(lyceum, TOWN, WEEK, request, number, moves=2, limit=5)
                first, *others = (step.after for step in places[choice % len(places)].moves)
                move(lyceum, TOWN, WEEK, first, f"move {choice}", accept=EVERY_WISH, also=others)
            case "move":
                days = 6 if request == PHONE else 1 + choice % 5
                start = f"{(9 if request == PHONE else 17) + choice % 3}:{'00' if choice % 2 else '30'}"
                session = find_session(lyceum, TOWN, WEEK, request, number)
                begin = on_day(days, start.zfill(5), "23:00").start_min
                moved = new_session(lyceum, TOWN, WEEK, request, number, begin)
                moved = replace(session, window=moved.window)
                move(lyceum, TOWN, WEEK, moved, f"move {choice}", accept=EVERY_WISH)
    except (Refused, ZeroDivisionError):
        return False
    return load_timetable(lyceum, TOWN, WEEK).version > version


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["memory", "sqlite"])
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given_any(st.lists(ACTS, min_size=40, max_size=60))
def test_twenty_mixed_steps_taken_back_and_done_again(
    kind: str, acts: list[tuple[str, tuple[UUID, int], int]]
) -> None:
    with a_town(kind) as lyceum:
        states, steps = [state(lyceum)], 0
        for one in acts:
            if steps < 20 and act(lyceum, *one):
                steps += 1
                states.append(state(lyceum))
        for before in reversed(states[:-1]):
            undo(lyceum, TOWN, WEEK)
            assert state(lyceum) == before
        for after in states[1:]:
            redo(lyceum, TOWN, WEEK)
            assert state(lyceum) == after
        with pytest.raises(NoStep):
            redo(lyceum, TOWN, WEEK)
