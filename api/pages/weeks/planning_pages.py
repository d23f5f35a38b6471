"""Planning and repair of a week: how long and what for, then the job that does it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from api.pages.labels import marked
from api.pages.page import Page
from api.pages.routes import Fields, Pages
from api.pages.weeks.week_forms import ACTION, FormState, number_or_text, send, shown_again
from api.pages.weeks.week_records import GOALS, WeekPage, week_page

pages = Pages()

PER_CENT = 100
USUAL_PLAN_S = "60"
USUAL_REPAIR_S = "5"
WHOLE_NUMBERS = ("most_sessions", "most_people")
TOLERANCE = "tolerance."  # before the name of a goal, in the name of its field
REPAIR_FIELDS: tuple[tuple[str, str, str, str], ...] = (
    ("seconds", marked("Seconds"), marked("How long to search at most, up to 60."), USUAL_REPAIR_S),
    ("most_sessions", marked("Change at most so many classes"), marked("Empty: no limit."), ""),
    ("most_people", marked("Change the week of at most so many people"), marked("Empty: no limit."), ""),
    ("notice_hours", marked("Leave alone what begins within so many hours"), marked("Empty: nothing."), "24"),
)


@pages.get("/weeks/{area}/{week}/plan", may="jobs.read")
async def plan(page: Page, area: str, week: str) -> Response:
    return await _shown(await week_page(page, area, week), FormState())


@pages.post("/weeks/{area}/{week}/plan", may="jobs.start")
async def start(page: Page, fields: Fields, area: str, week: str) -> Response:
    """Start to plan or to repair, and go to the job."""
    about = await week_page(page, area, week)
    kind = fields.get(ACTION, "")
    if kind not in ("plan", "repair"):
        return await _shown(about, shown_again(fields))
    body = _plan_body(fields) if kind == "plan" else _repair_body(fields)
    reply, state = await send(page, fields, f"{about.path}/{kind}", body)
    if reply is not None and reply.problem is None:
        return page.go(f"/jobs/{reply.document['id']}")
    if state.problem is not None and state.problem.document.get("job"):
        return page.go(f"/jobs/{state.problem.document['job']}")  # somebody else plans this week now
    return await _shown(about, state)


def _plan_body(fields: Fields) -> dict[str, Any]:
    body: dict[str, Any] = {"seconds": number_or_text(fields.get("seconds", "")) or int(USUAL_PLAN_S)}
    tolerance = {
        goal: share / PER_CENT if isinstance(share, int | float) else share
        for goal in GOALS
        if (share := number_or_text(fields.get(TOLERANCE + goal, ""))) is not None
    }
    if tolerance:
        body["tolerance"] = tolerance
    body["minimum"] = fields.get("minimum") == "yes"
    body["again"] = fields.get("again") == "yes"
    return body


def _repair_body(fields: Fields) -> dict[str, Any]:
    numbers = {name: number_or_text(fields.get(name, "")) for name, *_ in REPAIR_FIELDS}
    return {name: number for name, number in numbers.items() if number is not None}


async def _shown(about: WeekPage, state: FormState) -> Response:
    page = about.page
    jobs = await page.read("/jobs", area=about.area["key"], week=about.week, limit=20)
    running: list[Mapping[str, Any]] = [
        job
        for job in jobs["items"]
        if job["kind"] in ("plan", "repair") and job["status"] in ("queued", "running")
    ]
    ended = [job for job in jobs["items"] if job not in running][:10]
    return page.show(
        "weeks/plan.html",
        state.problem.status if state.problem else 200,
        about=about,
        state=state,
        running=running,
        ended=ended,
        goals=GOALS,
        repair_fields=REPAIR_FIELDS,
        may_start=page.viewer.may("jobs.start"),
    )
