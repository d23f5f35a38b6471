"""A branch is planned by a job that may take long, on each kind of database."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from eventsourcing.persistence import IntegrityError

import scheduler
from adapters.application.application import Lyceum
from adapters.branches.adopting import TruthMovedOn
from adapters.branches.branch_application import BranchApplication
from adapters.branches.branch_planning import plan_branch
from adapters.branches.branches import (
    Branch,
    BranchChange,
    BranchClosed,
    NothingToUndo,
    branch_id,
    branch_row,
    branches_of,
    find_branch,
    start_branch,
    stored_events,
    with_change,
    without_last,
)
from adapters.branches.comparing_branches import compare
from adapters.branches.lifecycle import BranchRef, adopt, drop, rebase, start
from adapters.branches.overlay import BranchUnit
from adapters.services.adjusting import find_session, pin
from adapters.services.areas import letter_week, set_starts
from adapters.services.closures import close_venue, pause_volunteer, retire_venue
from adapters.services.planning import Effort, NothingToPlan, plan_week
from adapters.services.releases import release_week
from adapters.store.append_conditions import kind_of
from adapters.store.rows import Row
from adapters.store.streams import DIARIES
from adapters.week.plan_documents import load_timetable, read_document
from adapters.week.week_snapshot import snapshot_of
from domain.events import NotThere
from domain.network import area_id
from domain.request import request_id
from domain.starts import Starts
from domain.venue import Closure
from domain.volunteer import Pause
from tests.adapters.town import TOWN, WEEK

QUICK = Effort(time_limit_s=5, workers=1)
AWAY = Pause(date(2026, 12, 5), date(2026, 12, 5))


def begin(lyceum: Lyceum, name: str = "what-if", week: str = WEEK) -> Branch:
    known, made = start_branch(lyceum.store, lyceum.metadata(), TOWN, week, name)
    lyceum.commit((), [branch_row(lyceum.store, known, made)])
    return made


def paused(lyceum: Lyceum, branch: Branch) -> Branch:
    """The branch in which Li is away on the Saturday."""
    unit = BranchUnit(lyceum, "coordinator-1", branch)
    pause_volunteer(unit, "li", AWAY, "what if")
    metadata = unit.metadata()
    after = with_change(
        branch,
        BranchChange(
            "pause_volunteer", {}, {}, "Li is away", metadata.by, metadata.at, stored_events(unit.events)
        ),
    )
    lyceum.commit((), [branch_row(lyceum.store, branch, after)])
    return after


def test_plan_of_a_branch_keeps_the_rules_and_leaves_the_truth_alone(lyceum: Lyceum) -> None:
    plan_week(lyceum, TOWN, WEEK, effort=QUICK)
    position, digest = lyceum.store.position(), lyceum.views.digest()
    branch = paused(lyceum, begin(lyceum))
    draft = plan_branch(lyceum, branch.id, "planner", effort=QUICK)

    problem = scheduler.read_problem(draft.problem.document)
    assert scheduler.check(problem, scheduler.read_plan(draft.plan, problem).assignments) == ()
    assert (draft.number, draft.made) == (2, True)
    assert str(request_id("r-phone")) in {one["request"] for one in draft.plan["unserved"]}
    assert (lyceum.store.position(), lyceum.views.digest()) == (position, digest)
    told = compare(lyceum, find_branch(lyceum.store, TOWN, WEEK, "what-if"))
    assert (told.counts["cancelled"], told.after.broken) == (1, ())
    assert [(one.section, one.key) for one in told.facts] == [("volunteers", "li")]


def test_draft_comes_after_what_was_changed_while_it_was_made(lyceum: Lyceum) -> None:
    branch = begin(lyceum)
    draft = plan_branch(
        lyceum,
        branch.id,
        "planner",
        effort=QUICK,
        on_progress=lambda _: _once(lyceum),
        also=lambda made: [("documents", Row("document", str(made.number), b"saved with it"))],
    )

    kept = find_branch(lyceum.store, TOWN, WEEK, "what-if")
    assert [one.operation for one in kept.changes] == ["pause_volunteer", "plan"]
    assert kept.changes[1].by == "planner"
    unit = BranchUnit(lyceum, "somebody", kept)
    origin = load_timetable(unit, TOWN, WEEK).origin
    assert origin is not None
    assert read_document(unit.store, origin.plan) == draft.plan
    assert lyceum.store.rows("documents").get("document", "1") == b"saved with it"
    with pytest.raises(NotThere):
        lyceum.store.document(origin.plan)


def _once(lyceum: Lyceum) -> None:
    branch = find_branch(lyceum.store, TOWN, WEEK, "what-if")
    if not branch.changes:
        paused(lyceum, branch)


def test_history_of_a_week_in_a_branch_is_that_of_the_truth_and_its_own(lyceum: Lyceum) -> None:
    plan_week(lyceum, TOWN, WEEK, effort=QUICK)
    branch = begin(lyceum)
    session = find_session(lyceum, TOWN, WEEK, request_id("r-phone"), 1)
    unit = BranchUnit(lyceum, "somebody", branch)
    assert pin(unit, TOWN, WEEK, session, "the phones are there")
    metadata = unit.metadata()
    after = with_change(
        branch, BranchChange("pin_session", {}, {}, "", metadata.by, metadata.at, stored_events(unit.events))
    )
    inside = BranchUnit(lyceum, "somebody", after)

    timetable = load_timetable(inside, TOWN, WEEK)
    assert [type(one).__name__ for one in inside.store.events_of(timetable.id)] == [
        "DraftMade",
        "SessionPinned",
    ]
    assert [one.session for one in timetable.pins] == [session]
    assert snapshot_of(inside.views, TOWN, WEEK).timetable == timetable
    assert load_timetable(lyceum, TOWN, WEEK).pins == ()
    assert without_last(after).changes == ()
    with pytest.raises(NothingToUndo):
        without_last(branch)


def test_branches_of_other_weeks_are_not_listed(lyceum: Lyceum) -> None:
    begin(lyceum, "one")
    begin(lyceum, "two", "2026-W50")

    assert [one.name for one in branches_of(lyceum.store, TOWN, WEEK)] == ["one"]
    with pytest.raises(NotThere):
        find_branch(lyceum.store, TOWN, WEEK, "two")


def test_branch_of_a_week_that_nobody_asks_for_is_not_planned(lyceum: Lyceum) -> None:
    branch = begin(lyceum, "far", "2027-W20")

    with pytest.raises(NothingToPlan):
        plan_branch(lyceum, branch.id, "planner", effort=QUICK)


def closed_in(lyceum: Lyceum, branch: Branch, venue: str = "school", day: int = 1) -> None:
    """A closure inside the branch, as the command line gives it."""
    closure = Closure(UUID(int=day), date(2026, 12, day), date(2026, 12, day))
    close_venue(
        BranchApplication(lyceum, branch.id, f"close {venue}"), venue, closure, "what if", emergency=True
    )


def test_rebase_names_what_decides_nothing_any_more(lyceum: Lyceum) -> None:
    """A fact of the branch that now stands outside too is not lost without a word."""
    branch = begin(lyceum)
    retire_venue(BranchApplication(lyceum, branch.id, "retire"), "library", date(2027, 1, 31), "moves out")
    closed_in(lyceum, branch)
    retire_venue(lyceum, "library", date(2027, 1, 31), "moves out")
    with pytest.raises(TruthMovedOn):
        adopt(lyceum, BranchRef(branch.id))
    rebased = rebase(lyceum, BranchRef(branch.id))

    assert {number: change.words for number, change in rebased.idle.items()} == {1: "retire"}
    assert [change.words for change in rebased.branch.changes] == ["close school"]
    assert rebase(lyceum, BranchRef(branch.id)).idle == {}


def pinned_in(lyceum: Lyceum, branch: Branch) -> None:
    """The session about phones is held in the library, with Li."""
    session = find_session(lyceum, TOWN, WEEK, request_id("r-phone"), 1)
    pin(BranchApplication(lyceum, branch.id, "pin"), TOWN, WEEK, session, "the phones are there")


def test_pins_of_a_branch_rest_on_the_facts_that_they_were_set_in(lyceum: Lyceum) -> None:
    """A branch without a draft of its own is refused too, with who changed what and when."""
    plan_week(lyceum, TOWN, WEEK, effort=QUICK)
    branch = begin(lyceum)
    pinned_in(lyceum, branch)
    closure = Closure(UUID(int=1), date(2026, 12, 5), date(2026, 12, 5))
    close_venue(lyceum, "library", closure, "the roof", emergency=True)
    close_venue(lyceum, "school", closure, "the roof", emergency=True)

    with pytest.raises(TruthMovedOn) as refused:
        adopt(lyceum, BranchRef(branch.id))
    assert "1 event has changed since what branch what-if rests on" in str(refused.value)
    assert "(library: venue closed by coordinator-1 on 2026-11-20 09:00); rebase the branch" in str(
        refused.value
    )
    compared = compare(lyceum, find_branch(lyceum.store, TOWN, WEEK, "what-if"))
    assert compared.moved_on == refused.value.changed
    assert rebase(lyceum, BranchRef(branch.id)).idle == {}
    assert adopt(lyceum, BranchRef(branch.id)).events == 1


def test_what_a_pin_was_set_in_is_no_reason_to_rebase(quick: Lyceum) -> None:
    plan_week(quick, TOWN, WEEK, effort=QUICK)
    branch = begin(quick)
    closure = Closure(UUID(int=1), date(2026, 12, 1), date(2026, 12, 1))
    close_venue(quick, "library", closure, "the roof", emergency=True)
    pinned_in(quick, branch)

    assert adopt(quick, BranchRef(branch.id)).events == 1


def planned_twice(lyceum: Lyceum) -> None:
    """A week with two drafts, the second one without the library on the Saturday."""
    plan_week(lyceum, TOWN, WEEK, effort=QUICK)
    closure = Closure(UUID(int=1), date(2026, 12, 5), date(2026, 12, 5))
    close_venue(lyceum, "library", closure, "the roof", emergency=True)
    plan_week(lyceum, TOWN, WEEK, effort=QUICK)


def test_older_draft_is_put_on_top_of_a_newer_one_only_on_purpose(lyceum: Lyceum) -> None:
    planned_twice(lyceum)
    branch = start(lyceum, TOWN, WEEK, "what-if", draft=1)

    with pytest.raises(
        TruthMovedOn, match=r"older than draft 2 of .*, which coordinator-1 made on 2026-11-20"
    ):
        adopt(lyceum, BranchRef(branch.id))
    assert load_timetable(lyceum, TOWN, WEEK).drafts == 2
    assert adopt(lyceum, BranchRef(branch.id), older_draft=True).draft == 3


def test_draft_that_a_rebase_makes_older_is_not_put_on_top(quick: Lyceum) -> None:
    """The latest draft when the branch began is an earlier one by now."""
    plan_week(quick, TOWN, WEEK, effort=QUICK)
    branch = start(quick, TOWN, WEEK, "what-if", draft=1)
    planned_twice(quick)
    closed_in(quick, branch)
    rebase(quick, BranchRef(branch.id))

    with pytest.raises(TruthMovedOn, match="older than draft 2"):
        adopt(quick, BranchRef(branch.id))
    plan_branch(quick, branch.id, "planner", effort=QUICK)
    assert adopt(quick, BranchRef(branch.id)).draft == 3


@pytest.mark.parametrize("area", ["town", "river"])
def test_letters_and_starts_of_areas_are_compared(quick: Lyceum, area: str) -> None:
    plan_week(quick, TOWN, WEEK, effort=QUICK)
    for name in ("letters", "starts"):
        inside = BranchApplication(quick, begin(quick, name).id, name)
        if name == "letters":
            letter_week(inside, area_id(area), WEEK, "A", "the first week")
        else:
            set_starts(inside, area_id(area), Starts(15), date(2026, 11, 30), "short courses")
        facts = compare(quick, find_branch(quick.store, TOWN, WEEK, name)).facts

        assert [(fact.key, fact.change) for fact in facts if fact.section == "areas"] == [(area, "changed")]


def test_plan_rests_on_the_starts_of_the_area(quick: Lyceum) -> None:
    branch = begin(quick)
    plan_branch(quick, branch.id, "planner", effort=QUICK)
    set_starts(quick, TOWN, Starts(15), date(2026, 11, 30), "short courses")

    with pytest.raises(TruthMovedOn, match=r"was planned from has changed: .*areas town \(changed\)"):
        adopt(quick, BranchRef(branch.id))


def test_closed_branch_is_not_compared(quick: Lyceum) -> None:
    """The truth has the changes of an adopted one, so that nothing would differ, or all for another reason."""
    for name in ("adopted", "dropped", "open"):
        closed_in(quick, begin(quick, name), day=2)
    adopt(quick, BranchRef(branch_id(TOWN, WEEK, "adopted")))
    drop(quick, BranchRef(branch_id(TOWN, WEEK, "dropped")))
    adopted, dropped, still_open = (
        find_branch(quick.store, TOWN, WEEK, name) for name in ("adopted", "dropped", "open")
    )

    with pytest.raises(BranchClosed, match=r"branch adopted was adopted: .* its 1 change by now"):
        compare(quick, adopted)
    with pytest.raises(BranchClosed, match="branch adopted was adopted"):
        compare(quick, still_open, adopted)
    with pytest.raises(BranchClosed, match="branch dropped was dropped"):
        compare(quick, dropped)


def test_adopting_rests_on_what_the_commands_have_looked_at(quick: Lyceum) -> None:
    """A release that comes in between may have booked what a closure is to block."""
    branch = begin(quick)
    closure = Closure(UUID(int=1), date(2026, 12, 1), date(2026, 12, 1))
    close_venue(BranchApplication(quick, branch.id, "close"), "school", closure, "what if", emergency=True)
    unit = quick.unit("operator")
    adopt(unit, BranchRef(branch.id))
    assert any(kind_of(DIARIES) in condition.kinds for condition in unit.conditions)
    plan_week(quick, TOWN, WEEK, effort=QUICK)
    release_week(quick, TOWN, WEEK, "First")

    with pytest.raises(IntegrityError):
        unit.save()
    with pytest.raises(TruthMovedOn, match="other effects now"):
        adopt(quick, BranchRef(branch.id))
    rebase(quick, BranchRef(branch.id))
    assert adopt(quick, BranchRef(branch.id)).events > 1
