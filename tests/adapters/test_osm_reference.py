"""The reference evaluator decides: what is read here, it reads the same; what it refuses is refused or asked about."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.opening_hours import ReadHours, UnsupportedHours, questions_on, read_with_questions
from domain.opening import Span
from domain.windows import DAY_MIN
from tests.adapters.imports.conftest import shared
from tests.opening_hours.reference import (
    Dates,
    Reference,
    Spans,
    joined,
    missing,
    night_min,
    opened,
    without_nights,
)

# Easter and the first of May, the end of a year, and the start of the next.
WINDOWS: tuple[Dates, ...] = (
    (date(2026, 3, 30), date(2026, 5, 18)),
    (date(2026, 12, 14), date(2027, 1, 1)),
    (date(2027, 1, 1), date(2027, 1, 18)),
)
NIGHT = "22:00-02:00"


@pytest.fixture(scope="module")
def reference() -> Iterator[Reference]:
    if missing():
        _do_without(missing())
    evaluator = Reference()
    yield evaluator
    evaluator.close()


def _do_without(reason: str) -> NoReturn:
    if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
        pytest.fail(f"In CI every test runs, but {reason}.", pytrace=False)
    pytest.skip(f"Needs the reference evaluator, and {reason}.")


def read(text: str) -> ReadHours | None:
    try:
        return read_with_questions(text)
    except UnsupportedHours:
        return None


def check(reference: Reference, text: str) -> None:
    """Fails where a text is read otherwise than by the reference, or read in silence where that refuses it."""
    ours = read(text)
    if ours is None:
        return
    theirs = reference.ask(text, *WINDOWS)
    if theirs.spans is None:
        # "Apr Mo[2-4]" is a month with weekdays here, and there a date that is one of several
        assert ours.questions or "constrained weekday" in theirs.refused, (
            f"{text!r} is refused there, and read here"
        )
        return
    night = max(night_min(ours.hours), 120 if NIGHT in text else 0)
    for window, spans in zip(WINDOWS, theirs.spans, strict=True):
        here = opened(ours.hours, window, reference.day_types(window))
        assert without_nights(here, night) == without_nights(spans, night), text


# ---- Texts as people write them


def real_texts() -> tuple[list[Dates], list[tuple[str, list[Spans]]]]:
    """Texts of OpenStreetMap with the spans that the reference has in the first fourteen days of each window."""
    with gzip.open(shared("opening-hours/real_texts.json.gz"), "rt", encoding="utf-8") as file:
        document = json.load(file)
    firsts = [date.fromisoformat(first[:10]) for first, _ in document["windows"]]
    windows = [(first, first + timedelta(days=14)) for first in firsts]
    return windows, [(text, spans) for text, *spans in document["rows"]]


def test_nine_in_ten_real_texts_are_read_and_each_as_the_reference_reads_it() -> None:
    windows, rows = real_texts()

    known = [(text, ours, spans) for text, spans in rows if (ours := read(text))]
    different = [text for text, ours, spans in known if not is_same(ours, windows, spans)]

    assert len(known) >= 0.9 * len(rows)
    assert different == []


def is_same(ours: ReadHours, windows: list[Dates], theirs: list[Spans]) -> bool:
    night = night_min(ours.hours)
    return all(
        without_nights(opened(ours.hours, window), night)
        == without_nights(joined([[start, min(end, 14 * DAY_MIN)] for start, end in spans]), night)
        for window, spans in zip(windows, theirs, strict=True)
    )


def test_no_real_text_opens_a_whole_day_or_a_night_in_silence() -> None:
    _, rows = real_texts()

    known = [(text, ours) for text, _ in rows if (ours := read(text))]
    silent = [text for text, ours in known if is_surprising(ours) and not questions_on(ours)]

    assert silent == []


def is_surprising(ours: ReadHours) -> bool:
    """Whether it opens a night, or a whole day that its text does not write out."""
    written_out = re.search(
        r"24 ?[/xX] ?7|24 ?hours|all day|0?0:00 ?[-–] ?24[:.]00|\b0-24", ours.text, re.IGNORECASE
    )
    spans = [one for period in ours.hours.periods for rule in period.rules for one in rule.spans]
    return any(one.end_min > DAY_MIN or (one == Span(0, DAY_MIN) and not written_out) for one in spans)


ASKED = [
    "Mo-Fr 09:00-17:00; Sa",
    "2026",
    "2026 Aug Mo-Fr",
    "open",
    "Su",
    "Apr-Sep",
    "9:00-6:00",
    "Mo-Fr 17:00-09:00",
    "Mo-Fr 22:00-22:00",
    "Fr 22:00-02:00",
    "Mo-Fr 08:00-12:00; 13:00-17:30",
    "Mo-Fr 08:00-18:00 Sa 09:00-13:00",
    'Mo-Fr 09:00-17:00 "by appointment"',
    'Mo-Fr 09:00-17:00 open "ring twice"',
    "Mo unknown",
    "Mo 10:00-12:00+",
    "Mo 9:00-12:0",
    "Apr 5am-5pm",
    "Dec 9h-17h",
    "2026 Mar 3, Mar 4 10:00-12:00",
    "工作日 9:00-17:00",
    "8:30-12:00; 14:00-18:00",
    "Mo-Fr 9:00-12:00; Mo-Fr 13:00-17:00",
    "Mo - Fr 8:00 - 13:00; Tu 15:00 - 18:30",
    "Apr-Sep Mo-Sa 8:00-18:00; Su 8:00-19:00; Oct-Mar Mo-Sa 9:00-16:00; Su 9:00-17:00",
    "Dec 20-Jan 6 off; Mo-Su 9.00-17.00",
    "PH off; Mo-Fr 9:00-17:00",
    "Aug off; Mo-Fr 9:00-17:00",
    "Sa,Su off; Mo-Sa 9:00-17:00",
    "We off, Mo-Su 9:00-21:00",
    "Dec 24 9:00-12:00; Mo-Fr 9:00-17:00",
    "8am-6pm tuesday closed",
    "Mo-Fr 9:00-17:00, 12:00-13:00 closed",
    "周一至周五（法定节假日除外）9:00-17:00",
    "周一闭馆",
    "Mo-Fr,PH off",
    "00:00-00:00",
    "Mo-Fr 2-4",
    "Mo-Fr 8-12, 1-5",
    "mar 9:00-17:00",
]


OTHERWISE = {
    "Apr 5am-5pm",
    "Dec 9h-17h",
}  # a day and times that are none, to the reference: a question stands beside


@pytest.mark.parametrize("text", ["00-00", "0-0; PH off", "Mo-Fr 00-00", "Mo 9-9"])
def test_a_span_of_hours_alone_that_ends_when_it_starts_is_refused(text: str) -> None:
    with pytest.raises(UnsupportedHours, match="write 00:00-24:00 for a whole day"):
        read_with_questions(text)


@pytest.mark.parametrize("text", ASKED)
def test_what_may_be_meant_otherwise_is_asked_about(reference: Reference, text: str) -> None:
    ours = read_with_questions(text)

    assert questions_on(ours)
    if text.isascii() and text not in OTHERWISE:
        check(reference, text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("上午9:00-12:00 下午2:00-5:00", "Mo-Su 09:00-12:00,14:00-17:00"),
        ("上午8:30-11:30 下午2:00-5:00", "Mo-Su 08:30-11:30,14:00-17:00"),
        ("오전 9:00-11:30 오후 1:00-6:00", "Mo-Su 09:00-11:30,13:00-18:00"),
        ("午前9時30分-11時30分 午後1時-5時", "Mo-Su 09:30-11:30,13:00-17:00"),
    ],
)
def test_a_half_of_the_day_before_a_time_is_that_times_own(text: str, plain: str) -> None:
    assert questions_on(read_with_questions(text)) == ()
    assert read_with_questions(text).hours == read_with_questions(plain).hours


SILENT = [
    "Mo, Tu 09:00-17:00",
    "We, Sa 07:00-12:30",
    "9:30-11:00, 14:30-19:00; Su, PH off",
    "8:30-11:30, 13:30-15:30; Sa, Su, PH off",
    "Mo-Fr 9:00-11:30,14:00-16:30; PH, Sa-Su off",
    "Mo-Fr 06:00-22:00; Sa 07:00-22:00; PH, Su 08:00-22:00",
    "Mo-Fr 07:00-8:15 , 11:30-17:00",
    "Fr 10:00 - 12:00 , 14:00 - 17:00; Sa 9:00 - 12:00",
    "MO-FR 08:00-12:00,13:00-18:00; SA 08:00-12:00;",
    "Apr-Sep: Mo-Fr 10:00-18:00; Oct-Mar: Mo-Fr 10:00-16:00; Dec 24-26,Jan 1 off",
    "Mo-Su 9.00-17.00; week 15-17 Mo 10:00-12:00; Dec 20-Jan 6 off",
    "Mo-Fr 9:00-17:00; Th 9:00-20:00; PH off",
    "Mo-Fr 9:00-17:00, closed 12:00-13:00",
    "off; Mo-Fr 9:00-17:00",
    "Mo-Fr 9:00-17:00; Aug off; Aug Mo 9:00-12:00",
    "Mo closed, Tu-Su 9:00-17:00",
    "PH 9:00-12:00; Mo-Fr,PH 9:00-12:00",
    "Apr-Sep Mo-Fr 9:00-17:00; Oct-Mar Mo-Fr 10:00-16:00",
    "Jan-Feb 8:00-17:00; Mar 8:00-18:00",
    "Mo-Fr 9:00 AM - 5:00 PM; Sa 9am-1pm",
    "Mo–Fr 8:00–12:00 and 13:00–17:00",
    "Montag bis Freitag 9-17 Uhr; Samstag geschlossen",
    "lunes a viernes 9:00-17:00",
    "Lu-Ve 9:00-17:00",
    "24/7; Su off",
]


@pytest.mark.parametrize("text", SILENT)
def test_what_means_one_thing_is_read_in_silence_and_right(reference: Reference, text: str) -> None:
    assert questions_on(read_with_questions(text)) == ()
    check(reference, text)


@pytest.mark.parametrize(
    "text",
    [
        "Mo-Fr, 08:00-18:30",
        "Mo-Fr 07:00-20:00; Sa, 07:30-13:00; Su off",
        "Mo-Fr 09:00-17:00; 2026 Mar 1-2026 Aug 31, Sa 10:00-15:00",
        "24/7, Mo-Su 12:00-24:00",
        "Mo, Tu, 11:30-20:00; Tu-Sa 9:30-18:00",
        "Mo-Fr, 4:30-21:00, Sa-Su, 5:00-21:00",
    ],
)
def test_what_the_reference_refuses_for_its_commas_is_refused(reference: Reference, text: str) -> None:
    assert reference.ask(text, WINDOWS[0]).spans is None
    assert read(text) is None


# ---- Texts by the grammar

CLOCKS = st.integers(1, 95).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")
SPANS = st.tuples(CLOCKS, CLOCKS).filter(lambda pair: pair[0] < pair[1]).map("-".join)
TIMES = st.one_of(
    SPANS,
    SPANS,
    st.lists(SPANS, min_size=2, max_size=3).map(", ".join),
    st.lists(SPANS, min_size=2, max_size=2).map(",".join),
    st.sampled_from(["", "off", "closed", "open", "00:00-24:00", NIGHT, '"by appointment"', "unknown"]),
    SPANS.map(lambda span: f"{span} off"),
    SPANS.map(lambda span: f'{span} "ring"'),
)


def one_of(texts: str) -> st.SearchStrategy[str]:
    """One of the texts between the bars."""
    return st.sampled_from(texts.split("|"))


DATES = one_of(
    "||||Apr|Apr-May:|Dec 20-Jan 6|Apr 3|Apr 4,Apr 20-24|Dec 24,26,31|2026|2026+|2026 Apr 3-20|Oct-Apr|Jan 1|"
    "2026 Apr 27-2026 May 10|2026-2027 Jan 5|2026 Dec 25-2027 Jan 2|Feb 29-Apr 5|2027 Jan 1|May 1 2026|week 15-17|"
    "week 14-53/2|week 2-52/2|week 1,16,53|2026 week 50-53|Apr week 14-16"
)
DAYS = one_of(
    "|Mo|Mo-Fr|Mo - Fr|Sa,Su|Mo, We, Fr|Fr-Mo|Mo,We-Fr:|Sa[1]|Su[-1]|Mo[2-4]|Tu[1,3],We|PH|SH|Mo-Fr,PH|"
    "Sa, Su, PH|PH, Su|Montag - Freitag|sa|WED|Monday"
)
RULES = st.tuples(DATES, DAYS, TIMES).map(lambda parts: " ".join(filter(None, parts))).filter(bool)
TEXTS = st.lists(RULES, min_size=1, max_size=4).flatmap(
    lambda rules: st.lists(
        st.sampled_from(["; ", "; ", "; ", ";", " ; ", ", ", ",", " , ", " || "]),
        min_size=len(rules),
        max_size=len(rules),
    ).map(lambda between: "".join(map(str.__add__, rules, between)).rstrip(" ,|"))
)


@settings(max_examples=150, deadline=None)
@given(text=TEXTS)
def test_a_text_of_the_grammar_is_read_as_the_reference_reads_it(reference: Reference, text: str) -> None:
    check(reference, text)


PIECES = one_of(
    "Mo|Tu|We|Fr|Sa|Su|PH|SH|Jul|Dec|1|2|10|24|31|2026|week|off|closed|open|24/7|9|17|9:00|17:00|09:00-17:00|12-18|"
    'am|pm|5pm|-|,|;|:|+|[|]|/|"|(|)|Uhr|h|to|and|bis|noon|Di|Do'
)


@settings(max_examples=150, deadline=None)
@given(
    text=st.lists(st.tuples(PIECES, st.sampled_from(["", " "])).map("".join), min_size=1, max_size=9).map(
        "".join
    )
)
def test_any_heap_of_its_words_is_read_as_the_reference_reads_it_or_not_in_silence(
    reference: Reference, text: str
) -> None:
    check(reference, text)
