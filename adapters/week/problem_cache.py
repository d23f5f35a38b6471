"""Cache of parsed parts of problem documents: parts that have not changed are not parsed again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapters.store.caches import CacheKind, DerivedValues

READ = CacheKind[Any](20_000)  # parts of problems, some thousands in a district's


def recall_by(derived: DerivedValues) -> Callable[[Any, Callable[[], Any]], Any]:
    """Parts of a problem are the same objects as before where the records are that they were written from."""
    return lambda part, read: derived.get(READ, (part,), None, read)
