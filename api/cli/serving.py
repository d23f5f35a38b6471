"""Command that serves the HTTP interface, and the application that its processes load."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import accounts
from api.cli.shell import Usage, database, opened
from api.cli.sign_in import SERVED_AT, address_here, link, tell_first_link, tell_who_can_sign_in, token

if TYPE_CHECKING:
    from fastapi import FastAPI

STREAMS_END_S = 3  # after which an answer that never ends by itself is cut, so that the server can end


def register(app: typer.Typer) -> None:
    for command in (serve, token, link):
        app.command()(command)
    app.add_typer(accounts.app, name="account")


def serve(
    host: Annotated[str, typer.Option(help="Listen on this address.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Listen on this port.")] = 8000,
    processes: Annotated[int, typer.Option(min=1, max=64, help="How many processes answer.")] = 1,
    workers: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=64,
            help="How many processes plan and do other jobs; 0 where `lyceum work` runs elsewhere.",
            show_default="1",
        ),
    ] = None,
) -> None:
    """Serve the HTTP interface, on SQLite with nothing else, or on PostgreSQL.

    Example: `lyceum serve --port 8000`
    """
    from api.cli.workers import Workers, is_in_memory
    from api.http.limits import listening_socket
    from api.http.observability import logs
    from api.http.observability.telemetry import logging_of, metrics_token_of
    from api.http.settings import BadSetting, settings_of

    try:
        log_format, has_metrics = logging_of(os.environ), metrics_token_of(os.environ) is not None
        settings_of(os.environ)  # what is wrong is said here, once, and not by each process
    except BadSetting as bad:
        raise Usage(str(bad)) from None
    log = logs.configure(log_format)
    with opened("opening", create=True) as lyceum:  # makes the database before several processes open it
        events = lyceum.store.position()
        os.environ[SERVED_AT] = address_here(host, port)
        tell_who_can_sign_in(host)
        tell_first_link(lyceum)
    if workers and is_in_memory():
        raise Usage("a database in memory lives in one process; give --workers 0, or name a file with --db")
    pool = Workers(0 if is_in_memory() else 1 if workers is None else workers, log.warning)
    where = database().rpartition("@")[2].partition("?")[0]
    log.info(
        "serving", database=where, events=events, address=f"http://{host}:{port}/v1", processes=processes
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what is open here is closed
    with _counted_together() if has_metrics and processes > 1 else nullcontext(), pool:
        try:
            listening_socket.run(
                "api.cli.serving:application",
                host=host,
                port=port,
                processes=processes,
                log_config=logs.settings(log_format),
                log_level=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,  # LYCEUM_TRUSTED_PROXIES says whose word counts
                timeout_graceful_shutdown=STREAMS_END_S,
            )
        except listening_socket.PortTaken as taken:
            raise Usage(f"cannot listen at {taken}; choose another with --host and --port") from None
    log.info("stopped serving")


@contextmanager
def _counted_together() -> Iterator[None]:
    """A new folder for the metrics of all processes, so that each reports their sums and none of earlier runs."""
    with TemporaryDirectory(prefix="lyceum-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        try:
            yield
        finally:
            del os.environ["PROMETHEUS_MULTIPROC_DIR"]


def application() -> FastAPI:
    """The HTTP application on the database that the environment names, made in each process."""
    from api.cli.workers import is_in_memory
    from api.http.limits.listening_socket import settle
    from api.http.observability.telemetry import telemetry_of
    from api.http.settings import Settings, settings_of
    from api.pages.application import create_site

    settings = Settings(
        database=database(),
        public_url=os.environ.get("LYCEUM_PUBLIC_URL", ""),
        beside=not is_in_memory(),
        sign_in=settings_of(os.environ),
    )
    app = create_site(settings, telemetry=telemetry_of(os.environ))
    settle()
    return app
