"""Processes that solve end with whoever asked them, also where that one was killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

LONG = """
import random, time
from scheduler.processes.solver_pool import SolverPool
from scheduler.processes.program import Program
from scheduler.processes.progress import Budget

draw, program = random.Random(1), Program()
columns = [program.column() for _ in range(300)]
for _ in range(120):
    program.row([(one, draw.randint(1, 99)) for one in draw.sample(columns, 60)], high=900)
worth = [(one, draw.randint(1, 99)) for one in columns]

crew = SolverPool(1)
crew.start("hard", lambda solver: solver(program, worth, limit_s=60), Budget(60, time.monotonic).allow())
crew.next(1)
print(crew.workers[0].process.pid, flush=True)
crew.next(60)
"""


def is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{process}/stat", encoding="utf-8") as told:  # noqa: PTH123 - it may go meanwhile
        return " Z " not in told.read()


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_process_that_solves_ends_with_a_killed_parent() -> None:
    asks = subprocess.Popen([sys.executable, "-c", LONG], stdout=subprocess.PIPE)
    assert asks.stdout is not None
    solver = int(asks.stdout.readline())
    assert is_there(solver)

    asks.kill()
    asks.wait()
    asks.stdout.close()

    began = time.monotonic()
    while is_there(solver):
        assert time.monotonic() - began < 20, "it goes on alone"
        time.sleep(0.05)
