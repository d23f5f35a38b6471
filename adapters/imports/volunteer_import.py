"""Import of volunteers: what they offer becomes events; who they are goes to the table that can be erased."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from adapters.imports import columns as read
from adapters.imports.columns import Column
from adapters.imports.far_days import warn_of_day
from adapters.imports.import_kind import ImportKind, Values
from adapters.imports.import_run import Handle, ImportRun
from adapters.imports.known_people import KnownPeople, erased_on, warn_of_personal_key
from adapters.imports.record_columns import columns_of, known_values, record_values
from adapters.imports.weekly_hours import night_hours
from adapters.people.guardians import guardian_id
from adapters.people.personal_records import PersonalRecord
from adapters.store.streams import AREAS, VOLUNTEERS
from domain import volunteer
from domain.messages import message
from domain.recurrence import WEEKLY, Rhythm
from domain.volunteer import (
    ROLES,
    BackgroundCheck,
    Profile,
    Role,
    Volunteer,
    volunteer_id,
)
from domain.windows import Windows

MOST_HOURS_WEEK = 60


@dataclass(frozen=True, slots=True)
class VolunteerRow:
    row: int
    key: str
    name: str
    phone: str
    email: str
    address: str
    home_lat: float | None
    home_lon: float | None
    home_area: str
    profile_values: Mapping[str, Any]
    hours: Windows
    hours_weeks: Rhythm
    hours_otherwise: Windows
    consent: bool | None
    guardian_name: str
    guardian_phone: str
    guardian_email: str
    check_result: str
    check_date: date | None
    check_expires: date | None
    check_unit: str

    @property
    def person(self) -> PersonalRecord:
        lat, lon = self.home_lat, self.home_lon
        home = None if lat is None or lon is None else (lat, lon)
        return PersonalRecord(self.name, self.phone, self.email, self.address, home)

    @property
    def guardian(self) -> PersonalRecord:
        return PersonalRecord(self.guardian_name, self.guardian_phone, self.guardian_email)

    @property
    def minor(self) -> bool:
        return bool(self.profile_values["minor"])

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles in the row; none where the usual ones are meant."""
        return tuple(self.profile_values["roles"])

    def profile(self, home_area: UUID) -> Profile:
        roles = self.roles or (("assistant",) if self.minor else ROLES)
        return Profile(**{**self.profile_values, "home_area": home_area, "roles": roles})


_PERSONAL = message("personal, never in an event")
_LATITUDE = read.number(-90, 90, "29.41", secret=True)
_LONGITUDE = read.number(-180, 180, "105.59", secret=True)


def _personal(name: str, holds: str, example: str, reader: read.Reader = str, blank: Any = "") -> Column:
    """A column of personal data, which is in no event: an empty cell never clears it."""
    return Column(name, f"{holds}; {_PERSONAL}", example, reader, blank=blank, keeps=True, personal=True)


_COLUMNS = columns_of(
    Profile,
    (
        Column(
            "key",
            "the natural key that the volunteer keeps for ever; nothing personal",
            "v-001",
            required=True,
            always=True,
            key_of="volunteers",
            own_key=True,
        ),
        Column("name", f"full name; {_PERSONAL}", "Chen Mei (example)", required=True, personal=True),
        _personal("phone", "telephone", "+86 000 0000 0000"),
        _personal("email", "e-mail", "chen.mei@example.org"),
        _personal("address", "address", message("1 Example Road")),
        _personal("home_lat", message("latitude of the home"), "29.4060", _LATITUDE, None),
        _personal("home_lon", message("longitude of the home"), "105.5950", _LONGITUDE, None),
        *("kind", "home_area", "topics", "roles", "languages"),
        Column(
            "hours",
            "hours offered each week, local time; blank: none",
            "Mo,We 09:00-12:00; Sa 14:00-17:00",
            read.weekly_hours,
            blank=(),
        ),
        Column(
            "hours_weeks",
            "in which weeks: A or B for the A or B weeks of the area of the home, or every so many weeks; "
            "blank: each week",
            "every 2 weeks from 2026-W49",
            read.rhythm,
            blank=WEEKLY,
        ),
        Column(
            "hours_otherwise",
            "hours offered in the other weeks, where hours_weeks names some; blank: none",
            "",
            read.weekly_hours,
            blank=(),
        ),
        *("max_minutes_day", "max_minutes_week", "max_travel_km", ""),
        Column(
            "consent",
            "for a minor: whether the guardian agrees",
            "",
            read.yes_no,
            blank=None,
            keeps=True,
        ),
        _personal("guardian_name", message("name of a minor's guardian"), ""),
        _personal("guardian_phone", message("telephone of the guardian"), ""),
        _personal("guardian_email", message("e-mail of the guardian"), ""),
        Column(
            "check_result",
            "background check: passed or failed, never what was found",
            "passed",
            read.choice("passed", "failed"),
            keeps=True,
        ),
        Column("check_date", "day of the check", "2026-03-01", read.day, blank=None, keeps=True),
        Column(
            "check_expires", "last day on which it counts", "2028-02-28", read.day, blank=None, keeps=True
        ),
        Column("check_unit", "the office that checked", "district office", keeps=True),
    ),
)
# Without roles an adult has both and a minor assists, so that a blank cell does not say which.
COLUMNS = tuple(replace(column, blank=()) if column.name == "roles" else column for column in _COLUMNS)
_OF_PERSON = ("name", "phone", "email", "address", "home_lat", "home_lon")
_OF_GUARDIAN = ("guardian_name", "guardian_phone", "guardian_email")
_OF_CHECK = ("check_result", "check_date", "check_expires", "check_unit")


