"""The interface describes itself in full: every operation with its summary, examples and all of its errors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.http.framework import openapi
from api.http.server import create_app
from api.http.settings import Settings


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    with TestClient(create_app(Settings("memory:"))) as client:
        found: dict[str, Any] = client.get("/v1/openapi.json").json()
        return found


def test_nobody_waits_while_the_description_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go = Event(), Event()
    made: list[str] = []

    def slow(_: object) -> dict[str, Any]:
        begun.set()
        go.wait(5)
        made.append("made")
        return {"openapi": "3.2.0"}

    monkeypatch.setattr(openapi, "document", slow)
    with TestClient(create_app(Settings("memory:"))) as client, ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(client.get, "/v1/openapi.json") for _ in range(2)]
        assert begun.wait(5)
        assert client.get("/health/live").status_code == 200
        assert made == []
        go.set()
        assert [one.result().json() for one in asked] == [{"openapi": "3.2.0"}] * 2

    assert made == ["made"]


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    if isinstance(node, list):
        for one in node:
            yield from references(one)


def test_document_is_openapi_3_1_and_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    for reference in set(references(document)):
        where: Any = document
        for step in reference.removeprefix("#/").split("/"):
            where = where[step]
        assert where


def test_document_says_where_it_is_served_and_what_its_headings_mean(document: dict[str, Any]) -> None:
    used = {tag for _, _, operation in operations(document) for tag in operation["tags"]}

    assert [one["url"] for one in document["servers"]] == ["/"]
    assert {one["name"] for one in document["tags"]} == used
    assert all(one["description"] for one in document["tags"])


def test_document_has_no_word_of_a_later_openapi(document: dict[str, Any]) -> None:
    assert "itemSchema" not in json.dumps(document)


def test_names_of_schemas_are_names_that_a_client_can_use(document: dict[str, Any]) -> None:
    assert [name for name in document["components"]["schemas"] if not name.isalnum()] == []


def test_operations_have_summaries_ids_and_the_errors_that_may_come(document: dict[str, Any]) -> None:
    found = list(operations(document))
    ids = [operation["operationId"] for _, _, operation in found]

    assert len(found) > 5
    assert len(set(ids)) == len(ids)
    for path, method, operation in found:
        told = set(operation["responses"])
        asked = {"401", "403", "404", "422", "429"}
        is_stream = "text/event-stream" in operation["responses"].get("200", {}).get("content", {})
        known_already = {"204"} if is_stream else {"304"}
        asked |= {"409", "412", "413", "415"} if method == "post" else known_already
        assert operation["summary"]
        assert asked <= told, (method, path)
        assert any(status.startswith("2") for status in told)


def test_every_operation_has_examples(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        bodies = [operation["requestBody"]] if "requestBody" in operation else []
        answers = [body for status, body in operation["responses"].items() if status.startswith("2")]
        for body in (*bodies, *answers):
            for content in body.get("content", {}).values():
                assert "example" in content, (method, path)


def test_errors_are_problem_documents(document: dict[str, Any]) -> None:
    for name, answer in document["components"]["responses"].items():
        (media,) = answer["content"]
        assert media == "application/problem+json"
        assert answer["content"][media]["example"]["status"] == int(name)


def resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    for step in node.get("$ref", "#").removeprefix("#").split("/")[1:]:
        document = document[step]
    return document if "$ref" in node else node


def gaps(document: dict[str, Any], method: str, operation: dict[str, Any]) -> Iterator[str]:
    """What an operation leaves unsaid."""
    for name in ("summary", "description", "operationId", "tags", "responses"):
        if not operation.get(name):
            yield f"no {name}"
    for parameter in (resolved(document, one) for one in operation.get("parameters", ())):
        for name in ("description", "schema", "example"):
            if parameter.get(name) in (None, "", {}):
                yield f"parameter {parameter['name']} without {name}"
    contents = [("body", "", operation.get("requestBody", {}))]
    contents += [
        ("answer", status, resolved(document, one)) for status, one in operation["responses"].items()
    ]
    for what, status, one in contents:
        if what == "answer" and not one.get("description"):
            yield f"{status} without description"
        if status.startswith(("4", "5")) and set(one.get("content", {})) != {"application/problem+json"}:
            yield f"{status} is no problem document"
        for media, content in one.get("content", {}).items():
            if "example" not in content or not content.get("schema"):
                yield f"{what} {status} {media} without example or schema"
    if method not in ("get", "head") and not set(operation["responses"]) >= {"409", "412", "413", "415"}:
        yield "a command without its errors"


def test_every_operation_is_described_in_full(document: dict[str, Any]) -> None:
    unsaid = [
        f"{method} {path}: {gap}"
        for path, method, operation in operations(document)
        for gap in gaps(document, method, operation)
    ]

    assert unsaid == []


def test_errors_are_those_that_may_come_and_no_server_error_but_503(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        told = {status for status in operation["responses"] if status >= "400"}

        assert told >= {"401", "403", "404", "422", "429", "503"}, (method, path)
        assert {status for status in told if status >= "500"} == {"503"}, (method, path)


def test_examples_of_parameters_fit_their_schemas(document: dict[str, Any]) -> None:
    wrong = [
        (path, parameter["name"], parameter["example"])
        for path, _, operation in operations(document)
        for parameter in operation.get("parameters", ())
        if not fits(parameter["example"], parameter["schema"])
    ]

    assert wrong == []


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """Whether a plain value is what a schema of a parameter allows."""
    if "anyOf" in schema:
        return any(fits(value, one) for one in schema["anyOf"])
    kinds: dict[str, tuple[type, ...]] = {
        "string": (str,), "integer": (int,), "boolean": (bool,), "number": (int, float), "array": (list,)
    }  # fmt: skip
    return (
        isinstance(value, kinds.get(schema.get("type", ""), ()))
        and value in schema.get("enum", [value])
        and (not isinstance(value, str) or re.search(schema.get("pattern", ""), value) is not None)
        and (not isinstance(value, str) or len(value) <= schema.get("maxLength", len(value)))
        and (
            not isinstance(value, int)
            or schema.get("minimum", value) <= value <= schema.get("maximum", value)
        )
    )
