"""What staff do on pages: several requests at once, secrets that are shown once, files that are tried and imported."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from adapters.application.application import Lyceum
from adapters.store.streams import AREAS, REQUESTS, VENUES, VOLUNTEERS
from domain.network import area_id
from domain.request import request_id
from domain.venue import venue_id
from domain.volunteer import volunteer_id
from tests.pages.conftest import HIDDEN, Browser, Site, field_of

VENUES_FILE = b"key,name,kind,area,lat,lon\r\nmuseum,Museum,museum,river,29.4,105.6\r\n"


@pytest.fixture
def administrator(site: Site) -> Browser:
    return site.person(("administrator", None))


def ordered(browser: Browser, key: str) -> Any:
    """A request that was submitted by the form."""
    return browser.fill(
        "/requests/new",
        key=key,
        area="river",
        order__title="Singing",
        order__topic="choir",
        order__function="leisure",
        order__learners="20",
        order__duration_minutes="60",
        order__acceptable__0__day="1",
        order__acceptable__0__start="18:00",
        order__acceptable__0__end="20:00",
        order__first_week="2026-W49",
        order__same_leads="yes",
    )


# ---- Requests


def test_marked_requests_take_a_step_together(site: Site, lyceum: Lyceum, administrator: Browser) -> None:
    for key in ("r-1", "r-2"):
        answer = ordered(administrator, key)
        assert answer.headers["location"] == f"/requests/{key}?saved=yes", answer.text
    page = administrator.get("/requests").text

    answer = administrator.send("/requests/steps", page, marked="r-1\nr-2", step="screen")
    again = administrator.send("/requests/steps", page, marked="r-1\nr-2", step="screen")

    assert [answer.status_code, again.status_code] == [303, 303]
    assert [lyceum.must_load(REQUESTS, request_id(key)).status for key in ("r-1", "r-2")] == ["screened"] * 2


def test_marked_request_that_cannot_take_the_step_is_named(administrator: Browser) -> None:
    ordered(administrator, "r-1")
    page = administrator.get("/requests").text

    answer = administrator.send("/requests/steps", page, marked="r-1\nr-brush", step="screen")

    assert answer.status_code == 409
    assert "1 request took it." in answer.text
    assert 'href="/requests/r-brush"' in answer.text


def test_request_offers_the_steps_that_follow(administrator: Browser) -> None:
    ordered(administrator, "r-1")
    submitted = administrator.get("/requests/r-1").text
    administrator.fill("/requests/r-1/decline", why="no room")
    declined = administrator.get("/requests/r-1").text

    assert "/requests/r-1/screen" in submitted
    assert "/requests/r-1/complete" not in submitted
    assert "no room" in declined
    assert "/requests/r-1/screen" not in declined


def test_order_in_its_form_is_the_order_that_is_known(lyceum: Lyceum, administrator: Browser) -> None:
    """A form that is opened and sent changes nothing: every field of the order stands in it."""
    before = lyceum.must_load(REQUESTS, request_id("r-brush"))
    page = administrator.get("/requests/r-brush/change").text
    chosen = re.findall(
        r'<select id="[^"]*" name="([^"]+)"[^>]*>(?:(?!</select>).)*?value="([^"]*)" selected',
        page,
        re.DOTALL,
    )
    ticked = re.findall(r'<input type="checkbox"[^>]* name="([^"]+)" value="yes" checked', page)
    written = re.findall(r'<input type="text"[^>]*? name="([^"]+)" value="([^"]*)"', page)
    typed = {**dict(written), **dict(chosen), **dict.fromkeys(ticked, "yes")}

    answer = administrator.send("/requests/r-brush/change", page, **typed)

    assert answer.status_code == 303, answer.text
    assert lyceum.must_load(REQUESTS, request_id("r-brush")).order == before.order


# ---- Areas, venues, volunteers


def test_area_is_founded_renamed_and_found_in_its_parent(lyceum: Lyceum, administrator: Browser) -> None:
    made = administrator.fill(
        "/areas/new", key="lane", level="community", names__0__language="en", names__0__name="Lane",
        parent="river", on="2026-01-01",
    )  # fmt: skip
    renamed = administrator.fill(
        "/areas/lane/rename",
        names__0__language="en",
        names__0__name="Long Lane",
        on="2026-02-01",
        why="decree",
    )

    assert made.headers["location"] == "/areas/lane?saved=yes", made.text
    assert renamed.status_code == 303, renamed.text
    assert "Long Lane" in administrator.get("/areas/river").text
    assert lyceum.must_load(AREAS, area_id("lane")).level == "community"


def test_area_leaves_the_one_around_it(lyceum: Lyceum, administrator: Browser) -> None:
    """An empty field says that there is none, where the command wants to be told so."""
    answer = administrator.fill("/areas/hill/move", parent="", on="2027-01-01", why="on its own")

    assert answer.status_code == 303, answer.text
    assert lyceum.must_load(AREAS, area_id("hill")).parents[-1].value is None


def test_closure_is_made_of_times_of_day_and_lifted(lyceum: Lyceum, administrator: Browser) -> None:
    closed = administrator.fill(
        "/venues/school/close",
        first="2026-12-02",
        rooms="hall",
        start_min="18:00",
        end_min="24:00",
        why="paint",
    )
    assert closed.status_code == 303, closed.text
    (closure,) = lyceum.must_load(VENUES, venue_id("school")).closures
    assert (closure.start_min, closure.end_min) == (1080, 1440)

    page = administrator.get("/venues/school").text
    (lift,) = re.findall(r'href="(/venues/school/closures/[^"]+/lift)"', page)
    lifted = administrator.fill(lift, why="dry again")

    assert lifted.status_code == 303, lifted.text
    assert lyceum.must_load(VENUES, venue_id("school")).closures == ()


def test_fields_offer_what_there_is(administrator: Browser) -> None:
    page = administrator.get("/venues/library/describe").text

    assert '<option value="hill" selected>Hill (hill)</option>' in page
    assert '<option value="river">River (river)</option>' in page


def test_coordinator_is_offered_areas_of_the_own_part(site: Site) -> None:
    page = site.person(("coordinator", area_id("river"))).get("/venues/new").text

    assert '<option value="river">' in page
    assert '<option value="hill">' not in page


def test_hours_of_a_volunteer_stand_in_the_form_and_in_words(lyceum: Lyceum, administrator: Browser) -> None:
    answer = administrator.fill(
        "/volunteers/wang/offer", windows__0__day="2", windows__0__start="9:00", windows__0__end="11:30"
    )

    assert answer.status_code == 303, answer.text
    assert len(lyceum.must_load(VOLUNTEERS, volunteer_id("wang")).offer) >= 1
    assert "Wed 09:00–11:30" in administrator.get("/volunteers/wang").text
    assert 'value="11:30"' in administrator.get("/volunteers/wang/offer").text


def test_personal_record_is_kept_shown_and_who_looked_is_told(administrator: Browser) -> None:
    path = "/people/wang/volunteer"
    empty = administrator.get(path)
    saved = administrator.fill(f"{path}/new", name="Wang Li", phone="123")
    changed = administrator.fill(f"{path}/write", name="Wang Li", phone="456")

    assert "no personal record" in empty.text
    assert (saved.status_code, changed.status_code) == (303, 303), saved.text + changed.text
    assert "456" in administrator.get(path).text
    assert "Looked" in administrator.get(f"{path}/looks").text


# ---- Accounts, tokens, feeds


def test_role_is_given_and_taken_from_the_page_of_the_account(site: Site, administrator: Browser) -> None:
    site.person(("auditor", None))
    given = administrator.fill("/accounts/p-2/grant", role="host", within="school")
    page = administrator.get("/accounts/p-2").text
    (address,) = re.findall(r'href="(/accounts/p-2/withdraw[^"]*host[^"]*)"', page)
    form = administrator.get(unescape(address)).text
    taken = administrator.send("/accounts/p-2/withdraw", form, role="host", within="school", why="left")

    assert '<option value="school" selected>' in form
    assert given.status_code == 303, given.text
    assert "Host: School" in page
    assert taken.status_code == 303, taken.text
    assert "Host: School" not in administrator.get("/accounts/p-2").text


def test_token_is_shown_once(administrator: Browser) -> None:
    page = administrator.get("/tokens/new").text

    first = administrator.send("/tokens/new", page, days="30")
    again = administrator.send("/tokens/new", page, days="30")

    assert first.status_code == 201
    assert first.headers["cache-control"] == "no-store"
    assert 'value="lyc_' in first.text
    assert "lyc_" not in again.text
    assert "shown before" in again.text
    (revoke,) = re.findall(r'href="(/tokens/[0-9a-f]+/revoke)"', administrator.get("/tokens").text)
    assert administrator.fill(revoke).status_code == 303
    assert "/revoke" not in administrator.get("/tokens").text


def test_address_of_a_feed_is_shown_once_with_a_code(administrator: Browser) -> None:
    page = administrator.get("/venues/school/feeds").text

    first = administrator.send("/venues/school/feeds", page, form="calendar")
    again = administrator.send("/venues/school/feeds", page, form="calendar")

    assert first.status_code == 201
    assert first.headers["cache-control"] == "no-store"
    assert 'src="data:image/svg+xml' in first.text
    (url,) = re.findall(r'value="(https://[^"]+\.ics)"', first.text)
    assert administrator.get(url.partition("lyceum.example")[2]).status_code == 200
    assert ".ics" not in again.text


# ---- Imports and exports


def send_file(browser: Browser, page: str, content: bytes | None, **typed: str) -> Any:
    fields = {name: text for name, text in HIDDEN.findall(page) if name != "back"} | typed
    files = {"file": ("venues.csv", b"" if content is None else content, "text/csv")}
    return browser.client.post("/imports/venues", data=fields, files=files)


def test_file_is_tried_and_then_imported_without_choosing_it_again(
    site: Site, administrator: Browser
) -> None:
    page = administrator.get("/imports/venues").text
    before = site.events()

    tried = send_file(administrator, page, VENUES_FILE, step="try")
    assert tried.status_code == 200, tried.text
    assert "Nothing is saved yet" in tried.text
    assert site.events() == before
    done = [send_file(administrator, tried.text, None, step="import") for _ in range(2)]

    assert [answer.status_code for answer in done] == [200, 200]
    assert site.events() == before + 1
    assert administrator.get("/venues/museum").status_code == 200


def test_wrong_rows_are_a_table_to_mend(site: Site, administrator: Browser) -> None:
    page = administrator.get("/imports/venues").text
    before = site.events()

    answer = send_file(administrator, page, VENUES_FILE.replace(b"29.4", b"north"), step="import")

    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert "<td>north</td>" in answer.text
    assert site.events() == before


@pytest.mark.parametrize("carried", ["no base64!", "AAAA", ""])
def test_form_without_a_file_says_so(site: Site, administrator: Browser, carried: str) -> None:
    page = administrator.get("/imports/venues").text
    before = site.events()

    answer = send_file(administrator, page, None, step="import", carried=carried)

    assert answer.status_code == 422
    assert site.events() == before


def test_upload_is_refused_without_the_token_of_the_form(site: Site, administrator: Browser) -> None:
    page = administrator.get("/imports/venues").text
    before = site.events()

    answer = send_file(administrator, page.replace(field_of(page, "csrf"), "x"), VENUES_FILE, step="import")

    assert answer.status_code == 403
    assert site.events() == before


def test_tables_are_exported_with_no_raw_formula(administrator: Browser) -> None:
    administrator.fill(
        "/venues/library/describe", name="=1+1", kind="library", area="hill", location="29, 105"
    )

    table = administrator.get("/exports/data/venues/csv")

    assert table.status_code == 200
    assert table.headers["content-disposition"].startswith("attachment")
    assert ",=1+1" not in table.text
    assert administrator.get("/exports/data/venues/xlsx").content[:2] == b"PK"
