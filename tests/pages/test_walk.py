"""All pages of the real site in a real browser, by each role and in each language: nothing that anybody stumbles on."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

import pytest
from playwright.sync_api import Browser as Chromium

from adapters.imports.importing import KINDS
from adapters.imports.profiles import profile_names
from adapters.wording.languages import PSEUDO
from api.http.auth.roles import TABLE
from api.pages.routes import DeclaredPage
from domain.catalogue import FIELD
from tests.pages.desk.conftest import browser  # noqa: F401 - a fixture
from tests.pages.walk_site import PEOPLE, WalkedSite, Walker, get_pages, walked_site, walker

pytestmark = pytest.mark.slow

WIDTHS = {"en": 1280, "zh": 768, "es": 320, PSEUDO: 320}
DOWNLOADS = {
    "/imports/{kind}/template/{format}",
    "/exports/data/{kind}/{format}",
    "/exports/people/{format}",
    "/weeks/{area}/{week}/exports/week.zip",
    "/weeks/{area}/{week}/exports/named.zip",
}
# Every string that a person reads or hears, in the order of the document.
STRINGS = """() => {
    const strings = [document.title], texts = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        if (node.nodeType === Node.TEXT_NODE) {
            if (!node.parentElement.closest('script, style, template')) texts.push(node.data);
            continue;
        }
        for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'aria-description', 'aria-roledescription'])
            if (node.hasAttribute(name)) strings.push(node.getAttribute(name));
    }
    return [texts.join('\\x1f'), ...strings];
}"""
# Empties the first form that has something to fill in; whether there is one.
EMPTY = """() => {
    for (const form of document.querySelectorAll('main form[method=post]')) {
        const fields = [...form.elements].filter(each => each.name && each.type !== 'hidden' && each.type !== 'submit');
        window.toSend = form.querySelector('button:not([name=language], [type=button])');
        if (!fields.length || !window.toSend) continue;
        for (const each of fields)
            if (each.type === 'checkbox' || each.type === 'radio') each.checked = false;
            else if (each.tagName === 'SELECT') each.selectedIndex = each.options[0]?.value ? -1 : 0;
            else if (each.type !== 'file') each.value = '';
        form.noValidate = true;
        return true;
    }
    return false;
}"""
BRACKETED = re.compile(r"⟦[^⟦⟧]*⟧")
TAG = re.compile(r"</?\w[^>]*>")  # in what stands in a page for browsers without scripts
NUMBER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{16}\b|\bp-\d+\b|\b\d{4}-W\d\d\b")
WORD = re.compile(r"[^\W\d_][\w’'.@-]*")
NAMES = """
    Lyceum 简体中文 English Español 文化艺术 CN Asia Shanghai UTC CSV XLSX en zh es
    Town River Hill School Library Hall East West Reading
    town river hill city street school library hall east west reading
    wang li zhao Fang First alt Repairs coordinator-1 calligraphy choir phones robots
    Course r-brush r-choir r-phone r-robot
    p-administrator p-auditor p-coordinator p-community p-host p-volunteer
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mon Tue Wed Thu Fri Sat Sun
    January November December Jan Nov Dec at s
"""


def columns_of_imports() -> frozenset[str]:
    """What the columns of a table to import hold, which is not translated yet."""
    return frozenset(" ".join(column.holds.split()) for kind in KINDS.values() for column in kind.columns)


def words_of_data() -> frozenset[str]:
    """Words that are no text of a page: names and keys of the town, words of the catalogue, names of tables."""
    catalogue = (text for entry in FIELD for text in (entry.code, *dict(entry.names).values()))
    columns = (
        text for kind in KINDS.values() for column in kind.columns for text in (column.name, column.example)
    )
    tables = (*KINDS, *profile_names(), *columns)
    return frozenset(
        {*NAMES.split(), *(word for text in (*catalogue, *tables) for word in WORD.findall(text))}
    )


@pytest.fixture(scope="module")
def site() -> Iterator[WalkedSite]:
    with walked_site() as running:
        yield running


def may_see(role: str, page: DeclaredPage) -> bool:
    return not page.may or role in TABLE[page.may]


def not_translated(walking: Walker, path: str, data: Container[str]) -> None:
    for text in walking.page.evaluate(STRINGS):
        outside = TAG.sub("", text)
        while (fewer := BRACKETED.sub("", outside)) != outside:
            outside = fewer
        for part in outside.split("\x1f"):
            if " ".join(part.split()) in columns_of_imports():
                continue
            words = [word for word in WORD.findall(NUMBER.sub("", part)) if word.rstrip(".'") not in data]
            if words:
                walking.note(path, f"not translated: {' '.join(part.split())[:120]}")


def walk(walking: Walker, role: str, *, axe: bool = False, pseudo: bool = False) -> set[str]:
    """Open every page that a role may see; the paths of these."""
    seen, data = set(), words_of_data()
    for declared in get_pages():
        if not may_see(role, declared):
            continue
        path = walking.site.address(declared)
        response = walking.go(path)
        assert (response is None) is (declared.path in DOWNLOADS), f"{path} is a page or a file"
        seen.add(declared.path)
        if response is None:
            continue
        walking.look(path, response)
        if axe:
            walking.examine(path)
        if pseudo:
            not_translated(walking, path, data)
    return seen


@pytest.mark.parametrize("language", list(WIDTHS))
def test_every_page_in_every_language(site: WalkedSite, browser: Chromium, language: str) -> None:  # noqa: F811
    with walker(
        site, browser, "administrator", language, width=WIDTHS[language], axe=language == "en"
    ) as walking:
        seen = walk(walking, "administrator", axe=language == "en", pseudo=language == PSEUDO)

    assert seen == {declared.path for declared in get_pages()}
    assert walking.faults == []


@pytest.mark.parametrize("role", [role for role in PEOPLE if role != "administrator"])
def test_every_page_of_every_role(site: WalkedSite, browser: Chromium, role: str) -> None:  # noqa: F811
    """A refusal is a page too."""
    with walker(site, browser, role, PSEUDO, width=320, may_be_refused=True) as walking:
        seen = walk(walking, role, pseudo=True)

    assert seen
    assert walking.faults == []


@pytest.mark.parametrize("language", ["en", PSEUDO])
def test_every_form_that_is_sent_empty(site: WalkedSite, browser: Chromium, language: str) -> None:  # noqa: F811
    shown, data = 0, words_of_data()
    with walker(
        site, browser, "administrator", language, width=320, axe=language == "en", may_be_refused=True
    ) as walking:
        for declared in get_pages():
            path = walking.site.address(declared)
            if declared.path in DOWNLOADS or walking.go(path) is None or not walking.page.evaluate(EMPTY):
                continue
            with walking.page.expect_navigation() as navigation:
                walking.page.evaluate("window.toSend.click()")
            if not walking.page.locator(".summary, [aria-invalid=true]").count():
                continue
            is_wrong = walking.page.locator(".summary:not(.warn)").count() > 0
            shown += is_wrong
            walking.look(f"{path} sent empty", navigation.value)
            if language == PSEUDO:
                not_translated(walking, f"{path} sent empty", data)
            else:
                walking.examine(f"{path} sent empty")
                if is_wrong and not walking.page.title().startswith("Error:"):
                    walking.note(path, f"title {walking.page.title()}")

    assert shown > 40
    assert walking.faults == []
