"""Whatever the command line can do, HTTP can do: each command and each option names where, or says why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import typer
from starlette.testclient import TestClient

from api.cli.main import app
from tests.adapters.town import town
from tests.api.http.conftest import served


@dataclass(frozen=True)
class Same:
    """The operations that do the same as a command. `options`: what one is called there, or why it is not."""

    operations: tuple[str, ...]
    options: dict[str, str] = field(default_factory=dict)


def same(*operations: str, **options: str) -> Same:
    return Same(operations, options)


ANSWER = "the answer is it"
ALWAYS = "is asked for by the operation itself"
CLOSED = {"from": "first", "until": "last", "start": "start_min", "end": "end_min", "room": "rooms"}
LIFTED = {"from": "closure", "to": "closure", "room": "closure", "all": "each is lifted by itself"}
WEEK_IN_DOCUMENT = {"problem": "area", "plan": "area"}
PART = dict.fromkeys(("area", "venue", "volunteer"), "within")
SAME: dict[str, Same] = {
    "account accept": same("accept_role", account="only one's own there", **PART),
    "account decline": same("decline_role", "withdraw_offer", **PART),
    "account give": same("grant_role", **PART),
    "account list": same("list_accounts"),
    "account offer": same("offer_role", **PART),
    "branch adopt": same("adopt_branch", name="branch"),
    "branch change": same("change_branch", name="branch", command="operation"),
    "branch compare": same("compare_branch", name="branch"),
    "branch drop": same("drop_branch", name="branch"),
    "branch list": same("list_branches"),
    "branch plan": same("start_plan", "plan_a_branch", name="branch", time_limit="seconds"),
    "branch rebase": same("rebase_branch", name="branch"),
    "branch repair": same("repair_a_branch", name="branch", notice="notice_hours", time_limit="time_limit_s"),
    "branch show": same("read_branch", name="branch"),
    "branch start": same("start_a_branch"),
    "branch undo": same("undo_change", name="branch"),
    "check": same("list_findings", problem="area"),
    "close": same("close_venue", **CLOSED),
    "diff": same("read_differences", **{"from": "before", "to": "after"}),
    "drop": same("drop_session"),
    "explain": same("start_explain", **WEEK_IN_DOCUMENT, all="request"),
    "export data": same("export_data", "export_people", file=ANSWER, people=ALWAYS),
    "export plan": same("read_draft_document", out=ANSWER),
    "export problem": same("read_problem", out=ANSWER),
    "export week": same("export_week", "export_named_week", out=ANSWER, names=ALWAYS),
    "fairness": same("read_fairness", "start_price", **WEEK_IN_DOCUMENT, price="seconds"),
    "forget": same("erase_person", yes=ALWAYS),
    "gaps": same("start_gaps", **WEEK_IN_DOCUMENT),
    "history": same("list_events", "list_around"),
    "import": same("import_table", file="the body is it"),
    "kinds": same("list_kinds"),
    "leave-out": same("leave_out"),
    "letter": same("letter_week", **{"is": "letter"}),
    "merge": same("merge_volunteer", yes=ALWAYS),
    "move": same("move_session", day="start_min", start="start_min", lead="leads"),
    "pause": same("pause_volunteer", **{"from": "first", "to": "last"}),
    "pin": same("pin_session"),
    "plan": same("start_plan", time_limit="seconds"),
    "redo": same("redo_step"),
    "release": same("release_draft"),
    "reopen": same("lift_closure", "list_closures", **LIFTED),
    "repair": same("start_repair", notice="notice_hours", time_limit="seconds"),
    "report": same("read_report"),
    "solve": same("start_plan", problem="area", out=ANSWER, time_limit="seconds"),
    "retire": same("retire_venue", undo="on"),
    "starts": same(
        "set_starts", grid="grid_minutes", bells="bell_times", as_around="left out, both of them", **{"from": "on"},
    ),
    "step": same(
        "screen_request", "accept_request", "start_request", "complete_request", "decline_request", "withdraw_request",
        to=ALWAYS,
    ),
    "suggest": same("suggest_places", "move_session", take="also"),
    "template": same("read_template", file="format"),
    "token": same(
        "make_token",
        **dict.fromkeys(("role", "area", "venue", "volunteer"), "grants"),
    ),
    "undo": same("undo_step"),
    "unpin": same("lift_pin"),
    "warnings": same("read_warnings"),
}  # fmt: skip
ONLY_HERE = {
    "backup": "a file on the machine of whoever runs the server",
    "check-plan": "judges two files of anybody's; a draft or release of the server is judged before it is kept",
    "demo": "makes a database of a sample, to look at",
    "init": "makes a database, before there is a server",
    "link": "the way in for whoever runs the server, when no mail goes out and nobody can sign in",
    "rebuild": "whoever read meanwhile would read half; it is for whoever runs the server",
    "restore": "puts another database in the place of this one, while nothing is served",
    "serve": "is the server",
    "work": "is a worker of the server",
}
EVERYWHERE = {"json": "every answer is JSON"}


def commands(command: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, set[str]]]:
    """Each command of the command line with its options."""
    command = command or typer.main.get_command(app)
    if hasattr(command, "commands"):
        for name, one in sorted(command.commands.items()):
            yield from commands(one, (*path, name))
    else:
        yield " ".join(path), {max(one.opts, key=len).strip("-").replace("-", "_") for one in command.params}


@pytest.fixture(scope="module")
def fields() -> dict[str, set[str]]:
    """What each operation takes, in its path, query and body."""
    with town("memory:") as lyceum, served(lyceum) as client:
        return dict(_fields(client))


def _fields(client: TestClient) -> Iterator[tuple[str, set[str]]]:
    document = client.get("/v1/openapi.json").json()
    for item in document["paths"].values():
        for operation in item.values():
            named = {one["name"] for one in operation.get("parameters", ())}
            bodies = operation.get("requestBody", {}).get("content", {}).values()
            known = (name for one in bodies for name in _properties(document, one["schema"]))
            yield operation["operationId"], named | set(known)


def _properties(document: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    yield from schema.get("properties", ())


def test_every_command_is_an_operation_or_says_why_not() -> None:
    known = [name for name, _ in commands()]

    assert set(known) - SAME.keys() - ONLY_HERE.keys() == set()
    assert SAME.keys() & ONLY_HERE.keys() == set()
    assert (SAME.keys() | ONLY_HERE.keys()) - set(known) == set()


def test_operations_that_are_named_are_there(fields: dict[str, set[str]]) -> None:
    assert {one for kind in SAME.values() for one in kind.operations} - fields.keys() == set()


def test_every_option_is_taken_or_says_why_not(fields: dict[str, set[str]]) -> None:
    missing = []
    for name, options in commands():
        if name not in SAME:
            continue
        takes = set().union(*(fields[one] for one in SAME[name].operations))
        for option in options - EVERYWHERE.keys():
            there = SAME[name].options.get(option, option)
            if there not in takes and " " not in there:  # a reason has words
                missing.append(f"{name} --{option}: {there} is in none of {SAME[name].operations}")
        stale = SAME[name].options.keys() - options
        missing += [f"{name} has no --{one}" for one in stale]

    assert missing == []
