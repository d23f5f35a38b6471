"""Import a whole file or nothing of it, in one transaction, after people have seen what is wrong and what is odd."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from adapters.application import Lyceum
from adapters.imports import (
    catalogue,
    closures,
    day_types,
    hours,
    network,
    network_changes,
    requests,
    rooms,
    venues,
    volunteers,
)
from adapters.imports.columns import Problem, read_row
from adapters.imports.kinds import Kind
from adapters.imports.profiles import BadProfile, Profile, find_profile, identity
from adapters.imports.report import ImportReport
from adapters.imports.tables import Row, Table, read_table
from adapters.imports.work import Work
from domain.facts import Refused

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        network.AREA,
        network_changes.NETWORK_CHANGES,
        venues.VENUE,
        rooms.ROOMS,
        hours.HOURS,
        closures.CLOSURES,
        volunteers.VOLUNTEER,
        requests.REQUEST,
        day_types.DAYS,
        catalogue.WORDS,
    )
}
Progress = Callable[[int, int], None]


class UnknownKind(Refused):
    """A kind of import that there is not."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A file after its profile: values of good rows, values of the areas they lie in, and what is wrong."""

    rows: list[dict[str, Any]]
    areas: list[dict[str, Any]]
    errors: list[Problem]
    kept: int
    left_out: int


def find_kind(name: str) -> Kind:
    if name not in KINDS:
        near = difflib.get_close_matches(name, KINDS, 1)
        meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(KINDS)}"
        raise UnknownKind(f"{name!r} is no kind of import; {meant}")
    return KINDS[name]


def run_import(
    lyceum: Lyceum,
    kind: str,
    source: Path,
    *,
    profile: str | None = None,
    dry_run: bool = False,
    accept_warnings: bool = False,
    constants: Mapping[str, str] | None = None,
    sheet: str | None = None,
    why: str = "",
    progress: Progress | None = None,
) -> ImportReport:
    """Import a file of one kind, all or nothing.

    Parameters
    ----------
    profile
        Name of a profile that comes with the program, or path of one; None: the file has our own columns.
    dry_run
        Say what would change, and change nothing.
    accept_warnings
        Import what is possible but odd.
    constants
        Values of our columns for every row in which the file leaves them blank; they go before the profile's own.
    sheet
        The sheet of a workbook; None: its first.
    why
        The reason that renames, moves and the like are stored with; "": the name of the file.
    progress
        Told how many rows of how many are decided.

    Raises Refused, in one sentence, where the kind, the profile or the file cannot be read at all; wrong rows do not
    raise, they are in the report.
    """
    chosen = find_kind(kind)
    mapping = _profile(chosen, profile, constants or {})
    read = _read(chosen, mapping, read_table(source, sheet=sheet))

    def attempt() -> ImportReport:
        lyceum.views.catch_up()
        position = lyceum.views.position
        work = Work(
            lyceum=lyceum,
            stamp=lyceum.stamp(),
            why=why or f"import of {source.name}",
            only_known=mapping.only_known,
            total=len(read.rows),
            progress=progress,
            errors=list(read.errors),
            unread=frozenset(one.subject for one in read.errors),
        )
        network.found_missing(work, read.areas)
        chosen.decide(work, read.rows)
        report = _report(chosen, mapping, source, read, work, profile=profile, dry_run=dry_run)
        if report.errors or dry_run or (report.warnings and not accept_warnings):
            return report
        lyceum.commit(work.facts, work.writes, work.rests_on(position))
        return replace(report, imported=True, position=lyceum.store.position())

    done = lyceum.retrying(attempt)
    if progress:
        progress(len(read.rows), len(read.rows))
    return done


def _report(
    kind: Kind, mapping: Profile, source: Path, read: _Read, work: Work, *, profile: str | None, dry_run: bool
) -> ImportReport:
    return ImportReport(
        kind=kind.name,
        source=source.name,
        profile=profile,
        imported=False,
        dry_run=dry_run,
        rows=read.kept - len(work.passed_over),
        left_out=read.left_out + len(work.passed_over),
        errors=tuple(sorted(work.errors, key=lambda one: one.place)),
        warnings=tuple(sorted(work.warnings, key=lambda one: one.place)) if work.changes_anything else (),
        changes=tuple(work.changes()),
        unchanged=work.unchanged(),
        events=len(work.facts),
        personal=len(work.writes),
        assumed=tuple(mapping.assumed.items()),
    )


