"""Time that a closure or an absence takes of a diary."""

from __future__ import annotations

from dataclasses import replace

from domain import diary, venue, volunteer


def with_time_taken(
    resource_diary: diary.Diary, state: venue.Venue | volunteer.Volunteer | None
) -> diary.Diary:
    """The diary of a room or a volunteer with all that the venue or the volunteer, as it is, takes of that week."""
    match state:
        case venue.Venue() if resource_diary.kind == "room":
            taken = venue.closures_of(state, resource_diary.resource, resource_diary.week)
        case volunteer.Volunteer():
            taken = volunteer.absences_of(state, resource_diary.week)
        case _:
            return resource_diary
    blocks = (*resource_diary.blocks, *(diary.Block(id, window) for id, window in taken))
    return replace(resource_diary, blocks=tuple(dict.fromkeys(blocks)))
