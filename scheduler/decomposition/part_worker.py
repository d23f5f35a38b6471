"""Part process: part documents come in, answers go out; see `part_pool`."""

from __future__ import annotations

import pickle
import time
from multiprocessing.connection import Connection
from typing import Any

from scheduler.decomposition.part_solving import answer
from scheduler.processes.solver_pool import SolverPool
from scheduler.processes.worker_process import Lines


def answer_parts(connection: Connection | Lines, codec: Any = pickle) -> None:
    """Answer until nobody asks any more, which EOFError says; one process solves the programmes."""
    solver_pool = SolverPool(1)
    try:
        while True:
            document = codec.loads(connection.recv_bytes())
            connection.send_bytes(codec.dumps(answer(document, time.monotonic, solver_pool)))
    finally:
        solver_pool.close()


main = answer_parts  # what a worker process of this module runs
