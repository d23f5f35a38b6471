"""Volunteers: skills, offered hours and limits, and whether they may work with minors.

Personal data (name, phone, address) is not here: an event carries the person's id, and the record that can be erased
is kept outside the events.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, Any, Literal, TypeAlias, get_args
from uuid import UUID

from domain.calendar import bounded_day, date_of
from domain.events import AlreadyThere, Event, EventMetadata, Refused, envelope, following, reason, stream_id
from domain.field_specs import FieldSpec, too_low
from domain.messages import message
from domain.quotas import MOST_EXCEPTIONS, MOST_PAUSES, require_fewer
from domain.recurrence import WEEKLY, LetterOf, Rhythm, sound_rhythm, unlettered
from domain.text import Key, Name, OptionalName, Sentence, clean
from domain.windows import DAY_MIN, WEEK_MIN, Window, Windows, difference, normal, union

VolunteerKind: TypeAlias = Literal["retiree", "student", "professional", "staff"]
Role: TypeAlias = Literal["lead", "assistant"]
Level: TypeAlias = Literal["beginner", "intermediate", "advanced"]
VOLUNTEER_KINDS: tuple[VolunteerKind, ...] = get_args(VolunteerKind)
ROLES: tuple[Role, ...] = get_args(Role)
LEVELS: tuple[Level, ...] = get_args(Level)


class BadProfile(Refused):
    """A profile that contradicts itself."""


class BadOffer(Refused):
    """Offered hours that do not lie in one week, or a pause that ends before it starts."""


class MergedAway(Refused):
    """A change to a record that was merged into another record of the same person."""


@dataclass(frozen=True, slots=True)
class Skill:
    """A topic that somebody can lead, up to a level."""

    topic: Name
    level: Level = "intermediate"


@dataclass(frozen=True, slots=True)
class Profile:
    """Limits in minutes of sessions, or kilometres from home to venue in a straight line; None = no limit.

    `home_area` is the area that they live in: the home itself is personal and not here.
    """

    kind: Annotated[VolunteerKind, FieldSpec(f"one of {', '.join(VOLUNTEER_KINDS)}", "retiree")]
    home_area: Annotated[
        UUID,
        FieldSpec("key, scheme:code or unique name of the area of the home", "500153", in_document=False),
    ]
    skills: Annotated[
        tuple[Skill, ...],
        FieldSpec(
            f"topics that they can lead, each with a level ({', '.join(LEVELS)}; without: intermediate)",
            "calligraphy:advanced, tai_chi",
            column="topics",
            in_document=False,
        ),
    ] = ()
    roles: Annotated[
        tuple[Role, ...],
        FieldSpec(
            "lead, assistant or both; blank: both, a minor only assists", "lead", min_items=1, max_items=2
        ),
    ] = ROLES
    languages: Annotated[
        tuple[Name, ...],
        FieldSpec(
            "language tags, separated by commas; blank: none", "zh, en", max_items=40, in_document=False
        ),
    ] = ()
    max_travel_km: Annotated[
        float | None,
        FieldSpec("from home to venue in a straight line; blank: no limit", "8", greatest=20_000),
    ] = None
    max_minutes_day: Annotated[
        int | None, FieldSpec("most minutes of sessions a day; blank: no limit", "180", greatest=WEEK_MIN)
    ] = None
    max_minutes_week: Annotated[
        int | None, FieldSpec("most minutes of sessions a week; blank: no limit", "360", greatest=WEEK_MIN)
    ] = None
    minor: Annotated[bool, FieldSpec("yes for a minor; at first no", "no", keeps_known=True)] = False


@dataclass(frozen=True, slots=True)
class OfferException:
    """On this date the windows (minutes after its midnight) take the place of the weekly offer; none = away."""

    day: date
    windows: Windows = ()


@dataclass(frozen=True, slots=True)
class Pause:
    """Away from `first` to `last`, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class BackgroundCheck:
    """Only the result of a background check. `expires` is the last day on which it counts."""

    passed: bool
    checked_on: date
    expires: date
    unit: OptionalName


@dataclass(frozen=True, slots=True, kw_only=True)
class VolunteerEnrolled(Event):
    key: Key
    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChanged(Event):
    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursOffered(Event):
    """`windows` in minutes from Monday 00:00, local time; they hold each week of the rhythm until the next offer.

    In the other weeks `otherwise` holds.
    """

    windows: Windows
    rhythm: Rhythm = WEEKLY
    otherwise: Windows = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferExcepted(Event):
    exception: OfferException


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferPaused(Event):
    pause: Pause
    why: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecorded(Event):
    """`guardian` is a person's id."""

    guardian: UUID
    given: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRecorded(Event):
    check: BackgroundCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class VolunteerLeft(Event):
    on: date
    why: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class VolunteerMerged(Event):
    """The record is of the same person as `into`, which takes its place; `on` is the first day without it."""

    into: UUID
    on: date
    why: Sentence


