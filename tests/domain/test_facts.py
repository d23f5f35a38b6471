"""Facts: what every event carries, and ids that follow from natural keys."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.events import EventMetadata, NaiveTime, ReasonMissing, envelope, following, reason, stream_id
from domain.text import BadText
from tests.builders import STAMP, an_id, area

PARTS = st.lists(st.text(st.sampled_from("ab:\\"), max_size=4), min_size=1, max_size=3)


def test_envelope_carries_stream_place_time_and_author() -> None:
    assert envelope(an_id("one"), 3, STAMP) == {
        "originator_id": an_id("one"),
        "originator_version": 3,
        "at": STAMP.at,
        "by": "coordinator-1",
    }


def test_following_takes_the_next_place_in_the_stream() -> None:
    known = area()

    assert following(known, STAMP) == envelope(known.id, known.version + 1, STAMP)


def test_stream_id_is_the_same_for_the_same_key() -> None:
    assert stream_id("venue", "library") == stream_id("venue", "library")


def test_stream_ids_of_two_kinds_differ() -> None:
    assert stream_id("venue", "library") != stream_id("area", "library")


def test_half_a_character_is_no_key() -> None:
    with pytest.raises(BadText, match="the key of a room holds half a character"):
        stream_id("room", "library", "a\udc80")


@given(PARTS, PARTS)
@example(["a:b", "c"], ["a", "b:c"])
@example(["a\\", "b"], ["a\\:b"])
def test_stream_ids_of_different_keys_differ(some: list[str], others: list[str]) -> None:
    """A key may hold whatever a foreign file puts into it, such as "osm:node/1"."""
    assert (stream_id("room", *some) == stream_id("room", *others)) == (some == others)


def test_reason_loses_the_blanks_around_it() -> None:
    assert reason("  flooded \n", "a closure") == "flooded"


@pytest.mark.parametrize("blank", ["", "  ", "\n\t"])
def test_empty_reason_is_refused(blank: str) -> None:
    with pytest.raises(ReasonMissing, match=r"^a closure needs a reason; say why in one sentence$"):
        reason(blank, "a closure")


def test_stamp_without_a_time_zone_is_refused() -> None:
    with pytest.raises(NaiveTime, match="must say its time zone"):
        EventMetadata(datetime(2026, 11, 20, 9), "coordinator-1")  # noqa: DTZ001 - that is the mistake
