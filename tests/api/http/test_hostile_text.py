"""Every text of every form, found by walking the description: nothing unreadable is kept, no answer is a mistake."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from itertools import cycle
from typing import Any

from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from tests.api.http.conftest import Person
from tests.hostile import KINDS, REFUSED, kept_raw, raw, strings

Path = tuple[str | int, ...]


def texts(document: Any, schema: Any, path: Path = (), deep: int = 0) -> Iterator[Path]:
    """Where a body of a schema holds free text."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if deep > 8:
        return
    for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from texts(document, one, path, deep + 1)
    if schema.get("type") == "string" and "enum" not in schema and "const" not in schema:
        yield path
    for name, one in schema.get("properties", {}).items():
        yield from texts(document, one, (*path, name), deep + 1)
    if isinstance(schema.get("items"), dict):
        yield from texts(document, schema["items"], (*path, 0), deep + 1)


def with_text(body: Any, path: Path, text: str) -> Any:
    """The body with a text at a place, which is made where it is not there."""
    if not path:
        return text
    step, *rest = path
    if isinstance(step, int):
        items = list(body) if isinstance(body, list) and body else [None]
        return [with_text(items[0], tuple(rest), text), *items[1:]]
    fields = dict(body) if isinstance(body, dict) else {}
    return {**fields, step: with_text(fields.get(step), tuple(rest), text)}


def forms(document: Any) -> Iterator[tuple[str, Any, Path]]:
    for template, item in document["paths"].items():
        path = template
        body = item.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json")
        if body is None:
            continue
        for parameter in item["post"].get("parameters", ()):
            path = path.replace(f"{{{parameter.get('name')}}}", str(parameter.get("example")))
        for place in dict.fromkeys(texts(document, body["schema"])):
            yield path.removeprefix("/v1"), body.get("example"), place


def test_no_text_of_any_form_brings_in_what_nobody_can_read(
    lyceum: Lyceum, client: TestClient, administrator: Person
) -> None:
    """Each place of each form gets another kind of text in its turn."""
    asked = list(forms(client.get("/v1/openapi.json").json()))

    for (path, example, place), kind in zip(asked, cycle(KINDS), strict=False):
        answer = administrator.post(path, with_text(copy.deepcopy(example), place, KINDS[kind]))
        assert answer.status < 500, (path, place)
        assert not raw(json.dumps(answer.headers), "\n"), (path, place)
        if kind in REFUSED:
            assert answer.status >= 400, (path, place, kind)
            assert not [one for one in strings(answer.body) if raw(one)], (path, place)

    assert len(asked) > 100
    assert kept_raw(lyceum) == []


def test_half_a_character_is_refused_in_one_sentence(administrator: Person) -> None:
    body = (
        b'{"key": "x", "name": "Choir\\ud800", "kind": "school", "area": "river", "location": [29.4, 105.6]}'
    )
    answer = administrator.send("/venues", body, "application/json")

    assert answer.status == 422
    assert "name" in answer.body["detail"] or "body" in answer.body["detail"]


def test_what_is_refused_names_the_field_and_the_character(administrator: Person) -> None:
    answer = administrator.post(
        "/venues",
        {"key": "x", "name": "A\u202eB", "kind": "school", "area": "river", "location": [29.4, 105.6]},
    )

    assert (answer.status, answer.problem) == (422, "bad-text")
    assert answer.body["errors"][0]["field"] == "name"
    assert "U+202E (RIGHT-TO-LEFT OVERRIDE)" in answer.body["detail"]
