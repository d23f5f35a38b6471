"""Day types: what tables say of dates, and how sure that is."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.day_types import (
    DayKind,
    DaysTyped,
    DayTwice,
    DayTypes,
    NothingSaid,
    ProvisionalOverOfficial,
    SourceMissing,
    TableStatus,
    TypedDay,
    day_types_id,
    evolve,
    kind_on,
    type_days,
    weeks_touched,
)
from domain.events import EventMetadata

STAMP = EventMetadata(at=datetime(2026, 11, 20, 9, tzinfo=UTC), by="coordinator-1")
NOTICE = "State Council notice for 2026"

NEW_YEAR = TypedDay(date(2026, 1, 1), "holiday", "New Year's Day")
MAKE_UP = TypedDay(date(2026, 1, 4), "makeup_workday")
BREAK = TypedDay(date(2026, 1, 26), None, "winter break", school=False)

TABLES = st.lists(
    st.builds(
        TypedDay,
        st.integers(0, 20).map(lambda n: date(2026, 1, 1) + timedelta(days=n)),
        st.sampled_from(["workday", "weekend", "holiday", "makeup_workday"]),
        st.sampled_from(["", "festival"]),
        st.sampled_from([None, True, False]),
    ),
    unique_by=lambda typed: typed.day,
)


def read(
    types: DayTypes | None, days: Iterable[TypedDay], status: TableStatus = "official", source: str = NOTICE
) -> tuple[DaysTyped, ...]:
    return type_days(types, STAMP, "CN", days, status=status, source=source)


def known(*tables: tuple[list[TypedDay], TableStatus]) -> DayTypes | None:
    types = None
    for days, status in tables:
        for event in read(types, days, status):
            types = evolve(types, event)
    return types


def test_a_table_becomes_one_event_with_its_days_in_order() -> None:
    (event,) = read(None, [MAKE_UP, NEW_YEAR])

    assert event == DaysTyped(
        originator_id=day_types_id("CN"),
        originator_version=1,
        at=STAMP.at,
        by=STAMP.by,
        key="CN",
        days=(NEW_YEAR, MAKE_UP),
        status="official",
        source=NOTICE,
    )


@given(TABLES)
def test_reading_a_table_twice_changes_nothing(days: list[TypedDay]) -> None:
    types = known((days, "official"))

    assert read(types, days) == ()


@given(TABLES, TABLES)
def test_tables_read_again_in_turn_come_to_rest_where_kinds_agree(
    one: list[TypedDay], other: list[TypedDay]
) -> None:
    taken = {typed.day for typed in one}
    apart = [typed for typed in other if typed.day not in taken]

    types = known((one, "official"), (apart, "official"))

    assert read(types, one) == ()
    assert read(types, apart) == ()


def test_a_later_notice_carries_only_the_days_it_changes() -> None:
    types = known(([NEW_YEAR, MAKE_UP], "official"))

    (event,) = read(types, [NEW_YEAR, TypedDay(date(2026, 1, 4), "weekend")])

    assert [typed.day for typed in event.days] == [date(2026, 1, 4)]
    assert event.originator_version == 2
    assert weeks_touched(event) == ("2026-W01",)


def test_a_known_day_has_its_kind_name_and_status() -> None:
    types = known(([NEW_YEAR], "official"))

    assert kind_on(types, date(2026, 1, 1)) == DayKind("holiday", "New Year's Day", "official")


@pytest.mark.parametrize(("day", "kind"), [(date(2026, 1, 2), "workday"), (date(2026, 1, 3), "weekend")])
def test_an_unknown_day_has_its_weekdays_kind_and_says_so(day: date, kind: str) -> None:
    types = known(([NEW_YEAR], "official"))

    assert (kind_on(types, day).kind, kind_on(types, day).status) == (kind, "unknown")
    assert kind_on(None, day) == kind_on(types, day)


def test_school_is_known_apart_from_work() -> None:
    types = known(([BREAK], "provisional"))

    found = kind_on(types, BREAK.day)

    assert found == DayKind("workday", "", "unknown", False, "winter break", "provisional")
    assert found.names == {"workday", "school_break"}


def test_a_school_calendar_leaves_the_holidays_alone() -> None:
    types = known(
        ([NEW_YEAR], "official"), ([TypedDay(NEW_YEAR.day, None, "winter break", school=False)], "official")
    )

    assert kind_on(types, NEW_YEAR.day).names == {"holiday", "school_break"}
    assert kind_on(types, NEW_YEAR.day).name == "New Year's Day"


def test_an_official_table_settles_a_provisional_one() -> None:
    types = known(([NEW_YEAR], "provisional"))

    (event,) = read(types, [NEW_YEAR], "official")

    assert kind_on(evolve(types, event), NEW_YEAR.day).status == "official"


def test_a_provisional_table_may_repeat_an_official_one() -> None:
    types = known(([NEW_YEAR], "official"))

    assert read(types, [NEW_YEAR], "provisional") == ()


def test_a_provisional_table_may_not_contradict_an_official_one() -> None:
    types = known(([NEW_YEAR], "official"))

    with pytest.raises(ProvisionalOverOfficial, match=r"2026-01-01, officially holiday \(New Year's Day\)"):
        read(types, [TypedDay(NEW_YEAR.day, "workday")], "provisional")


def test_two_rows_for_one_day_are_refused() -> None:
    with pytest.raises(DayTwice, match="2026-01-01 is in the table twice"):
        read(None, [NEW_YEAR, TypedDay(NEW_YEAR.day, "workday")])


def test_a_row_that_says_nothing_is_refused() -> None:
    with pytest.raises(NothingSaid, match="2026-01-01"):
        read(None, [TypedDay(NEW_YEAR.day, None, "a name alone")])


def test_a_table_needs_its_source() -> None:
    with pytest.raises(SourceMissing, match="source"):
        read(None, [NEW_YEAR], source=" ")
