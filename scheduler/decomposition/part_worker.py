"""Part process: part documents come in, answers go out; see `part_pool`."""

from __future__ import annotations

import time
from multiprocessing.connection import Connection

from scheduler.decomposition.part_solving import answer
from scheduler.processes.solver_pool import SolverPool


def main(connection: Connection) -> None:
    """Answer an `OwnPool`."""
    solver_pool = SolverPool(1)
    try:
        while True:
            connection.send(answer(connection.recv(), time.monotonic, solver_pool))
    finally:
        solver_pool.close()
