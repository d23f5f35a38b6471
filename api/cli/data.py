"""Commands for a database and its data: init, import, templates, export."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from adapters.files.atomic_files import private_folder, write_private
from api.cli.shell import (
    Exit,
    Steps,
    Usage,
    database,
    errors,
    fail,
    opened,
    say,
    seen_at,
    show_json,
    week_and_day,
)
from api.cli.weeks import Area, At, Json, Week

TableKind = Annotated[
    str, typer.Argument(help="What the rows are; `lyceum kinds` lists the kinds and their columns.")
]

exports = typer.Typer(
    no_args_is_help=True, help="Write files: the pages, calendars and tables of a week, and its documents."
)


def register(app: typer.Typer) -> None:
    """Put the commands on the command line, in the order in which a new city needs them."""
    app.command()(init)
    app.command(name="import")(import_file)
    for command in (template, kinds):
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
        say(f"{where} is there already, with {events:,} events; nothing was changed")
    else:
        say(f"{where} is ready; next: `lyceum import network FILE`, or `lyceum template network FILE`")


def import_file(
    kind: TableKind,
    file: Annotated[Path, typer.Argument(help="CSV, XLSX or ODS; UTF-8 or GBK, or see --encoding.")],
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
    encoding: Annotated[
        str | None,
        typer.Option(help="How the text of a CSV file is stored, such as windows-1252; default: found out."),
    ] = None,
    keep_others: Annotated[
        bool, typer.Option("--keep-others", help="For hours: seasons that the file does not name stay.")
    ] = False,
    why: Annotated[str, typer.Option(help="The reason that renames and moves are kept with.")] = "",
    json_: Json = False,
) -> None:
    """Import a file: all of it or, where a row is bad, nothing.

    Importing the same file twice changes nothing.

    Example: `lyceum import venues venues.csv --dry-run`
    """
    from adapters.imports.importing import ImportOptions, run_import

    with opened(None) as lyceum, Steps(f"importing {file.name}") as steps:
        report = run_import(
            lyceum,
            kind,
            file,
            ImportOptions(
                profile=profile,
                dry_run=dry_run,
                accept_warnings=accept_warnings,
                constants=_constants(constant or []),
                sheet=sheet,
                encoding=encoding,
                keep_others=keep_others,
                why=why,
            ),
            progress=lambda done, total: steps(done, total, f"{done:,} of {total:,} rows"),
        )
    if json_:
        show_json(report.as_json())
    else:
        say(*report.text().split("\n"))
    if report.errors:
        raise typer.Exit(Exit.REFUSED)
    if report.warnings and not accept_warnings and not dry_run:
        errors.print(f"to import {file} as it is, run this again with --accept-warnings", markup=False)
        raise typer.Exit(Exit.WARNINGS)


def _constants(texts: list[str]) -> dict[str, str]:
    for text in texts:
        if "=" not in text:
            raise Usage(f"--set {text!r} must be COLUMN=VALUE, such as kind=library")
    return {column: value for column, _, value in (text.partition("=") for text in texts)}


def template(
    kind: TableKind, file: Annotated[Path, typer.Argument(help="Where to write it: a .csv or .xlsx file.")]
) -> None:
    """Write an empty table with the right columns and one example row.

    Example: `lyceum template rooms rooms.xlsx`
    """
    from adapters.imports.import_templates import write_template

    if file.exists():
        fail(f"{file} is there already; choose another name, or move it away")
    write_template(kind, file)
    say(f"{file}: fill it in, then `lyceum import {kind} {file}`")


def kinds() -> None:
    """List what can be imported, and the built-in profiles for foreign files."""
    from adapters.imports.importing import KINDS
    from adapters.imports.profiles import profile_names

    for name, kind in KINDS.items():
        say(f"{name}: {', '.join(column.name for column in kind.columns)}")
    say(f"profiles: {', '.join(profile_names())}")


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
    from adapters.exports.week_export import ExportOptions, write_week
    from adapters.week.week_snapshot import find_area

    week, day = week_and_day(week)
    with opened(None) as lyceum, Steps(f"writing {out}") as steps:
        area_state = find_area(lyceum.views, area, day)
        changed = write_week(
            lyceum,
            area_state.id,
            week,
            out,
            ExportOptions(release=release, with_names=names, language=language),
            progress=steps,
            tell=_warn,
        )
    if changed:
        say(f"{out}: {len(changed)} files written; open {out / 'index.html'}")
    else:
        say(f"{out}: nothing has changed")


def _warn(sentences: Sequence[str]) -> None:
    for sentence in sentences:
        errors.print(f"warning: {sentence}", markup=False)


@exports.command(name="data")
def export_data(
    kind: TableKind,
    file: Annotated[Path, typer.Argument(help="Where to write it: a .csv or .xlsx file.")],
    people: Annotated[
        bool, typer.Option("--people", help="Volunteers' names, phones and addresses too.")
    ] = False,
) -> None:
    """Write what is registered, in the columns that the import reads.

    The kinds are network, venues, rooms, hours, volunteers and requests.

    Example: `lyceum export data venues registered.csv`
    """
    from adapters.exports.master_data import export_kind

    with opened() as lyceum:
        changed = export_kind(lyceum, kind, file, with_people=people, tell=_warn)
    say(f"{file}: written" if changed else f"{file}: nothing has changed")


@exports.command(name="problem")
def export_problem(
    area: Area,
    week: Week,
    out: Annotated[Path, typer.Option(help="The file to write, .json or .json.gz.")],
    moment: At = None,
) -> None:
    """Write the problem document of a week, as it would be planned now, or at an earlier time.

    Example: `lyceum export problem --area town --week 2026-W49 --out problem.json`
    """
    from adapters.week.problem_document import problem_document
    from adapters.week.week_snapshot import find_area, snapshot_of
    from api.cli.weeks import write_json

    week, day = week_and_day(week)
    with opened() as lyceum:
        views = seen_at(lyceum, moment)
        snapshot = snapshot_of(views, find_area(views, area, day).id, week)
        problem = problem_document(views, snapshot, lyceum.people())
    write_json(out, problem.document)
    for warning in problem.warnings:
        errors.print(f"warning: {warning}", markup=False)
    say(f"{out}: {len(problem.document['requests'])} requests, written at event {problem.position}")


@exports.command(name="plan")
def export_plan(
    area: Area, week: Week, out: Annotated[Path, typer.Option(help="The folder for both documents.")]
) -> None:
    """Write the two documents of the latest draft, so that anybody can check it.

    Example: `lyceum export plan --area town --week 2026-W49 --out proof`
    """
    from adapters.week.week_snapshot import find_area, snapshot_of
    from domain.timetable import NoDraft

    week, day = week_and_day(week)
    with opened() as lyceum:
        origin = snapshot_of(lyceum.views, find_area(lyceum.views, area, day).id, week).timetable.origin
        if origin is None:
            raise NoDraft(f"there is no draft of {week} yet; plan the week first")
        documents = {
            "problem": lyceum.store.document(origin.problem),
            "plan": lyceum.store.document(origin.plan),
        }
    private_folder(out)
    for name, body in documents.items():
        write_private(out / f"{name}.json", body)
    say(
        f"{out}: problem.json ({origin.problem[:12]}…) and plan.json ({origin.plan[:12]}…), seed {origin.seed}"
    )
