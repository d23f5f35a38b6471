"""Terminal input and output of the commands: database, progress, output, and errors in one sentence."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import IntEnum
from types import FrameType
from typing import Any, NoReturn, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from adapters.application.application import Lyceum
from adapters.application.unit_of_work import Application
from adapters.store.database_addresses import file_of, is_missing
from adapters.store.mapper import json_of
from adapters.store.views import Views
from domain.calendar import bounded_day, bounded_instant, bounded_week, monday
from domain.events import Refused
from domain.text import escaped, one_line

MOST_DIGITS = 15  # of an event position
MOST = 1_000_000_000  # seconds, hours or units of work
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DEFAULT_DATABASE = "sqlite:///lyceum.db"


class _Errors(Console):
    """Console for stderr; control characters in what others wrote are shown, and never reach the terminal."""

    def print(self, *objects: Any, **options: Any) -> None:
        super().print(*(one_line(item) if isinstance(item, str) else item for item in objects), **options)


errors = _Errors(stderr=True, highlight=False, soft_wrap=True)


class Exit(IntEnum):
    """Exit codes of the commands."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    WARNINGS = 3
    CONFLICT = 4
    DATABASE = 5
    MISTAKE = 70
    STOPPED = 130


class Usage(Refused):
    """A command line that asks for something that cannot be."""


def fail(sentence: str, code: Exit = Exit.REFUSED) -> NoReturn:
    """End with one sentence on stderr."""
    errors.print(f"lyceum: {sentence}", markup=False)
    raise typer.Exit(code)


def database() -> str:
    """The address of the database: `--db`, else LYCEUM_DATABASE, else lyceum.db in this folder."""
    return os.environ.get("LYCEUM_DATABASE") or DEFAULT_DATABASE


def by_keys(sentence: str, words: Iterable[str]) -> str:
    """A sentence with the keys of a command line, `words`, in the place of the ids that they stand for."""
    from domain.network import area_id
    from domain.request import request_id
    from domain.venue import venue_id
    from domain.volunteer import volunteer_id

    if not _ID.search(sentence):
        return sentence
    keys = {
        part for word in words for text in (word, word.partition("=")[2]) for part in (text, *text.split("/"))
    }
    known: dict[str, str] = {}
    for key in filter(None, keys):
        with suppress(Refused):  # a word that can be no key
            known |= {str(id_of(key)): key for id_of in (area_id, request_id, venue_id, volunteer_id)}
    return _ID.sub(lambda match: known.get(match[0], match[0]), sentence)


def say(*lines: str) -> None:
    """Write lines on stdout, an empty one where none is given; control characters in them are shown."""
    for line in lines or ("",):
        typer.echo(one_line(line))


def holds_password(url: str) -> bool:
    """Whether a database address holds a password, which the list of processes would show to everybody."""
    scheme, _, rest = url.partition("://")
    if scheme.lower() in {"sqlite", "memory"}:
        return False
    return ":" in rest.rpartition("@")[0] or "password=" in rest.lower()


@contextmanager
def opened(what: str | None = "working", *, create: bool = False) -> Iterator[Lyceum]:
    """The application on the database; a missing SQLite file is an error unless `create`.

    `what` is shown as progress; None where the command shows its own.
    """
    url = database()
    if not create and is_missing(url):
        fail(f"there is no database {file_of(url)} here; make one with `lyceum init`", Exit.DATABASE)
    shown = Steps(what) if what else nullcontext()
    with shown, Lyceum(url, actor=os.environ.get("LYCEUM_ACTOR", "operator")) as lyceum:
        lyceum.views.catch_up()
        yield lyceum


@dataclass(frozen=True, slots=True)
class InBranch:
    """A what-if branch that a command is run in, by the keys that name it."""

    application: Application
    area: str
    week: str
    name: str

    @property
    def where(self) -> str:
        """The options and the name that name it on the command line."""
        return where_of(self.area, self.week, self.name)


_INSIDE: ContextVar[InBranch | None] = ContextVar("branch", default=None)


def where_of(area: str, week: str, name: str) -> str:
    """The options and the name of a branch on the command line."""
    return f"--area {shlex.quote(area)} --week {week} {shlex.quote(name)}"


