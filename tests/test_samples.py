"""Prove that the sample district is what its script makes, that it can be imported as it is, and names nobody."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from adapters.application.application import Lyceum
from adapters.imports.importing import run_import
from adapters.week.problem_document import write_problem
from adapters.week.week_snapshot import WeekSnapshot, find_area, snapshot_of
from domain.venue import Venue, open_windows
from domain.windows import minutes
from tests.adapters.town import Ticking

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
RONGCHANG = SAMPLES / "rongchang"
GENERATED = ("catalogue", "venues", "rooms", "hours", "volunteers", "requests")
FILES = ("day_types", "network", *GENERATED)


def rows_of(name: str) -> list[dict[str, str]]:
    with (RONGCHANG / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def opened_hours(facts: WeekSnapshot, venue: Venue) -> float:
    types = facts.day_types(venue.area)
    return minutes(open_windows(venue, venue.rooms[0].id, facts.week, types)) / 60


def made(folder: Path, *options: str) -> dict[str, bytes]:
    script = str(SAMPLES / "make_sample.py")
    subprocess.run([sys.executable, "-B", script, "--out", str(folder), *options], check=True)
    return {file.stem: file.read_bytes() for file in folder.iterdir()}


def test_sample_is_made_again_byte_for_byte(tmp_path: Path) -> None:
    committed = {name: (RONGCHANG / f"{name}.csv").read_bytes() for name in GENERATED}

    again = made(tmp_path)

    assert again == committed


def test_sample_of_another_seed_differs(tmp_path: Path) -> None:
    other = made(tmp_path, "--seed", "7")

    assert other["requests"] != (RONGCHANG / "requests.csv").read_bytes()


def test_sample_imports_without_errors_and_warnings_and_asks_for_the_week_of_the_demo() -> None:
    with Lyceum("memory:", clock=Ticking()) as lyceum:
        reports = [run_import(lyceum, name.replace("_", "-"), RONGCHANG / f"{name}.csv") for name in FILES]
        area = find_area(lyceum.views, "500153", date(2026, 11, 30))
        problem = write_problem(lyceum, snapshot_of(lyceum.views, area.id, "2026-W49"))

    assert [(report.imported, report.errors, report.warnings) for report in reports] == [(True, (), ())] * 8
    assert problem.warnings == ()
    assert len(problem.document["requests"]) > 550


def test_network_holds_the_districts_real_streets_and_communities() -> None:
    levels = [row["level"] for row in rows_of("network")]

    assert {level: levels.count(level) for level in levels} == {
        "city": 1,
        "district": 1,
        "street": 21,
        "community": 156,
    }


@pytest.mark.parametrize("name", ["venues", "volunteers", "requests"])
def test_generated_keys_say_that_they_are_generated(name: str) -> None:
    assert [row["key"] for row in rows_of(name) if not row["key"].startswith("sample-")] == []


def test_telephone_numbers_cannot_be_called() -> None:
    volunteers = rows_of("volunteers")
    phones = [row[column] for row in volunteers for column in ("phone", "guardian_phone") if row[column]]

    assert [phone for phone in phones if not re.fullmatch(r"000-\d{4}-\d{4}", phone)] == []


def test_sample_has_every_function_form_and_audience() -> None:
    requests = rows_of("requests")

    used = {column: len({row[column] for row in requests}) for column in ("function", "form", "audience")}

    assert used == {"function": 8, "form": 6, "audience": 7}


def test_libraries_open_54_hours_and_culture_stations_35() -> None:
    with Lyceum("memory:") as lyceum:
        for name in ("day_types", "network", "catalogue", "venues", "rooms", "hours"):
            run_import(lyceum, name.replace("_", "-"), RONGCHANG / f"{name}.csv")
        facts = snapshot_of(
            lyceum.views, find_area(lyceum.views, "500153", date(2026, 11, 30)).id, "2026-W49"
        )

    hours = {
        kind: {opened_hours(facts, venue) for venue in facts.own_venues() if venue.kind == kind}
        for kind in ("library", "culture_centre", "museum", "school")
    }

    assert hours == {"library": {54}, "culture_centre": {35, 72}, "museum": {48}, "school": {26}}
