"""What happens to the folder: a second run changes nothing, and nothing but exports is touched."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.exports.export_folder import MANIFEST, NotAFolder, write_folder
from adapters.exports.file_names import file_names
from adapters.exports.week_export import ExportOptions, write_week
from domain.events import NotThere
from domain.timetable import NoSuchRelease
from tests.adapters.exports.town import WEEK, Town, town


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_second_run_changes_nothing(any_town: Town, out: Path) -> None:
    first = write_week(any_town.lyceum, any_town.area, WEEK, out)
    before = content(out)

    second = write_week(any_town.lyceum, any_town.area, WEEK, out)

    assert {str(path.relative_to(out)) for path in first} == set(before)
    assert second == []
    assert content(out) == before


def test_another_database_with_the_same_events_gives_the_same_bytes(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        made = town("Asia/Shanghai")
        write_week(made.lyceum, made.area, WEEK, folder)

    assert content(folders[0]) == content(folders[1])


def test_stale_files_go_and_strange_ones_stay(toronto: Town, out: Path) -> None:
    write_week(toronto.lyceum, toronto.area, WEEK, out)
    (out / "calendars" / "mine.ics").write_text("mine")
    new = out / "calendars" / "requests" / "r-new.ics"
    assert new.is_file()

    changed = write_week(toronto.lyceum, toronto.area, WEEK, out, ExportOptions(release=1))

    assert new in changed
    assert not new.exists()
    assert (out / "calendars" / "mine.ics").read_text() == "mine"


def test_manifest_says_what_the_folder_is_about(toronto: Town, out: Path) -> None:
    write_week(toronto.lyceum, toronto.area, WEEK, out)
    manifest = json.loads((out / MANIFEST).read_bytes())

    assert (manifest["area"], manifest["week"], manifest["release"]) == ("city", WEEK, 2)
    assert set(manifest["files"]) == set(content(out)) - {MANIFEST}


@pytest.mark.parametrize("name", ["../victim", "/etc/hostname", "a/../../victim", "..\\victim", ""])
def test_manifest_cannot_make_it_remove_what_lies_elsewhere(tmp_path: Path, name: str) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    out = tmp_path / "out"
    out.mkdir()
    (out / MANIFEST).write_text(json.dumps({"files": {name: ""}}))

    write_folder(out, {"a.txt": b"a"}, {})

    assert victim.read_text() == "precious"


def test_broken_manifest_is_replaced(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text("[1")

    assert write_folder(tmp_path, {"a": b""}, {}) == [tmp_path / "a", tmp_path / MANIFEST]


def test_progress_reaches_the_last_file(toronto: Town, out: Path) -> None:
    told: list[tuple[int, int]] = []

    write_week(
        toronto.lyceum, toronto.area, WEEK, out, progress=lambda done, all_of: told.append((done, all_of))
    )

    assert told[-1][0] == told[-1][1] == len(told)


def test_week_that_is_not_released_is_refused(toronto: Town, out: Path) -> None:
    with pytest.raises(NotThere, match="not released yet"):
        write_week(toronto.lyceum, toronto.area, "2026-W11", out)
    with pytest.raises(NoSuchRelease, match="no release 3"):
        write_week(toronto.lyceum, toronto.area, WEEK, out, ExportOptions(release=3))
    with pytest.raises(NotThere, match="no area"):
        write_week(toronto.lyceum, uuid4(), WEEK, out)
    assert not out.exists()


def test_file_in_the_place_of_the_folder_is_refused(toronto: Town, out: Path) -> None:
    out.write_text("a file")

    with pytest.raises(NotAFolder, match="choose another folder"):
        write_week(toronto.lyceum, toronto.area, WEEK, out)


def test_file_names_are_safe_stable_and_never_meet() -> None:
    keys = ["lib-1", "a/b", "a?b", "A-B", "a-b", "荣昌图书馆", "CON", "x--y", "..", "k" * 200, " lib-1"]

    names = file_names(keys)

    assert names["lib-1"] == "lib-1"
    assert len({name.casefold() for name in names.values()}) == len(keys)
    assert all(
        name.isascii()
        and len(name) <= 80
        and name.strip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == ""
        for name in names.values()
    )
    assert file_names(["荣昌图书馆"])["荣昌图书馆"] == names["荣昌图书馆"]