@contextmanager
def changing(what: str | None = "working") -> Iterator[Application]:
    """The application for a command that a what-if branch may hold: inside one while `inside` is, else as `opened`."""
    branch = _INSIDE.get()
    if branch is not None:
        yield branch.application
        return
    with opened(what) as lyceum:
        yield lyceum


@contextmanager
def inside(branch: InBranch) -> Iterator[None]:
    """Run the commands of this context in a branch meanwhile."""
    token = _INSIDE.set(branch)
    try:
        yield
    finally:
        _INSIDE.reset(token)


def within() -> InBranch | None:
    """The branch that a command is run in, for hints that stay in it; None outside."""
    return _INSIDE.get()


def seen_at(lyceum: Lyceum, moment: str | None) -> Views:
    """The read side now, or as it was at an event position or an instant."""
    if moment is None:
        return lyceum.views
    if moment.isascii() and moment.isdecimal() and len(moment) <= MOST_DIGITS:
        return lyceum.views.at_position(int(moment))
    try:
        instant = datetime.fromisoformat(moment)
    except ValueError:
        raise Usage(
            f"--at {moment!r} is neither an event position nor a time such as 2026-11-21T18:00"
        ) from None
    bounded_instant(instant)
    return lyceum.views.as_of(instant if instant.tzinfo else instant.replace(tzinfo=UTC))


def bounded_number(value: float | None) -> float | None:
    """The value of a number option; nan, infinity and anything beyond `MOST` are refused."""
    if value is not None and not abs(value) <= MOST:
        raise typer.BadParameter(f"{value} is no number of at most {MOST:,}")
    return value


def week_and_day(week: str) -> tuple[str, date]:
    """The checked week and its Monday."""
    return bounded_week(week), monday(week)


def day_of(text: str) -> date:
    """A date as the command line takes it, such as 2026-12-01."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Usage(f"{text!r} is no date; write it as 2026-12-01") from None
    return bounded_day(day)


def show_json(value: Any) -> None:
    """Write a record, or a list or dict of plain values, as JSON on stdout."""
    if isinstance(value, dict | list):
        text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
    else:
        text = json_of(type(value)).dump_json(value, indent=2).decode()
    typer.echo(escaped(text))  # the escapes are those of JSON


class Steps:
    """Progress on stderr: a bar on a terminal, else a line now and then.

    It shows after a second, so that quick work stays quiet.
    """

    def __init__(self, what: str) -> None:
        self._what, self._began, self._said = what, time.monotonic(), 0.0
        self._bar: Progress | None = None
        self._live = errors.is_terminal

        self._lock = threading.Lock()
        self._wait = threading.Timer(
            1, self._draw, (0, None, "")
        )  # a bar even before there is anything to tell
        self._wait.daemon = True

    def __enter__(self) -> Self:
        if self._live:
            self._wait.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._wait.cancel()
        with self._lock:
            self._live = False
            if self._bar is not None:
                self._bar.stop()

    def __call__(self, done: float, total: float, text: str = "") -> None:
        now = time.monotonic()
        if now - self._began < 1:
            return
        if self._live:
            self._draw(done, total, text)
        elif now - self._said > 5:
            share = f"{done / total:.0%}" if total else ""
            errors.print(f"{self._what} {share} {text}".strip(), markup=False)
            self._said = now

    def _draw(self, done: float, total: float | None, text: str) -> None:
        with self._lock:
            if self._live:
                self._show(done, total, text)

    def _show(self, done: float, total: float | None, text: str) -> None:
        if self._bar is None:
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.fields[text]}"),
            )
            self._bar = Progress(*columns, console=errors, transient=True)
            self._bar.add_task(self._what, total=total, text=text)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=done, total=total, text=text)


@contextmanager
def stoppable() -> Iterator[list[bool]]:
    """Yield a list that fills once Ctrl-C asks to stop and keep the best so far; a second Ctrl-C ends the program."""
    interrupts: list[bool] = []
    if threading.current_thread() is not threading.main_thread():
        yield interrupts  # only the main thread hears Ctrl-C
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        if interrupts:
            raise KeyboardInterrupt
        interrupts.append(True)
        errors.print("stopping; the best plan so far is kept (Ctrl-C again to give up)")

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, before)


def utf8_output() -> None:
    """Chinese names must not break a terminal or a pipe with another encoding."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
