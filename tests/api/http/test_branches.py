"""What if the school closes and more people help: a coordinator tries it beside the truth, then adopts or drops it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from json import loads
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

import scheduler
from adapters.access.api_tokens import Credential, RoleGrant, credential_row
from adapters.application.application import Lyceum
from adapters.branches import branches
from adapters.branches.branches import NotInBranch, find_branch
from adapters.branches.overlay import BranchUnit
from adapters.people.personal_records import PersonalRecord
from adapters.services.planning import Effort, plan_week
from adapters.services.releases import release_week
from adapters.store.rows import BESIDE
from adapters.week.plan_documents import load_timetable, read_document
from adapters.week.problem_document import write_problem
from adapters.week.week_snapshot import snapshot_of
from api.http.framework.branch_commands import IN_BRANCHES
from api.http.framework.operations import COMMANDS
from domain.network import area_id
from domain.timetable import DraftMade
from domain.volunteer import volunteer_id
from tests.adapters.town import TOWN, WEEK, town
from tests.api.http.conftest import Asked, Person, served, someone

HERE = f"/weeks/town/{WEEK}"
BRANCHES = f"{HERE}/branches"
IF = f"{BRANCHES}/what-if"
QUICK = Effort(5, 1)

Given = tuple[str, dict[str, Any], dict[str, Any]]

CLOSED: Given = (
    "close_venue",
    {"venue": "school"},
    {"first": "2026-12-01", "why": "what if", "emergency": True},
)
PROFILE = {"kind": "retiree", "home_area": "river", "skills": [{"topic": "robots"}], "max_travel_km": 5}
ENROLLED: Given = ("enrol_volunteer", {}, {"key": "sun", "profile": PROFILE})
EVENING = {"start_min": 2 * 1440 + 17 * 60, "end_min": 2 * 1440 + 21 * 60}
OFFERED: Given = ("offer_hours", {"volunteer": "sun"}, {"windows": [EVENING]})
SMALLER: Given = ("open_room", {"venue": "school"}, {"key": "hall", "name": "Hall", "capacity": 40})
PINNED: Given = ("pin_session", {}, {"request": "r-phone", "session": 1, "comment": "the phones are there"})


@pytest.fixture
def drafted(lyceum: Lyceum) -> Lyceum:
    plan_week(lyceum, TOWN, WEEK, effort=QUICK)
    return lyceum


def start(person: Person, name: str = "what-if", **start: Any) -> Asked:
    return person.post(BRANCHES, {"name": name, **start})


def change(person: Person, given: Given, name: str = "what-if", **headers: str) -> Asked:
    operation, path, body = given
    form = {"operation": operation, "path": path, "body": body}
    return person.post(f"{BRANCHES}/{name}/changes", form, **headers)


def directly(person: Person, given: Given) -> Asked:
    """The same command outside."""
    operation, path, body = given
    paths = {
        "close_venue": "/venues/{venue}/close",
        "enrol_volunteer": "/volunteers",
        "offer_hours": "/volunteers/{volunteer}/offer",
        "open_room": "/venues/{venue}/rooms",
        "pin_session": f"{HERE}/pins",
        "drop_session": f"{HERE}/drops",
        "withdraw_request": "/requests/{request}/withdraw",
    }
    return person.post(paths[operation].format(**path), body)


def truth(lyceum: Lyceum) -> tuple[Any, ...]:
    """All that a branch must leave alone, to the byte."""
    lyceum.views.catch_up()
    problem = write_problem(lyceum, snapshot_of(lyceum.views, TOWN, WEEK)).document
    kept = [
        lyceum.store.rows(table).select(collection)
        for table in BESIDE
        for collection in _collections(lyceum, table)
    ]
    return lyceum.store.position(), lyceum.views.digest(), problem, kept


def _collections(lyceum: Lyceum, table: Any) -> list[str]:
    return [] if table == "branches" else list(lyceum.store.rows(table).collections())


# ---- From question to answer


def test_what_if_the_school_closes_and_somebody_helps(everywhere: Lyceum) -> None:
    plan_week(everywhere, TOWN, WEEK, effort=QUICK)
    release_week(everywhere, TOWN, WEEK, "First")
    with served(everywhere) as client:
        coordinator = someone(everywhere, client, ("coordinator", TOWN))
        before = truth(everywhere)
        started = start(coordinator, release=1)
        assert started.status == 201
        assert started.headers["location"] == f"/v1{IF}"
        for given in (CLOSED, ENROLLED, OFFERED):
            made = change(coordinator, given)
            assert made.status == 200, made.body
        planned = coordinator.post(f"{IF}/plan", {"time_limit_s": 5}).body
        compared = coordinator.get(f"{IF}/comparison").body

        assert truth(everywhere) == before
        assert (planned["made"], planned["number"]) == (True, 2)
        assert {(one["section"], one["key"], one["change"]) for one in compared["facts"]} == {
            ("venues", "school", "changed"),
            ("volunteers", "sun", "new"),
        }
        assert compared["counts"]["new"] == 1
        assert compared["before"]["name"] == "release 1"
        assert compared["after"]["broken"] == []
        served_goal = next(one for one in compared["goals"] if one["goal"] == "served")
        assert served_goal["difference"] == served_goal["after"]["value"] - served_goal["before"]["value"] > 0

        adopted = coordinator.post(f"{IF}/adopt").body
        assert adopted["draft"] == 2
        draft = coordinator.get(f"{HERE}/draft").body
        assert draft["number"] == 2
        assert len(draft["sessions"]) == planned["sessions"]
        assert coordinator.post(f"{HERE}/release", {"name": "Second"}).status == 200
        assert coordinator.get(IF).body["status"] == "adopted"
        assert coordinator.get("/volunteers/sun").status == 200
        assert everywhere.views.digest() == _rebuilt(everywhere)


def _rebuilt(lyceum: Lyceum) -> str:
    with_rows = lyceum.views
    with_rows.rebuild()
    return with_rows.digest()


def test_plan_of_a_branch_keeps_every_rule_as_the_facts_are_in_it(
    drafted: Lyceum, administrator: Person
) -> None:
    start(administrator)
    change(administrator, CLOSED)
    assert administrator.get(f"{IF}/comparison").body["after"]["broken"] != []
    administrator.post(f"{IF}/plan", {})

    problem = scheduler.read_problem(administrator.get(f"{IF}/problem").body)
    administrator.post(f"{IF}/adopt")
    origin = load_timetable(drafted, TOWN, WEEK).origin
    assert origin is not None
    plan = scheduler.read_plan(read_document(drafted.store, origin.plan), problem)
    assert scheduler.check(problem, plan.assignments) == ()
    assert all(one.day != 2 for one in plan.assignments)


def test_plan_of_a_branch_goes_on_from_its_draft(drafted: Lyceum, administrator: Person) -> None:
    start(administrator)
    late = {"request": "r-phone", "session": 1, "start_min": 5 * 1440 + 15 * 60, "why": "the market"}
    change(administrator, ("move_session", {}, late))
    held = administrator.get(f"{IF}/draft").body["sessions"]
    planned = administrator.post(f"{IF}/plan", {"again": True}).body

    assert (planned["made"], planned["number"]) == (True, 2)
    assert administrator.get(f"{IF}/draft").body["sessions"] == held


def test_branch_tells_its_changes_in_words_and_who_made_them(drafted: Lyceum, coordinator: Person) -> None:
    mine = f"/weeks/river/{WEEK}/branches"
    coordinator.post(mine, {"name": "closed"})
    coordinator.post(f"{mine}/closed/changes", {"operation": CLOSED[0], "path": CLOSED[1], "body": CLOSED[2]})
    told = coordinator.get(f"{mine}/closed").body

    assert told["changes"][0]["words"] == (
        "Close a venue, or some of its rooms: school, first 2026-12-01, why what if, emergency true"
    )
    assert (told["changes"][0]["by"], told["changes"][0]["events"][0]) == ("coordinator", "venue.closed")
    assert told["start"]["kind"] == "now"
    assert [one["name"] for one in coordinator.get(f"{mine}?status=open").body["items"]] == ["closed"]
    assert coordinator.get(f"{mine}?status=dropped").body["items"] == []


# ---- Adopting is doing it


STEPS: tuple[Given, ...] = (
    CLOSED,
    ENROLLED,
    OFFERED,
    SMALLER,
    PINNED,
    ("drop_session", {}, {"request": "r-choir", "session": 1, "why": "called off"}),
    ("withdraw_request", {"request": "r-robot"}, {"why": "nobody came"}),
)


@settings(max_examples=12)
@given(st.permutations(STEPS).flatmap(lambda all_of: st.integers(1, len(STEPS)).map(lambda n: all_of[:n])))
def test_adopting_is_the_same_as_giving_the_commands_outside(chosen: list[Given]) -> None:
    with town("memory:") as one, town("memory:") as other:
        for lyceum in (one, other):
            plan_week(lyceum, TOWN, WEEK, effort=Effort(5, 1))
        with served(one) as here, served(other) as there:
            branching = someone(one, here, ("administrator", None))
            plain = someone(other, there, ("administrator", None))
            start(branching)
            for step in chosen:
                inside, outside = change(branching, step), directly(plain, step)
                assert (inside.status == 200) == (outside.status in (200, 201)), (inside.body, outside.body)
                if inside.status != 200:
                    assert inside.problem == outside.problem
            assert branching.post(f"{IF}/adopt").status == 200

        assert truth(one)[2] == truth(other)[2]
        assert one.store.position() == other.store.position()
        assert _said(one) == _said(other)


def _said(lyceum: Lyceum) -> list[Any]:
    """Every event, without when it was given."""
    facts = [one.event for one in lyceum.store.history()]
    told = [(type(one), {**_fields(one), "at": None}) for one in facts if not isinstance(one, DraftMade)]
    return sorted(told, key=repr)


def _fields(fact: Any) -> dict[str, Any]:
    return {name: getattr(fact, name) for name in fact.__dataclass_fields__}


def test_adopted_events_are_given_when_and_by_whom_they_are_adopted(
    drafted: Lyceum, client: TestClient, administrator: Person
) -> None:
    start(administrator)
    change(administrator, CLOSED)
    instant = drafted.clock().isoformat().replace("+00:00", "Z")
    other = someone(drafted, client, ("coordinator", TOWN), actor="coordinator-9")
    assert other.post(f"{IF}/adopt").status == 200

    told = administrator.get("/events?venue=school").body["items"]
    assert [one.get("branch") for one in told][-2:] == [None, "what-if"]
    assert (told[-1]["actor"], told[-1]["branchactor"]) == ("coordinator-9", "administrator")
    last = [one.event for one in drafted.store.history()][-1]
    assert last.by == "coordinator-9"
    assert administrator.get(f"/venues/school?at={instant}").body["closures"] == []


def test_only_the_latest_draft_of_a_branch_is_adopted(drafted: Lyceum, administrator: Person) -> None:
    start(administrator)
    administrator.post(f"{IF}/plan", {"again": True, "seed": 7})
    moved = {"request": "r-phone", "session": 1, "start_min": 5 * 1440 + 15 * 60, "why": "the market"}
    change(administrator, ("move_session", {}, moved))
    change(administrator, PINNED)
    change(administrator, CLOSED)
    administrator.post(f"{IF}/plan", {})
    assert [one["number"] for one in administrator.get(IF).body["drafts"]][-1] >= 2
    pinned = administrator.get(f"{IF}/draft").body["pins"]
    answer = administrator.post(f"{IF}/adopt").body

    draft = administrator.get(f"{HERE}/draft").body
    assert (answer["draft"], draft["number"]) == (2, 2)
    assert (draft["moves"], draft["pins"]) == ([], pinned)
    assert pinned[0]["session"]["window"]["start_min"] == 5 * 1440 + 15 * 60


# ---- Where it starts


def test_branch_starts_from_an_earlier_draft_as_it_stood(drafted: Lyceum, administrator: Person) -> None:
    late = {"request": "r-phone", "session": 1, "start_min": 5 * 1440 + 15 * 60, "why": "the market"}
    administrator.post(f"{HERE}/moves", late)
    earlier = administrator.get(f"{HERE}/draft").body
    directly(administrator, CLOSED)
    plan_week(drafted, TOWN, WEEK, effort=QUICK)

    assert start(administrator, draft=1).status == 201
    draft = administrator.get(f"{IF}/draft").body
    assert draft["sessions"] == earlier["sessions"]
    assert draft["number"] == 3
    assert start(administrator, "later", draft=2).status == 201
    assert administrator.get(f"{BRANCHES}/later/draft").body["number"] == 2
    assert start(administrator, "none", draft=7).problem == "no-draft"
    assert start(administrator, "none", release=1).problem == "no-such-release"
    assert start(administrator, "none", release=1, draft=1).problem == "invalid"


def test_branch_of_a_released_week_starts_from_what_people_were_told(
    drafted: Lyceum, administrator: Person
) -> None:
    release_week(drafted, TOWN, WEEK, "First")
    told = administrator.get(f"{HERE}/releases/1").body["sessions"]
    administrator.post(f"{HERE}/drops", {"request": "r-choir", "session": 1, "why": "called off"})
    start(administrator, release=1)

    assert administrator.get(f"{IF}/draft").body["sessions"] == told
    assert administrator.get(f"{IF}/comparison").body["counts"]["unchanged"] == len(told)
    administrator.post(f"{IF}/adopt")
    assert administrator.get(f"{HERE}/draft").body["sessions"] == told


def test_released_week_is_repaired_in_a_branch(drafted: Lyceum, administrator: Person) -> None:
    assert start(administrator).status == 201
    assert administrator.post(f"{IF}/repair", {}).problem == "not-there"
    release_week(drafted, TOWN, WEEK, "First")
    start(administrator, "closed", release=1)
    closed = {"first": "2026-12-05", "why": "what if", "emergency": True}
    change(administrator, ("close_venue", {"venue": "library"}, closed), "closed")
    repaired = administrator.post(f"{BRANCHES}/closed/repair", {"time_limit_s": 2})
    told = administrator.get(f"{BRANCHES}/closed/comparison").body

    assert repaired.status == 200, repaired.body
    assert (told["counts"]["cancelled"], told["counts"]["moved"], told["after"]["broken"]) == (1, 0, [])
    assert administrator.get(f"{BRANCHES}/closed").body["changes"][1]["operation"] == "repair"
    assert administrator.post(f"{BRANCHES}/closed/rebase", {}).status == 200
    assert administrator.post(f"{BRANCHES}/closed/adopt").body["draft"] == 2
    assert len(administrator.get(f"{HERE}/draft").body["sessions"]) == told["after"]["sessions"]


def test_branch_of_a_week_without_a_draft_can_be_planned_and_compared(administrator: Person) -> None:
    start(administrator)
    assert administrator.get(f"{IF}/draft").problem == "no-draft"
    empty = administrator.get(f"{IF}/comparison").body
    planned = administrator.post(f"{IF}/plan", {}).body
    compared = administrator.get(f"{IF}/comparison").body

    assert (empty["goals"], empty["before"]["draft"], empty["after"]["draft"]) == ([], 0, 0)
    assert compared["counts"]["new"] == planned["sessions"] > 0
    assert compared["goals"][0]["before"] is None
    assert administrator.post(f"{IF}/plan", {}).body["made"] is False


def test_two_branches_are_compared_with_each_other(drafted: Lyceum, administrator: Person) -> None:
    for name in ("closed", "helped"):
        start(administrator, name)
    change(administrator, CLOSED, "closed")
    change(administrator, ENROLLED, "helped")
    change(administrator, OFFERED, "helped")
    for name in ("closed", "helped"):
        administrator.post(f"{BRANCHES}/{name}/plan", {})
    told = administrator.get(f"{BRANCHES}/helped/comparison?with=closed").body

    assert (told["before"]["name"], told["after"]["name"]) == ("closed", "helped")
    assert {one["key"]: one["change"] for one in told["facts"]} == {"school": "changed", "sun": "new"}
    assert sum(told["counts"].values()) >= told["after"]["sessions"]
    assert administrator.get(f"{BRANCHES}/helped/comparison?with=none").problem == "not-there"


def test_goals_of_what_was_moved_by_hand_are_counted_anew(drafted: Lyceum, administrator: Person) -> None:
    start(administrator)
    change(administrator, ("drop_session", {}, {"request": "r-phone", "session": 1, "why": "called off"}))
    told = administrator.get(f"{IF}/comparison").body

    served_goal = next(one for one in told["goals"] if one["goal"] == "served")
    assert served_goal["difference"] == -15 * 90
    assert (told["counts"]["cancelled"], told["after"]["sessions"]) == (1, told["before"]["sessions"] - 1)


def test_branch_takes_so_many_changes_and_no_more(
    drafted: Lyceum, administrator: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(branches, "MOST_CHANGES", 1)
    start(administrator)
    change(administrator, CLOSED)

    assert change(administrator, ENROLLED).problem == "branch-full"


def test_what_others_plan_meanwhile_does_not_show_in_a_branch(drafted: Lyceum, administrator: Person) -> None:
    start(administrator)
    change(administrator, ENROLLED)
    before = administrator.get(f"{IF}/draft").body
    directly(administrator, CLOSED)
    directly(administrator, PINNED)
    plan_week(drafted, TOWN, WEEK, effort=QUICK)
    compared = administrator.get(f"{IF}/comparison").body

    assert administrator.get(f"{IF}/draft").body == before
    assert compared["counts"]["unchanged"] == len(before["sessions"])
    assert compared["moved_on"] == []
    assert administrator.post(f"{IF}/rebase", {}).status == 200
    assert administrator.get(f"{IF}/draft").body["number"] == 2
    assert len(administrator.get(f"{IF}/draft").body["pins"]) == 1


# ---- Undo, drop, versions


def test_last_change_is_taken_back(drafted: Lyceum, administrator: Person) -> None:
    start(administrator)
    before = administrator.get(f"{IF}/problem").body
    change(administrator, CLOSED)
    assert administrator.get(f"{IF}/problem").body != before
    undone = administrator.post(f"{IF}/undo")

    assert (undone.body["changes"], undone.body["version"]) == ([], 3)
    assert undone.body["taken_back"]["operation"] == "close_venue"
    assert administrator.get(f"{IF}/problem").body == before
    assert administrator.post(f"{IF}/undo").problem == "nothing-to-undo"


def test_dropped_branch_leaves_nothing_and_frees_its_name(everywhere: Lyceum) -> None:
    with served(everywhere) as client:
        administrator = someone(everywhere, client, ("administrator", None))
        before = truth(everywhere)
        start(administrator)
        administrator.post(f"{IF}/plan", {})
        assert start(administrator).problem == "already-there"
        dropped = administrator.post(f"{IF}/drop").body
        assert (dropped["status"], dropped["changes"], dropped["drafts"]) == ("dropped", [], [])
        assert administrator.post(f"{IF}/undo").problem == "branch-closed"
        assert change(administrator, CLOSED).problem == "branch-closed"
        assert administrator.post(f"{IF}/adopt").problem == "branch-closed"
        assert everywhere.store.rows("branches").select("document") == []
        again = start(administrator).body

    assert truth(everywhere) == before
    assert again["version"] == dropped["version"] + 1


def test_branch_has_a_name_in_any_script(drafted: Lyceum, administrator: Person) -> None:
    started = start(administrator, "学校关门")
    here = f"{BRANCHES}/%E5%AD%A6%E6%A0%A1%E5%85%B3%E9%97%A8"

    assert (started.status, started.headers["location"]) == (201, f"/v1{here}")
    assert administrator.get(here).body["name"] == "学校关门"
    assert change(administrator, CLOSED, "学校关门").status == 200
    assert start(administrator, "a b").status == 422
    assert start(administrator, "a/b").status == 422
    assert start(administrator, "a" * 81).status == 422


def test_versions_and_repeated_commands_hold_as_everywhere(drafted: Lyceum, administrator: Person) -> None:
    tag = start(administrator).headers["etag"]
    first = change(administrator, CLOSED, if_match=tag, idempotency_key="one")
    again = change(administrator, CLOSED, if_match=tag, idempotency_key="one")

    assert first.body == again.body
    assert first.headers["etag"] == administrator.get(IF).headers["etag"] == '"2"'
    assert change(administrator, ENROLLED, if_match=tag).problem == "changed-meanwhile"
    assert administrator.post(f"{IF}/adopt", if_match=tag).problem == "changed-meanwhile"
    assert len(administrator.get(IF).body["changes"]) == 1


def test_two_who_change_a_branch_at_the_same_time_both_do(everywhere: Lyceum) -> None:
    with served(everywhere) as client, ThreadPoolExecutor(6) as pool:
        administrator = someone(everywhere, client, ("administrator", None))
        start(administrator)
        keys = [f"v-{number}" for number in range(6)]
        enrolled: list[Given] = [("enrol_volunteer", {}, {"key": key, "profile": PROFILE}) for key in keys]
        answers = list(pool.map(lambda given: change(administrator, given), enrolled))
        told = administrator.get(IF).body

    done = [one.body["change"]["path"] for one in answers if one.status == 200]
    assert len(told["changes"]) == len(done) == told["version"] - 1 > 0
    assert {one.problem for one in answers if one.status != 200} <= {"lost-race", "too-many"}


def test_command_that_changes_nothing_leaves_the_branch_as_it_is(
    drafted: Lyceum, administrator: Person
) -> None:
    start(administrator)
    change(administrator, CLOSED)
    same = change(administrator, CLOSED).body

    assert (same["change"], same["version"]) == (None, 2)


# ---- When the truth moves on


def test_adopting_is_refused_where_the_truth_has_moved_on_and_names_what(everywhere: Lyceum) -> None:
    plan_week(everywhere, TOWN, WEEK, effort=QUICK)
    with served(everywhere) as client:
        administrator = someone(everywhere, client, ("administrator", None))
        start(administrator)
        for given in (ENROLLED, CLOSED):
            change(administrator, given)
        administrator.post("/venues/school/lend", {"weekly_cap_minutes": 300})
        before = truth(everywhere)
        refused = administrator.post(f"{IF}/adopt")

        assert (refused.status, refused.problem) == (409, "truth-moved-on")
        assert [(one["stream"], one["key"], one["event"]) for one in refused.body["changed"]] == [
            ("venues", "school", "venue.lending_terms_set")
        ]
        assert administrator.get(f"{IF}/comparison").body["moved_on"] == refused.body["changed"]
        assert truth(everywhere) == before

        rebased = administrator.post(f"{IF}/rebase", {})
        assert [one["operation"] for one in rebased.body["changes"]] == ["enrol_volunteer", "close_venue"]
        assert administrator.post(f"{IF}/adopt").status == 200
        school = administrator.get("/venues/school").body
        assert (school["terms"]["weekly_cap_minutes"], len(school["closures"])) == (300, 1)


def test_plan_from_facts_that_are_no_longer_so_is_not_adopted(drafted: Lyceum, administrator: Person) -> None:
    start(administrator)
    change(administrator, CLOSED)
    administrator.post(f"{IF}/plan", {})
    directly(administrator, ENROLLED)
    directly(administrator, OFFERED)
    refused = administrator.post(f"{IF}/adopt")

    assert refused.problem == "truth-moved-on"
    assert refused.body["changed"] == [{"section": "volunteers", "key": "sun", "change": "new"}]
    administrator.post(f"{IF}/plan", {})
    assert administrator.post(f"{IF}/adopt").status == 200


def test_change_that_is_refused_now_is_named_and_can_be_left_out(
    drafted: Lyceum, administrator: Person
) -> None:
    start(administrator)
    change(administrator, CLOSED)
    change(administrator, ENROLLED)
    directly(administrator, ENROLLED)
    refused = administrator.post(f"{IF}/rebase", {})

    assert (refused.problem, refused.body["refused_change"]) == ("already-there", 2)
    assert refused.body["detail"].startswith("change 2 (enrol_volunteer): ")
    assert administrator.post(f"{IF}/rebase", {"without": [3]}).problem == "invalid"
    rebased = administrator.post(f"{IF}/rebase", {"without": [2]}).body
    assert [one["operation"] for one in rebased["changes"]] == ["close_venue"]
    assert administrator.post(f"{IF}/adopt").body["events"] > 0


def test_rebase_lists_what_decides_nothing_any_more(drafted: Lyceum, administrator: Person) -> None:
    gone = {"on": "2027-01-31", "why": "it moves out"}
    start(administrator)
    change(administrator, ("retire_venue", {"venue": "library"}, gone))
    change(administrator, CLOSED)
    assert administrator.post("/venues/library/retire", gone).status == 200
    rebased = administrator.post(f"{IF}/rebase", {}).body

    assert [(one["number"], one["operation"]) for one in rebased["left_out"]] == [(1, "retire_venue")]
    assert [one["operation"] for one in rebased["changes"]] == ["close_venue"]
    assert administrator.post(f"{IF}/rebase", {}).body["left_out"] == []


def test_older_draft_is_adopted_on_purpose_alone(drafted: Lyceum, administrator: Person) -> None:
    directly(administrator, CLOSED)
    plan_week(drafted, TOWN, WEEK, effort=QUICK)
    start(administrator, draft=1)
    refused = administrator.post(f"{IF}/adopt")

    assert (refused.problem, refused.body["changed"][0]["event"]) == (
        "truth-moved-on",
        "timetable.draft_made",
    )
    assert administrator.post(f"{IF}/adopt?older_draft=true").body["draft"] == 3


def test_nothing_is_put_into_an_area_that_was_dissolved_meanwhile(
    drafted: Lyceum, administrator: Person
) -> None:
    names = [{"language": "en", "name": "Quay"}]
    quay = {"key": "quay", "level": "street", "names": names, "parent": "town", "on": "2026-01-01"}
    assert administrator.post("/areas", quay).status == 201
    start(administrator)
    club = {"key": "club", "name": "Club", "kind": "school", "area": "quay", "location": [29.4, 105.6]}
    assert change(administrator, ("register_venue", {}, club)).status == 200
    gone = {"on": "2026-11-20", "why": "by decree"}
    assert administrator.post("/areas/quay/dissolve", gone).status == 200
    refused = administrator.post(f"{IF}/rebase", {})

    assert (refused.problem, refused.body["refused_change"]) == ("area-ended", 1)


def test_two_who_adopt_branches_of_the_same_venue_do_not_both_win(
    drafted: Lyceum, administrator: Person
) -> None:
    for name in ("mine", "theirs"):
        start(administrator, name)
        change(administrator, CLOSED, name)

    assert administrator.post(f"{BRANCHES}/mine/adopt").status == 200
    assert administrator.post(f"{BRANCHES}/theirs/adopt").problem == "truth-moved-on"


def test_of_many_who_adopt_at_the_same_time_one_does(everywhere: Lyceum) -> None:
    plan_week(everywhere, TOWN, WEEK, effort=QUICK)
    with served(everywhere) as client, ThreadPoolExecutor(6) as pool:
        administrator = someone(everywhere, client, ("administrator", None))
        for name in ("one", "two"):
            start(administrator, name)
            change(administrator, CLOSED, name)
        names = ["one", "two"] * 3
        answers = list(pool.map(lambda name: administrator.post(f"{BRANCHES}/{name}/adopt"), names))
        school = administrator.get("/venues/school").body

    assert [one.status for one in answers if one.status not in (409, 429)] == [200]  # 429: too much at once
    assert {one.problem for one in answers if one.status == 409} <= {"truth-moved-on", "branch-closed"}
    assert len(school["closures"]) == 1


# ---- Who may, and what never


def test_coordinator_changes_what_lies_within_reach_alone(
    drafted: Lyceum, client: TestClient, coordinator: Person
) -> None:
    mine = f"/weeks/river/{WEEK}/branches"
    assert coordinator.post(BRANCHES, {"name": "what-if"}).problem == "not-allowed"
    assert coordinator.get(BRANCHES).problem == "not-allowed"
    coordinator.post(mine, {"name": "what-if"})
    library = {"operation": "close_venue", "path": {"venue": "library"}, "body": CLOSED[2]}
    refused = coordinator.post(f"{mine}/what-if/changes", library)

    assert (refused.status, refused.problem) == (403, "not-allowed")
    assert coordinator.get(f"{mine}/what-if").body["changes"] == []
    host = someone(drafted, client, ("host", area_id("river")))
    assert host.get(f"{mine}/what-if").problem == "not-allowed"
    auditor = someone(drafted, client, ("auditor", None))
    assert auditor.get(f"{mine}/what-if").status == 200
    assert auditor.post(f"{mine}/what-if/undo").problem == "not-allowed"


def test_rights_are_judged_again_when_a_branch_is_adopted(
    drafted: Lyceum, administrator: Person, coordinator: Person
) -> None:
    mine = f"/weeks/river/{WEEK}/branches"
    administrator.post(mine, {"name": "what-if"})
    library = {"operation": "close_venue", "path": {"venue": "library"}, "body": CLOSED[2]}
    assert administrator.post(f"{mine}/what-if/changes", library).status == 200
    position = drafted.store.position()
    refused = coordinator.post(f"{mine}/what-if/adopt")

    assert (refused.problem, refused.body["refused_change"]) == ("not-allowed", 1)
    assert drafted.store.position() == position
    assert administrator.post(f"{mine}/what-if/adopt").status == 200


def test_rights_are_judged_where_a_record_lies_now(
    drafted: Lyceum, administrator: Person, coordinator: Person
) -> None:
    """A venue that has moved out of the coordinator's part of the network is no longer theirs to close."""
    mine = f"/weeks/river/{WEEK}/branches"
    coordinator.post(mine, {"name": "what-if"})
    form = {"operation": "close_venue", "path": {"venue": "school"}, "body": CLOSED[2]}
    assert coordinator.post(f"{mine}/what-if/changes", form).status == 200
    moved = {"name": "River School", "kind": "school", "area": "hill", "location": [29.4, 105.6]}
    assert administrator.post("/venues/school/describe", moved).status == 200
    refused = coordinator.post(f"{mine}/what-if/rebase", {})

    assert (refused.problem, refused.body["refused_change"]) == ("not-allowed", 1)
    assert administrator.post(f"{mine}/what-if/rebase", {}).status == 200
    assert coordinator.post(f"{mine}/what-if/adopt").problem == "not-allowed"
    assert administrator.post(f"{mine}/what-if/adopt").status == 200


