"""What-if branches of a week: start, change, plan, compare side by side, adopt, rebase, undo and drop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from api.pages.labels import marked
from api.pages.operation_client import ProblemDetails
from api.pages.page import Page
from api.pages.routes import Fields, Pages, is_shown_only
from api.pages.weeks.release_pages import (
    CHANGE_WORDS,
    SHOWN_CHANGES,
    Changes,
    changes_of,
    compared_sessions,
)
from api.pages.weeks.week_forms import ACTION, FormState, number_or_text, send, shown_again, whole_number
from api.pages.weeks.week_records import WeekPage, names_of, week_page

pages = Pages()

BRANCH = "/weeks/{area}/{week}/branches/{branch}"
WITHOUT = "without."  # before the number of a change that a rebase leaves out
RIVAL = "with"  # in the query: the branch that another is compared with
USUAL_SECONDS = 5
STATUS_WORDS: Mapping[str, str] = {
    "open": marked("Open"),
    "adopted": marked("Adopted"),
    "dropped": marked("Dropped"),
}
START_WORDS: Mapping[str, str] = {
    "now": marked("The week as it was"),
    "draft": marked("A draft"),
    "release": marked("A release"),
}


@pages.get("/weeks/{area}/{week}/branches", may="branches.read")
async def branches(page: Page, area: str, week: str) -> Response:
    return await _list(await week_page(page, area, week), FormState())


@pages.post("/weeks/{area}/{week}/branches", may="branches.write")
async def start(page: Page, fields: Fields, area: str, week: str) -> Response:
    about = await week_page(page, area, week)
    kind, _, number = fields.get("start", "").partition(" ")
    body: dict[str, Any] = {"name": fields.get("name", "").strip()}
    if kind in ("draft", "release"):
        body[kind] = whole_number(number)
    reply, state = await send(page, fields, f"{about.path}/branches", body)
    if reply is not None and reply.problem is None:
        return page.go(_path(about, reply.document["name"]), saved=True)
    return await _list(about, state)


def _path(about: WeekPage, branch: str) -> str:
    return f"{about.path}/branches/{quote(branch, safe='')}"


async def _list(about: WeekPage, state: FormState) -> Response:
    page = about.page
    all_branches = await page.all_items(f"{about.path}/branches", sort="-at")
    return page.show(
        "weeks/branches.html",
        state.problem.status if state.problem else 200,
        about=about,
        branches=all_branches,
        state=state,
        may_write=page.viewer.may("branches.write"),
        chosen_start=f"release {page.request.query_params.get('release', '')}",
        status_words=STATUS_WORDS,
        start_words=START_WORDS,
    )


# ---- One branch


@pages.get(BRANCH, may="branches.read")
async def branch(page: Page, area: str, week: str, branch: str) -> Response:
    return await _shown(await week_page(page, area, week), branch, FormState())


@pages.post(BRANCH, may="branches.write")
async def change(page: Page, fields: Fields, area: str, week: str, branch: str) -> Response:
    """Plan, undo, rebase, adopt or drop, as the field `action` says."""
    about = await week_page(page, area, week)
    action = fields.get(ACTION, "")
    if is_shown_only(fields) or action not in ("plan", "undo", "rebase", "adopt", "drop"):
        return await _shown(about, branch, shown_again(fields))
    body = _body(action, fields)
    query = {"older_draft": "true"} if action == "adopt" and fields.get("older_draft") == "yes" else None
    reply, state = await send(page, fields, f"{about.path}/branches/{branch}/{action}", body, query)
    if reply is None or reply.problem is not None:
        return await _shown(about, branch, state)
    if action == "adopt":
        return page.go(about.path, saved=True)
    return page.go(f"{about.path}/branches" if action == "drop" else _path(about, branch), saved=True)


def _body(action: str, fields: Fields) -> Any:
    if action == "plan":
        seconds = number_or_text(fields.get("time_limit_s", ""))
        return {
            "time_limit_s": USUAL_SECONDS if seconds is None else seconds,
            "again": fields.get("again") == "yes",
        }
    if action == "rebase":
        left_out = (name.removeprefix(WITHOUT) for name in fields if name.startswith(WITHOUT))
        return {"without": [whole_number(number) for number in left_out]}
    return None


async def _shown(about: WeekPage, name: str, state: FormState) -> Response:
    page = about.page
    reply = await page.client.read(f"{about.path}/branches/{name}")
    record = reply.required()
    query = page.request.query_params
    comparison, changes = None, None
    if RIVAL in query and record["status"] == "open":
        comparison, changes, problem = await _comparison(about, name, query[RIVAL])
        if problem is not None and state.problem is None:
            state = FormState("compare", {}, problem)
    others = await page.all_items(f"{about.path}/branches", status="open")
    return page.show(
        "weeks/branch.html",
        state.problem.status if state.problem else 200,
        about=about,
        branch=record,
        version=reply.etag,
        path=f"{about.path}/branches/{name}",
        others=[each["name"] for each in others if each["name"] != name],
        comparison=comparison,
        changes=changes,
        shown=SHOWN_CHANGES,
        state=state,
        refused_change=state.problem.document.get("refused_change") if state.problem else None,
        changed=[each["key"] for each in state.problem.document.get("changed", ())] if state.problem else [],
        has_newcomers=any(each["operation"] == "enrol_volunteer" for each in record["changes"]),
        may_write=page.viewer.may("branches.write") and record["status"] == "open",
        may_adopt=page.viewer.may("branches.adopt") and record["status"] == "open",
        change_words=CHANGE_WORDS,
        status_words=STATUS_WORDS,
        start_words=START_WORDS,
        usual_seconds=str(USUAL_SECONDS),
    )


async def _comparison(
    about: WeekPage, name: str, rival: str
) -> tuple[Any, Changes | None, ProblemDetails | None]:
    reply = await about.page.client.read(f"{about.path}/branches/{name}/comparison", {RIVAL: rival})
    if reply.problem is not None:
        return None, None, reply.problem
    names = await names_of(about, compared_sessions(reply.document["changes"]))
    return reply.document, changes_of({**reply.document, "before": 0, "after": 0}, names), None
