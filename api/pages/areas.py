"""Pages of areas: the list, one area with what lies in it, and the forms that change the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from api.pages.command_forms import CommandForm
from api.pages.labels import marked
from api.pages.page import Page
from api.pages.records import Fact, PageLink, Record, Section, record_page
from api.pages.routes import Pages
from api.pages.tables import Cell, Filter, ListColumn, ListTable, list_page
from api.pages.time_words import day_words
from domain.calendar import week_of

pages = Pages()

EVENTS = "area={area}"
OWN = "/areas/{area}"


def _parent(area: Mapping[str, Any]) -> str | None:
    return area["parents"][-1]["value"] if area["parents"] else None


async def _prepare(page: Page, areas: Sequence[Any]) -> None:
    await page.area_names({parent for area in areas if (parent := _parent(area))})


def _own(page: Page, area: Any) -> Cell:
    return Cell(page.area_name(area), f"/areas/{area['key']}")


AREAS = ListTable(
    marked("Areas"),
    "/areas",
    (
        ListColumn(marked("Name"), _own),
        ListColumn(marked("Key"), lambda _, area: Cell(area["key"]), "key"),
        ListColumn(marked("Level"), lambda _, area: Cell(area["level"]), "level"),
        ListColumn(marked("Part of"), lambda page, area: Cell(page.known_area_name(_parent(area) or ""))),
        ListColumn(marked("Dissolved"), lambda page, area: Cell(day_words(page, area["ended"]))),
    ),
    marked(
        "There are no areas yet. Found the first one, such as the city, or import a table of the network."
    ),
    (
        Filter("within", marked("In the area")),
        Filter("level", marked("Level")),
        Filter("name", marked("Name")),
    ),
    _prepare,
)


@pages.get("/areas", may="areas.read")
async def areas(page: Page) -> Response:
    actions = [("/areas/new", page.language.gettext(marked("Found an area")))]
    return await list_page(page, AREAS, actions if page.viewer.may("areas.found") else ())


def _named(_: Page, area: Mapping[str, Any]) -> Mapping[str, Any]:
    names = area["names"][-1]["value"] if area["names"] else ()
    return {"names": [{"language": language, "name": name} for language, name in names]}


def _coded(_: Page, area: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"codes": area["codes"][-1]["value"] if area["codes"] else ()}


async def _placed(page: Page, area: Mapping[str, Any]) -> Mapping[str, Any]:
    parent = _parent(area)
    return {"parent": (await page.area(parent))["key"] if parent else ""}


def _located(_: Page, area: Mapping[str, Any]) -> Mapping[str, Any]:
    return area


FOUND = CommandForm(
    "found_area",
    "/areas",
    marked("Found an area"),
    "/areas/{created}",
    marked("Found the area"),
    address="/areas/new",
)
FORMS = (
    CommandForm("rename_area", OWN + "/rename", marked("Rename"), OWN, marked("Save"), OWN, _named),
    CommandForm(
        "move_area", OWN + "/move", marked("Put into another area"), OWN, marked("Save"), OWN, _placed
    ),
    CommandForm(
        "locate_area",
        OWN + "/locate",
        marked("Point, time zone and calendar"),
        OWN,
        marked("Save"),
        OWN,
        _located,
    ),
    CommandForm(
        "set_starts",
        OWN + "/starts",
        marked("When classes may start"),
        OWN,
        marked("Save"),
        OWN,
        intro=marked("Give one of the two; both empty: as in the area around it."),
    ),
    CommandForm("letter_week", OWN + "/letter", marked("A weeks and B weeks"), OWN, marked("Save"), OWN),
    CommandForm("recode_area", OWN + "/recode", marked("Official codes"), OWN, marked("Save"), OWN, _coded),
    CommandForm(
        "merge_area",
        OWN + "/merge",
        marked("Merge into another area"),
        OWN,
        marked("Merge"),
        OWN,
        intro=marked("Venues, volunteers, requests and lower areas go to the other area on that day."),
        is_final=True,
    ),
    CommandForm(
        "dissolve_area",
        OWN + "/dissolve",
        marked("Dissolve"),
        OWN,
        marked("Dissolve"),
        OWN,
        intro=marked("What belongs to it goes to the area that you name, or else to the area around it."),
        is_final=True,
    ),
)
FOUND.register(pages)
for form in FORMS:
    form.register(pages)


@pages.get("/areas/{area}", may="areas.read")
async def area(page: Page, area: str) -> Response:
    """One area: its names over time, where it lies, what lies in it, and when classes start there."""
    record = await page.read(f"/areas/{area}")
    words, key = page.language.gettext, record["key"]
    parent = _parent(record)
    around = await page.area(parent) if parent else None
    notices = []
    if record["ended"]:
        notices.append(
            words(marked("Dissolved from {day} on."), day=day_words(page, record["ended"], "long"))
        )
    if record["merged_into"]:
        heir = page.area_name(await page.area(record["merged_into"]))
        notices.append(words(marked("{area} has taken its place."), area=heir))
    facts = (
        Fact(marked("Key"), key),
        Fact(marked("Level"), record["level"]),
        Fact(
            marked("Part of"),
            page.area_name(around) if around else "",
            f"/areas/{around['key']}" if around else "",
        ),
        Fact(marked("Codes"), _codes(record)),
        Fact(marked("Point on the map"), ", ".join(map(str, record["location"] or ()))),
        Fact(marked("Time zone"), record["zone"]),
        Fact(marked("Calendar of day types"), record["calendar"] or ""),
        Fact(marked("Since"), day_words(page, record["founded"], "long")),
        *await _times(page, key),
    )
    sections = (await _lower(page, record), _names(page, record))
    links = [
        PageLink(f"/{kind}?area={key}", words(name))
        for kind, name, may in (
            ("venues", marked("Venues here"), "venues.read"),
            ("volunteers", marked("Volunteers here"), "volunteers.read"),
            ("requests", marked("Requests from here"), "requests.read"),
        )
        if page.viewer.may(may)
    ]
    if page.viewer.may("feeds.areas"):
        links.append(PageLink(f"/areas/{key}/feeds", words(marked("Make a calendar feed"))))
    back = PageLink("/areas", words(marked("Areas")))
    return await record_page(
        page, Record(page.area_name(record), back, facts, sections, notices, links, {"area": key}), FORMS
    )


def _codes(area: Mapping[str, Any]) -> str:
    codes = area["codes"][-1]["value"] if area["codes"] else ()
    return ", ".join(f"{code['scheme']} {code['code']}" for code in codes)


async def _times(page: Page, key: str) -> list[Fact]:
    """When classes start there this week, and the letter of the week."""
    times = await page.read_if_there(f"/areas/{key}/times/{week_of(page.today)}")
    if times is None:
        return []
    starts = ", ".join(times["bell_times"]) or page.language.ngettext(
        "every {count} minute", "every {count} minutes", times["grid_minutes"]
    )
    return [
        Fact(marked("Classes start"), starts),
        Fact(marked("Letter of this week"), times["letter"] or page.language.gettext(marked("not said"))),
    ]


async def _lower(page: Page, area: Mapping[str, Any]) -> Section:
    """The areas right below, at this time."""
    listed = await page.read("/areas", within=area["key"], on=page.today.isoformat(), limit=500)
    below = [each for each in listed["items"] if _parent(each) == area["id"]]
    rows = [
        (_own(page, each), Cell(each["key"]), Cell(each["level"]))
        for each in sorted(below, key=page.area_name)
    ]
    link = PageLink(
        f"/areas?within={area['key']}", page.language.gettext(marked("All areas in it, as a list"))
    )
    return Section(
        marked("Areas in it"),
        (marked("Name"), marked("Key"), marked("Level")),
        rows,
        marked("No area lies in it."),
        [link] if rows else (),
    )


def _names(page: Page, area: Mapping[str, Any]) -> Section:
    rows = [
        (
            Cell(day_words(page, since["day"], "long")),
            Cell("; ".join(f"{name} ({language})" for language, name in since["value"])),
        )
        for since in reversed(area["names"])
    ]
    return Section(
        marked("Names over time"), (marked("Since"), marked("Names")), rows, marked("It has no name.")
    )
