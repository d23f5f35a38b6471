"""Plans by work on the command line: made again to the byte, and they say how."""

from __future__ import annotations

import json
from pathlib import Path

from tests.api.conftest import Run

PROBLEM = "lyceum export problem --area town --week 2026-W49 --out problem.json"


def test_solve_by_work_writes_the_same_file_again_and_says_how(town: Run, tmp_path: Path) -> None:
    town(PROBLEM)

    ran = [
        town(f"lyceum solve problem.json --out {name} --work 500 --seed 4") for name in ("a.json", "b.json")
    ]

    first, second = ((tmp_path / name).read_bytes() for name in ("a.json", "b.json"))
    assert [one.code for one in ran] == [0, 0]
    assert first == second
    assert json.loads(first)["reproducible"] == {"work": 500, "seed": 4, "workers": 2}
    assert "made again by --work 500 --workers 2 --seed 4" in ran[0].err


def test_solve_by_seconds_promises_nothing(town: Run, tmp_path: Path) -> None:
    town(PROBLEM)

    ran = town("lyceum solve problem.json --out plan.json --time-limit 5")

    assert ran.code == 0
    assert "made again" not in ran.err
    assert "reproducible" not in json.loads((tmp_path / "plan.json").read_text())


def test_plan_by_work_gives_the_plan_that_solve_gives(town: Run, tmp_path: Path) -> None:
    town(PROBLEM)
    town("lyceum solve problem.json --out plan.json --work 500")

    planned = town("lyceum plan --area town --week 2026-W49 --work 500 --json")

    alone = json.loads((tmp_path / "plan.json").read_text())
    draft = json.loads(planned.out)
    assert planned.code == 0
    assert draft["goals"] == alone["goals"]
    assert draft["sessions"] == len(alone["assignments"])
    assert draft["reproducible"] == alone["reproducible"]


def test_no_work_at_all_is_wrong_usage(run: Run) -> None:
    ran = run("lyceum solve problem.json --out plan.json --work 0")

    assert ran.code == 2
    assert "--work" in ran.err
