"""Observer of the store, for telemetry: steps that take a while, and commands that are retried."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class StoreObserver(Protocol):
    """Called from the thread that does the work; it must be quick and never raise."""

    def step(self, name: str) -> AbstractContextManager[object]:
        """A context around a step, such as `store.save`."""
        ...

    def retried(self) -> None:
        """A command lost a race and starts again."""
        ...


class NullObserver:
    """Does nothing (null object)."""

    _nothing: AbstractContextManager[object] = nullcontext()

    def step(self, name: str) -> AbstractContextManager[object]:
        del name
        return self._nothing

    def retried(self) -> None:
        """Counts nothing."""
