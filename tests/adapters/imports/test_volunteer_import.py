"""What volunteers offer becomes events; who they are stays in the table that can be erased."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from adapters.application.application import Lyceum
from adapters.exports.master_data import export_kind
from adapters.imports.importing import run_import
from adapters.people.personal_records import PersonalRecord
from adapters.store.streams import REQUESTS, VOLUNTEERS
from domain.events import stream_id
from domain.network import area_id
from domain.recurrence import Rhythm
from domain.request import request_id
from domain.volunteer import Skill, Volunteer, available, vetted, volunteer_id
from domain.windows import minutes
from tests.adapters.imports.conftest import NETWORK, Given, opened

PRIVATE = (
    "陈梅",
    "Bo Young",
    "Ma Young",
    "+86 138 1111 2222",
    "chen@example.org",
    "7 Secret Lane",
    "29.40777",
    "105.60777",
)
ROWS = """\
key,name,phone,email,address,home_lat,home_lon,kind,home_area,topics,roles,languages,hours,max_minutes_day,\
max_minutes_week,max_travel_km,minor,consent,guardian_name,guardian_phone,check_result,check_date,check_expires,check_unit
v1,陈梅,+86 138 1111 2222,chen@example.org,7 Secret Lane,29.40777,105.60777,retiree,river,\
"calligraphy:advanced, taiji",,"zh, en","Mo,We 09:00-12:00; Sa 14:00-17:00",180,360,7.5,,,,,\
passed,2026-01-01,2028-01-01,office
v2,Bo Young,,,,,,student,south,,,,Sa 09:00-12:00,,,,yes,yes,Ma Young,+86 138 1111 2222,,,,
""".replace("south", "South")


def private_bytes(lyceum: Lyceum) -> list[str]:
    """Which of the private texts stand in the stored bytes of any event."""
    recorder = lyceum.store._events.recorder
    stored = b"\n".join(bytes(one.state) for one in recorder.select_notifications(start=None, limit=10_000))
    assert stored
    return [text for text in PRIVATE if text.encode() in stored or text.encode("unicode_escape") in stored]


def the(lyceum: Lyceum, key: str) -> Volunteer:
    found = lyceum.views.get(VOLUNTEERS, volunteer_id(key))
    assert found is not None
    return found


def test_offer_limits_and_check_become_state(small: Lyceum, given: Given) -> None:
    assert given("volunteers", ROWS).imported

    chen, young = the(small, "v1"), the(small, "v2")
    assert chen.profile.skills == (Skill("calligraphy", "advanced"), Skill("taiji", "intermediate"))
    assert (chen.profile.roles, chen.profile.languages) == (("lead", "assistant"), ("zh", "en"))
    assert (chen.profile.max_minutes_day, chen.profile.max_minutes_week, chen.profile.max_travel_km) == (
        180,
        360,
        7.5,
    )
    assert chen.profile.home_area == area_id("river")
    assert minutes(available(chen, "2026-W49")) == 3 * 180
    assert vetted(chen, "2026-W49")
    assert (young.profile.minor, young.profile.roles, young.consent) == (True, ("assistant",), True)
    assert minutes(available(young, "2026-W49")) == 180


@pytest.mark.parametrize("kept", ["memory", "sqlite"])
def test_nothing_personal_is_in_any_event(tmp_path: Path, kept: str) -> None:
    url = "memory:" if kept == "memory" else f"sqlite:///{tmp_path / 'lyceum.db'}"
    (tmp_path / "n.csv").write_text(NETWORK, encoding="utf-8")
    (tmp_path / "v.csv").write_text(ROWS, encoding="utf-8")
    with opened(url) as lyceum:
        run_import(lyceum, "network", tmp_path / "n.csv")

        report = run_import(lyceum, "volunteers", tmp_path / "v.csv")

        assert (report.imported, report.personal) == (True, 3)
        assert private_bytes(lyceum) == []
        assert lyceum.person(volunteer_id("v1")) == PersonalRecord(
            "陈梅", "+86 138 1111 2222", "chen@example.org", "7 Secret Lane", (29.40777, 105.60777)
        )
        guardian = lyceum.person(stream_id("guardian", "v2"))
        assert guardian == PersonalRecord("Ma Young", "+86 138 1111 2222")


def test_report_names_nobody(small: Lyceum, given: Given) -> None:
    report = given("volunteers", ROWS)

    said = report.text() + str(report.as_json())
    assert [text for text in PRIVATE if text in said] == []


def test_second_import_writes_neither_events_nor_people(small: Lyceum, given: Given) -> None:
    given("volunteers", ROWS)

    report = given("volunteers", ROWS)

    assert (report.events, report.personal, report.unchanged) == (0, 0, 2)


def test_new_number_changes_the_record_alone(small: Lyceum, given: Given) -> None:
    given("volunteers", ROWS)

    report = given("volunteers", ROWS.replace("chen@example.org", "new@example.org"))

    assert (report.events, report.personal) == (0, 1)
    assert "nothing changed" not in report.text()
    person = small.person(volunteer_id("v1"))
    assert person is not None
    assert person.email == "new@example.org"


def test_refused_import_leaves_no_person_behind(small: Lyceum, given: Given) -> None:
    report = given("volunteers", ROWS + "v3,Eve,,,,,,pirate,river,,,,,,,,,,,,,,,\n")

    assert [(one.row, one.column) for one in report.errors] == [(4, "kind")]
    assert small.people() == {}


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("x,X,29.4,,retiree,river,,,,,", "home_lon"),
        ("x,X,,,retiree,river,lead,,yes,,", "roles"),
        ("x,X,,,retiree,river,,,no,yes,", "consent"),
        ("x,X,,,retiree,river,,,,,passed", "check_date"),
        ("x,X,,,retiree,atlantis,,,,,", "home_area"),
        ("x,X,,,retiree,river,,Mo 9-,,,", "hours"),
    ],
)
def test_cells_that_contradict_each_other_are_named(
    small: Lyceum, given: Given, row: str, column: str
) -> None:
    header = "key,name,home_lat,home_lon,kind,home_area,roles,hours,minor,consent,check_result\n"

    report = given("volunteers", header + row + "\n")

    assert report.errors[0].row == 2
    assert column in {one.column for one in report.errors}


def test_week_of_more_than_sixty_offered_hours_is_odd(small: Lyceum, given: Given) -> None:
    report = given("volunteers", "key,name,kind,home_area,hours\nv-1,X,retiree,river,Mo-Su 08:00-18:00\n")

    assert [(one.row, one.column, one.value) for one in report.warnings] == [(2, "hours", "70 hours")]


def test_hours_of_a_week_that_begin_in_the_night_are_odd(small: Lyceum, given: Given) -> None:
    volunteer = given(
        "volunteers", "key,name,kind,home_area,hours\nv-1,Example,student,river,Mo 2-4; Tu 14-16\n"
    )
    order = "key,area,title,topic,function,learners,first_week,duration_minutes,acceptable\n"
    request = given("requests", f"{order}r-1,river,Singing,singing,arts,20,2026-W49,60,Mo-Fr 2-4\n")

    assert [(one.column, one.value) for one in volunteer.warnings] == [("hours", "Mo 02:00-04:00")]
    assert [(one.column, one.value) for one in request.warnings] == [
        ("acceptable", "Mo,Tu,We,Th,Fr 02:00-04:00")
    ]


def test_hours_of_a_and_b_weeks_come_in_and_go_out_as_they_came(
    small: Lyceum, given: Given, tmp_path: Path
) -> None:
    head = "key,name,kind,home_area,hours,hours_weeks,hours_otherwise\n"
    rows = "v1,One,retiree,river,Mo 09:00-12:00,A,Tu 14:00-17:00\n"
    rows += "v2,Two,retiree,river,Mo 09:00-12:00,every 2 weeks from 2026-W49,\n"

    assert given("volunteers", head + rows).imported

    assert the(small, "v1").rhythm == Rhythm(week_letter="A")
    assert [minutes(available(the(small, "v2"), week)) for week in ("2026-W49", "2026-W50", "2026-W51")] == [
        180,
        0,
        180,
    ]
    export_kind(small, "volunteers", tmp_path / "out.csv", with_people=True)
    assert given("volunteers", (tmp_path / "out.csv").read_text(encoding="utf-8-sig")).events == 0
    wrong = given("volunteers", head + "v3,Three,retiree,river,Mo 09:00-12:00,odd,\n")
    assert [(one.column, one.right) for one in wrong.errors] == [
        ("hours_weeks", "write A, B, or as in every 2 weeks from 2026-W49")
    ]


def test_courses_of_single_dates_come_in_and_go_out_as_they_came(
    small: Lyceum, given: Given, tmp_path: Path
) -> None:
    head = "key,area,title,topic,function,learners,first_week,duration_minutes,acceptable,"
    head += "weeks,every_weeks,week_letter,on_weeks,on_dates,except_weeks,make_up_weeks,make_up\n"
    same = "river,T,t,arts,5,2026-W49,60,Mo-Fr 09:00-12:00"
    rows = f'r1,{same},,,,,"2026-12-04, 2026-12-02",,,\n'
    rows += f'r2,{same},6,2,,,,"2026-W51","2026-W52",extend\n'
    rows += f'r3,{same},,,,"2026-W49,2026-W53",,,,\n'
    rows += f"r4,{same},4,,B,,,,,\n"

    assert given("requests", head + rows).imported

    assert given("requests", head + rows).events == 0
    export_kind(small, "requests", tmp_path / "out.csv")
    assert given("requests", (tmp_path / "out.csv").read_text(encoding="utf-8-sig")).events == 0
    first = small.views.get(REQUESTS, request_id("r1"))
    assert first is not None
    assert (first.order.on_dates, first.order.weeks) == ((date(2026, 12, 2), date(2026, 12, 4)), 1)
    wrong = given("requests", head + f"r5,{same},,2,A,,,,,\n")
    assert [one.row for one in wrong.errors] == [2]
