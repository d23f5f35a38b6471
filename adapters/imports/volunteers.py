"""Bring in volunteers: what they offer into events, who they are into the table that can be erased."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from adapters.imports import columns as read
from adapters.imports.columns import Column
from adapters.imports.kinds import Kind, Values
from adapters.imports.work import Handle, Work
from adapters.people import PersonalRecord
from adapters.store.streams import VOLUNTEERS
from domain import volunteer
from domain.facts import stream_id
from domain.recurrence import WEEKLY, Rhythm
from domain.volunteer import (
    ROLES,
    VOLUNTEER_KINDS,
    BackgroundCheck,
    Profile,
    Role,
    Skill,
    Volunteer,
    VolunteerKind,
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
    kind: VolunteerKind
    home_area: str
    topics: tuple[Skill, ...]
    roles: tuple[Role, ...]
    languages: tuple[str, ...]
    hours: Windows
    hours_weeks: Rhythm
    hours_otherwise: Windows
    max_minutes_day: int | None
    max_minutes_week: int | None
    max_travel_km: float | None
    minor: bool
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

    def profile(self, home_area: UUID) -> Profile:
        return Profile(
            kind=self.kind,
            home_area=home_area,
            skills=self.topics,
            roles=self.roles or (("assistant",) if self.minor else ROLES),
            languages=self.languages,
            max_travel_km=self.max_travel_km,
            max_minutes_day=self.max_minutes_day,
            max_minutes_week=self.max_minutes_week,
            minor=self.minor,
        )


_PERSONAL = "personal, never in an event"
COLUMNS = (
    Column(
        "key", "the natural key that the volunteer keeps for ever; nothing personal", "v-001", required=True
    ),
    Column("name", f"full name; {_PERSONAL}", "Chen Mei (example)", required=True),
    Column("phone", f"telephone; {_PERSONAL}", "+86 000 0000 0000"),
    Column("email", f"e-mail; {_PERSONAL}", "chen.mei@example.org"),
    Column("address", f"address; {_PERSONAL}", "1 Example Road"),
    Column("home_lat", f"latitude of the home; {_PERSONAL}", "29.4060", read.latitude, blank=None),
    Column("home_lon", f"longitude of the home; {_PERSONAL}", "105.5950", read.longitude, blank=None),
    Column(
        "kind",
        f"one of {', '.join(VOLUNTEER_KINDS)}",
        "retiree",
        read.choice(*VOLUNTEER_KINDS),
        required=True,
    ),
    Column("home_area", "key, scheme:code or unique name of the area of the home", "500153", required=True),
    Column(
        "topics",
        "topics that they can lead, each with a level (beginner, intermediate, advanced; blank: intermediate)",
        "calligraphy:advanced, tai_chi",
        read.skills,
        blank=(),
    ),
    Column(
        "roles",
        "lead, assistant or both; blank: both, a minor only assists",
        "lead",
        read.choices(*ROLES),
        blank=(),
    ),
    Column("languages", "language tags, separated by commas", "zh, en", read.words, blank=()),
    Column(
        "hours",
        "hours offered each week, local time",
        "Mo,We 09:00-12:00; Sa 14:00-17:00",
        read.weekly_hours,
        blank=(),
    ),
    Column(
        "hours_weeks",
        "in which weeks: A or B for the A or B weeks of the area of the home, or every so many weeks; blank: each week",
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
    Column(
        "max_minutes_day", "most minutes of sessions a day; blank: no limit", "180", read.whole(0), blank=None
    ),
    Column(
        "max_minutes_week",
        "most minutes of sessions a week; blank: no limit",
        "360",
        read.whole(0),
        blank=None,
    ),
    Column(
        "max_travel_km",
        "from home to venue in a straight line; blank: no limit",
        "8",
        read.number(0, 1e9, "7.5"),
        blank=None,
    ),
    Column("minor", "yes for a minor; blank: no", "no", read.yes_no, blank=False),
    Column(
        "consent", "for a minor: whether the guardian agrees; blank: unchanged", "", read.yes_no, blank=None
    ),
    Column("guardian_name", f"name of a minor's guardian; {_PERSONAL}", ""),
    Column("guardian_phone", f"telephone of the guardian; {_PERSONAL}", ""),
    Column("guardian_email", f"e-mail of the guardian; {_PERSONAL}", ""),
    Column(
        "check_result",
        "background check: passed or failed, never what was found; blank: unchanged",
        "passed",
        read.choice("passed", "failed"),
    ),
    Column("check_date", "day of the check", "2026-03-01", read.day, blank=None),
    Column("check_expires", "last day on which it counts", "2028-02-28", read.day, blank=None),
    Column("check_unit", "the office that checked", "district office"),
)


def decide(work: Work, rows: Iterable[Values]) -> None:
    """Enrol who is new; change profile, hours, consent and check of who is there."""
    for values in rows:
        row = VolunteerRow(**values)
        with work.deciding(row.row, "key", row.key):
            _decide(work, row)


def _decide(work: Work, row: VolunteerRow) -> None:
    area = work.area(row.row, "home_area", row.home_area)
    if not _is_whole(work, row) or area is None:
        return
    _warn(work, row)
    one = work.handle(VOLUNTEERS, volunteer_id(row.key), row.key)
    profile = row.profile(area)
    if one.state is None:
        one.take(volunteer.enrol_volunteer(None, work.stamp, key=row.key, profile=profile))
    else:
        one.take(volunteer.change_profile(one.present, work.stamp, profile))
    work.remember(one.id, row.person)
    _vouch(work, row, one)
    hours = row.hours, row.hours_weeks, row.hours_otherwise
    one.take(volunteer.offer_hours(one.present, work.stamp, *hours))


def _vouch(work: Work, row: VolunteerRow, one: Handle[Volunteer]) -> None:
    if row.consent is not None and (row.minor or row.consent):
        guardian = stream_id("guardian", row.key)
        one.take(volunteer.record_consent(one.present, work.stamp, guardian=guardian, given=row.consent))
        if row.guardian_name:
            work.remember(guardian, row.guardian)
    if row.check_result and row.check_date and row.check_expires:
        passed = row.check_result == "passed"
        check = BackgroundCheck(passed, row.check_date, row.check_expires, row.check_unit)
        one.take(volunteer.record_check(one.present, work.stamp, check))


def _is_whole(work: Work, row: VolunteerRow) -> bool:
    """Note cells that only make sense together."""
    before = len(work.errors)
    if (row.home_lat is None) != (row.home_lon is None):
        column = "home_lat" if row.home_lat is None else "home_lon"
        work.wrong(row.row, column, "", "give both latitude and longitude of the home, or neither")
    for column in ("check_date", "check_expires", "check_unit"):
        if row.check_result and not getattr(row, column):
            work.wrong(row.row, column, "", "must not be empty beside a result of the background check")
    if row.minor and "lead" in row.roles:
        work.wrong(row.row, "roles", ", ".join(row.roles), "a minor cannot lead; write assistant")
    if row.consent and not row.minor:
        work.wrong(
            row.row,
            "consent",
            "yes",
            "an adult needs nobody's consent; leave it blank, or write yes for minor",
        )
    return len(work.errors) == before


def _warn(work: Work, row: VolunteerRow) -> None:
    if (row.home_lat, row.home_lon) == (0, 0):
        work.odd(
            row.row,
            "home_lat",
            "0",
            "the point (0, 0) lies in the sea south of Ghana; leave an unknown home blank",
        )
    hours = sum(window.minutes for window in row.hours) / 60
    if hours > MOST_HOURS_WEEK:
        work.odd(
            row.row,
            "hours",
            f"{hours:g} hours",
            f"is more than {MOST_HOURS_WEEK} hours a week; check the hours",
        )


VOLUNTEER = Kind(
    "volunteers",
    "People who offer hours. Names, numbers, addresses and homes go to the table of people, whose rows can be erased; "
    "events carry an id alone. So choose a key that says nothing about the person.",
    COLUMNS,
    ("key",),
    decide,
)
