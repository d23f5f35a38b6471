"""Jobs done here and now."""

from __future__ import annotations

from adapters.jobs.job_worker import Worker
from adapters.services.application import Lyceum


def do_one(lyceum: Lyceum, name: str = "here") -> bool:
    """Do the next job; False where none waits."""
    return Worker(lyceum, name).once()
