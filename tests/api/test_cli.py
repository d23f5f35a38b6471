"""The command line: what it answers, what it refuses, and with which exit code."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

import scheduler
from api.cli.main import app
from domain.volunteer import volunteer_id
from tests.api.conftest import ROOT, Run

WEEK = "--area town --week 2026-W49"


def test_init_twice_says_that_the_database_is_there(town: Run) -> None:
    ran = town("lyceum init")

    assert ran.code == 0
    assert "nothing was changed" in ran.out


def test_database_file_can_be_read_by_its_owner_alone(town: Run, tmp_path: Path) -> None:
    assert (tmp_path / "lyceum.db").stat().st_mode & 0o777 == 0o600


def test_command_without_a_database_says_how_to_make_one(run: Run) -> None:
    ran = run(f"lyceum report {WEEK}")

    assert (ran.code, ran.out) == (5, "")
    assert ran.err == "lyceum: there is no database lyceum.db here; make one with `lyceum init`\n"


@pytest.mark.parametrize("number", ["nan", "inf", "1e300"])
@pytest.mark.parametrize(
    "command", [f"repair {WEEK} --notice", f"plan {WEEK} --time-limit", f"plan {WEEK} --work"]
)
def test_a_number_that_no_clock_counts_to_is_wrong_usage(town: Run, command: str, number: str) -> None:
    assert town(f"lyceum {command} {number}").code == 2


def test_half_a_character_in_a_key_is_refused_in_one_sentence(town: Run) -> None:
    ran = town("lyceum close --venue school --room a\udc80 --from 2026-12-02 --why x")

    assert (ran.code, ran.out) == (1, "")
    assert "half a character" in ran.err


def test_every_number_with_a_fraction_is_bounded() -> None:
    options = [one for command in get_command(app).commands.values() for one in command.params]  # type: ignore[attr-defined]
    numbers = [one for one in options if "float" in one.type.name]

    assert numbers
    assert all(one.callback for one in numbers)


REFUSED = {
    f"lyceum report {WEEK}": (1, "plan it first"),
    f"lyceum release {WEEK} --name First": (1, "make one with a plan first"),
    f"lyceum export week {WEEK}": (1, "release it first"),
    f"lyceum diff {WEEK}": (1, "release it first"),
    "lyceum plan --area nowhere --week 2026-W49": (1, "there is no area 'nowhere'"),
    "lyceum plan --area town --week 2026-W54": (1, "2026-W54 does not exist; 2026 has the weeks W01 to W53"),
    "lyceum plan --area town --week 2027-W49": (1, "no accepted request"),
    "lyceum import venues missing.csv": (1, "missing.csv"),
    "lyceum import teapots samples/town/venues.csv": (1, "teapots"),
    "lyceum import venues samples/town/venues.csv --profile nobody": (1, "nobody"),
    "lyceum import venues samples/town/venues.csv --set nothing": (1, "COLUMN=VALUE"),
    "lyceum solve missing.json --out plan.json": (1, "missing.json"),
    "lyceum solve samples/town/venues.csv --out plan.json": (1, "no JSON document"),
    "lyceum plan --area town --week 2026-W49 --tolerance served": (
        1,
        "must be GOAL=SHARE, such as served=0.01",
    ),
    "lyceum plan --area town --week 2026-W49 --tolerance served=much": (1, "must be GOAL=SHARE"),
    "lyceum plan --area town --week 2026-W49 --tolerance fame=0.1": (
        1,
        "tolerance: must be an object with goals",
    ),
    "lyceum plan --area town --week 2026-W49 --tolerance served=2": (1, "tolerance.served: must be a share"),
    "lyceum close --venue moon --from 2026-12-01 --why dark": (1, "there is no venue moon"),
    "lyceum close --venue school --from yesterday --why dark": (1, "is no date"),
    "lyceum step --request choir --to completed": (1, "cannot become completed"),
    "lyceum step --request choir --to withdrawn": (1, "reason"),
    "lyceum step --request choir --to famous": (1, "is no status"),
    "lyceum forget --volunteer anna": (2, "add --yes"),
    "lyceum history --week 2026-W49": (1, "needs --area"),
    "lyceum history --on 2026-01-01": (1, "needs --area"),
    "lyceum history --area town --venue school": (1, "not several"),
    "lyceum report --area town --week 2026-W49 --at lunchtime": (1, "neither an event position nor a time"),
    "lyceum --db mysql://somewhere report --area town --week 2026-W49": (
        5,
        "no database that this program knows",
    ),
}


@pytest.mark.parametrize("line", REFUSED)
def test_refusal_is_one_sentence_on_stderr_and_changes_nothing(line: str, town: Run) -> None:
    before = town("lyceum history --json").out

    ran = town(line)

    code, words = REFUSED[line]
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err
    assert "Traceback" not in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    os.environ["LYCEUM_DATABASE"] = "sqlite:///lyceum.db"  # one line above has set another
    assert town("lyceum history --json").out == before


def test_wrong_usage_exits_with_2(town: Run) -> None:
    assert town("lyceum plan").code == 2
    assert town("lyceum nonsense").code == 2


def test_mistake_of_the_program_is_said_to_be_one(town: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.week.week_snapshot.find_area", lambda *_: 1 // 0)

    ran = town(f"lyceum report {WEEK}")

    assert ran.code == 70
    assert "a mistake of the program" in ran.err
    assert "Traceback" not in ran.err


def test_plan_report_release_and_diff_speak_json(town: Run) -> None:
    plan = json.loads(town(f"lyceum plan {WEEK} --time-limit 5 --json").out)
    report = json.loads(town(f"lyceum report {WEEK} --json").out)
    release = json.loads(town(f"lyceum release {WEEK} --name First --json").out)
    diff = json.loads(town(f"lyceum diff {WEEK} --json").out)
    history = json.loads(town(f"lyceum history {WEEK} --json").out)
    rebuild = json.loads(town("lyceum rebuild --json").out)

    assert (plan["made"], plan["sessions"], plan["unserved"]) == (True, 5, 1)
    assert (report["served"], report["asked"], report["state"]) == (4, 5, "draft")
    assert (release["release"], release["made"], release["new"]) == (1, True, 5)
    assert diff["counts"] == {"new": 5, "moved": 0, "cancelled": 0, "unchanged": 0}
    assert [one["event"] for one in history] == ["timetable.draft_made", "timetable.released"]
    assert {one["by"] for one in history} == {"coordinator-1"}
    assert rebuild["same"] is True


def test_plan_twice_and_release_twice_change_nothing(released: Run) -> None:
    before = released("lyceum history --json").out

    plan, release = released(f"lyceum plan {WEEK}"), released(f"lyceum release {WEEK} --name First")

    assert "nothing has changed since draft 1" in plan.out
    assert "nothing was released" in release.out
    assert released("lyceum history --json").out == before


def test_diff_of_one_volunteer_shows_only_their_sessions(released: Run) -> None:
    released("lyceum pause --volunteer ben --from 2026-12-05 --why away")
    released(f"lyceum plan {WEEK} --time-limit 5")
    released(f"lyceum release {WEEK} --name Second")

    everything = json.loads(released(f"lyceum diff {WEEK} --json").out)
    anna = json.loads(released(f"lyceum diff {WEEK} --volunteer anna --json").out)

    hers = str(volunteer_id("anna"))
    assert anna["changes"] == [one for one in everything["changes"] if hers in json.dumps(one)]
    assert anna["counts"] == {"new": 0, "moved": 0, "cancelled": 0, "unchanged": 3}
    assert len(everything["changes"]) > 3


def test_report_of_the_past_is_what_it_said_then(released: Run) -> None:
    position = json.loads(released("lyceum history --json --limit 1").out)[0]["position"]
    then = released(f"lyceum report {WEEK}").out
    released('lyceum close --venue school --from 2026-11-30 --to 2026-12-06 --why "the heating is out"')
    released(f"lyceum plan {WEEK} --time-limit 5")
    released(f"lyceum release {WEEK} --name Second")

    assert released(f"lyceum report {WEEK}").out != then
    assert released(f"lyceum report {WEEK} --at {position}").out == then


def test_problem_of_the_past_is_the_one_that_was_planned(released: Run, tmp_path: Path) -> None:
    position = json.loads(released("lyceum history --json --limit 1").out)[0]["position"]
    released(f"lyceum export problem {WEEK} --out before.json")
    released('lyceum close --venue school --from 2026-12-01 --why "the heating is out"')

    released(f"lyceum export problem {WEEK} --out now.json")
    released(f"lyceum export problem {WEEK} --out then.json --at {position}")

    before, now, then = ((tmp_path / f"{name}.json").read_text() for name in ("before", "now", "then"))
    assert then == before != now


def test_history_up_to_a_position_leaves_out_what_came_after(released: Run) -> None:
    rows = json.loads(released("lyceum history --json --at 5").out)

    assert [one["position"] for one in rows] == [1, 2, 3, 4, 5]


def test_exported_plan_is_accepted_by_the_check(released: Run, tmp_path: Path) -> None:
    released(f"lyceum export plan {WEEK} --out proof")
    problem, plan = (
        json.loads((tmp_path / "proof" / f"{name}.json").read_text()) for name in ("problem", "plan")
    )

    read = scheduler.read_problem(problem)

    assert scheduler.check(read, scheduler.read_plan(plan, read).assignments) == ()


def test_import_with_warnings_asks_to_accept_them(town: Run, tmp_path: Path) -> None:
    table = tmp_path / "hours.csv"
    table.write_text("venue,room,hours\nlibrary,,Mo 10:00-00:00\n")

    asked = town("lyceum import hours hours.csv")
    accepted = town("lyceum import hours hours.csv --accept-warnings")

    assert (asked.code, accepted.code) == (3, 0)
    assert "row 2" in asked.out
    assert "--accept-warnings" in asked.err


def test_bad_import_lists_every_bad_row_and_exits_with_1(town: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text(
        "venue,key,name,capacity\nlibrary,attic,Attic,many\nmoon,crater,Crater,10\nlibrary,cellar,Cellar,0\n"
    )
    before = town("lyceum history --json").out

    ran = town("lyceum import rooms bad.csv")

    assert ran.code == 1
    for row in ("row 2", "row 3", "row 4"):
        assert row in ran.out
    assert town("lyceum history --json").out == before


def test_ctrl_c_stops_a_solve_and_writes_the_best_plan_so_far(tmp_path: Path) -> None:
    problem = tmp_path / "problem.json"
    problem.write_text(json.dumps(_crowded_week()))
    solving = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "solve", str(problem), "--out", str(tmp_path / "plan.json"),
         "--time-limit", "600", "--workers", "1"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert solving.stderr is not None
    said = []
    for line in solving.stderr:
        said.append(line)
        if re.search(r"served [1-9]", line):  # there is a plan that serves somebody
            solving.send_signal(signal.SIGINT)
            break
    said += solving.communicate(timeout=120)[1]
    err = "".join(said)

    read = scheduler.read_problem(_crowded_week())
    plan = scheduler.read_plan(json.loads((tmp_path / "plan.json").read_text()), read)
    assert solving.returncode == 0
    assert "the best plan so far is kept" in err
    assert "served" in err
    assert plan.assignments
    assert scheduler.check(read, plan.assignments) == ()


def _crowded_week() -> dict[str, object]:
    """Far more requests than rooms and people can serve, so that nothing is proven within seconds."""
    days = range(1, 8)
    windows = [{"day": day, "start": "09:00", "end": "21:00"} for day in days]
    rooms = [
        {
            "id": f"room-{n}",
            "name": f"Room {n}",
            "capacity": 20 + 5 * (n % 7),
            "open": windows,
            "turnaround_minutes": 15,
        }
        for n in range(12)
    ]
    return {
        "format": "problem/1",
        "name": "crowded",
        "timezone": "UTC",
        "week": "2026-W49",
        "venues": [
            {"id": f"venue-{n}", "name": f"Venue {n}", "kind": "school", "location": [0.01 * n, 0.01 * (n % 3)],
             "weekly_cap_minutes": 1500, "rooms": rooms[3 * n : 3 * n + 3]}
            for n in range(4)
        ],
        "volunteers": [
            {"id": f"v-{n}", "name": f"v-{n}", "kind": "retiree", "location": [0.01 * (n % 4), 0.01], "vetted": True,
             "skills": [f"t-{n % 5}", f"t-{(n * 3) % 7}"], "max_minutes_week": 420,
             "available": [windows[n % 7], windows[(n + 3) % 7]]}
            for n in range(60)
        ],
        "requests": [
            {"id": f"r-{n}", "title": f"Course {n}", "area": f"a-{n % 9}", "location": [0.01 * (n % 4), 0.0],
             "topic": f"t-{n % 7}", "function": f"f-{n % 6}", "learners": 8 + (n * 7) % 30, "sessions": 1 + n % 3,
             "duration_minutes": 60 + 30 * (n % 3), "acceptable": windows, "preferred": windows[n % 7 : n % 7 + 1],
             "cohorts": [f"c-{n % 11}"], "assistants": n % 2}
            for n in range(240)
        ],
    }  # fmt: skip
