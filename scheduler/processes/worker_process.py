"""Worker processes: started, called, followed and stopped; they end with their parent and are replaced when lost.

A worker is the `main(connection, ...)` of a module (or a file) of ours, in a process of its own. This file also is what
begins one: before anything else is imported it ties the process to its parent and sets its limits, so it imports
nothing but the standard library.
"""

from __future__ import annotations

import json
import os
import pickle
import runpy
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from threading import Thread
from typing import IO, Any, Self, cast

_WATCH_S = 1.0  # between two looks whether the parent is still there
_LOWEST = 19  # the priority of `nice` that gives way to every other


class ProcessLost(Exception):
    """A worker process has ended by itself, or says what is no message."""


class Mistake(Exception):
    """A worker made a mistake; the message is the kind of error."""


@dataclass(frozen=True, slots=True)
class Done:
    """The end of a call: its result, or the error that it raised."""

    result: Any = None
    error: Exception | None = None

    @classmethod
    def of(cls, work: Callable[[], Any], expected: tuple[type[Exception], ...]) -> Self:
        """Do the work. An expected error is raised again by the parent; of a mistake that hears the kind alone."""
        try:
            return cls(work())
        except expected as error:
            error.__cause__ = None
            return cls(error=error.with_traceback(None))
        except Exception as mistake:  # noqa: BLE001 - whoever called tells of it
            traceback.print_exc()
            return cls(error=Mistake(type(mistake).__name__))

    def value(self) -> Any:
        """The result; what was raised is raised here."""
        if self.error is not None:
            raise self.error
        return self.result


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """What a worker may take of the machine, as far as the system knows such limits."""

    memory_mb: int = 0  # of address space, in units of 2**20 bytes; 0 for as much as there is
    cpu_s: int = 0  # seconds of processor time; 0 for as many as it takes
    idle: bool = False  # run only where a processor is idle, or else at the lowest priority

    def apply(self) -> None:
        """Hold this process to them, and whatever it begins."""
        if self.idle:
            try:
                os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
            except (AttributeError, OSError):
                with suppress(AttributeError, OSError):
                    os.nice(_LOWEST)
        for kind, bound in (("RLIMIT_AS", self.memory_mb << 20), ("RLIMIT_CPU", self.cpu_s)):
            with suppress(ImportError, AttributeError, ValueError, OSError):
                import resource  # noqa: PLC0415 - not every system has it

                if bound:
                    resource.setrlimit(getattr(resource, kind), (bound, bound))
                    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def __str__(self) -> str:
        return f"; it may use {self.memory_mb:,} MB of memory" if self.memory_mb else ""


class Json:
    """Messages as JSON, for those whom pickles would give too much power; see `WorkerSpec.codec`."""

    @staticmethod
    def dumps(message: Any) -> bytes:
        return json.dumps(message).encode()

    loads = staticmethod(json.loads)


class Lines:
    """Messages that are lines of two files, with the methods of a `Connection`."""

    def __init__(self, source: IO[bytes] | None, sink: IO[bytes]) -> None:
        self._source, self._sink = source, sink

    def poll(self, _: float | None) -> bool:
        return True

    def recv_bytes(self, _: int | None = None) -> bytes:
        line = self._source.readline() if self._source else b""
        if not line.endswith(b"\n"):
            raise EOFError
        return line

    def send_bytes(self, line: bytes) -> None:
        self._sink.write(line + b"\n")
        self._sink.flush()

    def close(self) -> None:
        if self._source:
            self._source.close()
        with suppress(OSError):  # what was not sent yet has nobody to go to
            self._sink.close()


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerSpec:
    """How a worker is begun and spoken to."""

    target: str = ""  # a module, or a file that imports nothing of ours and runs isolated (`python -I`)
    arguments: Sequence[str] = ()
    command: Sequence[str] = ()  # instead of a target, without limits and tied by its standard input alone
    title: str = "a worker process"  # in messages
    codec: Any = pickle  # how messages are written; None for a command that says nothing
    max_bytes: int | None = None  # that one process may say in all
    greeting: Any = None  # the first message to each new process
    silent: bool = False  # its standard error goes nowhere
    own_session: bool = False  # signals to the parent's group pass it by
    limits: ProcessLimits = ProcessLimits()
    environment: Mapping[str, str] = field(default_factory=dict)

    def begin(self) -> tuple[subprocess.Popen[bytes], Connection | Lines]:
        """Begin a process. Raises OSError."""
        if self.command:
            output = subprocess.PIPE if self.codec else subprocess.DEVNULL
            process = self._popen(self.command, stdin=subprocess.PIPE, stdout=output)
            return process, Lines(process.stdout, cast("IO[bytes]", process.stdin))
        own, its = Pipe()
        with its:
            terms = {"parent": os.getpid(), "connection": its.fileno(), "limits": asdict(self.limits)}
            flag = "-I" if self.target.endswith(".py") else "-P"
            start = [sys.executable, flag, str(Path(__file__).resolve()), json.dumps(terms), self.target]
            pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "pass_fds": [its.fileno()]}
            return self._popen([*start, *self.arguments], **pipes), own

    def _popen(self, command: Sequence[str], **pipes: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own command, or the caller's
            command,
            stderr=subprocess.DEVNULL if self.silent else None,
            start_new_session=self.own_session,
            env=module_environment(**self.environment),
            **pipes,
        )


