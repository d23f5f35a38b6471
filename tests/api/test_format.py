"""Real documents, as the commands write them, are of the published format."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs

from tests.api.conftest import ROOT, Run
from tests.scheduler.cases import shared_verdict


def test_documents_of_the_sample_are_as_the_schemas_say_and_keep_every_rule(
    released: Run, tmp_path: Path
) -> None:
    released("lyceum export plan --area town --week 2026-W49 --out proof")

    ran = released("lyceum check-plan proof/problem.json proof/plan.json")

    assert ran.code == 0, ran.out
    assert ran.out.startswith("The plan keeps every hard rule; it places ")
    for kind in ("problem", "plan"):
        schema = json.loads((ROOT / "docs" / f"{kind}.schema.json").read_text(encoding="utf-8"))
        document = json.loads((tmp_path / "proof" / f"{kind}.json").read_text(encoding="utf-8"))
        errors = jsonschema_rs.Draft202012Validator(schema).iter_errors(document)
        assert [str(error) for error in errors] == []


def test_shared_checker_keeps_to_the_same_verdict_of_the_sample(released: Run, tmp_path: Path) -> None:
    released("lyceum export plan --area town --week 2026-W49 --out proof")
    week, made = (
        json.loads((tmp_path / "proof" / f"{kind}.json").read_text()) for kind in ("problem", "plan")
    )

    assert shared_verdict(tmp_path, week, made)[0] == []
    made["assignments"].pop()
    (tmp_path / "proof" / "plan.json").write_text(json.dumps(made))
    assert shared_verdict(tmp_path, week, made)[0] != []
    assert released("lyceum check-plan proof/problem.json proof/plan.json").code == 1
