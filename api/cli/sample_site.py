"""Command that opens the sample district in a browser, with one link to sign in for each kind of person."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.demo import AREA, SAMPLE, WEEK, import_sample, plan_and_release
from api.cli.serving import serve
from api.cli.shell import database, errors, fail, opened
from api.cli.sign_in import SERVED_AT, address_here, public_address
from api.cli.weeks import TimeLimit

if TYPE_CHECKING:
    from adapters.application.application import Lyceum

VENUE, COMMUNITY, VOLUNTEER = "sample-changyuan-library", "500153001001", "sample-v001"
PLANNING_S = 20


def register(app: typer.Typer) -> None:
    app.command()(run)


def run(
    host: Annotated[str, typer.Option(help="Listen on this address.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Listen on this port.")] = 8000,
    sample: Annotated[Path, typer.Option(help="The folder of the sample's tables.")] = SAMPLE,
    time_limit: TimeLimit = PLANNING_S,
) -> None:
    """Open the sample district in a browser: its people are made up, and you may be any of them.

    The first run imports the tables, and plans and releases a week. Each run prints new links to sign in.

    Example: `lyceum run`
    """
    if not sample.is_dir():
        fail(f"there is no sample in {sample}; run this in the project's own folder, or give --sample")
    os.environ.setdefault("LYCEUM_DATABASE", "sqlite:///sample.db")
    with opened(None, create=True) as lyceum:
        _require_sample(lyceum)
        links = sample_links(lyceum)
        if not _is_released(lyceum):
            import_sample(lyceum, sample)
            plan_and_release(lyceum, time_limit, workers=2)
        os.environ[SERVED_AT] = address_here(host, port)
        _print_links(links)
    serve(host, port, processes=1, workers=None)


def _require_sample(lyceum: Lyceum) -> None:
    """Refuse a database of real people: whoever starts the sample may be anybody in it."""
    from adapters.services.sample_accounts import is_sample

    if lyceum.store.position() and not is_sample(lyceum):
        fail(f"{database()} holds other data; give another one with --db, such as --db sqlite:///sample.db")


def _is_released(lyceum: Lyceum) -> bool:
    from adapters.store.streams import TIMETABLES
    from domain.network import area_id
    from domain.timetable import timetable_id

    timetable = lyceum.views.get(TIMETABLES, timetable_id(area_id(AREA), WEEK))
    return timetable is not None and bool(timetable.releases)


def sample_links(lyceum: Lyceum) -> list[tuple[str, str]]:
    """The secret of a link for one role of each kind, in a part of the sample where there is something to see."""
    from adapters.services.sample_accounts import sample_link
    from domain.account import RoleGrant
    from domain.network import area_id
    from domain.venue import venue_id
    from domain.volunteer import volunteer_id

    roles = (
        RoleGrant("coordinator", area_id(AREA)),
        RoleGrant("host", venue_id(VENUE)),
        RoleGrant("volunteer", volunteer_id(VOLUNTEER)),
        RoleGrant("community", area_id(COMMUNITY)),
        RoleGrant("auditor"),
        RoleGrant("administrator"),
    )
    return [(granted.role, sample_link(lyceum, granted)) for granted in roles]


def _print_links(links: Iterable[tuple[str, str]]) -> None:
    from api.addresses import link_address

    errors.print("Open one of these in a browser; each works once, within an hour:", markup=False)
    for role, secret in links:
        errors.print(f"  {role:<14}{link_address(public_address(), secret)}", markup=False)
