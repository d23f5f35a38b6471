"""Commands for what-if branches: changes of a week beside the truth, planned, compared, then adopted or dropped."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from api.cli.changes import DryRun, carry_out
from api.cli.goal_options import Minimum, Tolerance, goal_keys
from api.cli.repairs import MostPeople, MostSessions, Notice
from api.cli.shell import (
    InBranch,
    Steps,
    Usage,
    bounded_number,
    inside,
    opened,
    say,
    show_json,
    stoppable,
    week_and_day,
    where_of,
)
from api.cli.weeks import Area, Json, Seed, Week, Workers, follow, said_of
from domain.text import counted

if TYPE_CHECKING:
    from adapters.application.application import Lyceum
    from adapters.branches.branches import Branch
    from adapters.branches.comparing_branches import Comparison
    from adapters.branches.lifecycle import BranchRef

app = typer.Typer(
    help="What-if branches: change facts, pins and the draft of a week beside the truth, then adopt or drop it.",
    no_args_is_help=True,
)

# The commands of the command line that a branch may hold; each opens the application by `changing`.
IN_BRANCHES = (
    "close",
    "reopen",
    "pause",
    "step",
    "leave-out",
    "retire",
    "starts",
    "letter",
    "pin",
    "unpin",
    "move",
    "suggest",
    "drop",
)

# Those that use the draft of the week, which has that of a branch once it is adopted
OF_DRAFTS = frozenset({"release", "report", "explain", "export", "fairness", "gaps", "warnings"})

Name = Annotated[str, typer.Argument(metavar="NAME", help="The branch, by its name.")]
TimeLimit = Annotated[
    float, typer.Option(min=0.1, callback=bounded_number, help="Search for so many seconds at most.")
]


def register(root: typer.Typer) -> None:
    root.add_typer(app, name="branch")


@app.command()
def start(
    area: Area,
    week: Week,
    name: Name,
    draft: Annotated[int | None, typer.Option(min=1, help="From this draft, as it last stood.")] = None,
    release: Annotated[int | None, typer.Option(min=1, help="From this release.")] = None,
) -> None:
    """Start a branch from the week as it is now, or from one of its drafts or releases.

    Example: `lyceum branch start --area town --week 2026-W49 school-closed`
    """
    from adapters.branches import lifecycle
    from adapters.week.week_snapshot import find_area

    if draft is not None and release is not None:
        raise Usage("give either --draft or --release")
    week, day = week_and_day(week)
    with opened() as lyceum:
        area_id = find_area(lyceum.views, area, day).id
        branch = lifecycle.start(lyceum, area_id, week, name, draft=draft, release=release)
    say(f"branch {branch.name} of {week} is started")
    _next("change", area, week, branch.name, "with a command after `--`, such as `-- close --help`")


@app.command("list")
def list_branches(area: Area, week: Week, json_: Json = False) -> None:
    """List the branches of a week; also those that were adopted or dropped.

    Example: `lyceum branch list --area town --week 2026-W49`
    """
    from adapters.branches.branches import branches_of
    from adapters.week.week_snapshot import find_area

    week, day = week_and_day(week)
    with opened() as lyceum:
        branches = branches_of(lyceum.store, find_area(lyceum.views, area, day).id, week)
    branches.sort(key=lambda branch: branch.at)
    if json_:
        show_json(
            [
                {"name": branch.name, "status": branch.status, "changes": len(branch.changes)}
                for branch in branches
            ]
        )
        return
    for branch in branches:
        say(f"{branch.name}: {branch.status}, {_changes(branch)}, by {branch.by}")
    if not branches:
        say(f"{week} has no branches; start one with `lyceum branch start`")


@app.command()
def show(area: Area, week: Week, name: Name, json_: Json = False) -> None:
    """Say what a branch starts from, its changes and its drafts.

    Example: `lyceum branch show --area town --week 2026-W49 school-closed`
    """
    from adapters.branches.branches import read_events
    from domain.timetable import DraftMade

    with opened() as lyceum:
        branch = _find(lyceum, area, week, name)
    if json_:
        show_json(branch)
        return
    begun = branch.start
    from_what = "the week as it was" if begun.kind == "now" else f"{begun.kind} {begun.number}"
    say(f"{branch.name}: {branch.status}, started by {branch.by} on {branch.at:%Y-%m-%d} from {from_what}")
    for number, change in enumerate(branch.changes, 1):
        say(f"{number}. {change.words} ({change.by}, {change.at:%Y-%m-%d})")
    for event in read_events(branch.stored):
        if isinstance(event, DraftMade):
            say(f"draft {event.draft}: {event.origin.status}")


def _find(lyceum: Lyceum, area: str, week: str, name: str) -> Branch:
    from adapters.branches.branches import find_branch
    from adapters.week.week_snapshot import find_area

    week, day = week_and_day(week)
    return find_branch(lyceum.store, find_area(lyceum.views, area, day).id, week, name)


def _changes(branch: Branch) -> str:
    return counted(len(branch.changes), "change")


def _ref(lyceum: Lyceum, area: str, week: str, name: str) -> BranchRef:
    from adapters.branches.lifecycle import BranchRef

    return BranchRef(_find(lyceum, area, week, name).id)


# ---- Changes


class _ChangeCommand(TyperCommand):
    """`branch change`, whose inner command comes after `--`: a hint where that is missing."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        first = next((index for index, word in enumerate(args) if word in IN_BRANCHES), None)
        if first is not None and "--" not in args and args[first + 1 :]:
            line = f"lyceum branch change {shlex.join(args[:first])} -- {shlex.join(args[first:])}"
            raise Usage(f"write `--` before the inner command: `{line}`")
        return super().parse_args(ctx, args)


