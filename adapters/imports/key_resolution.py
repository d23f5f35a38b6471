"""Resolution of keys: which records the keys of a file mean, before anything is decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from adapters.imports.columns import Cells, Column
from adapters.imports.import_kind import ImportKind
from adapters.imports.import_run import ImportRun
from adapters.imports.record_keys import Likenesses, likeness, resolve_key, tidy
from adapters.store.streams import AREAS, DAY_TYPES, REQUESTS, VENUES, VOLUNTEERS
from domain.messages import message
from domain.venue import venue_id

_KEYS: Mapping[str, Callable[[ImportRun], Iterable[str]]] = {
    "areas": lambda run: (area.key for area in run.states(AREAS).values()),
    "calendars": lambda run: (day_types.key for day_types in run.states(DAY_TYPES).values()),
    "venues": lambda run: (venue.key for venue in run.states(VENUES).values()),
    "volunteers": lambda run: (volunteer.key for volunteer in run.states(VOLUNTEERS).values()),
    "requests": lambda run: (request.key for request in run.states(REQUESTS).values()),
}  # rooms have keys within their venue
_NOUNS = {
    "areas": "area",
    "calendars": "calendar",
    "venues": "venue",
    "rooms": "room",
    "volunteers": "volunteer",
    "requests": "request",
}


class _KeyResolver:
    """Resolver of one file's keys; `_fresh` holds those that are new with it, by what they look like."""

    def __init__(self, run: ImportRun, kind: ImportKind) -> None:
        self._run, self._kind = run, kind
        self._known: dict[tuple[str, str], Likenesses] = {}
        self._fresh: dict[tuple[str, str, str], tuple[int, str]] = {}

    def row(self, cells: Cells) -> Cells:
        changed: dict[str, object] = {}
        for column in self._kind.columns:
            if column.key_of and column.name in cells.values:
                scope = (
                    changed.get("venue", cells.values.get("venue", "")) if column.key_of == "rooms" else ""
                )
                changed[column.name] = self._settled(cells, column, str(scope))
        return cells.replaced(changed)

    def _settled(self, cells: Cells, column: Column, scope: str) -> object:
        value = cells.values[column.name]
        if isinstance(value, tuple):
            return tuple(self._reference(cells, column, scope, key) for key in value)
        if column.own_key:
            return self._own(cells, column, scope, value)
        return self._reference(cells, column, scope, value)

    def _own(self, cells: Cells, column: Column, scope: str, key: str) -> str:
        known = self._likenesses(column.key_of, scope)
        noun = _NOUNS[column.key_of]

        def warn(like: str) -> None:
            self._run.warnings = [
                cell_problem
                for cell_problem in self._run.warnings
                if cell_problem.cell != (cells.row, column.name)
            ]
            self._run.odd(
                cells.row,
                column.name,
                key,
                message(
                    "is new, but {noun} {like!r} is known, and a spreadsheet may have changed that key to this "
                    "one; write {like} if it is the same {noun}",
                    noun=noun,
                    like=like,
                ),
            )

        settled = resolve_key(known, key, warn)
        if known.exact(key) is None and known.like(key) is None:
            self._check_fresh(cells, column, scope, settled)
        return settled

    def _check_fresh(self, cells: Cells, column: Column, scope: str, key: str) -> None:
        mark = column.key_of, scope, likeness(key)
        row, first = self._fresh.setdefault(mark, (cells.row, key))
        if first != key:
            self._run.odd(
                cells.row,
                column.name,
                key,
                message(
                    "is new, and so is {first!r} in row {row}, which looks like it; keep one of the two keys if "
                    "they mean the same",
                    first=first,
                    row=row,
                ),
            )

    def _reference(self, cells: Cells, column: Column, scope: str, key: str) -> str:
        known = self._likenesses(column.key_of, scope)
        exact = known.exact(key)
        if exact is None and (like := known.like(key)):
            noun = _NOUNS[column.key_of]
            self._run.hints[cells.row, column.name] = message(
                "no {noun} has this key, but {like!r} is there; write {like} if that {noun} is meant",
                noun=noun,
                like=like,
            )
        return exact or tidy(key)

    def _likenesses(self, records: str, scope: str) -> Likenesses:
        if (records, scope) not in self._known:
            keys = self._rooms(scope) if records == "rooms" else _KEYS[records](self._run)
            self._known[records, scope] = Likenesses(keys)
        return self._known[records, scope]

    def _rooms(self, venue: str) -> Iterable[str]:
        known = self._run.state(VENUES, venue_id(venue))
        return (room.key for room in known.rooms) if known else ()


def resolve_keys(run: ImportRun, kind: ImportKind, rows: Iterable[Cells]) -> list[Cells]:
    """The rows with their keys resolved; what is odd about a new key is noted as a warning.

    A key that names nothing is left to whoever decides, with a hint on what was probably meant.
    """
    resolver = _KeyResolver(run, kind)
    return [resolver.row(cells) for cells in rows]
