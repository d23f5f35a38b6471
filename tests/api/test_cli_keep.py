"""Backing up and restoring on the command line: what it says, and when it refuses."""

from __future__ import annotations

import json

import pytest

from tests.api.conftest import Run


def test_backup_and_restore_say_what_they_did(town: Run) -> None:
    events = json.loads(town("lyceum history --json --limit 1").out)[0]["position"]

    made = town("lyceum backup town.backup")
    back = town("lyceum --db sqlite:///other.db restore town.backup")
    told = json.loads(town("lyceum backup second.backup --json").out)

    assert made.out.startswith(f"town.backup: {events:,} events, ")
    assert made.out.endswith("bytes; every event in it was read\n")
    assert back.out == f"town.backup: {events:,} events are back, and the read models were made again\n"
    assert (told["file"], told["events"], told["folded"]) == ("second.backup", events, True)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("lyceum restore town.backup", "the database has"),
        ("lyceum restore README.md --replace", "there is no file README.md"),
        ("lyceum restore samples/town/rooms.csv --replace", "is no backup of this kind of database"),
        ("lyceum backup town.backup", "there is a file town.backup already"),
        ("lyceum --db sqlite:///none.db backup none.backup", "there is no database none.db to back up"),
    ],
)
def test_refusals_are_one_sentence_and_change_nothing(town: Run, line: str, sentence: str) -> None:
    town("lyceum backup town.backup")
    before = town("lyceum --db sqlite:///lyceum.db history --json").out

    ran = town(line)

    assert ran.code == 1
    assert sentence in ran.err
    assert len(ran.err.splitlines()) == 1
    assert town("lyceum --db sqlite:///lyceum.db history --json").out == before
