"""What-if branches: change facts and pins beside the truth, plan, compare, then adopt or drop."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal
from urllib.parse import quote

import orjson
from fastapi import Path, Query

from adapters.branches import lifecycle
from adapters.branches.branches import Branch, BranchStatus, branches_of, find_branch
from adapters.branches.comparing_branches import Comparison
from adapters.branches.lifecycle import BranchRef
from adapters.branches.overlay import BranchUnit
from adapters.queries.paging import SortKey, page
from adapters.week.plan_documents import planned_sessions
from adapters.week.problem_document import problem_document
from adapters.week.week_snapshot import WeekSnapshot, snapshot_of
from api.http.errors import invalid
from api.http.framework import examples
from api.http.framework.branch_commands import CallersReplayer, give
from api.http.framework.contexts import Answer, CommandContext, RequestContext, json_response, page_response
from api.http.framework.etags import of_content
from api.http.framework.operations import Created, Operations
from api.http.framework.parameters import Key, Week
from api.http.framework.query_models import ListQuery
from api.http.resources.branches.schemas import (
    BRANCH,
    CHANGE,
    COMPARISON,
    NOTE,
    Adopted,
    BranchNote,
    BranchTold,
    Changed,
    ChangeForm,
    Rebased,
    RebaseForm,
    StartForm,
    Undone,
    shown_branch,
    shown_change,
    shown_rebased,
    shown_undone,
)
from api.http.resources.drafts.endpoints import DOCUMENT, Draft
from api.http.resources.weeks.endpoints import area_and_week
from domain.messages import message
from domain.timetable import NoDraft, draft_sessions

operations = Operations("branches")

BranchName = Annotated[str, Path(min_length=1, max_length=80, description="The branch's name.")]
HERE = "/weeks/{area}/{week}/branches"


# ---- Read


class BranchList(ListQuery):
    status: BranchStatus | None = None
    sort: Literal["name", "-name", "at", "-at"] = "at"


@operations.read(
    HERE,
    may="branches.read",
    answers=BranchNote,
    many=True,
    summary="List a week's branches",
    example=examples.page(NOTE),
)
def list_branches(context: RequestContext, area: Key, week: Week, query: BranchList) -> Answer:
    """In order of when they were started; also those that were adopted or dropped."""
    area_state, _ = area_and_week(context, area, week)
    branch_notes = [
        BranchNote(
            branch.name,
            branch.version,
            branch.status,
            branch.start,
            branch.by,
            branch.at,
            len(branch.changes),
        )
        for branch in branches_of(context.app_state.lyceum.store, area_state.id, week)
        if query.status in (None, branch.status)
    ]
    keys: dict[str, SortKey[BranchNote]] = {
        "name": lambda note: note.name,
        "at": lambda note: note.at.isoformat(),
    }
    return page_response(BranchNote, page(branch_notes, keys, keys["name"], query.paging()))


@operations.read(
    f"{HERE}/{{branch}}",
    may="branches.read",
    answers=BranchTold,
    summary="Read a branch",
    example=BRANCH,
)
def read_branch(context: RequestContext, area: Key, week: Week, branch: BranchName) -> Answer:
    """What it starts from, its changes in words, and its drafts."""
    return json_response(shown_branch(find(context, area, week, branch)))


def find(context: RequestContext, area: str, week: str, name: str) -> Branch:
    area_state, _ = area_and_week(context, area, week)
    return find_branch(context.app_state.lyceum.store, area_state.id, week, name)


@operations.read(
    f"{HERE}/{{branch}}/draft",
    may="branches.read",
    answers=Draft,
    summary="Read the draft of a branch",
    example=examples.DRAFT,
)
def read_branch_draft(context: RequestContext, area: Key, week: Week, branch: BranchName) -> Answer:
    """Its latest draft as moved by hand in the branch; that which it starts from until it is planned."""
    unit, snapshot = _inside(context, find(context, area, week, branch))
    timetable = snapshot.timetable
    if timetable.origin is None:
        raise NoDraft(
            message("branch {branch} has no draft of {week} yet; plan it first", branch=branch, week=week)
        )
    sessions = draft_sessions(timetable, planned_sessions(unit.store, timetable))
    answer = json_response(
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
    f"{HERE}/{{branch}}/problem",
    may="branches.read",
    answers=DOCUMENT,
    summary="Write the problem document of a branch",
    example={"format": "problem/1", "name": "town 2026-W49", "venues": [], "volunteers": [], "requests": []},
)
def read_branch_problem(context: RequestContext, area: Key, week: Week, branch: BranchName) -> Answer:
    """As it would be planned now."""
    unit, snapshot = _inside(context, find(context, area, week, branch))
    body = orjson.dumps(problem_document(unit.views, snapshot, unit.people()).document)
    return Answer(body, etag=of_content(body))


def _inside(context: RequestContext, branch: Branch) -> tuple[BranchUnit, WeekSnapshot]:
    unit = BranchUnit(context.app_state.lyceum, context.caller.actor, branch)
    return unit, snapshot_of(unit.views, branch.area, branch.week)


@operations.read(
    f"{HERE}/{{branch}}/comparison",
    lane="alone",
    may="branches.read",
    answers=Comparison,
    summary="Compare a branch",
    example=COMPARISON,
)
def compare_branch(
    context: RequestContext,
    area: Key,
    week: Week,
    branch: BranchName,
    rival: Annotated[
        str | None,
        Query(alias="with", max_length=80, description="Another branch; default: what it starts from."),
    ] = None,
) -> Answer:
    """Goals with their bounds, sessions, facts, and the rules that the drafts break as the facts are on each side.

    409 where a branch is closed: the week has the changes of an adopted one by now.
    """
    first = find(context, area, week, branch)
    second = None if rival is None else find(context, area, week, rival)
    answer = json_response(context.app_state.judging.compared(first, second))
    return replace(answer, etag=of_content(answer.body))


# ---- Change


@operations.command(
    HERE,
    may="branches.write",
    answers=Created(BranchTold),
    summary="Start a branch",
    example={"name": "school-closed", "release": 1},
    answer_example={**BRANCH, "version": 1, "changes": [], "drafts": []},
)
def start_a_branch(context: CommandContext, form: StartForm, area: Key, week: Week) -> Answer:
    """The facts are always those of now. The draft is the latest, an earlier one, or that of a release."""
    area_state, _ = area_and_week(context, area, week)
    context.match(0)
    if form.draft is not None and form.release is not None:
        raise invalid("body", "release", message("give either draft or release"))
    branch = lifecycle.start(
        context.unit, area_state.id, week, form.name, draft=form.draft, release=form.release
    )
    here = f"/v1/weeks/{quote(area_state.key, safe='')}/{week}/branches/{quote(branch.name, safe='')}"
    return json_response(shown_branch(branch), status=201, location=here)


def subject(context: CommandContext, area: str, week: str, name: str) -> Branch:
    """The branch that a command changes, as If-Match says."""
    branch = find(context, area, week, name)
    context.match(branch.version)
    return branch


def ref_of(branch: Branch) -> BranchRef:
    """The branch as it was seen."""
    return BranchRef(branch.id, branch.version)


@operations.command(
    f"{HERE}/{{branch}}/changes",
    lane="large",
    may="branches.write",
    answers=Changed,
    summary="Give a command inside a branch",
    example={
        "operation": "close_venue",
        "path": {"venue": "school"},
        "body": {"first": "2026-12-01", "why": "what if", "emergency": True},
    },
    answer_example={"version": 2, "change": CHANGE, "answer": {}},
)
def change_branch(
    context: CommandContext, form: ChangeForm, area: Key, week: Week, branch: BranchName
) -> Answer:
    """Any command that changes facts, pins or a draft, under its own rules and the caller's own rights.

    What it would change of the truth is changed in the branch alone. Releases, people, imports and credentials are
    refused.
    """
    before = subject(context, area, week, branch)
    unit = BranchUnit(context.unit, context.caller.actor, before)
    branch_change, answer = give(context, unit, form.operation, form.path, form.body)
    if branch_change is None:
        return json_response(Changed(before.version, None, answer))
    after = lifecycle.keep_change(context.unit, ref_of(before), branch_change, unit.writes)
    return json_response(Changed(after.version, shown_change(len(after.changes), branch_change), answer))


@operations.command(
    f"{HERE}/{{branch}}/undo",
    may="branches.write",
    answers=Undone,
    summary="Take back the last change of a branch",
    answer_example={**BRANCH, "changes": [], "taken_back": CHANGE},
)
def undo_change(context: CommandContext, area: Key, week: Week, branch: BranchName) -> Answer:
    before = subject(context, area, week, branch)
    return json_response(shown_undone(lifecycle.undo(context.unit, ref_of(before))))


@operations.command(
    f"{HERE}/{{branch}}/rebase",
    lane="large",
    may="branches.write",
    answers=Rebased,
    summary="Put a branch on the truth as it is now",
    example={"without": []},
    answer_example={**BRANCH, "left_out": []},
)
def rebase_branch(
    context: CommandContext, form: RebaseForm, area: Key, week: Week, branch: BranchName
) -> Answer:
    """Each command is given again, with the caller's rights; a 409 names the change that is refused now.

    `left_out` are changes that decide nothing any more, such as a closure that now stands outside too.

    Drafts are kept as they are; plan again where the facts have changed.
    """
    before = subject(context, area, week, branch)
    if unknown := set(form.without) - set(range(1, len(before.changes) + 1)):
        raise invalid("body", "without", message("the branch has no change {unknown}", unknown=min(unknown)))
    replayer = CallersReplayer(context)
    return json_response(
        shown_rebased(lifecycle.rebase(context.unit, ref_of(before), form.without, replayer=replayer))
    )


@operations.command(
    f"{HERE}/{{branch}}/adopt",
    lane="large",
    may="branches.adopt",
    answers=Adopted,
    summary="Adopt a branch",
    answer_example={"version": 4, "events": 5, "draft": 2},
)
def adopt_branch(
    context: CommandContext,
    area: Key,
    week: Week,
    branch: BranchName,
    older_draft: Annotated[
        bool, Query(description="Put its draft on top even where the week has a newer one by now.")
    ] = False,
) -> Answer:
    """Its changes become true in one transaction, and its latest draft the next draft of the week.

    Each command is judged again, with the caller's rights. 409 where a stream that the branch changes or places
    sessions on, or a fact that it was planned from, has changed since, or where the week has a newer draft; `changed`
    names what. Then nothing is done.
    """
    before = subject(context, area, week, branch)
    adoption = lifecycle.adopt(
        context.unit, ref_of(before), older_draft=older_draft, replayer=CallersReplayer(context)
    )
    return json_response(Adopted(adoption.branch.version, adoption.events, adoption.draft))


@operations.command(
    f"{HERE}/{{branch}}/drop",
    may="branches.write",
    answers=BranchTold,
    summary="Drop a branch",
    answer_example={**BRANCH, "status": "dropped", "changes": [], "drafts": []},
)
def drop_branch(context: CommandContext, area: Key, week: Week, branch: BranchName) -> Answer:
    """Its changes and drafts are gone; the name is free again."""
    before = subject(context, area, week, branch)
    return json_response(shown_branch(lifecycle.drop(context.unit, ref_of(before))))
