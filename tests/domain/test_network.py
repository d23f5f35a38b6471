"""The network: dated names, codes and parents, mergers, and who lay in what on which day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import NotAZone
from domain.effective_dates import Since
from domain.events import AlreadyThere, Event, ReasonMissing
from domain.network import (
    Area,
    AreaCycle,
    AreaDissolved,
    AreaEnded,
    AreaFounded,
    AreaInUse,
    AreaLocated,
    AreaMerged,
    AreaMoved,
    AreaRecoded,
    AreaRenamed,
    Code,
    NamelessArea,
    NewArea,
    ancestor_on,
    area_id,
    children_on,
    dissolve_area,
    evolve,
    exists_on,
    found_area,
    hand_down_clock,
    inside_on,
    locate_area,
    merge_area,
    move_area,
    name_on,
    parent_on,
    path_on,
    recode_area,
    rename_area,
    successor_on,
)
from tests.builders import FOUNDED, POINT, STAMP, after, again, applied, area, networked, place

REFORM = date(2025, 9, 1)
EVE = REFORM - timedelta(days=1)
WHY = "reorganisation of 2025"

CITY = area("city", level="city")
NORTH = area("north", parent=CITY.id, level="district")
SOUTH = area("south", parent=CITY.id, level="district")
STREET = area("river-street", parent=NORTH.id)
BLOCK = area("lotus-court", parent=STREET.id, level="community")
NETWORK = networked(CITY, NORTH, SOUTH, STREET, BLOCK)


def move(one: Area, parent: UUID | None, on: date = REFORM, within: Mapping[UUID, Area] = NETWORK) -> Any:
    return move_area(one, STAMP, parent=parent, on=on, why=WHY, network=within)


def moved(one: Area, parent: UUID | None, on: date, within: Mapping[UUID, Area]) -> dict[UUID, Area]:
    return applied(within, move(within[one.id], parent, on, within))


# Founding


def test_founded_area_is_what_its_event_says() -> None:
    codes = (Code("cn-nbs", "500157001"),)
    names = (("zh", "河街"), ("en", "River Street"))
    events = found_area(
        None,
        STAMP,
        NewArea(
            key="river-street",
            level="street",
            names=names,
            zone="Asia/Shanghai",
            on=FOUNDED,
            parent=NORTH.id,
            codes=codes,
            location=POINT,
            calendar="CN",
        ),
    )

    founded = AreaFounded(
        **place(1, area_id("river-street")),
        key="river-street",
        level="street",
        names=names,
        parent=NORTH.id,
        codes=codes,
        location=POINT,
        zone="Asia/Shanghai",
        calendar="CN",
        on=FOUNDED,
    )
    assert events == (founded,)
    assert evolve(None, founded) == Area(
        id=area_id("river-street"),
        version=1,
        key="river-street",
        level="street",
        names=(Since(FOUNDED, names),),
        codes=(Since(FOUNDED, codes),),
        parents=(Since(FOUNDED, NORTH.id),),
        location=POINT,
        zone="Asia/Shanghai",
        calendar="CN",
        founded=FOUNDED,
    )


def found(known: Area | None = None, **changes: Any) -> tuple[AreaFounded, ...]:
    fields: dict[str, Any] = {"key": "x", "level": "street", "names": (("en", "X"),), "on": FOUNDED}
    around = changes.pop("around", None)
    return found_area(known, STAMP, NewArea(**{"zone": "Asia/Shanghai"} | fields | changes), around)


def test_area_has_the_zone_and_calendar_of_the_area_around_it_unless_it_says_its_own() -> None:
    north = replace(NORTH, zone="Asia/Urumqi", calendar="CN")
    around: dict[str, Any] = {"around": north, "parent": north.id}

    clocks = [
        (event.zone, event.calendar)
        for event in (
            *found(**around, zone=None),
            *found(**around, calendar="CN-XJ"),
            *found(zone=None),
        )
    ]
    assert clocks == [("Asia/Urumqi", "CN"), ("Asia/Shanghai", "CN-XJ"), ("UTC", None)]


def test_founding_twice_is_refused() -> None:
    with pytest.raises(
        AlreadyThere, match=r"^area x was founded before; rename, re-code or move it instead$"
    ):
        found(area("x"))


@pytest.mark.parametrize("names", [(), (("en", ""), ("zh", "  "))])
def test_area_without_a_name_is_refused(names: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(NamelessArea, match=r"^area x has no name; give one in at least one language$"):
        found(names=names)


def test_founding_in_an_unknown_zone_is_refused() -> None:
    with pytest.raises(NotAZone, match="Asia/Shanghai"):
        found(zone="Mars/Olympus")


def test_founding_inside_itself_is_refused() -> None:
    with pytest.raises(AreaCycle, match=r"^area x cannot lie in itself; choose a parent outside it$"):
        found(parent=area_id("x"))


# Changes


def test_new_name_holds_from_its_day() -> None:
    renamed = rename_area(STREET, STAMP, names=(("en", "Harbour Street"),), on=REFORM, why=f" {WHY} ")
    street = evolve(STREET, renamed[0])

    assert renamed == (
        AreaRenamed(**place(2, STREET.id), names=(("en", "Harbour Street"),), on=REFORM, why=WHY),
    )
    assert (street.version, name_on(street, EVE), name_on(street, REFORM)) == (
        2,
        "River Street",
        "Harbour Street",
    )


def test_new_codes_replace_all_codes_from_their_day() -> None:
    codes = (Code("cn-nbs", "500157020"), Code("local", "LJ-20"))
    events = recode_area(STREET, STAMP, codes=codes, on=REFORM, why=WHY)

    assert events == (AreaRecoded(**place(2, STREET.id), codes=codes, on=REFORM, why=WHY),)
    assert evolve(STREET, events[0]).codes == (Since(FOUNDED, ()), Since(REFORM, codes))


def test_moved_area_lies_in_its_new_parent_from_its_day() -> None:
    events = move(STREET, SOUTH.id)
    street = evolve(STREET, events[0])

    assert events == (AreaMoved(**place(2, STREET.id), parent=SOUTH.id, on=REFORM, why=WHY),)
    assert (parent_on(street, EVE), parent_on(street, REFORM)) == (NORTH.id, SOUTH.id)


def test_better_point_zone_and_calendar_hold_for_all_days() -> None:
    events = locate_area(STREET, STAMP, location=(29.5, 105.7), zone="Asia/Urumqi", calendar="CN")
    street = evolve(STREET, events[0])

    assert events == (
        AreaLocated(**place(2, STREET.id), location=(29.5, 105.7), zone="Asia/Urumqi", calendar="CN"),
    )
    assert (street.location, street.zone, street.calendar) == ((29.5, 105.7), "Asia/Urumqi", "CN")


def test_zone_and_calendar_that_are_corrected_are_handed_down_to_areas_that_had_the_same() -> None:
    apart = replace(BLOCK, id=area_id("apart"), key="apart", zone="Asia/Tokyo")
    network = {**NETWORK, apart.id: apart}

    events = hand_down_clock(NORTH, STAMP, zone="Asia/Urumqi", calendar="CN", on=REFORM, network=network)

    changed = {event.originator_id: (event.zone, event.calendar) for event in events}
    assert changed == {
        STREET.id: ("Asia/Urumqi", "CN"),
        BLOCK.id: ("Asia/Urumqi", "CN"),
        apart.id: ("Asia/Tokyo", "CN"),
    }
    assert (
        hand_down_clock(NORTH, STAMP, zone=NORTH.zone, calendar=NORTH.calendar, on=REFORM, network=network)
        == ()
    )


def test_dissolved_area_ends_on_its_day() -> None:
    events = dissolve_area(BLOCK, STAMP, on=REFORM, why=WHY, network=NETWORK)
    block = evolve(BLOCK, events[0])

    assert events == (AreaDissolved(**place(2, BLOCK.id), on=REFORM, why=WHY, into=None),)
    assert [exists_on(block, day) for day in (FOUNDED - timedelta(1), FOUNDED, EVE, REFORM)] == [
        False,
        True,
        True,
        False,
    ]


CHANGES: dict[str, Callable[[Area], Iterable[Event]]] = {
    "rename": lambda one: rename_area(one, STAMP, names=(("en", "New"),), on=REFORM, why=WHY),
    "recode": lambda one: recode_area(one, STAMP, codes=(Code("local", "1"),), on=REFORM, why=WHY),
    "move": lambda one: move(one, SOUTH.id),
    "locate": lambda one: locate_area(one, STAMP, location=None, zone="Asia/Shanghai", calendar=None),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_change_made_twice_changes_nothing(change: Callable[[Area], Iterable[Event]]) -> None:
    assert again(evolve, STREET, change) == ()


DATED: dict[str, Callable[[Area, date, str], Iterable[Event]]] = {
    "rename": lambda one, on, why: rename_area(one, STAMP, names=(("en", "New"),), on=on, why=why),
    "recode": lambda one, on, why: recode_area(one, STAMP, codes=(Code("local", "1"),), on=on, why=why),
    "move": lambda one, on, why: move_area(one, STAMP, parent=SOUTH.id, on=on, why=why, network=NETWORK),
    "merge": lambda one, on, why: merge_area(one, STAMP, into=SOUTH, on=on, why=why, network={}),
    "dissolve": lambda one, on, why: dissolve_area(one, STAMP, on=on, why=why, network={}),
}


@pytest.mark.parametrize("change", DATED.values(), ids=DATED)
def test_change_without_a_reason_is_refused(change: Callable[[Area, date, str], Iterable[Event]]) -> None:
    with pytest.raises(ReasonMissing, match="needs a reason; say why in one sentence"):
        change(STREET, REFORM, " ")


@pytest.mark.parametrize("change", DATED.values(), ids=DATED)
def test_change_before_the_founding_is_refused(change: Callable[[Area, date, str], Iterable[Event]]) -> None:
    with pytest.raises(AreaEnded, match="was founded on 2020-01-01, after 2019-12-31; choose a later date"):
        change(STREET, FOUNDED - timedelta(days=1), WHY)


@pytest.mark.parametrize("change", DATED.values(), ids=DATED)
def test_change_after_the_end_is_refused(change: Callable[[Area, date, str], Iterable[Event]]) -> None:
    ended = replace(STREET, ended=REFORM)

    with pytest.raises(
        AreaEnded, match=r"^area river-street ended on 2025-09-01; nothing can change in it on"
    ):
        change(ended, REFORM, WHY)


@pytest.mark.parametrize("change", DATED.values(), ids=DATED)
def test_change_of_a_time_before_the_end_is_still_possible(
    change: Callable[[Area, date, str], Iterable[Event]],
) -> None:
    assert tuple(change(replace(STREET, ended=REFORM), EVE, WHY))


def test_rename_to_nothing_is_refused() -> None:
    with pytest.raises(NamelessArea, match="river-street"):
        rename_area(STREET, STAMP, names=(("en", " "),), on=REFORM, why=WHY)


def test_unknown_zone_of_a_correction_is_refused() -> None:
    with pytest.raises(NotAZone):
        locate_area(STREET, STAMP, location=None, zone="Nowhere", calendar=None)


def test_fact_about_the_past_leaves_what_is_known_after_it() -> None:
    """What becomes known last is not what holds last."""
    street = after(
        evolve,
        STREET,
        lambda one: rename_area(one, STAMP, names=(("en", "Third"),), on=REFORM, why=WHY),
        lambda one: rename_area(
            one, STAMP, names=(("en", "Second"),), on=date(2023, 5, 1), why="found in a file"
        ),
    )

    days = (date(2023, 4, 30), date(2023, 5, 1), EVE, REFORM)
    assert [name_on(street, day) for day in days] == ["River Street", "Second", "Second", "Third"]


def test_events_of_an_area_that_was_never_founded_cannot_be_applied() -> None:
    renamed = rename_area(STREET, STAMP, names=(("en", "New"),), on=REFORM, why=WHY)[0]

    with pytest.raises(TypeError, match="cannot apply AreaRenamed to None"):
        evolve(None, renamed)


def test_second_founding_cannot_be_applied() -> None:
    with pytest.raises(TypeError, match="cannot apply AreaFounded"):
        evolve(STREET, found()[0])


# Cycles


@pytest.mark.parametrize("parent", [NORTH, STREET, BLOCK])
def test_move_into_itself_is_refused(parent: Area) -> None:
    with pytest.raises(
        AreaCycle, match=r"^area north cannot move into itself on 2025-09-01; choose a parent outside it$"
    ):
        move(NORTH, parent.id)


def test_move_into_what_lies_in_it_only_later_is_refused() -> None:
    """South moves into the street in 2027, so from then on the street cannot lie in south, whatever 2026 says."""
    later = moved(SOUTH, STREET.id, date(2027, 1, 1), NETWORK)

    with pytest.raises(AreaCycle, match="on 2027-01-01"):
        move(STREET, SOUTH.id, REFORM, later)


def test_cycle_is_reported_with_its_first_day() -> None:
    """The sentence is the same in every run, so the days are looked at in order."""
    later = NETWORK
    for number, parent in enumerate([STREET.id, CITY.id, BLOCK.id, CITY.id, STREET.id]):
        later = moved(SOUTH, parent, date(2027 + number, 1, 1), later)

    with pytest.raises(AreaCycle, match="on 2027-01-01"):
        move(STREET, SOUTH.id, REFORM, later)


def test_move_to_the_top_is_no_cycle() -> None:
    assert [event.parent for event in move(NORTH, None)] == [None]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 5)), max_size=12))
def test_no_sequence_of_moves_makes_a_cycle_on_any_day(moves: list[tuple[int, int, int]]) -> None:
    areas = tuple(NETWORK)
    network = dict(NETWORK)
    for who, where, month in moves:
        try:
            network = moved(network[areas[who]], areas[where], date(2025, 1 + month, 1), network)
        except AreaCycle:
            continue

    for month in range(6):
        for start in areas:
            path = path_on(network, start, date(2025, 1 + month, 15))
            assert parent_on(network[path[-1]], date(2025, 1 + month, 15)) is None


# Mergers


def test_merger_takes_what_lies_in_the_area_along() -> None:
    events = merge_area(NORTH, STAMP, into=SOUTH, on=REFORM, why=WHY, network=NETWORK)
    network = applied(NETWORK, events)

    assert events == (
        AreaMoved(**place(2, STREET.id), parent=SOUTH.id, on=REFORM, why=WHY),
        AreaMerged(**place(2, NORTH.id), into=SOUTH.id, on=REFORM, why=WHY),
    )
    assert (network[NORTH.id].ended, network[NORTH.id].merged_into) == (REFORM, SOUTH.id)
    assert inside_on(network, [SOUTH.id], REFORM) == {SOUTH.id, STREET.id, BLOCK.id}


def test_merger_leaves_the_days_before_it_alone() -> None:
    network = applied(NETWORK, merge_area(NORTH, STAMP, into=SOUTH, on=REFORM, why=WHY, network=NETWORK))

    assert path_on(network, BLOCK.id, EVE) == (BLOCK.id, STREET.id, NORTH.id, CITY.id)
    assert path_on(network, BLOCK.id, REFORM) == (BLOCK.id, STREET.id, SOUTH.id, CITY.id)


def test_merging_twice_is_refused() -> None:
    network = applied(NETWORK, merge_area(NORTH, STAMP, into=SOUTH, on=REFORM, why=WHY, network=NETWORK))

    with pytest.raises(AreaEnded, match="area north ended on 2025-09-01"):
        merge_area(network[NORTH.id], STAMP, into=SOUTH, on=REFORM, why=WHY, network=network)


def test_merger_into_an_area_that_has_ended_is_refused() -> None:
    with pytest.raises(AreaEnded, match="area south ended"):
        merge_area(NORTH, STAMP, into=replace(SOUTH, ended=REFORM), on=REFORM, why=WHY, network=NETWORK)


@pytest.mark.parametrize("into", [NORTH, BLOCK])
def test_merger_into_what_lies_in_the_area_is_refused(into: Area) -> None:
    with pytest.raises(AreaCycle, match=f"^area north cannot merge into {into.key}, which lies in it"):
        merge_area(NORTH, STAMP, into=into, on=REFORM, why=WHY, network=NETWORK)


def test_two_areas_cannot_be_merged_into_each_other() -> None:
    """A retroactive merger the other way round would leave nobody to answer for either."""
    network = applied(NETWORK, merge_area(NORTH, STAMP, into=SOUTH, on=REFORM, why=WHY, network=NETWORK))

    with pytest.raises(AreaCycle, match="area south cannot merge into north, which was merged into it"):
        merge_area(network[SOUTH.id], STAMP, into=network[NORTH.id], on=EVE, why=WHY, network=network)


def test_successor_is_found_through_several_mergers() -> None:
    network = applied(NETWORK, merge_area(NORTH, STAMP, into=SOUTH, on=REFORM, why=WHY, network=NETWORK))
    later = date(2026, 1, 1)
    new = area("new", parent=CITY.id, level="district", on=REFORM)
    network |= networked(new)
    network = applied(
        network, merge_area(network[SOUTH.id], STAMP, into=new, on=later, why=WHY, network=network)
    )

    days = (EVE, REFORM, later - timedelta(days=1), later)
    assert [successor_on(network, NORTH.id, day) for day in days] == [NORTH.id, SOUTH.id, SOUTH.id, new.id]


def test_successor_of_an_area_that_stands_or_was_dissolved_is_itself() -> None:
    dissolved = replace(BLOCK, ended=REFORM)

    assert successor_on(networked(dissolved), BLOCK.id, REFORM) == BLOCK.id
    assert successor_on(NETWORK, CITY.id, REFORM) == CITY.id


# Dissolving


def test_dissolving_an_area_that_holds_others_is_refused() -> None:
    with pytest.raises(
        AreaInUse,
        match=r"^area north still holds 1 areas on 2025-09-01, first river-street; move them away first$",
    ):
        dissolve_area(NORTH, STAMP, on=REFORM, why=WHY, network=NETWORK)


def test_area_may_be_dissolved_once_it_is_empty() -> None:
    network = moved(STREET, SOUTH.id, REFORM, NETWORK)

    assert dissolve_area(network[NORTH.id], STAMP, on=REFORM, why=WHY, network=network)


@pytest.mark.parametrize("end", ["merge", "dissolve"])
def test_end_before_a_day_on_which_another_area_comes_in_is_refused(end: str) -> None:
    """Otherwise that area would lie in one that is gone."""
    network = moved(STREET, SOUTH.id, REFORM, NETWORK)
    network = moved(STREET, NORTH.id, date(2027, 1, 1), network)
    ends: dict[str, Callable[[Mapping[UUID, Area]], object]] = {
        "merge": lambda known: merge_area(
            known[NORTH.id], STAMP, into=SOUTH, on=REFORM, why=WHY, network=known
        ),
        "dissolve": lambda known: dissolve_area(known[NORTH.id], STAMP, on=REFORM, why=WHY, network=known),
    }

    with pytest.raises(
        AreaInUse,
        match=r"^area river-street comes into north on 2027-01-01, after 2025-09-01; move it elsewhere first$",
    ):
        ends[end](network)


# Questions


def test_name_is_given_in_the_language_asked_for_else_in_the_main_one() -> None:
    named = replace(STREET, names=(Since(FOUNDED, (("zh", "河街"), ("en", "River Street"))),))

    assert [name_on(named, REFORM, tongue) for tongue in (None, "en", "fr")] == [
        "河街",
        "River Street",
        "河街",
    ]


def test_name_before_the_founding_is_the_first_one() -> None:
    assert name_on(STREET, date(1990, 1, 1)) == "River Street"


def test_path_ends_where_the_network_does() -> None:
    assert path_on(networked(BLOCK, STREET), BLOCK.id, REFORM) == (BLOCK.id, STREET.id)
    assert path_on(NETWORK, None, REFORM) == ()
    assert path_on({}, BLOCK.id, REFORM) == ()


def test_ancestor_of_a_level_depends_on_the_day() -> None:
    network = moved(STREET, SOUTH.id, REFORM, NETWORK)

    found = [ancestor_on(network, BLOCK.id, "district", day) for day in (EVE, REFORM)]
    assert [one.key if one else None for one in found] == ["north", "south"]


def test_area_is_its_own_ancestor_and_an_absent_level_has_none() -> None:
    assert ancestor_on(NETWORK, NORTH.id, "district", REFORM) == NORTH
    assert ancestor_on(NETWORK, NORTH.id, "village", REFORM) is None


def test_children_are_those_of_the_day_in_order_of_key() -> None:
    young = area("alley", parent=NORTH.id, on=REFORM)
    network = NETWORK | networked(young)

    assert [[one.key for one in children_on(network, NORTH.id, day)] for day in (EVE, REFORM)] == [
        ["river-street"],
        ["alley", "river-street"],
    ]
    assert [one.key for one in children_on(network, None, EVE)] == ["city"]


def test_inside_are_roots_and_all_below_them_on_the_day() -> None:
    network = moved(STREET, SOUTH.id, REFORM, NETWORK)

    assert inside_on(network, [NORTH.id], EVE) == {NORTH.id, STREET.id, BLOCK.id}
    assert inside_on(network, [NORTH.id], REFORM) == {NORTH.id}
    assert inside_on(network, [NORTH.id, SOUTH.id], REFORM) == {NORTH.id, SOUTH.id, STREET.id, BLOCK.id}


def test_inside_leaves_out_what_has_ended() -> None:
    network = applied(NETWORK, dissolve_area(BLOCK, STAMP, on=REFORM, why=WHY, network=NETWORK))

    assert inside_on(network, [STREET.id], REFORM) == {STREET.id}


def test_old_answers_stay_when_the_network_is_reorganised() -> None:
    before = {day: inside_on(NETWORK, [NORTH.id], day) for day in (FOUNDED, EVE)}
    network = applied(NETWORK, merge_area(NORTH, STAMP, into=SOUTH, on=REFORM, why=WHY, network=NETWORK))
    network = applied(
        network, rename_area(network[SOUTH.id], STAMP, names=(("en", "Rivers"),), on=REFORM, why=WHY)
    )

    assert {day: inside_on(network, [NORTH.id], day) for day in (FOUNDED, EVE)} == before
    assert name_on(network[SOUTH.id], EVE) == "South"
