"""Job workers: the command `lyceum work`, and the processes of it that `lyceum serve` keeps running."""

from __future__ import annotations

import os
import secrets
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from typing import Annotated, Self

import typer

from api.cli.shell import Usage, bounded_number, database, opened
from scheduler.processes import WorkerProcess, WorkerSpec, module_command

NICE = 5  # who reads comes first; what computes gives way altogether, see `adapters.processes.background_process`
GRACE_S = 8.0  # to give a job back
SOON_S, LATE_S = 1.0, 30.0  # until a worker that has died is begun again, at first and where it dies at once


def register(app: typer.Typer) -> None:
    app.command()(work)


def work(
    once: Annotated[bool, typer.Option("--once", help="End as soon as no job is open.")] = False,
    lease: Annotated[
        float,
        typer.Option(
            min=1,
            callback=bounded_number,
            help="Take a job over whose worker gave no sign for so many seconds; the same for all workers.",
        ),
    ] = 20,
    name: Annotated[str | None, typer.Option(hidden=True)] = None,
    attached: Annotated[bool, typer.Option("--attached", hidden=True)] = False,
) -> None:
    """Do the jobs that were asked for over HTTP, one at a time, until somebody ends it.

    `lyceum serve` runs one beside it; any number of others may run, on other machines too where the database is
    PostgreSQL. Ctrl-C gives the job back with the best plan so far, and another worker goes on.

    Example: `lyceum work`
    """
    with suppress(AttributeError, OSError):  # not every system has priorities
        os.nice(NICE)
    from adapters.processes.background_process import PRIORITIES, PRIORITY
    from adapters.workers.job_worker import Worker
    from api.http.observability.telemetry import telemetry_of
    from api.http.settings import BadSetting

    if is_in_memory():
        raise Usage(
            "a database in memory lives in one process, so no other can work on it; name a file with --db"
        )
    try:
        telemetry = telemetry_of(os.environ)
    except BadSetting as bad:
        raise Usage(str(bad)) from None
    if os.environ.get(PRIORITY, PRIORITIES[0]) not in PRIORITIES:
        raise Usage(f"{PRIORITY}={os.environ[PRIORITY]!r} is none; use {' or '.join(PRIORITIES)}")
    own = name or secrets.token_hex(6)
    leaving = _leaving(attached=attached)
    with opened(None, create=True) as lyceum:
        lyceum.store.observer = telemetry
        telemetry.say("working", worker=own)
        Worker(lyceum, own, lease_s=lease, leaving=leaving, say=telemetry.say).run(until_idle=once)
    telemetry.say("stopped working", worker=own)
    telemetry.close()


def is_in_memory() -> bool:
    return database().startswith("memory:")


def _leaving(*, attached: bool) -> Callable[[], bool]:
    """Whether this process is to end: on SIGTERM or Ctrl-C, or when whoever it is attached to has gone."""
    end = Event()

    def ask(*_: object) -> None:
        if end.is_set():
            raise KeyboardInterrupt
        end.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, signal.SIG_IGN if attached else ask)
    if attached:

        def wait() -> None:
            while os.read(0, 1):  # nothing ever comes but the end
                pass
            end.set()

        Thread(target=wait, name="attached", daemon=True).start()
    return end.is_set


class Workers:
    """So many worker processes, each begun again where it dies, all ended at the end."""

    def __init__(self, count: int, say: Callable[..., None]) -> None:
        self._say, self._over = say, Event()
        token = secrets.token_hex(6)
        self._threads = [
            Thread(target=self._keep, args=(f"{token}-{slot}",), name=f"worker-{slot}", daemon=True)
            for slot in range(count)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _keep(self, name: str) -> None:
        """Run the worker of one name, so that a new one takes up at once what the last one left."""
        process = WorkerProcess(
            WorkerSpec(
                command=module_command("api.cli", "work", "--attached", "--name", name),
                title="a worker",
                codec=None,
                environment={"LYCEUM_DATABASE": database()},
            )
        )
        pause = SOON_S
        while not self._over.is_set():
            began = time.monotonic()
            process.start()
            while process.alive and not self._over.wait(0.2):
                pass
            if not self._over.is_set():
                self._say("a worker has died; the next one begins", worker=name, code=process.returncode)
                pause = SOON_S if time.monotonic() - began > LATE_S else min(LATE_S, 2 * pause)
                self._over.wait(pause)
        process.close(GRACE_S)  # it gives back what it has
