"""Pages of day types: the calendars, their days, and tables of days that are taken over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

from starlette.responses import Response

from api.pages.command_forms import CommandForm
from api.pages.labels import choice_of, marked
from api.pages.page import Page
from api.pages.records import yes_no
from api.pages.routes import Pages
from api.pages.tables import Cell, Filter, ListColumn, ListTable, list_page
from api.pages.time_words import day_words
from domain.day_types import WorkdayKind

pages = Pages()

CALENDARS = ListTable(
    marked("Day types"),
    "/day-types",
    (
        ListColumn(
            marked("Calendar"), lambda _, each: Cell(each["key"], f"/day-types/{each['key']}/days"), "key"
        ),
        ListColumn(
            marked("Days"), lambda page, each: Cell(page.language.number(each["days"]), is_number=True)
        ),
        ListColumn(marked("First day"), lambda page, each: Cell(day_words(page, each["first"]))),
        ListColumn(marked("Last day"), lambda page, each: Cell(day_words(page, each["last"]))),
    ),
    marked("No calendar says yet which days are holidays. Import the table of a year."),
)


def _school(page: Page, day: Any) -> Cell:
    school = day["known"]["school"]
    return Cell("" if school is None else yes_no(page, school))


DAYS = ListTable(
    marked("Days"),
    "/day-types/days",
    (
        ListColumn(marked("Day"), lambda page, each: Cell(day_words(page, each["day"], "full")), "day"),
        ListColumn(
            marked("Kind"), lambda page, each: Cell(page.language.gettext(choice_of(each["known"]["kind"])))
        ),
        ListColumn(
            marked("Name"), lambda _, each: Cell(each["known"]["name"] or each["known"]["school_name"])
        ),
        ListColumn(marked("School"), _school),
        ListColumn(
            marked("Status"),
            lambda page, each: Cell(page.language.gettext(choice_of(each["known"]["status"]))),
        ),
    ),
    marked("Nothing is said about any day, so the weekday decides."),
    (
        Filter("kind", marked("Kind"), get_args(WorkdayKind)),
        Filter("first", marked("From (2026-01-01)")),
        Filter("last", marked("Until (2026-12-31)")),
    ),
)
TYPE = CommandForm(
    "type_days",
    "/day-types/{calendar}/type",
    marked("Enter days"),
    "/day-types/{calendar}/days",
    marked("Save"),
    intro=marked(
        "A few days at a time; save and open the form again for more. For a whole year import a table."
    ),
)
TYPE.register(pages)


@pages.get("/day-types", may="day-types.read")
async def calendars(page: Page) -> Response:
    actions = [("/imports/day-types", page.language.gettext(marked("Import a table of days")))]
    return await list_page(page, CALENDARS, actions if page.viewer.may("imports.write") else ())


@pages.get("/day-types/{calendar}/days", may="day-types.read")
async def days(page: Page, calendar: str) -> Response:
    words = page.language.gettext
    table = replace(DAYS, title=words(marked("Days of the calendar {calendar}"), calendar=calendar))
    actions = [(TYPE.path.format(calendar=calendar), words(TYPE.title))]
    return await list_page(
        page, table, actions if page.viewer.may("day-types.write") else (), f"/day-types/{calendar}/days"
    )
