"""Import of a file: all or nothing, in one transaction, after people have seen what is wrong and what is odd."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from adapters.application.unit_of_work import Application, UnitOfWork, command
from adapters.imports import (
    catalogue_import,
    closure_import,
    day_type_import,
    hours_import,
    network_change_import,
    network_import,
    request_import,
    room_import,
    venue_import,
    volunteer_day_import,
    volunteer_import,
)
from adapters.imports.columns import CellProblem, Cells, by_name, completed, lacking, read_row
from adapters.imports.import_kind import ImportKind, Values
from adapters.imports.import_report import ImportReport, RowChange, difference
from adapters.imports.import_run import ImportRun
from adapters.imports.key_resolution import resolve_keys
from adapters.imports.profiles import BadImportProfile, ImportProfile, find_profile, identity
from adapters.imports.record_keys import tidy
from adapters.imports.table_reader import ReadTable, TableRow, read_table
from adapters.imports.text_encodings import damage
from adapters.week.release_validity.impact import broken_by
from domain.events import Refused
from domain.messages import message

KINDS: dict[str, ImportKind] = {
    kind.name: kind
    for kind in (
        network_import.AREA,
        network_change_import.NETWORK_CHANGES,
        venue_import.VENUE,
        room_import.ROOMS,
        hours_import.HOURS,
        closure_import.CLOSURES,
        volunteer_import.VOLUNTEER,
        volunteer_day_import.VOLUNTEER_DAYS,
        request_import.REQUEST,
        day_type_import.DAYS,
        catalogue_import.WORDS,
    )
}
Progress = Callable[[int, int], None]


class UnknownKind(Refused):
    """No kind of import has this name."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A file after its profile: its good rows, the areas they lie in, and the problems of the others.

    `row_count` counts the rows that the profile kept; `warnings` are about cells that look damaged.
    """

    rows: list[Cells]
    areas: list[Cells]
    errors: list[CellProblem]
    row_count: int
    left_out: int
    header_row: int = 1
    warnings: tuple[CellProblem, ...] = ()


def find_kind(name: str) -> ImportKind:
    if name not in KINDS:
        near = difflib.get_close_matches(name, KINDS, 1)
        meant = (
            message("did you mean {near}?", near=near[0])
            if near
            else message("there are {kinds}", kinds=tuple(KINDS))
        )
        raise UnknownKind(message("{name!r} is no kind of import; {meant}", name=name, meant=meant))
    return KINDS[name]


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a file is imported.

    Attributes
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
    encoding
        How the text of a CSV file is stored, such as "windows-1252"; None: as it says itself.
    keep_others
        For the kind hours: seasons that the file does not name stay.
    why
        The reason that renames, moves and the like are stored with; "": the name of the file.
    """

    profile: str | None = None
    dry_run: bool = False
    accept_warnings: bool = False
    constants: Mapping[str, str] = field(default_factory=dict)
    sheet: str | None = None
    encoding: str | None = None
    keep_others: bool = False
    why: str = ""


def run_import(
    target: UnitOfWork | Application,
    kind: str,
    source: Path,
    options: ImportOptions | None = None,
    *,
    progress: Progress | None = None,
) -> ImportReport:
    """Import a file of one kind, all or nothing; `progress` is called with the rows decided, and the number of all.

    Raises Refused, in one sentence, where the kind, the profile or the file cannot be read at all; wrong rows do not
    raise, they are in the report.
    """
    options = options or ImportOptions()
    chosen_kind = find_kind(kind)
    chosen_profile = _profile(chosen_kind, options.profile, options.constants)
    expected = chosen_kind.column_names if chosen_profile.ours else sorted(chosen_profile.reads())
    read = _read(
        chosen_kind,
        chosen_profile,
        read_table(source, sheet=options.sheet, encoding=options.encoding, expected=expected),
    )

    @command
    def attempt(unit: UnitOfWork) -> ImportReport:
        unit.views.catch_up()
        position = unit.views.position
        run = ImportRun(
            repository=unit,
            metadata=unit.metadata(),
            why=options.why or message("import of {source}", source=source.name),
            only_known=chosen_profile.only_known,
            keep_others=options.keep_others,
            total=len(read.rows),
            progress=progress,
            errors=list(read.errors),
            warnings=list(read.warnings),
            unread=frozenset(cell_problem.subject for cell_problem in read.errors),
        )
        network_import.found_missing_areas(run, read.areas)
        changes = _decide(chosen_kind, run, read)
        report = _report(
            chosen_kind,
            chosen_profile,
            source,
            read,
            run,
            changes,
            profile=options.profile,
            dry_run=options.dry_run,
        )
        if not report.errors:
            report = replace(report, broken=broken_by(unit, run.events, run.writes))
        if report.errors or options.dry_run or (report.warnings and not options.accept_warnings):
            return report
        unit.commit(run.events, run.writes, run.rests_on(position))
        return replace(report, imported=True)

    done = attempt(target)
    if done.imported:
        done = replace(done, position=target.store.position())
    if progress:
        progress(len(read.rows), len(read.rows))
    return done


