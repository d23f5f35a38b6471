"""Commands for a week: solve, plan, report, release, compare."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.files.atomic_files import write_private
from api.cli.goal_options import Minimum, Tolerance, goal_keys
from api.cli.shell import (
    Steps,
    Usage,
    bounded_number,
    errors,
    opened,
    say,
    seen_at,
    show_json,
    stoppable,
    week_and_day,
)
from domain.text import counted

if TYPE_CHECKING:
    from adapters.services.planning import Effort, WeekDraft
    from adapters.week.week_snapshot import WeekSnapshot
    from domain.timetable import Difference, Session
    from scheduler import Progress

Area = Annotated[
    str, typer.Option(help="The area: its key, an external code, or a name that only one area has.")
]
Week = Annotated[str, typer.Option(help="The ISO week, such as 2026-W49.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]
At = Annotated[
    str | None,
    typer.Option("--at", help="As it was: an event position, or a time such as 2026-11-21T18:00 (UTC)."),
]
TimeLimit = Annotated[
    float, typer.Option(min=1, callback=bounded_number, help="Search for so many seconds at most.")
]
Work = Annotated[
    float | None,
    typer.Option(
        min=1,
        callback=bounded_number,
        help="Count work instead of seconds, so that the same problem, seed, workers and work give the same plan. "
        "A unit takes about a millisecond of one processor.",
    ),
]
Workers = Annotated[int, typer.Option(min=1, max=256, help="How many threads may search.")]
Seed = Annotated[int, typer.Option(help="Seed of all random choices.")]


def register(app: typer.Typer) -> None:
    for command in (solve, plan, report, release, diff):
        app.command()(command)


# ---- solve


def solve(
    problem: Annotated[Path, typer.Argument(help="A problem document, .json or .json.gz.")],
    out: Annotated[Path, typer.Option(help="Where to write the plan document.")],
    time_limit: TimeLimit = 120,
    workers: Workers = 2,
    seed: Seed = 0,
    work: Work = None,
    tolerance: Tolerance = None,
    minimum: Minimum = False,
) -> None:
    """Solve a problem document into a plan document, without any database.

    Ctrl-C stops the search and writes the best plan so far. With --work the clock has no say and the plan can be made
    again, byte for byte; the plan then says so.

    Example: `lyceum solve problem.json --out plan.json --time-limit 60`
    """
    import scheduler

    document = read_json(problem)
    if isinstance(document, dict):
        document |= goal_keys(tolerance, minimum=minimum)
    with Steps("solving") as steps, stoppable() as interrupts:
        solution = scheduler.solve(
            document,
            scheduler.SolveOptions(time_limit, workers, seed, work),
            on_progress=follow(steps),
            should_stop=lambda: bool(interrupts),
            clock=time.monotonic,
        )
    write_json(out, solution)
    for goal, goal_result in solution["goals"].items():
        bound = goal_result.get("bound")
        known = (
            ""
            if bound is None
            else f", bound {bound:,}" + (f" ({goal_result['value'] / bound:.2%})" if bound > 0 else "")
        )
        errors.print(f"{goal}: {goal_result['value']:,}{known}", markup=False)
    placed, unserved = len(solution["assignments"]), len(solution["unserved"])
    errors.print(
        f"{solution['status']}: {placed} sessions placed, {unserved} requests unserved, written to {out}",
        markup=False,
    )
    if again := solution.get("reproducible"):
        errors.print(
            f"made again by --work {again['work']:g} --workers {again['workers']} --seed {again['seed']}",
            markup=False,
        )


def follow(steps: Steps) -> Callable[[Progress], None]:
    """A callback that shows the progress of a solve."""

    def show(progress: Progress) -> None:
        bound = "" if progress.bound is None else f" of at most {progress.bound:,}"
        steps(progress.share, 1, f"{progress.phase}: served {progress.served:,}{bound}")

    return show


def read_json(path: Path) -> Any:
    try:
        data = path.read_bytes()
        return json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)
    except (ValueError, EOFError, gzip.BadGzipFile, RecursionError) as error:
        raise Usage(f"{path} is no JSON document ({error}); give a problem/1 document") from None


def write_json(path: Path, document: Any) -> None:
    data = (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
    write_private(path, gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


# ---- plan, report


def plan(
    area: Area,
    week: Week,
    time_limit: TimeLimit = 60,
    workers: Workers = 2,
    seed: Seed = 0,
    work: Work = None,
    tolerance: Tolerance = None,
    minimum: Minimum = False,
    again: Annotated[bool, typer.Option(help="Search again even where nothing has changed.")] = False,
    json_: Json = False,
) -> None:
    """Make a draft of a week from everything that is registered.

    Where nothing has changed since the last draft, nothing is done. Ctrl-C keeps the best plan so far. With --work the
    clock has no say and the plan can be made again, byte for byte; its document then says so.

    Example: `lyceum plan --area town --week 2026-W49`
    """
    from adapters.services.planning import Effort, PlanOptions, plan_week
    from adapters.week.week_snapshot import find_area

    week, day = week_and_day(week)
    effort, began = Effort(time_limit, workers, seed, work), time.monotonic()
    with opened(None) as lyceum:
        area_state = find_area(lyceum.views, area, day)
        with Steps(f"planning {week}") as steps, stoppable() as interrupts:
            draft = plan_week(
                lyceum,
                area_state.id,
                week,
                options=PlanOptions(again=again, goal_keys=goal_keys(tolerance, minimum=minimum)),
                effort=effort,
                on_progress=follow(steps),
                should_stop=lambda: bool(interrupts),
            )
    for warning in draft.problem.warnings:
        errors.print(f"warning: {warning}", markup=False)
    if json_:
        placed, unserved = len(draft.plan["assignments"]), len(draft.plan["unserved"])
        show_json(
            {
                "draft": draft.number,
                "made": draft.made,
                "status": draft.plan["status"],
                "goals": draft.plan["goals"],
                "sessions": placed,
                "unserved": unserved,
                "warnings": list(draft.problem.warnings),
                "reproducible": draft.plan.get("reproducible"),
            }
        )
        return
    say(said_of(draft, effort if again else None, time.monotonic() - began))
    if draft.made:
        say(f"See it with `lyceum report --area {area} --week {week}`; publish it with `lyceum release`.")


def said_of(draft: WeekDraft, searched: Effort | None, seconds: float) -> str:
    """A sentence on a draft; where it stood already, `searched` says how another one was looked for, None: not."""
    placed, unserved = len(draft.plan["assignments"]), len(draft.plan["unserved"])
    counts = f"{counted(placed, 'session')} placed, {counted(unserved, 'request')} unserved"
    sentence = f"draft {draft.number}: {counts} ({draft.plan['status']})"
    if draft.made:
        return sentence
    if searched is None:
        return f"nothing has changed since {sentence}; nothing was searched, which --again does all the same"
    limit = f"work {searched.work:g}" if searched.work else f"{searched.time_limit_s:g} s"
    workers = counted(searched.workers, "worker")
    return (
        f"searched for {seconds:.1f} s (at most {limit}, {workers}, seed {searched.seed}) and came to the same "
        f"plan: nothing has changed since {sentence}"
    )


def report(area: Area, week: Week, moment: At = None, json_: Json = False) -> None:
    """Say how a week stands: served and unserved, places and functions, volunteers' load, with bounds.

    Example: `lyceum report --area town --week 2026-W49`
    """
    from adapters.week.week_report import week_report
    from adapters.week.week_report_lines import lines
    from adapters.week.week_snapshot import find_area

    week, day = week_and_day(week)
    with opened() as lyceum:
        views = seen_at(lyceum, moment)
        summary = week_report(lyceum, views, find_area(views, area, day).id, week)
    if json_:
        show_json(summary)
    else:
        say(*lines(summary))


# ---- release, diff


def release(
    area: Area,
    week: Week,
    name: Annotated[str, typer.Option(help="What to call it, such as 'First timetable'.")],
    json_: Json = False,
) -> None:
    """Publish the latest draft as the next numbered release.

    It is checked against the facts as they are now, and no room or person is promised twice.

    Example: `lyceum release --area town --week 2026-W49 --name "First timetable"`
    """
    from adapters.services.releases import release_week
    from adapters.week.week_snapshot import find_area

    week, day = week_and_day(week)
    with opened() as lyceum:
        released = release_week(lyceum, find_area(lyceum.views, area, day).id, week, name)
    counts = _counts(released.changes)
    if json_:
        show_json(
            {
                "release": released.number,
                "name": released.name,
                "made": released.made,
                "sessions": released.sessions,
                **counts,
            }
        )
    elif released.made:
        text = ", ".join(f"{count} {change}" for change, count in counts.items())
        say(f"release {released.number} ({released.name}): {released.sessions} sessions; {text}")
    else:
        say(f"release {released.number} ({released.name}) says the same already; nothing was released")


def _counts(changes: Any) -> dict[str, int]:
    from domain.timetable import CHANGES

    return {change: sum(difference.change == change for difference in changes) for change in CHANGES}


def diff(
    area: Area,
    week: Week,
    before: Annotated[
        int | None, typer.Option("--from", help="A release; default: the one before the last.")
    ] = None,
    after: Annotated[int | None, typer.Option("--to", help="A release; default: the last.")] = None,
    room: Annotated[str | None, typer.Option(help="Only this room: VENUE/ROOM, by their keys.")] = None,
    venue: Annotated[str | None, typer.Option(help="Only this venue, by its key.")] = None,
    volunteer: Annotated[str | None, typer.Option(help="Only this volunteer, by key.")] = None,
    request: Annotated[str | None, typer.Option(help="Only this request, by its key.")] = None,
    moment: At = None,
    json_: Json = False,
) -> None:
    """Compare two releases of a week: new, moved, cancelled and unchanged sessions.

    Example: `lyceum diff --area town --week 2026-W49 --from 0 --to 1`
    """
    from adapters.week.week_snapshot import find_area, release_of, snapshot_of
    from domain.adjusting import reasons_before
    from domain.timetable import differences

    week, day = week_and_day(week)
    with opened() as lyceum:
        views = seen_at(lyceum, moment)
        snapshot = snapshot_of(views, find_area(views, area, day).id, week)
    last = release_of(snapshot, after)
    number = last.number - 1 if before is None else before
    earlier = release_of(snapshot, number).sessions if number else ()
    ids = id_of("venue", venue), id_of("volunteer", volunteer), id_of("request", request)
    resources = list(filter(None, (room_of(room), *ids)))
    changes = [
        difference
        for difference in differences(earlier, last.sessions)
        if all(difference.touches(resource) for resource in resources)
    ]
    by_hand = reasons_before(snapshot.timetable, last)
    if json_:
        rows = [
            {
                "change": change.change,
                "before": _plain(change.before),
                "after": _plain(change.after),
                "by_hand": by_hand.get(change.sessions[-1].key),
            }
            for change in changes
        ]
        show_json({"from": number, "to": last.number, "counts": _counts(changes), "changes": rows})
        return
    text = ", ".join(f"{count} {change}" for change, count in _counts(changes).items())
    say(f"release {number} to {last.number} of {week}: {text}")
    for difference in changes:
        if difference.change != "unchanged":
            show_change(snapshot, difference)
            if reason := by_hand.get(difference.sessions[-1].key):
                say(f"      by hand: {reason}")


def show_change(snapshot: WeekSnapshot, difference: Difference) -> None:
    """Print a session before and after a change."""
    say(f"  {difference.change:<9} {_title(snapshot, difference.sessions[-1])}")
    for mark, session in (("-", difference.before), ("+", difference.after)):
        if session is not None:
            say(f"      {mark} {_session_line(snapshot, session)}")


def _plain(session: Session | None) -> Any:
    from adapters.store.mapper import json_of

    return session and json_of(type(session)).dump_python(session, mode="json")


def room_of(text: str | None) -> Any:
    from domain.venue import room_id

    if text is None:
        return None
    venue, slash, key = text.partition("/")
    if not slash:
        raise Usage(f"--room {text!r} must be VENUE/ROOM, both by their keys")
    return room_id(venue, key)


def id_of(kind: str, key: str | None) -> Any:
    from domain.request import request_id
    from domain.venue import venue_id
    from domain.volunteer import volunteer_id

    ids = {"venue": venue_id, "volunteer": volunteer_id, "request": request_id}
    return None if key is None else ids[kind](key)


def _title(snapshot: WeekSnapshot, session: Session) -> str:
    request = snapshot.requests.get(session.request)
    return (
        f"{request.order.title} ({request.key}#{session.number})"
        if request
        else f"{session.request}#{session.number}"
    )


def _session_line(snapshot: WeekSnapshot, session: Session) -> str:
    from adapters.week.week_snapshot import view_sessions
    from domain.windows import DAY_NAMES, clock

    for session_view in view_sessions(snapshot, [session]):
        team = ", ".join(
            snapshot.volunteers[person].key for person in session.team if person in snapshot.volunteers
        )
        hours = f"{clock(session_view.start_min)}-{clock(session_view.end_min)}"
        when = f"{DAY_NAMES[session_view.day.isoweekday() - 1]} {hours}"
        return f"{when}, {session_view.venue.name}, {session_view.room.name}; {team or 'nobody needed'}"
    return "in a room that is no longer lent"
