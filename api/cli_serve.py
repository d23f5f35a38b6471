"""Serving on the command line: the HTTP interface, and tokens for who may use it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli_shell import Usage, database, errors, opened

if TYPE_CHECKING:
    from uuid import UUID

    from fastapi import FastAPI


def register(app: typer.Typer) -> None:
    for command in (serve, token):
        app.command()(command)


def serve(
    host: Annotated[str, typer.Option(help="Listen on this address.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Listen on this port.")] = 8000,
    processes: Annotated[int, typer.Option(min=1, max=64, help="How many processes answer.")] = 1,
) -> None:
    """Serve the HTTP interface, on SQLite with nothing else, or on PostgreSQL.

    Example: `lyceum serve --port 8000`
    """
    from api.http import listening, logs
    from api.http.watching import BadSetting, logging_of, metrics_token_of

    try:
        how, counted = logging_of(os.environ), metrics_token_of(os.environ) is not None
    except BadSetting as bad:
        raise Usage(str(bad)) from None
    log = logs.configure(how)
    with opened("opening", create=True) as lyceum:  # makes the database before several processes open it
        events = lyceum.store.position()
    where = database().rpartition("@")[2].partition("?")[0]
    log.info(
        "serving", database=where, events=events, address=f"http://{host}:{port}/v1", processes=processes
    )
    log.info("who may do what needs a token: lyceum token --role administrator")
    with _counted_together() if counted and processes > 1 else nullcontext():
        try:
            listening.run(
                "api.cli_serve:application",
                host=host,
                port=port,
                processes=processes,
                log_config=logs.settings(how),
                log_level=None,
                access_log=False,
                server_header=False,
            )
        except listening.PortTaken as taken:
            raise Usage(f"cannot listen at {taken}; choose another with --host and --port") from None
    log.info("stopped serving")


@contextmanager
def _counted_together() -> Iterator[None]:
    """A new folder in which the processes count, so that each can tell the counts of all; nothing of an earlier run."""
    with TemporaryDirectory(prefix="lyceum-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        try:
            yield
        finally:
            del os.environ["PROMETHEUS_MULTIPROC_DIR"]


def application() -> FastAPI:
    """The interface on the database of the environment, made anew in each process."""
    from api.http.app import create_app
    from api.http.house import Settings
    from api.http.listening import settle
    from api.http.watching import watch_of

    made = create_app(Settings(database=database()), watch=watch_of(os.environ))
    settle()
    return made


def token(
    role: Annotated[
        str, typer.Option(help="administrator, coordinator, auditor, host, volunteer, community.")
    ],
    area: Annotated[str | None, typer.Option(help="Only in this area and below it, by key.")] = None,
    venue: Annotated[str | None, typer.Option(help="For a host: this venue, by key.")] = None,
    volunteer: Annotated[str | None, typer.Option(help="For a volunteer: this one, by key.")] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Valid for so many days.")] = 90,
) -> None:
    """Make a token for the HTTP interface, and print it once: the database keeps its hash alone.

    Events carry who acts as LYCEUM_ACTOR or --actor says.

    Example: `lyceum token --role coordinator --area town`
    """
    from adapters.credentials import Credential, Granted, credential_row

    made = f"lyc_{secrets.token_urlsafe(32)}"
    with opened(create=True) as lyceum:
        granted = Granted(role, _within(role, area, venue, volunteer))
        expires = lyceum.clock() + timedelta(days=days)
        actor = os.environ.get("LYCEUM_ACTOR", role)
        lyceum.store.save((), [credential_row(made, Credential(actor, (granted,), expires))])
    errors.print(
        f"a token for {actor}, {role}, until {expires:%Y-%m-%d}; it is shown this once", markup=False
    )
    typer.echo(made)


def _within(role: str, area: str | None, venue: str | None, volunteer: str | None) -> UUID | None:
    """The part of the network that a role holds in. Raises Usage where role and part do not fit."""
    from api.http.roles import ROLES
    from domain.network import area_id
    from domain.venue import venue_id
    from domain.volunteer import volunteer_id

    if role not in ROLES or role == "public":
        raise Usage(
            f"--role {role!r} is none; there are {', '.join(one for one in ROLES if one != 'public')}"
        )
    match role:
        case "host" if venue:
            return venue_id(venue)
        case "volunteer" if volunteer:
            return volunteer_id(volunteer)
        case "coordinator" | "community" if area:
            return area_id(area)
        case "administrator" | "auditor":
            return None
    needed = {"host": "--venue", "volunteer": "--volunteer"}.get(role, "--area")
    raise Usage(f"a {role} needs {needed}: the role holds in a part of the network")