VolunteerEvent: TypeAlias = (
    VolunteerEnrolled
    | ProfileChanged
    | HoursOffered
    | OfferExcepted
    | OfferPaused
    | ConsentRecorded
    | CheckRecorded
    | VolunteerLeft
    | VolunteerMerged
)


@dataclass(frozen=True, slots=True)
class Volunteer:
    """`id` is the person's id as well; `merged_into` is the record that took this one's place, if any did."""

    id: UUID
    version: int
    key: str
    profile: Profile
    offer: Windows = ()
    exceptions: tuple[OfferException, ...] = ()
    pauses: tuple[Pause, ...] = ()
    consent: bool = False
    check: BackgroundCheck | None = None
    left: date | None = None
    rhythm: Rhythm = WEEKLY
    otherwise: Windows = ()
    merged_into: UUID | None = None


def volunteer_id(key: str) -> UUID:
    return stream_id("volunteer", key)


# ---- Decisions


def enrol_volunteer(
    volunteer: Volunteer | None, metadata: EventMetadata, *, key: str, profile: Profile
) -> tuple[VolunteerEnrolled, ...]:
    """Enrol a volunteer. Raises AlreadyThere, BadProfile, BadText."""
    key = clean(key, message("the key of a volunteer"), Key)
    if volunteer is not None:
        raise AlreadyThere(
            message("volunteer {key} is enrolled already; change the profile instead", key=key)
        )
    return (
        VolunteerEnrolled(**envelope(volunteer_id(key), 1, metadata), key=key, profile=_sound(profile, key)),
    )


def change_profile(
    volunteer: Volunteer, metadata: EventMetadata, profile: Profile
) -> tuple[ProfileChanged, ...]:
    """Replace the profile; no event where it is the same. Raises BadProfile, MergedAway."""
    if profile == volunteer.profile:
        return ()
    profile = _sound(profile, volunteer.key)
    if profile == volunteer.profile:
        return ()
    return (ProfileChanged(**_following(volunteer, metadata), profile=profile),)


def _sound(profile: Profile, key: str) -> Profile:
    if not profile.roles:
        raise BadProfile(message("volunteer {key} has no role; give lead, assistant or both", key=key))
    if profile.minor and "lead" in profile.roles:
        raise BadProfile(
            message("volunteer {key} is a minor and cannot lead; give the role assistant alone", key=key)
        )
    if any(too_low(profile)):
        raise BadProfile(message("volunteer {key}: limits cannot be below 0", key=key))
    return profile


def offer_hours(
    volunteer: Volunteer,
    metadata: EventMetadata,
    windows: Windows,
    rhythm: Rhythm = WEEKLY,
    otherwise: Windows = (),
) -> tuple[HoursOffered, ...]:
    """Offer hours in each week of the rhythm, and `otherwise` in the others, in minutes from Monday 00:00, local time.

    Raises
    ------
    BadOffer, BadRecurrence, MergedAway
    """
    offer, other_weeks = normal(windows), normal(otherwise)
    if rhythm.every_weeks == 1:
        rhythm = Rhythm(week_letter=rhythm.week_letter)
    if (offer, rhythm, other_weeks) == (volunteer.offer, volunteer.rhythm, volunteer.otherwise):
        return ()
    sound_rhythm(rhythm, message("the offer of {volunteer}", volunteer=volunteer.key))
    if other_weeks and (rhythm.every_weeks, rhythm.week_letter) == (1, None):
        raise BadOffer(
            message(
                "the offer of {volunteer} holds every week, so that no other week is left for other hours",
                volunteer=volunteer.key,
            )
        )
    if any(window.start_min < 0 or window.end_min > WEEK_MIN for window in (*offer, *other_weeks)):
        raise BadOffer(
            message(
                "the offer of {volunteer} must lie between Monday 00:00 and Sunday 24:00",
                volunteer=volunteer.key,
            )
        )
    return (
        HoursOffered(**_following(volunteer, metadata), windows=offer, rhythm=rhythm, otherwise=other_weeks),
    )


