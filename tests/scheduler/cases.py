"""Small problems and plans for the tests: one venue beside another, two teachers, and what each rule needs."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from scheduler import SolveOptions, solve

CHECKER = Path(__file__).resolve().parents[2].parent / "shared" / "bench" / "check_plan.py"
NORTH, SOUTH = [50.0, 4.0], [50.0, 4.02]  # 1.43 km apart, 6 minutes of way at 15 km/h
Document = dict[str, Any]


def window(start: str, end: str, day: int = 1) -> Document:
    return {"day": day, "start": start, "end": end}


def week(start: str = "08:00", end: str = "20:00") -> list[Document]:
    return [window(start, end, day) for day in range(1, 8)]


def room(name: str, **given: Any) -> Document:
    return {"id": name, "name": name, "capacity": 20, "open": week()} | given


def volunteer(name: str, **given: Any) -> Document:
    own = {
        "id": name,
        "name": name,
        "kind": "retiree",
        "location": NORTH,
        "skills": ["music"],
        "vetted": True,
    }
    return own | {"available": week()} | given


def request(name: str, **given: Any) -> Document:
    own = {"id": name, "title": name, "area": "x", "location": NORTH, "topic": "music", "function": "arts"}
    return own | {"learners": 10, "duration_minutes": 60, "acceptable": week()} | given


def problem(*requests: Document, patch: dict[str, Document] | None = None, **given: Any) -> Document:
    """Two venues, four rooms (left and right divide the hall) and three volunteers; `patch` changes any by its id."""
    hall = [room("hall", turnaround_minutes=30), room("left", part_of="hall"), room("right", part_of="hall")]
    venues: list[Document] = [
        {
            "id": "north",
            "name": "north",
            "kind": "school",
            "location": NORTH,
            "rooms": [room("attic"), *hall],
        },
        {"id": "south", "name": "south", "kind": "library", "location": SOUTH, "rooms": [room("lab")]},
    ]
    people = [volunteer("ann"), volunteer("bob"), volunteer("cem")]
    made = {"format": "problem/1", "name": "small", "timezone": "Europe/Brussels", "week": "2026-W53"}
    things = [*venues, *(one for venue in venues for one in venue["rooms"]), *people, *requests]
    for thing in things:
        thing.update((patch or {}).get(thing["id"], {}))
    return made | {"venues": venues, "volunteers": people, "requests": list(requests)} | given


def put(name: str, start: str = "10:00", where: str = "attic", leads: str = "ann", **given: Any) -> Document:
    own = {"request": name, "session": 1, "day": 1, "start": start, "room": where, "leads": leads.split()}
    return own | given


def plan(*assignments: Document, **given: Any) -> Document:
    made = {"format": "plan/1", "problem": "small", "status": "feasible", "goals": {}, "unserved": []}
    return made | {"assignments": list(assignments)} | given


def solved(document: Document, **options: Any) -> Document:
    """The plan; the options are fields of SolveOptions, or parameters of `solve`."""
    names = SolveOptions.__dataclass_fields__
    given: dict[str, Any] = {"clock": time.monotonic, "time_limit_s": 20, "workers": 1} | options
    effort = SolveOptions(**{name: given.pop(name) for name in names if name in given})
    return solve(document, effort, **given)


def shared_checker() -> ModuleType:
    """The checker that shares no code with us; a test that asks for it is skipped where it is not at hand."""
    if not CHECKER.exists():
        assert not os.environ.get("CI"), f"the shared checker is missing at {CHECKER}"
        pytest.skip("the shared checker of plans is not beside this repository")
    if "check_plan" not in sys.modules:
        spec = importlib.util.spec_from_file_location("check_plan", CHECKER)
        assert spec is not None
        assert spec.loader is not None
        sys.modules["check_plan"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["check_plan"])
    return sys.modules["check_plan"]


def shared_verdict(folder: Path, document: Document, a_plan: Document) -> tuple[list[str], Document]:
    """The lines of broken rules and claims, and the report, of the shared checker."""
    checker = shared_checker()
    paths = folder / "problem.json", folder / "plan.json"
    for path, content in zip(paths, (document, a_plan), strict=True):
        path.write_text(json.dumps(content))
    lines, report = checker.check_plan(*map(str, paths))
    return lines, report
