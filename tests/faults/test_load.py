"""Fifty clients at once get their answers, from two processes: a smaller dose of the load."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bench.bench_load import CONNECTIONS, driven, made_week, mixes
from bench.problems import Document
from bench.serving import serving
from tests.conftest import IN_CI
from tests.faults.conftest import Databases

SECONDS = 3
EVENINGS = [{"day": day, "start": "17:00", "end": "21:00"} for day in range(1, 6)]
POINT = [29.4, 105.6]


def venue(key: str) -> Document:
    room = {"id": f"{key}-hall", "name": "Hall", "capacity": 60, "equipment": [], "accessible": True,
            "turnaround_minutes": 0, "part_of": None, "functions": None, "open": EVENINGS}  # fmt: skip
    return {"id": key, "name": key.title(), "kind": "school", "location": POINT, "weekly_cap_minutes": None,
            "rooms": [room]}  # fmt: skip


def volunteer(key: str) -> Document:
    return {"id": key, "name": key, "kind": "retiree", "location": POINT, "skills": ["choir"], "roles": ["lead"],
            "minor": False, "vetted": True, "available": EVENINGS, "max_minutes_week": None,
            "max_minutes_day": None, "max_travel_km": 20}  # fmt: skip


def request(key: str) -> Document:
    return {"id": key, "title": "Choir", "area": "river", "location": POINT, "topic": "choir", "function": "leisure",
            "learners": 20, "minors": False, "priority": 1, "sessions": 1, "duration_minutes": 60,
            "acceptable": EVENINGS, "preferred": [], "equipment": [], "accessible": False, "max_travel_km": 20,
            "leads": 1, "assistants": 0, "cohorts": [], "max_sessions_per_day": 1, "same_leads": True,
            "partial": True}  # fmt: skip


PROBLEM: Document = {
    "format": "problem/1",
    "name": "two houses",
    "timezone": "Asia/Shanghai",
    "week": "2026-W49",
    "grid_minutes": 30,
    "venues": [venue("school"), venue("library")],
    "volunteers": [volunteer(f"v-{number}") for number in range(3)],
    "requests": [request(f"r-{number}") for number in range(8)],
}


@pytest.mark.parametrize(
    "databases", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_everybody_is_answered_and_nobody_hears_of_a_fault(databases: Databases, tmp_path: Path) -> None:
    if shutil.which("wrk") is None:
        reason = "wrk is not on this machine: apt-get install wrk"
        pytest.fail(reason) if IN_CI else pytest.skip(reason)
    with databases() as url:
        town, plan, held = made_week(url, PROBLEM, None, planning_s=2)
        with serving(url, 2) as server:
            mixed, writes = mixes(tmp_path, server, town, held)
            both = driven(server, mixed, SECONDS, "mixed")
            alone = driven(server, writes, SECONDS, "writes")

    assert len(plan["assignments"]) == 8
    assert (both.failures, alone.failures) == ({}, {})
    assert min(both.requests, alone.requests) > CONNECTIONS