CHESS = {"kind": "topic", "code": "chess", "names": [{"language": "en", "name": "Chess"}], "function": "arts"}


@pytest.mark.parametrize(
    ("command", "lost"),
    [
        (("close_venue", {"venue": "library"}, CLOSED[2]), ("coordinator", area_id("hill"))),
        (("add_entry", {}, CHESS), ("administrator", None)),
    ],
)
def test_repeated_command_in_a_branch_is_judged_again_by_all_that_it_was_about(
    everywhere: Lyceum, command: Given, lost: tuple[str, UUID | None]
) -> None:
    """A lost right ends the answers that were given by it: of a command inside, of a rebase, and of adopting."""
    here, river = f"/weeks/river/{WEEK}/branches", area_id("river")
    operation, path, body = command
    steps = [
        ("changes", {"operation": operation, "path": path, "body": body}),
        ("rebase", {}),
        ("adopt", None),
    ]
    with served(everywhere) as client:
        person = someone(everywhere, client, ("coordinator", river), lost)

        def give_all() -> list[Asked]:
            return [person.post(f"{here}/what-if/{step}", form, idempotency_key=step) for step, form in steps]

        person.post(here, {"name": "what-if"})
        first, again = give_all(), give_all()
        held = Credential("coordinator", (RoleGrant("coordinator", river),))
        everywhere.store.save((), [credential_row(str(person.token), held)])
        without_the_right = give_all()

    assert [answer.status for answer in first] == [200, 200, 200]
    assert [answer.body for answer in again] == [answer.body for answer in first]
    assert [answer.problem for answer in without_the_right] == ["not-allowed"] * 3


