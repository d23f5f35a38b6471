"""OpenAPI 3.1 document of the interface, with the records' own schemas and every error."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from threading import Lock
from typing import Any, Literal, TypeAlias

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter
from starlette.responses import Response

from api.http import errors
from api.http.framework.descriptions import describe

Mode: TypeAlias = Literal["validation", "serialization"]
_PREFIX = "lyceum:"
_COMPONENTS = "#/components/schemas/"
_RENAMED = {
    "Since_Union_UUID__NoneType__": "ParentSince",
    "Since_Literal__A____B___": "LetterSince",
    "Since_Union_Starts__NoneType__": "StartsSince",
    "Since_tuple_Code__________": "CodesSince",
    "Since_tuple_tuple_Annotated_str__TextRule___Annotated_str__TextRule____________": "NamesSince",
    # Clients that were generated know these records by their first names.
    "Booking": "Promise",
    "RoleGrant": "Granted",
    "RowChange": "Change",
}  # what the records' library calls a generic record
_EXAMPLE = "lyceum-example:"
_examples: list[Any] = []
_used: dict[str, tuple[Any, Mode]] = {}
STATUSES = "x-statuses"  # on its way from an operation to here; it is not in the document

TOLD = {
    401: "No valid credential.",
    403: "The role does not allow it, or not here.",
    404: "Nothing is there.",
    406: "No such representation.",
    409: "A rule would be broken, or others were faster.",
    412: "If-Match names another version.",
    408: "The body did not come in time.",
    413: "The body is too large.",
    415: "The body is of another media type.",
    422: "A value is invalid; `errors` names the fields.",
    429: "Too many requests.",
    503: "The database does not answer.",
}
TAGS = {
    "about": "What this is, and what its errors mean.",
    "sign-in": "Who is signed in, and signing out.",
    "accounts": "Who may do what, and by which ways they sign in.",
    "tokens": "Credentials of programs.",
    "areas": "Cities, districts, streets and communities, and which lies in which.",
    "venues": "Houses that lend rooms, and on what terms.",
    "rooms": "Rooms of venues, and when they are open.",
    "closures": "Days on which a venue or a room is not lent.",
    "volunteers": "What volunteers can and may do.",
    "offers": "The hours that volunteers offer, and their pauses.",
    "requests": "Courses that communities order.",
    "weeks": "The timetables of areas and their releases.",
    "drafts": "What a week would be, and changes to it by hand.",
    "desk": "A week as a coordinator works on it, where a session could go, and steps taken back.",
    "branches": "What a week would be if something were different.",
    "jobs": "Work that takes a while: planning, repairing, trying.",
    "diaries": "What a room or a volunteer has promised.",
    "reports": "How a week went, in figures.",
    "catalogue": "The words that requests may use.",
    "day types": "Holidays, make-up work days and school days.",
    "events": "All that happened, in order.",
    "people": "Personal records, beside the events.",
    "imports": "Tables in.",
    "exports": "Tables, pages and calendars out.",
    "feeds": "Calendars that programs fetch again and again.",
}  # in the order of the document
ABOUT = """Plan community education: rooms that hosts lend, hours that volunteers offer, courses that communities
order, one released timetable a week.

