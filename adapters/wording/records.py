"""Records with sentences, whose JSON has the message beside each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, cast

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from domain.messages import document, message_key, message_of

MESSAGE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "The sentence beside it as a template in English, and its values.",
    "required": ["id", "values"],
    "properties": {
        "id": {"type": "string"},
        "plural": {"type": "string"},
        "values": {"type": "object", "additionalProperties": True},
    },
}
"""JSON Schema of a message."""


class WithMessages:
    """Base of a record (a dataclass) whose `sentences` name its fields with a sentence, or with a tuple of them."""

    __slots__ = ()
    sentences: ClassVar[tuple[str, ...]] = ("sentence",)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        written = core_schema.wrap_serializer_function_ser_schema(cls._written)
        return cast("CoreSchema", {**handler(source), "serialization": written})

    @classmethod
    def _written(cls, record: Any, write: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        fields = write(record)
        for name in cls.sentences:
            value = getattr(record, name)
            if isinstance(value, tuple):
                documents = [document(message_of(item)) for item in value]
                fields[message_key(name, several=True)] = documents
            else:
                fields[message_key(name)] = document(message_of(value))
        return fields

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        written = handler(schema)
        if handler.mode == "serialization":
            described = handler.resolve_ref_schema(written)
            for name in cls.sentences:
                several = described["properties"][name].get("type") == "array"
                key = message_key(name, several=several)
                described["properties"][key] = (
                    {"type": "array", "items": MESSAGE_SCHEMA} if several else MESSAGE_SCHEMA
                )
                if name in described.get("required", ()):
                    described["required"].append(key)
        return written
