"""Background process: computes one call with the processor time that nobody else wants.

A message goes in that names the call, messages come out that say how far it is, and at last one with the result.
Whoever asks stays at its own priority, so that it never waits for a processor while it holds a lock of the database.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection
from threading import Event, Thread
from typing import Any

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
from scheduler.processes import Done, ProcessLimits, ProcessLost, WorkerProcess, WorkerSpec

Document = dict[str, Any]
PRIORITY = "LYCEUM_JOB_PRIORITY"
PRIORITIES = ("idle", "normal")  # what the setting may say, the default first
PROGRESS_S = 0.2  # between two lines about a search
PLAN_S, PLAN_ANYHOW_S = 4.0, 20.0  # between two that have its best plan: where it serves more, and where not
ASK_S = 0.1  # between two questions whether to stop


class NothingYet(Exception):
    """A stop of something that has nothing to show so far."""


def call(
    name: str,
    arguments: Document,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    on_step: Callable[[str, float, float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Any:
    """Have something computed; what the callbacks raise ends it.

    Parameters
    ----------
    name
        A key of `CALLS`.
    on_step
        Gets what is being done, and how much of how much is done, where it is no search.

    Raises
    ------
    MalformedDocument, UnknownRequest
        As the scheduler does.
    NothingYet, ProcessLost, Mistake
    """
    process = _started()
    stop_sent, best_plan = False, list[Document]()
    try:
        process.send((name, arguments))
        while True:
            if not stop_sent and should_stop is not None and should_stop():
                stop_sent = True
                with suppress(ProcessLost):  # what it said before its end is still to be read
                    process.send("stop")
            with suppress(TimeoutError):
                match process.receive(ASK_S):
                    case Done() as done:
                        return done.value()
                    case "step", phase, amount, total:
                        if on_step is not None:
                            on_step(phase, amount, total)
                    case _, progress, plan:
                        best_plan[:] = best_plan if plan is None else plan
                        if on_progress is not None:
                            on_progress(replace(progress, plan=partial(list, best_plan)))
    finally:
        process.close()


def solve(
    problem: Document,
    options: scheduler.SolveOptions | None = None,
    *,
    start: list[Document] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Document:
    """Do what `scheduler.solve` does; `Progress.plan` may give a plan of some seconds ago."""
    arguments = {"problem": problem, "options": options or scheduler.SolveOptions(), "start": start}
    plan: Document = call("solve", arguments, on_progress=on_progress, should_stop=should_stop)
    return plan


def _started() -> WorkerProcess:
    """A machine of its own needs no manners: then the setting says "normal"."""
    process = WorkerProcess(
        WorkerSpec(
            target="adapters.processes.background_process",
            title="the process that computed",
            limits=ProcessLimits(idle=os.environ.get(PRIORITY) != "normal"),
        )
    )
    process.start()
    return process


# ---- In the process


Tell = Callable[[Any], None]


def _solve(arguments: Document, tell: Tell, stop: Event) -> Any:
    progress_at, plan_at, served = 0.0, 0.0, 0

    def follow(progress: Progress) -> None:
        nonlocal progress_at, plan_at, served
        now = time.monotonic()
        better = progress.served > served
        due = not served or now - plan_at >= (PLAN_S if better else PLAN_ANYHOW_S)
        with_plan = progress.served > 0 and due
        if now - progress_at < PROGRESS_S and not with_plan:
            return
        progress_at = now
        if with_plan:
            plan_at, served = now, progress.served
        tell(("search", replace(progress, plan=list), progress.plan() if with_plan else None))

    return scheduler.solve(
        arguments["problem"],
        arguments["options"],
        start=arguments["start"],
        on_progress=follow,
        should_stop=stop.is_set,
        pool=ProcessPool,
        clock=time.monotonic,
    )


def _repair(arguments: Document, _: Tell, stop: Event) -> Any:
    options = arguments["options"]
    return scheduler.repair(
        arguments["problem"],
        arguments["released"],
        budget=scheduler.ChangeBudget(**options.pop("budget")),
        notice=scheduler.Notice(**options.pop("notice")),
        **options,
        should_stop=stop.is_set,
        clock=time.monotonic,
    )


def _explain(arguments: Document, tell: Tell, stop: Event) -> Any:
    """Explain every request that is not served, or one of them; a stop leaves what has been explained."""
    explainer = Explainer(arguments["problem"], arguments["plan"])
    request = arguments["request"]
    if request is not None:
        placed = explainer.is_placed(request)
        return serialise(
            explainer.why_this(request, arguments["session"]) if placed else explainer.why_not(request)
        )
    answers: list[WhyNot] = []
    for answer in explainer.all_unserved(lambda done, total: tell(("step", "explaining", done, total))):
        answers.append(answer)
        if stop.is_set():
            break
    return {"facts": most_common(answers), "requests": [serialise(why_not) for why_not in answers]}


def _gaps(arguments: Document, tell: Tell, stop: Event) -> Any:
    def step(done: int, total: int) -> None:
        tell(("step", "looking for gaps", done, total))
        if stop.is_set():
            raise NothingYet

    return serialise(report(Explainer(arguments["problem"], arguments["plan"]), step))


def _price(arguments: Document, tell: Tell, stop: Event) -> Any:
    tell(("step", "planning with and without the minimum", 0, 1))
    minimum_price = price_of_minimum(
        arguments["problem"], **arguments["options"], should_stop=stop.is_set, clock=time.monotonic
    )
    if stop.is_set():
        raise NothingYet  # half of a comparison says nothing
    return serialise(minimum_price) | {
        "price": minimum_price.price,
        "at_least": minimum_price.at_least,
        "at_most": minimum_price.at_most,
    }


CALLS: Mapping[str, Callable[[Document, Tell, Event], Any]] = {
    "solve": _solve,
    "repair": _repair,
    "explain": _explain,
    "gaps": _gaps,
    "price": _price,
}


def main(connection: Connection) -> None:
    """Answer one call."""
    name, arguments = connection.recv()
    stop = Event()

    def listen() -> None:
        with suppress(EOFError, OSError):
            connection.recv()  # a stop, or the end of who asks
        stop.set()

    Thread(target=listen, daemon=True).start()
    work = partial(CALLS[name], arguments, connection.send, stop)
    connection.send(Done.of(work, (MalformedDocument, UnknownRequest, NothingYet)))
