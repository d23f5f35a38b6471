"""Find areas by what a caller writes, and what lies in them."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import date
from uuid import UUID

from adapters.queries.natural_keys import ident
from adapters.store.streams import AREAS
from adapters.store.views import Views
from domain.area_times import letter_of
from domain.events import NotThere
from domain.network import Area, area_id, inside_on, require_standing
from domain.recurrence import LetterOf


def area_named(views: Views, key: str) -> Area:
    """The area of a key. Raises NotThere."""
    area = views.get(AREAS, ident(key, area_id))
    if area is None:
        raise NotThere(f"there is no area {key[:80]}; check the spelling")
    return area


def standing(views: Views, key: str, day: date) -> Area:
    """The area of a key, for something that is put into it. Raises NotThere, or AreaEnded where it was dissolved."""
    return require_standing(area_named(views, key), day)


def inside(views: Views, area: UUID, day: date) -> frozenset[UUID]:
    """The areas that lie in one on a day, itself included."""
    return inside_on({one.id: one for one in views.all(AREAS)}, [area], day)


class _Everywhere(Container[UUID]):
    def __contains__(self, _: object) -> bool:
        return True


def below(views: Views, area: str | None, day: date) -> Container[UUID]:
    """The areas that a filter by area lets through: all where none is given. Raises NotThere."""
    return _Everywhere() if area is None else inside(views, area_named(views, area).id, day)


def letters(known: Mapping[UUID, Area], area: UUID) -> LetterOf:
    """Which weeks are A weeks in an area."""
    return lambda week: letter_of(known, area, week)
