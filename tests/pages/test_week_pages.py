"""Pages of a week: who sees which, what they say, as of when, and hostile names on all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from html import unescape
from uuid import UUID

import pytest

from api.http.auth.roles import TABLE
from api.pages.application import declared_pages
from api.pages.routes import DeclaredPage
from api.pages.weeks.job_pages import curve_of
from domain.network import area_id
from domain.venue import venue_id
from domain.volunteer import volunteer_id
from tests.adapters.town import WEEK, ask, evenings, town
from tests.hostile import KINDS, raw
from tests.pages.conftest import Browser, Site
from tests.pages.week_site import WEEK_PATH, form, options, plan, send, words

ROOTS = ("/weeks/{area}/{week}", "/jobs", "/history")
EVERYWHERE = ("/jobs", "/history")  # they show what lies in one's own part
ROLES: tuple[tuple[str, UUID | None, bool], ...] = (
    ("administrator", None, True),
    ("auditor", None, True),
    ("coordinator", area_id("town"), True),
    ("coordinator", area_id("hill"), False),
    ("host", venue_id("library"), False),
    ("volunteer", volunteer_id("wang"), False),
    ("community", area_id("hill"), False),
)


def pages_shown() -> list[DeclaredPage]:
    return [
        each
        for each in declared_pages()
        if each.method == "GET" and each.path.startswith(ROOTS) and "/desk" not in each.path
    ]


def path_of(declared: DeclaredPage, job: str) -> str:
    names = {
        "area": "town",
        "week": WEEK,
        "request": "r-choir",
        "session": "1",
        "number": "1",
        "branch": "alt",
    }
    return declared.path.format(**names, job=job)


def expected(declared: DeclaredPage, role: str, *, inside: bool) -> int:
    if role not in TABLE[declared.may] or not (inside or declared.path in EVERYWHERE):
        return 403
    return 200


@pytest.fixture
def administrator(site: Site) -> Browser:
    return site.person(("administrator", None))


@dataclass(frozen=True)
class Released:
    """The town with a draft, a release and a branch, for tests that leave them as they are."""

    site: Site
    administrator: Browser
    job: str


@pytest.fixture(scope="module")
def released() -> Iterator[Released]:
    with town("memory:") as lyceum, ExitStack() as stack:
        site = Site(lyceum, stack)
        administrator = site.person(("administrator", None))
        job = plan(site, administrator)
        assert send(administrator, f"{WEEK_PATH}/release", "form-release", name="First").status_code == 303
        assert send(administrator, f"{WEEK_PATH}/branches", "form-start", name="alt").status_code == 303
        yield Released(site, administrator, job.removeprefix("/jobs/"))


def test_each_page_is_shown_to_each_role_in_its_part(released: Released) -> None:
    shown = pages_shown()
    assert len(shown) > 15
    people = [(role, inside, released.site.person((role, within))) for role, within, inside in ROLES]

    answers = {
        (declared.path, role, inside): browser.get(path_of(declared, released.job)).status_code
        for declared in shown
        for role, inside, browser in people
    }

    table = {
        (declared.path, role, inside): expected(declared, role, inside=inside)
        for declared in shown
        for role, inside, _ in people
    }
    assert answers == table


def test_who_is_not_signed_in_is_led_to_the_sign_in(released: Released) -> None:
    nobody = released.site.nobody()
    answers = [nobody.get(path_of(declared, released.job)) for declared in pages_shown()]
    assert {answer.status_code for answer in answers} == {303}
    assert all(answer.headers["location"].startswith("/sign-in?next=") for answer in answers)


def test_auditor_reads_and_gets_no_form_that_changes(released: Released) -> None:
    auditor = released.site.person(("auditor", None))
    for declared in pages_shown():
        page = auditor.get(path_of(declared, released.job)).text
        actions = re.findall(r'<form method="post"(?: action="([^"]*)")?', page)
        assert set(actions) <= {"/language"}, declared.path


# ---- What they say


def test_empty_week_says_what_to_do_first(administrator: Browser) -> None:
    page = words(administrator.get(WEEK_PATH).text)
    assert "Plan the week" in page
    assert "4 requests ask for this week" in page
    assert "There is no draft of this week yet" in words(administrator.get(f"{WEEK_PATH}/list").text)
    assert "Nothing is released yet" in words(administrator.get(f"{WEEK_PATH}/releases").text)
    assert "Bring in the requests" in words(administrator.get("/weeks/town/2028-W01").text)


def test_overview_counts_what_is_served_and_leads_on(released: Released) -> None:
    page = words(released.administrator.get(WEEK_PATH).text)
    assert "4 classes in draft 1, of 5 that are asked for" in page
    assert "3 requests have a place, of 4" in page
    assert "Released: number 1, First" in page
    assert "See what is released" in page


def test_week_of_a_form_is_gone_to(administrator: Browser) -> None:
    answer = administrator.get("/weeks?area=river&week=2026-W50")
    assert (answer.status_code, answer.headers["location"]) == (303, "/weeks/river/2026-W50")


def test_list_is_narrowed_and_downloaded(released: Released) -> None:
    everything = released.administrator.get(f"{WEEK_PATH}/list").text
    assert everything.count("/sessions/") == 4
    for query, count in (
        ("street=River", 3),
        ("venue=library", 1),
        ("function=leisure", 1),
        ("text=CHOIR", 1),
        ("marks=pins", 0),
        ("day=5", 1),
        ("page=99", 4),
        ("page=x&day=x", 4),
    ):
        assert released.administrator.get(f"{WEEK_PATH}/list?{query}").text.count("/sessions/") == count, (
            query
        )

    table = released.administrator.get(f"{WEEK_PATH}/list?street=River&download=csv")

    assert table.headers["content-type"].startswith("text/csv")
    assert len(table.text.strip().splitlines()) == 4


def test_releases_are_compared(released: Released) -> None:
    page = words(released.administrator.get(f"{WEEK_PATH}/releases?before=0&after=1").text)
    assert "From release 0 to release 1" in page
    assert "4 New" in page
    wrong = released.administrator.get(f"{WEEK_PATH}/releases?before=0&after=9")
    assert wrong.status_code == 404
    assert "<title>Error: " in wrong.text


def test_problems_are_looked_for_only_when_asked(released: Released) -> None:
    before = words(released.administrator.get(f"{WEEK_PATH}/problems").text)
    after = words(released.administrator.get(f"{WEEK_PATH}/problems?look=all").text)
    assert "None." not in before
    assert "Rules that the draft breaks None." in after
    assert "can never be held: 0 of 1 leads know robots" in after


def test_export_is_the_zip_file_of_the_release(released: Released) -> None:
    answer = released.administrator.get(f"{WEEK_PATH}/exports/week.zip?release=1")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.content.startswith(b"PK")


def test_history_says_who_what_when_and_why(released: Released) -> None:
    released.administrator.fill(
        "/venues/library/describe", name="New", kind="library", area="hill", location="29.4, 105.6"
    )

    of_venue = words(released.administrator.get("/history?venue=library").text)
    of_week = words(released.administrator.get(f"{WEEK_PATH}/history").text)
    of_type = words(released.administrator.get("/history?type=timetable.released").text)

    assert "p-1 library : Description of the venue changed" in of_venue
    assert of_week.index("Draft released") < of_week.rindex("Draft made")
    assert "First" in of_type
    assert released.administrator.get("/history?venue=library&request=r-choir").status_code == 422
    assert released.administrator.get("/history?venue=nowhere").status_code == 404


def test_history_goes_on_to_older_events(released: Released) -> None:
    page = released.administrator.get("/history?before=20").text
    assert "Draft made" not in words(page).split("When Who", 1)[1]


def test_page_as_of_an_earlier_moment_shows_what_was_then(site: Site, administrator: Browser) -> None:
    plan(site, administrator)
    drafted = site.events()
    send(administrator, f"{WEEK_PATH}/release", "form-release", name="Later")

    then = words(administrator.get(f"{WEEK_PATH}?at={drafted}").text)
    now = words(administrator.get(WEEK_PATH).text)

    assert "Nothing is released yet" in then
    assert "Show it as it is now" in then
    assert "Released: number 1, Later" in now
    assert "form-release" not in administrator.get(f"{WEEK_PATH}/release?at={drafted}").text
    assert administrator.get(f"{WEEK_PATH}?at=yesterday").status_code == 422
    assert "There is no draft yet" in words(administrator.get(f"{WEEK_PATH}?at=2026-11-20T17:00:10").text)


# ---- Jobs


def test_waiting_job_looks_again_and_can_be_stopped(site: Site, administrator: Browser) -> None:
    started = send(administrator, f"{WEEK_PATH}/plan", "form-plan", seconds="2")
    path = started.headers["location"]

    waiting = administrator.get(path)
    stopped = administrator.send(path, form(waiting.text, "form-stop"))
    after = administrator.get(path)

    assert waiting.headers["refresh"] == "3"
    assert stopped.status_code == 303
    assert "Stopped" in words(after.text)
    assert "refresh" not in after.headers
    assert "Plan" in words(administrator.get("/jobs?status=stopped").text)


def test_second_plan_leads_to_the_one_that_runs(administrator: Browser) -> None:
    first = send(administrator, f"{WEEK_PATH}/plan", "form-plan", seconds="2")
    second = send(administrator, f"{WEEK_PATH}/plan", "form-plan", seconds="3")
    assert second.headers["location"] == first.headers["location"]


def test_wrong_seconds_are_named_at_the_field(site: Site, administrator: Browser) -> None:
    before = site.events()
    answer = send(administrator, f"{WEEK_PATH}/plan", "form-plan", seconds="soon")
    assert answer.status_code == 422
    assert 'href="#plan-seconds"' in answer.text
    assert 'value="soon"' in answer.text
    assert site.events() == before


def test_curve_is_drawn_within_its_box_and_the_value_rises() -> None:
    points = [
        {"seconds": float(second), "value": value, "bound": 120, "phase": "improving"}
        for second, value in enumerate((50, 80, 100))
    ]
    curve = curve_of(points)
    assert curve is not None
    positions = [tuple(map(float, pair.split(","))) for pair in curve.value.split()]
    assert [x for x, _ in positions] == sorted(x for x, _ in positions)
    assert [y for _, y in positions] == sorted((y for _, y in positions), reverse=True)
    assert (curve.least, curve.greatest) == (50, 120)
    assert curve_of(points[:1]) is None


def test_repair_has_a_form_only_after_a_release(site: Site, administrator: Browser) -> None:
    plan(site, administrator)
    assert "form-repair" not in administrator.get(f"{WEEK_PATH}/plan").text
    send(administrator, f"{WEEK_PATH}/release", "form-release", name="First")
    answer = send(
        administrator, f"{WEEK_PATH}/plan", "form-repair", seconds="1", most_sessions="2", notice_hours=""
    )
    assert answer.status_code == 303


# ---- Branches


def test_branch_is_planned_compared_and_dropped(released: Released) -> None:
    path = f"{WEEK_PATH}/branches/alt"
    assert send(released.administrator, path, "form-plan", time_limit_s="1").status_code == 303

    compared = words(released.administrator.get(f"{path}?with=").text)
    dropped = send(released.administrator, path, "form-drop")

    assert "side by side" in compared
    assert "People served" in compared
    assert dropped.headers["location"].startswith(f"{WEEK_PATH}/branches")
    assert "Dropped" in words(released.administrator.get(f"{WEEK_PATH}/branches").text)


def test_branch_starts_from_a_release(released: Released) -> None:
    path = f"{WEEK_PATH}/branches?release=1"
    answer = send(released.administrator, path, "form-start", name="old", start="release 1")
    assert answer.status_code == 303
    assert "A release 1" in words(released.administrator.get(f"{WEEK_PATH}/branches/old").text)
    again = send(released.administrator, f"{WEEK_PATH}/branches", "form-start", name="old")
    assert again.status_code == 409
    assert 'value="old"' in again.text


# ---- Hostile names


def hostile_pages(browser: Browser) -> Iterator[str]:
    for path in (
        "",
        "/list",
        "/list?text=x",
        "/release",
        "/releases",
        "/plan",
        "/problems?look=all",
        "/branches",
    ):
        yield browser.get(WEEK_PATH + path).text
    yield browser.get("/history").text


@pytest.mark.parametrize("text", [KINDS["markup"], '"><script>alert(1)</script>', "x" * 10_000])
def test_hostile_names_stand_raw_on_no_page(site: Site, administrator: Browser, text: str) -> None:
    stamp = site.lyceum.metadata()
    ask(
        site.lyceum,
        stamp,
        "r-odd",
        "river",
        topic="choir",
        acceptable=evenings(),
        learners=5,
        title=text[:150],
    )
    site.lyceum.views.catch_up()
    plan(site, administrator)
    administrator.get(f"{WEEK_PATH}/list?text={text[:500]}")
    send(administrator, f"{WEEK_PATH}/release", "form-release", name=text[:150])
    send(administrator, f"{WEEK_PATH}/branches", "form-start", name=text)

    pages = [*hostile_pages(administrator), administrator.get(f"{WEEK_PATH}/sessions/r-odd/1").text]

    assert all("<script" not in page for page in pages)
    assert all(" style=" not in page and not re.search(r"<[^>]* on[a-z]+=", page) for page in pages)
    assert all(not raw(unescape(page), "\n") for page in pages)
    assert any(text[:100] in unescape(page) for page in pages)


def test_choice_of_an_unknown_kind_is_no_error(administrator: Browser) -> None:
    assert administrator.get("/history?type=<script>").status_code == 200
    assert administrator.get("/jobs?status=<script>").status_code == 422
    assert options(administrator.get("/history").text, "filter-type")[0].count(".") == 1