def _decide(kind: ImportKind, run: ImportRun, read: _Read) -> list[RowChange]:
    """Decide every row over what is known of its record; return what changes, row by row."""
    run.filled_columns = {cells.row: frozenset(cells.values) for cells in read.rows if cells.row}
    rows = resolve_keys(run, kind, read.rows)
    run.rows = rows
    known = [kind.known(run, cells.values) for cells in rows]
    lacking_rows = _rows_lacking_columns(kind, run, read, rows, known)
    kind.decide(
        run,
        [
            {"row": cells.row, **completed(cells, kind.columns, before)}
            for cells, before in zip(rows, known, strict=True)
            if cells.row not in lacking_rows
        ],
    )
    changes = [
        change
        for cells, before in zip(rows, known, strict=True)
        if (change := _change(kind, run, cells, before))
    ]
    return [*changes, *(RowChange(kind.name, key, "removed", detail) for key, detail in run.removed)]


def _rows_lacking_columns(
    kind: ImportKind, run: ImportRun, read: _Read, rows: Sequence[Cells], known: Sequence[Values | None]
) -> set[int]:
    """Note the columns that new records need and the file has not, each once; the rows that lack any.

    A row whose key looks like a known one is not called new: its key is what is wrong.
    """
    lacks: dict[str, list[Cells]] = {}
    unlike: set[int] = set()
    for cells, before in zip(rows, known, strict=True):
        columns_lacking = lacking(cells, kind.columns, before)
        likely = [
            cell_problem
            for cell_problem in run.warnings
            if cell_problem.row == cells.row and cell_problem.column in kind.own_keys
        ]
        if columns_lacking and likely and before is None:
            run.errors.extend(likely)
            unlike.add(cells.row)
            continue
        for column in columns_lacking:
            lacks.setdefault(column.name, []).append(cells)
    run.warnings = [cell_problem for cell_problem in run.warnings if cell_problem.row not in unlike]
    columns = by_name(kind.columns)
    for name, without in lacks.items():
        first = without[0]
        new = (
            message(", and row {row} ({key_text}) is new", row=first.row, key_text=_key_text(kind, first))
            if len(without) < len(rows)
            else ""
        )
        run.wrong(
            read.header_row,
            name,
            "",
            message("this column is missing{new}; {holds}", new=new, holds=columns[name].holds),
        )
    return unlike | {cells.row for without in lacks.values() for cells in without}


def _change(kind: ImportKind, run: ImportRun, cells: Cells, before: Values | None) -> RowChange | None:
    after = kind.known(run, cells.values)
    if before == after or (kind.acts and cells.row not in run.acted):
        return None
    key = _key_text(kind, cells)
    if before is None:
        return RowChange(kind.name, key, "new")
    if after is None:
        return RowChange(kind.name, key, "changed", message("taken away"))
    changed = [name for name in after if before.get(name) != after[name]]
    cleared = tuple(name for name in changed if name in cells.blanks)
    details = [
        message("{name} cleared", name=name)
        if name in cleared
        else name
        if name in kind.personal
        else ", ".join(difference(before.get(name), after[name], name))
        for name in changed
    ]
    return RowChange(kind.name, key, "changed", ", ".join(details), cleared)


def _key_text(kind: ImportKind, cells: Cells) -> str:
    texts = (cells.values.get(column, "") for column in kind.naming)
    return " ".join(", ".join(text) if isinstance(text, tuple) else str(text) for text in texts if text)


def _report(
    kind: ImportKind,
    chosen_profile: ImportProfile,
    source: Path,
    read: _Read,
    run: ImportRun,
    changes: Sequence[RowChange],
    *,
    profile: str | None,
    dry_run: bool,
) -> ImportReport:
    return ImportReport(
        kind=kind.name,
        source=source.name,
        profile=profile,
        imported=False,
        dry_run=dry_run,
        rows=read.row_count - len(run.passed_over),
        left_out=read.left_out + len(run.passed_over),
        errors=_reported(kind, run.errors),
        warnings=_reported(kind, run.warnings) if run.changes_anything else (),
        changes=tuple(changes),
        unchanged=len(read.rows)
        - len(run.passed_over)
        - sum(row_change.what != "removed" for row_change in changes),
        events=len(run.events),
        personal=len(run.writes),
        assumed=tuple(chosen_profile.assumed.items()),
    )


def _reported(kind: ImportKind, problems: Iterable[CellProblem]) -> tuple[CellProblem, ...]:
    """Problems in the order of the file, without what stands in the cells of personal columns."""
    ordered = sorted(problems, key=lambda cell_problem: cell_problem.cell)
    return tuple(
        replace(cell_problem, value="") if cell_problem.column in kind.personal else cell_problem
        for cell_problem in ordered
    )


