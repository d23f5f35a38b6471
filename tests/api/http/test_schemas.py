"""The interface describes itself in full: every operation with its summary, examples and all of its errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient


@pytest.fixture
def document(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/v1/openapi.json").json()
    return found


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
