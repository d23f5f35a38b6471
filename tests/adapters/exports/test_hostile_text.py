"""Events from before there were rules for texts: every writer makes them harmless, and nothing fails for them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from icalendar import Calendar
from openpyxl import load_workbook

from adapters.exports.agendas import Owner, agendas
from adapters.exports.icalendars import calendar, framed
from adapters.exports.left_out import LeftOut
from adapters.exports.records import EXPORTS, export_kind
from adapters.exports.week import week_edition, write_week
from adapters.exports.words import words_of
from adapters.weeks import facts_of
from domain import network, request, venue
from domain.catalogue import FIELD
from domain.facts import following
from tests.adapters.exports.town import WEEK, Town
from tests.hostile import KINDS, raw

TEXT = "".join(KINDS.values())


@pytest.fixture
def stained(toronto: Town) -> Town:
    """The town, with all kinds of texts in its events, as they could be stored once."""
    lyceum, stamp = toronto.lyceum, toronto.lyceum.stamp()
    store, views = lyceum.store, lyceum.views
    facts = facts_of(views, toronto.area, WEEK)
    library, area = facts.venues[venue.venue_id("lib")], facts.area
    course = facts.requests[request.request_id("r-paint")]
    room = replace(library.rooms[0], name=TEXT)
    described = venue.VenueDescribed(
        **following(library, stamp),
        name=TEXT,
        kind=library.kind,
        area=library.area,
        location=library.location,
    )
    opened = venue.RoomChanged(
        **{**following(library, stamp), "originator_version": library.version + 2}, room=room
    )
    order = replace(course.order, title=TEXT, topic=TEXT, function=TEXT)
    changed = request.OrderChanged(**following(course, stamp), area=course.area, location=None, order=order)
    renamed = network.AreaRenamed(**following(area, stamp), names=(("en", TEXT),), on=area.founded, why="x")
    store._events.save(described, opened, changed, renamed, writes=[])
    views.catch_up()
    return toronto


def test_whole_week_is_written_and_nothing_of_it_steers_who_reads(stained: Town, out: Path) -> None:
    told: list[str] = []
    write_week(stained.lyceum, stained.area, WEEK, out, tell=told.extend)

    assert told == []
    for file in out.rglob("*"):
        if file.suffix in (".html", ".csv", ".ics"):
            assert not raw(file.read_bytes().decode().replace("\r\n", "\n"), "\n"), file
        if file.suffix == ".html":
            assert "<script>alert" not in file.read_text(encoding="utf-8")
    for row in csv.reader(
        io.StringIO((out / "timetable.csv").read_text(encoding="utf-8-sig")), delimiter=";"
    ):
        assert not [cell for cell in row if cell.startswith("=")]
    for line in load_workbook(out / "timetable.xlsx").worksheets[0].iter_rows():
        assert not [cell for cell in line if cell.data_type in ("f", "e")]


def test_calendars_come_back_with_their_names(stained: Town, out: Path) -> None:
    write_week(stained.lyceum, stained.area, WEEK, out)

    read = Calendar.from_ical((out / "calendars" / "requests" / "r-paint.ics").read_bytes())
    assert len(read.walk("VEVENT")) == 1
    assert str(read.walk("VEVENT")[0]["SUMMARY"]).startswith("Choir\nATTACH:x")
    assert "ATTACH" not in read.walk("VEVENT")[0]


@pytest.mark.parametrize("kind", EXPORTS)
def test_tables_of_all_kinds_are_written(stained: Town, kind: str, tmp_path: Path) -> None:
    for ending in ("csv", "xlsx"):
        assert export_kind(stained.lyceum, kind, tmp_path / f"{kind}.{ending}", with_people=True)
    assert not raw((tmp_path / f"{kind}.csv").read_text(encoding="utf-8-sig"), "\n")


def test_name_of_a_calendar_is_text_as_every_other() -> None:
    assert b"X-WR-CALNAME:Hall A\\, East\\; \\\\new\r\n" in framed("Hall A, East; \\new", [], [])
    assert b"X-WR-CALNAME:Choir\\n(second floor)\r\n" in framed("Choir\n(second floor)", [], [])


def test_one_session_that_cannot_be_written_is_left_out_and_named(toronto: Town) -> None:
    edition = week_edition(toronto.lyceum, toronto.area, WEEK)
    owner: Owner = ("area", toronto.area)
    first, *others = agendas([edition.facts])[owner]
    broken = replace(first, entry=replace(first.entry, card=replace(first.card, start_min=10**15)))
    left_out = LeftOut()

    content = calendar("x", [broken, *others], words_of("en", FIELD), owner, left_out)

    assert len(Calendar.from_ical(content).walk("VEVENT")) == len(others)
    (sentence,) = left_out.sentences
    assert sentence.startswith(
        f"session {first.card.session.number} of request {first.card.request.key} is left out: "
    )
    assert b"X-WR-CALDESC:session " in content
