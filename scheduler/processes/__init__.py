"""Integer programmes, their solver, worker processes, and time budgets."""

from scheduler.processes.worker_pool import WorkerPool
from scheduler.processes.worker_process import (
    Done,
    Json,
    Lines,
    Mistake,
    ProcessLimits,
    ProcessLost,
    WorkerProcess,
    WorkerSpec,
    module_command,
    tie_to_parent,
)

__all__ = [
    "Done",
    "Json",
    "Lines",
    "Mistake",
    "ProcessLimits",
    "ProcessLost",
    "WorkerPool",
    "WorkerProcess",
    "WorkerSpec",
    "module_command",
    "tie_to_parent",
]
