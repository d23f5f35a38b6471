"""Pages of course requests: the list with steps for several at once, one request, and the forms that change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from starlette.responses import Response

from api.pages.command_forms import CommandForm
from api.pages.form_keys import new_key
from api.pages.labels import choice_of, marked
from api.pages.operation_client import Reply
from api.pages.page import Page
from api.pages.records import Fact, PageLink, Record, Section, record_page, yes_no
from api.pages.routes import Fields, Pages, is_shown_only
from api.pages.tables import Cell, Filter, ListColumn, ListTable, Marks, list_page
from api.pages.time_words import hours_words
from domain.request import TRANSITIONS, RequestStatus

pages = Pages()

EVENTS = "request={request}"
OWN = "/requests/{request}"
MARKED = "marked"
MOST_MARKED = 50  # a page of the list


async def _prepare(page: Page, requests: Sequence[Any]) -> None:
    await page.learn_words()
    await page.area_names({each["area"] for each in requests})


def _status(page: Page, request: Any) -> Cell:
    return Cell(page.language.gettext(choice_of(request["status"])))


REQUESTS = ListTable(
    marked("Requests"),
    "/requests",
    (
        ListColumn(marked("Title"), lambda _, each: Cell(each["order"]["title"], f"/requests/{each['key']}")),
        ListColumn(marked("Key"), lambda _, each: Cell(each["key"]), "key"),
        ListColumn(marked("Status"), _status),
        ListColumn(marked("Area"), lambda page, each: Cell(page.known_area_name(each["area"]))),
        ListColumn(marked("Topic"), lambda page, each: Cell(page.word("topic", each["order"]["topic"]))),
        ListColumn(
            marked("Learners"),
            lambda page, each: Cell(page.language.number(each["order"]["learners"]), is_number=True),
            "learners",
        ),
        ListColumn(
            marked("Priority"),
            lambda _, each: Cell(str(each["order"]["priority"]), is_number=True),
            "priority",
        ),
        ListColumn(marked("First week"), lambda _, each: Cell(each["order"]["first_week"])),
    ),
    marked("There are no requests yet. Submit the first one, or import a table of them."),
    (
        Filter("status", marked("Status"), get_args(RequestStatus)),
        Filter("area", marked("Area")),
        Filter("week", marked("Asks for the week")),
        Filter("topic", marked("Topic")),
        Filter("function", marked("Kind of learning")),
    ),
    _prepare,
)
MARKS = Marks(
    "/requests/steps",
    MARKED,
    lambda each: str(each["key"]),
    lambda each: str(each["order"]["title"]),
    (("screen", marked("Note the marked ones as screened")), ("accept", marked("Accept the marked ones"))),
)


@pages.get("/requests", may="requests.read")
async def requests(page: Page) -> Response:
    words = page.language.gettext
    actions = (
        [("/requests/new", words(marked("Submit a request")))] if page.viewer.may("requests.write") else []
    )
    return await list_page(page, REQUESTS, actions, marks=MARKS if page.viewer.may("requests.step") else None)


@pages.post("/requests/steps", may="requests.step")
async def step_marked(page: Page, fields: Fields) -> Response:
    """Take the same step with several requests; each that cannot, or that would break a released class, is named."""
    step = fields.get("step", "")
    keys = list(dict.fromkeys(fields.get(MARKED, "").split()))[:MOST_MARKED]
    key = fields.get("key", "") or new_key()
    if step not in ("screen", "accept") or not keys or is_shown_only(fields):
        return page.go("/requests")
    stopped = [
        (each, sentence) for each in keys if (sentence := await _step(page, each, step, f"{key}-{step}"))
    ]
    if not stopped:
        return page.go("/requests", saved=True)
    return page.show("steps.html", 409, step=step, stopped=stopped, done=len(keys) - len(stopped))


async def _step(page: Page, request: str, step: str, key: str) -> str:
    """Why a request does not take the step; "" where it has."""
    path = f"/requests/{request}/{step}"
    trial = await page.client.command(path, {}, query={"dry_run": "true"})
    if trial.problem is None and trial.document.get("broken"):
        return page.language.gettext(
            marked("this breaks classes that are released; open the form of the request")
        )
    reply = await page.client.command(path, {}, key=f"{key}-{request}"[:128])
    return _refusal(reply)


def _refusal(reply: Reply) -> str:
    return "" if reply.problem is None else str(reply.problem.document.get("detail", ""))


async def _ordered(page: Page, request: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**request, "area": (await page.area(request["area"]))["key"]}


def _form(operation: str, end: str, title: str, button: str = "Save", **more: Any) -> CommandForm:
    prefill = more.pop("prefill", None)
    return CommandForm(operation, OWN + end, title, OWN, button, OWN, prefill, events=EVENTS, **more)


RARE = tuple(
    f"order.{name}"
    for name in (
        *("priority", "preferred", "equipment", "max_travel_km", "leads", "assistants", "cohorts"),
        *(
            "max_sessions_per_day",
            "same_leads",
            "partial",
            "every_weeks",
            "week_letter",
            "on_weeks",
            "on_dates",
        ),
        *("except_weeks", "make_up_weeks", "make_up"),
    )
)
SUBMIT = CommandForm(
    "submit_request",
    "/requests",
    marked("Submit a request"),
    "/requests/{created}",
    marked("Submit"),
    address="/requests/new",
    rare=("location", *RARE),
)
STEPS: Mapping[str, RequestStatus] = {
    "screen_request": "screened",
    "accept_request": "accepted",
    "start_request": "running",
    "complete_request": "completed",
    "decline_request": "declined",
    "withdraw_request": "withdrawn",
}  # the status that a step leads to
FORMS = (
    _form("screen_request", "/screen", marked("Note as screened")),
    _form("accept_request", "/accept", marked("Accept"), marked("Accept")),
    _form("start_request", "/start", marked("Note that the course runs")),
    _form("complete_request", "/complete", marked("Note as completed")),
    _form(
        "decline_request",
        "/decline",
        marked("Decline"),
        marked("Decline"),
        intro=marked("The community will ask why."),
    ),
    _form("change_order", "/change", marked("Change the order"), prefill=_ordered, rare=("location", *RARE)),
    _form("leave_out", "/leave-out", marked("Leave out a week")),
    _form("withdraw_request", "/withdraw", marked("Withdraw"), marked("Withdraw")),
)
SUBMIT.register(pages)
for form in FORMS:
    form.register(pages)


@pages.get("/requests/{request}", may="requests.read")
async def request(page: Page, request: str) -> Response:
    """One request: the order, where it stands, and the weeks in which it is held."""
    record = await page.read(f"/requests/{request}")
    await page.learn_words()
    await page.area_names({record["area"]})
    words, key = page.language.gettext, record["key"]
    following = TRANSITIONS[record["status"]]
    forms = [form for form in FORMS if STEPS.get(form.operation) in (None, *following)]
    links = []
    if page.viewer.may("feeds.requests"):
        links.append(PageLink(f"/requests/{key}/feeds", words(marked("Make a calendar feed"))))
    back = PageLink("/requests", words(marked("Requests")))
    title = record["order"]["title"]
    shown = Record(title, back, _facts(page, record), [await _weeks(page, key)], (), links, {"request": key})
    return await record_page(page, shown, forms)


def _facts(page: Page, request: Mapping[str, Any]) -> list[Fact]:
    words, number, order = page.language.gettext, page.language.number, request["order"]
    facts = [
        Fact(marked("Status"), words(choice_of(request["status"]))),
        Fact(marked("Reason"), request["why"]),
        Fact(marked("Key"), request["key"]),
        Fact(marked("Area"), page.known_area_name(request["area"])),
        Fact(marked("Point on the map"), ", ".join(map(str, request["location"] or ()))),
        Fact(marked("Topic"), page.word("topic", order["topic"])),
        Fact(marked("Kind of learning"), page.word("function", order["function"])),
        Fact(marked("Form"), page.word("form", order["form"])),
        Fact(marked("For whom"), page.word("audience", order["audience"])),
        Fact(marked("Learners"), number(order["learners"])),
        Fact(marked("Length in minutes"), number(order["duration_minutes"])),
        Fact(marked("Classes in a week"), number(order["sessions"])),
        Fact(marked("Weeks"), number(order["weeks"])),
        Fact(marked("Possible times"), hours_words(page, order["acceptable"])),
        Fact(marked("Preferred times"), hours_words(page, order["preferred"])),
        Fact(marked("Priority"), number(order["priority"])),
        Fact(marked("Who teaches"), number(order["leads"])),
        Fact(marked("Who assists"), number(order["assistants"]) if order["assistants"] else ""),
        Fact(marked("Equipment"), ", ".join(order["equipment"])),
        Fact(marked("Groups"), ", ".join(order["cohorts"])),
        Fact(marked("Step-free"), yes_no(page, order["accessible"])),
        Fact(marked("Children learn"), yes_no(page, order["minors"])),
    ]
    if order["max_travel_km"] is not None:
        facts.append(Fact(marked("Farthest way, in km"), number(order["max_travel_km"])))
    return facts


async def _weeks(page: Page, key: str) -> Section:
    held = await page.read(f"/requests/{key}/weeks")
    rows = [(Cell(each["week"]), Cell(str(each["sessions"]), is_number=True)) for each in held["items"]]
    return Section(
        marked("Weeks in which it is held"),
        (marked("Week"), marked("Classes")),
        rows,
        marked("None: the area has not said which weeks are A weeks, or all weeks are left out."),
    )
