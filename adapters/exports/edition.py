"""Decide what the printed edition of a week is made of: one release, its agendas, one language, maybe names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from adapters.exports.agendas import Agendas, Occasion, Owner, agendas
from adapters.exports.left_out import LeftOut
from adapters.exports.names import file_stems
from adapters.exports.words import Words
from adapters.week.week_snapshot import SessionView, WeekSnapshot, view_sessions
from domain.calendar import date_of
from domain.timetable import Release
from domain.venue import Venue
from domain.volunteer import Volunteer


@dataclass(frozen=True)
class Edition:
    """`facts` end with `release`; `names` of volunteers by id are empty unless they were asked for.

    `left_out` names what could not be written, as far as it is written.
    """

    snapshot: WeekSnapshot
    release: Release
    words: Words
    names: Mapping[UUID, str]
    cards: tuple[SessionView, ...]
    held: Agendas
    stems: Mapping[Owner, str]
    left_out: LeftOut = field(default_factory=LeftOut)

    @cached_property
    def venues(self) -> list[Venue]:
        """Those with a session in this release or an earlier one, in order of name."""
        found = (venue for id, venue in self.snapshot.venues.items() if ("venue", id) in self.held)
        return sorted(found, key=lambda venue: (venue.name, venue.key))

    @cached_property
    def volunteers(self) -> list[Volunteer]:
        """Those with a session in this release or an earlier one, in order of key."""
        found = (
            volunteer for id, volunteer in self.snapshot.volunteers.items() if ("volunteer", id) in self.held
        )
        return sorted(found, key=lambda volunteer: volunteer.key)

    def occasions(self, owner: Owner) -> tuple[Occasion, ...]:
        return self.held.get(owner, ())

    def stem(self, owner: Owner) -> str:
        return self.stems[owner]

    @property
    def area_name(self) -> str:
        return self.snapshot.area_name(self.snapshot.area.id, self.words.language)

    @property
    def week(self) -> str:
        first, last = (date_of(self.snapshot.week, day) for day in (1, 7))
        year, number = self.snapshot.week.split("-W")
        short = self.words.short_date
        return self.words(
            "week", year=year, number=int(number), first=short(first), last=short(last), last_year=last.year
        )

    @property
    def title(self) -> str:
        return f"{self.area_name} – {self.week}"

    @property
    def printed(self) -> str:
        """Which release a page was printed from."""
        day = self.words.instant(self.release.at, self.snapshot.zone)
        return self.words("printed", number=self.release.number, name=self.release.name, day=day)

    def volunteer_name(self, volunteer: Volunteer) -> str:
        """The name where names were asked for, else what the key says."""
        return self.names.get(volunteer.id) or self.words("volunteer", key=volunteer.key)


def edition_of(snapshot: WeekSnapshot, words: Words, names: Mapping[UUID, str]) -> Edition:
    """The latest release of the facts."""
    release = snapshot.timetable.releases[-1]
    held = agendas([snapshot])
    return Edition(
        snapshot=snapshot,
        release=release,
        words=words,
        names=names,
        cards=view_sessions(snapshot, release.sessions),
        held=held,
        stems=file_stems(snapshot, held),
    )
