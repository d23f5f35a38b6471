"""A week of the town with a draft, and the forms of its pages one by one."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from tests.adapters.town import WEEK
from tests.pages.conftest import Browser, Site
from tests.workers import do_one

WEEK_PATH = f"/weeks/town/{WEEK}"
CHOIR = f"{WEEK_PATH}/sessions/r-choir/1"


def form(page: str, id: str) -> str:
    """One form of a page, as it stands there."""
    match = re.search(rf'<form[^>]*id="{id}".*?</form>', page, re.DOTALL)
    assert match is not None, f"no form {id}"
    return match[0]


def send(browser: Browser, path: str, id: str, **typed: str) -> Any:
    """Open a page and send one of its forms."""
    return browser.send(path, form(browser.get(path).text, id), **typed)


def values(page: str, name: str) -> list[str]:
    """What the buttons and options of a name send."""
    return [unescape(value) for value in re.findall(rf'name="{name}" value="([^"]*)"', page)]


def options(page: str, id: str) -> list[str]:
    """The values of the options of a choice, without the empty one."""
    match = re.search(rf'<select id="{id}".*?</select>', page, re.DOTALL)
    return (
        [] if match is None else [unescape(each) for each in re.findall(r'<option value="([^"]+)"', match[0])]
    )


def plan(site: Site, browser: Browser) -> str:
    """Plan the week by its form and do the job; the address of the job's page."""
    answer = send(browser, f"{WEEK_PATH}/plan", "form-plan", seconds="2")
    assert answer.status_code == 303, answer.text
    assert do_one(site.lyceum)
    return str(answer.headers["location"])


def words(page: str) -> str:
    """What a person reads of the content of a page, in one line."""
    main = page[page.find("<main") :]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))
