"""One rule for names, keys and sentences: what is tidied, what is refused, and that every event keeps to it."""

from __future__ import annotations

import unicodedata
from dataclasses import fields, is_dataclass
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.people.personal_records import PersonalRecord
from adapters.store.event_names import NAMES as EVENTS
from domain.events import Event
from domain.text import (
    KEY,
    NAME,
    OPTIONAL_NAME,
    SENTENCE,
    BadText,
    TextRule,
    checked,
    clean,
    escaped,
    one_line,
    shown,
    tidy,
)

REFUSED = ["\x00", "\x1b[31m", "\x7f", "\x9b", "\u202e", "\u2066", "\ud800", "\ufffe", "\U000e0041", "\ufff9"]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  Choir ", "Choir"),
        ("Choir\n(second floor)", "Choir (second floor)"),
        ("a \r\n\t b", "a b"),
        ("a\x0bb\u2028c\x85d", "a b c d"),
        ("cafe\u0301", "caf\u00e9"),
        ("a\u200bb\ufeff\u00ad", "ab"),
        ("co\x1fop\x1eerative\x07", "coop-erative"),
        ("a\u200db", "ab"),
        (
            "\u0645\u06cc\u200c\u062e\u0648",
            "\u0645\u06cc\u200c\u062e\u0648",
        ),  # Persian: a letter that does not join
        ("\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937"),  # Hindi: a half letter
        ("\U0001f469\u200d\U0001f3eb", "\U0001f469\u200d\U0001f3eb"),  # a teacher, of two pictures
        ("\u8fbb\U000e0100", "\u8fbb\U000e0100"),  # a Japanese name in its own form
        (
            "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e007f",
            "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e007f",
        ),
        ("Ink\u3000brush", "Ink\u3000brush"),
        ("=1+1", "=1+1"),
    ],
)
def test_what_is_never_meant_is_tidied_and_the_rest_stays(written: str, kept: str) -> None:
    assert checked(written, NAME) == kept


@pytest.mark.parametrize("bad", REFUSED)
def test_what_nobody_can_read_is_refused_without_being_repeated(bad: str) -> None:
    with pytest.raises(BadText, match=r"the name of venue school holds U\+[0-9A-F]{4,6} \(") as refused:
        checked(f"Choir{bad}x", NAME, "the name of venue school")

    assert str(refused.value).isprintable()


@pytest.mark.parametrize("blank", ["", " ", "\u3000", "\u200b", "\u0301", "\u2800", "\u3164"])
def test_blank_names_are_refused(blank: str) -> None:
    with pytest.raises(BadText, match="blank"):
        checked(blank, NAME)


@pytest.mark.parametrize("rule", [KEY, NAME, SENTENCE])
def test_texts_have_a_length(rule: TextRule) -> None:
    assert checked("x" * rule.longest, rule)
    for longer in (rule.longest + 1, 100_000):
        with pytest.raises(BadText, match=f"at most {rule.longest}"):
            checked("x" * longer, rule)


@pytest.mark.parametrize(
    "key", ["a/b", "a\\b", 'a"b', "a?b", "a#b", "=1", "-x", ".x", "12345678-1234-1234-1234-123456789abc"]
)
def test_keys_hold_nothing_that_an_address_or_a_file_means_otherwise(key: str) -> None:
    with pytest.raises(BadText):
        checked(key, KEY)


@pytest.mark.parametrize(
    "key", ["school", "\u8363\u660c\u533a", "cn-nbs:500153", "toronto-1-09:30", "V Two", "_x"]
)
def test_keys_may_be_of_any_script(key: str) -> None:
    assert checked(key, KEY) == key


@given(st.text(max_size=60))
def test_tidying_twice_is_tidying_once(text: str) -> None:
    once = tidy(text)

    assert tidy(once) == once
    assert unicodedata.is_normalized("NFC", once)


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_what_is_kept_has_no_line_and_no_control(text: str) -> None:
    try:
        kept = checked(text, OPTIONAL_NAME)
    except BadText:
        return
    assert len(kept.splitlines()) <= 1
    assert not any(unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") for one in kept)
    assert shown(kept) == kept


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_what_was_stored_before_is_shown_without_lines_and_controls(text: str) -> None:
    for told in (shown(text), one_line(text)):
        assert not any(unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") for one in told)
        assert len(told.splitlines()) <= 1
    assert not set(escaped(text)) & set("\x1b\x9b\u202e\r")


# ---- Every record


def texts(kind: Any, path: str) -> list[tuple[str, Any]]:
    """Each text of a type with its annotation, records inside included."""
    if kind is str or (get_origin(kind) is Annotated and get_args(kind)[0] is str):
        return [(path, kind)]
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind, include_extras=True)
        return [
            found for one in fields(kind) for found in texts(hints[one.name], f"{kind.__name__}.{one.name}")
        ]
    return [found for part in get_args(kind) for found in texts(part, path)]


OTHERWISE = {
    "AreaFounded.zone": "check_zone",
    "AreaLocated.zone": "check_zone",
    "Room.key": "checked where the room is opened: one from before there were rules stays",
    "RoleGrant.role": "one of the roles",
    "DayRule.day_types": "one of the day types",
    **dict.fromkeys(("Order.on_weeks", "Order.except_weeks", "Order.make_up_weeks"), "weeks"),
    **dict.fromkeys(
        ("Adjustment.why", "Adjustment.accepted", "Adjustment.by"), "of an earlier event, which was checked"
    ),
    **dict.fromkeys(("Origin.problem", "Origin.plan"), "a hash"),
    **dict.fromkeys(("Origin.engines", "Origin.status", "GoalValue.goal"), "written by the scheduler"),
}  # texts of events that other rules bound


@pytest.mark.parametrize("event", [*EVENTS, PersonalRecord], ids=lambda one: one.__name__)
def test_every_text_of_every_event_has_a_rule(event: type[Event]) -> None:
    without = [
        path
        for path, kind in texts(event, event.__name__)
        if not any(isinstance(one, TextRule) for one in getattr(kind, "__metadata__", ()))
        and path not in OTHERWISE
        and not path.endswith(".week")  # check_week
        and not path.endswith(".first_week")
    ]

    assert without == []


def test_records_are_cleaned_by_their_fields() -> None:
    person = PersonalRecord("  Wang\nLi ", phone="\u200b5")

    assert clean(person) == PersonalRecord("Wang Li", phone="5")
    with pytest.raises(BadText, match="the address of this person holds U"):
        clean(PersonalRecord("x", address="\u202e"), "this person")
