"""Queries about diaries."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from uuid import UUID

from adapters.store.streams import DIARIES
from adapters.store.views import Views
from domain.calendar import check_week
from domain.diary import Diary, Resource, blank, diary_id


def diary_of(views: Views, kind: Resource, resource: UUID, week: str) -> Diary:
    """The diary of a resource in a week, blank where nothing was promised. Raises NotAWeek."""
    return views.get(DIARIES, diary_id(resource, check_week(week))) or blank(kind, resource, week)


def diaries_of(views: Views, weeks: Iterable[str]) -> dict[UUID, Diary]:
    """All diaries of some weeks, by their id."""
    return {diary.id: diary for week in weeks for diary in views.all(DIARIES, week)}


def all_diaries(views: Views) -> list[Diary]:
    """Those of all weeks."""
    return views.all(DIARIES)


def promised(views: Views, weeks: Iterable[str], resources: Container[UUID]) -> Iterator[Diary]:
    """The diaries of the resources that hold promises in these weeks."""
    for week in weeks:
        for diary in views.all(DIARIES, week):
            if diary.resource in resources and diary.promises:
                yield diary
