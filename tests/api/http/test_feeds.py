"""Calendars that programs subscribe to: under addresses that nobody can guess, gone at once when they are revoked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from icalendar import Calendar
from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from adapters.people.personal_records import PersonalRecord
from adapters.services.adjusting import drop
from adapters.services.closures import close_venue, let_go, pause_volunteer
from adapters.services.planning import Effort, plan_week
from adapters.services.releases import release_week
from adapters.store.rows import TABLES
from adapters.store.streams import DIARIES
from api.http.server import create_app
from api.http.settings import Settings
from domain.diary import diary_id
from domain.network import area_id
from domain.request import request_id
from domain.venue import Closure, room_id, venue_id
from domain.volunteer import Pause, volunteer_id
from tests.adapters.town import TOWN, WEEK, Ticking, ask, evenings
from tests.api.http.conftest import Asked, Person, served, someone

NAME = "Qwertz Unmistakable"
MONDAY = datetime(2026, 11, 29, 16, tzinfo=UTC)  # 00:00 in Shanghai


@pytest.fixture
def released(lyceum: Lyceum) -> Lyceum:
    lyceum.remember(volunteer_id("wang"), PersonalRecord(NAME, phone="138-0000-9999"))
    release(lyceum, "First")
    return lyceum


def release(lyceum: Lyceum, name: str, week: str = WEEK) -> None:
    plan_week(lyceum, TOWN, week, effort=Effort(5, 1))
    release_week(lyceum, TOWN, week, name)


def made(person: Person, path: str, **form: str) -> str:
    """The path of a new feed's address, below /v1."""
    answer = person.post(f"{path}/feeds", form)
    assert answer.status == 201, answer.body
    url: str = answer.body["url"]
    assert url.startswith("http://testserver/v1/feeds/")
    return url.removeprefix("http://testserver/v1")


def sessions(asked: Asked) -> dict[str, Any]:
    """The events of a calendar by their UID."""
    assert asked.status == 200, asked.body
    found = Calendar.from_ical(asked.body).walk("VEVENT")
    assert len({str(one["UID"]) for one in found}) == len(found)
    return {str(one["UID"]): one for one in found}


def spans(asked: Asked) -> set[tuple[str, datetime, datetime]]:
    """What takes place when: course, start and end in UTC."""
    return {
        (str(one["SUMMARY"]), one.start.astimezone(UTC), one.end.astimezone(UTC))
        for one in sessions(asked).values()
        if one["STATUS"] == "CONFIRMED"
    }


FEEDS = [
    "/areas/town",
    "/venues/school",
    "/venues/school/rooms/hall",
    "/requests/r-brush",
    "/volunteers/wang",
]


def test_feed_is_made_read_and_revoked(everywhere: Lyceum) -> None:
    release(everywhere, "First")
    with served(everywhere) as client:
        administrator, nobody = someone(everywhere, client, ("administrator", None)), Person(client, None)
        for path in FEEDS:
            feed = made(administrator, path)
            found = nobody.get(feed)
            (noted,) = administrator.get("/feeds").body["items"]

            assert found.headers["content-type"] == "text/calendar; charset=utf-8"
            assert sessions(found)
            assert administrator.post(f"/feeds/{noted['id']}/revoke").body["revoked"]
            assert nobody.get(feed).problem == "not-there"
            assert administrator.post(f"/feeds/{noted['id']}/revoke").problem == "not-there"


def test_every_released_session_stands_in_the_areas_feed_once(released: Lyceum, client: TestClient) -> None:
    administrator = someone(released, client, ("administrator", None))
    public = administrator.get(f"/weeks/town/{WEEK}/sessions").body["items"]
    local = timedelta(hours=8)
    expected = {
        (
            one["title"],
            *(
                datetime.fromisoformat(f"{one['day']}T{one[name]}:00+00:00") - local
                for name in ("start", "end")
            ),
        )
        for one in public
    }

    found = client.get(f"/v1{made(administrator, '/areas/town')}")

    assert spans(Asked(200, found.content, {})) == expected
    assert len(expected) == len(public) == 4


def test_feeds_of_streets_share_out_the_towns(released: Lyceum, client: TestClient) -> None:
    administrator = someone(released, client, ("administrator", None))
    town, river, hill = (
        spans(administrator.get(made(administrator, f"/areas/{key}"))) for key in ("town", "river", "hill")
    )

    assert (river | hill, river & hill) == (town, set())
    assert {title for title, *_ in hill} == {"Course r-phone"}


