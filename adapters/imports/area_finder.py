"""Lookup of the area that a cell means: by its key, by an official code, or by a name that no other area has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from uuid import UUID

from adapters.imports.record_keys import Likenesses, tidy
from domain.area_references import AmbiguousArea, Meanings, the_area
from domain.effective_dates import held_on
from domain.messages import message
from domain.network import Area, area_id, exists_on


class AreaFinder:
    """Index of areas as they are on a day; the network must not change while it is in use."""

    def __init__(self, network: Mapping[UUID, Area]) -> None:
        self._network = network
        self._by_id = {str(id): id for id in network}
        self._by_code: dict[date, dict[str, list[UUID]]] = {}
        self._by_name: dict[date, dict[str, list[UUID]]] = {}

    def find(self, text: str, on: date) -> UUID | str:
        """The area's id, or a sentence on what would be right."""
        result = self._find(text, on)
        if isinstance(result, UUID):
            return result
        if tidy(text) != text and isinstance(again := self._find(tidy(text), on), UUID):
            return again
        return result

    def _find(self, text: str, on: date) -> UUID | str:
        if on not in self._by_code:
            self._index(on)
        key = area_id(text) if area_id(text) in self._network else self._by_id.get(text)
        codes, names = self._by_code[on].get(text, ()), self._by_name[on].get(text, ())
        try:
            area = the_area(self._network, text, Meanings(key, tuple(codes), tuple(names)), on)
        except AmbiguousArea as error:
            return str(error)
        if area is not None:
            return area
        if not self._network:
            return message("the database has no areas yet; import the network first")
        like = self._likenesses.like(text)
        right = (
            message("write {like} if that area is meant", like=like)
            if like
            else message("write a key such as {example}", example=self._example())
        )
        return message("no area has this key, code or name on {on}; {right}", on=on, right=right)

    @cached_property
    def _likenesses(self) -> Likenesses:
        return Likenesses(area.key for area in self._network.values())

    def _index(self, on: date) -> None:
        codes, names = defaultdict(list), defaultdict(list)
        for area in self._network.values():
            if exists_on(area, on):
                for code in held_on(area.codes, on) or ():
                    codes[f"{code.scheme}:{code.code}"].append(area.id)
                for name in {name for _, name in held_on(area.names, on) or ()}:
                    names[name].append(area.id)
        self._by_code[on], self._by_name[on] = dict(codes), dict(names)

    def _example(self) -> str:
        return min(area.key for area in self._network.values())
