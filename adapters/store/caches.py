"""Derived values: what was made from records and keys, held for as long as these are the same."""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Generic, TypeVar

from cachetools import LRUCache

V = TypeVar("V")
Records = tuple[object, ...]


class CacheKind(Generic[V]):
    """A kind of derived values. Up to `limit` of them are held; the one that was used longest ago goes first."""

    def __init__(self, limit: int) -> None:
        self.limit = limit


class DerivedValues:
    """Values with what they rest on, owned by one application. Threads may share it.

    A value rests on records, which are compared by identity (a record never changes: it is held as one object until a
    new one takes its place), and on a key, which is compared by value.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._held: dict[CacheKind[Any], LRUCache[Hashable, tuple[Records, Any]]] = {}

    def find(self, kind: CacheKind[V], records: Records, key: Hashable) -> V | None:
        """The value, None where it is not held."""
        try:
            with self._lock:
                rests_on, value = self._held[kind][*map(id, records), key]
        except KeyError:
            return None
        return value if all(map(operator.is_, rests_on, records)) else None

    def put(self, kind: CacheKind[V], records: Records, key: Hashable, value: V) -> V:
        """Hold a value, and return it."""
        with self._lock:
            held = self._held.get(kind)
            if held is None:
                held = self._held[kind] = LRUCache(kind.limit)
            held[*map(id, records), key] = records, value
        return value

    def get(self, kind: CacheKind[V], records: Records, key: Hashable, make: Callable[[], V]) -> V:
        """The value, made where it is not held; two who come at once may both make it."""
        value = self.find(kind, records, key)
        return self.put(kind, records, key, make()) if value is None else value

    def drop(self, kind: CacheKind[Any], key: Hashable) -> None:
        """Forget a value that rests on a key alone."""
        with self._lock:
            if kind in self._held:
                self._held[kind].pop((key,), None)