def test_area_feed_holds_what_its_streets_released_by_themselves(lyceum: Lyceum, client: TestClient) -> None:
    plan_week(lyceum, area_id("hill"), WEEK, effort=Effort(5, 1))
    release_week(lyceum, area_id("hill"), WEEK, "Hill alone")
    administrator = someone(lyceum, client, ("administrator", None))

    assert len(spans(administrator.get(made(administrator, "/areas/town")))) == 1
    assert len(spans(administrator.get(made(administrator, "/areas/river")))) == 0


def test_draft_is_in_no_feed(lyceum: Lyceum, client: TestClient) -> None:
    plan_week(lyceum, TOWN, WEEK, effort=Effort(5, 1))
    administrator = someone(lyceum, client, ("administrator", None))

    empty = administrator.get(made(administrator, "/areas/town"))

    assert sessions(empty) == {}
    assert (
        len(Calendar.from_ical(empty.body).walk("VTIMEZONE")) == 1
    )  # a calendar holds at least one component


def test_every_released_week_from_some_weeks_back_is_there(released: Lyceum, client: TestClient) -> None:
    later = "2026-W51"
    administrator = someone(released, client, ("administrator", None))
    feed = made(administrator, "/requests/r-brush")
    before = spans(administrator.get(feed))
    release(released, "Later", later)

    assert len(before) == 2
    assert len(spans(administrator.get(feed))) == 4
    _at(released, datetime(2027, 2, 1, tzinfo=UTC))  # W05: W49 is nine weeks ago, W51 seven
    assert len(spans(administrator.get(feed))) == 2


def _at(lyceum: Lyceum, now: datetime) -> None:
    clock: Any = lyceum.clock
    assert isinstance(clock, Ticking)
    clock.now = now


def test_session_of_week_53_and_its_instant(lyceum: Lyceum, client: TestClient) -> None:
    ask(lyceum, lyceum.metadata(), "r-newyear", "river", topic="calligraphy", acceptable=evenings(), learners=9,
        first_week="2026-W53", weeks=1)  # fmt: skip
    release(lyceum, "Last", "2026-W53")
    administrator = someone(lyceum, client, ("administrator", None))

    ((_, start, end),) = spans(administrator.get(made(administrator, "/requests/r-newyear")))

    assert end - start == timedelta(minutes=90)
    assert start.isocalendar()[:2] == (2026, 53)


def test_cancelled_session_stays_as_cancelled_and_its_uid_with_it(
    released: Lyceum, client: TestClient
) -> None:
    administrator = someone(released, client, ("administrator", None))
    feed = made(administrator, "/areas/town")
    before = sessions(administrator.get(feed))
    drop(released, TOWN, WEEK, request_id("r-phone"), 1, "too few")
    release_week(released, TOWN, WEEK, "Second")
    after = sessions(administrator.get(feed))

    (gone,) = (one for one in after.values() if one["STATUS"] == "CANCELLED")
    assert after.keys() == before.keys()
    assert (str(gone["SUMMARY"]), gone["SEQUENCE"]) == ("Course r-phone", 1)
    assert gone["LAST-MODIFIED"].dt == gone["DTSTAMP"].dt > before[str(gone["UID"])]["DTSTAMP"].dt


def test_client_that_knows_it_is_told_so(released: Lyceum, client: TestClient) -> None:
    administrator, nobody = someone(released, client, ("administrator", None)), Person(client, None)
    feed = made(administrator, "/areas/town")
    found = nobody.get(feed)
    tag, date = found.headers["etag"], found.headers["last-modified"]

    same = [nobody.get(feed, if_none_match=tag), nobody.get(feed, if_modified_since=date)]
    assert [(one.status, one.body, one.headers["etag"]) for one in same] == [(304, b"", tag)] * 2
    assert nobody.get(feed, if_modified_since="Sat, 21 Nov 2020 09:00:00 GMT").status == 200
    assert nobody.get(feed, if_modified_since="yesterday").status == 200
    assert nobody.get(feed, if_none_match='"other"', if_modified_since=date).status == 200

    drop(released, TOWN, WEEK, request_id("r-phone"), 1, "too few")
    assert nobody.get(feed, if_none_match=tag).status == 304  # a draft is nobody's business
    release_week(released, TOWN, WEEK, "Second")
    assert nobody.get(feed, if_none_match=tag).status == 200
    assert nobody.get(feed, if_modified_since=date).status == 200


def test_other_events_leave_the_feed_as_it_is(released: Lyceum, client: TestClient) -> None:
    administrator = someone(released, client, ("administrator", None))
    feeds = [made(administrator, path) for path in FEEDS]
    before = [administrator.get(feed) for feed in feeds]
    administrator.post("/venues/library/describe", {"name": "Library on the Hill"})
    renamed = {"name": "River School", "kind": "school", "area": "river", "location": [29.4, 105.6]}
    assert administrator.post("/venues/school/describe", renamed).status == 200
    after = [administrator.get(feed) for feed in feeds]

    assert [one.status for one in before + after] == [200] * 10
    assert all(b"River School" in one.body.replace(b"\r\n ", b"") for one in after)
    assert all(b"River School" not in one.body.replace(b"\r\n ", b"") for one in before)


