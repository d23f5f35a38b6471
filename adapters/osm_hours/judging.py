"""Judge which opening hours are possible but hardly meant."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.osm_hours.comparing import rule_spans
from adapters.osm_hours.reading import read_osm
from adapters.osm_hours.words import LONG_MIN, spans_text
from adapters.osm_hours.writing import weekdays_text
from domain.opening import OpeningHours, Span
from domain.windows import DAY_MIN, Window


def implausible(hours: OpeningHours | str) -> tuple[str, ...]:
    """List what is possible but rarely meant: opening or closing at midnight, and over 16 hours on end."""
    known = read_osm(hours) if isinstance(hours, str) else hours
    found = ((rule, one, " and ".join(_oddities(one))) for rule, one in rule_spans(known))
    sentences = [
        f"{weekdays_text(rule)} {spans_text([Window(one.start_min, one.end_min)])} {odd}; check the times"
        for rule, one, odd in found
        if odd
    ]
    return tuple(dict.fromkeys(sentences))


def _oddities(one: Span) -> Iterator[str]:
    if one.start_min == 0:
        yield "opens at midnight"
    if one.end_min % DAY_MIN == 0:
        yield "closes at midnight"
    if one.end_min - one.start_min > LONG_MIN:
        yield f"is open for {(one.end_min - one.start_min) / 60:g} hours"
