"""Events from before there were rules for texts: every writer makes them harmless, and nothing fails for them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from icalendar import Calendar
from markupsafe import escape
from openpyxl import load_workbook

from adapters.exports.agendas import Owner, agendas
from adapters.exports.export_wording import wording_of
from adapters.exports.icalendars import calendar, framed
from adapters.exports.left_out_records import LeftOutRecords
from adapters.exports.master_data import EXPORTS, export_kind
from adapters.exports.week_export import week_edition, write_week
from adapters.week.week_snapshot import snapshot_of
from domain import network, request, venue
from domain.catalogue import FIELD
from domain.events import following
from tests.adapters.exports.town import WEEK, Town
from tests.hostile import KINDS, raw

TEXT = "".join(KINDS.values())
HEBREW = "לימוד (101) א'"


@pytest.fixture
def stained(toronto: Town) -> Town:
    """The town, with all kinds of texts in its events, as they could be stored once."""
    return _named(toronto, TEXT)


def _named(toronto: Town, text: str) -> Town:
    lyceum, metadata = toronto.lyceum, toronto.lyceum.metadata()
    store, views = lyceum.store, lyceum.views
    facts = snapshot_of(views, toronto.area, WEEK)
    library, area = facts.venues[venue.venue_id("lib")], facts.area
    course = facts.requests[request.request_id("r-paint")]
    room = replace(library.rooms[0], name=text)
    described = venue.VenueDescribed(
        **following(library, metadata),
        name=text,
        kind=library.kind,
        area=library.area,
        location=library.location,
    )
    opened = venue.RoomChanged(
        **{**following(library, metadata), "originator_version": library.version + 2}, room=room
    )
    order = replace(course.order, title=text, topic=text, function=text)
    changed = request.OrderChanged(
        **following(course, metadata), area=course.area, location=None, order=order
    )
    renamed = network.AreaRenamed(
        **following(area, metadata), names=(("en", text),), on=area.founded, why="x"
    )
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


class _Unisolated(HTMLParser):
    """Texts from right to left that stand in no `<bdi>`; what a browser shows apart needs none."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if "לימוד" in data and not {"bdi", "option", "title"} & set(self.open):
            self.texts.append(data)


def test_names_from_right_to_left_keep_their_ends_and_neighbours(toronto: Town, out: Path) -> None:
    _named(toronto, HEBREW)

    write_week(toronto.lyceum, toronto.area, WEEK, out)

    for file in out.rglob("*.html"):
        reader = _Unisolated()
        reader.feed(file.read_text(encoding="utf-8"))
        assert not reader.texts, file
    overview = (out / "index.html").read_text(encoding="utf-8")
    assert f"<bdi>{escape(HEBREW)}</bdi>" in overview


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
    first, *others = agendas([edition.snapshot])[owner]
    broken = replace(
        first, entry=replace(first.entry, session_view=replace(first.session_view, start_min=10**15))
    )
    left_out = LeftOutRecords()

    content = calendar("x", [broken, *others], wording_of("en", FIELD), owner, left_out)

    assert len(Calendar.from_ical(content).walk("VEVENT")) == len(others)
    (sentence,) = left_out.sentences
    assert sentence.startswith(
        f"session {first.session_view.session.number} of request {first.session_view.request.key} is left out: "
    )
    assert b"X-WR-CALDESC:session " in content
