"""Jobs: the list, and one with how far it is, its curve, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from starlette.responses import Response

from adapters.jobs.job_records import JobKind, JobStatus
from api.pages.labels import choice_of, marked
from api.pages.page import Page
from api.pages.routes import Fields, Pages
from api.pages.tables import Cell, Filter, ListColumn, ListTable, list_page
from api.pages.weeks.week_forms import FormState, send

pages = Pages()

REFRESH_S = "3"
WIDTH, HEIGHT, MARGIN = 640, 240, 36
TABLE_ROWS = 60


@dataclass(frozen=True, slots=True)
class Curve:
    """Value and bound over the seconds of a search, as polylines of an SVG of WIDTH by HEIGHT."""

    value: str
    bound: str
    seconds: float
    least: float
    greatest: float


def curve_of(points: Sequence[Mapping[str, Any]]) -> Curve | None:
    """None as long as there are fewer than two points with a value."""
    valued = [point for point in points if point["value"] is not None]
    if len(valued) < 2:
        return None
    numbers = [point[name] for point in valued for name in ("value", "bound") if point[name] is not None]
    least, greatest = min(numbers), max(numbers)
    seconds = max(point["seconds"] for point in valued)

    def line(name: str) -> str:
        return " ".join(_position(point, name) for point in valued if point[name] is not None)

    def _position(point: Mapping[str, Any], name: str) -> str:
        x = MARGIN + (WIDTH - 2 * MARGIN) * point["seconds"] / (seconds or 1)
        y = HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (point[name] - least) / ((greatest - least) or 1)
        return f"{x:.1f},{y:.1f}"

    return Curve(line("value"), line("bound"), seconds, least, greatest)


def _kind(page: Page, job: Any) -> Cell:
    return Cell(page.language.gettext(choice_of(job["kind"])), f"/jobs/{job['id']}")


def _status(page: Page, job: Any) -> Cell:
    return Cell(page.language.gettext(choice_of(job["status"])))


def _moment(page: Page, job: Any) -> Cell:
    return Cell(page.language.instant(datetime.fromisoformat(job["at"])))


JOBS = ListTable(
    marked("Jobs"),
    "/jobs",
    (
        ListColumn(marked("What"), _kind),
        ListColumn(marked("Status"), _status),
        ListColumn(marked("Area"), lambda _, job: Cell(job["area"])),
        ListColumn(marked("Week"), lambda _, job: Cell(job["week"], f"/weeks/{job['area']}/{job['week']}")),
        ListColumn(marked("Asked for by"), lambda _, job: Cell(job["by"])),
        ListColumn(marked("When"), _moment, "at"),
    ),
    marked("Nothing was planned or asked in the last two weeks. Begin with the page of a week."),
    (
        Filter("status", marked("Status"), get_args(JobStatus)),
        Filter("kind", marked("What"), get_args(JobKind)),
        Filter("area", marked("Area")),
        Filter("week", marked("Week")),
    ),
)


@pages.get("/jobs", may="jobs.read")
async def jobs(page: Page) -> Response:
    return await list_page(page, JOBS)


@pages.get("/jobs/{job}", may="jobs.read")
async def job(page: Page, job: str) -> Response:
    return await _shown(page, job, FormState())


@pages.post("/jobs/{job}", may="jobs.stop")
async def stop(page: Page, fields: Fields, job: str) -> Response:
    reply, state = await send(page, fields, f"/jobs/{job}/stop")
    if reply is not None and reply.problem is None:
        return page.go(f"/jobs/{job}")
    return await _shown(page, job, state)


async def _shown(page: Page, id: str, state: FormState) -> Response:
    record = await page.read(f"/jobs/{id}")
    is_open = record["status"] in ("queued", "running")
    points = (await page.read(f"/jobs/{id}/points"))["items"]
    result = None if is_open else await page.read_if_there(f"/jobs/{id}/result")
    area = await page.area(record["area"])
    response = page.show(
        "weeks/job.html",
        state.problem.status if state.problem else 200,
        job=record,
        is_open=is_open,
        area_name=page.area_name(area),
        zone=area["zone"],
        week_path=f"/weeks/{record['area']}/{record['week']}",
        points=list(_shown_points(points)),
        curve=curve_of(points),
        size=(WIDTH, HEIGHT, MARGIN),
        result=result,
        state=state,
    )
    if is_open and state.problem is None:
        response.headers["Refresh"] = REFRESH_S
    return response


def _shown_points(points: Sequence[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    """The last points of each value and bound, the newest first, for the table behind the curve."""
    before = None
    changed = []
    for point in points:
        now = point["phase"], point["value"], point["bound"]
        if now != before:
            changed.append(point)
        before = now
    return list(reversed(changed))[:TABLE_ROWS]
