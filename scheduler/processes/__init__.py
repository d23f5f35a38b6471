"""Programmes, the solver that decides them, the processes that it runs in, and the time they may take."""

from scheduler.processes.worker_pool import WorkerPool
from scheduler.processes.worker_process import (
    Done,
    Json,
    Limits,
    Mistake,
    ProcessLost,
    WorkerProcess,
    WorkerSpec,
    module_command,
    tie_to_parent,
)

__all__ = [
    "Done",
    "Json",
    "Limits",
    "Mistake",
    "ProcessLost",
    "WorkerPool",
    "WorkerProcess",
    "WorkerSpec",
    "module_command",
    "tie_to_parent",
]
