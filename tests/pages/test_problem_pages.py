"""Unknown addresses and mistakes of the program: pages for browsers, problem documents for programs."""

from __future__ import annotations

import re
from typing import NoReturn

import pytest
from starlette.requests import Request
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.pages.conftest import HOME, Site

BROWSER = {"accept": "text/html,application/xhtml+xml"}
PROBLEM = "application/problem+json"


def test_an_unknown_address_is_a_page_for_browsers(site: Site) -> None:
    for browser in (site.nobody(), site.person(("administrator", None))):
        answer = browser.get("/no/such/page", **{"accept-language": "es"})

        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.headers["content-language"] == "es"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert '<main id="main"' in answer.text
        assert 'href="/help"' in answer.text


def test_a_method_that_a_page_does_not_take_is_a_page_too(site: Site) -> None:
    answer = site.person(("administrator", None)).client.post("/help", data={"why": "x"})

    assert answer.status_code == 405
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/v1/no-such-thing", "/v1", "/v1/"])
def test_the_interface_answers_with_problem_documents(site: Site, path: str) -> None:
    answer = site.nobody().get(path)

    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)


def test_programs_get_problem_documents_everywhere(site: Site) -> None:
    answer = site.nobody().get("/no/such/page", accept="*/*")

    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)


@pytest.mark.parametrize("path", ["/broken", "/v1-broken", "/v1/broken"])
def test_a_mistake_of_the_program_is_a_page_with_the_id_of_the_request(site: Site, path: str) -> None:
    def broken(_: Request) -> NoReturn:
        raise ValueError("secret")

    site.app.router.routes.insert(0, Route(path, broken))
    client = TestClient(site.app, base_url=HOME, raise_server_exceptions=False)
    page, document = client.get(path, headers=BROWSER), client.get(path, headers={"accept": "*/*"})

    assert (page.status_code, document.status_code) == (500, 500)
    assert document.headers["content-type"] == PROBLEM
    assert "secret" not in page.text + document.text
    if path.startswith("/v1/"):
        assert page.headers["content-type"] == PROBLEM
        return
    assert page.headers["content-type"].startswith("text/html")
    assert '<main id="main"' in page.text
    assert re.search(r"Request id:.*[0-9a-f]{8}-[0-9a-f-]{27}", page.text)
