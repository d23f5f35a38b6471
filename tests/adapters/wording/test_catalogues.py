"""Messages worded in each language, and rewording of what was written in English."""

from __future__ import annotations

import json
import string
from dataclasses import dataclass
from datetime import date

import pytest
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from pydantic import TypeAdapter

from adapters.wording.catalogues import (
    TEMPLATE,
    catalogue_file,
    read_catalogue,
    reworded,
    worded,
)
from adapters.wording.extraction import TRANSLATED, extracted, updated, written
from adapters.wording.languages import LANGUAGES, PSEUDO
from adapters.wording.records import WithMessages
from api.http.errors import ALL
from domain.messages import Message, beside, document, message, message_of, plural, read_message

AT_MOST = plural(
    "String should have at most {count} character", "String should have at most {count} characters", count=3
)


def entries(catalogue: Catalog) -> list[Entry]:
    return [entry for entry in catalogue if entry.id]


def texts(value: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ("",))


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


# ---- The files


def test_template_is_what_the_sources_say() -> None:
    assert TEMPLATE.read_bytes() == written(extracted()), "run `make messages`"


@pytest.mark.parametrize("language", TRANSLATED)
def test_catalogue_has_the_messages_of_the_template_and_no_others(language: str) -> None:
    assert catalogue_file(language).read_bytes() == written(updated(language, extracted())), (
        "run `make messages`"
    )


def test_files_hold_no_dates_and_no_lines() -> None:
    for file in (TEMPLATE, *map(catalogue_file, TRANSLATED)):
        text = file.read_text("utf-8")
        assert "Date:" not in text
        assert not any(line[-1].isdigit() for line in text.splitlines() if line.startswith("#:"))


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_untranslated_or_fuzzy(language: str) -> None:
    catalogue = read_catalogue(catalogue_file(language), language)

    assert [entry.id for entry in entries(catalogue) if entry.fuzzy or not all(texts(entry.string))] == []
    assert {len(texts(entry.string)) for entry in entries(catalogue) if entry.pluralizable} == {
        catalogue.num_plurals
    }


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_have_the_placeholders_of_their_message(language: str) -> None:
    """The number alone may be missing where a form of the plural says it in words."""
    wrong = []
    for entry in entries(read_catalogue(catalogue_file(language), language)):
        own = set().union(*map(placeholders, texts(entry.id)))
        optional = {"count"} if entry.pluralizable else set()
        wrong += [text for text in texts(entry.string) if not own - optional <= placeholders(text) <= own]

    assert wrong == []


# ---- Wording


def test_message_is_worded_and_a_text_stays() -> None:
    assert worded(message("Field required"), "es") == "Falta este campo"
    assert worded(message("Field required"), "zh") == "缺少此字段"
    assert worded("Field required", "zh") == "Field required"


def test_english_is_the_text_itself() -> None:
    assert worded(AT_MOST, "en") == "String should have at most 3 characters"


def test_what_nobody_translated_stays_english() -> None:
    assert worded(message("no such template {count}", count=1), "zh") == "no such template 1"


def test_values_are_written_as_the_language_writes_them() -> None:
    values = message(
        "{day} {count:,} {names} {parts:; } {word} {quoted!r}",
        day=date(2026, 12, 1), count=12345, names=["a", "b"], parts=("c", "d"), word=message("Field required"),
        quoted="q",
    )  # fmt: skip

    assert worded(values, "es") == "1 de diciembre de 2026 12.345 a, b c; d Falta este campo 'q'"
    assert worded(values, "zh") == "2026年12月1日 12,345 a、b c; d 缺少此字段 'q'"


def test_every_kind_of_problem_is_worded_in_each_language() -> None:
    for kind in ALL.values():
        for language in TRANSLATED:
            for text in (kind.title, kind.next):
                assert isinstance(text, Message), kind.name
                assert worded(text, language) != format(text) or not any(map(str.isalpha, text)), kind.name


def test_number_chooses_the_plural_of_the_language() -> None:
    one, many = (plural(AT_MOST.id, AT_MOST.plural, count=count) for count in (1, 2))

    assert worded(one, "es") != worded(many, "es").replace("2", "1")
    assert worded(one, "zh") == worded(many, "zh").replace("2", "1")


def test_pseudo_language_puts_every_template_between_brackets() -> None:
    outer = message("{who} is {state}", who="Li", state=message("away"))

    assert worded(outer, PSEUDO) == "⟦Li is ⟦away⟧⟧"
    assert worded(AT_MOST, PSEUDO) == "⟦String should have at most 3 characters⟧"


# ---- Documents


def test_message_is_read_from_its_document_as_it_was() -> None:
    sentence = message("{day}: {why}", day=date(2026, 12, 1), why=AT_MOST)

    read = read_message(json.loads(json.dumps(document(sentence))))

    assert read == sentence
    assert read is not None
    assert worded(read, "es") == worded(sentence, "es")


@pytest.mark.parametrize(
    "written", [None, "text", {}, {"id": 5}, {"id": "{a}", "values": {}}, {"id": "{", "values": {}}]
)
def test_what_is_no_message_is_not_read(written: object) -> None:
    assert read_message(written) is None


def test_sentences_are_reworded_wherever_their_messages_stand_beside_them() -> None:
    required = message("Field required")
    item = {"rule": "open", "sentence": required, "price": message_of("free"), "reasons": [required]}
    body = json.loads(json.dumps({"items": [{**item, **beside(item)}], "sentence": "of its own"}))

    (told,) = reworded(body, "es")["items"]

    assert (told["sentence"], told["price"], told["reasons"]) == (
        "Falta este campo",
        "free",
        ["Falta este campo"],
    )
    assert told["message"] == {"id": "Field required", "values": {}}
    assert reworded(body, "es")["sentence"] == "of its own"
    assert reworded(body, "en") == body


@dataclass(frozen=True, slots=True)
class _Told(WithMessages):
    rule: str
    sentence: str


def test_record_has_its_message_in_json_and_in_the_schema() -> None:
    adapter = TypeAdapter(tuple[_Told, ...])

    body = json.loads(
        adapter.dump_json((_Told("open", message("Field required")), _Told("open", "as it is")))
    )

    assert [told["message"] for told in body] == [
        {"id": "Field required", "values": {}},
        {"id": "{text}", "values": {"text": "as it is"}},
    ]
    schema = adapter.json_schema(mode="serialization")["$defs"]["_Told"]
    assert schema["required"] == ["rule", "sentence", "message"]
    assert "message" not in adapter.json_schema(mode="validation")["$defs"]["_Told"]["properties"]


def test_every_language_has_a_file_but_the_one_of_the_sources() -> None:
    assert set(LANGUAGES) == {"en", *TRANSLATED}
    assert all(entries(read_catalogue(catalogue_file(language), language)) for language in TRANSLATED)
