"""The host's pages: rooms, hours, closing and taking back; their effect is shown first, and done once."""

from __future__ import annotations

import re
from datetime import date, timedelta
from gettext import NullTranslations
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.application.application import Lyceum
from adapters.opening_hours import read_osm
from adapters.services.bootstrap_admin import make_link
from adapters.services.closures import close_venue
from adapters.services.planning import Effort, plan_week
from adapters.services.releases import release_week
from adapters.services.venues import open_room, set_opening_hours
from adapters.store.streams import ACCOUNTS, VENUES
from api.pages.host.hours_words import hours_in_words
from api.pages.languages import Language
from domain.account import RoleGrant, account_id
from domain.events import stream_id
from domain.network import area_id
from domain.opening import OpeningHours, Period, weekly
from domain.venue import Closure, Room, Venue, find_room, own_hours, register_venue, room_id, venue_id
from tests.adapters.town import POINT, TOWN, WEEK
from tests.api.http.conftest import an_account
from tests.api.http.signing import house_of
from tests.pages.conftest import Browser, Site

HOME = "/host/school"
QUICK = Effort(time_limit_s=5, workers=1)
ENGLISH = Language("en", NullTranslations())


@pytest.fixture
def host(site: Site) -> Browser:
    return site.person(("host", venue_id("school")))


@pytest.fixture
def released(lyceum: Lyceum) -> Lyceum:
    plan_week(lyceum, TOWN, WEEK, effort=QUICK)
    release_week(lyceum, TOWN, WEEK, "First")
    return lyceum


def school(site: Site) -> Venue:
    return site.lyceum.must_load(VENUES, venue_id("school"))


def words(site: Site, room: str | None = None) -> list[str]:
    """The hours that are saved, in words."""
    hours = own_hours(school(site), room_id("school", room) if room else None)
    return [] if hours is None else hours_in_words(ENGLISH, hours)


def value_of(page: str, name: str) -> str:
    """The value of the button of a name."""
    match = re.search(rf'<button[^>]*name="{name}" value="([^"]*)"', page)
    assert match, f"there is no button {name}"
    return unescape(match[1])