def decide(run: ImportRun, rows: Iterable[Values]) -> None:
    """Enrol who is new; change profile, hours, consent and check of who is there."""
    people = KnownPeople(run)
    for values in rows:
        row = _row(values)
        with run.deciding(row.row, "key", row.key):
            _decide(run, row, people)


def _known(run: ImportRun, values: Values) -> Values | None:
    known = run.state(VOLUNTEERS, volunteer_id(values["key"]))
    if known is None:
        return None
    profile, check, area = known.profile, known.check, run.state(AREAS, known.profile.home_area)
    person = run.people.get(known.id) or PersonalRecord("")
    guardian = run.people.get(guardian_id(known.key)) or PersonalRecord("")
    lat, lon = person.home or (None, None)
    minor = values.get("minor", profile.minor)
    by_column = {
        "name": person.name,
        "phone": person.phone,
        "email": person.email,
        "address": person.address,
        "home_lat": lat,
        "home_lon": lon,
        **known_values(profile),
        "home_area": area.key if area else "",
        "hours": known.offer,
        "hours_weeks": known.rhythm,
        "hours_otherwise": known.otherwise,
        "consent": known.consent if minor else None,
        "guardian_name": guardian.name,
        "guardian_phone": guardian.phone,
        "guardian_email": guardian.email,
        "check_result": ("passed" if check.passed else "failed") if check else "",
        "check_date": check.checked_on if check else None,
        "check_expires": check.expires if check else None,
        "check_unit": check.unit if check else "",
    }
    return {column.name: by_column[column.name] for column in COLUMNS if column.name in by_column}


def _row(values: Values) -> VolunteerRow:
    own = {field.name: values[field.name] for field in fields(VolunteerRow) if field.name in values}
    return VolunteerRow(**own, profile_values=record_values(Profile, values))


def _decide(run: ImportRun, row: VolunteerRow, people: KnownPeople) -> None:
    area = run.area(row.row, "home_area", row.home_area)
    if not _is_whole(run, row) or area is None:
        return
    _warn(run, row)
    handle = run.handle(VOLUNTEERS, volunteer_id(row.key), row.key)
    run.require_standing(area, handle.state.profile.home_area if handle.state else None)
    profile = row.profile(area)
    if handle.state is None:
        people.warn_of_twin(run, row.row, row.key, row.person)
        warn_of_personal_key(run, row.row, row.key, row.person)
        handle.take(volunteer.enrol_volunteer(None, run.metadata, key=row.key, profile=profile))
    else:
        handle.take(volunteer.change_profile(handle.present, run.metadata, profile))
    _remember(run, row, handle, handle.id, _OF_PERSON, row.person)
    _vouch(run, row, handle)
    hours = row.hours, row.hours_weeks, row.hours_otherwise
    handle.take(volunteer.offer_hours(handle.present, run.metadata, *hours))


