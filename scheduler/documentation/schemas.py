"""JSON Schemas (draft 2020-12) of the planning documents."""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from scheduler.documents.codec import PlanDocument, ProblemDocument, adapter
from scheduler.documents.fields import MISSING

KINDS = {"problem": ProblemDocument, "plan": PlanDocument}


class _Schemas(GenerateJsonSchema):
    """Pydantic's, where a key whose absence is refused in our words is a required one, and a set has an order."""

    def field_is_required(self, field: Any, total: bool) -> bool:
        return field["schema"].get("default", None) is MISSING or super().field_is_required(field, total)

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the signature is pydantic's
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if schema.get("default") is MISSING:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def encode_default(self, dft: Any) -> Any:
        return sorted(dft) if isinstance(dft, frozenset) else super().encode_default(dft)


def json_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of a kind of document, `problem` or `plan`.

    It says which keys there are, which are required, their types, ranges and defaults. What holds between two places
    of a document, such as ids that are known, is for `lyceum check` and `lyceum check-plan`.
    """
    schema = adapter(KINDS[kind]).json_schema(schema_generator=_Schemas)
    return {"$schema": _Schemas.schema_dialect, **schema, "title": f"{kind}/1"}


def written(kind: str) -> str:
    """The JSON schema of a kind of document, as the text of a file."""
    return json.dumps(json_schema(kind), ensure_ascii=False, indent=2) + "\n"