def except_offer(
    volunteer: Volunteer, metadata: EventMetadata, exception: OfferException
) -> tuple[OfferExcepted, ...]:
    """Offer other hours on one day, in minutes after its midnight. Raises BadOffer, QuotaReached, MergedAway."""
    bounded_day(exception.day)
    windows = normal(exception.windows)
    if windows and (windows[0].start_min < 0 or windows[-1].end_min > DAY_MIN):
        raise BadOffer(
            message(
                "the hours of {volunteer} on {day} must lie between 00:00 and 24:00",
                volunteer=volunteer.key,
                day=exception.day,
            )
        )
    if OfferException(exception.day, windows) in volunteer.exceptions:
        return ()
    today = metadata.at.date()
    ahead = sum(
        offer_exception.day >= today and offer_exception.day != exception.day
        for offer_exception in volunteer.exceptions
    )
    whose = message("volunteer {volunteer}", volunteer=volunteer.key)
    require_fewer(
        ahead,
        MOST_EXCEPTIONS,
        whose,
        message("days with other hours"),
        message("change the weekly offer instead"),
    )
    return (
        OfferExcepted(**_following(volunteer, metadata), exception=OfferException(exception.day, windows)),
    )


def pause_offer(
    volunteer: Volunteer, metadata: EventMetadata, pause: Pause, why: str
) -> tuple[OfferPaused, ...]:
    """Pause the offer from day to day, both included. Raises BadOffer, QuotaReached, ReasonMissing, MergedAway."""
    bounded_day(pause.first)
    bounded_day(pause.last)
    if pause.last < pause.first:
        raise BadOffer(
            message(
                "the pause of {volunteer} ends before it starts ({first} to {last})",
                volunteer=volunteer.key,
                first=pause.first,
                last=pause.last,
            )
        )
    if pause in volunteer.pauses:
        return ()
    ahead = sum(known_pause.last >= metadata.at.date() for known_pause in volunteer.pauses)
    whose = message("volunteer {volunteer}", volunteer=volunteer.key)
    require_fewer(
        ahead, MOST_PAUSES, whose, message("pauses ahead"), message("change the weekly offer instead")
    )
    return (OfferPaused(**_following(volunteer, metadata), pause=pause, why=reason(why, message("a pause"))),)


def record_consent(
    volunteer: Volunteer, metadata: EventMetadata, *, guardian: UUID, consent: bool
) -> tuple[ConsentRecorded, ...]:
    """Record a guardian's consent for a minor, or its end. Raises BadProfile for an adult, MergedAway."""
    if not volunteer.profile.minor:
        raise BadProfile(
            message("volunteer {volunteer} is an adult and needs nobody's consent", volunteer=volunteer.key)
        )
    if consent == volunteer.consent:
        return ()
    return (ConsentRecorded(**_following(volunteer, metadata), guardian=guardian, given=consent),)


def record_check(
    volunteer: Volunteer, metadata: EventMetadata, check: BackgroundCheck
) -> tuple[CheckRecorded, ...]:
    """Record the result of a background check. Raises BadProfile, BadText, OutOfCalendar, MergedAway."""
    bounded_day(check.checked_on)
    bounded_day(check.expires)
    if check.expires < check.checked_on:
        raise BadProfile(
            message(
                "the check of {volunteer} expires before it was made ({expires})",
                volunteer=volunteer.key,
                expires=check.expires,
            )
        )
    check = clean(check, message("the check of {volunteer}", volunteer=volunteer.key))
    if check == volunteer.check:
        return ()
    return (CheckRecorded(**_following(volunteer, metadata), check=check),)


def leave(volunteer: Volunteer, metadata: EventMetadata, *, on: date, why: str) -> tuple[VolunteerLeft, ...]:
    """Record the last day of a volunteer; another day corrects an earlier one, the same day is no event.

    Raises OutOfCalendar, ReasonMissing, BadText, MergedAway.
    """
    bounded_day(on)
    if volunteer.left == on:
        return ()
    return (VolunteerLeft(**_following(volunteer, metadata), on=on, why=reason(why, message("leaving"))),)


def _following(volunteer: Volunteer, metadata: EventMetadata) -> dict[str, Any]:
    refuse_merged(volunteer)
    return following(volunteer, metadata)


def refuse_merged(volunteer: Volunteer) -> None:
    """Refuse a record that was merged into another. Raises MergedAway."""
    if volunteer.merged_into is not None:
        raise MergedAway(
            message(
                "volunteer {volunteer} was merged into another record of the same person on {left}; change "
                "that record instead",
                volunteer=volunteer.key,
                left=volunteer.left,
            )
        )


# ---- State


