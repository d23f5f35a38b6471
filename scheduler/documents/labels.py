"""Labels of what a problem names: titles and names for people, in the place of ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from scheduler.documents.records import Assignment, Problem, Room, Venue


class Labels:
    """The labels of a problem's requests, venues, rooms and volunteers; an id that it does not know stays.

    An id stays too where there is no name, and stands behind a name that two of a kind share.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._requests = _labels(
            (request.id, request.title, f"“{request.title}”") for request in problem.requests
        )
        self._venues = _labels((venue.id, venue.name, venue.name) for venue in problem.venues)
        self._volunteers = _labels((person.id, person.name, person.name) for person in problem.volunteers)
        self._rooms = _labels(
            (room.id, room.name, f"{self._venues[venue.id]}, {room.name}")
            for venue in problem.venues
            for room in venue.rooms
        )

    def request(self, id: str) -> str:
        return self._requests.get(id, id)

    def problem(self) -> Problem:
        """The problem with labels for ids, so that the sentences of the rules have them."""
        return replace(
            self._problem,
            venues=tuple(map(self._venue, self._problem.venues)),
            volunteers=tuple(
                replace(volunteer, id=self._volunteers[volunteer.id])
                for volunteer in self._problem.volunteers
            ),
            requests=tuple(
                replace(request, id=self._requests[request.id]) for request in self._problem.requests
            ),
            pins=self.assignments(self._problem.pins),
            previous=self.assignments(self._problem.previous),
        )

    def _venue(self, venue: Venue) -> Venue:
        return replace(venue, id=self._venues[venue.id], rooms=tuple(map(self._room, venue.rooms)))

    def _room(self, room: Room) -> Room:
        whole = room.part_of
        return replace(room, id=self._rooms[room.id], part_of=None if whole is None else self._rooms[whole])

    def assignments(self, assignments: Iterable[Assignment]) -> tuple[Assignment, ...]:
        """The assignments with labels for ids."""
        return tuple(
            replace(
                assignment,
                request=self.request(assignment.request),
                room=self._rooms.get(assignment.room, assignment.room),
                leads=self._people(assignment.leads),
                assistants=self._people(assignment.assistants),
            )
            for assignment in assignments
        )

    def _people(self, ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(self._volunteers.get(id, id) for id in ids)


def _labels(things: Iterable[tuple[str, str, str]]) -> Mapping[str, str]:
    """The label of each id; things are ids with their names, and their labels where those are not shared."""
    things = list(things)
    sharing = Counter(label for _, _, label in things)
    return {
        id: id if name.strip() in ("", id) else label if sharing[label] == 1 else f"{label} ({id})"
        for id, name, label in things
    }