def _profile(kind: ImportKind, name: str | None, constants: Mapping[str, str]) -> ImportProfile:
    profile = find_profile(name) if name else identity(kind.name, kind.column_names)
    if profile.kind != kind.name:
        raise BadImportProfile(
            message(
                "profile {profile} is for {kind}, not for {kind_name}; choose one for {kind_name}",
                profile=profile.name,
                kind=profile.kind,
                kind_name=kind.name,
            )
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
    _check_columns(profile.name, profile.areas, network_import.AREA)
    return replace(profile, constants={**profile.constants, **constants})


def _check_columns(name: str, ours: Iterable[str], kind: ImportKind) -> None:
    for column in ours:
        if column not in kind.column_names:
            near = difflib.get_close_matches(column, kind.column_names, 1)
            meant = (
                message("did you mean {near}?", near=near[0])
                if near
                else message("there are {column_names}", column_names=tuple(kind.column_names))
            )
            raise BadImportProfile(
                message(
                    "profile {name}: {column!r} is no column of {kind}; {meant}",
                    name=name,
                    column=column,
                    kind=kind.name,
                    meant=meant,
                )
            )


# ---- Rows


def _read(kind: ImportKind, profile: ImportProfile, table: ReadTable) -> _Read:
    errors = list(_header_errors(kind, profile, table))
    if errors:
        return _Read([], [], errors, 0, 0)
    covered = profile.covers(table)
    mapped = list(profile.rows(table))
    unique_rows = list(_unique_rows(kind, profile, mapped, errors))
    rows = list(_cells(kind, unique_rows, covered, errors))
    areas = list(_cells(network_import.AREA, profile.area_rows(table), frozenset(profile.areas), errors))
    in_file = sum(row.number > 0 for row in unique_rows)
    left_out = len(table.rows) - in_file
    damaged = tuple(_damaged(kind, unique_rows))
    return _Read(rows, areas, errors, len(unique_rows), left_out, table.header_row, damaged)


def _damaged(kind: ImportKind, rows: Iterable[TableRow]) -> Iterator[CellProblem]:
    """Cells in which signs were lost or doubled before the file came here."""
    for row in rows:
        for name, cell in row.cells.items():
            if odd := damage(cell, secret=name in kind.personal):
                yield CellProblem(row.number, name, cell, odd, " ".join(_naming_texts(kind, row)))


def _header_errors(kind: ImportKind, profile: ImportProfile, table: ReadTable) -> Iterator[CellProblem]:
    present = set(table.header)
    if not profile.ours:
        right = message("this column is missing; profile {profile} reads it", profile=profile.name)
        yield from (
            CellProblem(table.header_row, theirs, "", right) for theirs in sorted(profile.reads() - present)
        )
        return
    unknown = not present <= set(
        kind.column_names
    )  # which rows are new cannot be said before these are right
    for column in kind.columns:
        needed = column.always or (column.required and unknown)
        if needed and column.name not in present and column.name not in profile.constants:
            yield CellProblem(
                table.header_row,
                column.name,
                "",
                message("this column is missing; {holds}", holds=column.holds),
            )
    for name in table.header:
        if name not in kind.column_names:
            near = difflib.get_close_matches(name.lower().replace(" ", "_"), kind.column_names, 1)
            meant = (
                message("did you mean {near}?", near=near[0])
                if near
                else message("leave it out, or write a profile for this file")
            )
            yield CellProblem(
                table.header_row,
                name,
                name,
                message("is no column of {kind}; {meant}", kind=kind.name, meant=meant),
            )


def _unique_rows(
    kind: ImportKind, profile: ImportProfile, rows: Iterable[TableRow], errors: list[CellProblem]
) -> Iterator[TableRow]:
    """Rows with different keys; a key that comes again is folded into the first, or wrong."""
    first: dict[tuple[str, ...], TableRow] = {}
    for row in rows:
        key = tuple(tidy(row.cells.get(column, "")) for column in kind.key)
        known = first.get(key) if kind.key and any(key) else None
        if known is None:
            first[key] = row
            yield row
        elif not profile.unique:
            right = message(
                "row {number} has the same {kind: and }; keep one of the two",
                number=known.number,
                kind=tuple(kind.key),
            )
            errors.append(CellProblem(row.number, kind.key[-1], key[-1], right))
        elif different := [name for name, cell in row.cells.items() if known.cells.get(name, "") != cell]:
            right = message(
                "differs from row {number}, which has the same {kind: and }",
                number=known.number,
                kind=tuple(kind.key),
            )
            errors.append(CellProblem(row.number, different[0], row.cells[different[0]], right))


def _cells(
    kind: ImportKind, rows: Iterable[TableRow], covered: frozenset[str], errors: list[CellProblem]
) -> Iterator[Cells]:
    for row in rows:
        subject = " ".join(_naming_texts(kind, row))
        cells = read_row(row, kind.columns, covered, errors, subject)
        if cells is not None:
            yield cells


def _naming_texts(kind: ImportKind, row: TableRow) -> Iterator[str]:
    return filter(None, (row.cells.get(column, "") for column in kind.naming))
