"""Steps by hand: read from events, taken back by the state of their sessions, and over when a new draft is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta

from domain.adjusting import drop_session, move_sessions, pin_session, unpin_session
from domain.events import EventMetadata
from domain.network import area_id
from domain.steps import Step, StepHistory, changed_since, redo_step, step_history, undo_step
from domain.timetable import Pin, Timetable, TimetableEvent, blank, edits_of, evolve, make_draft
from domain.windows import on_day
from tests.builders import STAMP, WEEK, origin, session

TUESDAY = session("r-1")
THURSDAY = session("r-2", on_day(4, "18:00", "19:30"), leads=("v-2",))
PLANNED = (TUESDAY, THURSDAY)
MOVED = replace(TUESDAY, window=on_day(6, "09:00", "10:30"))
EMPTY = blank(area_id("river-street"), WEEK)
Decision = Callable[[Timetable, EventMetadata], Iterable[TimetableEvent]]


class Week:
    """A timetable with all its events; each act comes an hour after the one before."""

    def __init__(self) -> None:
        self.timetable, self.events, self.stamp = EMPTY, list[TimetableEvent](), STAMP
        self.act(lambda known, stamp: make_draft(known, stamp, origin()))

    def act(self, decide: Decision, by: str = STAMP.by) -> None:
        self.stamp = replace(self.stamp, at=self.stamp.at + timedelta(hours=1))
        for event in decide(self.timetable, replace(self.stamp, by=by)):
            self.timetable = evolve(self.timetable, event)
            self.events.append(event)

    @property
    def history(self) -> StepHistory:
        return step_history(EMPTY, self.events)

    def done(self, by: str = STAMP.by) -> tuple[Step, ...]:
        return self.history.done.get(by, ())

    def undo(self) -> None:
        step = self.done()[-1]
        self.act(lambda known, stamp: undo_step(known, stamp, step))

    def redo(self) -> None:
        step = self.history.undone[STAMP.by][-1]
        self.act(lambda known, stamp: redo_step(known, stamp, step))


def move(known: Timetable, stamp: EventMetadata) -> Iterable[TimetableEvent]:
    return move_sessions(known, stamp, (MOVED,), "the hall is cold", PLANNED)


def pin(known: Timetable, stamp: EventMetadata) -> Iterable[TimetableEvent]:
    return pin_session(known, stamp, Pin(TUESDAY, "the mayor comes"))


def drop(known: Timetable, stamp: EventMetadata) -> Iterable[TimetableEvent]:
    return drop_session(known, stamp, THURSDAY.request, 1, "nobody came", PLANNED)


def replan(known: Timetable, stamp: EventMetadata) -> Iterable[TimetableEvent]:
    return make_draft(known, stamp, origin("p-2", "s-2"))


def state(week: Week) -> Timetable:
    return replace(week.timetable, version=0)


def test_each_command_is_a_step_with_what_it_did_and_why() -> None:
    week = Week()
    for decide in (pin, move, drop, lambda known, stamp: unpin_session(known, stamp, *TUESDAY.key)):
        week.act(decide)

    assert [(step.kind, step.request, step.why) for step in week.done()] == [
        ("pinned", TUESDAY.request, "the mayor comes"),
        ("moved", TUESDAY.request, "the hall is cold"),
        ("dropped", THURSDAY.request, "nobody came"),
    ]  # the move had lifted the pin
    assert [edits.pin is None for edits in (week.done()[1].before[0], week.done()[1].after[0])] == [
        False,
        True,
    ]


def test_steps_taken_back_and_done_again_leave_the_states_of_before() -> None:
    week, states = Week(), []
    for decide in (pin, move, drop):
        states.append(state(week))
        week.act(decide)
    states.append(state(week))

    for before in reversed(states[:-1]):
        week.undo()
        assert state(week) == before
    for after in states[1:]:
        week.redo()
        assert state(week) == after


def test_steps_belong_to_who_made_them_and_a_new_one_empties_only_their_own_redo() -> None:
    week = Week()
    week.act(move)
    week.act(drop, by="coordinator-2")
    week.undo()
    week.act(lambda known, stamp: pin_session(known, stamp, Pin(THURSDAY, "piano")), by="coordinator-2")

    assert [step.kind for step in week.done("coordinator-2")] == ["dropped", "pinned"]
    assert [step.kind for step in week.history.undone[STAMP.by]] == ["moved"]
    week.act(pin)
    assert week.history.undone[STAMP.by] == ()


def test_new_draft_ends_the_steps_before_it_and_says_whose() -> None:
    week = Week()
    week.act(move)
    week.act(replan, by="planner")

    assert (len(week.done()), week.history.stopped) == (0, frozenset({STAMP.by}))
    assert week.history.draft is not None
    assert (week.history.draft.draft, week.history.draft.by) == (2, "planner")
    week.act(move)
    assert (len(week.done()), week.history.stopped) == (1, frozenset())


def test_moves_that_come_with_a_draft_are_no_steps() -> None:
    """A branch brings its draft and the moves in it at one instant."""
    week = Week()

    def bring(known: Timetable, stamp: EventMetadata) -> Iterable[TimetableEvent]:
        for event in replan(known, stamp):
            known = evolve(known, event)
            yield event
        yield from move(known, stamp)

    week.act(bring)
    assert week.done() == ()


def test_session_is_changed_where_something_else_is_done_to_it_by_hand() -> None:
    week = Week()
    week.act(move)
    after = week.done()[0].after

    assert list(changed_since(week.timetable, after)) == []
    week.act(pin)
    assert list(changed_since(week.timetable, after)) == [TUESDAY.key]
    week.undo()
    assert list(changed_since(week.timetable, after)) == []
    assert edits_of(week.timetable, TUESDAY.key) == after[0]