def test_head_tells_the_same_without_the_body(released: Lyceum, client: TestClient) -> None:
    administrator = someone(released, client, ("administrator", None))
    feed = made(administrator, "/venues/school")
    whole, head = client.get(f"/v1{feed}"), client.head(f"/v1{feed}")
    same = {"etag", "last-modified", "content-type", "content-length", "cache-control"}

    assert (head.status_code, head.content) == (200, b"")
    assert {name: head.headers[name] for name in same} == {name: whole.headers[name] for name in same}
    assert client.head(f"/v1{feed}", headers={"if-none-match": head.headers["etag"]}).status_code == 304
    assert client.head("/v1/feeds/unknown.ics").status_code == 404


def test_lines_are_folded_and_end_as_the_rfc_wants(released: Lyceum, client: TestClient) -> None:
    administrator = someone(released, client, ("administrator", None))
    for path in FEEDS:
        content = administrator.get(made(administrator, path, language="zh")).body
        lines = content.split(b"\r\n")

        assert (lines[0], lines[-2:]) == (b"BEGIN:VCALENDAR", [b"END:VCALENDAR", b""])
        assert max(map(len, lines)) <= 75
        assert not any(b"\n" in line or b"\r" in line for line in lines)
        assert b"METHOD" not in content
        content.decode()  # no fold lies within a character


# ---- Secrets


def test_database_knows_no_secret_and_a_second_answer_neither(everywhere: Lyceum) -> None:
    with served(everywhere) as client:
        administrator = someone(everywhere, client, ("administrator", None))
        first = administrator.post("/areas/town/feeds", {}, idempotency_key="once")
        again = administrator.post("/areas/town/feeds", {}, idempotency_key="once")
        secret = first.body["url"].rpartition("/")[2].removesuffix(".ics")
        rows = [
            row
            for table in TABLES
            if table != "views"
            for collection in everywhere.store.rows(table).collections()
            for row in everywhere.store.rows(table).select(collection)
        ]

        assert (again.status, again.body) == (201, {**first.body, "url": None})
        assert len(administrator.get("/feeds").body["items"]) == 1
        assert len(secret) == 43
        assert not [row for row in rows if secret in f"{row.key}{row.scope}{row.body!r}"]


def test_revoked_feed_is_gone_in_every_process(released: Lyceum, client: TestClient) -> None:
    administrator = someone(released, client, ("administrator", None))
    feed = made(administrator, "/areas/town")
    other_process = create_app(Settings(), lyceum=released, clock=released.clock)
    with TestClient(other_process) as other:
        before = other.get(f"/v1{feed}").status_code
        (noted,) = administrator.get("/feeds").body["items"]
        administrator.post(f"/feeds/{noted['id']}/revoke")

        assert (before, other.get(f"/v1{feed}").status_code) == (200, 404)


def test_address_is_where_people_reach_the_interface(lyceum: Lyceum) -> None:
    settings = Settings(public_url="https://courses.example/")
    with TestClient(create_app(settings, lyceum=lyceum, clock=lyceum.clock)) as client:
        administrator = someone(lyceum, client, ("administrator", None))

        url = administrator.post("/areas/town/feeds", {}).body["url"]

    assert url.startswith("https://courses.example/v1/feeds/")


def test_one_sees_and_revokes_what_one_made_and_what_is_in_ones_part(
    released: Lyceum, client: TestClient
) -> None:
    administrator = someone(released, client, ("administrator", None))
    host = someone(released, client, ("host", venue_id("school")))
    wang, li = (
        someone(released, client, ("volunteer", volunteer_id(key)), actor=key) for key in ("wang", "li")
    )
    for path in ("/venues/school", "/volunteers/wang"):
        made(administrator, path)
    made(wang, "/areas/town")

    def keys(person: Person) -> list[str]:
        return [one["key"] for one in person.get("/feeds?sort=key").body["items"]]

    assert [keys(one) for one in (administrator, host, wang, li)] == [
        ["school", "town", "wang"],
        ["school"],
        ["town", "wang"],
        [],
    ]
    of_wang = administrator.get("/feeds?kind=volunteer").body["items"][0]["id"]
    assert li.post(f"/feeds/{of_wang}/revoke").problem == "not-allowed"
    assert wang.post(f"/feeds/{of_wang}/revoke").body == {"id": of_wang, "revoked": True}
    assert wang.post(f"/feeds/{uuid4()}/revoke").problem == "not-there"
    assert li.post("/volunteers/wang/feeds", {}).problem == "not-allowed"


