"""Queries about areas: the network at a moment, an area by its key, what lies in it, and the list."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from adapters.queries.natural_keys import ident
from adapters.queries.paging import Page, Paging, SortKey, Visible, page, seen
from adapters.store.streams import AREAS
from adapters.store.views import Views
from domain.area_times import letter_of
from domain.effective_dates import held_on
from domain.events import NotThere
from domain.messages import message
from domain.network import Area, area_id, exists_on, inside_on, path_on, require_standing, successor_on
from domain.recurrence import LetterOf


@dataclass(frozen=True, slots=True)
class AreaQuery:
    """Which areas, as they are on `day`: in the area of the key `within` or below; None of a filter: all.

    `code` is a code, or a scheme and a code as `scheme:code`; `name` is exact, in any language; `on` is a day on which
    they exist.
    """

    paging: Paging
    day: date
    within: str | None = None
    level: str | None = None
    code: str | None = None
    name: str | None = None
    on: date | None = None

    def matches(self, area: Area) -> bool:
        return (
            self.level in (None, area.level)
            and (self.code is None or self.code in _codes(area, self.day))
            and (
                self.name is None or any(self.name == name for _, name in held_on(area.names, self.day) or ())
            )
            and (self.on is None or exists_on(area, self.on))
        )


_KEYS: dict[str, SortKey[Area]] = {"key": lambda area: area.key, "level": lambda area: area.level}


def areas(views: Views, query: AreaQuery, visible: Visible) -> Page[Area]:
    """Areas that the query names and the caller may see. Raises NotThere for an unknown `within`, or BadCursor."""
    within = below(views, query.within, query.day)
    matching = [area for area in network(views).values() if area.id in within and query.matches(area)]
    return page(seen(matching, visible, "area"), _KEYS, _KEYS["key"], query.paging)


def network(views: Views) -> Mapping[UUID, Area]:
    """All areas in order of id, not to be changed."""
    return views.collection(AREAS)


def area_keys(views: Views) -> dict[UUID, str]:
    """The keys of all areas by their id."""
    return {id: area.key for id, area in network(views).items()}


def area_named(views: Views, key: str) -> Area:
    """The area of a key. Raises NotThere."""
    area = views.get(AREAS, ident(key, area_id))
    if area is None:
        raise NotThere(message("there is no area {key}; check the spelling", key=key[:80]))
    return area


def standing(views: Views, key: str, day: date) -> Area:
    """The area of a key, for something that is put into it. Raises NotThere, or AreaEnded where it was dissolved."""
    return require_standing(area_named(views, key), day)


def around(views: Views, area: UUID | None, day: date) -> tuple[UUID, ...]:
    """The areas that one lies in on a day, itself first; of one that has ended those of its successor."""
    areas = network(views)
    if area is None or area not in areas:
        return ()
    return path_on(areas, successor_on(areas, area, day), day)


class _Everywhere(Container[UUID]):
    def __contains__(self, _: object) -> bool:
        return True


def below(views: Views, key: str | None, day: date) -> Container[UUID]:
    """The areas that a filter by area lets through on a day: all where no key is given. Raises NotThere."""
    if key is None:
        return _Everywhere()
    return inside_on(network(views), [area_named(views, key).id], day)


def letters(network: Mapping[UUID, Area], area: UUID) -> LetterOf:
    """Which weeks are A weeks in an area."""
    return lambda week: letter_of(network, area, week)


def _codes(area: Area, day: date) -> set[str]:
    held = held_on(area.codes, day) or ()
    return {code.code for code in held} | {f"{code.scheme}:{code.code}" for code in held}