class Filled(HTMLParser):
    """The fields of the form `#form` as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.depth = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.depth = names.get("id", "")
        if tag == "input" and self.depth == "form" and "name" in names:
            if names.get("type") in ("checkbox", "radio") and "checked" not in names:
                return
            self.fields.setdefault(names["name"], []).append(names.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.depth = ""


def filled(page: str) -> dict[str, Any]:
    parser = Filled()
    parser.feed(page)
    return dict(parser.fields)


def send(browser: Browser, path: str, page: str, **changes: Any) -> Any:
    """Send the form of a page with what stands in it; `__` stands for a dot in a name, None leaves a field out."""
    fields = filled(page) | {name.replace("__", "."): value for name, value in changes.items()}
    data = {name: value for name, value in fields.items() if value is not None}
    return browser.client.post(path, data=data)


# ---- Who sees what


PATHS = [
    "",
    "/hours",
    "/rooms",
    "/rooms/hall",
    "/rooms/hall/hours",
    "/rooms/hall/take-back",
    "/close",
    "/close?first=2026-12-02",
    "/terms",
]


@pytest.mark.parametrize("path", PATHS)
def test_pages_are_shown_to_their_host_and_to_nobody_elses(site: Site, host: Browser, path: str) -> None:
    before = site.events()
    shown = host.get(HOME + path)
    assert shown.status_code == 200
    assert re.findall(r"\sstyle=|\son[a-z]+=", shown.text) == []
    assert len(re.findall(r"<[a-z]", shown.text)) <= 1500

    other = site.person(("host", venue_id("library")))
    community = site.person(("community", area_id("river")))
    events = site.events() - before
    assert other.get(HOME + path).status_code == 403
    assert community.get(HOME + path).status_code == 403
    assert site.nobody().get(HOME + path).headers["location"].startswith("/sign-in?next=%2Fhost%2Fschool")
    assert events == site.events() - before


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/rooms", {"name": "New", "capacity": "10"}),
        ("/rooms/hall", {"name": "New", "capacity": "10"}),
        ("/hours", {"usual.0.weekdays": "1", "usual.0.start": "9", "usual.0.end": "10"}),
        ("/close", {"first": "2026-12-02", "why": "x", "confirmed": "y"}),
        ("/rooms/hall/take-back", {"why": "x"}),
        ("/terms", {"price": "free"}),
        ("/closures/00000000-0000-5000-8000-000000000000/lift", {}),
    ],
)
def test_forms_of_another_house_do_nothing(site: Site, path: str, typed: dict[str, str]) -> None:
    other = site.person(("host", venue_id("library")))
    own = other.get("/host/library/rooms").text
    before = site.events()

    answer = other.client.post(HOME + path, data=filled(own) | typed)

    assert answer.status_code == 403
    assert site.events() == before


def test_host_is_led_to_their_only_venue_and_chooses_among_several(site: Site, host: Browser) -> None:
    assert host.get("/home").headers["location"] == "/host"
    assert host.get("/host").headers["location"] == HOME

    both = site.person(("host", venue_id("school")), ("host", venue_id("library")))
    shown = both.get("/host").text
    assert 'href="/host/school"' in shown
    assert 'href="/host/library"' in shown

    assert "No venue is yours yet" in site.person(("coordinator", TOWN)).get("/host").text


def test_week_names_who_is_there_when(host: Browser, released: Lyceum) -> None:
    shown = host.get(f"{HOME}?week={WEEK}").text
    assert "Course r-brush" in shown
    assert "Course r-choir" in shown
    assert "Hall" in shown
    assert "No class is released" in host.get(HOME).text


@pytest.mark.parametrize("site_of_the_link", ["none", "cross-site", "same-origin"])
@pytest.mark.parametrize("path", ["/rooms/hall/take-back", "/close?first=2026-12-02"])
def test_effect_is_shown_wherever_the_address_was_opened(
    host: Browser, path: str, site_of_the_link: str
) -> None:
    """A browser says of a bookmark and of a reload that no page has sent them."""
    shown = host.get(HOME + path, **{"sec-fetch-site": site_of_the_link})
    assert shown.status_code == 200
    assert "No class is touched" in shown.text


# ---- Hours


def test_hours_are_saved_from_rows(site: Site, host: Browser) -> None:
    path = HOME + "/hours"
    page = host.get(path).text
    assert "Monday to Friday 17:00 to 21:00" in page

    more = send(host, path, page, do="add usual")
    assert more.status_code == 200
    assert 'name="usual.1.start"' in more.text
    typed = {
        "usual__0__start": "18.00",
        "usual__0__end": "2000",
        "usual__1__weekdays": ["6"],
        "usual__1__start": "9",
        "usual__1__end": "12",
        "school_break__mode": "closed",
        "days__0__day": "2026-12-24",
    }
    before = site.events()
    answer = send(host, path, more.text, **typed)

    assert answer.headers["location"] == HOME + "?saved=yes"
    assert site.events() == before + 1
    assert words(site) == [
        "Monday to Friday 18:00 to 20:00; Saturday 09:00 to 12:00, not in the school holidays",
        "Thursday, 24 December 2026: closed",
    ]
    assert [send(host, path, more.text, **typed).status_code for _ in range(2)] == [303, 303]
    assert site.events() == before + 1


def test_rows_are_copied_and_taken_away_and_nothing_is_saved(site: Site, host: Browser) -> None:
    path = HOME + "/hours"
    before = site.events()

    copied = send(host, path, host.get(path).text, do="copy usual 0").text
    assert filled(copied)["usual.1.weekdays"] == ["1", "2", "3", "4", "5"]
    assert filled(copied)["usual.1.start"] == ["17:00"]
    gone = send(host, path, copied, do="remove usual 0").text
    assert "usual.1.start" not in filled(gone)
    assert site.events() == before


def test_room_has_own_hours_copies_them_and_follows_the_house_again(site: Site, host: Browser) -> None:
    path = HOME + "/rooms/east/hours"
    page = host.get(path).text
    assert "follows the hours of the house" in page

    answer = send(host, path, page, usual__0__start="19:00", also=["west"])

    assert answer.status_code == 303
    assert words(site, "east") == words(site, "west") == ["Monday to Friday 19:00 to 21:00"]
    assert words(site, "hall") == []
    again = send(host, path, host.get(path).text, follow="yes")
    assert again.status_code == 303
    assert words(site, "east") == []


def test_shorter_hours_say_whom_they_touch_and_wait_for_the_button(
    site: Site, host: Browser, released: Lyceum
) -> None:
    path = HOME + "/hours"
    page = host.get(path).text
    before = site.events()

    shown = send(host, path, page, usual__0__start="20:30")
    assert shown.status_code == 200
    assert "Course r-brush" in shown.text
    assert "Nothing is saved yet" in shown.text
    assert site.events() == before

    other = send(host, path, shown.text, usual__0__start="20:45", confirmed=value_of(shown.text, "confirmed"))
    assert other.status_code == 200, "what is confirmed is what was shown"
    assert site.events() == before
    done = send(host, path, shown.text, confirmed=value_of(shown.text, "confirmed"))
    assert done.status_code == 303
    assert words(site) == ["Monday to Friday 20:30 to 21:00"]


def test_wrong_rows_keep_what_was_typed(site: Site, host: Browser) -> None:
    before = site.events()
    answer = send(host, HOME + "/hours", host.get(HOME + "/hours").text, usual__0__end="late")
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert 'href="#usual.0.end"' in answer.text
    assert 'value="late"' in answer.text
    assert site.events() == before


def test_hours_changed_meanwhile_say_so_by_whom_and_what_they_are_now(site: Site, host: Browser) -> None:
    path = HOME + "/hours"
    page = host.get(path).text
    colleague = site.person(("host", venue_id("school")))
    send(colleague, path, colleague.get(path).text, usual__0__start="16:00")

    answer = send(host, path, page, usual__0__start="15:00")

    assert answer.status_code == 412
    assert "p-2: Opening hours changed" in answer.text
    assert "Monday to Friday 16:00 to 21:00" in answer.text
    assert filled(answer.text)["usual.0.start"] == ["15:00"]
    assert send(host, path, answer.text).status_code == 303
    assert words(site) == ["Monday to Friday 15:00 to 21:00"]


def osm(site: Site, text: str) -> None:
    set_opening_hours(site.lyceum, venue_id("school"), None, read_osm(text))


def test_hours_that_rows_cannot_say_are_shown_and_not_lost_unseen(site: Site, host: Browser) -> None:
    osm(site, "Mo[1,3] 10:00-12:00; week 1-53/2 Fr 9:00-12:00")
    path = HOME + "/hours"
    page = host.get(path).text
    assert "the first and third Monday of the month 10:00 to 12:00" in page
    before, saved = site.events(), words(site)

    refused = send(host, path, page, usual__0__start="9", usual__0__end="10")

    assert refused.status_code == 422
    assert "tick this if the hours above may be lost" in refused.text
    assert (site.events(), words(site)) == (before, saved)
    assert send(host, path, refused.text, replace="yes").status_code == 303
    assert words(site) == ["Monday to Friday 09:00 to 10:00"]


def test_seasons_stay_beside_the_rows_until_they_are_taken_away(site: Site, host: Browser) -> None:
    osm(site, "Mo-Fr 17:00-21:00; Jul 1-Aug 31 Mo-Su 10:00-18:00")
    path = HOME + "/hours"
    season = own_hours(school(site), None)
    assert season is not None

    assert send(host, path, host.get(path).text, usual__0__start="18:00").status_code == 303

    changed = own_hours(school(site), None)
    assert changed is not None
    assert seasons(changed) == seasons(season)
    assert words(site)[0] == "Monday to Friday 18:00 to 21:00"
    page = host.get(path).text
    drop = re.search(r'name="drop" value="([0-9a-f]+)"', page)
    assert drop
    assert send(host, path, page, drop=drop[1]).status_code == 303
    assert words(site) == ["Monday to Friday 18:00 to 21:00"]


def seasons(hours: OpeningHours) -> list[Period]:
    return [period for period in hours.periods if period.season]


def test_copying_over_a_rooms_seasons_is_said_before(site: Site, host: Browser) -> None:
    east = room_id("school", "east")
    hours = read_osm("Mo 9:00-10:00; Jul 1-Aug 31 Mo-Su 10:00-18:00")
    set_opening_hours(site.lyceum, venue_id("school"), east, hours)
    path = HOME + "/hours"
    before = site.events()

    refused = send(host, path, host.get(path).text, also=["east"])

    assert refused.status_code == 422
    assert "31 August" in refused.text or "08-31" in refused.text
    assert site.events() == before


# ---- Closing and taking back


def test_closed_tomorrow_is_two_clicks_and_can_be_undone(site: Site, host: Browser) -> None:
    before = site.events()
    page = host.get(HOME).text
    link = re.search(r'href="(/host/school/close\?first=[^"]*)"', page)
    assert link

    shown = host.get(link[1])
    assert "No class is touched" in shown.text
    assert site.events() == before
    done = send(host, HOME + "/close", shown.text, confirmed=value_of(shown.text, "confirmed"))
    assert site.events() == before + 1

    after = host.get(done.headers["location"]).text
    assert "Undo" in after
    assert len(school(site).closures) == 1
    lift = re.search(r'action="(/host/school/closures/[^"]*/lift)"', after)
    assert lift
    assert host.send(lift[1], after).status_code == 303
    assert school(site).closures == ()


def test_closing_says_whom_it_touches_before_it_is_done(site: Site, host: Browser, released: Lyceum) -> None:
    path = HOME + "/close"
    page = host.get(path).text
    before = site.events()
    typed: dict[str, Any] = {"first": "2026-11-30", "last": "2026-12-06", "why": "the heating is out"}

    shown = send(host, path, page, **typed)
    assert shown.status_code == 200
    assert "3 classes that are released cannot take place then" in shown.text
    assert "50 learners" in shown.text
    assert site.events() == before

    other = send(host, path, shown.text, last="2026-12-05", confirmed=value_of(shown.text, "confirmed"))
    assert other.status_code == 200, "other days have another effect, which is shown first"
    assert site.events() == before
    confirmed = value_of(shown.text, "confirmed")
    answers = [
        send(host, path, shown.text, why="The heating is out again", confirmed=confirmed) for _ in range(3)
    ]
    assert {answer.headers.get("location", "")[:20] for answer in answers} == {"/host/school?closed="}
    assert len(school(site).closures) == 1

    assert 'value="The heating is out again"' in host.get(path).text, "the last reason is offered"
    assert "The heating is out again" in host.get(HOME).text


def test_some_rooms_are_closed_for_a_part_of_the_day(site: Site, host: Browser) -> None:
    path = HOME + "/close"
    shown = send(
        host,
        path,
        host.get(path).text,
        first="2026-12-02",
        rooms=["east", "west"],
        start="17:00",
        end="18:30",
        why="exam",
    )
    send(host, path, shown.text, confirmed=value_of(shown.text, "confirmed"))

    (closure,) = school(site).closures
    assert set(closure.rooms) == {room_id("school", "east"), room_id("school", "west")}
    assert (closure.start_min, closure.end_min) == (1020, 1110)
    assert "17:00 to 18:30" in host.get(HOME).text


def test_short_notice_is_told_and_an_emergency_offered(site: Site, host: Browser) -> None:
    terms = HOME + "/terms"
    host.fill(terms, price="free", recall_notice_hours="480")
    before = site.events()

    refused = host.get(HOME + "/close?first=2026-11-25")
    assert refused.status_code == 409
    assert "480 hours ahead" in refused.text
    tried = send(host, HOME + "/close", refused.text, emergency="yes")
    assert site.events() == before
    done = send(host, HOME + "/close", tried.text, confirmed=value_of(tried.text, "confirmed"))
    assert done.status_code == 303
    assert len(school(site).closures) == 1


def test_closing_that_was_overtaken_says_by_whom(site: Site, host: Browser) -> None:
    shown = host.get(HOME + "/close?first=2026-12-02")
    colleague = site.person(("host", venue_id("school")))
    colleague.fill(HOME + "/terms", price="free", recall_notice_hours="1")

    answer = send(host, HOME + "/close", shown.text, confirmed=value_of(shown.text, "confirmed"))

    assert answer.status_code == 412
    assert "p-2: Terms of the venue changed" in answer.text
    assert school(site).closures == ()
    again = send(host, HOME + "/close", answer.text)
    assert send(host, HOME + "/close", again.text, confirmed=value_of(again.text, "confirmed")).is_redirect


def test_room_is_taken_back_after_its_effect_was_seen_and_lent_again(
    site: Site, host: Browser, released: Lyceum
) -> None:
    path = HOME + "/rooms/hall/take-back"
    before = site.events()
    shown = host.get(path).text
    assert "Course r-choir" in shown
    assert "East, West" in shown
    assert site.events() == before

    answers = [
        send(host, path, shown, why="We need it", confirmed=value_of(shown, "confirmed")) for _ in range(2)
    ]

    assert [answer.headers.get("location") for answer in answers] == [HOME + "?taken=hall"] * 2
    assert school(site).rooms == ()
    after = host.get(HOME + "?taken=hall").text
    assert "Undo" in after
    assert host.send(HOME + "/rooms", after, again="hall").status_code == 303
    hall = find_room(school(site), room_id("school", "hall"))
    assert hall is not None
    assert (hall.capacity, hall.turnaround_minutes) == (60, 15)


# ---- Rooms


def test_room_is_added_once_and_changed_as_a_whole(site: Site, host: Browser) -> None:
    path = HOME + "/rooms"
    page = host.get(path).text
    before = site.events()

    answers = [send(host, path, page, name="音乐室", capacity="30") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [303] * 3
    assert site.events() == before + 1
    (room,) = [room for room in school(site).rooms if room.name == "音乐室"]
    assert room.turnaround_minutes == 15
    east = host.get(HOME + "/rooms/east").text
    assert filled(east)["part_of"] == ["hall"]
    assert send(host, HOME + "/rooms/east", east, capacity="31").status_code == 303
    changed = find_room(school(site), room_id("school", "east"))
    assert changed is not None
    assert (changed.capacity, changed.part_of) == (31, room_id("school", "hall"))


def test_two_rooms_of_one_name_have_two_keys(site: Site, host: Browser) -> None:
    for _ in range(2):
        send(host, HOME + "/rooms", host.get(HOME + "/rooms").text, name="Gym", capacity="30")
    assert {room.key for room in school(site).rooms} >= {"gym", "gym-2"}


def test_page_of_a_house_with_all_rooms_it_can_have_stays_small(site: Site, host: Browser) -> None:
    """200 rooms, 60 of them with hours of their own, and 60 closed days."""
    lyceum = site.lyceum
    id = venue_id("school")
    for number in range(197):
        key = f"room-{number}"
        open_room(lyceum, id, Room(room_id("school", key), key, f"Room {number}", 20))
        if number < 60:
            set_opening_hours(lyceum, id, room_id("school", key), weekly(((1,), "09:00", "10:00")))
            day = date(2027, 1, 1) + timedelta(days=number)
            close_venue(lyceum, "school", Closure(stream_id("closure", key), day, day), "exam")

    shown = host.get(HOME).text

    assert len(re.findall(r"<[a-z]", shown)) <= 1500
    assert "160 more rooms" in shown
    assert "and 20 more" in shown


# ---- From the link to the first room that is lent


class Visit:
    """Somebody new, who counts the screens that they see and what they click; typing into a field is no click."""

    def __init__(self, browser: Browser) -> None:
        self.browser, self.screens, self.clicks = browser, 0, 0
        self.page, self.path = "", ""

    def see(self, path: str) -> None:
        answer = self.browser.get(path)
        while answer.is_redirect:
            path = answer.headers["location"]
            answer = self.browser.get(path)
        self.path, self.page = path, answer.text
        self.screens += 1

    def press(self, path: str, **typed: str) -> None:
        self.clicks += 1 + len(typed)  # into each field, then the button
        self.see(self.browser.send(path, self.page, **typed).headers["location"])


def test_first_room_is_lent_in_three_screens_and_twelve_clicks(site: Site) -> None:
    lyceum = site.lyceum
    lyceum.commit(
        register_venue(
            None,
            lyceum.metadata(),
            key="new",
            name="New House",
            kind="other",
            area=area_id("river"),
            location=POINT,
        )
    )
    account = an_account(lyceum, "p-new", RoleGrant("host", venue_id("new")))
    link = house_of(site.first).sign_in_service.link_address(
        make_link(lyceum, lyceum.must_load(ACCOUNTS, account_id(account.key)))
    )
    address = urlsplit(link)
    visit = Visit(site.nobody())

    visit.see(f"{address.path}?{address.query}")
    visit.press("/sign-in/open", link=parse_qs(address.query)["link"][0])
    assert visit.path == "/host/new"
    assert "Lend your first room" in visit.page
    visit.press("/host/new/rooms", name="Hall", capacity="40")
    assert visit.path == "/host/new/hours?saved=yes"
    screens_before_the_last_button = visit.screens
    days = filled(visit.page)["usual.0.weekdays"]
    assert days == ["1", "2", "3", "4", "5"], "the usual days are ticked beforehand"
    fields = filled(visit.page) | {"usual.0.start": "18", "usual.0.end": "20"}
    visit.clicks += 3  # two fields and the button
    answer = visit.browser.client.post("/host/new/hours", data=fields)
    visit.see(answer.headers["location"])

    assert "Monday to Friday 18:00 to 20:00" in visit.page
    assert screens_before_the_last_button <= 3
    assert visit.clicks <= 12
    new = lyceum.must_load(VENUES, venue_id("new"))
    assert [room.name for room in new.rooms] == ["Hall"]


def test_room_without_hours_leads_to_them(site: Site) -> None:
    lyceum = site.lyceum
    lyceum.commit(
        register_venue(
            None, lyceum.metadata(), key="new", name="N", kind="other", area=area_id("river"), location=POINT
        )
    )
    host = site.person(("host", venue_id("new")))
    send(host, "/host/new/rooms", host.get("/host/new/rooms").text, name="Hall", capacity="4")
    shown = host.get("/host/new").text
    assert "When is it open?" in shown
    assert 'href="/host/new/hours"' in shown


def test_language_is_switched_and_what_was_typed_stays(site: Site, host: Browser) -> None:
    before = site.events()
    for path, typed in (
        ("/hours", {"usual.0.start": "19:15"}),
        ("/close", {"why": "19:15"}),
        ("/rooms", {"name": "19:15"}),
        ("/rooms/hall/take-back", {"why": "19:15"}),
    ):
        page = host.get(HOME + path).text
        answer = host.client.post(HOME + path, data=filled(page) | typed | {"language": "es"})
        assert answer.status_code == 200
        assert '<html lang="es">' in answer.text
        assert 'value="19:15"' in answer.text
    assert site.events() == before
