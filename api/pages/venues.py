"""Pages of venues: the list, one venue with its rooms, hours and closures, and the forms that change them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from starlette.responses import Response

from api.pages.command_forms import CommandForm
from api.pages.diaries import promises_section
from api.pages.labels import choice_of, marked
from api.pages.page import Page
from api.pages.records import Fact, PageLink, Record, Section, record_page, usable, yes_no
from api.pages.routes import Pages
from api.pages.tables import Cell, Filter, ListColumn, ListTable, list_page
from api.pages.time_words import day_words, days_between, hours_words, period_words, rule_words, span_words
from domain.calendar import add_days, monday, week_of
from domain.venue import VenueKind
from domain.windows import DAY_MIN

pages = Pages()

EVENTS = "venue={venue}"
OWN = "/venues/{venue}"


def _kind(page: Page, venue: Any) -> Cell:
    return Cell(page.language.gettext(choice_of(venue["kind"])))


async def _prepare(page: Page, venues: Sequence[Any]) -> None:
    await page.area_names({venue["area"] for venue in venues})


VENUES = ListTable(
    marked("Venues"),
    "/venues",
    (
        ListColumn(marked("Name"), lambda _, venue: Cell(venue["name"], f"/venues/{venue['key']}"), "name"),
        ListColumn(marked("Key"), lambda _, venue: Cell(venue["key"]), "key"),
        ListColumn(marked("Kind"), _kind),
        ListColumn(marked("Area"), lambda page, venue: Cell(page.known_area_name(venue["area"]))),
        ListColumn(marked("Rooms"), lambda _, venue: Cell(str(len(venue["rooms"])), is_number=True)),
    ),
    marked("There are no venues yet. Register the first one, or import a table of them."),
    (Filter("area", marked("Area")), Filter("kind", marked("Kind"), get_args(VenueKind))),
    _prepare,
)


@pages.get("/venues", may="venues.read")
async def venues(page: Page) -> Response:
    actions = [("/venues/new", page.language.gettext(marked("Register a venue")))]
    return await list_page(page, VENUES, actions if page.viewer.may("venues.register") else ())


async def _described(page: Page, venue: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**venue, "area": (await page.area(venue["area"]))["key"]}


def _terms(_: Page, venue: Mapping[str, Any]) -> Mapping[str, Any]:
    return venue["terms"]  # type: ignore[no-any-return]


REGISTER = CommandForm(
    "register_venue",
    "/venues",
    marked("Register a venue"),
    "/venues/{created}",
    marked("Register the venue"),
    address="/venues/new",
)


def _form(operation: str, end: str, title: str, button: str = "Save", **more: Any) -> CommandForm:
    prefill = more.pop("prefill", None)
    back = more.pop("back", OWN)
    return CommandForm(operation, OWN + end, title, back, button, OWN, prefill, events=EVENTS, **more)


HOURS = _form(
    "set_opening_rules",
    "/opening-rules",
    marked("Opening hours"),
    left_out=("periods",),
    intro=marked(
        "They take the place of the hours that the venue, or the room that you choose, has now. Write them as on "
        "OpenStreetMap, such as: Mo-Fr 17:00-21:00; Sa 09:00-12:00; PH off."
    ),
)
CLOSE = _form("close_venue", "/close", marked("Close for some days"), marked("Close"))
LIFT = _form("lift_closure", "/closures/{closure}/lift", marked("Lift the closure"), marked("Lift"))
CHANGE_ROOM = CommandForm(
    "open_room",
    OWN + "/rooms",
    marked("Describe the room"),
    OWN + "/rooms/{room}",
    marked("Save"),
    OWN + "/rooms/{room}",
    lambda _, room: room,
    is_versioned=False,
    address=OWN + "/rooms/{room}/describe",
)
TAKE_BACK = _form("withdraw_room", "/rooms/{room}/withdraw", marked("Lend the room no more"), marked("Save"))
FORMS = (
    _form("describe_venue", "/describe", marked("Describe the venue"), prefill=_described),
    _form("lend_venue", "/lend", marked("Terms"), prefill=_terms),
    _form("open_room", "/rooms", marked("Add a room")),
    HOURS,
    CLOSE,
    _form(
        "retire_venue",
        "/retire",
        marked("Lend nothing any more"),
        intro=marked("Leave the day empty, and the venue lends again."),
    ),
)
ROOM_FORMS = (CHANGE_ROOM, TAKE_BACK)
REGISTER.register(pages)
for form in (*FORMS, LIFT, *ROOM_FORMS):
    form.register(pages)


@pages.get("/venues/{venue}", may="venues.read")
async def venue(page: Page, venue: str) -> Response:
    """One venue with everything that holds there, and the forms that this person may use."""
    record = await page.read(f"/venues/{venue}")
    words, key = page.language.gettext, record["key"]
    await page.area_names({record["area"]})
    path = {"venue": key}
    notices = []
    if record["retired"]:
        notices.append(
            words(marked("Lends nothing from {day} on."), day=day_words(page, record["retired"], "long"))
        )
    terms = record["terms"]
    cap = terms["weekly_cap_minutes"]
    facts = (
        Fact(marked("Key"), key),
        Fact(marked("Kind"), words(choice_of(record["kind"]))),
        Fact(marked("Area"), page.known_area_name(record["area"])),
        Fact(marked("Point on the map"), ", ".join(map(str, record["location"]))),
        Fact(marked("Price"), words(choice_of(terms["price"]))),
        Fact(
            marked("Price of an hour"),
            page.language.number(terms["price_per_hour"]) if terms["price_per_hour"] else "",
        ),
        Fact(marked("Most minutes in a week"), page.language.number(cap) if cap is not None else ""),
        Fact(
            marked("Hours of notice to take a room back"), page.language.number(terms["recall_notice_hours"])
        ),
    )
    may_lift = bool(await usable(page, [LIFT], path))
    sections = (_rooms(page, record), _hours(page, record), _closures(page, record, may_lift=may_lift))
    links = []
    if page.viewer.may("feeds.venues"):
        links.append(PageLink(f"/venues/{key}/feeds", words(marked("Make a calendar feed"))))
    back = PageLink("/venues", words(marked("Venues")))
    return await record_page(page, Record(record["name"], back, facts, sections, notices, links, path), FORMS)


def _rooms(page: Page, venue: Mapping[str, Any]) -> Section:
    rows = [
        (
            Cell(room["name"], f"/venues/{venue['key']}/rooms/{room['key']}"),
            Cell(room["key"]),
            Cell(page.language.number(room["capacity"]), is_number=True),
            Cell(yes_no(page, room["accessible"])),
            Cell(", ".join(room["equipment"])),
        )
        for room in venue["rooms"]
    ]
    headings = (marked("Name"), marked("Key"), marked("Places"), marked("Step-free"), marked("Equipment"))
    return Section(
        marked("Rooms"), headings, rows, marked("This venue lends no room yet. Add the first one.")
    )


def _hours(page: Page, venue: Mapping[str, Any], room: str | None = None) -> Section:
    """Opening rules of the venue, or those that hold for one of its rooms."""
    names = {each["id"]: each["name"] for each in venue["rooms"]}
    own = [each for each in venue["hours"] if room is None or each["room"] == room]
    held = own or [each for each in venue["hours"] if each["room"] is None]
    everywhere = page.language.gettext(marked("all rooms"))
    rows = [
        (
            Cell(names.get(each["room"], everywhere)),
            Cell(period_words(page, period)),
            Cell("; ".join(rule_words(page, rule) for rule in period["rules"])),
        )
        for each in held
        for period in each["hours"]["periods"]
    ]
    return Section(
        marked("Opening hours"),
        (marked("Room"), marked("When"), marked("Hours")),
        rows,
        marked("No hours are set yet, so nothing can be planned here."),
    )


def _closures(page: Page, venue: Mapping[str, Any], *, may_lift: bool) -> Section:
    """Closures that have not ended, the next first."""
    words, names = page.language.gettext, {each["id"]: each["name"] for each in venue["rooms"]}
    today = page.today.isoformat()
    coming = sorted(
        (each for each in venue["closures"] if each["last"] >= today), key=lambda each: each["first"]
    )
    rows = [
        (
            Cell(days_between(page, each["first"], each["last"])),
            Cell(_part_of_day(page, each)),
            Cell(", ".join(names.get(room, "") for room in each["rooms"]) or words(marked("all rooms"))),
            *([Cell(words(LIFT.title), LIFT.path.format(venue=venue["key"], closure=each["id"]))] * may_lift),
        )
        for each in coming
    ]
    headings = (marked("Days"), marked("Hours"), marked("Rooms"), *([""] * may_lift))
    return Section(marked("Closed"), headings, rows, marked("Nothing is closed from today on."))


def _part_of_day(page: Page, closure: Mapping[str, Any]) -> str:
    if (closure["start_min"], closure["end_min"]) == (0, DAY_MIN):
        return page.language.gettext(marked("all day"))
    return span_words(closure["start_min"], closure["end_min"])


@pages.get("/venues/{venue}/rooms/{room}", may="venues.read")
async def room(page: Page, venue: str, room: str) -> Response:
    """One room: what it is, its hours, and its week."""
    record = await page.read(f"/venues/{venue}")
    own = await page.read(f"/venues/{venue}/rooms/{room}")
    words, week = page.language.gettext, _week(page)
    opened = await page.read(f"/venues/{venue}/rooms/{room}/open/{week}")
    await page.learn_words()
    names = {each["id"]: each["name"] for each in record["rooms"]}
    functions = own["functions"]
    facts = (
        Fact(marked("Key"), own["key"]),
        Fact(marked("Places"), page.language.number(own["capacity"])),
        Fact(marked("Step-free"), yes_no(page, own["accessible"])),
        Fact(marked("Equipment"), ", ".join(own["equipment"])),
        Fact(marked("Part of the room"), names.get(own["part_of"], "")),
        Fact(marked("Minutes between two classes"), page.language.number(own["turnaround_minutes"])),
        Fact(
            marked("Welcome kinds of learning"),
            words(marked("all"))
            if functions is None
            else ", ".join(page.word("function", code) for code in functions),
        ),
        Fact(marked("Week"), week),
        Fact(marked("Open in this week"), hours_words(page, opened["windows"]) or words(marked("never"))),
    )
    sections = [_hours(page, record, own["id"])]
    if page.viewer.may("diaries.places.read"):
        diary = await page.read_if_there(f"/diaries/rooms/{venue}/{room}/{week}")
        if diary is not None:
            sections.insert(0, await promises_section(page, diary))
    path = {"venue": record["key"], "room": own["key"]}
    links = []
    if page.viewer.may("feeds.venues"):
        links.append(
            PageLink(
                f"/venues/{record['key']}/rooms/{own['key']}/feeds", words(marked("Make a calendar feed"))
            )
        )
    here = f"/venues/{record['key']}/rooms/{own['key']}"
    links += [
        PageLink(f"{here}?week={moved_week(week, -1)}", words(marked("The week before"))),
        PageLink(f"{here}?week={moved_week(week, 1)}", words(marked("The week after"))),
    ]
    back = PageLink(f"/venues/{record['key']}", record["name"])
    return await record_page(page, Record(own["name"], back, facts, sections, (), links, path), ROOM_FORMS)


def _week(page: Page) -> str:
    return page.request.query_params.get("week") or week_of(page.today)


def moved_week(week: str, weeks: int) -> str:
    """The ISO week so many weeks later; a text that is no week stays as it is."""
    try:
        return week_of(add_days(monday(week), 7 * weeks))
    except ValueError:
        return week
