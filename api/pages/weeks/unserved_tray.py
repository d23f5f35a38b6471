"""Requests without a place: the tray by weight, why each has none, and ways out that can be tried in a branch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from api.pages.labels import marked
from api.pages.operation_client import ProblemDetails
from api.pages.page import Page
from api.pages.routes import Fields, Pages, is_shown_only
from api.pages.weeks.job_pages import REFRESH_S
from api.pages.weeks.ways_out import BranchCommand, NoCommand, commands_of
from api.pages.weeks.week_forms import ACTION, FormState, first_row, send, shown_again, whole_number
from api.pages.weeks.week_records import RecordNames, WeekPage, names_of, week_page

pages = Pages()

ROWS = 100
CARD = "/weeks/{area}/{week}/unserved/{request}"
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NO_LETTER = re.compile(r"[^A-Za-z0-9._:-]+")
NO_COMMAND = marked(
    "A branch has no command for a part of this way out. Start a branch yourself and change there what it names."
)


@pages.get("/weeks/{area}/{week}/unserved", may="weeks.draft.read")
async def tray(page: Page, area: str, week: str) -> Response:
    about = await week_page(page, area, week)
    return await _tray(about, FormState())


@pages.post("/weeks/{area}/{week}/unserved", may="jobs.start")
async def ask_why(page: Page, fields: Fields, area: str, week: str) -> Response:
    """Open the card of a request: the job that explains it starts."""
    about = await week_page(page, area, week)
    return await _ask(about, fields)


async def _ask(about: WeekPage, fields: Fields) -> Response:
    request, _, number = fields.get("request", "").rpartition("#")
    body = {"request": request, "session": whole_number(number, 1)}
    reply, state = await send(about.page, fields, f"{about.path}/explain", body)
    if reply is not None and reply.problem is None:
        return about.page.go(f"{about.path}/unserved/{quote(request, safe='')}?job={reply.document['id']}")
    return await _tray(about, state)


async def _tray(about: WeekPage, state: FormState) -> Response:
    page = about.page
    desk = await page.read(f"{about.path}/desk")
    text = page.request.query_params.get("text", "").strip()
    waiting = sorted(desk["unserved"], key=lambda each: (-each["weight"], each["request"]))
    fitting = [
        each
        for each in waiting
        if text.casefold() in f"{each['title']} {each['community']} {each['request']}".casefold()
    ]
    first = first_row(page, len(fitting), ROWS)
    areas = await page.all_items("/areas")
    return page.show(
        "weeks/unserved.html",
        state.problem.status if state.problem else 200,
        about=about,
        has_draft=desk["draft"] > 0,
        waiting=fitting[first : first + ROWS],
        count=len(fitting),
        first=first,
        size=ROWS,
        text=text,
        communities={each["key"]: page.area_name(each) for each in areas},
        may_ask=page.viewer.may("jobs.start"),
        state=state,
    )


# ---- Why one has no place


@pages.get(CARD, may="weeks.draft.read")
async def card(page: Page, area: str, week: str, request: str) -> Response:
    return await _card(await week_page(page, area, week), request, FormState())


@pages.post(CARD, may="jobs.start")
async def act(page: Page, fields: Fields, area: str, week: str, request: str) -> Response:
    """Ask why, or try a way out in a branch of its own."""
    about = await week_page(page, area, week)
    if is_shown_only(fields):
        return await _card(about, request, shown_again(fields))
    if fields.get(ACTION) == "ask":
        return await _ask(about, fields)
    return await _try(about, request, fields)


async def _card(about: WeekPage, request: str, state: FormState) -> Response:
    page = about.page
    record = await page.read(f"/requests/{request}")
    job = await _job(about, record)
    result = None
    if job is not None and job["status"] == "done":
        result = await page.read_if_there(f"/jobs/{job['id']}/result")
    desk = await page.read(f"{about.path}/desk")
    waiting = next((each for each in desk["unserved"] if each["request"] == record["key"]), None)
    await page.area_names({record["area"]})
    response = page.show(
        "weeks/why_not.html",
        state.problem.status if state.problem else 200,
        about=about,
        request=record,
        waiting=waiting,
        job=job,
        result=None if result is None else await _in_names(about, result),
        may_ask=page.viewer.may("jobs.start"),
        may_branch=page.viewer.may("branches.write"),
        state=state,
    )
    if job is not None and job["status"] in ("queued", "running") and state.problem is None:
        response.headers["Refresh"] = REFRESH_S
    return response


async def _job(about: WeekPage, request: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The job that the address names, else the last one that explains this request."""
    page = about.page
    if id := page.request.query_params.get("job", ""):
        named: Mapping[str, Any] | None = await page.read_if_there(f"/jobs/{id}")
        return named
    jobs = await page.read("/jobs", area=about.area["key"], week=about.week, kind="explain", limit=50)
    return next((job for job in jobs["items"] if job["asked"]["request"] == request["id"]), None)


