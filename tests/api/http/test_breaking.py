"""Whatever a command does to a released week, those who look at it and those who did it are told the same.

The walk gives every command and every import; one that is new must be put here, or the first test fails.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from starlette.testclient import TestClient

import scheduler
from adapters.application.application import Lyceum
from adapters.imports.importing import KINDS
from adapters.services.planning import Effort, plan_week
from adapters.services.releases import release_week
from adapters.store.append_conditions import AppendCondition
from adapters.store.store import DatabaseStore
from adapters.store.streams import DIARIES, REQUESTS, TIMETABLES, VENUES, Stream
from api.http.framework.operations import COMMANDS
from domain.venue import venue_id
from domain.volunteer import volunteer_id
from scheduler.documents.codec import read_assignments
from tests.adapters.town import TOWN, WEEK, Ticking, town
from tests.api.http.conftest import Asked, Person, served, someone

HERE = f"/weeks/town/{WEEK}"
SATURDAY = "2026-12-05"
FAR = {"key": "far", "level": "city", "names": [{"language": "en", "name": "Far"}], "on": "2020-01-01"}
LI = {
    "kind": "retiree",
    "home_area": "hill",
    "skills": [{"topic": "phones"}],
    "max_travel_km": 5,
    "max_minutes_week": 360,
}
PHONE: dict[str, Any] = {
    "title": "Course r-phone", "topic": "phones", "function": "civic", "learners": 15, "duration_minutes": 90,
    "acceptable": [{"start_min": 5 * 1440 + 540, "end_min": 5 * 1440 + 1080}], "first_week": WEEK, "weeks": 4,
    "max_travel_km": 5.0, "accessible": True,
}  # fmt: skip
LIBRARY = {"name": "Library", "kind": "library", "area": "hill", "location": [29.4, 105.6]}
Sessions: TypeAlias = set[tuple[str, int]]


@dataclass(frozen=True)
class Act:
    """A command as it is given; `first` are commands before it. `breaks`: the requests of which it breaks sessions."""

    path: str
    body: Any = None
    breaks: tuple[str, ...] = ()
    first: tuple[tuple[str, Any], ...] = ()
    status: int = 200


def act(path: str, body: Any = None, *, breaks: str = "", first: Any = (), status: int = 200) -> Act:
    return Act(path, body, tuple(breaks.split()), tuple(first), status)


OUTSIDE = (("/areas", FAR),)
CLOSED = (("/venues/library/close", {"first": SATURDAY, "why": "water"}),)
CALENDAR = (
    ("/areas/hill/locate", {"calendar": "CN"}),
    ("/venues/library/opening-rules", {"osm": "Mo-Su 09:00-18:00; PH off"}),
)
HOLIDAY = {"days": [{"day": SATURDAY, "kind": "holiday"}], "status": "official", "source": "a notice"}
MINOR = {
    "key": "young",
    "profile": {"kind": "student", "home_area": "hill", "roles": ["assistant"], "minor": True},
}
LETTERED: tuple[tuple[str, Any], ...] = (
    ("/areas/hill/letter", {"week": WEEK, "letter": "A", "why": "x"}),
    ("/requests/r-phone/change", {"area": "hill", "order": {**PHONE, "week_letter": "A"}}),
)
AROUND: tuple[tuple[str, Any], ...] = (
    ("/areas/town/letter", {"week": WEEK, "letter": "A", "why": "x"}),
    LETTERED[1],
)
LATER = (("/areas/town/letter", {"week": "2026-W53", "letter": "A", "why": "x"}), LETTERED[1])
OWN_HOURS: tuple[tuple[str, Any], ...] = (
    ("/venues/library/opening-rules", {"room": "reading", "osm": "Sa 09:00-18:00"}),
    ("/venues/library/opening-rules", {"osm": "Tu 09:00-18:00"}),
)
HILLS = [{"language": "en", "name": "Hills"}]
READING = {"key": "reading", "name": "Reading"}
STARTED: tuple[tuple[str, Any], ...] = (("/requests/r-phone/start", {}),)
ACCEPTED: tuple[tuple[str, Any], ...] = (("/requests/r-phone/accept", {}),)
CHECK = {"passed": False, "checked_on": "2026-11-01", "expires": "2027-11-01", "unit": "office"}
BRANCH = (
    (f"{HERE}/branches", {"name": "b"}),
    (
        f"{HERE}/branches/b/changes",
        {
            "operation": "close_venue",
            "path": {"venue": "library"},
            "body": {"first": SATURDAY, "why": "what if"},
        },
    ),
)

WALK: dict[str, tuple[Act, ...]] = {
    "rename_area": (act("/areas/hill/rename", {"names": HILLS, "on": SATURDAY, "why": "x"}),),
    "recode_area": (act("/areas/hill/recode", {"codes": [{"scheme": "a", "code": "1"}], "on": SATURDAY, "why": "x"}),),
    "move_area": (
        act("/areas/hill/move", {"parent": "far", "on": "2026-11-30", "why": "x"}, breaks="r-phone", first=OUTSIDE),
        act("/areas/hill/move", {"parent": None, "on": "2026-12-07", "why": "x"}),
    ),
    "locate_area": (act("/areas/river/locate", {"location": [31.0, 105.6]}, breaks="r-brush r-choir"),),
    "set_starts": (act("/areas/hill/starts", {"grid_minutes": 10, "on": "2026-11-30", "why": "x"}),),
    "letter_week": (
        act("/areas/hill/letter", {"week": WEEK, "letter": "B", "why": "x"}, breaks="r-phone", first=LETTERED),
        act("/areas/hill/letter", {"week": WEEK, "letter": "A", "why": "x"}),
        act("/areas/hill/letter", {"week": "2026-W51", "letter": "B", "why": "x"}, breaks="r-phone", first=LATER),
        act("/areas/hill/letter", {"week": "2026-W51", "letter": "A", "why": "x"}, first=LATER),
        act("/areas/hill/letter", {"week": "2026-W51", "letter": "B", "why": "x"}, first=AROUND),
    ),
    "leave_out": (act("/requests/r-phone/leave-out", {"week": WEEK}, breaks="r-phone"),),
    "merge_area": (
        act("/areas/hill/merge", {"into": "far", "on": "2026-11-30", "why": "x"}, breaks="r-phone", first=OUTSIDE),
        act("/areas/hill/merge", {"into": "river", "on": "2026-11-30", "why": "x"}),
    ),
    "dissolve_area": (
        act("/areas/hill/dissolve", {"on": "2026-11-30", "why": "x", "into": "far"}, breaks="r-phone", first=OUTSIDE),
        act("/areas/hill/dissolve", {"on": "2026-11-30", "why": "x"}),
    ),
    "adopt_branch": (act(f"{HERE}/branches/b/adopt", breaks="r-phone", first=BRANCH),),
    "describe_venue": (
        act("/venues/library/describe", {**LIBRARY, "area": "far"}, breaks="r-phone", first=OUTSIDE),
        act("/venues/library/describe", {**LIBRARY, "location": [31.0, 105.6]}, breaks="r-phone"),
        act("/venues/library/describe", {**LIBRARY, "name": "New library"}),
    ),
    "lend_venue": (act("/venues/library/lend", {"weekly_cap_minutes": 30}, breaks="r-phone"),),
    "close_venue": (
        act("/venues/library/close", {"first": SATURDAY, "why": "water"}, breaks="r-phone"),
        act("/venues/school/close", {"first": "2026-11-30", "last": SATURDAY, "why": "x"}, breaks="r-brush r-choir"),
        act("/venues/library/close", {"first": "2027-05-05", "why": "water"}),
    ),
    "lift_closure": (act("/venues/library/closures/{closure}/lift", {"why": "dry"}, first=CLOSED),),
    "retire_venue": (
        act("/venues/library/retire", {"on": SATURDAY, "why": "x"}, breaks="r-phone"),
        act("/venues/library/retire", {"on": "2026-01-01", "why": "x"}, breaks="r-phone"),
        act("/venues/library/retire", {"on": "2026-12-07", "why": "x"}),
    ),
    "type_days": (act("/day-types/CN/type", HOLIDAY, breaks="r-phone", first=CALENDAR),),
    "describe_volunteer": (
        act("/volunteers/li/describe", {**LI, "skills": []}, breaks="r-phone"),
        act("/volunteers/li/describe", {**LI, "roles": ["assistant"]}, breaks="r-phone"),
        act("/volunteers/li/describe", {**LI, "max_minutes_day": 30}, breaks="r-phone"),
        act("/volunteers/li/describe", {**LI, "home_area": "far"}, breaks="r-phone", first=OUTSIDE),
        act("/volunteers/li/describe", {**LI, "languages": ["zh"]}),
    ),
    "record_consent": (act("/volunteers/young/consent", {"given": True}, first=(("/volunteers", MINOR),)),),
    "record_check": (act("/volunteers/li/check", CHECK),),
    "submit_request": (act("/requests", {"key": "r-new", "area": "hill", "order": PHONE}, status=201),),
    "change_order": tuple(
        act("/requests/r-phone/change", {"area": area, "order": {**PHONE, **changed}}, breaks=broken, first=first)
        for area, changed, broken, first in (
            ("hill", {"learners": 500}, "r-phone", ()),
            ("hill", {"duration_minutes": 120}, "r-phone", ()),
            ("hill", {"first_week": "2026-W50"}, "r-phone", ()),
            ("hill", {"sessions": 2}, "r-phone", ()),
            ("hill", {"topic": "choir"}, "r-phone", ()),
            ("hill", {"minors": True}, "r-phone", ()),
            ("far", {}, "r-phone", OUTSIDE),
            ("hill", {"title": "Another title"}, "", ()),
        )
    ),
    "screen_request": (act("/requests/r-phone/screen", {}, status=409),),
    "accept_request": (act("/requests/r-phone/accept", {}),),
    "start_request": (act("/requests/r-phone/start", {}),),
    "complete_request": (act("/requests/r-phone/complete", {}, breaks="r-phone", first=STARTED),),
    "decline_request": (act("/requests/r-phone/decline", {"why": "x"}, breaks="r-phone", first=ACCEPTED),),
    "withdraw_request": (act("/requests/r-phone/withdraw", {"why": "too few"}, breaks="r-phone"),),
    "offer_hours": (act("/volunteers/li/offer", {"windows": []}, breaks="r-phone"),),
    "except_offer": (act("/volunteers/li/except", {"day": SATURDAY, "windows": []}, breaks="r-phone"),),
    "pause_volunteer": (act("/volunteers/li/pause", {"first": SATURDAY, "why": "away"}, breaks="r-phone"),),
    "let_go": (
        act("/volunteers/li/leave", {"on": SATURDAY, "why": "moves"}, breaks="r-phone"),
        act("/volunteers/li/leave", {"on": "2026-12-07", "why": "moves"}),
    ),
    "merge_volunteer": (act("/volunteers/li/merge", {"into": "zhao", "why": "twice"}, breaks="r-phone"),),
    "write_person": (act("/people/li/volunteer", {"name": "Li", "home": [31.0, 105.6]}, breaks="r-phone"),),
    "erase_person": (act("/people/li/volunteer/erase", breaks="r-phone"),),
    "open_room": (
        act("/venues/library/rooms", {**READING, "capacity": 10, "accessible": True}, breaks="r-phone"),
        act("/venues/library/rooms", {**READING, "capacity": 25}, breaks="r-phone"),
        act("/venues/library/rooms", {"key": "annex", "name": "Annex", "capacity": 10}),
    ),
    "withdraw_room": (
        act("/venues/library/rooms/reading/withdraw", {"why": "the roof leaks"}, breaks="r-phone"),
        act("/venues/school/rooms/hall/withdraw", {"why": "the roof leaks"}, breaks="r-brush r-choir"),
    ),
    "set_opening_rules": (
        act("/venues/library/opening-rules", {"osm": "Tu 09:00-18:00"}, breaks="r-phone"),
        act("/venues/library/opening-rules", {"room": "reading", "osm": "Tu 09:00-18:00"}, breaks="r-phone"),
        act("/venues/library/opening-rules", {"room": "reading", "as_venue": True}, breaks="r-phone", first=OWN_HOURS),
    ),
}  # fmt: skip

REQUEST = "key,area,title,topic,function,learners,first_week,weeks,sessions,duration_minutes,acceptable,accessible\n"
PERSON = "key,name,kind,home_area,topics,hours,max_minutes_week,max_travel_km\n"
PLACE = "key,name,kind,area,lat,lon\n"
TABLES: dict[str, tuple[str, str]] = {
    "network": ("key,level,name,parent,lat,lon\nriver,street,River,town,31.0,105.6\n", "r-brush r-choir"),
    "network-changes": (
        "since,change,area,to,level,name,why\n2026-11-30,found,far2,far,city,Far2,x\n2026-11-30,move,hill,far,,,x\n",
        "r-phone",
    ),
    "venues": (PLACE + "library,Library,library,hill,31.0,105.6\n", "r-phone"),
    "volunteer-days": (f"volunteer,first,last,hours,why\nli,{SATURDAY},,,away\n", "r-phone"),
    "rooms": ("venue,key,name,capacity,accessible\nlibrary,reading,Reading,10,yes\n", "r-phone"),
    "hours": ("venue,hours\nlibrary,Tu 09:00-18:00\n", "r-phone"),
    "closures": (f"venue,first,last,why\nlibrary,{SATURDAY},,water\n", "r-phone"),
    "volunteers": (PERSON + "li,Li,retiree,hill,choir,Sa 09:00-18:00,360,5\n", "r-phone"),
    "requests": (
        REQUEST + f"r-phone,hill,Course r-phone,phones,civic,500,{WEEK},4,1,90,Sa 09:00-18:00,yes\n",
        "r-phone",
    ),
    "day-types": (f"calendar,date,kind,status,source\nCN,{SATURDAY},holiday,official,a notice\n", "r-phone"),
    "catalogue": ("kind,code,names,since\nfunction,novel,en=Novel,2026-01-01\n", ""),
}
ELSEWHERE = (
    "accounts. role-offers. tokens. sign-in. feeds. jobs. weeks. branches.write areas.found venues.register "
    "volunteers.enrol catalogue."
)
"""Rows of the table of roles whose commands have no way to touch what a released session rests on."""


# ---- A released week


@pytest.fixture(scope="module")
def released_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("released") / "town.db"
    with town(f"sqlite:///{path}") as lyceum:
        plan_week(lyceum, TOWN, WEEK, effort=Effort(5, 1))
        release_week(lyceum, TOWN, WEEK, "First")
    return path


@dataclass
class Released:
    lyceum: Lyceum
    administrator: Person
    client: TestClient = field(repr=False)

    def give(self, one: Act, query: str = "") -> Asked:
        return self.administrator.post(self.path(one.path) + query, one.body)

    def path(self, path: str) -> str:
        if "{closure}" not in path:
            return path
        (closure,) = self.administrator.get("/venues/library/closures").body["items"]
        return path.replace("{closure}", closure["id"])


@pytest.fixture
def week(released_file: Path, tmp_path: Path) -> Iterator[Released]:
    """The town with its released week."""
    copy = Path(shutil.copy(released_file, tmp_path / "town.db"))
    with (
        Lyceum(f"sqlite:///{copy}", actor="coordinator-1", clock=Ticking()) as lyceum,
        served(lyceum) as client,
    ):
        yield Released(lyceum, someone(lyceum, client, ("administrator", None)), client)


def told(rows: Any) -> Sessions:
    assert all(one["reasons"] and one["day"] and one["venue"] and one["community"] for one in rows)
    return {(one["request"], one["number"]) for one in rows}


def found_independently(week: Released) -> Sessions:
    """What a check of the problem as it would be planned now says of the latest release."""
    document = week.administrator.get(f"{HERE}/problem").body
    number = len(week.administrator.get(f"{HERE}/releases").body["items"])
    sessions = week.administrator.get(f"{HERE}/releases/{number}").body["sessions"]
    keys = {one["id"]: one["key"] for one in week.administrator.get("/requests").body["items"]}
    requests = {one["id"]: one["duration_minutes"] for one in document["requests"]}
    rooms = {room["id"] for venue in document["venues"] for room in venue["rooms"]}
    people = {one["id"] for one in document["volunteers"]}
    lost, known = set(), []
    for one in sessions:
        window, team = one["window"], {*one["leads"], *one["assistants"]}
        minutes = window["end_min"] - window["start_min"]
        if requests.get(one["request"]) != minutes or one["room"] not in rooms or not team <= people:
            lost.add((one["request"], one["number"]))
        else:
            known.append(assignment(one))
    read = scheduler.read_problem({**document, "pins": []})
    placed = read_assignments(known)
    lost |= {session for breach in scheduler.check(read, placed) for session in breach.sessions}
    return {(keys[request], number) for request, number in lost}


def assignment(one: Mapping[str, Any]) -> dict[str, Any]:
    day, start = divmod(one["window"]["start_min"], 1440)
    named = {name: one[name] for name in ("request", "room", "leads", "assistants")}
    return {**named, "session": one["number"], "day": day + 1, "start": f"{start // 60:02}:{start % 60:02}"}


def check_all_say(week: Released, broken: Sessions) -> None:
    """Warnings, report and an independent check say the same of the released week."""
    warnings = week.administrator.get(f"{HERE}/warnings")
    report = week.administrator.get(f"/reports/town/{WEEK}").body
    assert warnings.status == 200
    assert told(warnings.body["released"]) == broken
    assert told(report["broken"]) == broken
    assert report["sessions"] == report["released"] - len(broken)
    assert found_independently(week) == broken


# ---- The walk


def test_every_command_and_every_import_is_walked() -> None:
    asked = {name for name, one in COMMANDS.items() if not one.may.startswith(tuple(ELSEWHERE.split()))}

    assert set(WALK) == asked - {"import_table"}
    assert set(TABLES) == set(KINDS)
    assert {name for name, one in COMMANDS.items() if one.taken.breaks} == set(WALK)


@pytest.mark.parametrize(
    ("operation", "one"),
    [(operation, one) for operation, acts in WALK.items() for one in acts],
    ids=lambda value: value if isinstance(value, str) else f"{value.breaks}",
)
def test_command_tells_before_and_after_what_everybody_else_says(
    week: Released, operation: str, one: Act
) -> None:
    for path, body in one.first:
        assert week.administrator.post(path, body).status in (200, 201), path
    before = found_independently(week)
    check_all_say(week, before)
    position = week.lyceum.store.position()
    tried = week.give(one, "?dry_run=true")
    after_trying = week.lyceum.store.position()
    done = week.give(one)

    assert COMMANDS[operation].taken.breaks
    assert after_trying == position
    assert done.status == one.status, done.body
    if one.status == 409:
        check_all_say(week, before)
        return
    after = found_independently(week)
    check_all_say(week, after)
    assert {request for request, _ in told(done.body.get("broken", []))} == set(one.breaks)
    assert (tried.status, tried.body["broken"]) == (200, done.body.get("broken", []))
    assert told(done.body.get("broken", [])) == after - before


@pytest.mark.parametrize("kind", TABLES)
def test_import_tells_before_and_after_what_everybody_else_says(week: Released, kind: str) -> None:
    table, breaks = TABLES[kind]
    for path, body in (*OUTSIDE, *CALENDAR):
        assert week.administrator.post(path, body).status in (200, 201)
    path = f"/imports/{kind}?accept_warnings=true"
    position = week.lyceum.store.position()
    tried = week.administrator.send(f"{path}&dry_run=true", table.encode(), "text/csv")
    after_trying = week.lyceum.store.position()
    done = week.administrator.send(path, table.encode(), "text/csv")

    assert after_trying == position
    assert (done.status, tried.status) == (200, 200), done.body
    assert tried.body["broken"] == done.body["broken"]
    assert {request for request, _ in told(done.body["broken"])} == set(breaks.split())
    check_all_say(week, told(done.body["broken"]))


# ---- Chains


def test_of_two_that_break_a_session_one_undone_leaves_it_broken(week: Released) -> None:
    closed = week.administrator.post("/venues/library/close", {"first": SATURDAY, "why": "water"})
    left = week.administrator.post("/volunteers/li/leave", {"on": SATURDAY, "why": "moves"})
    week.administrator.post(f"/venues/library/closures/{closed.body['closure']}/lift", {"why": "dry"})
    check_all_say(week, {("r-phone", 1)})

    assert [rule["rule"] for one in left.body["broken"] for rule in one["reasons"]] == ["available"]
    week.administrator.post("/volunteers/li/leave", {"on": "2027-01-01", "why": "stays"})
    check_all_say(week, set())


def test_next_release_has_nothing_broken_and_every_diary_is_free(week: Released) -> None:
    for path in ("/venues/library/rooms/reading/withdraw", "/venues/school/rooms/hall/withdraw"):
        week.administrator.post(path, {"why": "the roof leaks"})
    plan_week(week.lyceum, TOWN, WEEK, effort=Effort(5, 1))
    second = release_week(week.lyceum, TOWN, WEEK, "Second")

    assert second.sessions == 0
    check_all_say(week, set())
    assert [one for one in week.lyceum.views.all(DIARIES) if one.promises] == []


def test_released_week_of_which_nothing_is_asked_any_more_can_be_emptied(week: Released) -> None:
    for key in ("r-brush", "r-choir", "r-phone", "r-robot"):
        assert week.administrator.post(f"/requests/{key}/withdraw", {"why": "all off"}).status == 200
    draft = plan_week(week.lyceum, TOWN, WEEK, effort=Effort(5, 1))
    release_week(week.lyceum, TOWN, WEEK, "Empty")

    assert draft.made
    assert [one for one in week.lyceum.views.all(DIARIES) if one.promises] == []


def test_host_is_not_told_who_leads_what_a_closure_breaks(week: Released) -> None:
    host = someone(week.lyceum, week.client, ("host", venue_id("library")))
    closed = host.post("/venues/library/close", {"first": SATURDAY, "why": "water"})

    (broken,) = closed.body["broken"]
    assert (broken["request"], broken["leads"], broken["assistants"]) == ("r-phone", [], [])


def test_status_of_a_command_that_is_tried_is_described_for_each(week: Released) -> None:
    described = week.administrator.get("/openapi.json").body["paths"]
    tries = [
        posted
        for methods in described.values()
        if (posted := methods.get("post"))
        and any(parameter.get("name") == "dry_run" for parameter in posted["parameters"])
    ]

    assert len(tries) > 20
    assert [posted["operationId"] for posted in tries if "200" not in posted["responses"]] == []


def test_wrong_idempotency_key_is_refused_where_a_command_is_only_tried(week: Released) -> None:
    for query in ("", "?dry_run=true"):
        body = {"on": "2027-01-31", "why": "it moves"}
        answer = week.administrator.post(f"/venues/school/retire{query}", body, idempotency_key="a b")

        assert (answer.status, answer.body["errors"][0]["field"]) == (422, "Idempotency-Key"), query


def test_command_rests_on_what_it_decides_on_and_not_on_the_week_that_it_is_compared_with(
    week: Released, monkeypatch: pytest.MonkeyPatch
) -> None:
    rested: list[AppendCondition | None] = []
    save = DatabaseStore.save

    def noted(
        store: DatabaseStore, facts: Any, writes: Any = (), condition: AppendCondition | None = None
    ) -> int:
        rested.append(condition)
        return save(store, facts, writes, condition)

    monkeypatch.setattr(DatabaseStore, "save", noted)
    answer = week.administrator.post("/volunteers/li/offer", {"windows": []})
    views = week.lyceum.views
    released: tuple[Stream[Any], ...] = (TIMETABLES, DIARIES, VENUES, REQUESTS)
    around = {state.id for stream in released for state in views.all(stream)}
    condition = rested[-1]

    assert answer.body["broken"]
    assert around
    assert condition is not None
    assert volunteer_id("li") in condition.streams
    assert around & condition.streams == set()
