"""Data in and out on the command line: init, import, templates, export, closures, people."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli_shell import Exit, Steps, Usage, database, errors, fail, opened, seen_at, show_json, week_and_day
from api.cli_week import Area, At, Json, Week

if TYPE_CHECKING:
    from adapters.closures import Broken

Kind = Annotated[
    str, typer.Argument(help="What the rows are; `lyceum kinds` lists the kinds and their columns.")
]

exports = typer.Typer(
    no_args_is_help=True, help="Write files: the pages, calendars and tables of a week, and its documents."
)


def register(app: typer.Typer) -> None:
    """Put the commands on the command line, in the order in which a new city needs them."""
    app.command()(init)
    app.command(name="import")(import_file)
    for command in (template, kinds, step, leave_out, close, reopen, pause, forget):
        app.command()(command)
    app.add_typer(exports, name="export")


def init() -> None:
    """Make the database, or say that it is there.

    Example: `lyceum --db sqlite:///city.db init`
    """
    with opened(create=True) as lyceum:
        events = lyceum.store.position()
    where = database().rpartition("@")[2]  # without a password
    if events:
        typer.echo(f"{where} is there already, with {events:,} events; nothing was changed")
    else:
        typer.echo(f"{where} is ready; next: `lyceum import network FILE`, or `lyceum template network FILE`")


def import_file(
    kind: Kind,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX; UTF-8 or GBK.")],
    profile: Annotated[
        str | None, typer.Option(help="How foreign columns map to ours: a built-in name, or a YAML file.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
    ] = False,
    accept_warnings: Annotated[
        bool, typer.Option("--accept-warnings", help="Import what is possible but implausible, too.")
    ] = False,
    constant: Annotated[
        list[str] | None,
        typer.Option("--set", help="COLUMN=VALUE for every row that leaves it blank; may be repeated."),
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="The sheet of a workbook; default: its first.")] = None,
    why: Annotated[str, typer.Option(help="The reason that renames and moves are kept with.")] = "",
    json_: Json = False,
) -> None:
    """Import a file: all of it or, where a row is bad, nothing.

    Importing the same file twice changes nothing.

    Example: `lyceum import venues venues.csv --dry-run`
    """
    from adapters.imports.importing import run_import

    with opened(None) as lyceum, Steps(f"importing {file.name}") as steps:
        report = run_import(
            lyceum,
            kind,
            file,
            profile=profile,
            dry_run=dry_run,
            accept_warnings=accept_warnings,
            constants=_constants(constant or []),
            sheet=sheet,
            why=why,
            progress=lambda done, total: steps(done, total, f"{done:,} of {total:,} rows"),
        )
    if json_:
        show_json(report.as_json())
    else:
        typer.echo(report.text())
    if report.errors:
        raise typer.Exit(Exit.REFUSED)
    if report.warnings and not accept_warnings and not dry_run:
        errors.print(f"to import {file} as it is, run this again with --accept-warnings", markup=False)
        raise typer.Exit(Exit.WARNINGS)


def _constants(given: list[str]) -> dict[str, str]:
    for one in given:
        if "=" not in one:
            raise Usage(f"--set {one!r} must be COLUMN=VALUE, such as kind=library")
    return {column: value for column, _, value in (one.partition("=") for one in given)}


def template(
    kind: Kind, file: Annotated[Path, typer.Argument(help="Where to write it: a .csv or .xlsx file.")]
) -> None:
    """Write an empty table with the right columns and one example row.

    Example: `lyceum template rooms rooms.xlsx`
    """
    from adapters.imports.templates import write_template

    if file.exists():
        fail(f"{file} is there already; choose another name, or move it away")
    write_template(kind, file)
    typer.echo(f"{file}: fill it in, then `lyceum import {kind} {file}`")


def kinds() -> None:
    """List what can be imported, and the built-in profiles for foreign files."""
    from adapters.imports.importing import KINDS
    from adapters.imports.profiles import profile_names

    for name, kind in KINDS.items():
        typer.echo(f"{name}: {', '.join(column.name for column in kind.columns)}")
    typer.echo(f"profiles: {', '.join(profile_names())}")


# ---- export


@exports.command(name="week")
def export_week(
    area: Area,
    week: Week,
    out: Annotated[Path, typer.Option(help="The folder to write.")] = Path("out"),
    release: Annotated[int | None, typer.Option(min=1, help="A release; default: the last.")] = None,
    names: Annotated[
        bool, typer.Option("--names", help="Print volunteers' names: for the coordinator's own use.")
    ] = False,
    language: Annotated[
        str | None, typer.Option(help="Language of the pages, en or zh; default: that of the area's name.")
    ] = None,
) -> None:
    """Write the released week: pages to print, calendars to subscribe to, CSV and XLSX.

    Example: `lyceum export week --area town --week 2026-W49 --out out`
    """
    from adapters.exports.week import write_week
    from adapters.weeks import find_area

    week, day = week_and_day(week)
    with opened(None) as lyceum, Steps(f"writing {out}") as steps:
        place = find_area(lyceum.views, area, day)
        changed = write_week(
            lyceum, place.id, week, out, release=release, with_names=names, language=language, progress=steps
        )
    if changed:
        typer.echo(f"{out}: {len(changed)} files written; open {out / 'index.html'}")
    else:
        typer.echo(f"{out}: nothing has changed")


@exports.command(name="data")
def export_data(
    kind: Kind,
    file: Annotated[Path, typer.Argument(help="Where to write it: a .csv or .xlsx file.")],
    people: Annotated[
        bool, typer.Option("--people", help="Volunteers' names, phones and addresses too.")
    ] = False,
) -> None:
    """Write what is registered, in the columns that the import reads.

    The kinds are network, venues, rooms, hours, volunteers and requests.

    Example: `lyceum export data venues registered.csv`
    """
    from adapters.exports.records import export_kind

    with opened() as lyceum:
        changed = export_kind(lyceum, kind, file, with_people=people)
    typer.echo(f"{file}: written" if changed else f"{file}: nothing has changed")


@exports.command(name="problem")
def export_problem(
    area: Area,
    week: Week,
    out: Annotated[Path, typer.Option(help="The file to write, .json or .json.gz.")],
    at: At = None,
) -> None:
    """Write the problem document of a week, as it would be planned now, or at an earlier time.

    Example: `lyceum export problem --area town --week 2026-W49 --out problem.json`
    """
    from adapters.problems import problem_of
    from adapters.weeks import facts_of, find_area
    from api.cli_week import write_json

    week, day = week_and_day(week)
    with opened() as lyceum:
        views = seen_at(lyceum, at)
        facts = facts_of(views, find_area(views, area, day).id, week)
        problem = problem_of(views, facts, lyceum.people())
    write_json(out, problem.document)
    for warning in problem.warnings:
        errors.print(f"warning: {warning}", markup=False)
    typer.echo(f"{out}: {len(problem.document['requests'])} requests, written at event {problem.position}")


@exports.command(name="plan")
def export_plan(
    area: Area, week: Week, out: Annotated[Path, typer.Option(help="The folder for both documents.")]
) -> None:
    """Write the two documents of the latest draft, so that anybody can check it.

    Example: `lyceum export plan --area town --week 2026-W49 --out proof`
    """
    from adapters.weeks import facts_of, find_area
    from domain.timetable import NoDraft

    week, day = week_and_day(week)
    with opened() as lyceum:
        origin = facts_of(lyceum.views, find_area(lyceum.views, area, day).id, week).timetable.origin
        if origin is None:
            raise NoDraft(f"there is no draft of {week} yet; plan the week first")
        documents = {
            "problem": lyceum.store.document(origin.problem),
            "plan": lyceum.store.document(origin.plan),
        }
    out.mkdir(parents=True, exist_ok=True)
    for name, body in documents.items():
        (out / f"{name}.json").write_bytes(body)
    typer.echo(
        f"{out}: problem.json ({origin.problem[:12]}…) and plan.json ({origin.plan[:12]}…), seed {origin.seed}"
    )


# ---- Taking time back


def close(
    venue: Annotated[str, typer.Option(help="The venue, by its key.")],
    first: Annotated[str, typer.Option("--from", help="First day, such as 2026-12-01.")],
    why: Annotated[str, typer.Option(help="Why; people who have a session there will ask.")],
    last: Annotated[str | None, typer.Option("--to", help="Last day; default: the first.")] = None,
    room: Annotated[
        list[str] | None, typer.Option(help="Only this room, by its key; may be repeated.")
    ] = None,
    emergency: Annotated[
        bool, typer.Option("--emergency", help="Without the notice that the lending terms ask for.")
    ] = False,
) -> None:
    """Close a venue, or some of its rooms, for some days; the answer names each released session that this breaks.

    Example: `lyceum close --venue school --from 2026-12-01 --why "the heating is out"`
    """
    from adapters.closures import close_venue
    from domain.facts import stream_id
    from domain.venue import Closure, room_id

    begin, end = _day(first), _day(last or first)
    rooms = tuple(room_id(venue, key) for key in room or ())
    mark = stream_id("closure", venue, str(begin), str(end), *map(str, rooms))
    with opened() as lyceum:
        broken = close_venue(lyceum, venue, Closure(mark, begin, end, rooms), why, emergency=emergency)
    typer.echo(f"{venue} is closed from {begin} to {end}")
    _tell(broken)


def reopen(
    venue: Annotated[str, typer.Option(help="The venue, by its key.")],
    first: Annotated[str, typer.Option("--from", help="First day of the closure to lift.")],
    why: Annotated[str, typer.Option(help="Why; kept in the history.")],
) -> None:
    """Lift the closures of a venue that begin on a day.

    Example: `lyceum reopen --venue school --from 2026-12-01 --why "the heating works again"`
    """
    from adapters.closures import reopen_venue
    from adapters.store.streams import VENUES
    from domain.venue import venue_id

    begin = _day(first)
    with opened() as lyceum:
        place = lyceum.store.must_load(VENUES, venue_id(venue))
        closures = [one for one in place.closures if one.first == begin]
        for one in closures:
            reopen_venue(lyceum, venue, one.id, why)
    if not closures:
        fail(f"{venue} has no closure that begins on {begin}; see `lyceum history --venue {venue}`")
    typer.echo(f"{venue} is open again as usual; plan the weeks concerned again")


def step(
    request: Annotated[str, typer.Option(help="The request, by its key.")],
    to: Annotated[str, typer.Option(help="screened, accepted, running, completed, declined or withdrawn.")],
    why: Annotated[str, typer.Option(help="Why; asked for when a request is declined or withdrawn.")] = "",
) -> None:
    """Move a request along its life: submitted, screened, accepted, scheduled, running, completed.

    Example: `lyceum step --request watercolour --to withdrawn --why "too few people signed up"`
    """
    from adapters.store.streams import REQUESTS
    from domain.request import STATUSES, request_id
    from domain.request import step as decide

    status = next((one for one in STATUSES if one == to), None)
    if status is None:
        raise Usage(f"--to {to!r} is no status; it may be {', '.join(STATUSES)}")
    with opened() as lyceum:
        lyceum.decide(REQUESTS, request_id(request), lambda one, stamp: decide(one, stamp, status, why))
    typer.echo(f"request {request} is {status}")


def leave_out(
    request: Annotated[str, typer.Option(help="The request, by its key.")],
    week: Annotated[str, typer.Option(help="The week in which it is not held, such as 2026-W52.")],
    instead: Annotated[str | None, typer.Option(help="Make it up in this later week.")] = None,
    extend: Annotated[
        bool, typer.Option("--extend", help="Make it up at the end, by going on for longer.")
    ] = False,
) -> None:
    """Hold a course not in a week, as when its house is closed, and make it up in another week or at the end.

    Example: `lyceum leave-out --request watercolour --week 2026-W50 --instead 2026-W52`
    """
    from adapters.store.streams import AREAS, REQUESTS
    from domain.area_times import letter_of
    from domain.recurrence import held_weeks
    from domain.request import leave_out as decide
    from domain.request import request_id

    with opened() as lyceum:
        id = request_id(request)
        lyceum.decide(
            REQUESTS, id, lambda one, stamp: decide(one, stamp, week=week, instead=instead, extend=extend)
        )
        one = lyceum.store.must_load(REQUESTS, id)
        known = {area.id: area for area in lyceum.views.all(AREAS)}
        held = held_weeks(one.order.course, lambda week: letter_of(known, one.area, week))
    typer.echo(
        f"request {request} is held {len(held)} times: {', '.join(held)}; plan the weeks concerned again"
    )


def pause(
    volunteer: Annotated[str, typer.Option(help="The volunteer, by key.")],
    first: Annotated[str, typer.Option("--from", help="First day, such as 2026-12-01.")],
    why: Annotated[str, typer.Option(help="Why, without anything private: it is kept in the history.")],
    last: Annotated[str | None, typer.Option("--to", help="Last day; default: the first.")] = None,
) -> None:
    """Note that a volunteer is away; the answer names each released session that this breaks.

    Example: `lyceum pause --volunteer anna --from 2026-12-01 --to 2026-12-05 --why "away"`
    """
    from adapters.closures import pause_volunteer
    from domain.volunteer import Pause

    begin, end = _day(first), _day(last or first)
    with opened() as lyceum:
        broken = pause_volunteer(lyceum, volunteer, Pause(begin, end), why)
    typer.echo(f"{volunteer} is away from {begin} to {end}")
    _tell(broken)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Usage(f"{text!r} is no date; write it as 2026-12-01") from None


def _tell(broken: tuple[Broken, ...]) -> None:
    for week in sorted({one.week for one in broken}):
        sessions = {(one.promise.request, one.promise.number) for one in broken if one.week == week}
        typer.echo(
            f"{len(sessions)} released sessions of {week} are broken; plan and release that week again"
        )


def forget(
    volunteer: Annotated[str, typer.Option(help="The volunteer, by key.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; there is no way back.")] = False,
) -> None:
    """Erase a volunteer's personal record: name, phone, e-mail, address, home, and a guardian's with it.

    The events stay, without the person; feeds of the person end.

    Example: `lyceum forget --volunteer anna --yes`
    """
    from uuid import uuid4

    from adapters.erasure import erase_volunteer
    from domain.volunteer import volunteer_id

    if not yes:
        fail(f"erasing the personal record of {volunteer} cannot be undone; add --yes to do it", Exit.USAGE)
    with opened() as lyceum:
        id = volunteer_id(volunteer)
        if lyceum.person(id) is None:
            fail(f"there is no personal record of {volunteer}; it may be erased already")
        erase_volunteer(lyceum, id, volunteer, uuid4)
    typer.echo(f"the personal record of {volunteer} is erased")
