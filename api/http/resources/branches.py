"""What-if branches: change facts and pins beside the truth, plan, compare, then adopt or drop."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote
from uuid import UUID

import orjson
from fastapi import Path, Query
from pydantic import Field

from adapters.branches import (
    Branch,
    Change,
    Start,
    Status,
    branch_row,
    branches_of,
    closed,
    find_branch,
    read,
    start_branch,
    with_change,
    without_last,
)
from adapters.branches_adopt import (
    adopted,
    adopted_documents,
    dropped_documents,
    require_fresh_plan,
    require_same,
    require_unmoved,
)
from adapters.branches_compare import Comparison, compare
from adapters.branches_overlay import BranchUnit
from adapters.branches_plan import plan_in
from adapters.planning import Effort, planned_sessions
from adapters.problems import problem_of
from adapters.store.streams import TIMETABLES
from adapters.weeks import Facts, facts_of
from api.http.branching import again, give
from api.http.calls import Answer, Call, Command, listed, told
from api.http.etags import of_content
from api.http.operations import Form, Operations
from api.http.paging import Cursor, Limit, page
from api.http.parameters import Key, NewKey, Week
from api.http.problems import invalid
from api.http.resources import examples
from api.http.resources.drafts import DOCUMENT, Draft
from api.http.resources.weeks import area_and_week
from domain.timetable import DraftMade, GoalValue, NoDraft, draft_sessions, timetable_id

operations = Operations("branches")

BranchName = Annotated[str, Path(min_length=1, max_length=80, description="The branch's name.")]
Number = Annotated[int, Field(ge=1, le=100_000)]


class StartForm(Form):
    """Without `draft` and `release` it starts from the week as it is now; with one of them from that plan."""

    name: NewKey
    draft: Number | None = None
    release: Number | None = None


class ChangeForm(Form):
    """A command by its operationId, with what its path names and its body.

    `area` and `week` of a path are the branch's own where they are left out.
    """

    operation: Annotated[str, Field(min_length=1, max_length=80)]
    path: Annotated[
        dict[str, Annotated[str, Field(max_length=200)]], Field(max_length=10, default_factory=dict)
    ]
    body: dict[str, Any] | None = None


class PlanForm(Form):
    """A short search whose answer is waited for. `again`: also where nothing has changed."""

    time_limit_s: Annotated[float, Field(gt=0, le=20)] = 5
    seed: Annotated[int, Field(ge=0, le=2_147_483_647)] = 0
    again: bool = False


class RebaseForm(Form):
    """The numbers of changes to leave out, such as one that is refused now."""

    without: Annotated[tuple[Number, ...], Field(max_length=500)] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """A change of a branch: a command, in words, who gave it, and the types of the events that came of it."""

    number: int
    operation: str
    path: dict[str, str]
    body: Any
    words: str
    by: str
    at: datetime
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BranchDraft:
    """A draft that a branch made, or took over from what it starts from."""

    number: int
    status: str
    goals: tuple[GoalValue, ...]
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BranchNote:
    """A branch, in a list: `changes` is how many it has."""

    name: str
    version: int
    status: Status
    start: Start
    by: str
    at: datetime
    changes: int


@dataclass(frozen=True, slots=True)
class BranchTold:
    """A branch with its changes in order; `version` is for If-Match."""

    name: str
    version: int
    status: Status
    area: UUID
    week: str
    start: Start
    by: str
    at: datetime
    changes: tuple[Given, ...]
    drafts: tuple[BranchDraft, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """The branch's version afterwards, the change (null where nothing changes), and what the command answers."""

    version: int
    change: Given | None
    answer: Any


@dataclass(frozen=True, slots=True)
class Planned:
    """The branch's latest draft; `made` false: it stood already."""

    version: int
    number: int
    made: bool
    status: str
    goals: tuple[GoalValue, ...]
    sessions: int
    unserved: int


@dataclass(frozen=True, slots=True)
class Adopted:
    """What became of the truth: so many events, and the draft of the week that is now the latest; 0: none yet."""

    version: int
    events: int
    draft: int