def module_command(module: str, *arguments: str) -> list[str]:
    """What runs a module. With -P nobody's file in the folder where somebody happens to be takes a library's place."""
    return [sys.executable, "-P", "-m", module, *arguments]


def module_environment(**more: str) -> dict[str, str]:
    """The environment of such a process: the same folders to import from, named in full; and `more`."""
    path = os.pathsep.join(entry for entry in sys.path if Path(entry).is_absolute())
    return {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1", **more}


class WorkerProcess:
    """A worker that is begun again where it was lost; one thread at a time calls it.

    Attributes
    ----------
    process : Popen or None
        The one that runs or ran last, None before the first.
    """

    def __init__(self, spec: WorkerSpec) -> None:
        self._spec = spec
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def returncode(self) -> int | None:
        """None while it runs, and before the first; minus the number of the signal that ended it."""
        return None if self.process is None else self.process.poll()

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Begin it where it does not run. Raises ProcessLost where the system cannot."""
        if self.alive:
            return
        self.close()
        try:
            self.process, self._connection = self._spec.begin()
        except OSError as error:
            raise self._lost() from error
        self._bytes_left = self._spec.max_bytes
        if self._spec.greeting is not None:
            self.send(self._spec.greeting)

    def send(self, message: Any) -> None:
        """Send a message of any size. Raises ProcessLost."""
        body = self._spec.codec.dumps(message)
        try:
            self._connection.send_bytes(body)
        except OSError as error:
            raise self._lost() from error

    def receive(self, timeout_s: float | None = None) -> Any:
        """Wait for a message: progress, or an answer. Raises ProcessLost; TimeoutError, after which one may wait on."""
        try:
            if timeout_s is None or self._connection.poll(timeout_s):
                body = self._connection.recv_bytes(self._bytes_left)
                self._bytes_left = self._bytes_left and max(0, self._bytes_left - len(body))
                return self._spec.codec.loads(body)
        except (EOFError, OSError, ValueError, pickle.UnpicklingError) as error:
            raise self._lost() from error
        raise TimeoutError

    def ask(self, message: Any) -> Any:
        """Send a message and wait for the answer; nothing is replaced. Raises ProcessLost."""
        self.send(message)
        return self.receive()

    def call(self, message: Any, *, tries: int = 1, timeout_s: float | None = None) -> Any:
        """Send a message and wait for the answer; a process that is lost is replaced and the new one asked.

        Raises ProcessLost at the last of the tries; TimeoutError once the process that is late has been ended.
        """
        while True:
            tries -= 1
            try:
                self.start()
                self.send(message)
                return self.receive(timeout_s)
            except (ProcessLost, TimeoutError) as error:
                self.close()
                if isinstance(error, TimeoutError) or tries <= 0:
                    raise

    def _lost(self) -> ProcessLost:
        return ProcessLost(f"{self._spec.title} has ended by itself{self._spec.limits}")

    def kill(self) -> None:
        """End it at once; a thread that waits for its answer gets ProcessLost."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def close(self, grace_s: float = 0.0) -> None:
        """Close its connection, which says that it is to end, and end it where it has not within that time.

        No thread may wait for its answer any more.
        """
        if self.process is not None:
            if not grace_s:
                self.kill()
            self._connection.close()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(grace_s)
            self.kill()


# ---- In the worker


def tie_to_parent(parent: int | None = None) -> None:
    """Leave interrupts to the parent, and end soon after it, whatever this process is at: nobody waits for the answer.

    The parent is the one that the process has now, unless it is named.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    owner = os.getppid() if parent is None else parent

    def watch() -> None:
        while os.getppid() == owner:
            time.sleep(_WATCH_S)
        os._exit(1)

    Thread(target=watch, name="parent", daemon=True).start()


def main(terms: str, target: str, *arguments: str) -> None:
    """Run the `main` of a module or a file under its terms, until it ends or nobody asks any more."""
    agreed = json.loads(terms)
    limits, connection = ProcessLimits(**agreed["limits"]), Connection(agreed["connection"])
    tie_to_parent(agreed["parent"])
    limits.apply()
    try:
        run = runpy.run_path(target)["main"] if target.endswith(".py") else import_module(target).main
        with suppress(EOFError, ConnectionResetError, BrokenPipeError):
            run(connection, *arguments)
    except MemoryError:
        sys.stderr.write(f"{target} has no memory left{limits}\n")
        sys.exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