@app.command(cls=_ChangeCommand)
def change(
    context: typer.Context,
    area: Area,
    week: Week,
    name: Name,
    command: Annotated[
        list[str], typer.Argument(metavar="-- COMMAND...", help="A command with its options, after `--`.")
    ],
) -> None:
    """Run another command inside a branch: what it would change of the truth is changed in the branch alone.

    A branch holds close, reopen, pause, step, leave-out, retire, starts, letter, pin, unpin, move, suggest --take and
    drop. With the --dry-run of such a command nothing is kept.

    Example: `lyceum branch change --area town --week 2026-W49 school-closed -- close --venue school --from 2026-12-01
    --why "what if"`
    """
    from adapters.branches.branch_application import BranchApplication
    from adapters.branches.branch_commands import not_in_branch
    from adapters.store.streams import AREAS

    verb, *options = command
    root = context.find_root()
    known: dict[str, Any] = getattr(root.command, "commands", {})
    if verb not in known:
        raise Usage(f"there is no command {verb!r}; `lyceum --help` lists them")
    if verb not in IN_BRANCHES:
        raise not_in_branch(verb, _instead(verb, area, week, name))
    inner = known[verb]
    with opened() as lyceum:
        branch = _find(lyceum, area, week, name)
        application = BranchApplication(lyceum, branch.id, shlex.join(command))
        key = lyceum.must_load(AREAS, branch.area).key
        here = InBranch(application, key, branch.week, branch.name)
        with inside(here), inner.make_context(verb, options, parent=root) as context_within:
            inner.invoke(context_within)
    changed = application.changed
    say(
        f"nothing changes in branch {name}"
        if changed is None
        else f"branch {name}: change {len(changed.changes)}"
    )


def _instead(verb: str, area: str, week: str, name: str) -> str:
    """What to run where a branch does not hold a command."""
    if verb in ("plan", "repair"):
        return f"run `lyceum branch {verb} --area {area} --week {week} {name}`"
    if verb == "branch":
        return "run `lyceum branch` itself"
    if verb == "diff":
        return f"run `lyceum branch compare --area {area} --week {week} {name}`"
    if verb in OF_DRAFTS:
        return f"adopt the branch first, then run `lyceum {verb}`"
    return f"run `lyceum {verb}` by itself: it does not concern branches"