def evolve(volunteer: Volunteer | None, event: VolunteerEvent) -> Volunteer:
    """The state after an event; None before the first. Raises TypeError for an event that cannot come then."""
    match event, volunteer:
        case VolunteerEnrolled(), None:
            return Volunteer(event.originator_id, event.originator_version, event.key, event.profile)
        case _, Volunteer():
            return replace(_changed(volunteer, event), version=event.originator_version)
    raise TypeError(f"cannot apply {type(event).__name__} to {volunteer!r}")


def _changed(volunteer: Volunteer, event: VolunteerEvent) -> Volunteer:
    match event:
        case ProfileChanged():
            return replace(volunteer, profile=event.profile)
        case HoursOffered():
            return replace(volunteer, offer=event.windows, rhythm=event.rhythm, otherwise=event.otherwise)
        case OfferExcepted():
            others = tuple(
                offer_exception
                for offer_exception in volunteer.exceptions
                if offer_exception.day != event.exception.day
            )
            return replace(volunteer, exceptions=(*others, event.exception))
        case OfferPaused():
            return replace(volunteer, pauses=(*volunteer.pauses, event.pause))
        case ConsentRecorded():
            return replace(volunteer, consent=event.given)
        case CheckRecorded():
            return replace(volunteer, check=event.check)
        case VolunteerLeft():
            return replace(volunteer, left=event.on)
        case VolunteerMerged():
            return replace(volunteer, left=event.on, merged_into=event.into)
    raise TypeError(f"cannot apply {type(event).__name__} to a volunteer who is enrolled")


# ---- Questions


def available(volunteer: Volunteer, week: str, letter_of: LetterOf = unlettered) -> Windows:
    """The offered minutes of an ISO week, from Monday 00:00, local time: exceptions and pauses applied.

    `letter_of` says which weeks are A weeks where the volunteer lives. A minor without a guardian's consent offers
    nothing.
    """
    if volunteer.profile.minor and not volunteer.consent:
        return ()
    windows = _offered_in(volunteer, week, letter_of)
    for number in range(7):
        day = date_of(week, number + 1)
        whole = Window(number * DAY_MIN, (number + 1) * DAY_MIN)
        exception = next(
            (offer_exception for offer_exception in volunteer.exceptions if offer_exception.day == day), None
        )
        if exception is not None:
            own = (window.shifted(number * DAY_MIN) for window in exception.windows)
            windows = union(difference(windows, [whole]), own)
        if _away(volunteer, day):
            windows = difference(windows, [whole])
    return windows


def pause_id(volunteer_key: str, pause: Pause) -> UUID:
    """The id under which a pause blocks time in the diaries."""
    return stream_id("pause", volunteer_key, str(pause.first), str(pause.last))


def leave_id(volunteer_key: str) -> UUID:
    """The id under which leaving blocks time in the diaries."""
    return stream_id("left", volunteer_key)


def absences_of(volunteer: Volunteer, week: str) -> tuple[tuple[UUID, Window], ...]:
    """The pauses of an ISO week and the days after leaving, by their ids, each with the day that it takes."""
    spans = [(pause_id(volunteer.key, pause), pause.first, pause.last) for pause in volunteer.pauses]
    if volunteer.left is not None:
        spans.append((leave_id(volunteer.key), volunteer.left, date.max))
    return tuple((id, window) for id, first, last in spans for window in days_away(week, first, last))


def days_away(week: str, first: date, last: date) -> Windows:
    """The days of an ISO week from one date to another, each a window of its own."""
    return tuple(
        Window((day - 1) * DAY_MIN, day * DAY_MIN)
        for day in range(1, 8)
        if first <= date_of(week, day) <= last
    )


def _offered_in(volunteer: Volunteer, week: str, letter_of: LetterOf) -> Windows:
    """What the offer says of a week; nothing of one that has no letter where the offer asks for it."""
    rhythm = volunteer.rhythm
    if rhythm.week_letter is not None and letter_of(week) is None:
        return ()
    return volunteer.offer if rhythm.holds(week, letter_of) else volunteer.otherwise


def _away(volunteer: Volunteer, day: date) -> bool:
    left = volunteer.left is not None and day >= volunteer.left
    return left or any(pause.first <= day <= pause.last for pause in volunteer.pauses)


def vetted(volunteer: Volunteer, week: str) -> bool:
    """Whether the background check holds through the last day of the week."""
    check, last = volunteer.check, date_of(week, 7)
    return (
        check is not None
        and check.passed
        and check.checked_on <= last - timedelta(6)
        and last <= check.expires
    )