def _remember(
    run: ImportRun,
    row: VolunteerRow,
    handle: Handle[Volunteer],
    id: UUID,
    columns: tuple[str, ...],
    record: PersonalRecord,
) -> None:
    """Keep what the row says of a person; a record that was erased does not come back without a word."""
    said = [column for column in columns if column in run.filled_columns.get(row.row, columns)]
    if not said or run.people.get(id) == record:
        return
    if handle.present.merged_into is not None:
        right = message(
            "this record was merged into another one of the same person; write the key of that one"
        )
        run.wrong(row.row, "key", row.key, right)
        return
    if not record.name:
        right = message("there is no personal record of this person, or it was erased; give the name too")
        run.wrong(row.row, columns[0], "", right)
        return
    if id not in run.people and (day := erased_on(run, id)):
        run.odd(
            row.row,
            said[0],
            "",
            message(
                "the personal record of {row} was erased on {day}, and this row would bring it back; take "
                "the row out, or accept it if the person wants to be known again",
                row=row.key,
                day=day,
            ),
        )
    run.remember(id, record)


def _vouch(run: ImportRun, row: VolunteerRow, handle: Handle[Volunteer]) -> None:
    guardian = guardian_id(row.key)
    if row.consent is not None and (row.minor or row.consent):
        handle.take(
            volunteer.record_consent(handle.present, run.metadata, guardian=guardian, consent=row.consent)
        )
    if row.guardian_name or any(column in run.filled_columns.get(row.row, ()) for column in _OF_GUARDIAN):
        _remember(run, row, handle, guardian, _OF_GUARDIAN, row.guardian)
    if row.check_result and row.check_date and row.check_expires:
        passed = row.check_result == "passed"
        check = BackgroundCheck(passed, row.check_date, row.check_expires, row.check_unit)
        handle.take(volunteer.record_check(handle.present, run.metadata, check))


def _is_whole(run: ImportRun, row: VolunteerRow) -> bool:
    """Whether cells that only make sense together are consistent; what is not is noted."""
    before = len(run.errors)
    if (row.home_lat is None) != (row.home_lon is None):
        column = "home_lat" if row.home_lat is None else "home_lon"
        run.wrong(row.row, column, "", message("give both latitude and longitude of the home, or neither"))
    if any(getattr(row, column) for column in _OF_CHECK):
        for column in _OF_CHECK:
            if not getattr(row, column):
                run.wrong(
                    row.row,
                    column,
                    "",
                    message("must not be empty; give {of_check} together", of_check=tuple(_OF_CHECK)),
                )
    if row.minor and "lead" in row.roles:
        right = message("a minor cannot lead; write assistant for the roles of {row}", row=row.key)
        run.wrong(row.row, "roles", ", ".join(row.roles), right)
    if row.consent and not row.minor:
        run.wrong(
            row.row,
            "consent",
            "yes",
            message("an adult needs nobody's consent; leave it blank, or write yes for minor"),
        )
    return len(run.errors) == before


def _warn(run: ImportRun, row: VolunteerRow) -> None:
    if (row.home_lat, row.home_lon) == (0, 0):
        run.odd(
            row.row,
            "home_lat",
            "0",
            message("the point (0, 0) lies in the sea south of Ghana; leave an unknown home blank"),
            rests_on=("home_lon",),
        )
    warn_of_day(run, row.row, "check_date", row.check_date, before=timedelta(20 * 366), after=timedelta(0))
    warn_of_day(run, row.row, "check_expires", row.check_expires, after=timedelta(10 * 366))
    for column, windows in (("hours", row.hours), ("hours_otherwise", row.hours_otherwise)):
        if night := night_hours(windows):
            run.odd(
                row.row, column, night, message("begins in the night, which is rarely meant; check the times")
            )
    hours = sum(window.minutes for window in row.hours) / 60
    if hours > MOST_HOURS_WEEK:
        run.odd(
            row.row,
            "hours",
            message("{hours:g} hours", hours=hours),
            message(
                "is more than {most_hours_week} hours a week; check the hours",
                most_hours_week=MOST_HOURS_WEEK,
            ),
        )


VOLUNTEER = ImportKind(
    "volunteers",
    message(
        "People who offer hours. Names, numbers, addresses and homes go to the table of people, "
        "whose rows can be erased; events carry an id alone. So choose a key that says nothing about "
        "the person."
    ),
    COLUMNS,
    ("key",),
    decide,
    _known,
)
