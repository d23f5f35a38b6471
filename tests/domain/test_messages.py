"""Messages: English as it was, with the template and the values beside it."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from domain.messages import Message, alike, beside, document, message, message_of, plural, read_message
from domain.refusal import Refused

VENUE = UUID("00000000-0000-0000-0000-000000000001")


def test_message_reads_as_its_sentence_and_keeps_template_and_values() -> None:
    sentence = message(
        "there is no {what} {key!r} on {day}", what=message("venue"), key="it's", day=date(2026, 12, 1)
    )

    assert sentence == 'there is no venue "it\'s" on 2026-12-01'
    assert sentence.id == "there is no {what} {key!r} on {day}"
    assert sentence.values["day"] == date(2026, 12, 1)


def test_braces_of_a_template_are_doubled_whether_or_not_it_has_values() -> None:
    assert message("write {{}} or {what}", what="{a}") == "write {} or {a}"
    assert message("write {{}}") == "write {}"


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("{names}", {"names": ["a", "b"]}, "a, b"),
        ("{names:; }", {"names": ("a", message("b"))}, "a; b"),
        ("{count:,} of {share:.1f}", {"count": 1234, "share": 0.25}, "1,234 of 0.2"),
        ("{id}", {"id": VENUE}, str(VENUE)),
        ("{names!r}", {"names": (1, 2)}, "(1, 2)"),
    ],
)
def test_values_are_written_as_english_writes_them(
    template: str, values: dict[str, object], text: str
) -> None:
    assert message(template, **values) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 sessions in W1"), (1, "1 session in W1"), (2, "2 sessions in W1")]
)
def test_plural_follows_its_count(count: int, text: str) -> None:
    assert plural("{count} session in {week}", "{count} sessions in {week}", count=count, week="W1") == text


def test_exception_keeps_its_message_and_gives_it_on() -> None:
    sentence = message("{week} is over", week="W1")

    error = pickle.loads(pickle.dumps(Refused(sentence)))
    passed_on = Refused(str(error))

    assert isinstance(passed_on.args[0], Message)
    assert passed_on.args[0].values == {"week": "W1"}
    assert str(passed_on) == "W1 is over"


def test_copies_are_messages_with_the_same_values() -> None:
    sentence = plural("{count} day", "{count} days", count=2)

    for copied in (copy.copy(sentence), copy.deepcopy(sentence), pickle.loads(pickle.dumps(sentence))):
        assert (copied, copied.id, copied.plural, copied.values) == (
            "2 days",
            "{count} day",
            "{count} days",
            {"count": 2},
        )


def test_what_is_joined_from_messages_is_a_plain_text() -> None:
    assert type(message("a") + message("b")) is str
    assert type(", ".join([message("a"), message("b")])) is str


def test_texts_of_a_message_are_changed_within_messages_and_lists_too() -> None:
    sentence = message(
        "{who} and {others}: {why}", who="a", others=["b", 3], why=message("{what} is away", what="c")
    )

    assert alike(sentence, str.upper) == "A and B, 3: C is away"
    assert alike("plain", str.upper) == "PLAIN"


def test_document_has_the_values_of_messages_within_and_dates_as_such() -> None:
    sentence = message("{a} {b} {c} {d}", a=1, b=date(2026, 12, 1), c=[message("x")], d="y")

    assert json.loads(json.dumps(document(sentence))) == {
        "id": "{a} {b} {c} {d}",
        "values": {"a": 1, "b": {"date": "2026-12-01"}, "c": [{"id": "x", "values": {}}], "d": "y"},
    }


def test_document_is_read_as_the_message_that_it_was() -> None:
    parts = plural("{count} room", "{count} rooms", count=2), date(2026, 12, 1)
    sentence = message("{parts} {at:%H:%M}", parts=parts, at=datetime(2026, 12, 1, 9, 30, tzinfo=UTC))

    read = read_message(json.loads(json.dumps(document(sentence))))

    assert read == sentence == "2 rooms, 2026-12-01 09:30"
    assert read is not None
    assert read.values == sentence.values


def test_messages_stand_beside_the_sentences_of_a_record() -> None:
    fields = {
        "rule": "open",
        "sentence": message("closed"),
        "price": message("free"),
        "reasons": [message("a"), "b"],
    }

    assert beside(fields) == {
        "message": {"id": "closed", "values": {}},
        "price_message": {"id": "free", "values": {}},
        "reasons_messages": [{"id": "a", "values": {}}, {"id": "{text}", "values": {"text": "b"}}],
    }


def test_text_without_a_translation_is_a_message_too() -> None:
    assert message_of("as it is {") == "as it is {"
    assert message_of(known := message("known")) is known
