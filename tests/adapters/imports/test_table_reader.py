"""What stands in a file is read with its true row numbers, whatever wrote it."""

from __future__ import annotations

import csv
from datetime import date, datetime, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from adapters.imports.table_reader import TableRow, Unreadable, read_table
from adapters.imports.text_encodings import decode

TEXT = "key,name\na,荣昌区图书馆\nb,重庆市少年宫\n"
ROWS = (TableRow(2, {"key": "a", "name": "荣昌区图书馆"}), TableRow(3, {"key": "b", "name": "重庆市少年宫"}))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_encodings_of_chinese_offices_are_read_alike(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "venues.csv"
    path.write_bytes(TEXT.encode(encoding))

    table = read_table(path)

    assert (table.header, table.rows) == (("key", "name"), ROWS)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separator_follows_from_the_header(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "venues.csv"
    path.write_text(TEXT.replace(",", separator), encoding="utf-8")

    assert read_table(path).rows == ROWS


def test_row_numbers_are_those_of_the_file_despite_blank_lines_and_line_breaks(tmp_path: Path) -> None:
    path = tmp_path / "venues.csv"
    path.write_text('\nkey,name\na,"two\nlines"\n\n,\nb, padded \n', encoding="utf-8")

    table = read_table(path)

    assert table.header_row == 2
    assert [(row.number, row.cells["name"]) for row in table.rows] == [(3, "two\nlines"), (7, "padded")]


def test_cell_without_a_column_is_refused_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "venues.csv"
    path.write_text("key,name\na,b\na,b,c\n", encoding="utf-8")

    with pytest.raises(Unreadable, match=r"row 3 of venues\.csv has 3 cells under 2 column names"):
        read_table(path)


def test_workbook_cells_become_text_and_merged_cells_fill_down(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([])
    sheet.append(["venue", "room", "seats", "rate", "since", "seen", "opens", "open"])
    sheet.append(
        ["lib", "hall", 60, 1.5, date(2026, 3, 1), datetime(2026, 3, 1, 9, 30), time(9, 30), True]  # noqa: DTZ001 - a cell has no zone
    )
    sheet.append([None, "cellar", 20])
    sheet.merge_cells("A3:A4")
    book.create_sheet("other").append(["key"])
    book.save(tmp_path / "rooms.xlsx")

    table = read_table(tmp_path / "rooms.xlsx")

    assert table.header_row == 2
    assert table.rows[0] == TableRow(
        3,
        {
            "venue": "lib",
            "room": "hall",
            "seats": "60",
            "rate": "1.5",
            "since": "2026-03-01",
            "seen": "2026-03-01 09:30",
            "opens": "09:30",
            "open": "yes",
        },
    )
    assert (table.rows[1].number, table.rows[1].cells["venue"], table.rows[1].cells["seats"]) == (
        4,
        "lib",
        "20",
    )
    assert read_table(tmp_path / "rooms.xlsx", sheet="other").header == ("key",)
    with pytest.raises(Unreadable, match="has no sheet 'third'; its sheets are Sheet, other"):
        read_table(tmp_path / "rooms.xlsx", sheet="third")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", b"", "a.csv is empty; its first row must name the columns"),
        ("a.csv", b"key,key\n1,2\n", "a.csv has two columns named 'key'; rename one of them"),
        ("a.csv", "key,Müller\n1,Zoë\n".encode("latin-1"), "a.csv is neither UTF-8 nor GBK"),
        ("a.csv", b"PK\x03\x04\x00\x00", "a.csv is no text"),
        ("a.csv", b'key,name\n1,"open\n', "a.csv is no CSV from line 2 on"),
        ("a.xlsx", b"no workbook", "a.xlsx cannot be opened as a workbook"),
    ],
)
def test_unreadable_file_is_one_sentence(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(Unreadable) as error:
        read_table(tmp_path / name)

    assert str(error.value).startswith(sentence)
    assert "\n" not in str(error.value)


def test_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"there is no file .*gone\.csv; check the name and the folder"):
        read_table(tmp_path / "gone.csv")


@given(st.text(st.characters(codec="gb2312", exclude_characters="\0"), max_size=80))
def test_text_of_the_old_chinese_set_survives_utf8_and_an_encoding_that_is_named(text: str) -> None:
    assert decode(text.encode("utf-8"), "a.csv") == text
    assert decode(text.encode("gb18030"), "a.csv", "gb18030") == text


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"])), min_size=3, max_size=3)
    )
)
def test_what_the_csv_module_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    path = tmp_path_factory.mktemp("tables") / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["a", "b", "c"], *rows])

    assert [list(row.cells.values()) for row in read_table(path).rows] == [row for row in rows if any(row)]
