"""References to areas: a key, an official code or a name resolved to one area, and kept free of ambiguity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain import network as network_of_areas
from domain.events import EventMetadata, NotThere, Refused
from domain.messages import message
from domain.network import Area, AreaFounded, AreaRecoded, Code, NewArea, area_id, path_on
from domain.text import tidy


class AmbiguousArea(NotThere):
    """A text that means several areas."""


class TakenReference(Refused):
    """A key that is a code or a name of another area, or a code that is the key of another."""


@dataclass(frozen=True, slots=True)
class Meanings:
    """Whom a text may mean: `key` has it as its key, `codes` and `names` have it as a code or a name."""

    key: UUID | None
    codes: tuple[UUID, ...]
    names: tuple[UUID, ...]


def the_area(network: Mapping[UUID, Area], text: str, meanings: Meanings, on: date) -> UUID | None:
    """The one area that a text means; None where there is none.

    A key goes before a code, and that before a name, as long as every other area that the text may mean lies inside
    the chosen one on the day `on`. Raises AmbiguousArea, which names two of them.
    """
    ranked = [() if meanings.key is None else (meanings.key,), meanings.codes, meanings.names]
    first = next((areas for areas in ranked if areas), ())
    if not first:
        return None
    others = [area for areas in ranked for area in areas if area != first[0]]
    outside = [area for area in others if first[0] not in path_on(network, area, on)]
    if len(first) == 1 and not outside:
        return first[0]
    raise AmbiguousArea(_which(network, text, [first[0], *(outside or others)], meanings))


def _which(network: Mapping[UUID, Area], text: str, areas: list[UUID], meanings: Meanings) -> str:
    first, second = areas[:2]
    more = len(dict.fromkeys(areas)) - 2
    others = message(" (and {more} more)", more=more) if more else ""
    return message(
        "{text!r} may mean {first} or {second}{others}; write the key of the one that is meant, or its id",
        text=text,
        first=_called(network, first, meanings),
        second=_called(network, second, meanings),
        others=others,
    )


def _called(network: Mapping[UUID, Area], area: UUID, meanings: Meanings) -> str:
    key = network[area].key
    if area == meanings.key:
        return message("the area with this key (its id is {area})", area=area)
    if area in meanings.codes:
        return message("{key} (it is its code)", key=key)
    return message("{key} (it is its name)", key=key)


def meanings_in(network: Mapping[UUID, Area], text: str) -> Meanings:
    """Whom a text means in a network, at any time: by its key or id, by any code or name that it ever had."""
    areas = network.values()
    key = next((area.id for area in areas if text in (area.key, str(area.id))), None)
    codes = tuple(area.id for area in areas if text in _all_codes(area))
    names = tuple(
        area.id for area in areas if text in {name for entry in area.names for _, name in entry.value}
    )
    return Meanings(key, codes, names)


def _all_codes(area: Area) -> set[str]:
    held = [code for entry in area.codes for code in entry.value]
    return {code.code for code in held} | {_written(code) for code in held}


def _written(code: Code) -> str:
    return f"{code.scheme}:{code.code}"


# ---- New keys and codes


class References:
    """The codes and names that areas have or ever had, looked up by their text. Built once for many new keys."""

    def __init__(self, areas: Iterable[Area]) -> None:
        self._codes: dict[str, set[str]] = defaultdict(set)
        self._names: dict[str, set[str]] = defaultdict(set)
        for area in areas:
            self.add(area)

    def add(self, area: Area) -> None:
        """Note an area that is new, or has been changed."""
        for code in (code for entry in area.codes for code in entry.value):
            self._codes[_written(code)].add(area.key)
        for _, name in (named for entry in area.names for named in entry.value):
            self._names[name].add(area.key)

    def require_free(self, key: str) -> None:
        """Refuse a new key that is a code, with its scheme, or a name of another area. Raises TakenReference."""
        for how, meant in ((message("code"), self._codes), (message("name"), self._names)):
            others = sorted(meant.get(key, set()) - {key})
            if others:
                raise TakenReference(
                    message(
                        "{key!r} is a {how} of area {area}, so that a table would mean either; choose another key",
                        key=key,
                        how=how,
                        area=others[0],
                    )
                )


def found_area(
    area: Area | None,
    metadata: EventMetadata,
    new: NewArea,
    *,
    network: Mapping[UUID, Area],
    references: References,
    around: Area | None = None,
) -> tuple[AreaFounded, ...]:
    """Found an area among those of a network, under a key that means no other. Raises TakenReference."""
    if area is None:
        references.require_free(tidy(new.key))
        _check_codes(network, area_id(tidy(new.key)), new.codes)
    return network_of_areas.found_area(area, metadata, new, around)


def recode_area(
    area: Area,
    metadata: EventMetadata,
    *,
    network: Mapping[UUID, Area],
    codes: tuple[Code, ...],
    on: date,
    why: str,
) -> tuple[AreaRecoded, ...]:
    """Give an area codes of which none is another area's key. Raises TakenReference."""
    _check_codes(network, area.id, codes)
    return network_of_areas.recode_area(area, metadata, codes=codes, on=on, why=why)


def _check_codes(network: Mapping[UUID, Area], area: UUID, codes: Iterable[Code]) -> None:
    for code in codes:
        owner = network.get(area_id(_written(code)))
        if owner is not None and owner.id != area:
            raise TakenReference(
                message(
                    "{written!r} is the key of another area, so that a table would mean either; give the code "
                    "under another scheme",
                    written=_written(code),
                )
            )