# ---- People


def test_volunteers_feed_names_nobody(released: Lyceum, client: TestClient) -> None:
    administrator = someone(released, client, ("administrator", None))
    feeds = [made(administrator, path) for path in FEEDS]
    feeds.append(made(administrator, "/volunteers/wang", form="free-busy"))
    text = b"".join(administrator.get(feed).body for feed in feeds).replace(b"\r\n ", b"")

    assert b"River: my sessions" in text
    assert not [
        word for word in (NAME, "138-0000-9999", "wang", str(volunteer_id("wang"))) if word.encode() in text
    ]


def test_feed_ends_with_whom_it_is_about(released: Lyceum, client: TestClient) -> None:
    administrator = someone(released, client, ("administrator", None))
    wang, li = (made(administrator, f"/volunteers/{key}") for key in ("wang", "li"))
    let_go(released, "li", released.clock().date(), "moves away")
    administrator.post("/people/wang/volunteer/erase")

    assert [administrator.get(feed).problem for feed in (wang, li)] == ["not-there", "not-there"]
    assert [one["key"] for one in administrator.get("/feeds").body["items"]] == ["li"]


# ---- Free and busy


def busy(asked: Asked) -> Iterator[tuple[str, datetime, datetime]]:
    (told,) = Calendar.from_ical(asked.body).walk("VFREEBUSY")
    periods: Any = told.get("FREEBUSY", [])
    for one in periods if isinstance(periods, list) else [periods]:
        yield one.params["FBTYPE"], one.start, one.end


def promised(lyceum: Lyceum, resource: UUID) -> set[tuple[str, datetime, datetime]]:
    diary = lyceum.views.get(DIARIES, diary_id(resource, WEEK))
    assert diary is not None
    windows = [one.window for one in diary.promises]
    return {("BUSY", _instant(one.start_min), _instant(one.end_min)) for one in windows}


def _instant(minute: int) -> datetime:
    return MONDAY + timedelta(minutes=minute)


def test_free_busy_tells_when_and_not_what(released: Lyceum, client: TestClient) -> None:
    administrator = someone(released, client, ("administrator", None))
    for path, resource in (
        ("/volunteers/wang", volunteer_id("wang")),
        ("/venues/library", room_id("library", "reading")),
        ("/venues/library/rooms/reading", room_id("library", "reading")),
    ):
        found = administrator.get(made(administrator, path, form="free-busy"))

        assert set(busy(found)) == promised(released, resource) != set()
        assert b"Course" not in found.body
        assert b"VEVENT" not in found.body


def test_free_busy_tells_closures_and_pauses(released: Lyceum, client: TestClient) -> None:
    administrator = someone(released, client, ("administrator", None))
    hall, school, wang = (
        made(administrator, path, form="free-busy")
        for path in ("/venues/school/rooms/hall", "/venues/school", "/volunteers/wang")
    )
    before = administrator.get(school)
    day = date(2026, 12, 8)
    rooms = (room_id("school", "hall"),)
    close_venue(released, "school", Closure(uuid4(), day, day, rooms), "exam", emergency=True)
    pause_volunteer(released, "wang", Pause(day, day), "away")
    whole = ("BUSY-UNAVAILABLE", MONDAY + timedelta(days=8), MONDAY + timedelta(days=9))

    assert whole in set(busy(administrator.get(hall)))
    assert whole in set(busy(administrator.get(wang)))
    assert administrator.get(school, if_none_match=before.headers["etag"]).status in (200, 304)


def test_free_busy_is_known_until_its_diary_changes(released: Lyceum, client: TestClient) -> None:
    administrator = someone(released, client, ("administrator", None))
    feed = made(administrator, "/venues/library", form="free-busy")
    tag = administrator.get(feed).headers["etag"]
    day = date(2026, 12, 8)

    close_venue(released, "school", Closure(uuid4(), day, day), "exam", emergency=True)
    assert administrator.get(feed, if_none_match=tag).status == 304
    close_venue(released, "library", Closure(uuid4(), day, day), "exam", emergency=True)
    assert administrator.get(feed, if_none_match=tag).status == 200


def test_what_has_no_diary_has_no_free_busy(client: TestClient, administrator: Person) -> None:
    assert administrator.post("/areas/town/feeds", {"form": "free-busy"}).problem == "invalid"
    assert administrator.post("/requests/r-brush/feeds", {"form": "free-busy"}).problem == "invalid"
