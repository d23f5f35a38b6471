"""Hostile texts through every form: they are raw on no page and in no table that is downloaded."""

from __future__ import annotations

import csv
import io
import re
from html import unescape

import pytest

from api.pages.routes import DeclaredPage
from tests.pages.conftest import Browser, Site
from tests.pages.test_roles import pages
from tests.pages.walking import INSIDE, address

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><b>",
    "first\nsecond\r\nthird",
    "\u202eevil\u202c",
    "=1+1",
    "@SUM(A1)",
    "{{ 7 * 7 }}",
    "x" * 10_000,
)
RAW = ("<script>alert", "<img src=x", "</script><b>", " onerror=alert(1)>")
FORMULA = re.compile(r"^\s*[=+\-@\t\r]")
ACCOUNT = "p-1"
# Fields that name something, with what there is: the other fields have the hostile text.
KNOWN = {
    "area": "river",
    "home_area": "river",
    "parent": "town",
    "into": "hill",
    "kind": "school",
    "location": "29.4, 105.6",
    "language": "en",
    "day": "2026-12-01",
    "on": "2027-01-01",
    "first": "2026-12-01",
    "last": "2026-12-02",
    "since": "2026-01-01",
    "until": "2028-01-01",
    "checked_on": "2026-01-01",
    "expires": "2028-01-01",
    "week": "2026-W50",
    "first_week": "2026-W49",
    "letter": "A",
    "capacity": "20",
    "learners": "20",
    "duration_minutes": "60",
    "role": "auditor",
    "level": "street",
    "status": "official",
    "start": "18:00",
    "end": "19:30",
}
ENDS = ("/erase", "/merge", "/dissolve", "/leave", "/close", "/revoke", "/withdraw", "/retire", "/steps")


@pytest.fixture
def administrator(site: Site) -> Browser:
    return site.person(("administrator", None))


def forms() -> list[DeclaredPage]:
    """Forms of pages that neither end what the others are about nor take a file."""
    return [each for each in pages("POST") if not each.path.endswith(ENDS) and not each.takes_files]


def typed(page: DeclaredPage, html: str, text: str, number: int) -> dict[str, str]:
    """What somebody types who puts the text wherever a form takes words."""
    names = [unescape(name) for name in re.findall(r'<(?:input|textarea|select)[^>]* name="([^"]+)"', html)]
    fields = {}
    for name in names:
        word = name.rpartition(".")[2]
        if word in ("csrf", "key", "version", "back") and 'type="hidden"' in _tag(html, name):
            continue
        if word == "key":
            fields[name] = f"new-{number}"
        elif word == "code":
            fields[name] = f"word-{number}" if page.path.startswith("/catalogue") else text
        else:
            fields[name] = KNOWN.get(word, "" if _is_box(html, name) else text)
    return fields


def _tag(html: str, name: str) -> str:
    match = re.search(rf'<(?:input|textarea|select)[^>]* name="{re.escape(name)}"[^>]*>', html)
    return match[0] if match else ""


def _is_box(html: str, name: str) -> bool:
    tag = _tag(html, name)
    return 'type="checkbox"' in tag or tag.startswith("<select") or "inputmode" in tag or 'type="date"' in tag


def assert_harmless(where: str, text: str) -> None:
    present = [raw for raw in RAW if raw in text]
    assert present == [], where
    assert ' onerror="' not in text, where


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_raw_on_no_page_and_in_no_table(
    site: Site, administrator: Browser, text: str
) -> None:
    before = site.events()
    for number, page in enumerate(forms()):
        path = address(page, INSIDE, ACCOUNT)
        html = administrator.get(path).text
        answer = administrator.send(path, html, **typed(page, html, text, number))
        assert answer.status_code < 500, path
        assert_harmless(path, answer.text)
    is_refused = len(text) > 1000 or not "".join(text.split()).replace(" ", "").isprintable()
    assert is_refused or site.events() > before + 10

    for page in pages("GET"):
        answer = administrator.get(address(page, INSIDE, ACCOUNT))
        assert answer.status_code < 500, page.path
        if answer.headers.get("content-type", "").startswith("text/html"):
            assert_harmless(page.path, answer.text)
    for page in [each for each in pages("GET") if "{" not in each.path]:
        table = administrator.get(f"{page.path}?download=csv")
        if table.headers.get("content-type", "").startswith("text/csv"):
            cells = [cell for row in csv.reader(io.StringIO(table.text)) for cell in row]
            assert [cell for cell in cells if FORMULA.match(cell)] == [], page.path


def test_hostile_filters_and_addresses_are_raw_on_no_page(administrator: Browser) -> None:
    for page in pages("GET"):
        for text in HOSTILE[:-1]:
            query = {"within": text, "area": text, "topic": text, "week": text, "sort": text, "name": text}
            answer = administrator.client.get(address(page, INSIDE, ACCOUNT), params=query)
            assert answer.status_code < 500, (page.path, text)
            if answer.headers.get("content-type", "").startswith("text/html"):
                assert_harmless(page.path, answer.text)


def test_fields_with_hostile_text_keep_it(administrator: Browser) -> None:
    """What was typed stays, letter by letter."""
    text = HOSTILE[0]
    answer = administrator.fill("/venues/library/describe", name=text, kind="library", area="", location="x")

    assert answer.status_code == 422
    assert unescape(answer.text).count(text) >= 1
    assert_harmless("describe", answer.text)
