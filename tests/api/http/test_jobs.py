"""Jobs over HTTP: asked for, listed, followed, stopped, and what they leave."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from adapters.branches.branches import branch_row, find_branch, start_branch
from adapters.jobs import job_queue
from adapters.jobs.job_queue import LeaseWatch
from adapters.jobs.job_records import find_beat
from domain.network import area_id
from tests.adapters.town import TOWN, WEEK
from tests.api.http.conftest import Asked, Person, served, someone
from tests.workers import do_one

HERE = f"/weeks/town/{WEEK}"


@dataclass(frozen=True)
class Event:
    name: str
    id: str
    data: Any


def events_of(stream: bytes) -> list[Event]:
    """The events of a stream that has ended, as the specification reads them."""
    found = []
    for block in stream.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in fields:
            found.append(Event(fields["event"], fields.get("id", ""), json.loads(fields["data"])))
    return found


def planned(person: Person, **given: Any) -> Asked:
    return person.post(f"{HERE}/plan", {"seconds": 5, "workers": 1, **given})


def followed(person: Person, id: str, **headers: str) -> Asked:
    return person.get(f"/jobs/{id}/progress", **headers)


def test_plan_is_a_job_that_waits_runs_and_leaves_a_draft(everywhere: Lyceum) -> None:
    with served(everywhere) as client:
        person = someone(everywhere, client, ("administrator", None), actor="anna-7")
        asked = planned(person)
        id = asked.body["id"]
        assert (asked.status, asked.headers["location"]) == (202, f"/v1/jobs/{id}")
        assert (asked.body["status"], asked.body["by"], asked.body["place"]) == ("queued", "anna-7", None)
        assert person.get(f"/jobs/{id}").body["place"] == 1
        assert person.get(f"/jobs/{id}/result").problem == "no-result"

        assert do_one(everywhere)

        job, result = person.get(f"/jobs/{id}").body, person.get(f"/jobs/{id}/result").body
        assert (job["status"], job["draft"], job["progress"]["phase"]) == ("done", 1, "ended")
        assert (result["made"], result["status"], result["sessions"]) == (True, "optimal", 4)
        draft = person.get(f"{HERE}/draft").body
        assert (draft["number"], len(draft["sessions"])) == (1, 4)
        assert person.get(f"/events?area=town&week={WEEK}").body["items"][0]["actor"] == "anna-7"


def test_job_that_has_ended_tells_its_points_and_its_result_at_once(
    lyceum: Lyceum, administrator: Person
) -> None:
    id = planned(administrator).body["id"]
    do_one(lyceum)

    told = followed(administrator, id)

    assert told.headers["content-type"] == "text/event-stream; charset=utf-8"
    told_events = events_of(told.body)
    assert [one.name for one in told_events] == ["progress", "progress", "result"]
    last = told_events[-2].data
    assert (last["value"], last["bound"], last["share"]) == (last["bound"], last["value"], 1.0)
    assert told_events[-1].data == {
        "status": "done",
        "draft": 1,
        "why": "",
        "result": f"/v1/jobs/{id}/result",
    }
    assert [one.id for one in told_events] == ["1", "2", "3"]


def test_who_hears_that_a_job_has_ended_finds_its_draft(everywhere: Lyceum) -> None:
    with served(everywhere) as client, Lyceum(everywhere.store.url) as late:
        shared = late if everywhere.store.url != "memory:" else everywhere
        administrator = someone(everywhere, client, ("administrator", None))
        id = planned(administrator).body["id"]
        following, shared.views.catch_up = shared.views.catch_up, lambda _=None: 0  # type: ignore[method-assign,assignment]
        assert do_one(shared)
        shared.views.catch_up = following  # type: ignore[method-assign]

        assert administrator.get(f"/jobs/{id}").body["status"] == "done"
        assert administrator.get(f"/weeks/town/{WEEK}/draft").status == 200


def test_client_that_comes_back_hears_only_what_is_new(lyceum: Lyceum, administrator: Person) -> None:
    id = planned(administrator).body["id"]
    do_one(lyceum)

    assert [one.id for one in events_of(followed(administrator, id, last_event_id="1").body)] == ["2", "3"]
    assert followed(administrator, id, last_event_id="3").status == 204
    assert followed(administrator, id, last_event_id="yesterday").problem == "invalid"
    assert administrator.get(f"/jobs/{id}/progress?after=1").problem == "invalid"


def test_stop_of_a_running_job_is_seen_by_its_worker(lyceum: Lyceum, administrator: Person) -> None:
    id = planned(administrator).body["id"]
    claim = job_queue.claim(lyceum, "w1", LeaseWatch(10), 0.0)
    assert claim is not None
    beat = claim.beat.grown(phase="improving served", seconds=3.0, value=5, bound=6)
    job_queue.give_beat(lyceum.store, claim, beat, None)

    stopping = administrator.post(f"/jobs/{id}/stop")

    assert (stopping.status, stopping.body["status"], stopping.body["stop"]) == (200, "running", True)
    assert stopping.body["progress"]["value"] == 5
    assert job_queue.still_mine(lyceum.store, claim)[0].stop


def test_stop_of_a_waiting_job_ends_it(administrator: Person) -> None:
    id = planned(administrator).body["id"]

    assert administrator.post(f"/jobs/{id}/stop").body["status"] == "stopped"

    assert administrator.post(f"/jobs/{id}/stop").problem == "job-ended"
    assert [one.name for one in events_of(followed(administrator, id).body)] == ["result"]
    missing = administrator.get(f"/jobs/{id}/result")
    assert (missing.problem, missing.body["detail"]) == (
        "no-result",
        f"job {id} has no result: it is stopped",
    )


def test_second_plan_is_told_which_job_is_in_its_way(administrator: Person) -> None:
    id = planned(administrator).body["id"]

    refused = planned(administrator)

    assert (refused.status, refused.problem, refused.body["job"]) == (409, "planning", id)
    assert planned(administrator, beside=True).status == 202


def test_same_key_asks_for_one_job(administrator: Person) -> None:
    first, again = (
        administrator.post(f"{HERE}/plan", {"seconds": 5}, idempotency_key="a-key") for _ in range(2)
    )

    assert (first.status, again.status) == (202, 202)
    assert first.body == again.body
    assert len(administrator.get("/jobs").body["items"]) == 1


def test_plan_decided_on_another_version_of_the_week_is_refused(administrator: Person) -> None:
    changed = administrator.post(f"{HERE}/plan", {}, if_match='"7"')

    assert changed.problem == "changed-meanwhile"
    assert administrator.post(f"{HERE}/plan", {}, if_match='"0"').status == 202


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("plan", {"seconds": 4000}, "seconds"),
        ("plan", {"seconds": 0}, "seconds"),
        ("plan", {"tolerance": {"served": 2}}, "tolerance.served"),
        ("plan", {"tolerance": {"fame": 0.1}}, "tolerance.fame.[key]"),
        ("plan", {"speed": 1}, "speed"),
        ("repair", {"seconds": 61}, "seconds"),
        ("repair", {"at": "2026-12-01T18:00:00"}, "at"),
        ("explain", {"session": 0}, "session"),
        ("price", {"workers": 17}, "workers"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(
    administrator: Person, path: str, body: dict[str, Any], field: str
) -> None:
    refused = administrator.post(f"{HERE}/{path}", body)

    assert refused.problem == "invalid"
    assert [one["field"] for one in refused.body["errors"]] == [field]


def test_question_about_a_draft_that_is_not_there_is_refused_at_once(administrator: Person) -> None:
    for path in ("explain", "gaps", "price"):
        assert administrator.post(f"{HERE}/{path}", {}).problem == "no-draft"
    assert administrator.post(f"{HERE}/repair", {}).problem == "not-there"
    assert administrator.post(f"{HERE}/explain", {"request": "opera"}).problem == "not-there"
    assert administrator.post(f"{HERE}/plan", {"branch": "no-such"}).problem == "not-there"


def test_answers_of_explaining_and_gaps_are_those_of_the_command_line(
    lyceum: Lyceum, administrator: Person
) -> None:
    planned(administrator)
    do_one(lyceum)
    why = administrator.post(f"{HERE}/explain", {"request": "r-robot"}).body["id"]
    every = administrator.post(f"{HERE}/explain", {}).body["id"]
    gaps = administrator.post(f"{HERE}/gaps", {}).body["id"]
    while do_one(lyceum):
        pass

    result = administrator.get(f"/jobs/{why}/result").body
    assert [one["code"] for one in result["facts"]] == ["skill"]
    assert administrator.get(f"/jobs/{every}/result").body["requests"] == [result]
    assert administrator.get(f"/jobs/{gaps}/result").body["waiting"] == 1


def test_jobs_are_listed_by_state_kind_and_part_of_the_network(
    lyceum: Lyceum, administrator: Person, coordinator: Person
) -> None:
    planned(administrator)
    river = coordinator.post(f"/weeks/river/{WEEK}/plan", {"seconds": 5}).body["id"]
    do_one(lyceum)

    def listed(person: Person, query: str = "") -> list[str]:
        return [f"{one['area']} {one['status']}" for one in person.get(f"/jobs{query}").body["items"]]

    assert listed(administrator) == ["river queued", "town done"]
    assert listed(administrator, "?sort=at") == ["town done", "river queued"]
    assert listed(administrator, "?status=done") == ["town done"]
    assert listed(administrator, "?area=river&kind=plan") == ["river queued"]
    assert listed(administrator, "?kind=gaps") == []
    first = administrator.get("/jobs?limit=1").body
    assert listed(administrator, f"?limit=1&cursor={first['next']}") == ["town done"]
    assert [one["id"] for one in coordinator.get("/jobs").body["items"]] == [river]


def test_only_who_answers_for_the_area_plans_and_stops(
    lyceum: Lyceum, client: TestClient, administrator: Person, coordinator: Person, nobody: Person
) -> None:
    id = planned(administrator).body["id"]
    auditor = someone(lyceum, client, ("auditor", None))
    hill = someone(lyceum, client, ("coordinator", area_id("hill")))

    assert nobody.get(f"/jobs/{id}").problem == "not-signed-in"
    for person in (coordinator, hill):
        assert planned(person).problem == "not-allowed"
        for path in (f"/jobs/{id}", f"/jobs/{id}/progress", f"/jobs/{id}/result"):
            assert person.get(path).problem == "not-allowed"
        assert person.post(f"/jobs/{id}/stop").problem == "not-allowed"
    assert auditor.get(f"/jobs/{id}").status == 200
    assert auditor.post(f"/jobs/{id}/stop").problem == "not-allowed"


def test_branch_is_planned_as_a_job_and_the_truth_stays(lyceum: Lyceum, administrator: Person) -> None:
    known, branch = start_branch(lyceum.store, lyceum.metadata(), TOWN, WEEK, "less")
    lyceum.commit((), [branch_row(lyceum.store, known, branch)])
    id = planned(administrator, branch="less").body["id"]
    assert planned(administrator).status == 202  # another week, so to speak

    assert do_one(lyceum)

    ended = administrator.get(f"/jobs/{id}").body
    assert (ended["status"], ended["draft"], ended["branch"]) == ("done", 1, str(branch.id))
    assert len(find_branch(lyceum.store, TOWN, WEEK, "less").changes) == 1
    assert administrator.get(f"{HERE}/draft").problem == "no-draft"


def test_unknown_job_is_not_there(administrator: Person) -> None:
    missing = UUID(int=7)

    for path in (f"/jobs/{missing}", f"/jobs/{missing}/progress", f"/jobs/{missing}/result"):
        assert administrator.get(path).problem == "not-there"
    assert administrator.get("/jobs/seven").problem == "invalid"


def test_beat_of_a_job_is_kept_small(lyceum: Lyceum, administrator: Person) -> None:
    id = planned(administrator).body["id"]
    claim = job_queue.claim(lyceum, "w1", LeaseWatch(10), 0.0)
    assert claim is not None
    for second in range(200):
        beat = claim.beat.grown(phase="improving served", seconds=float(second), value=second, bound=500)
        claim = job_queue.give_beat(lyceum.store, claim, beat, None)

    beat_kept, body = find_beat(lyceum.store, UUID(id))

    assert beat_kept is not None
    numbers = [point.number for point in beat_kept.points]
    assert numbers[-60:] == list(range(142, 202))
    older = numbers[:-60]
    assert (older[0], len(older)) == (1, 60)
    assert max(later - number for number, later in pairwise(older)) <= 4
    assert len(body) < 20_000


def test_points_of_a_job_are_told_oldest_first(lyceum: Lyceum, administrator: Person) -> None:
    id = planned(administrator).body["id"]
    assert administrator.get(f"/jobs/{id}/points").body["items"] == []
    claim = job_queue.claim(lyceum, "w1", LeaseWatch(10), 0.0)
    assert claim is not None
    beat = claim.beat.grown(phase="improving served", seconds=3.0, value=5, bound=6)
    job_queue.give_beat(lyceum.store, claim, beat, None)

    points = administrator.get(f"/jobs/{id}/points").body["items"]

    assert [(point["seconds"], point["value"], point["bound"]) for point in points][-1] == (3.0, 5, 6)
    assert [point["number"] for point in points] == sorted(point["number"] for point in points)
    assert administrator.get(f"/jobs/{UUID(int=7)}/points").problem == "not-there"
