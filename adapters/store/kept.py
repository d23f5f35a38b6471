"""Keep the last values that were made for a key, where a key says all that its value depends on."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
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
