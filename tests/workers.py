"""Jobs done here and now."""

from __future__ import annotations

from adapters.application.application import Lyceum
from adapters.workers.job_worker import Worker


def do_one(lyceum: Lyceum, name: str = "here") -> bool:
    """Do the next job; False where none waits."""
    return Worker(lyceum, name).once()
