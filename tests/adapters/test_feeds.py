"""Whatever was released: each session stands once in the feed, at the right instant, as RFC 5545 is read by hand."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.application.application import Lyceum
from adapters.exports.agendas import Owner
from adapters.feeds.feed_records import Feed
from adapters.feeds.ready_feeds import FeedCache
from adapters.store.cached_read_models import CachedReadModels
from domain import network, timetable
from domain.calendar import date_of
from domain.timetable import Session
from domain.venue import venue_id
from domain.volunteer import volunteer_id
from domain.windows import DAY_MIN, Window
from tests.adapters.exports.town import FIRST, place, release, towns_events

CITY = network.area_id("city")
WEEKS = ("2026-W10", "2026-W13", "2026-W43", "2026-W44", "2026-W53")  # clocks change in four, one is the 53rd
ROOMS = ("lib/hall", "lib/hall-a", "lib/hall-b", "school/1")
REQUESTS = ("r-paint", "r-formula", "r-hostile", "r-late")
OWNERS: list[Owner] = [("area", CITY), ("venue", venue_id("lib")), ("volunteer", volunteer_id("v-lead"))]
LEADS = ("v-lead", "V Two", "v-third")


@st.composite
def _sessions(draw: st.DrawFn) -> dict[tuple[str, int], Session]:
    keys = draw(st.sets(st.tuples(st.sampled_from(REQUESTS), st.integers(1, 3)), max_size=8))
    return {
        (key, number): place(
            key,
            number,
            _window(draw(st.integers(0, 6)), draw(st.integers(10, 44)), draw(st.integers(1, 6))),
            draw(st.sampled_from(ROOMS)),
            draw(st.sampled_from(LEADS)),
        )
        for key, number in sorted(keys)
    }


def _window(day: int, half_hour: int, length: int) -> Window:
    start = day * DAY_MIN + half_hour * 30
    return Window(start, min(start + length * 30, (day + 1) * DAY_MIN))


@settings(max_examples=25)
@given(
    zone=st.sampled_from(["America/Toronto", "Europe/London", "Asia/Shanghai", "Australia/Lord_Howe"]),
    weeks=st.dictionaries(st.sampled_from(WEEKS), st.lists(_sessions(), min_size=1, max_size=3), min_size=1),
)
def test_every_released_session_stands_once_at_its_instant(
    zone: str, weeks: dict[str, list[dict[tuple[str, int], Session]]]
) -> None:
    lyceum = Lyceum("memory:", actor="tests", clock=lambda: FIRST)
    lyceum.commit(towns_events(zone))
    for week, releases in weeks.items():
        _release(lyceum, week, [list(one.values()) for one in releases])
    live = CachedReadModels(lyceum.store, lyceum.views.tracking)
    expected = {(week, session) for week, releases in weeks.items() for session in releases[-1].values()}

    for kind, about in OWNERS:
        feed = Feed(UUID(int=1), kind, about, "x", "calendar", None, "tests", FIRST)
        body = FeedCache().ready(lyceum.store, live.snapshot(), feed, FIRST).body
        told = _told(body)
        assert told == sorted(_span(week, one, zone) for week, one in expected if _is_of(one, kind, about))


def _release(lyceum: Lyceum, week: str, releases: list[list[Session]]) -> None:
    state = timetable.blank(CITY, week)
    changed = [now for before, now in pairwise([None, *releases]) if now is not None and before != now]
    for number, sessions in enumerate(changed):
        keyed: Any = dict(enumerate(sessions))
        for fact in release(state, FIRST + timedelta(hours=number), f"{week} {number}", "Release", keyed):
            if isinstance(fact, timetable.TimetableReleased | timetable.DraftMade):
                lyceum.commit([fact])
                state = timetable.evolve(state, fact)


def _is_of(session: Session, kind: str, about: UUID) -> bool:
    return kind == "area" or about in (session.venue, *session.team)


def _span(week: str, session: Session, zone: str) -> tuple[datetime, datetime]:
    start, end = (
        (
            datetime.combine(date_of(week, 1), datetime.min.time()) + timedelta(minutes=minute)
        ).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        for minute in (session.window.start_min, session.window.end_min)
    )  # fmt: skip
    return start, end


# ---- A reader of its own: unfolds lines, and applies the rules of VTIMEZONE as RFC 5545 (3.6.5) gives them


def _told(body: bytes) -> list[tuple[datetime, datetime]]:
    """The spans of all confirmed events in UTC."""
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    text = body.replace(b"\r\n ", b"").decode()
    zones = {
        re.findall(r"TZID:(.*)\r\n", block)[0]: _observances(block)
        for block in re.findall(r"BEGIN:VTIMEZONE.*?END:VTIMEZONE", text, re.DOTALL)
    }
    blocks = re.findall(r"BEGIN:VEVENT.*?END:VEVENT", text, re.DOTALL)
    uids = [re.findall(r"UID:(.*)\r\n", block)[0] for block in blocks]
    assert len(set(uids)) == len(uids)
    spans = [
        (_instant(block, "DTSTART", zones), _instant(block, "DTEND", zones))
        for block in blocks
        if "STATUS:CONFIRMED" in block
    ]
    return sorted(spans)


def _observances(block: str) -> list[tuple[datetime, timedelta, timedelta]]:
    """Each onset in the time before it, and the offsets before and after."""
    found = []
    for one in re.findall(r"BEGIN:(?:STANDARD|DAYLIGHT).*?END:(?:STANDARD|DAYLIGHT)", block, re.DOTALL):
        (onset,), (before,), (after,) = (
            re.findall(rf"{name}:(.*)\r\n", one) for name in ("DTSTART", "TZOFFSETFROM", "TZOFFSETTO")
        )
        found.append((_local(onset), _offset(before), _offset(after)))
    return sorted(found)


def _instant(
    block: str, name: str, zones: dict[str, list[tuple[datetime, timedelta, timedelta]]]
) -> datetime:
    ((zone, text),) = re.findall(rf"{name};TZID=([^:]*):(\d+T\d+)\r\n", block)
    local = _local(text)
    offset = [after for onset, _, after in zones[zone] if onset <= local][-1]
    return (local - offset).replace(tzinfo=UTC)


def _local(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%S")  # noqa: DTZ007 - local time


def _offset(text: str) -> timedelta:
    sign = -1 if text[0] == "-" else 1
    return sign * timedelta(hours=int(text[1:3]), minutes=int(text[3:5]))
