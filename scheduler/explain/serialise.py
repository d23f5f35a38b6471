"""Serialisation of explanations: records as JSON values, in the form of the problem and plan documents."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from domain.messages import beside
from scheduler.documents.codec import write_assignment
from scheduler.documents.records import Assignment, Volunteer
from scheduler.explain.edits import write_volunteer


def serialise(value: Any) -> Any:
    """A record as dictionaries, lists and plain values, with the messages beside its sentences.

    Assignments and volunteers are as docs/format.md writes them.
    """
    if isinstance(value, Assignment):
        return write_assignment(value)
    if isinstance(value, Volunteer):
        return write_volunteer(value)
    if is_dataclass(value):
        values = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: serialise(item) for name, item in values.items()} | beside(values)
    if isinstance(value, dict):
        return {key: serialise(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [serialise(item) for item in value]
    return value
