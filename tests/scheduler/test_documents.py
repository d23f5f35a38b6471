"""Documents: what is read, with which defaults, and that a malformed one is refused with every error named."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.messages import Message, message
from scheduler import (
    GOALS,
    MalformedDocument,
    read_plan,
    read_problem,
    read_reasons,
    write_plan,
    write_windows,
)
from scheduler.documents import fields
from scheduler.documents.records import Plan
from tests.scheduler.cases import plan, problem, put, request, window


def errors_of(document: Any) -> tuple[str, ...]:
    with pytest.raises(MalformedDocument) as refused:
        read_problem(document)
    return refused.value.errors


def test_missing_keys_take_the_defaults_and_unknown_keys_are_ignored() -> None:
    read = read_problem(problem(request("a"), weather="fine"))

    assert (read.grid_min, read.travel_kmh, read.goals, read.pins, read.previous) == (30, 15, GOALS, (), ())
    one = read.requests[0]
    assert (one.priority, one.sessions, one.leads, one.assistants, one.max_sessions_per_day) == (
        1,
        1,
        1,
        0,
        1,
    )
    assert (one.same_leads, one.partial, one.minors, one.max_travel_km) == (True, False, False, None)
    assert read.volunteers[0].roles == {"lead", "assistant"}
    assert read.venues[0].rooms[0].functions is None


def test_every_error_is_named_with_its_path() -> None:
    document = problem(
        request("a", learners=0, acceptable=[window("10:00", "10:00"), window("9:00", "25:00")]),
        week="2026-W54",
    )
    del document["timezone"]

    assert errors_of(document) == (
        "timezone: must be a string, is missing",
        'week: must be an ISO week such as 2026-W49, is "2026-W54"',
        "requests[0].learners: must be a whole number from 1 to 1000000000, is 0",
        "requests[0].acceptable[0]: a window must end after it starts",
        'requests[0].acceptable[1].start: must be a time from 00:00 to 23:59, is "9:00"',
        'requests[0].acceptable[1].end: must be a time from 00:00 to 24:00, is "25:00"',
    )


@pytest.mark.parametrize(
    ("patch", "error"),
    [
        ({"attic": {"id": "lab"}}, "rooms: 2 have the id 'lab'"),
        ({"ann": {"id": "bob"}}, "volunteers: 2 have the id 'bob'"),
        ({"left": {"part_of": "lab"}}, "venues[0].rooms[2].part_of: 'lab' is not a whole room of the same venue"),
        ({"hall": {"part_of": "attic"}}, "venues[0].rooms[2].part_of: 'hall' is not a whole room of the same venue"),
        ({"ann": {"roles": ["boss"]}}, 'volunteers[0].roles[0]: must be one of lead, assistant, is "boss"'),
        ({"ann": {"location": [91, 0]}},
         "volunteers[0].location: must be [latitude, longitude] in degrees, is a list"),
    ],
)  # fmt: skip
def test_things_that_do_not_belong_together_are_named(patch: dict[str, Any], error: str) -> None:
    assert error in errors_of(problem(request("a"), patch=patch))


@pytest.mark.parametrize(
    ("key", "value", "error"),
    [
        ("goals", ["served", "served"], "goals: must be a list of different goals, is a list"),
        (
            "goals",
            ["joy"],
            f'goals[0]: must be one of {", ".join(GOALS)}, is "joy"',
        ),
        ("grid_minutes", True, "grid_minutes: must be a whole number from 1 to 1000000000, is true"),
        ("travel_kmh", 0, "travel_kmh: must be a number above 0, is 0"),
        ("pins", [put("a", where="cellar", leads="zoe")], "pins[0].room: unknown id 'cellar'"),
        ("pins", [put("a", leads="zoe")], "pins[0].leads[0]: unknown id 'zoe'"),
        ("format", "problem/2", 'format: must be one of problem/1, is "problem/2"'),
        ("week", "2025-W53", 'week: must be an ISO week such as 2026-W49, is "2025-W53"'),
    ],
)
def test_a_wrong_value_is_named(key: str, value: Any, error: str) -> None:
    assert error in errors_of(problem(request("a"), **{key: value}))


def test_a_missing_key_is_named_as_the_document_calls_it() -> None:
    document = problem(request("a"), pins=[put("a")])
    del document["requests"][0]["duration_minutes"], document["pins"][0]["start"]

    assert errors_of(document) == (
        "requests[0].duration_minutes: must be a whole number from 1 to 1000000000, is missing",
        "pins[0].start: must be a time from 00:00 to 23:59, is missing",
    )


def test_a_key_that_is_no_text_is_refused() -> None:
    assert errors_of(problem(request("a") | {"\ud800": 1})) == (
        "requests[0]: holds a key that is no Unicode text",
    )


def test_a_number_stays_as_it_is_written() -> None:
    read = read_problem(problem(request("a", max_travel_km=5, location=[29, 105.5]), travel_kmh=12))

    assert repr((read.requests[0].max_travel_km, read.requests[0].location, read.travel_kmh)) == (
        "(5, (29, 105.5), 12)"
    )


def test_a_document_that_is_no_object_is_refused() -> None:
    assert errors_of([]) == ("document: must be an object, is a list",)


def test_last_week_may_name_what_is_no_longer_there() -> None:
    assert len(read_problem(problem(previous=[put("gone", where="cellar", leads="zoe")])).previous) == 1


def test_windows_that_touch_act_as_one_but_not_over_midnight() -> None:
    document = problem(
        request(
            "a", acceptable=[window("10:00", "24:00"), window("09:00", "10:00"), window("00:00", "02:00", 2)]
        )
    )

    windows = read_problem(document).requests[0].acceptable

    assert write_windows(windows) == [window("09:00", "24:00"), window("00:00", "02:00", 2)]


days = st.one_of(st.integers(0, 8), st.booleans(), st.sampled_from([1.0, "1", None, [1]]))
times: st.SearchStrategy[Any] = st.one_of(
    st.integers(0, 1441).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}"),
    st.sampled_from(["9:00", "25:00", "12:60", " 09:00", "09:00\n", "", None, 540, ["09:00"], {}]),
)


@given(
    st.one_of(
        st.fixed_dictionaries({}, optional={"day": days, "start": times, "end": times, "note": st.none()}),
        st.sampled_from([None, "09:00", [1, "09:00", "10:00"]]),
    )
)
@example({"day": True, "start": "09:00", "end": "10:00"})
@example({"day": 7, "start": "00:00", "end": "24:00"})
@example({"day": 7, "start": "24:00", "end": "24:00"})
def test_the_quick_way_to_read_a_window_takes_what_the_slow_one_takes(value: Any) -> None:
    quick = fields.plain_windows([value])
    try:
        slow = [
            fields.window_of(window) for window in TypeAdapter(fields.DAY_WINDOWS).validate_python([value])
        ]
    except ValidationError:
        slow = None

    assert quick == slow


def test_parts_that_were_read_before_are_recalled_and_wrong_ones_are_named_each_time() -> None:
    held: dict[int, Any] = {}
    asked: list[Any] = []

    def recall(part: Any, read: Callable[[], Any]) -> Any:
        asked.append(part)
        if id(part) not in held:
            held[id(part)] = read()
        return held[id(part)]

    document = problem(request("a"), request("b"), previous=[put("a")])
    first, second = (read_problem(document, recall=recall) for _ in range(2))

    assert first == second == read_problem(document)
    assert all(one is other for one, other in zip(first.requests, second.requests, strict=True))
    parts = ("venues", "volunteers", "requests", "previous")
    assert asked == [*(one for key in parts for one in document[key])] * 2
    wrong = {**document, "requests": [request("a"), {**request("c"), "learners": 0}]}
    for _ in range(2):
        with pytest.raises(MalformedDocument, match=r"requests\[1\].learners"):
            read_problem(wrong, recall=recall)


def test_a_plan_written_and_read_again_is_the_same() -> None:
    read = read_problem(problem(request("a")))
    made = plan(
        put("a", assistants=[]),
        goals={"served": {"value": 600, "bound": None}},
        unserved=[{"request": "a", "reasons": ["so"]}],
    )

    again = write_plan(read_plan(made, read), note="ours")

    assert again == made | {"note": "ours"}


def test_a_plan_without_its_keys_is_refused() -> None:
    with pytest.raises(MalformedDocument) as refused:
        read_plan({"status": "feasible"}, read_problem(problem(request("a"))))

    assert refused.value.errors == (
        "format: must be one of plan/1, is missing",
        "problem: must be a string, is missing",
        "goals: must be an object, is missing",
        "assignments: must be a list, is missing",
        "unserved: must be a list, is missing",
    )


def test_a_plan_for_another_problem_or_of_strangers_is_refused() -> None:
    read = read_problem(problem(request("a")))

    with pytest.raises(MalformedDocument) as refused:
        read_plan(plan(put("a", leads="zoe"), problem="other", unserved=[{"request": "b"}]), read)

    assert refused.value.errors == (
        "problem: is 'other', not 'small'",
        "assignments[0].leads[0]: unknown id 'zoe'",
        "unserved[0].request: unknown id 'b'",
    )


def test_what_is_wrong_between_two_places_is_named_beside_what_is_wrong_at_a_third() -> None:
    document = problem(
        request("a", learners=-1), request("a"), patch={"left": {"part_of": "lab"}}, pins=[put("a", where="cellar")],
        goals=["served", "served", "fame"],
    )  # fmt: skip

    with pytest.raises(MalformedDocument) as refused:
        read_problem(document)

    said = "\n".join(refused.value.errors)
    for part in (
        "requests[0].learners", "requests: 2 have the id 'a'", "venues[0].rooms[2].part_of: 'lab'",
        "pins[0].room: unknown id 'cellar'", "goals: must be a list of different goals", "goals[2]",
    ):  # fmt: skip
        assert part in said, said


@pytest.mark.parametrize(
    "wrong", [None, 3, "venues", [], {"venues": 1}, {"venues": [7, {"rooms": {}}], "pins": [1]}]
)
def test_a_document_of_any_shape_is_refused_in_words(wrong: Any) -> None:
    with pytest.raises(MalformedDocument) as refused:
        read_problem(wrong)

    assert refused.value.errors


def test_reasons_of_a_plan_keep_their_messages() -> None:
    reason = message("no room has {learners} places", learners=40)

    (unserved,) = write_plan(Plan("town", "feasible", {}, (), {"r-1": (reason, "as it is")}))["unserved"]

    assert unserved["reasons"] == ["no room has 40 places", "as it is"]
    read = tuple(read_reasons(json.loads(json.dumps(unserved))))
    assert read == (reason, "as it is")
    assert isinstance(read[0], Message)
    assert tuple(read_reasons({"request": "r-1", "reasons": ["old"]})) == ("old",)
