"""Start grids and A/B week letters of areas, each inherited from the nearest area around that sets one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from domain.calendar import bounded_day, monday, week_of, weeks_between
from domain.effective_dates import held_on
from domain.events import EventMetadata, following, reason
from domain.messages import message
from domain.network import Area, AreaEnded, AreaStartsSet, AreaWeekLettered, exists_on, path_on, successor_on
from domain.recurrence import LETTERS, Letter
from domain.starts import Starts, sound_starts

# ---- Decisions


def set_starts(
    area: Area, metadata: EventMetadata, *, starts: Starts | None, on: date, why: str
) -> tuple[AreaStartsSet, ...]:
    """From the day on, sessions that the area asks for start so; None: as in the area around it."""
    _require_existing(area, on)
    if starts is not None:
        starts = sound_starts(starts, message("area {area}", area=area.key))
    if held_on(area.starts, on) == starts:
        return ()
    return (
        AreaStartsSet(
            **following(area, metadata),
            starts=starts,
            on=on,
            why=reason(why, message("a new grid of starts")),
        ),
    )


def letter_week(
    area: Area, metadata: EventMetadata, *, letter: Letter, on: date, why: str
) -> tuple[AreaWeekLettered, ...]:
    """The ISO week of the day is an A or a B week; nothing happens where it is so already by the area's own count."""
    _require_existing(area, on)
    if _has_letter_by(area, week_of(on)) and own_letter(area, week_of(on)) == letter:
        return ()
    return (
        AreaWeekLettered(
            **following(area, metadata), letter=letter, on=on, why=reason(why, message("a letter for a week"))
        ),
    )


def _require_existing(area: Area, on: date) -> None:
    bounded_day(on)
    if not exists_on(area, on):
        raise AreaEnded(
            message("area {area} does not exist on {on}; choose a day on which it does", area=area.key, on=on)
        )


# ---- Questions


def starts_on(network: Mapping[UUID, Area], area: UUID, day: date) -> Starts:
    """When sessions that an area asks for may start on a day: every 30 minutes where nobody says otherwise."""
    return starts_set_on(network, area, day) or Starts()


def starts_set_on(network: Mapping[UUID, Area], area: UUID, day: date) -> Starts | None:
    """What the area, or the nearest one around it, has set for a day; None where none of them has."""
    own = (held_on(network[area_id].starts, day) for area_id in path_on(network, area, day))
    return next((starts for starts in own if starts is not None), None)


def letter_of(network: Mapping[UUID, Area], area: UUID, week: str) -> Letter | None:
    """Whether a week is an A or a B week in an area, or in the one that answers for it by then; None: nobody has said.

    The nearest area around counts that has named this week or an earlier one, else the nearest that has named a later.
    """
    day = monday(week)
    around = (network[area_id] for area_id in path_on(network, successor_on(network, area, day), day))
    nearest = sorted(
        (lettered for lettered in around if lettered.letters),
        key=lambda lettered: not _has_letter_by(lettered, week),
    )
    return own_letter(nearest[0], week) if nearest else None


def _has_letter_by(area: Area, week: str) -> bool:
    return bool(area.letters) and week_of(area.letters[0].day) <= week


def own_letter(area: Area, week: str) -> Letter | None:
    """The letter of a week by the area's own count, None where it has none.

    Weeks alternate from the last one that was named, and back from the first one. They are counted on from a date, so
    that a year of 53 weeks changes nothing.
    """
    if not area.letters:
        return None
    named = [entry for entry in area.letters if week_of(entry.day) <= week] or [area.letters[0]]
    odd = weeks_between(week_of(named[-1].day), week) % 2
    return named[-1].value if not odd else LETTERS[1 - LETTERS.index(named[-1].value)]
