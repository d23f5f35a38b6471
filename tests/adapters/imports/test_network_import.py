"""The network comes in outside first, changes by date, and answers for every earlier day."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from adapters.application.application import Lyceum
from adapters.exports.master_data import export_kind
from adapters.imports.area_finder import AreaFinder
from adapters.imports.importing import ImportOptions, run_import
from adapters.store.streams import AREAS
from adapters.store.views import Views
from domain.area_times import letter_of, starts_on
from domain.effective_dates import held_on
from domain.network import Area, Code, ancestor_on, area_id, children_on, exists_on, name_on
from domain.starts import Starts
from tests.adapters.imports.conftest import NETWORK, Given, opened, shared

BEFORE, AFTER = date(2025, 9, 1), date(2026, 1, 1)
MERGER = "divisions/chongqing_2025_merger_map.csv"


def district_on(views: Views, key: str, day: date) -> str:
    network = {area.id: area for area in views.all(AREAS)}
    found = ancestor_on(network, area_id(key), "district", day)
    assert found is not None
    return name_on(found, day)


def test_areas_inherit_zone_and_calendar_and_may_come_in_any_order(empty: Lyceum, given: Given) -> None:
    rows = "key,level,name,parent,zone,calendar\nb,street,B,a,,\na,district,A,top,,\ntop,city,Top,,Asia/Shanghai,CN\n"

    assert given("network", rows).imported

    b = empty.views.get(AREAS, area_id("b"))
    assert b is not None
    assert (b.zone, b.calendar, b.parents[0].value) == ("Asia/Shanghai", "CN", area_id("a"))


def test_names_codes_and_points_are_kept(small: Lyceum) -> None:
    city = small.views.get(AREAS, area_id("city"))
    north = small.views.get(AREAS, area_id("north"))

    assert city is not None
    assert north is not None
    assert city.names[0].value == (("en", "Rongcheng"), ("zh", "荣城"))
    assert north.codes[0].value == (Code("cn-nbs", "500101"),)
    assert (north.location, north.founded) == ((29.45, 105.60), date(2020, 1, 1))


def test_later_file_renames_recodes_moves_and_locates_from_its_date(small: Lyceum, given: Given) -> None:
    row = "river,street,Long River Street,,south,cn-nbs,500102009,,29.36,105.61,2026-05-01\n"

    report = given("network", NETWORK.splitlines()[0] + "\n" + row)

    assert [change.detail for change in report.changes] == [
        (
            "name River Street → Long River Street, parent north → south, code 500101001 → 500102009, "
            "lat None → 29.36, lon None → 105.61"
        )
    ]
    river = small.views.get(AREAS, area_id("river"))
    assert river is not None
    assert [name_on(river, day) for day in (BEFORE, date(2026, 5, 1))] == [
        "River Street",
        "Long River Street",
    ]
    assert [district_on(small.views, "river", day) for day in (BEFORE, date(2026, 5, 1))] == [
        "North",
        "South",
    ]
    assert given("network", NETWORK).events == 0, "the older file says what held on its own date"


@pytest.mark.parametrize(
    ("row", "row_number", "column"),
    [
        ("x,street,X,atlantis,,,", 2, "parent"),
        ("x,street,X,,,,", 2, "zone"),
        ("x,street,X,y,,,\ny,street,Y,x,,,", 2, "parent"),
        ("x,street,X,,29.4,,Asia/Shanghai", 2, "lon"),
        ("x,street,X,,95,105,Asia/Shanghai", 2, "lat"),
        ("x,street,X,,,,Mars/Olympus", 2, "zone"),
        ("x,,X,,,,Asia/Shanghai", 2, "level"),
    ],
)
def test_wrong_area_is_named(empty: Lyceum, given: Given, row: str, row_number: int, column: str) -> None:
    report = given("network", "key,level,name,parent,lat,lon,zone\n" + row + "\n")

    assert (report.errors[0].row, report.errors[0].column) == (row_number, column)
    assert empty.store.position() == 0


def test_starts_and_a_weeks_come_with_the_row_and_go_out_as_they_came(
    small: Lyceum, given: Given, tmp_path: Path
) -> None:
    head = "key,level,name,since,grid_minutes,bell_times,a_week\n"
    rows = (
        'city,city,Rongcheng,2026-03-01,15,,2026-W10\nriver,street,River Street,2026-03-01,,"8:55, 08:05",\n'
    )

    assert given("network", head + rows).imported

    network = {area.id: area for area in small.views.all(AREAS)}
    day = date(2026, 3, 2)
    assert starts_on(network, area_id("north"), day) == Starts(15)
    assert starts_on(network, area_id("river"), day) == Starts(bells=(485, 535))
    assert letter_of(network, area_id("river"), "2026-W11") == "B"
    assert given("network", head + rows).events == 0
    export_kind(small, "network", tmp_path / "out.csv")
    assert given("network", (tmp_path / "out.csv").read_text(encoding="utf-8-sig")).events == 0
    assert given("network", head + "river,street,River Street,2026-04-06,around,,\n").imported
    network = {area.id: area for area in small.views.all(AREAS)}
    assert starts_on(network, area_id("river"), date(2026, 4, 6)) == Starts(15)


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ("7,,", "grid_minutes"),
        (",25:00,", "bell_times"),
        (",,2025-W53", "a_week"),
        ("15,08:05,", "grid_minutes"),
    ],
)
def test_starts_that_no_day_has_are_named(small: Lyceum, given: Given, cells: str, column: str) -> None:
    rows = f"key,level,name,grid_minutes,bell_times,a_week\nriver,street,River Street,{cells}\n"

    assert [one.column for one in given("network", rows).errors] == [column]


def test_children_of_a_wrong_row_are_not_blamed(empty: Lyceum, given: Given) -> None:
    rows = "key,level,name,parent,zone\na,,A,,Asia/Shanghai\nb,street,B,a,\n"

    assert [(one.row, one.column) for one in given("network", rows).errors] == [(2, "level")]


def test_area_is_found_by_key_code_or_a_name_of_its_own(small: Lyceum, given: Given) -> None:
    given("network", NETWORK + "bank,street,River Street,,south,,,,,,2020-01-01\n")
    finder = AreaFinder({area.id: area for area in small.views.all(AREAS)})

    found = [finder.find(text, AFTER) for text in ("river", "cn-nbs:500101001", "South", "荣城")]

    assert found == [area_id(key) for key in ("river", "river", "south", "city")]
    assert finder.find("River Street", AFTER) == (
        "'River Street' may mean bank (it is its name) or river (it is its name); "
        "write the key of the one that is meant, or its id"
    )
    assert "no area has this key" in str(finder.find("cn-nbs:9", AFTER))


def test_changes_of_one_day_found_merge_and_dissolve(small: Lyceum, given: Given) -> None:
    rows = """\