async def _in_names(about: WeekPage, result: Any) -> Any:
    """The result with names instead of the ids that its sentences have."""
    ids = set(_ID.findall(str(result)))
    names = await names_of(about)
    people = await _people(about.page, ids)
    words = {id: record["key"] for id, record in people.items()}
    words |= {id: record["order"]["title"] for id, record in names.requests.items()}
    words |= {id: record["name"] for id, record in {**names.venues, **names.rooms}.items()}

    def named(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: named(each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [named(each, key) for each in value]
        if isinstance(value, str) and key in ("sentence", "price"):
            return _ID.sub(lambda match: words.get(match[0], match[0]), value)
        return value

    return named(result)


async def _people(page: Page, ids: set[str]) -> dict[str, Any]:
    records = [await page.read_if_there(f"/volunteers/{id}") for id in sorted(ids)]
    return {record["id"]: record for record in records if record}


# ---- Trying a way out


async def _try(about: WeekPage, request: str, fields: Fields) -> Response:
    page = about.page
    record = await page.read(f"/requests/{request}")
    job, index = fields.get("job", ""), whole_number(fields.get("way", ""))
    result = await page.read(f"/jobs/{job}/result")
    ways = result.get("ways", ())
    if not 0 <= index < len(ways):
        return await _card(about, request, FormState())
    way = ways[index]
    names = await names_of(about, [*way["placed"], *way["withdrawn"]])
    try:
        commands = await _commands(about, way, names, record)
    except NoCommand:
        return await _card(about, request, FormState("try", fields, _no_command(page)))
    branch, problem = await _in_branch(about, record["key"], commands, fields)
    if problem is not None:
        return await _card(about, request, FormState("try", fields, problem))
    return page.go(f"{about.path}/branches/{branch}", saved=True)


async def _commands(
    about: WeekPage, way: Mapping[str, Any], names: RecordNames, record: Mapping[str, Any]
) -> list[BranchCommand]:
    ids = {edit["id"] for edit in way["edits"] if edit["thing"] == "volunteer"}
    return commands_of(way, about, names, record, await _people(about.page, ids))


def _no_command(page: Page) -> ProblemDetails:
    words = page.language.gettext
    return ProblemDetails(
        422, {"title": words(marked("This cannot be tried")), "detail": words(NO_COMMAND), "next": ""}
    )


async def _in_branch(
    about: WeekPage, key: str, commands: list[BranchCommand], fields: Fields
) -> tuple[str, ProblemDetails | None]:
    """A new branch with these commands in it; where one is refused the branch is dropped again."""
    client, form_key = about.page.client, fields.get("key", "")
    name = f"try-{_NO_LETTER.sub('-', key)[:50]}-{form_key[:6].strip('-_') or '1'}"
    name = _NO_LETTER.sub("-", name)
    path = f"{about.path}/branches"
    reply = await client.command(path, {"name": name}, key=form_key)
    if reply.problem is not None:
        return name, reply.problem
    for command in commands:
        reply = await client.command(f"{path}/{name}/changes", command.written)
        if reply.problem is not None:
            await client.command(f"{path}/{name}/drop")
            return name, reply.problem
    return name, None
