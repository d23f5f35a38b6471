"""Every command that a branch takes does the same inside as outside, and is refused in the same words."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from adapters.branches.branches import find_branch
from adapters.services.planning import Effort, plan_week
from api.http.framework.branch_commands import IN_BRANCHES
from api.http.framework.operations import COMMANDS
from tests.adapters.town import TOWN, WEEK, town
from tests.api.http.conftest import Person, served, someone
from tests.api.http.test_doors import SAMPLES

ALLOWED = sorted(name for name, one in COMMANDS.items() if one.may in IN_BRANCHES and not one.taken.media)
IF = f"/weeks/town/{WEEK}/branches/what-if"
PATH = SAMPLES | {"area": "hill", "kind": "topic"}


@pytest.fixture
def drafted(lyceum: Lyceum) -> Lyceum:
    plan_week(lyceum, TOWN, WEEK, effort=Effort(5, 1))
    return lyceum


@pytest.fixture
def described(client: TestClient) -> dict[str, tuple[str, Any]]:
    """The path and the example of each command."""
    paths = client.get("/v1/openapi.json").json()["paths"]
    return {
        item["post"]["operationId"]: (path, _example(item["post"]))
        for path, item in paths.items()
        if "post" in item
    }


def _example(operation: dict[str, Any]) -> Any:
    content = operation.get("requestBody", {}).get("content", {})
    return content.get("application/json", {}).get("example")


def _of_the_town(body: Any) -> Any:
    """An example that speaks of a request of the town."""
    if not isinstance(body, dict) or body.get("request") != "r-42":
        return body
    later = {"start_min": 5 * 1440 + 15 * 60} if "start_min" in body else {}
    return body | {"request": "r-phone"} | later


def _of_facts(answer: Any) -> Any:
    """An answer without the released sessions that it breaks, which a branch has not, and without instants."""
    return {name: value for name, value in answer.items() if name not in ("broken", "retitled", "renamings")}


def test_examples_of_all_commands_do_the_same_inside_and_outside(
    drafted: Lyceum, administrator: Person, described: dict[str, tuple[str, Any]]
) -> None:
    refused, wrong = 0, []
    for operation in ALLOWED:
        path, body = described[operation]
        body = _of_the_town(body)
        samples = PATH | ({"area": "town"} if "{week}" in path else {})
        named = {name: samples[name] for name in re.findall(r"\{(\w+)\}", path)}
        administrator.post(IF.removesuffix("/what-if"), {"name": "what-if"})
        form = {"operation": operation, "path": named, "body": body}
        inside = administrator.post(f"{IF}/changes", form)
        with town("memory:") as other:
            plan_week(other, TOWN, WEEK, effort=Effort(5, 1))
            with served(other) as there:
                plain = someone(other, there, ("administrator", None))
                outside = plain.post(path.removeprefix("/v1").format(**named), body)
        if outside.status in (200, 201):
            alike = inside.status == 200 and _of_facts(inside.body["answer"]) == _of_facts(outside.body)
            alike = alike and all(
                one.commands for one in find_branch(drafted.store, TOWN, WEEK, "what-if").changes
            )
        else:
            refused += 1
            alike = inside.problem == outside.problem and inside.body["detail"] == outside.body["detail"]
        if not alike:
            wrong.append((operation, inside.body, outside.body))
        administrator.post(f"{IF}/drop")

    assert wrong == []
    assert refused < len(ALLOWED) / 3