since,change,area,to,level,name,code,why
2026-05-01,found,west,city,district,West,500103,reform
2026-05-01,"recode, move",river,west,,,500103001,
2026-05-01,merge,north,west,,,,
2026-05-01,rename,south,,,Far South,,
2026-05-01,dissolve,south,,,,,
"""

    asked = given("network-changes", rows)
    report = given("network-changes", rows, accept=True)

    assert not asked.imported
    assert [warning.column for warning in asked.warnings] == ["area"], asked.text()
    assert (report.imported, report.new, report.changed) == (True, 1, 4)
    day = date(2026, 5, 1)
    network = {area.id: area for area in small.views.all(AREAS)}
    assert [area.key for area in children_on(network, area_id("city"), day)] == ["west"]
    assert district_on(small.views, "river", day) == "West"
    assert network[area_id("north")].merged_into == area_id("west")
    assert given("network-changes", rows).events == 0


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("2026-05-01,dissolve,north,,", "area"),
        ("2026-05-01,move,river,,", "to"),
        ("2026-05-01,move,river,atlantis,", "to"),
        ("2026-05-01,sink,river,,", "change"),
        ("2026-05-01,move,city,river,", "area"),
        ("2010-05-01,move,river,south,", "area"),
    ],
)
def test_wrong_change_is_named(small: Lyceum, given: Given, row: str, column: str) -> None:
    before = small.store.position()

    report = given("network-changes", f"since,change,area,to,name\n{row}\n")

    assert [(one.row, one.column) for one in report.errors] == [(2, column)]
    assert small.store.position() == before


# The real network


@pytest.fixture(scope="module")
def chongqing() -> Lyceum:
    lyceum = opened()
    report = run_import(
        lyceum, "network", shared("divisions/chongqing.csv"), ImportOptions(profile="chongqing-network")
    )
    assert (report.imported, report.rows, report.left_out, report.new) == (True, 12_340, 2, 12_340)
    return lyceum


@pytest.fixture(scope="module")
def reorganised(chongqing: Lyceum) -> tuple[Lyceum, int]:
    """After the reorganisation, with the event position before it."""
    before = chongqing.store.position()
    report = run_import(chongqing, "network-changes", shared(MERGER), ImportOptions(profile="chongqing-2025"))
    assert (report.imported, report.new, report.changed) == (True, 1, 44)
    return chongqing, before


def test_chongqing_has_one_city_and_its_districts_hang_under_it(chongqing: Lyceum) -> None:
    network = {area.id: area for area in chongqing.views.all(AREAS)}

    assert Counter(area.level for area in network.values() if area.founded < AFTER) == {
        "city": 1,
        "district": 38,
        "street": 1031,
        "community": 11_270,
    }
    assert len(list(children_on(network, area_id("50"), BEFORE))) == 38
    assert {area.zone for area in network.values()} == {"Asia/Shanghai"}


def test_communities_of_moved_streets_change_their_district_on_the_day(
    reorganised: tuple[Lyceum, int],
) -> None:
    lyceum, _ = reorganised
    network = {area.id: area for area in lyceum.views.all(AREAS)}
    communities = [area for area in network.values() if area.level == "community"]

    def districts(day: date) -> Counter[str]:
        found = (ancestor_on(network, area.id, "district", day) for area in communities)
        return Counter(name_on(one, day) for one in found if one)

    before, after = districts(BEFORE), districts(AFTER)

    assert before["两江新区"] == 0
    assert (after["江北区"], after["渝北区"]) == (0, 0)
    assert after["两江新区"] + after["北碚区"] == before["江北区"] + before["渝北区"] + before["北碚区"]
    assert (before["江北区"], before["渝北区"], before["北碚区"]) == (132, 412, 192)
    assert (after["两江新区"], after["北碚区"]) == (443, 293)
    assert sum(before.values()) == sum(after.values()) == 11_270
    unmoved = {"两江新区", "北碚区", "江北区", "渝北区"}
    assert {k: v for k, v in before.items() if k not in unmoved} == {
        k: v for k, v in after.items() if k not in unmoved
    }


def test_old_codes_stay_the_answer_for_old_dates(reorganised: tuple[Lyceum, int]) -> None:
    lyceum, _ = reorganised
    network = {area.id: area for area in lyceum.views.all(AREAS)}
    finder = AreaFinder(network)
    street = network[area_id("500105001")]

    assert [held_on(street.codes, day) for day in (BEFORE, AFTER)] == [
        (Code("cn-nbs", "500105001"),),
        (Code("cn-nbs", "500157020"),),
    ]
    assert finder.find("cn-nbs:500105001", BEFORE) == finder.find("cn-nbs:500157020", AFTER) == street.id
    assert finder.find("cn-nbs:500157020", BEFORE) != street.id
    ended = [area_id(key) for key in ("500105", "500112")]
    assert [exists_on(network[one], day) for one in ended for day in (BEFORE, AFTER)] == [True, False] * 2
    assert [area.key for area in children_on(network, area_id("500157"), AFTER)][:2] == [
        "500105001",
        "500105002",
    ]
    assert len(list(children_on(network, area_id("500157"), AFTER))) == 37


def test_reports_at_an_old_position_do_not_change(reorganised: tuple[Lyceum, int]) -> None:
    lyceum, before = reorganised
    past = lyceum.views.at_position(before)
    community = next(
        area.key for area in past.all(AREAS) if area.level == "community" and area.key.startswith("500105001")
    )

    assert past.get(AREAS, area_id("500157")) is None
    assert [district_on(past, community, day) for day in (BEFORE, AFTER)] == ["江北区", "江北区"]
    assert [district_on(lyceum.views, community, day) for day in (BEFORE, AFTER)] == ["江北区", "两江新区"]


def test_real_files_again_change_nothing(reorganised: tuple[Lyceum, int]) -> None:
    lyceum, _ = reorganised

    again = [
        run_import(lyceum, kind, shared(name), ImportOptions(profile=profile)).events
        for kind, name, profile in (
            ("network-changes", MERGER, "chongqing-2025"),
            ("network", "divisions/chongqing.csv", "chongqing-network"),
        )
    ]

    assert again == [0, 0]


def test_day_of_effect_may_be_the_callers() -> None:
    with opened() as lyceum:
        run_import(
            lyceum, "network", shared("divisions/chongqing.csv"), ImportOptions(profile="chongqing-network")
        )
        run_import(
            lyceum,
            "network-changes",
            shared(MERGER),
            ImportOptions(profile="chongqing-2025", constants={"since": "2025-11-15"}),
        )

        days = [date(2025, 11, 14), date(2025, 11, 15)]
        assert [district_on(lyceum.views, "500112133", day) for day in days] == ["渝北区", "北碚区"]


def test_points_come_to_known_streets_alone(chongqing: Lyceum) -> None:
    """Xinyu's 34 streets are in the file too, and not in this database."""
    report = run_import(
        chongqing,
        "network",
        shared("divisions/streets_chongqing_xinyu_coords.csv"),
        ImportOptions(profile="china-street-points"),
    )

    assert (report.imported, report.rows, report.left_out, report.new, report.changed) == (
        True,
        1031,
        34,
        0,
        1031,
    )
    located = [area for area in chongqing.views.all(AREAS) if area.level == "street" and area.location]
    assert len(located) == 1031


def test_xinyu_has_its_own_city(empty: Lyceum) -> None:
    report = run_import(
        empty, "network", shared("divisions/xinyu.csv"), ImportOptions(profile="xinyu-network")
    )

    assert (report.imported, report.new) == (True, 548)
    top: list[Area] = [area for area in empty.views.all(AREAS) if area.parents[0].value is None]
    assert [(area.key, name_on(area, AFTER)) for area in top] == [("3605", "新余市")]
