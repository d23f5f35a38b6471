"""What stands on the pages, as a browser reads them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter

import pytest

from adapters.exports.translations import TEXTS
from adapters.exports.week_export import ExportOptions, write_week
from tests.adapters.exports.town import FORMULA, HOSTILE, NAMES, PHONE, WEEK, Town

VOID = {"meta", "br", "link", "img", "input"}


class Page(HTMLParser):
    """Text, elements and links of a page; a tag that is not closed in order fails at once."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.sections: list[str] = []
        self._open: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "section":
            self.sections.append("")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"style", "script"} & set(self._open):
            return
        self.text.append(data)
        if "section" in self._open:
            self.sections[-1] += data

    def count(self, tag: str) -> int:
        return sum(one == tag for one, _ in self.tags)


@pytest.fixture
def folder(toronto: Town, out: Path) -> Path:
    write_week(toronto.lyceum, toronto.area, WEEK, out)
    return out


def html_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.html"))


def test_pages_are_well_formed_and_say_their_language(folder: Path) -> None:
    for path in html_files(folder):
        page = Page(path)
        html = next(attributes for tag, attributes in page.tags if tag == "html")
        assert html["lang"] == "en"
        assert page.count("h1") >= 1
        assert page.count("caption") == page.count("table")
        assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")


def test_hostile_text_is_text(folder: Path) -> None:
    """The overview alone has a script, its own filter."""
    for path in html_files(folder):
        page = Page(path)
        assert page.count("script") == (1 if path.name == "index.html" else 0)
        assert page.count("b") == page.count("i") == 0
    assert any(HOSTILE in "".join(Page(path).text) for path in html_files(folder))


def test_links_lead_to_files_that_are_there(folder: Path) -> None:
    for path in html_files(folder):
        page = Page(path)
        anchors = {attributes.get("id") for _, attributes in page.tags}
        for tag, attributes in page.tags:
            target = attributes.get("href") if tag == "a" else None
            if target and target.startswith("#"):
                assert target[1:] in anchors
            elif target:
                assert (path.parent / target).is_file()


def test_each_room_has_a_door_sheet_with_its_sessions(folder: Path) -> None:
    hall, part_a, part_b = Page(folder / "rooms" / "lib.html").sections

    assert "Hall 厅" in hall
    assert all(title in hall for title in (FORMULA, HOSTILE, "国画入门", "Sunday choir"))
    assert "09:30–11:00" in part_a
    assert "Changed on 24 February" in part_a
    assert "Cancelled" in part_b
    assert "Open 09:00–20:00" in hall
    assert "Printed from release 2, “Second”, of 24 February 2026, 12:30" in hall


def test_door_of_a_session_that_moved_away_says_where_it_is(folder: Path) -> None:
    (door,) = Page(folder / "rooms" / "school.html").sections

    assert "Moved: now Thursday 5 March, 18:00–19:30, 荣昌图书馆, Hall 厅" in door
    assert "Closed" in door


def test_volunteer_reads_when_where_and_how_far(folder: Path) -> None:
    (sheet,) = Page(folder / "volunteers" / "v-third.html").sections

    assert "Volunteer v-third" in sheet
    assert "荣昌图书馆, Hall-A 厅" in sheet
    assert "about 1.5 km from 北门社区" in sheet
    assert re.search(r"You lead,\s+with 1 more", sheet)
    assert "Whom to call" in sheet


def test_sheet_to_print_holds_every_volunteer(folder: Path) -> None:
    assert len(Page(folder / "volunteers" / "all.html").sections) == len(NAMES)


def test_venue_week_places_sessions_by_time_among_the_open_hours(folder: Path) -> None:
    page = Page(folder / "venues" / "lib.html")
    columns = [
        attributes["style"] for _, attributes in page.tags if "grid-column" in (attributes.get("style") or "")
    ]

    assert "grid-column: 2 / 5" in columns  # 09:30 to 11:00, in half hours from 09:00
    assert any("All rooms" in text for text in Page(folder / "venues" / "school.html").text)


def test_overview_counts_and_lists_the_week(folder: Path) -> None:
    page = Page(folder / "index.html")
    rows = [
        attributes
        for tag, attributes in page.tags
        if tag == "tr" and "session" in (attributes.get("class") or "")
    ]

    assert "Old Town" in "".join(page.text)
    assert len(rows) == 6
    assert {row["data-function"] for row in rows} == {"arts", "science", "health", "vocational"}
    assert {row["data-street"] for row in rows} == {"昌元街道"}


def test_nobody_is_named_unless_asked_for(folder: Path) -> None:
    everything = "".join(
        path.read_bytes().decode("utf-8", "ignore") for path in folder.rglob("*") if path.is_file()
    )

    assert not [
        one
        for one in ("王小明", "O&#39;Brien", "O'Brien", "赵大爷", PHONE, "Secret Lane")
        if one in everything
    ]


def test_names_stand_on_own_sheets_only(toronto: Town, out: Path) -> None:
    write_week(toronto.lyceum, toronto.area, WEEK, out, ExportOptions(with_names=True))
    named = [path for path in html_files(out) if "王小明" in "".join(Page(path).text)]

    assert [path.name for path in named] == ["all.html", "v-lead.html"]
    assert not [path for path in out.rglob("*") if path.is_file() and PHONE.encode() in path.read_bytes()]


def test_pages_speak_chinese_where_the_area_is_named_so(toronto: Town, out: Path) -> None:
    write_week(toronto.lyceum, toronto.area, WEEK, out, ExportOptions(language="zh-Hans"))
    page = Page(out / "index.html")

    assert next(attributes for tag, attributes in page.tags if tag == "html")["lang"] == "zh"
    assert "老城区" in "".join(page.text)
    assert "2026年第10周，3月2日至3月8日" in "".join(page.text)


def test_every_language_has_the_same_words_with_the_same_gaps() -> None:
    english, chinese = TEXTS["en"], TEXTS["zh"]
    optional = {"year", "last_year"}  # each language writes the year of a week where it has its place

    assert set(english) == set(chinese)
    for key, text in english.items():
        gaps = [
            {name for _, name, _, _ in Formatter().parse(one) if name} - optional
            for one in (text, chinese[key])
        ]
        assert gaps[0] == gaps[1], key
