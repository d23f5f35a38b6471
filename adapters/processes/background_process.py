"""Compute in a process of its own, which takes only the processor time that nobody else wants.

One call for each process: a line of JSON in that says what, lines out that say how far it is, and a last one with the
result. Whoever asks stays at its own priority, so that it never waits for a processor while it holds a lock of the
database. Run as `python -m adapters.processes.background_process`, the module is such a process.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import IO, Any, Protocol, cast

import scheduler
from adapters.processes.part_process import ProcessPool
from scheduler import MalformedDocument, Progress
from scheduler.explain import (
    Explainer,
    UnknownRequest,
    WhyNot,
    most_common,
    price_of_minimum,
    report,
    serialise,
)
from scheduler.processes.launching import module_command, module_environment
from scheduler.processes.solver_worker import end_with_parent

Document = dict[str, Any]
LOWEST = 19
PRIORITY = "LYCEUM_JOB_PRIORITY"
PRIORITIES = ("idle", "normal")  # what the setting may say, the default first
TELL_S = 0.2  # between two lines about a search
PLAN_S, PLAN_ANYHOW_S = 4.0, 20.0  # between two that have its best plan: where it serves more, and where not
ASK_S = 0.1  # between two questions whether to stop


class ProcessLost(Exception):
    """The process that computed has ended by itself, for want of memory for instance."""


class NothingYet(Exception):
    """A stop of something that has nothing to show so far."""


class Mistake(Exception):
    """The process that computed made a mistake; the message is the kind of error."""


def call(
    what: str,
    given: Document,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    on_step: Callable[[str, float, float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Any:
    """Have something computed; what the callbacks raise ends it.

    Parameters
    ----------
    what
        A key of `CALLS`.
    on_step
        Told what is being done, and how much of how much is done, where it is no search.

    Raises
    ------
    MalformedDocument, UnknownRequest
        As the scheduler does.
    NothingYet, ProcessLost, Mistake
    """
    process = _started()
    lines: SimpleQueue[bytes] = SimpleQueue()
    reader = Thread(target=_read, args=(cast("IO[bytes]", process.stdout), lines), daemon=True)
    reader.start()
    told, best = False, [list[Document]()]
    try:
        _write(process, json.dumps({"call": what, "given": given}).encode())
        while True:
            if not told and should_stop is not None and should_stop():
                told = True
                _write(process, b"stop")
            with suppress(Empty):
                answer = _answer(lines.get(timeout=ASK_S), best, on_progress, on_step)
                if answer is not None:
                    return answer[0]
    finally:
        process.kill()
        process.wait()
        reader.join()
        cast("IO[bytes]", process.stdout).close()
        with suppress(OSError):  # what was not sent yet has nobody to go to
            cast("IO[bytes]", process.stdin).close()


def solve(
    problem: Document,
    options: scheduler.SolveOptions | None = None,
    *,
    start: list[Document] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Document:
    """Do what `scheduler.solve` does; `Progress.plan` may give a plan of some seconds ago."""
    effort = asdict(options or scheduler.SolveOptions())
    given = {"problem": problem, "options": effort, "start": start}
    made: Document = call("solve", given, on_progress=on_progress, should_stop=should_stop)
    return made


def _answer(
    line: bytes,
    best: list[list[Document]],
    on_progress: Callable[[Progress], None] | None,
    on_step: Callable[[str, float, float], None] | None,
) -> tuple[Any] | None:
    """The result, once it is there."""
    if not line.endswith(b"\n"):
        raise ProcessLost("the process that computed has ended by itself")
    said = json.loads(line)
    match said["said"]:
        case "progress":
            best[0] = said["plan"] if said["plan"] is not None else best[0]
            if on_progress is not None:
                on_progress(Progress(**said["point"], plan=lambda: best[0]))
        case "step":
            if on_step is not None:
                on_step(said["phase"], said["done"], said["total"])
        case "malformed":
            raise MalformedDocument(said["errors"])
        case "unknown":
            raise UnknownRequest(said["request"])
        case "nothing":
            raise NothingYet
        case "mistake":
            raise Mistake(said["kind"])
        case _:
            return (said["result"],)
    return None


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own command
        module_command("adapters.processes.background_process", str(os.getpid())),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=module_environment(),
    )


def _read(source: IO[bytes], lines: SimpleQueue[bytes]) -> None:
    for line in source:
        lines.put(line)
    lines.put(b"")


def _write(process: subprocess.Popen[bytes], line: bytes) -> None:
    with suppress(OSError):  # that it has ended is seen where it is read
        asks = cast("IO[bytes]", process.stdin)
        asks.write(line + b"\n")
        asks.flush()


# ---- In the process


class Teller(Protocol):
    """Writes what is said."""

    def __call__(self, said: str, **more: Any) -> None: ...


def _solve(given: Document, tell: Teller, stop: Event) -> Any:
    told_at, plan_at, served = 0.0, 0.0, 0

    def follow(progress: Progress) -> None:
        nonlocal told_at, plan_at, served
        now = time.monotonic()
        better = progress.served > served
        due = not served or now - plan_at >= (PLAN_S if better else PLAN_ANYHOW_S)
        with_plan = progress.served > 0 and due
        if now - told_at < TELL_S and not with_plan:
            return
        told_at = now
        if with_plan:
            plan_at, served = now, progress.served
        point = {name: getattr(progress, name) for name in ("phase", "seconds", "served", "bound", "share")}
        tell("progress", point=point, plan=progress.plan() if with_plan else None)

    return scheduler.solve(
        given["problem"],
        scheduler.SolveOptions(**given["options"]),
        start=given["start"],
        on_progress=follow,
        should_stop=stop.is_set,
        pool=ProcessPool,
        clock=time.monotonic,
    )


def _repair(given: Document, _: Teller, stop: Event) -> Any:
    options = given["options"]
    return scheduler.repair(
        given["problem"],
        given["released"],
        budget=scheduler.ChangeBudget(**options.pop("budget")),
        notice=scheduler.Notice(**options.pop("notice")),
        **options,
        should_stop=stop.is_set,
        clock=time.monotonic,
    )


def _explain(given: Document, tell: Teller, stop: Event) -> Any:
    """Of every request that is not served, or of one; a stop leaves what has been explained."""
    explainer = Explainer(given["problem"], given["plan"])
    request = given["request"]
    if request is not None:
        placed = explainer.is_placed(request)
        return serialise(
            explainer.why_this(request, given["session"]) if placed else explainer.why_not(request)
        )
    answers: list[WhyNot] = []
    for answer in explainer.all_unserved(
        lambda done, total: tell("step", phase="explaining", done=done, total=total)
    ):
        answers.append(answer)
        if stop.is_set():
            break
    return {"facts": most_common(answers), "requests": [serialise(why_not) for why_not in answers]}


def _gaps(given: Document, tell: Teller, stop: Event) -> Any:
    def step(done: int, total: int) -> None:
        tell("step", phase="looking for gaps", done=done, total=total)
        if stop.is_set():
            raise NothingYet

    return serialise(report(Explainer(given["problem"], given["plan"]), step))


def _price(given: Document, tell: Teller, stop: Event) -> Any:
    tell("step", phase="planning with and without the minimum", done=0, total=1)
    minimum_price = price_of_minimum(
        given["problem"], **given["options"], should_stop=stop.is_set, clock=time.monotonic
    )
    if stop.is_set():
        raise NothingYet  # half of a comparison says nothing
    return serialise(minimum_price) | {
        "price": minimum_price.price,
        "at_least": minimum_price.at_least,
        "at_most": minimum_price.at_most,
    }


CALLS: Mapping[str, Callable[[Document, Teller, Event], Any]] = {
    "solve": _solve,
    "repair": _repair,
    "explain": _explain,
    "gaps": _gaps,
    "price": _price,
}


def main() -> None:
    """Answer one call; an interrupt is the business of the process that asks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    yield_to_others()
    sink, stop = sys.stdout.buffer, Event()
    line, more = _first_line()
    loads = json.loads(line)

    def tell(said: str, **more: Any) -> None:
        sink.write(json.dumps({"said": said, **more}).encode() + b"\n")
        sink.flush()

    def listen() -> None:
        if not more:
            os.read(0, 1)  # a stop, or the end of who asks
        stop.set()

    Thread(target=listen, daemon=True).start()
    try:
        tell("done", result=CALLS[loads["call"]](loads["given"], tell, stop))
    except MalformedDocument as malformed:
        tell("malformed", errors=malformed.errors)
    except UnknownRequest as unknown:
        tell("unknown", request=unknown.args[0])
    except NothingYet:
        tell("nothing")
    except Exception as mistake:
        tell("mistake", kind=type(mistake).__name__)
        raise


def _first_line() -> tuple[bytes, bool]:
    """What is asked, and whether more than that has come already; no buffer must keep a stop that comes with it."""
    found = bytearray()
    while b"\n" not in found:
        part = os.read(0, 1 << 16)
        if not part:
            raise SystemExit(0)
        found += part
    line, _, more = bytes(found).partition(b"\n")
    return line, bool(more)


def yield_to_others() -> None:
    """Run only where a processor is idle; where the system knows no such thing, at its lowest priority.

    A machine of its own needs no such manners: then the setting says "normal".
    """
    if os.environ.get(PRIORITY) == "normal":
        return
    try:
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    except (AttributeError, OSError):
        with suppress(AttributeError, OSError):
            os.nice(LOWEST)


if __name__ == "__main__":
    main()
