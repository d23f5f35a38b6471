"""Every column of every table: what nobody can read is refused by row and column, or tidied, and never kept."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from adapters.imports.importing import KINDS as TABLES
from adapters.imports.importing import ImportOptions, run_import
from adapters.store.streams import VENUES
from tests.adapters.town import town
from tests.hostile import KINDS, REFUSED, kept_raw, raw

CELLS = [(table, column.name) for table, kind in TABLES.items() for column in kind.columns]


@pytest.mark.parametrize(("table", "column"), CELLS)
def test_no_cell_brings_in_what_nobody_can_read(table: str, column: str, tmp_path: Path) -> None:
    kind = TABLES[table]
    with town("memory:") as lyceum:
        for name, text in KINDS.items():
            path = tmp_path / f"{name}.csv"
            cells = [text if one.name == column else one.example for one in kind.columns]
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([kind.column_names, cells])
            if name == "nul":
                continue  # no text file holds it: the whole file is refused
            report = run_import(lyceum, table, path, ImportOptions(accept_warnings=True))
            assert not raw(report.text(), "\n"), name
            if name in REFUSED:
                assert (2, column) in [one.cell for one in report.errors], name
                assert not report.imported
        assert kept_raw(lyceum) == []


def test_line_break_in_a_cell_becomes_a_blank_and_the_row_is_imported(tmp_path: Path) -> None:
    path = tmp_path / "venues.csv"
    path.write_text('key,name,kind,area,lat,lon\nm,"Museum\n(side gate)",museum,river,29.4,105.6\n')
    with town("memory:") as lyceum:
        report = run_import(lyceum, "venues", path)
        names = {one.key: one.name for one in lyceum.views.all(VENUES)}

    assert report.imported
    assert names["m"] == "Museum (side gate)"
