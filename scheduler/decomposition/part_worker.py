"""Decide parts in a process of its own: part documents come in on standard input, plan documents go out.

Run as `python -m scheduler.decomposition.part_worker` by a solver pool only; the messages are
those of `scheduler.processes.solver_worker`.
"""

from __future__ import annotations

import signal
import sys
import time

from scheduler.decomposition.part_solving import answer
from scheduler.processes.solver_pool import SolverPool
from scheduler.processes.solver_worker import end_with_parent, receive, send
from scheduler.processes.work_units import Done


def main() -> None:
    """Answer until nobody asks any more; an interrupt is the business of the process that asks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    crew = SolverPool(1)
    try:
        while True:
            found = answer(receive(source), time.monotonic, crew)
            send(sink, Done(found, found["work"], found["repeatable"]))
    except EOFError:
        return
    finally:
        crew.close()


if __name__ == "__main__":
    main()
