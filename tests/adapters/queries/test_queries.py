"""Queries over the small town: filters, pages in both directions, and what a caller may see."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from pydantic import ValidationError

from adapters.application.application import Lyceum
from adapters.queries.area_queries import AreaQuery, area_named, areas, around, below
from adapters.queries.diary_queries import diary_of
from adapters.queries.event_queries import EventQuery, events
from adapters.queries.paging import BadCursor, Page, Paging, everything
from adapters.queries.request_queries import RequestQuery, requests
from adapters.queries.timetable_queries import timetable_of
from adapters.queries.venue_queries import VenueQuery, all_venues, venues
from adapters.queries.volunteer_queries import VolunteerQuery, volunteers
from api.http.resources.venues.endpoints import VenueList
from domain.events import NotThere
from domain.venue import Venue, venue_id
from tests.adapters.town import TOWN, WEEK

DAY = date(2026, 12, 1)
ALL = VenueQuery(Paging("key", 100), DAY)


def keys(page: Page[Venue]) -> list[str]:
    return [venue.key for venue in page.items]


@pytest.mark.parametrize("sort", ["key", "-key", "name", "-name"])
def test_pages_one_by_one_are_the_whole_list(quick: Lyceum, sort: str) -> None:
    views = quick.views
    whole = venues(views, replace(ALL, paging=Paging(sort, 100)), everything)
    walked: list[str] = []
    cursor = None
    while True:
        page = venues(views, replace(ALL, paging=Paging(sort, 1, cursor)), everything)
        walked += keys(page)
        if page.next is None:
            break
        cursor = page.next

    assert walked == keys(whole)
    assert sorted(walked) == [venue.key for venue in all_venues(views)]
    assert (walked == sorted(walked)) is not sort.startswith("-")


def test_list_holds_what_the_filters_let_through_and_the_caller_sees(quick: Lyceum) -> None:
    views = quick.views

    assert keys(venues(views, replace(ALL, kind="school"), everything)) == ["school"]
    assert keys(venues(views, replace(ALL, area="river"), everything)) == ["school"]
    assert "school" not in keys(venues(views, ALL, lambda venue: venue.key != "school"))
    with pytest.raises(NotThere, match="there is no area atlantis"):
        venues(views, replace(ALL, area="atlantis"), everything)


@pytest.mark.parametrize("cursor", ["", "%", "WyJuYW1lIiwiYSIsImEiXQ", "WyJrZXkiLDEsMl0"])
def test_cursor_of_another_list_is_refused(quick: Lyceum, cursor: str) -> None:
    with pytest.raises(BadCursor):
        venues(quick.views, replace(ALL, paging=Paging("key", 1, cursor)), everything)


def test_each_kind_has_its_list(quick: Lyceum) -> None:
    views, paging = quick.views, Paging("key", 100)

    streets = areas(views, AreaQuery(paging, DAY, within="river"), everything)
    people = volunteers(views, VolunteerQuery(paging, DAY, area="town"), everything)
    orders = requests(views, RequestQuery(paging, DAY, status="accepted", week=WEEK), everything)

    assert [area.key for area in streets.items] == ["river"]
    assert people.items
    assert {order.status for order in orders.items} == {"accepted"}


def test_lookups_tell_what_is_there_or_a_blank(quick: Lyceum) -> None:
    views = quick.views
    river = area_named(views, "river")

    assert around(views, river.id, DAY) == (river.id, TOWN)
    assert around(views, None, DAY) == ()
    assert river.id in below(views, "town", DAY)
    assert timetable_of(views, TOWN, WEEK).version == 0
    assert diary_of(views, "venue", venue_id("school"), WEEK).promises == ()


def test_events_go_on_where_the_page_before_ended(quick: Lyceum) -> None:
    whole, last = events(quick.store, EventQuery(0, 500))
    first, reached = events(quick.store, EventQuery(0, 2))
    rest, end = events(quick.store, EventQuery(reached, 500))

    assert [*first, *rest] == whole
    assert end == last
    assert {one.event.originator_id for one in events(quick.store, EventQuery(0, 5, stream=TOWN))[0]} == {
        TOWN
    }


def test_query_model_takes_no_other_parameter() -> None:
    assert VenueList(limit=7, sort="-key").paging() == Paging("-key", 7, None)
    with pytest.raises(ValidationError, match="extra_forbidden"):
        VenueList.model_validate({"colour": "red"})
