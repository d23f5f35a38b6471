"""Forms of pages: one event however often they are sent, nothing from elsewhere, and what was typed is kept."""

from __future__ import annotations

import pytest

from tests.pages.conftest import HIDDEN, Browser, Site, field_of

FORM = "/venues/library/describe"


@pytest.fixture
def administrator(site: Site) -> Browser:
    return site.person(("administrator", None))


def test_form_has_what_is_known_and_saves_it(site: Site, administrator: Browser) -> None:
    page = administrator.get(FORM)
    assert page.status_code == 200
    before = site.events()

    answer = administrator.fill(
        FORM, name="The Library", kind="library", area="river", location="29.4, 105.6"
    )

    assert (answer.status_code, answer.headers["location"]) == (303, "/venues/library?saved=yes")
    assert site.events() == before + 1
    shown = administrator.get(answer.headers["location"])
    assert "<h1>The Library</h1>" in shown.text
    assert 'role="status"' in shown.text


def test_form_sent_twice_is_one_event(site: Site, administrator: Browser) -> None:
    page = administrator.get(FORM).text
    before = site.events()
    typed = {"name": "Twice", "kind": "library", "area": "river", "location": "29.4, 105.6"}

    answers = [administrator.send(FORM, page, **typed) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [303] * 3
    assert site.events() == before + 1


def test_form_sent_after_back_with_other_words_says_so_and_keeps_them(
    site: Site, administrator: Browser
) -> None:
    page = administrator.get(FORM).text
    typed = {"kind": "library", "area": "river", "location": "29.4, 105.6"}
    administrator.send(FORM, page, name="First", **typed)
    before = site.events()

    answer = administrator.send(FORM, page, name="Second", **typed)

    assert answer.status_code in (412, 422)
    assert site.events() == before
    assert 'value="Second"' in answer.text
    again = administrator.send(FORM, answer.text, name="Second", **typed)
    assert again.status_code == 303


def test_form_made_before_another_change_says_who_changed_what(site: Site, administrator: Browser) -> None:
    page = administrator.get(FORM).text
    other = site.person(("administrator", None))
    other.fill(FORM, name="Theirs", kind="library", area="river", location="29.4, 105.6")
    before = site.events()

    answer = administrator.send(FORM, page, name="Mine", kind="library", area="river", location="29.4, 105.6")

    assert answer.status_code == 412
    assert "<title>Error: " in answer.text
    assert 'value="Mine"' in answer.text
    assert "p-2" in answer.text
    assert site.events() == before


def test_wrong_field_is_named_in_the_summary_and_at_the_field(administrator: Browser) -> None:
    answer = administrator.fill(FORM, name="", kind="library", area="river", location="north")

    assert answer.status_code == 422
    assert 'href="#name"' in answer.text
    assert 'id="name-error"' in answer.text
    assert 'value="north"' in answer.text


def test_form_from_elsewhere_is_refused(site: Site, administrator: Browser) -> None:
    page = administrator.get(FORM).text
    fields = dict(HIDDEN.findall(page)) | {"name": "Forged", "kind": "library", "area": "river"}
    other = site.person(("administrator", None))
    before = site.events()

    without = administrator.client.post(FORM, data=fields | {"csrf": ""})
    other_site = administrator.client.post(FORM, data=fields, headers={"sec-fetch-site": "cross-site"})
    someone_else = other.client.post(FORM, data=fields)

    assert [answer.status_code for answer in (without, other_site, someone_else)] == [403] * 3
    assert site.events() == before


def test_form_from_elsewhere_is_refused_to_an_account_without_a_role_too(site: Site) -> None:
    browser = site.person()

    answer = browser.client.post("/language", data={"back": "/help", "language": "es"})

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_token_is_masked_anew_in_each_response(administrator: Browser) -> None:
    tokens = {field_of(administrator.get(FORM).text, "csrf") for _ in range(5)}
    assert len(tokens) == 5


def test_language_is_switched_and_what_was_typed_stays(site: Site, administrator: Browser) -> None:
    page = administrator.get(FORM).text
    before = site.events()

    answer = administrator.send(FORM, page, name="Typed", kind="library", area="river", language="es")

    assert answer.status_code == 200
    assert 'value="Typed"' in answer.text
    assert '<html lang="es">' in answer.text
    assert ">Guardar</button>" in answer.text
    assert ">Save</button>" not in answer.text
    assert site.events() == before
    assert '<html lang="es">' in administrator.get(FORM).text


def test_who_is_not_signed_in_is_led_to_the_sign_in_and_back(site: Site) -> None:
    answer = site.nobody().get(FORM)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/sign-in?next=%2Fvenues%2Flibrary%2Fdescribe",
    )
