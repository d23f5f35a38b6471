"""Decide how an explanation is written for a program: records as plain values, in the documents' own words."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from scheduler.documents.codec import write_assignment
from scheduler.documents.records import Assignment, Volunteer
from scheduler.explain.edits import write_volunteer


def plain(value: Any) -> Any:
    """Dictionaries, lists and plain values; assignments and volunteers as docs/format.md writes them."""
    if isinstance(value, Assignment):
        return write_assignment(value)
    if isinstance(value, Volunteer):
        return write_volunteer(value)
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return value
