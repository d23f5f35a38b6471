"""The application on one database: its event store, its read side, a clock, and who is at work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Self

from adapters.application.unit_of_work import Application, now
from adapters.store.store import DatabaseStore
from adapters.store.views import ReadModels


class Lyceum(Application):
    """The application, opened on the address of a database and closed at the end.

    Parameters
    ----------
    url
        Where the events are kept: `memory:`, `sqlite:///lyceum.db`, `postgresql://…`.
    actor
        Who gives the commands: the id of a person or of a program, never a name.
    clock
        Tells the time of a command; tests pass their own.
    """

    def __init__(self, url: str, *, actor: str = "operator", clock: Callable[[], datetime] = now) -> None:
        store = DatabaseStore(url)
        self.store: DatabaseStore
        super().__init__(store, ReadModels(store), actor, clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.store.close()
