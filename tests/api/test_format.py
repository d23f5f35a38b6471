"""Real documents, as the commands write them, are of the published format."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs

from tests.api.conftest import ROOT, Run


def test_documents_of_the_sample_are_as_the_schemas_say_and_keep_every_rule(
    released: Run, tmp_path: Path
) -> None:
    released("lyceum export plan --area town --week 2026-W49 --out proof")

    ran = released("lyceum check-plan proof/problem.json proof/plan.json")

    assert ran.code == 0
    assert ran.out.startswith("The plan keeps every hard rule; it places ")
    for kind in ("problem", "plan"):
        schema = json.loads((ROOT / "docs" / f"{kind}.schema.json").read_text(encoding="utf-8"))
        document = json.loads((tmp_path / "proof" / f"{kind}.json").read_text(encoding="utf-8"))
        errors = jsonschema_rs.Draft202012Validator(schema).iter_errors(document)
        assert [str(error) for error in errors] == []
