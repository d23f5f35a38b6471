"""Demonstration on the sample district, from end to end: import, plan, release, export, report."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.shell import Steps, errors, fail, opened, say, stoppable
from api.cli.weeks import TimeLimit, Workers, follow

if TYPE_CHECKING:
    from uuid import UUID

    from adapters.application.application import Lyceum

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "rongchang"
AREA, WEEK, NAME = "500153", "2026-W49", "First timetable"
FILES = (
    ("day-types", "day_types.csv"),
    ("catalogue", "catalogue.csv"),
    ("network", "network.csv"),
    ("venues", "venues.csv"),
    ("rooms", "rooms.csv"),
    ("hours", "hours.csv"),
    ("volunteers", "volunteers.csv"),
    ("requests", "requests.csv"),
)  # in this order, since a row may name what an earlier file brings


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    sample: Annotated[Path, typer.Option(help="The folder of the sample's tables.")] = SAMPLE,
    out: Annotated[Path, typer.Option(help="Where the pages, calendars and tables go.")] = Path("out"),
    time_limit: TimeLimit = 60,
    workers: Workers = 2,
) -> None:
    """Plan and release a week of a real district, with generated venues and people, and report on it.

    A second run changes nothing and says so.

    Example: `lyceum demo`
    """
    if not sample.is_dir():
        fail(f"there is no sample in {sample}; run this in the project's own folder, or give --sample")
    os.environ.setdefault("LYCEUM_DATABASE", "sqlite:///demo.db")
    with opened(None, create=True) as lyceum:
        before = lyceum.store.position()
        import_sample(lyceum, sample)
        area = plan_and_release(lyceum, time_limit, workers)
        changed = _write(lyceum, area, out)
        after = lyceum.store.position()
        _report(lyceum, area)
    say()
    say("`make run` opens the same district in a browser, with a link for each kind of person.")
    if after == before and not changed:
        say(f"Nothing has changed since the last run: {after:,} events, and {out} is up to date.")
    else:
        say(
            f"{after - before:,} new events; {changed} files written. Open {out / 'index.html'} in a browser."
        )


def import_sample(lyceum: Lyceum, sample: Path) -> None:
    """Import the sample's tables, in the order in which they name each other."""
    for kind, file in FILES:
        _import(lyceum, kind, sample / file)


def _import(lyceum: Lyceum, kind: str, file: Path) -> None:
    from adapters.imports.importing import ImportOptions, run_import

    with Steps(f"importing {file.name}") as steps:
        report = run_import(
            lyceum,
            kind,
            file,
            ImportOptions(accept_warnings=True),  # the sample's week is over one day
            progress=lambda done, total: steps(done, total, f"{done:,} of {total:,} rows"),
        )
    if report.errors:
        errors.print(*report.text().split("\n"), sep="\n", markup=False)
        fail(f"{file} cannot be imported")
    counts = f"{report.new:,} new, {report.changed:,} changed, {report.unchanged:,} as before"
    errors.print(f"{file.name}: {report.rows:,} rows; {counts}", markup=False)


def plan_and_release(lyceum: Lyceum, time_limit: float, workers: int) -> UUID:
    """Plan the sample's week and release it; the id of its area."""
    from adapters.services.planning import Effort, plan_week
    from adapters.services.releases import release_week
    from adapters.week.week_snapshot import find_area
    from domain.calendar import monday

    area = find_area(lyceum.views, AREA, monday(WEEK))
    with Steps(f"planning {WEEK}") as steps, stoppable() as interrupts:
        draft = plan_week(
            lyceum,
            area.id,
            WEEK,
            effort=Effort(time_limit, workers),
            on_progress=follow(steps),
            should_stop=lambda: bool(interrupts),
        )
    outcome = "made" if draft.made else "stands, since nothing has changed"
    errors.print(f"draft {draft.number} {outcome}: {len(draft.plan['assignments'])} sessions", markup=False)
    released = release_week(lyceum, area.id, WEEK, NAME)
    outcome = "made" if released.made else "says the same already"
    errors.print(f"release {released.number} ({released.name}) {outcome}", markup=False)
    return area.id


def _write(lyceum: Lyceum, area: UUID, out: Path) -> int:
    from adapters.exports.week_export import write_week

    with Steps(f"writing {out}") as steps:
        changed = write_week(lyceum, area, WEEK, out, progress=steps)
    errors.print(
        f"{out}: {len(changed)} files written" if changed else f"{out}: nothing to write", markup=False
    )
    return len(changed)


def _report(lyceum: Lyceum, area: UUID) -> None:
    from adapters.week.week_report import week_report
    from adapters.week.week_report_lines import lines

    say()
    say("A real district with its real streets and communities; venues, people and requests are generated.")
    say(*lines(week_report(lyceum, lyceum.views, area, WEEK)))
