"""Start page: what this person can do here, and the language of the pages."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from api.pages.languages import NAMES, remember
from api.pages.page import Page, is_own_path
from api.pages.places import PLACES
from api.pages.routes import Fields, Pages
from domain.calendar import week_of

pages = Pages()


@pages.get("/")
async def root(page: Page) -> Response:
    return page.go("/home")


@pages.get("/home")
async def home(page: Page) -> Response:
    """Where everybody begins: weeks of the areas that they answer for, and the lists that they may read."""
    if not page.viewer.is_signed_in and page.csrf:
        return page.go("/sign-in")  # where it says what to do without a role, and what is offered
    if not page.viewer.is_signed_in:
        return page.show("home.html", areas=[], week="", places=[])
    if {grant["role"] for grant in page.viewer.grants} == {"host"}:
        return page.go("/host")  # what a host comes for stands there
    week = week_of(page.today)
    return page.show("home.html", areas=await _own_areas(page), week=week, places=_places(page))


def _places(page: Page) -> list[tuple[str, str, str]]:
    words = page.language.gettext
    return [(path, words(name), words(about)) for path, name, about, may in PLACES if page.viewer.may(may)]


async def _own_areas(page: Page) -> list[dict[str, Any]]:
    """The areas that this person answers for: those of their roles, or the highest ones of the network."""
    if not page.viewer.may("weeks.write"):
        return []
    within = [grant["within"] for grant in page.viewer.grants if grant["role"] == "coordinator"]
    areas = [await page.area(id) for id in within if id]
    if any(grant["role"] == "administrator" for grant in page.viewer.grants):
        areas += await _upper_areas(page)
    unique = {area["id"]: area for area in areas}
    return [{"key": area["key"], "name": page.area_name(area)} for area in unique.values()]


async def _upper_areas(page: Page) -> list[Any]:
    """The areas that lie in no other one, and those right below them."""
    listed = await page.read("/areas", limit=200)
    highest = {area["id"]: area for area in listed["items"] if _parent(area) is None}
    below = [area for area in listed["items"] if _parent(area) in highest]
    return [*highest.values(), *below]


def _parent(area: Any) -> str | None:
    return area["parents"][-1]["value"] if area["parents"] else None


@pages.post("/language")
async def switch_language(page: Page, fields: Fields) -> Response:
    """The page that somebody was on, in another language. Only a path of this site is gone to."""
    back = fields.get("back", "/home")
    gone = page.go(back if is_own_path(back) else "/home")
    if fields.get("language") in NAMES:
        remember(gone, fields["language"], secure=page.is_secure)
    return gone


@pages.get("/help")
async def help_page(page: Page) -> Response:
    return page.show("help.html")
