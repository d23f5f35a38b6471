"""docs/vocabulary.md: a line a term, in three languages, that the other pages lead to."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "vocabulary.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| term |", "| --- |"))
]


def test_each_term_has_a_chinese_and_a_spanish_one_and_a_sentence() -> None:
    assert len(ROWS) > 80
    odd = [
        row
        for row in ROWS
        if len(row) != 4
        or not row[2]
        or not re.search(r"[\u4e00-\u9fff]", row[1])
        or not row[3].endswith(".")
    ]

    assert odd == []


def test_no_term_stands_twice_in_either_language() -> None:
    for column in (0, 1, 2):
        terms = [row[column] for row in ROWS]
        assert sorted({*terms}) == sorted(terms)


def test_readme_and_contributing_lead_to_it() -> None:
    for page in ("README.md", "CONTRIBUTING.md"):
        assert "](docs/vocabulary.md)" in (ROOT / page).read_text(encoding="utf-8")