def _profile(kind: Kind, name: str | None, constants: Mapping[str, str]) -> Profile:
    profile = find_profile(name) if name else identity(kind.name, kind.column_names)
    if profile.kind != kind.name:
        raise BadProfile(
            f"profile {profile.name} is for {profile.kind}, not for {kind.name}; choose one for {kind.name}"
        )
    ours = [
        *profile.columns,
        *profile.templates,
        *profile.constants,
        *profile.values,
        *profile.choose,
        *constants,
    ]
    ours += [profile.only_known] if profile.only_known else []
    ours += [column for row in (*profile.before, *profile.after) for column in row]
    _check_columns(profile.name, ours, kind)
    _check_columns(profile.name, profile.areas, network.AREA)
    return replace(profile, constants={**profile.constants, **constants})


def _check_columns(name: str, ours: Iterable[str], kind: Kind) -> None:
    for column in ours:
        if column not in kind.column_names:
            near = difflib.get_close_matches(column, kind.column_names, 1)
            meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(kind.column_names)}"
            raise BadProfile(f"profile {name}: {column!r} is no column of {kind.name}; {meant}")


# ---- Rows


def _read(kind: Kind, profile: Profile, table: Table) -> _Read:
    errors = list(_header_errors(kind, profile, table))
    if errors:
        return _Read([], [], errors, 0, 0)
    mapped = list(profile.rows(table))
    single = list(_single(kind, profile, mapped, errors))
    rows = list(_values(kind, single, errors))
    areas = list(_values(network.AREA, profile.area_rows(table), errors))
    in_file = sum(row.number > 0 for row in single)
    return _Read(rows, areas, errors, len(single), len(table.rows) - in_file)


def _header_errors(kind: Kind, profile: Profile, table: Table) -> Iterator[Problem]:
    present = set(table.header)
    if not profile.ours:
        right = f"this column is missing; profile {profile.name} reads it"
        yield from (
            Problem(table.header_row, theirs, "", right) for theirs in sorted(profile.reads() - present)
        )
        return
    for column in kind.columns:
        if column.required and column.name not in present and column.name not in profile.constants:
            yield Problem(table.header_row, column.name, "", f"this column is missing; {column.holds}")
    for name in table.header:
        if name not in kind.column_names:
            near = difflib.get_close_matches(name, kind.column_names, 1)
            meant = f"did you mean {near[0]}?" if near else "leave it out, or write a profile for this file"
            yield Problem(table.header_row, name, name, f"is no column of {kind.name}; {meant}")


def _single(kind: Kind, profile: Profile, rows: Iterable[Row], errors: list[Problem]) -> Iterator[Row]:
    """Rows with different keys; a key that comes again is folded into the first, or wrong."""
    first: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = tuple(row.cells.get(column, "") for column in kind.key)
        known = first.get(key) if kind.key and any(key) else None
        if known is None:
            first[key] = row
            yield row
        elif not profile.unique:
            right = f"row {known.number} has the same {' and '.join(kind.key)}; keep one of the two"
            errors.append(Problem(row.number, kind.key[-1], key[-1], right))
        elif different := [name for name, cell in row.cells.items() if known.cells.get(name, "") != cell]:
            right = f"differs from row {known.number}, which has the same {' and '.join(kind.key)}"
            errors.append(Problem(row.number, different[0], row.cells[different[0]], right))


def _values(kind: Kind, rows: Iterable[Row], errors: list[Problem]) -> Iterator[dict[str, Any]]:
    for row in rows:
        subject = " ".join(filter(None, (row.cells.get(column, "") for column in kind.key)))
        values = read_row(row, kind.columns, errors, subject)
        if values is not None:
            yield {"row": row.number, **values}
