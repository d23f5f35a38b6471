"""Queries about diaries."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from uuid import UUID

from adapters.store.streams import DIARIES
from adapters.store.views import Views
from domain.calendar import check_week
from domain.diary import Diary, Resource, blank, diary_id

FEW = 200  # diaries that are looked up by themselves; of more, all of the week are read


def diary_of(views: Views, kind: Resource, resource: UUID, week: str) -> Diary:
    """The diary of a resource in a week, blank where nothing was promised. Raises NotAWeek."""
    return views.get(DIARIES, diary_id(resource, check_week(week))) or blank(kind, resource, week)


def diaries_of(views: Views, weeks: Iterable[str]) -> dict[UUID, Diary]:
    """All diaries of some weeks, by their id."""
    return {diary.id: diary for week in weeks for diary in views.all(DIARIES, week)}


def all_diaries(views: Views) -> list[Diary]:
    """The diaries of all weeks."""
    return views.all(DIARIES)


def promised(views: Views, weeks: Iterable[str], resources: Container[UUID]) -> Iterator[Diary]:
    """The diaries of the resources that hold promises in these weeks."""
    for week in weeks:
        for diary in views.all(DIARIES, week):
            if diary.resource in resources and diary.promises:
                yield diary


def diaries_in(views: Views, week: str, resources: Iterable[UUID] | None = None) -> Iterator[Diary]:
    """The diaries of a week that were ever written."""
    if resources is None:
        yield from views.all(DIARIES, week)
        return
    resource_ids = set(resources)
    if len(resource_ids) > FEW:
        yield from (diary for diary in views.all(DIARIES, week) if diary.resource in resource_ids)
        return
    ids = [diary_id(resource, week) for resource in sorted(resource_ids, key=str)]
    diaries = views.get_many(DIARIES, ids, week)
    yield from (diaries[id] for id in ids if id in diaries)