@app.command()
def undo(area: Area, week: Week, name: Name) -> None:
    """Take back the last change of a branch.

    Example: `lyceum branch undo --area town --week 2026-W49 school-closed`
    """
    from adapters.branches import lifecycle

    with opened() as lyceum:
        undone = lifecycle.undo(lyceum, _ref(lyceum, area, week, name))
    number, change = len(undone.branch.changes) + 1, undone.change
    say(f"taken back: {number}. {change.words} ({change.by}, {change.at:%Y-%m-%d})")
    say(f"branch {name} has {_changes(undone.branch)} now")


# ---- Drafts


@app.command()
def plan(
    area: Area,
    week: Week,
    name: Name,
    time_limit: TimeLimit = 60,
    workers: Workers = 2,
    seed: Seed = 0,
    tolerance: Tolerance = None,
    minimum: Minimum = False,
    again: Annotated[bool, typer.Option(help="Search again even where nothing has changed.")] = False,
) -> None:
    """Plan the week in a branch, going on from its draft; the new draft stays in the branch.

    Example: `lyceum branch plan --area town --week 2026-W49 school-closed --time-limit 5`
    """
    from adapters.branches.branch_planning import plan_branch
    from adapters.services.planning import Effort, PlanOptions

    effort, began = Effort(time_limit, workers, seed), time.monotonic()
    with opened(None) as lyceum:
        branch = _find(lyceum, area, week, name)
        with Steps(f"planning {name}") as steps, stoppable() as interrupts:
            draft = plan_branch(
                lyceum,
                branch.id,
                lyceum.actor,
                effort=effort,
                options=PlanOptions(again, goal_keys(tolerance, minimum=minimum)),
                on_progress=follow(steps),
                should_stop=lambda: bool(interrupts),
            )
    sentence = said_of(draft, effort if again else None, time.monotonic() - began)
    _say_draft(sentence, area, week, name)


@app.command()
def repair(
    area: Area,
    week: Week,
    name: Name,
    most_sessions: MostSessions = None,
    most_people: MostPeople = None,
    notice: Notice = 0,
    time_limit: TimeLimit = 1,
    seed: Seed = 0,
) -> None:
    """Repair the released week in a branch: the draft changes no more of the last release than it must.

    Example: `lyceum branch repair --area town --week 2026-W49 school-closed --most-sessions 5`
    """
    from adapters.branches import lifecycle
    from adapters.services.planning import Effort
    from scheduler import ChangeBudget

    effort, began = Effort(time_limit, 1, seed), time.monotonic()
    with opened() as lyceum:
        _, draft = lifecycle.repair(
            lyceum,
            _ref(lyceum, area, week, name),
            budget=ChangeBudget(most_sessions, most_people),
            notice_hours=notice,
            effort=effort,
        )
    _say_draft(said_of(draft, effort, time.monotonic() - began), area, week, name)


def _say_draft(sentence: str, area: str, week: str, name: str) -> None:
    say(sentence)
    _next("compare", area, week, name, "then `lyceum branch adopt` or `drop` it")


def _next(verb: str, area: str, week: str, name: str, then: str) -> None:
    say(f"next: `lyceum branch {verb} {where_of(area, week, name)}`, {then}")


@app.command()
def compare(
    area: Area,
    week: Week,
    name: Name,
    rival: Annotated[
        str | None, typer.Option("--with", help="Another branch; default: what the branch starts from.")
    ] = None,
    json_: Json = False,
) -> None:
    """Compare a branch with what it starts from, or with another branch: goals, sessions, facts and broken rules.

    Example: `lyceum branch compare --area town --week 2026-W49 school-closed`
    """
    from adapters.branches.comparing_branches import compare as comparison_of

    with opened() as lyceum:
        branch = _find(lyceum, area, week, name)
        second = None if rival is None else _find(lyceum, area, week, rival)
        comparison = comparison_of(lyceum, branch, second)
    if json_:
        show_json(comparison)
    else:
        say(*_compared(comparison))


