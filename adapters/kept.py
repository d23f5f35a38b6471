"""Keep the last few results of slow work that depends on its key alone: a content hash, or records that are held."""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """At most `most` results, those asked for last. Threads may share it; two may do the same work at once."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, Lock()
        self._known: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        made = make()
        with self._lock:
            self._known[key] = made
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return made

    def drop(self, key: Hashable) -> None:
        with self._lock:
            self._known.pop(key, None)


class KeptBeside(Generic[T]):
    """Results for records that somebody holds in memory, for as long as these are the very same objects.

    A record that never changes is held as one object until a new one takes its place, so nothing of it need be
    compared. At most `most` results, the newest; threads may share it.
    """

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, Lock()
        self._known: OrderedDict[Hashable, tuple[tuple[object, ...], T]] = OrderedDict()

    def get(self, records: tuple[object, ...], rest: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives for these records and the rest, which is compared by value."""
        key = (*map(id, records), rest)
        known = self._known.get(key)
        if known is not None and all(map(operator.is_, known[0], records)):
            return known[1]
        made = make()
        with self._lock:
            self._known[key] = records, made
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return made
