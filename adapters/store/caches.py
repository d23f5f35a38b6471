"""Keep the last values that were made for a key or from records, where these say all that the value depends on."""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class LruCache(Generic[K, V]):
    """Up to `most` values; the one that was asked for longest ago goes first. Threads may share it."""

    def __init__(self, most: int) -> None:
        self._most, self._held, self._lock = most, OrderedDict[K, V](), Lock()

    def get(self, key: K) -> V | None:
        with self._lock:
            if key not in self._held:
                return None
            self._held.move_to_end(key)
            return self._held[key]

    def put(self, key: K, value: V) -> V:
        with self._lock:
            self._held[key] = value
            self._held.move_to_end(key)
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        return value

    def made(self, key: K, make: Callable[[], V]) -> V:
        """The value, made where it is not held; two who come at once may both make it."""
        found = self.get(key)
        return self.put(key, make()) if found is None else found

    def drop(self, key: K) -> None:
        with self._lock:
            self._held.pop(key, None)


class IdentityCache(Generic[V]):
    """Results for records that somebody holds in memory, for as long as these are the very same objects.

    A record that never changes is held as one object until a new one takes its place, so nothing of it need be
    compared. At most `most` results, the newest; threads may share it.
    """

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, Lock()
        self._known: OrderedDict[Hashable, tuple[tuple[object, ...], V]] = OrderedDict()

    def get(self, records: tuple[object, ...], rest: Hashable, make: Callable[[], V]) -> V:
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
