"""The interface keeps to its own description: a smaller dose of the fuzz."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from bench.torture_fuzz import fill, fuzz, judged
from bench.torture_servers import Nursery
from tests.adapters.town import town
from tests.api.http.conftest import served, someone

SEED = 4


def test_no_answer_is_a_mistake_or_one_that_is_not_described(tmp_path: Path, born: Nursery) -> None:
    url = f"sqlite:///{tmp_path / 'lyceum.db'}"
    fill(url)
    found = fuzz(url, "administrator", examples=1, seed=SEED, phases="fuzzing,stateful", start=born.start)

    assert found.wrong == []
    assert found.operations > 100
    assert found.cases > found.operations


def test_read_that_rests_on_a_draft_describes_the_answer_without_one() -> None:
    with town("memory:") as lyceum, served(lyceum) as client:
        status = asked(lyceum, client, "/weeks/town/2026-W40/draft")
        described = client.get("/v1/openapi.json").json()["paths"]["/v1/weeks/{area}/{week}/draft"]["get"]

    assert str(status) in described["responses"]


def asked(lyceum: Lyceum, client: TestClient, path: str) -> int:
    return someone(lyceum, client, ("administrator", None)).get(path).status


def test_failures_of_the_report_are_told() -> None:
    report = {
        "failures": [{"title": "Server error", "operations": ["GET /v1/me"]}],
        "test_cases": {"generated": 3, "errored": 0},
        "operations": {"tested": 2},
        "complete": True,
        "stop_reason": "completed",
    }
    found = judged("nobody", report, 1, "all that was printed")

    assert (found.cases, found.operations) == (3, 2)
    assert found.wrong == ["Server error: GET /v1/me", "all that was printed"]
    assert judged("nobody", {**report, "failures": []}, 0, "").wrong == []
    assert judged("nobody", {**report, "failures": [], "complete": False}, 0, "").wrong
