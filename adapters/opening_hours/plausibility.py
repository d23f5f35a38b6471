"""Plausibility of opening hours: which are possible but hardly meant, so that somebody is asked about them."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.opening_hours.osm_reader import ReadHours
from adapters.opening_hours.osm_syntax import LONG_MIN, MORNING, spans_text
from adapters.opening_hours.osm_writer import weekdays_text
from domain.messages import message
from domain.opening import OpeningHours, Span
from domain.windows import DAY_MIN, Window, clock


def questions_on(read: ReadHours) -> tuple[str, ...]:
    """Questions on a parsed text: what may be meant otherwise, and hours that are rarely meant."""
    return (*read.questions, *implausible(read.hours))


def implausible(hours: OpeningHours) -> tuple[str, ...]:
    """Sentences on hours that are rarely meant: nights, midnights, very long days; a whole day is plausible."""
    return tuple(f"{text} {why}" for text, why in oddities(hours))


def oddities(hours: OpeningHours) -> tuple[tuple[str, str], ...]:
    """Pairs of hours that are rarely meant, as text, and what is odd about them."""
    judged = (
        (
            f"{weekdays_text(rule)} {spans_text([Window(span.start_min, span.end_min)])}",
            tuple(_oddities(span)),
        )
        for period in hours.periods
        for rule in period.rules
        for span in rule.spans
    )
    return tuple(
        dict.fromkeys(
            (text, message("{odd: and }, which is rarely meant; check the times", odd=tuple(odd)))
            for text, odd in judged
            if odd
        )
    )


def _oddities(span: Span) -> Iterator[str]:
    if (span.start_min, span.end_min) == (0, DAY_MIN) or (
        span.start_min >= MORNING and span.end_min < DAY_MIN
    ):
        return
    if span.start_min == 0:
        yield message("opens at midnight")
    elif span.start_min < MORNING:
        yield message("opens in the night at {start_min}", start_min=clock(span.start_min))
    if span.end_min % DAY_MIN == 0:
        yield message("closes at midnight")
    elif span.end_min > DAY_MIN:
        yield message(
            "runs through the night until {end_min} on the next day", end_min=clock(span.end_min - DAY_MIN)
        )
    if span.end_min - span.start_min > LONG_MIN:
        yield message("is open for {end_min:g} hours", end_min=(span.end_min - span.start_min) / 60)
