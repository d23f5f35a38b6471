"""Let whoever serves see what the store does: steps that take a while, and commands that begin again."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class Watcher(Protocol):
    """Called from the thread that does the work; it must be quick and never raise."""

    def step(self, name: str) -> AbstractContextManager[object]:
        """Stands around a step, such as `store.save`."""
        ...

    def retried(self) -> None:
        """A command lost a race, and begins again."""
        ...


class Unwatched:
    """Nobody looks, and it costs nothing."""

    _nothing: AbstractContextManager[object] = nullcontext()

    def step(self, name: str) -> AbstractContextManager[object]:
        del name
        return self._nothing

    def retried(self) -> None:
        """Nobody counts."""
