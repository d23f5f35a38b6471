"""Report of an import: what is wrong, what is odd, what changed, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Any, Literal

from adapters.imports.columns import CellProblem
from adapters.week.release_validity.broken_sessions import BrokenSession, lines
from domain.messages import message, plural

MOST_CHANGES = 200  # shown to people; the report itself holds all
MOST_CHARACTERS = 60
CHANGES = {"new": message("new"), "changed": message("changed"), "removed": message("removed")}


@dataclass(frozen=True, slots=True)
class RowChange:
    """Change of one record: its kind, its natural key, and in one line what is different.

    `removed`: no row names it, and it goes because others take its place. `cleared` are the columns that were emptied.
    """

    stream: str
    key: str
    what: Literal["new", "changed", "removed"]
    detail: str = ""
    cleared: tuple[str, ...] = ()

    def text(self) -> str:
        what, stream, key = CHANGES[self.what], self.stream, self.key
        if self.detail:
            return message(
                "{what} in {stream}: {key} ({detail})", what=what, stream=stream, key=key, detail=self.detail
            )
        return message("{what} in {stream}: {key}", what=what, stream=stream, key=key)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """Outcome of an import; `imported`: the database holds the file now, whether or not that changed anything.

    `rows` were read and kept; `left_out` were dropped by the profile's filters, folded into an equal row, or name
    something that the profile says to pass over. `new`, `changed` and `unchanged` count rows, `cleared` values that an
    empty cell took away, `removed` what no row names any more; `events` what was or would be stored, `personal` the
    personal records written, `broken` the released sessions that can no longer take place as they stand because of it.
    `warnings` are about what would change: odd values that are in the
    database already were accepted before. `assumed` says which columns the profile made up, and how.
    """

    kind: str
    source: str
    profile: str | None
    imported: bool
    dry_run: bool
    rows: int
    left_out: int
    errors: tuple[CellProblem, ...] = ()
    warnings: tuple[CellProblem, ...] = ()
    changes: tuple[RowChange, ...] = ()
    unchanged: int = 0
    events: int = 0
    personal: int = 0
    assumed: tuple[tuple[str, str], ...] = ()
    position: int = 0
    broken: tuple[BrokenSession, ...] = ()

    @property
    def new(self) -> int:
        return sum(change.what == "new" for change in self.changes)

    @property
    def changed(self) -> int:
        return sum(change.what == "changed" for change in self.changes)

    @property
    def removed(self) -> int:
        return sum(change.what == "removed" for change in self.changes)

    @property
    def cleared(self) -> int:
        return sum(len(change.cleared) for change in self.changes)

    def as_json(self) -> dict[str, Any]:
        """All of it in the types of JSON."""
        counts = {name: getattr(self, name) for name in ("new", "changed", "cleared", "removed")}
        return {**asdict(self), "assumed": dict(self.assumed), **counts}

    def text(self) -> str:
        """Lines for people: the outcome first."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield self._outcome()
        yield from (problem.text() for problem in self.errors)
        yield from (message("check {problem}", problem=problem.text()) for problem in self.warnings)
        yield from (
            message("assumed {column}: {how}", column=column, how=how)
            for column, how in self.assumed
            if not self.errors
        )
        if self.errors:
            return
        losing = [change for change in self.changes if change.cleared or change.what == "removed"]
        shown = self.changes if self.dry_run else losing
        yield from (change.text() for change in shown[:MOST_CHANGES])
        if len(shown) > MOST_CHANGES:
            yield message("and {count} more; the JSON report lists them all", count=len(shown) - MOST_CHANGES)
        yield from lines(self.broken, dry_run=not self.imported)

    def _outcome(self) -> str:
        what = message("{kind} from {source}", kind=self.kind, source=self.source)
        if self.errors:
            return plural(
                "{what}: nothing was imported, {count} value is wrong; correct the rows below and import the "
                "file again",
                "{what}: nothing was imported, {count} values are wrong; correct the rows below and import the "
                "file again",
                what=what,
                count=len(self.errors),
            )
        counts = tuple(self._counts())
        if self.dry_run and self.warnings:
            return message(
                "{what}: {counts}; a dry run, so nothing was imported; import it with accept-warnings",
                what=what,
                counts=counts,
            )
        if self.dry_run:
            return message("{what}: {counts}; a dry run, so nothing was imported", what=what, counts=counts)
        if not self.imported:
            return plural(
                "{what}: nothing was imported, {count} value is possible but odd; correct the rows below, or "
                "import the file again with accept-warnings to take it as it is",
                "{what}: nothing was imported, {count} values are possible but odd; correct the rows below, or "
                "import the file again with accept-warnings to take it as it is",
                what=what,
                count=len(self.warnings),
            )
        if self.changes or self.personal:
            return message("{what}: {counts}", what=what, counts=counts)
        return message("{what}: {counts}; nothing changed", what=what, counts=counts)

    def _counts(self) -> Iterator[str]:
        yield message(
            "{rows} rows, {new} new, {changed} changed, {unchanged} unchanged",
            rows=self.rows,
            new=self.new,
            changed=self.changed,
            unchanged=self.unchanged,
        )
        if self.cleared:
            yield plural(
                "{count} value cleared by empty cells",
                "{count} values cleared by empty cells",
                count=self.cleared,
            )
        if self.removed:
            yield message("{removed} removed", removed=self.removed)
        if self.personal:
            yield plural(
                "{count} personal record written", "{count} personal records written", count=self.personal
            )
        if self.left_out:
            yield message("{left_out} rows left out", left_out=self.left_out)


_COUNTED = frozenset({"version", "renamings", "retitled", "rezoned"})  # what follows from other fields


def difference(before: Any, after: Any, name: str = "") -> Iterator[str]:
    """Name the fields in which two records differ, with their values where these are short."""
    if before == after:
        return
    if is_dataclass(before) and is_dataclass(after):
        for field in fields(before):
            if field.name not in _COUNTED:
                inner = f"{name}.{field.name}" if name else field.name
                yield from difference(getattr(before, field.name), getattr(after, field.name), inner)
        return
    values = f"{before} → {after}"
    if isinstance(before, tuple | frozenset) or isinstance(after, tuple | frozenset):
        yield name
    else:
        yield f"{name} {values}" if len(values) <= MOST_CHARACTERS else name
