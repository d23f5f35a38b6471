"""Start times of sessions: on a grid of minutes after midnight, or at bell times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import gcd

from domain.events import Refused
from domain.messages import message
from domain.windows import DAY_MIN, Window, normal

GRIDS = (5, 10, 15, 30)  # minutes, that an area may choose
DEFAULT_GRID_MIN = 30
MOST_BELLS = 100


class BadStarts(Refused):
    """A grid that is none of those that there are, or bell times that no day has."""


@dataclass(frozen=True, slots=True)
class Starts:
    """A session starts at a multiple of `grid_min` after midnight; with `bells`, at one of these minutes instead."""

    grid_min: int = DEFAULT_GRID_MIN
    bells: tuple[int, ...] = ()

    def allows(self, minute: int) -> bool:
        """Whether a session may start so many minutes after midnight."""
        return minute in self.bells if self.bells else minute % self.grid_min == 0

    @property
    def step_min(self) -> int:
        """The largest step from midnight, of 30 minutes at most, that meets each of the starts."""
        return gcd(DEFAULT_GRID_MIN, *self.bells) if self.bells else self.grid_min


def common_step(many: Iterable[Starts]) -> int:
    """The largest step that meets each start of all of them; 30 where there are none."""
    return gcd(*(starts.step_min for starts in many)) or DEFAULT_GRID_MIN


def starts_within(windows: Iterable[Window], minutes: int) -> Starts:
    """The coarsest of `GRIDS` with a start in each window that holds so many minutes, where it has any."""
    met = [window for window in normal(windows) if _has_start(window, minutes, GRIDS[0])]
    return Starts(max(step for step in GRIDS if all(_has_start(window, minutes, step) for window in met)))


def _has_start(window: Window, minutes: int, step: int) -> bool:
    return -(-window.start_min // step) * step + minutes <= window.end_min


def sound_starts(starts: Starts, where: str) -> Starts:
    """Return the starts with their bells in order, each once, and no grid beside them. Raises BadStarts."""
    if starts.grid_min not in GRIDS:
        allowed = message("{grids} or {last}", grids=GRIDS[:-1], last=GRIDS[-1])
        raise BadStarts(
            message(
                "{where}: a grid has {allowed} minutes, not {grid_min}; choose one of these",
                where=where,
                allowed=allowed,
                grid_min=starts.grid_min,
            )
        )
    if len(set(starts.bells)) > MOST_BELLS:
        raise BadStarts(
            message(
                "{where}: {count} bell times are more than {most_bells}; give a grid instead",
                where=where,
                count=len(starts.bells),
                most_bells=MOST_BELLS,
            )
        )
    for bell in starts.bells:
        if not 0 <= bell < DAY_MIN:
            raise BadStarts(
                message(
                    "{where}: a bell rings from 00:00 to 23:59, not {bell} minutes after midnight",
                    where=where,
                    bell=bell,
                )
            )
    return Starts(bells=tuple(sorted(set(starts.bells)))) if starts.bells else Starts(starts.grid_min)
