"""Pages of volunteers: the list, one of them with what they offer, and the forms that change it; no names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from starlette.responses import Response

from api.pages.command_forms import CommandForm
from api.pages.diaries import promises_section
from api.pages.labels import choice_of, marked
from api.pages.page import Page
from api.pages.records import Fact, PageLink, Record, Section, record_page, yes_no
from api.pages.routes import Pages
from api.pages.tables import Cell, Filter, ListColumn, ListTable, list_page
from api.pages.time_words import day_words, days_between, hours_words, span_words
from domain.calendar import week_of
from domain.volunteer import VolunteerKind

pages = Pages()

EVENTS = "volunteer={volunteer}"
OWN = "/volunteers/{volunteer}"


def _skills(page: Page, volunteer: Mapping[str, Any]) -> str:
    return ", ".join(page.word("topic", skill["topic"]) for skill in volunteer["profile"]["skills"])


async def _prepare(page: Page, volunteers: Sequence[Any]) -> None:
    await page.learn_words()
    await page.area_names({volunteer["profile"]["home_area"] for volunteer in volunteers})


def _kind(page: Page, volunteer: Any) -> Cell:
    return Cell(page.language.gettext(choice_of(volunteer["profile"]["kind"])))


VOLUNTEERS = ListTable(
    marked("Volunteers"),
    "/volunteers",
    (
        ListColumn(marked("Key"), lambda _, each: Cell(each["key"], f"/volunteers/{each['key']}"), "key"),
        ListColumn(marked("Kind"), _kind),
        ListColumn(
            marked("Home area"), lambda page, each: Cell(page.known_area_name(each["profile"]["home_area"]))
        ),
        ListColumn(marked("Skills"), lambda page, each: Cell(_skills(page, each))),
        ListColumn(marked("Hours"), lambda page, each: Cell(hours_words(page, each["offer"]))),
        ListColumn(marked("Left"), lambda page, each: Cell(day_words(page, each["left"]))),
    ),
    marked("There are no volunteers yet. Enrol the first one, or import a table of them."),
    (
        Filter("area", marked("Area")),
        Filter("topic", marked("Topic")),
        Filter("kind", marked("Kind"), get_args(VolunteerKind)),
    ),
    _prepare,
)
CHECKS = ListTable(
    marked("Background checks"),
    "/checks",
    (
        ListColumn(
            marked("Volunteer"),
            lambda _, each: Cell(each["volunteer"], f"/volunteers/{each['volunteer']}"),
            "volunteer",
        ),
        ListColumn(
            marked("Valid until"),
            lambda page, each: Cell(day_words(page, each["check"] and each["check"]["expires"])),
            "expires",
        ),
        ListColumn(
            marked("The check was passed"),
            lambda page, each: Cell(yes_no(page, each["check"]["passed"]) if each["check"] else ""),
        ),
        ListColumn(
            marked("Checked by"), lambda _, each: Cell(each["check"]["unit"] if each["check"] else "")
        ),
    ),
    marked("Nobody's check is recorded yet. Record one on the page of a volunteer."),
    (Filter("expires_before", marked("Runs out before, or none (2026-12-31)")),),
)


@pages.get("/volunteers", may="volunteers.read")
async def volunteers(page: Page) -> Response:
    words = page.language.gettext
    actions = []
    if page.viewer.may("volunteers.enrol"):
        actions.append(("/volunteers/new", words(marked("Enrol a volunteer"))))
    actions.append(("/checks", words(marked("Background checks"))))
    return await list_page(page, VOLUNTEERS, actions)


@pages.get("/checks", may="volunteers.read")
async def checks(page: Page) -> Response:
    return await list_page(page, CHECKS)


async def _described(page: Page, volunteer: Mapping[str, Any]) -> Mapping[str, Any]:
    profile = volunteer["profile"]
    return {**profile, "home_area": (await page.area(profile["home_area"]))["key"]}


def _offered(_: Page, volunteer: Mapping[str, Any]) -> Mapping[str, Any]:
    rhythm = volunteer["rhythm"]
    return {
        "windows": volunteer["offer"],
        "otherwise": volunteer["otherwise"],
        "every_weeks": rhythm["every_weeks"],
        "first_week": rhythm["first_week"],
        "week_letter": rhythm["week_letter"],
    }


def _checked(_: Page, volunteer: Mapping[str, Any]) -> Mapping[str, Any]:
    return volunteer["check"] or {}


def _form(operation: str, end: str, title: str, button: str = "Save", **more: Any) -> CommandForm:
    prefill = more.pop("prefill", None)
    return CommandForm(operation, OWN + end, title, OWN, button, OWN, prefill, events=EVENTS, **more)


ENROL = CommandForm(
    "enrol_volunteer",
    "/volunteers",
    marked("Enrol a volunteer"),
    "/volunteers/{created}",
    marked("Enrol"),
    address="/volunteers/new",
    intro=marked(
        "The key says nothing about the person: name, telephone and address stand in the personal record alone."
    ),
)
FORMS = (
    _form("offer_hours", "/offer", marked("Hours of every week"), prefill=_offered),
    _form(
        "except_offer",
        "/except",
        marked("Other hours on one day"),
        intro=marked("No hours: away on that day."),
    ),
    _form("pause_volunteer", "/pause", marked("Away for some days")),
    _form("describe_volunteer", "/describe", marked("Skills and limits"), prefill=_described),
    _form("record_check", "/check", marked("Background check"), prefill=_checked),
    _form(
        "record_consent",
        "/consent",
        marked("Consent of the guardian"),
        prefill=lambda _, volunteer: {"given": volunteer["consent"]},
    ),
    _form(
        "merge_volunteer",
        "/merge",
        marked("Merge into another record"),
        marked("Merge"),
        intro=marked(
            "For a person who was registered twice: this record ends, and the other one gains what it has."
        ),
        sources={"into": "volunteers"},
        is_final=True,
    ),
    _form("let_go", "/leave", marked("Leaves"), marked("Save")),
)
ENROL.register(pages)
for form in FORMS:
    form.register(pages)


@pages.get("/volunteers/{volunteer}", may="volunteers.read")
async def volunteer(page: Page, volunteer: str) -> Response:
    """One volunteer: profile, hours, exceptions, pauses, consent, check and the week's classes; no name."""
    record = await page.read(f"/volunteers/{volunteer}")
    words, key = page.language.gettext, record["key"]
    await page.learn_words()
    await page.area_names({record["profile"]["home_area"]})
    notices = []
    if record["merged_into"]:
        notices.append(words(marked("This record was merged into another one of the same person.")))
    elif record["left"]:
        notices.append(words(marked("Has left from {day} on."), day=day_words(page, record["left"], "long")))
    if record["profile"]["minor"] and not record["consent"]:
        notices.append(words(marked("Under 18, and no guardian has agreed yet: offers no hours until then.")))
    links = []
    if (await page.client.allowed_within(["people.read"], {"volunteer": key})) and page.viewer.may(
        "people.read"
    ):
        links.append(PageLink(f"/people/{key}/volunteer", words(marked("Name, telephone and address"))))
        if record["profile"]["minor"]:
            links.append(PageLink(f"/people/{key}/guardian", words(marked("Guardian"))))
    if page.viewer.may("feeds.volunteers"):
        links.append(PageLink(f"/volunteers/{key}/feeds", words(marked("Make a calendar feed"))))
    sections = [*_times(page, record), await _diary(page, key)]
    back = PageLink("/volunteers", words(marked("Volunteers")))
    return await record_page(
        page, Record(key, back, _facts(page, record), sections, notices, links, {"volunteer": key}), FORMS
    )