Reads are `GET` with filters, `sort`, `limit` and `cursor`; `at` (an event position or an instant) reads the past.
Commands are `POST`. Each may carry an `Idempotency-Key`: the same key with the same body gives the same answer, and
nothing happens twice. Windows are minutes from Monday 00:00, local time of the area.
Errors are `application/problem+json`; their `type` is stable and is explained at its own address."""


def schema_of(kind: Any, mode: Mode = "serialization") -> dict[str, Any]:
    """A reference to the schema of a record, filled in when the document is made."""
    name = f"{_PREFIX}{mode}:{kind!r}"
    _used[name] = kind, mode
    return {"$ref": name}


def example_of(value: Any) -> dict[str, Any]:
    """A reference to an example, filled in when the document is made: on the way there its nulls would be lost."""
    _examples.append(value)
    return {"$ref": f"{_EXAMPLE}{len(_examples) - 1}"}


def list_of(kind: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": schema_of(kind)},
            "next": {"type": ["string", "null"], "description": "The cursor of the next page."},
        },
    }


def install(app: FastAPI) -> None:
    """Have the application answer with the whole document: made once, while nobody else waits for it."""
    lock = Lock()
    documents: list[bytes] = []

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = document(app)
        return app.openapi_schema

    def written() -> Response:
        with lock:
            if not documents:
                documents.append(orjson.dumps(app.openapi()))
        return Response(documents[0], media_type="application/json")

    app.openapi = openapi  # type: ignore[method-assign]
    app.add_api_route("/v1/openapi.json", written, methods=["GET", "HEAD"], include_in_schema=False)


def document(app: FastAPI) -> dict[str, Any]:
    description = get_openapi(
        title="Lyceum",
        version=version("lyceum-scheduler"),
        summary="An event-sourced scheduler for community education.",
        description=ABOUT,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        routes=app.routes,
        tags=[{"name": name, "description": about} for name, about in TAGS.items()],
        servers=[{"url": "/", "description": "Where this document was read."}],
    )
    statuses: set[int] = set()
    for operation in _operations(description):
        for parameter in operation.get("parameters", ()):
            describe(parameter)
        for status in operation.pop(STATUSES, ()):
            operation["responses"][str(status)] = {"$ref": f"#/components/responses/{status}"}
            statuses.add(status)
    named = [(name, mode, TypeAdapter(kind)) for name, (kind, mode) in _used.items()]
    schemas, definitions = _plainly(
        *TypeAdapter.json_schemas(named, ref_template="#/components/schemas/{model}")
    )
    description["components"] = {
        "schemas": {**definitions.get("$defs", {}), "Problem": errors.SCHEMA},
        "responses": {
            str(status): _refusal(status, text) for status, text in TOLD.items() if status in statuses
        },
        "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer", "description": "A token, or one of the provider."},
            "cookie": {
                "type": "apiKey",
                "in": "cookie",
                "name": "__Host-lyceum",
                "description": "Set by /sign-in; `lyceum` where the site is this machine.",
            },
        },
    }
    whole: dict[str, Any] = _filled(description, {name: schema for (name, _), schema in schemas.items()})
    return whole


def _plainly(schemas: dict[Any, Any], definitions: dict[str, Any]) -> tuple[dict[Any, Any], dict[str, Any]]:
    """Without the titles that only repeat names, and with names that a generated client can use."""
    return _untitled(schemas), _untitled(definitions)


def _untitled(node: Any) -> Any:
    if isinstance(node, dict):
        members = {key: value for key, value in node.items() if key != "title" or not isinstance(value, str)}
        return {_RENAMED.get(key, key): _untitled(value) for key, value in members.items()}
    if isinstance(node, list):
        return [_untitled(item) for item in node]
    if isinstance(node, str) and node.startswith(_COMPONENTS):
        name = node.removeprefix(_COMPONENTS)
        return _COMPONENTS + _RENAMED.get(name, name)
    return node


def _operations(description: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in description["paths"].values():
        yield from path.values()


def _refusal(status: int, text: str) -> dict[str, Any]:
    example = next(kind for kind in errors.ALL.values() if kind.status == status)
    return {
        "description": text,
        "content": {
            errors.MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": {
                    "type": example.type,
                    "title": example.title,
                    "status": status,
                    "detail": text,
                    "next": example.next,
                    "instance": "urn:uuid:6d1b2b1c-4b7e-4b39-9a39-0b7a5d5c2f10",
                    "message": {"id": text, "values": {}},
                },
            }
        },
    }


def _filled(node: Any, schemas: dict[str, Any]) -> Any:
    if isinstance(node, dict):
        name = node.get("$ref")
        if isinstance(name, str) and name.startswith(_EXAMPLE):
            return _examples[int(name.removeprefix(_EXAMPLE))]
        if isinstance(name, str) and name.startswith(_PREFIX):
            return schemas[name]
        return _without_prefix({key: _filled(value, schemas) for key, value in node.items()})
    if isinstance(node, list):
        return [_filled(item, schemas) for item in node]
    return node


def _without_prefix(node: dict[str, Any]) -> dict[str, Any]:
    """Say of a tuple what its items may be, and how many: fewer tools read `prefixItems`."""
    places = node.pop("prefixItems", None)
    if isinstance(places, list):
        kinds = [kind for number, kind in enumerate(places) if kind not in places[:number]]
        node["items"] = kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    return node