def _compared(comparison: Comparison) -> Iterator[str]:
    before, after = comparison.before, comparison.after
    yield f"{before.name} (draft {before.draft}) to {after.name} (draft {after.draft}):"
    for goal in comparison.goals:
        first, second = (None if side is None else side.value for side in (goal.before, goal.after))
        yield f"{goal.goal}: {_number(first)} to {_number(second)} ({_number(goal.difference, '+')})"
    counts = ", ".join(f"{count} {kind}" for kind, count in comparison.counts.items())
    yield f"sessions: {before.sessions} to {after.sessions}; {counts}"
    for record in comparison.facts:
        yield f"{record.section} {record.key}: {record.change}"
    for side in dict.fromkeys((before, after)):  # one alone where a branch is compared with itself
        for sentence in side.broken:
            yield f"{side.name} breaks {sentence}"
    for event in comparison.moved_on:
        yield f"changed since: {event}; rebase before you adopt"


def _number(value: float | None, sign: str = "") -> str:
    return "-" if value is None else f"{value:{sign},g}"


# ---- The end of it


@app.command()
def rebase(
    area: Area,
    week: Week,
    name: Name,
    without: Annotated[
        list[int] | None, typer.Option(min=1, help="Leave this change out, by its number; may be repeated.")
    ] = None,
) -> None:
    """Put a branch on the truth as it is now: each change is made again, and the one that is refused is named.

    Drafts are kept as they are; plan again where facts have changed.

    Example: `lyceum branch rebase --area town --week 2026-W49 school-closed`
    """
    from adapters.branches import lifecycle

    with opened() as lyceum:
        rebased = lifecycle.rebase(lyceum, _ref(lyceum, area, week, name), tuple(without or ()))
    say(f"branch {name} stands on the truth as it is, with {_changes(rebased.branch)}")
    if idle := rebased.idle:
        words = "; ".join(f"{number}. {change.words}" for number, change in idle.items())
        decide = "change decides" if len(idle) == 1 else "changes decide"
        were = "was" if len(idle) == 1 else "were"
        say(f"{len(idle)} {decide} nothing any more and {were} left out: {words}")
    _next("compare", area, week, name, "then `lyceum branch adopt` it")


@app.command()
def adopt(
    area: Area,
    week: Week,
    name: Name,
    older_draft: Annotated[
        bool,
        typer.Option(
            "--older-draft", help="Put its draft on top even where the week has a newer one by now."
        ),
    ] = False,
    dry_run: DryRun = False,
) -> None:
    """Make the changes of a branch true, all at once, and its latest draft the next draft of the week.

    Refused where the truth has changed since what the branch rests on. The answer names each released session that
    this breaks.

    Example: `lyceum branch adopt --area town --week 2026-W49 school-closed`
    """
    from adapters.branches import lifecycle

    def summary(adoption: lifecycle.Adoption) -> str:
        draft = (
            f"the latest draft of {week} is {adoption.draft}"
            if adoption.draft
            else f"{week} has no draft yet"
        )
        return f"branch {name} is adopted: {counted(adoption.events, 'event')}, {draft}"

    with opened() as lyceum:
        ref = _ref(lyceum, area, week, name)
        carry_out(lyceum, lambda unit: lifecycle.adopt(unit, ref, older_draft=older_draft), summary, dry_run)
    if not dry_run:
        say(f"next: `lyceum report --area {shlex.quote(area)} --week {week}`, then `lyceum release`")


@app.command()
def drop(area: Area, week: Week, name: Name) -> None:
    """Drop a branch: its changes and drafts are gone, and its name is free again.

    Example: `lyceum branch drop --area town --week 2026-W49 school-closed`
    """
    from adapters.branches import lifecycle

    with opened() as lyceum:
        lifecycle.drop(lyceum, _ref(lyceum, area, week, name))
    say(f"branch {name} is dropped")
