"""Solver process: integer programmes come in, outcomes go out."""

from __future__ import annotations

from multiprocessing.connection import Connection

from scheduler.processes.highs import maximise


def main(connection: Connection) -> None:
    """Answer a `SolverPool`."""
    while True:
        program, objective, options = connection.recv()
        connection.send(maximise(program, objective, **options))
