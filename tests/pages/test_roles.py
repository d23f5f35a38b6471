"""Page by role, inside and outside: everybody gets what the table of roles says, and the others a refusal in words."""

from __future__ import annotations

from uuid import UUID

import pytest

from api.http.auth.roles import TABLE
from api.pages.application import declared_pages
from api.pages.routes import DeclaredPage
from domain.network import area_id
from domain.venue import venue_id
from domain.volunteer import volunteer_id
from tests.pages.conftest import Browser, Site
from tests.pages.walking import INSIDE, OUTSIDE, address, names_part

# Where each role holds in these tests: in the first of the two streets, or everywhere.
HELD: dict[str, UUID | None] = {
    "administrator": None,
    "auditor": None,
    "coordinator": area_id("river"),
    "community": area_id("river"),
    "host": venue_id("school"),
    "volunteer": volunteer_id("wang"),
}
ACCOUNT = "p-4"  # that of the community: its role lies in the first street
TARGETS = {"host": {"venue"}, "volunteer": {"volunteer"}}  # by which a role reaches; an area else
# Pages of a week are walked over a released one, in test_week_pages.
BESIDE = ("/sign-in", "/language", "/weeks/", "/jobs/")


def pages(method: str) -> list[DeclaredPage]:
    return [each for each in declared_pages() if each.method == method and not each.path.startswith(BESIDE)]


def reach(role: str, page: DeclaredPage) -> str:
    """How far the table lets a role go: "all", "own", or "" for not at all."""
    if not page.may:
        return "all"
    return str(TABLE[page.may].get(role) or TABLE[page.may].get("public") or "")  # type: ignore[call-overload]


def is_allowed(role: str, page: DeclaredPage, values: dict[str, str]) -> bool:
    """Whether a role that holds in the first street may have a page about what these parameters name."""
    parameters = set(page.path.replace("}", "{").split("{")[1::2])
    match reach(role, page):
        case "all":
            return True
        case "own" if names_part(page):
            return values is INSIDE and (role not in TARGETS or bool(TARGETS[role] & parameters))
        case far:
            return far == "own"


@pytest.fixture
def people(site: Site) -> dict[str, Browser]:
    return {role: site.person((role, within)) for role, within in HELD.items()}


def test_pages_are_shown_to_whom_the_table_of_roles_lets_in(site: Site, people: dict[str, Browser]) -> None:
    wrong = []
    for page in pages("GET"):
        for role, browser in people.items():
            for values in (INSIDE, OUTSIDE):
                answer = browser.get(address(page, values, ACCOUNT))
                is_refused = answer.status_code == 403
                if is_refused is is_allowed(role, page, values) or answer.status_code >= 500:
                    wrong.append(f"{role} {values['area']} {page.path}: {answer.status_code}")

    assert len(pages("GET")) > 70
    assert wrong == []


def test_forms_are_refused_to_whom_the_table_of_roles_does_not_let_in(
    site: Site, people: dict[str, Browser]
) -> None:
    """Who may not send a form is told that, and not what is missing in it."""
    wrong, before = [], site.events()
    for page in pages("POST"):
        for role, browser in people.items():
            csrf = browser.get("/help").text
            for values in (INSIDE, OUTSIDE):
                if is_allowed(role, page, values):
                    continue
                answer = browser.send(address(page, values, ACCOUNT), csrf)
                if answer.status_code != 403:
                    wrong.append(f"{role} {values['area']} {page.path}: {answer.status_code}")

    assert wrong == []
    assert site.events() == before


def test_nobody_is_led_to_the_sign_in_or_reads_what_is_public(site: Site) -> None:
    browser = site.nobody()
    wrong = []
    for page in pages("GET"):
        answer = browser.get(address(page, INSIDE, ACCOUNT))
        is_public = not page.may or "public" in TABLE[page.may]
        led = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?next=")
        if led is is_public or answer.status_code >= 500:
            wrong.append(f"{page.path}: {answer.status_code}")

    assert wrong == []


def test_forms_of_nobody_save_nothing(site: Site) -> None:
    browser = site.nobody()
    before = site.events()
    for page in pages("POST"):
        browser.client.post(address(page, INSIDE, ACCOUNT), data={"why": "x"})

    assert site.events() == before