def test_right_that_a_change_was_also_made_by_is_asked_for_again(
    drafted: Lyceum, client: TestClient, administrator: Person, coordinator: Person
) -> None:
    """Who lets somebody go later than they said needs more than who writes the volunteer's record."""
    mine = f"/weeks/river/{WEEK}/branches"
    administrator.post("/volunteers/li/leave", {"on": "2026-12-30", "why": "moves away"})
    administrator.post(mine, {"name": "what-if"})
    later = {"on": "2026-12-31", "why": "a day more"}
    form = {"operation": "let_go", "path": {"volunteer": "li"}, "body": later}
    assert administrator.post(f"{mine}/what-if/changes", form).status == 200
    grants = (("coordinator", area_id("river")), ("volunteer", volunteer_id("li")))
    refused = someone(drafted, client, *grants).post(f"{mine}/what-if/adopt")

    assert (refused.problem, refused.body["refused_change"]) == ("not-allowed", 1)
    assert administrator.post(f"{mine}/what-if/adopt").status == 200


def test_what_needs_a_role_everywhere_needs_it_again(
    drafted: Lyceum, administrator: Person, coordinator: Person
) -> None:
    mine = f"/weeks/river/{WEEK}/branches"
    administrator.post(mine, {"name": "what-if"})
    word = {
        "kind": "topic",
        "code": "chess",
        "names": [{"language": "en", "name": "Chess"}],
        "function": "arts",
    }
    form = {"operation": "add_entry", "path": {}, "body": word}
    assert administrator.post(f"{mine}/what-if/changes", form).status == 200

    assert coordinator.post(f"{mine}/what-if/adopt").problem == "not-allowed"
    assert administrator.post(f"{mine}/what-if/adopt").status == 200


