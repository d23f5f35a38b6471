"""Descriptions of parameters, headers and bodies, where a route leaves them to their names."""

from __future__ import annotations

from typing import Any

DESCRIPTIONS = {
    "audience": "Only for this audience, by its code in the catalogue.",
    "code": "The code in the catalogue.",
    "day": "Only on this day.",
    "function": "Only of this function, by its code in the catalogue.",
    "kind": "Only of this kind.",
    "level": "Only of this level.",
    "limit": "At most so many.",
    "name": "Its name.",
    "number": "Which of them, counted from 1.",
    "severity": "Only as grave as this.",
    "sort": "The order; with `-` before it, downwards.",
    "status": "Only where it stands so.",
    "topic": "Only of this topic, by its code in the catalogue.",
    "week": "Only of this ISO week.",
    "who": "The volunteer, or the guardian of a minor.",
}
EXAMPLES: dict[str, Any] = {
    "Idempotency-Key": "6d1b2b1c-4b7e-4b39-9a39-0b7a5d5c2f10",
    "If-Match": '"2"',
    "If-None-Match": '"2"',
    "Last-Event-ID": "12",
    "X-CSRF-Token": "pX0m6nQe4k",
    "account": "p-first",
    "after": 1,
    "area": "river",
    "at": "2026-11-21T18:00:00Z",
    "audience": "seniors",
    "before": 1,
    "branch": "without-the-hall",
    "code": "choir",
    "cursor": "WyJyaXZlciJd",
    "day": "2026-12-01",
    "expires_before": "2027-01-01",
    "first": "2026-12-01",
    "function": "arts",
    "last": "2026-12-31",
    "level": "street",
    "limit": 20,
    "start_min": 1080,
    "moves": 1,
    "name": "River Street",
    "number": 1,
    "on": "2026-12-01",
    "release": 1,
    "request": "r-choir",
    "room": "hall",
    "secret": "u3m9Qe4k",
    "session": 1,
    "set": ["kind=school"],
    "sheet": "Rooms",
    "token": "0123456789abcdef",
    "topic": "choir",
    "type": "AreaFounded",
    "until": 200,
    "venue": "school",
    "volunteer": "wang",
    "week": "2026-W49",
    "why": "the table of the office",
    "with": "with-the-hall",
    "within": "river",
}
UUIDS = "6d1b2b1c-4b7e-4b39-9a39-0b7a5d5c2f10"


def describe(parameter: dict[str, Any]) -> None:
    """Add what is missing; what the route says stays."""
    name, schema = parameter["name"], parameter.get("schema", {})
    parameter.setdefault("description", schema.get("description") or DESCRIPTIONS.get(name, ""))
    if "example" in parameter or "examples" in parameter:
        return
    if schema.get("examples"):
        parameter["example"] = schema["examples"][0]
    elif _choices(schema):
        parameter["example"] = _choices(schema)[0]
    elif schema.get("format") == "uuid":
        parameter["example"] = UUIDS
    elif schema.get("type") == "boolean":
        parameter["example"] = not schema.get("default", False)
    elif name in EXAMPLES:
        parameter["example"] = EXAMPLES[name]


def _choices(schema: dict[str, Any]) -> list[Any]:
    """The values of an enumeration, or of one that may be left out; of a pattern that is a list of words."""
    for part in (schema, *schema.get("anyOf", ())):
        if "enum" in part:
            return list(part["enum"])
        pattern = str(part.get("pattern", ""))
        if (
            pattern.startswith("^(")
            and pattern.endswith(")$")
            and pattern[2:-2].replace("|", "").replace("-", "").isalpha()
        ):
            return pattern[2:-2].split("|")
    return []


# ---- Headers and bodies of all operations

FILE = {"type": "string", "format": "binary"}
EVENTS_SCHEMA = {
    "description": "Events one after the other, each of lines `event: …`, `id: …` and `data: …`, and an empty line.",
}
"""OpenAPI 3.1 has no word for the items of a stream; 3.2 has, and few tools read that yet. So there is no type: some
readers take a schema for that of the whole text, others for that of each event."""
TAGGED = {"ETag": {"schema": {"type": "string"}, "description": "The version of what is told."}}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "An ETag that the client knows: the answer is 304 where it still holds.",
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": r'^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$'},
    "description": "The ETag that the command was decided on: 412 where it changed meanwhile.",
}
CSRF = {
    "name": "X-CSRF-Token",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "Where a cookie signs in: the csrf of /v1/sign-in.",
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
    "description": "The same key and body give the same answer again, and nothing happens twice.",
}