def _facts(page: Page, volunteer: Mapping[str, Any]) -> list[Fact]:
    words, profile = page.language.gettext, volunteer["profile"]
    skills = ", ".join(
        f"{page.word('topic', skill['topic'])} ({words(choice_of(skill['level']))})"
        for skill in profile["skills"]
    )
    facts = [
        Fact(marked("Kind"), words(choice_of(profile["kind"]))),
        Fact(marked("Home area"), page.known_area_name(profile["home_area"])),
        Fact(marked("Skills"), skills or words(marked("none yet"))),
        Fact(marked("Roles"), ", ".join(words(choice_of(role)) for role in profile["roles"])),
        Fact(marked("Languages"), ", ".join(profile["languages"])),
        Fact(marked("Hours"), hours_words(page, volunteer["offer"]) or words(marked("none yet"))),
        Fact(marked("Hours in the other weeks"), hours_words(page, volunteer["otherwise"])),
    ]
    rhythm = volunteer["rhythm"]
    if rhythm["week_letter"]:
        facts.append(Fact(marked("Only in weeks with the letter"), rhythm["week_letter"]))
    if rhythm["every_weeks"] > 1:
        facts.append(Fact(marked("Every so many weeks"), f"{rhythm['every_weeks']} ({rhythm['first_week']})"))
    for name, label in (
        ("max_travel_km", marked("Farthest way, in km")),
        ("max_minutes_day", marked("Most minutes in a day")),
        ("max_minutes_week", marked("Most minutes in a week")),
    ):
        if profile[name] is not None:
            facts.append(Fact(label, page.language.number(profile[name])))
    if profile["minor"]:
        facts.append(Fact(marked("A guardian has agreed"), yes_no(page, volunteer["consent"])))
    return [*facts, Fact(marked("Background check"), _check_words(page, volunteer["check"]))]


def _check_words(page: Page, check: Mapping[str, Any] | None) -> str:
    words = page.language.gettext
    if check is None:
        return words(marked("none: no classes for children"))
    if not check["passed"]:
        return words(marked("not passed"))
    return words(
        marked("passed, valid until {day} ({unit})"),
        day=day_words(page, check["expires"], "long"),
        unit=check["unit"],
    )


def _times(page: Page, volunteer: Mapping[str, Any]) -> list[Section]:
    exceptions = [
        (Cell(day_words(page, each["day"], "full")), Cell(_day_hours(page, each["windows"])))
        for each in sorted(volunteer["exceptions"], key=lambda each: each["day"], reverse=True)
    ]
    pauses = [
        (Cell(days_between(page, each["first"], each["last"])),)
        for each in sorted(volunteer["pauses"], key=lambda each: each["first"], reverse=True)
    ]
    return [
        Section(
            marked("Other hours on one day"),
            (marked("Day"), marked("Hours")),
            exceptions,
            marked("On no day."),
        ),
        Section(marked("Away"), (marked("Days"),), pauses, marked("Never.")),
    ]


def _day_hours(page: Page, windows: Sequence[Mapping[str, int]]) -> str:
    spans = [span_words(window["start_min"], window["end_min"]) for window in windows]
    return ", ".join(spans) or page.language.gettext(marked("away"))


async def _diary(page: Page, key: str) -> Section:
    week = week_of(page.today)
    diary = await page.read_if_there(f"/diaries/volunteers/{key}/{week}")
    return await promises_section(page, diary)