def test_move_in_a_branch_is_judged_by_the_draft_of_the_branch(
    drafted: Lyceum, administrator: Person
) -> None:
    start(administrator)
    change(administrator, PINNED)
    late = {"request": "r-phone", "session": 1, "start_min": 5 * 1440 + 15 * 60, "why": "the market"}
    refused = change(administrator, ("move_session", {}, late))
    assert (refused.problem, [one["rule"] for one in refused.body["warnings"]]) == (
        "soft-rules-need-a-reason",
        ["pin"],
    )
    assert change(administrator, ("move_session", {}, {**late, "accept": ["pin"]})).status == 200
    closed = {"first": "2026-12-05", "why": "what if", "emergency": True}
    change(administrator, ("close_venue", {"venue": "library"}, closed))
    back = {**late, "start_min": 5 * 1440 + 14 * 60, "accept": ["pin"]}

    assert change(administrator, ("move_session", {}, back)).problem == "broken-rules"


@pytest.mark.parametrize(
    ("operation", "path", "body"),
    [
        ("release_draft", {}, {"name": "First"}),
        ("write_person", {"volunteer": "wang", "who": "volunteer"}, {"name": "Somebody"}),
        ("erase_person", {"volunteer": "wang", "who": "volunteer"}, None),
        ("import_table", {"kind": "venues"}, None),
        ("start_a_branch", {}, {"name": "inner"}),
        ("adopt_branch", {"branch": "what-if"}, None),
    ],
)
def test_what_makes_no_sense_in_a_branch_is_refused(
    drafted: Lyceum, administrator: Person, operation: str, path: dict[str, str], body: Any
) -> None:
    assert operation in COMMANDS
    start(administrator)
    before = truth(drafted)
    refused = administrator.post(f"{IF}/changes", {"operation": operation, "path": path, "body": body})

    assert refused.problem == "not-in-branch"
    assert truth(drafted) == before
    assert administrator.get(IF).body["changes"] == []


