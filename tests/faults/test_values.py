"""Hostile values in fields and columns stop no question: a smaller dose of the torture."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.torture_servers import Nursery
from bench.torture_values import DATES, TEXTS, Subject, file_faults, torment, variants


@pytest.mark.parametrize(("subject", "every"), [("dates", 5), ("texts", 31)])
def test_no_value_stops_a_question(tmp_path: Path, born: Nursery, subject: Subject, every: int) -> None:
    url = f"sqlite:///{tmp_path / 'lyceum.db'}"
    result = torment(url, subject, every=every, tell=lambda _: None, start=born.start)

    assert result.wrong == []
    assert result.fields > 50
    assert result.answers[422] > 20


def test_each_field_of_a_form_takes_each_value() -> None:
    form = {
        "type": "object",
        "properties": {
            "on": {"type": "string", "format": "date"},
            "names": {"type": "array", "items": {"$ref": "#/components/schemas/Name"}},
            "kind": {"type": "string", "enum": ["school"]},
        },
    }
    name = {"type": "object", "properties": {"name": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}
    spec = {"components": {"schemas": {"Name": name}}}
    content = {
        "schema": form,
        "example": {"on": "2027-01-01", "names": [{"name": "River"}], "kind": "school"},
    }

    dates, texts = (list(variants(spec, content, subject)) for subject in ("dates", "texts"))

    assert [body["on"] for _, body in dates] == list(DATES)
    assert [body["names"][0]["name"] for _, body in texts] == list(TEXTS)
    assert {body["on"] for _, body in texts} == {"2027-01-01"}


@pytest.mark.parametrize(
    ("name", "body", "is_fault"),
    [
        ("a.csv", "title\nx;=cmd\n", True),
        ("a.csv", "title\n'=cmd\n-5\n", False),
        ("a.html", "<p><script>alert(1)</script></p>", True),
        ("a.html", "<p>&lt;script&gt;alert(1)</p>", False),
        ("a.html", "<p>over\u202eride</p>", True),
        ("a.txt", "=cmd", False),
    ],
)
def test_what_a_reader_would_take_for_something_else_is_a_fault(
    name: str, body: str, *, is_fault: bool
) -> None:
    assert bool(list(file_faults(name, body.encode()))) is is_fault