_AT = "2026-11-22T09:00:00Z"
_START = {"kind": "now", "number": 0, "version": 1, "seen": 1, "position": 812}
_CHANGE = {
    "number": 1,
    "operation": "close_venue",
    "path": {"venue": "school"},
    "body": {"first": "2026-12-01", "why": "what if"},
    "words": "Close a venue, or some of its rooms: school, first 2026-12-01, why what if",
    "by": "coordinator-7",
    "at": _AT,
    "events": ["venue.closed"],
}
_GOALS = [{"goal": "served", "value": 1800, "bound": 1800}]
_NOTE = {
    "name": "school-closed",
    "version": 2,
    "status": "open",
    "start": _START,
    "by": "coordinator-7",
    "at": _AT,
    "changes": 1,
}
_BRANCH = {
    **_NOTE,
    "area": examples.AREA["id"],
    "week": "2026-W49",
    "changes": [_CHANGE],
    "drafts": [{"number": 2, "status": "optimal", "goals": _GOALS, "by": "coordinator-7", "at": _AT}],
}
_COMPARISON = {
    "before": {"name": "now", "draft": 1, "sessions": 2, "broken": ["open: the hall is closed on Tuesday"]},
    "after": {"name": "school-closed", "draft": 2, "sessions": 1, "broken": []},
    "goals": [
        {
            "goal": "served",
            "before": {"value": 1800, "bound": 1800},
            "after": {"value": 900, "bound": 900},
            "difference": -900,
        }
    ],
    "counts": {"new": 0, "moved": 0, "cancelled": 1, "unchanged": 1},
    "changes": [{"change": "cancelled", "before": examples.PLACED, "after": None}],
    "facts": [{"section": "venues", "key": "school", "change": "changed"}],
    "moved_on": [],
}
_HERE = "/weeks/{area}/{week}/branches"


# ---- Read


