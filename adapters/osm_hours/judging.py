"""Judge which opening hours are possible but hardly meant, so that somebody is asked before they are kept."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.osm_hours.reading import ReadHours, read_osm
from adapters.osm_hours.words import LONG_MIN, spans_text
from adapters.osm_hours.writing import weekdays_text
from domain.opening import OpeningHours, Span
from domain.windows import DAY_MIN, Window, clock


def questions_on(read: ReadHours) -> tuple[str, ...]:
    """List what of a text may be meant otherwise, and what hours it gives that are rarely meant."""
    return (*read.questions, *implausible(read.hours))


def implausible(hours: OpeningHours | str) -> tuple[str, ...]:
    """List nights, opening or closing at midnight, and over 16 hours on end; a whole day stands for itself."""
    known = read_osm(hours) if isinstance(hours, str) else hours
    found = (
        (rule, one, " and ".join(_oddities(one)))
        for period in known.periods
        for rule in period.rules
        for one in rule.spans
    )
    sentences = [
        f"{weekdays_text(rule)} {spans_text([Window(one.start_min, one.end_min)])} {odd}; check the times"
        for rule, one, odd in found
        if odd
    ]
    return tuple(dict.fromkeys(sentences))


def _oddities(one: Span) -> Iterator[str]:
    if (one.start_min, one.end_min) == (0, DAY_MIN):
        return
    if one.start_min == 0:
        yield "opens at midnight, which is rarely meant"
    if one.end_min % DAY_MIN == 0:
        yield "closes at midnight, which is rarely meant"
    elif one.end_min > DAY_MIN:
        yield f"runs through the night until {clock(one.end_min - DAY_MIN)} on the next day"
    if one.end_min - one.start_min > LONG_MIN:
        yield f"is open for {(one.end_min - one.start_min) / 60:g} hours"
