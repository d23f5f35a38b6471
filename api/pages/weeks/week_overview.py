"""Overview of a week: how it stands, what to do next, and where everything about it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.responses import RedirectResponse, Response

from api.pages.labels import marked
from api.pages.page import SAFETY, Page
from api.pages.routes import Pages
from api.pages.weeks.week_records import DraftRecord, WeekPage, draft_of, week_page, week_path

pages = Pages()


@dataclass(frozen=True, slots=True)
class NextAction:
    """What to do next: its button, where it leads, and why."""

    address: str
    button: str
    why: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a draft serves: requests and their sessions of the week, and what was done by hand since."""

    asked: int
    served: int
    sessions_asked: int
    sessions: int
    by_hand: int
    pins: int


def standing_of(draft: DraftRecord) -> Standing:
    requests = draft.names.requests.values()
    served = {session.request for session in draft.sessions}
    return Standing(
        asked=len(requests),
        served=len(served),
        sessions_asked=sum(request["order"]["sessions"] for request in requests),
        sessions=len(draft.sessions),
        by_hand=len(draft.record["adjustments"]),
        pins=len(draft.record["pins"]),
    )


def next_step(week: WeekPage, requests: int, draft: DraftRecord | None) -> NextAction:
    released = week.summary["releases"]
    if draft is None and not requests:
        return NextAction(
            "/requests",
            marked("Bring in the requests"),
            marked("Nobody asks for this week yet. Import or enter the requests, and accept them."),
        )
    if draft is None:
        return NextAction(
            f"{week.path}/plan",
            marked("Plan the week"),
            marked("The requests are here. The plan says who meets where and when."),
        )
    if not released or released[-1]["draft"] < draft.record["number"] or _is_touched(week, draft):
        return NextAction(
            f"{week.path}/release",
            marked("Look and release"),
            marked(
                "Look at the draft in the list. When it is right, release it so that everybody can read it."
            ),
        )
    return NextAction(
        f"{week.path}/releases",
        marked("See what is released"),
        marked("The draft is what people read. Changes begin on the desk or in the list."),
    )


def _is_touched(week: WeekPage, draft: DraftRecord) -> bool:
    """Whether somebody has changed the draft by hand since the last release."""
    last = str(week.summary["releases"][-1]["at"])
    return any(str(adjustment["at"]) > last for adjustment in draft.record["adjustments"])


@pages.get("/weeks", may="weeks.draft.read")
async def choose_week(page: Page) -> Response:
    """The week that a form names by area and week."""
    query = page.request.query_params
    area, week = query.get("area", "").strip(), query.get("week", "").strip()
    if area and week and "/" not in area + week:
        return RedirectResponse(week_path(area, week), 303, SAFETY)
    return page.go("/home")


@pages.get("/weeks/{area}/{week}", may="weeks.draft.read")
async def overview(page: Page, area: str, week: str) -> Response:
    about = await week_page(page, area, week)
    draft = await draft_of(about)
    asking = await _asking(about) if draft is None else len(draft.names.requests)
    jobs = await page.read("/jobs", area=area, week=week, limit=5)
    running = [job for job in jobs["items"] if job["status"] in ("queued", "running")]
    return page.show(
        "weeks/overview.html",
        about=about,
        draft=draft,
        standing=standing_of(draft) if draft else None,
        asking=asking,
        step=next_step(about, asking, draft),
        running=running,
        areas=await _neighbours(page, about.area),
    )


async def _asking(about: WeekPage) -> int:
    """How many requests ask for the week."""
    requests = await about.page.all_items("/requests", area=about.area["key"], week=about.week, **about.past)
    return len(requests)


async def _neighbours(page: Page, area: Any) -> list[tuple[str, str]]:
    """The areas above and right below this one, by key and name."""
    areas = await page.all_items("/areas")
    parent = area["parents"][-1]["value"] if area["parents"] else None
    near = [
        each
        for each in areas
        if each["id"] == parent
        or (each["parents"] and each["parents"][-1]["value"] in (area["id"], parent or area["id"]))
    ]
    return [(each["key"], page.area_name(each)) for each in near if each["id"] != area["id"]][:60]