@operations.read(
    _HERE,
    may="branches.read",
    answers=BranchNote,
    many=True,
    summary="List a week's branches",
    example=examples.page(_NOTE),
)
def list_branches(
    call: Call,
    area: Key,
    week: Week,
    status: Status | None = None,
    sort: Literal["name", "-name", "at", "-at"] = "at",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Answer:
    """In order of when they were started; also those that were adopted or dropped."""
    place, _ = area_and_week(call, area, week)
    found = [
        BranchNote(one.name, one.version, one.status, one.start, one.by, one.at, len(one.changes))
        for one in branches_of(call.house.lyceum.store, place.id, week)
        if status in (None, one.status)
    ]
    keys = {"name": lambda one: one.name, "at": lambda one: one.at.isoformat()}
    return listed(
        BranchNote,
        page(found, sort=sort, keys=keys, id_of=lambda one: one.name, limit=limit, cursor=cursor),
    )


@operations.read(
    f"{_HERE}/{{branch}}",
    may="branches.read",
    answers=BranchTold,
    summary="Read a branch",
    example=_BRANCH,
)
def read_branch(call: Call, area: Key, week: Week, branch: BranchName) -> Answer:
    """What it starts from, its changes in words, and its drafts."""
    return told(_told(_find(call, area, week, branch)))


def _find(call: Call, area: str, week: str, name: str) -> Branch:
    place, _ = area_and_week(call, area, week)
    return find_branch(call.house.lyceum.store, place.id, week, name)


def _told(one: Branch) -> BranchTold:
    drafts = tuple(
        BranchDraft(fact.draft, fact.origin.status, fact.origin.goals, fact.by, fact.at)
        for fact in read(one.stored)
        if isinstance(fact, DraftMade)
    )
    changes = tuple(_given(number, change) for number, change in enumerate(one.changes, 1))
    return BranchTold(
        one.name,
        one.version,
        one.status,
        one.area,
        one.week,
        one.start,
        one.by,
        one.at,
        changes,
        drafts,
    )


def _given(number: int, one: Change) -> Given:
    events = tuple(fact.topic.partition("/")[0] for fact in one.facts)
    return Given(number, one.operation, one.path, one.body, one.words, one.by, one.at, events)


@operations.read(
    f"{_HERE}/{{branch}}/draft",
    may="branches.read",
    answers=Draft,
    summary="Read the draft of a branch",
    example=examples.DRAFT,
)
def read_branch_draft(call: Call, area: Key, week: Week, branch: BranchName) -> Answer:
    """Its latest draft as moved by hand in the branch; that which it starts from until it is planned."""
    unit, facts = _inside(call, _find(call, area, week, branch))
    timetable = facts.timetable
    if timetable.origin is None:
        raise NoDraft(f"branch {branch} has no draft of {week} yet; plan it first")
    sessions = draft_sessions(timetable, planned_sessions(unit.store, timetable))
    answer = told(
        Draft(
            timetable.drafts,
            timetable.version,
            timetable.origin,
            sessions,
            timetable.pins,
            timetable.moves,
            timetable.dropped,
            timetable.adjustments,
        )
    )
    return replace(answer, etag=of_content(answer.body))


@operations.read(
    f"{_HERE}/{{branch}}/problem",
    may="branches.read",
    answers=DOCUMENT,
    summary="Write the problem document of a branch",
    example={"format": "problem/1", "name": "town 2026-W49", "venues": [], "volunteers": [], "requests": []},
)
def read_branch_problem(call: Call, area: Key, week: Week, branch: BranchName) -> Answer:
    """As it would be planned now."""
    unit, facts = _inside(call, _find(call, area, week, branch))
    body = orjson.dumps(problem_of(unit.views, facts, unit.people()).document)
    return Answer(body, etag=of_content(body))


def _inside(call: Call, branch: Branch) -> tuple[BranchUnit, Facts]:
    unit = _unit(call, branch)
    return unit, facts_of(unit.views, branch.area, branch.week)


def _unit(call: Call, branch: Branch) -> BranchUnit:
    return BranchUnit(call.house.lyceum, call.caller.actor, branch)


@operations.read(
    f"{_HERE}/{{branch}}/comparison",
    may="branches.read",
    answers=Comparison,
    summary="Compare a branch",
    example=_COMPARISON,
)
def compare_branch(
    call: Call,
    area: Key,
    week: Week,
    branch: BranchName,
    other: Annotated[
        str | None,
        Query(alias="with", max_length=80, description="Another branch; default: what it starts from."),
    ] = None,
) -> Answer:
    """Goals with their bounds, sessions, facts, and the rules that the drafts break as the facts are on each side."""
    found = _find(call, area, week, branch)
    second = None if other is None else _find(call, area, week, other)
    answer = told(compare(call.house.lyceum, found, second))
    return replace(answer, etag=of_content(answer.body))


# ---- Change


@operations.command(
    _HERE,
    may="branches.write",
    answers=BranchTold,
    status=201,
    summary="Start a branch",
    example={"name": "school-closed", "release": 1},
    answer_example={**_BRANCH, "version": 1, "changes": [], "drafts": []},
)
def start_a_branch(call: Command, form: StartForm, area: Key, week: Week) -> Answer:
    """The facts are always those of now. The draft is the latest, an earlier one, or that of a release."""
    place, _ = area_and_week(call, area, week)
    call.match(0)
    if form.draft is not None and form.release is not None:
        raise invalid("body", "release", "give either draft or release")
    store = call.house.lyceum.store
    known, made = start_branch(
        store, call.unit.stamp(), place.id, week, form.name, draft=form.draft, release=form.release
    )
    call.unit.commit((), [branch_row(store, known, made)])
    here = f"/v1/weeks/{quote(place.key, safe='')}/{week}/branches/{form.name}"
    return told(_told(made), status=201, location=here)


def _subject(call: Command, area: str, week: str, name: str) -> Branch:
    """The branch that a command changes, as If-Match says."""
    found = _find(call, area, week, name)
    call.match(found.version)
    return found


def _keep(call: Command, before: Branch, after: Branch) -> None:
    call.unit.commit((), [branch_row(call.house.lyceum.store, before, after)])


@operations.command(
    f"{_HERE}/{{branch}}/changes",
    may="branches.write",
    answers=Changed,
    summary="Give a command inside a branch",
    example={
        "operation": "close_venue",
        "path": {"venue": "school"},
        "body": {"first": "2026-12-01", "why": "what if", "emergency": True},
    },
    answer_example={"version": 2, "change": _CHANGE, "answer": {}},
)
def change_branch(call: Command, form: ChangeForm, area: Key, week: Week, branch: BranchName) -> Answer:
    """Any command that changes facts, pins or a draft, under its own rules and the caller's own rights.

    What it would change of the truth is changed in the branch alone. Releases, people, imports and credentials are
    refused.
    """
    before = _subject(call, area, week, branch)
    unit = _unit(call, before)
    made, answer = give(call, unit, before, form.operation, form.path, form.body)
    if made is None:
        return told(Changed(before.version, None, answer))
    after = with_change(before, made)
    _keep(call, before, after)
    call.unit.commit((), unit.writes)
    return told(Changed(after.version, _given(len(after.changes), made), answer))


@operations.command(
    f"{_HERE}/{{branch}}/undo",
    may="branches.write",
    answers=BranchTold,
    summary="Take back the last change of a branch",
    answer_example={**_BRANCH, "changes": []},
)
def undo_change(call: Command, area: Key, week: Week, branch: BranchName) -> Answer:
    before = _subject(call, area, week, branch)
    after = without_last(before)
    _keep(call, before, after)
    return told(_told(after))


@operations.command(
    f"{_HERE}/{{branch}}/plan",
    may="branches.write",
    answers=Planned,
    summary="Plan a branch",
    example={"time_limit_s": 5},
    answer_example={
        "version": 3,
        "number": 2,
        "made": True,
        "status": "optimal",
        "goals": _GOALS,
        "sessions": 41,
        "unserved": 1,
    },
)
def plan_a_branch(call: Command, form: PlanForm, area: Key, week: Week, branch: BranchName) -> Answer:
    """The draft stays in the branch."""
    before = _subject(call, area, week, branch)
    unit = _unit(call, before)
    effort = Effort(form.time_limit_s, 1, form.seed)
    draft, made = plan_in(unit, before, effort=effort, again=form.again)
    after = before
    if made is not None:
        after = with_change(before, made)
        _keep(call, before, after)
        call.unit.commit((), unit.writes)
    goals = tuple(
        GoalValue(name, one["value"], one.get("bound")) for name, one in draft.plan["goals"].items()
    )
    return told(
        Planned(
            after.version,
            draft.number,
            draft.made,
            draft.plan["status"],
            goals,
            len(draft.plan["assignments"]),
            len(draft.plan["unserved"]),
        )
    )


@operations.command(
    f"{_HERE}/{{branch}}/rebase",
    may="branches.write",
    answers=BranchTold,
    summary="Put a branch on the truth as it is now",
    example={"without": []},
    answer_example=_BRANCH,
)
def rebase_branch(call: Command, form: RebaseForm, area: Key, week: Week, branch: BranchName) -> Answer:
    """Each command is given again, with the caller's rights; a 409 names the change that is refused now.

    Drafts are kept as they are; plan again where the facts have changed.
    """
    before = _subject(call, area, week, branch)
    if unknown := set(form.without) - set(range(1, len(before.changes) + 1)):
        raise invalid("body", "without", f"the branch has no change {min(unknown)}")
    after = again(call, before, form.without)
    _keep(call, before, after)
    return told(_told(after))


@operations.command(
    f"{_HERE}/{{branch}}/adopt",
    may="branches.adopt",
    answers=Adopted,
    summary="Adopt a branch",
    answer_example={"version": 4, "events": 5, "draft": 2},
)
def adopt_branch(call: Command, area: Key, week: Week, branch: BranchName) -> Answer:
    """Its changes become true in one transaction, and its latest draft the next draft of the week.

    Each command is judged again, with the caller's rights. 409 where a stream that the branch changes, or a fact that
    it was planned from, has changed since; `changed` names what. Then nothing is done.
    """
    before = _subject(call, area, week, branch)
    after = closed(before, "adopted")
    truth = call.house.lyceum
    truth.views.catch_up()
    require_unmoved(truth, before)
    fresh = again(call, before)
    require_same(before, fresh.stored)
    require_fresh_plan(truth, fresh)
    facts = adopted(fresh)
    call.unit.commit(facts, adopted_documents(truth.store, before, facts))
    _keep(call, before, after)
    timetable = call.unit.load(TIMETABLES, timetable_id(before.area, week))
    latest = timetable.drafts if timetable else 0
    made = max((one.draft for one in facts if isinstance(one, DraftMade)), default=latest)
    return told(Adopted(after.version, len(facts), made))


@operations.command(
    f"{_HERE}/{{branch}}/drop",
    may="branches.write",
    answers=BranchTold,
    summary="Drop a branch",
    answer_example={**_BRANCH, "status": "dropped", "changes": [], "drafts": []},
)
def drop_branch(call: Command, area: Key, week: Week, branch: BranchName) -> Answer:
    """Its changes and drafts are gone; the name is free again."""
    before = _subject(call, area, week, branch)
    after = closed(before, "dropped")
    _keep(call, before, after)
    call.unit.commit((), dropped_documents(call.house.lyceum.store, before))
    return told(_told(after))
