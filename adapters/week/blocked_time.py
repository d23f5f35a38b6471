"""Time that a closure or an absence takes of a diary."""

from __future__ import annotations

from dataclasses import replace

from domain import diary, venue, volunteer


def with_time_taken(page: diary.Diary, state: venue.Venue | volunteer.Volunteer | None) -> diary.Diary:
    """The diary of a room or a volunteer with all that the venue or the volunteer, as it is, takes of that week."""
    match state:
        case venue.Venue() if page.kind == "room":
            taken = venue.closures_of(state, page.resource, page.week)
        case volunteer.Volunteer():
            taken = volunteer.absences_of(state, page.week)
        case _:
            return page
    blocks = (*page.blocks, *(diary.Block(id, window) for id, window in taken))
    return replace(page, blocks=tuple(dict.fromkeys(blocks)))
