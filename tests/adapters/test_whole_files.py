"""A file comes into place whole, and the first one stays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from adapters.files.atomic_files import put_in_place


def aside(folder: Path, text: str) -> Path:
    made = folder / f".{text}"
    made.write_text(text)
    return made


def test_the_first_one_stays_and_nothing_is_left_aside(tmp_path: Path) -> None:
    for text in ("first", "second"):
        put_in_place(aside(tmp_path, text), tmp_path / "file")

    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("file", "first")]


def test_file_system_without_links_is_good_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    put_in_place(aside(tmp_path, "first"), tmp_path / "file")

    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("file", "first")]
