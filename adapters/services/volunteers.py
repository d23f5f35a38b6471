"""Commands about volunteers: enrolled, described, checked, and the hours that they offer."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from adapters.application.unit_of_work import UnitOfWork, command
from adapters.people.guardians import guardian_id
from adapters.services.areas import standing_area
from adapters.store.streams import VOLUNTEERS
from domain import volunteer as decide
from domain.recurrence import Rhythm
from domain.volunteer import BackgroundCheck, OfferException, Profile, Volunteer, volunteer_id
from domain.windows import Windows


@command
def enrol_volunteer(unit: UnitOfWork, key: str, profile: Profile) -> Volunteer:
    """Enrol a volunteer under a key that says nothing about the person. Raises AlreadyThere or AreaEnded."""
    standing_area(unit, profile.home_area)
    return unit.create(
        VOLUNTEERS, volunteer_id(key), partial(decide.enrol_volunteer, key=key, profile=profile)
    )


@command
def change_profile(unit: UnitOfWork, volunteer: UUID, profile: Profile) -> Volunteer:
    """Put a whole profile in the place of the one before. Raises AreaEnded where a new home area was dissolved."""
    if profile.home_area != unit.must_load(VOLUNTEERS, volunteer).profile.home_area:
        standing_area(unit, profile.home_area)
    return unit.decide(VOLUNTEERS, volunteer, partial(decide.change_profile, profile=profile))


@command
def record_consent(unit: UnitOfWork, volunteer: UUID, *, consent: bool) -> Volunteer:
    """Record whether the guardian of a minor agrees. Raises BadProfile where the volunteer is of age."""
    guardian = guardian_id(unit.must_load(VOLUNTEERS, volunteer).key)
    return unit.decide(
        VOLUNTEERS, volunteer, partial(decide.record_consent, guardian=guardian, consent=consent)
    )


@command
def record_check(unit: UnitOfWork, volunteer: UUID, check: BackgroundCheck) -> Volunteer:
    """Record the result of a background check."""
    return unit.decide(VOLUNTEERS, volunteer, partial(decide.record_check, check=check))


@command
def offer_hours(
    unit: UnitOfWork, volunteer: UUID, hours: Windows, rhythm: Rhythm, otherwise: Windows = ()
) -> Volunteer:
    """Offer hours for each week of a rhythm until the next offer, and `otherwise` in the weeks between."""
    return unit.decide(
        VOLUNTEERS, volunteer, partial(decide.offer_hours, windows=hours, rhythm=rhythm, otherwise=otherwise)
    )


@command
def except_offer(unit: UnitOfWork, volunteer: UUID, exception: OfferException) -> Volunteer:
    """Offer other hours on one day."""
    return unit.decide(VOLUNTEERS, volunteer, partial(decide.except_offer, exception=exception))