def test_personal_records_stay_what_they_are_beside_a_branch(drafted: Lyceum, administrator: Person) -> None:
    start(administrator)
    unit = BranchUnit(drafted, "somebody", find_branch(drafted.store, TOWN, WEEK, "what-if"))

    with pytest.raises(NotInBranch, match="never people"):
        unit.remember(volunteer_id("wang"), PersonalRecord("Wang Li", "", "", "", None))
    with pytest.raises(NotInBranch):
        unit.save()


def test_every_command_is_let_into_branches_or_kept_out_on_purpose() -> None:
    kept_out = {one.may for one in COMMANDS.values()} - IN_BRANCHES

    assert {"weeks.release", "people.write", "people.erase", "imports.write"} <= kept_out
    assert {"branches.write", "branches.adopt"} <= kept_out
    assert {one.may for one in COMMANDS.values()} >= IN_BRANCHES


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"operation": "fly"}, "operation"),
        ({"operation": "close_venue", "path": {}, "body": {}}, "path"),
        ({"operation": "close_venue", "path": {"venue": "school"}, "body": {}}, "first"),
        ({"operation": "lift_pin", "path": {"request": "r-phone", "session": "one"}}, "path.session"),
        ({"operation": "lift_pin", "path": {"request": "r", "session": "1"}, "body": {"a": 1}}, "body"),
    ],
)
def test_badly_given_command_is_told_by_field(
    drafted: Lyceum, administrator: Person, form: dict[str, Any], field: str
) -> None:
    start(administrator)
    refused = administrator.post(f"{IF}/changes", form)

    assert (refused.status, refused.problem) == (422, "invalid")
    assert refused.body["errors"][0]["field"] == field


def test_example_of_the_document_goes_as_it_is_written(drafted: Lyceum, administrator: Person) -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
    asked = re.findall(r"```http\n(.*?)```", text.partition("## What if")[2], re.DOTALL)[0]
    before = truth(drafted)
    for block in asked.strip().split("\n\n"):
        line, _, body = block.partition("\n")
        method, path = line.split()
        if path.endswith("/adopt"):
            assert truth(drafted) == before
        path = path.removeprefix("/v1")
        answer = (
            administrator.get(path) if method == "GET" else administrator.post(path, loads(body or "null"))
        )
        assert answer.status in (200, 201), (line, answer.body)

        if method == "GET":
            assert {one["key"] for one in answer.body["facts"]} == {"school", "v-81", "v-82"}
            assert answer.body["after"]["broken"] == []
    assert administrator.get(f"{HERE}/draft").body["number"] == 2
    assert administrator.get("/volunteers/v-82").status == 200
