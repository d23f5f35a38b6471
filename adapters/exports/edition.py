"""Printed edition of a week: one release, its agendas, one language, maybe names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from adapters.exports.agendas import Agendas, Occasion, Owner, agendas
from adapters.exports.export_wording import Wording
from adapters.exports.file_names import file_stems
from adapters.exports.left_out_records import LeftOutRecords
from adapters.week.week_snapshot import SessionView, WeekSnapshot, view_sessions
from domain.calendar import date_of
from domain.timetable import Release
from domain.venue import Venue
from domain.volunteer import Volunteer


@dataclass(frozen=True)
class WeekEdition:
    """A released week in one language; `snapshot` ends with `release`.

    `names` of volunteers by id are empty unless names are to be printed; `stems` are the file names of `held`.

    `left_out` names what could not be written, as far as it is written.
    """

    snapshot: WeekSnapshot
    release: Release
    wording: Wording
    names: Mapping[UUID, str]
    session_views: tuple[SessionView, ...]
    held: Agendas
    stems: Mapping[Owner, str]
    left_out: LeftOutRecords = field(default_factory=LeftOutRecords)

    @cached_property
    def venues(self) -> list[Venue]:
        """Venues with a session in this release or an earlier one, in order of name."""
        hosting = (venue for id, venue in self.snapshot.venues.items() if ("venue", id) in self.held)
        return sorted(hosting, key=lambda venue: (venue.name, venue.key))

    @cached_property
    def volunteers(self) -> list[Volunteer]:
        """Volunteers with a session in this release or an earlier one, in order of key."""
        helping = (
            volunteer for id, volunteer in self.snapshot.volunteers.items() if ("volunteer", id) in self.held
        )
        return sorted(helping, key=lambda volunteer: volunteer.key)

    def occasions(self, owner: Owner) -> tuple[Occasion, ...]:
        return self.held.get(owner, ())

    def stem(self, owner: Owner) -> str:
        return self.stems[owner]

    @property
    def area_name(self) -> str:
        return self.snapshot.area_name(self.snapshot.area.id, self.wording.language)

    @property
    def week(self) -> str:
        first, last = (date_of(self.snapshot.week, day) for day in (1, 7))
        year, number = self.snapshot.week.split("-W")
        short = self.wording.short_date
        return self.wording(
            "week", year=year, number=int(number), first=short(first), last=short(last), last_year=last.year
        )

    @property
    def title(self) -> str:
        return f"{self.area_name} – {self.week}"

    @property
    def printed(self) -> str:
        """The sentence that says which release a page was printed from."""
        day = self.wording.instant(self.release.at, self.snapshot.zone)
        return self.wording("printed", number=self.release.number, name=self.release.name, day=day)

    def volunteer_name(self, volunteer: Volunteer) -> str:
        """The volunteer's name where names are printed, else the key."""
        return self.names.get(volunteer.id) or self.wording("volunteer", key=volunteer.key)


def edition_of(snapshot: WeekSnapshot, wording: Wording, names: Mapping[UUID, str]) -> WeekEdition:
    """The edition of the latest release in the snapshot."""
    release = snapshot.timetable.releases[-1]
    held = agendas([snapshot])
    return WeekEdition(
        snapshot=snapshot,
        release=release,
        wording=wording,
        names=names,
        session_views=view_sessions(snapshot, release.sessions),
        held=held,
        stems=file_stems(snapshot, held),
    )
