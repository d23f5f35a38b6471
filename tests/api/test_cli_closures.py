"""Closing a part of a day, and reopening what was meant, on the command line."""

from __future__ import annotations

import pytest

from adapters.application.application import Lyceum
from adapters.store.streams import VENUES
from domain.venue import Closure, venue_id
from tests.api.conftest import Run


def closures() -> list[tuple[str, str, int, int, int]]:
    """First and last day, times in minutes, and how many rooms; in order."""
    with Lyceum("sqlite:///lyceum.db") as lyceum:
        lyceum.views.catch_up()
        school = lyceum.views.get(VENUES, venue_id("school"))
    assert school is not None
    return sorted(map(_told, school.closures))


def _told(one: Closure) -> tuple[str, str, int, int, int]:
    return str(one.first), str(one.last), one.start_min, one.end_min, len(one.rooms)


@pytest.mark.parametrize(
    ("options", "closed"),
    [
        ("--from 2026-12-01", [("2026-12-01", "2026-12-01", 0, 1440, 0)]),
        (
            "--from '2026-12-01 13:00' --until '2026-12-01 17:00'",
            [("2026-12-01", "2026-12-01", 780, 1020, 0)],
        ),
        ("--from 2026-12-01T13:00 --until 17:00", [("2026-12-01", "2026-12-01", 780, 1020, 0)]),
        ("--from '2026-12-01 13:00'", [("2026-12-01", "2026-12-01", 780, 1440, 0)]),
        ("--from 2026-12-01 --until '2026-12-01 9:00'", [("2026-12-01", "2026-12-01", 0, 540, 0)]),
        (
            "--from 2026-12-01 --to 2026-12-03 --start 13:00 --end 17:00",
            [("2026-12-01", "2026-12-03", 780, 1020, 0)],
        ),
        ("--from 2026-12-01 --start 13:00", [("2026-12-01", "2026-12-01", 780, 1440, 0)]),
        (
            "--from '2026-12-01 13:00' --until '2026-12-04 10:00'",
            [
                ("2026-12-01", "2026-12-01", 780, 1440, 0),
                ("2026-12-02", "2026-12-03", 0, 1440, 0),
                ("2026-12-04", "2026-12-04", 0, 600, 0),
            ],
        ),
        (
            "--from '2026-12-01 13:00' --until '2026-12-02 00:00'",
            [("2026-12-01", "2026-12-01", 780, 1440, 0)],
        ),
        ("--from 2026-12-01 --until 2026-12-02 --room hall", [("2026-12-01", "2026-12-02", 0, 1440, 1)]),
    ],
)
def test_closure_takes_the_time_that_is_given(town: Run, options: str, closed: list[object]) -> None:
    ran = town(f"lyceum close --venue school {options} --why painting --emergency")

    assert ran.code == 0, ran.err
    assert closures() == closed
    assert town(f"lyceum close --venue school {options} --why painting --emergency").code == 0
    assert closures() == closed


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("--from '2026-12-01 25:00'", "is no time of day"),
        ("--from '2026-12-01 13:00' --until '2026-12-01 12:00'", "ends before it starts"),
        ("--from 2026-12-02 --until 2026-12-01", "lies before"),
        ("--from '2026-12-01 13:00' --start 13:00", "not both"),
        (
            "--from 2026-12-01 --start 13:00 --end 12:00",
            "ends at 12:00, which is not after its start at 13:00",
        ),
    ],
)
def test_closure_that_cannot_be_is_one_sentence(town: Run, options: str, sentence: str) -> None:
    ran = town(f"lyceum close --venue school {options} --why painting")

    assert ran.code in (1, 2)
    assert sentence in ran.err
    assert closures() == []


def test_reopening_lists_what_begins_on_the_day_and_lifts_what_is_named(town: Run) -> None:
    for line in (
        "lyceum close --venue school --from 2026-12-01 --to 2026-12-02 --room hall --why painting --emergency",
        "lyceum close --venue school --from 2026-12-01 --to 2026-12-31 --why roof --emergency",
    ):
        assert town(line).code == 0
    refused = town("lyceum reopen --venue school --from 2026-12-01 --why painted")
    assert refused.code == 1
    assert "hall from 2026-12-01 to 2026-12-02 (closure " in refused.err
    assert "all of school from 2026-12-01 to 2026-12-31 (closure " in refused.err
    assert len(closures()) == 2

    lifted = town("lyceum reopen --venue school --from 2026-12-01 --to 2026-12-02 --why painted")
    assert (lifted.code, closures()) == (0, [("2026-12-01", "2026-12-31", 0, 1440, 0)])
    assert "lifted: hall from 2026-12-01 to 2026-12-02" in lifted.out
    assert "still closed: all of school from 2026-12-01 to 2026-12-31" in lifted.out

    assert town("lyceum reopen --venue school --from 2026-12-01 --room hall --why x").code == 1
    assert town("lyceum reopen --venue school --from 2026-12-01 --why done").code == 0
    assert closures() == []


def test_reopening_the_first_of_the_days_that_one_command_closed_names_those_that_stay_closed(
    town: Run,
) -> None:
    closed = 'lyceum close --venue school --from "2026-12-04 18:00" --until "2026-12-07 12:00" --why roof'
    assert town(f"{closed} --emergency").code == 0

    lifted = town("lyceum reopen --venue school --from 2026-12-04 --why dry")
    assert "still closed: all of school from 2026-12-05 to 2026-12-06 (closure " in lifted.out
    assert "all of school on 2026-12-07, 00:00 to 12:00 (closure " in lifted.out
    assert "as usual" not in lifted.out


def test_closures_of_one_day_can_be_lifted_together_or_by_their_ids(town: Run) -> None:
    for room in ("--room hall", ""):
        assert town(f"lyceum close --venue school --from 2026-12-01 {room} --why x --emergency").code == 0
    listed = town("lyceum reopen --venue school --from 2026-12-01 --why x").err
    mark = listed.partition("(closure ")[2][:8]

    assert town(f"lyceum reopen --venue school --from 2026-12-01 --closure {mark} --why x").code == 0
    assert len(closures()) == 1
    assert town("lyceum close --venue school --from 2026-12-01 --room hall --why x --emergency").code == 0
    assert town("lyceum close --venue school --from 2026-12-01 --why x --emergency").code == 0
    assert town("lyceum reopen --venue school --from 2026-12-01 --all --why x").code == 0
    assert closures() == []


def test_same_closure_by_table_and_by_command_is_one(town: Run) -> None:
    with open("closures.csv", "w", encoding="utf-8") as file:  # noqa: PTH123 - in the folder of the command line
        file.write("venue,rooms,first,why\nschool,hall,2026-12-01,painting\n")
    assert town("lyceum import closures closures.csv --accept-warnings").code == 0

    assert town("lyceum close --venue school --room hall --from 2026-12-01 --why x --emergency").code == 0
    again = town("lyceum import closures closures.csv")

    assert len(closures()) == 1
    assert "nothing changed" in again.out


def test_encoding_and_other_seasons_are_options_of_the_import(town: Run) -> None:
    with open("v.csv", "wb") as file:  # noqa: PTH123
        file.write("key,name,kind,area\nmuseum,Pääkirjasto,museum,town\n".encode("cp1252"))

    asked = town("lyceum import venues v.csv")
    read = town("lyceum import venues v.csv --encoding windows-1252 --dry-run")

    assert (asked.code, read.code) == (1, 0)
    assert "--encoding" in asked.err
    assert town("lyceum import venues v.csv --encoding windows-1252").code == 0
