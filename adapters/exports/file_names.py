"""File names from keys: the same name for the same key at each run, on any file system."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from adapters.exports.agendas import AgendaKind, Owner
from adapters.week.week_snapshot import Keyed, WeekSnapshot

LONGEST = 80  # characters; a path of two keys stays below what any file system allows
_SAFE = re.compile(rf"[A-Za-z0-9](?:[A-Za-z0-9_-]{{0,{LONGEST - 2}}}[A-Za-z0-9])?")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)  # devices, to Windows


def file_names(keys: Iterable[str]) -> dict[str, str]:
    """A name without suffix for each key.

    A key that is safe is its own name. Another one loses what is not safe and gets a few characters of its hash, as
    do keys that differ in upper and lower case alone.
    """
    keys = list(dict.fromkeys(keys))
    folded = Counter(key.casefold() for key in keys)
    return {key: key if folded[key.casefold()] == 1 and _is_safe(key) else _marked(key) for key in keys}


def _is_safe(key: str) -> bool:
    return bool(_SAFE.fullmatch(key)) and not _RESERVED.fullmatch(key) and "--" not in key


def _marked(key: str) -> str:
    readable = re.sub(r"[^A-Za-z0-9]+", "-", key).strip("-").lower()[: LONGEST - 20] or "key"
    return f"{readable}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def file_stems(snapshot: WeekSnapshot, owners: Iterable[Owner]) -> dict[Owner, str]:
    """What the files of each owner are called, without folder and suffix; in order of kind and name.

    A room's is that of its venue and its own. An owner that this read side does not know has no file.
    """
    needed = set(owners)
    stems: dict[Owner, str] = {}
    for kind, states in _keyed(snapshot):
        names = file_names(sorted(state.key for state in states.values()))
        stems |= {(kind, id): names[state.key] for id, state in states.items()}
    for venue in snapshot.venues.values():
        names = file_names(sorted(room.key for room in venue.rooms))
        around = stems["venue", venue.id]
        stems |= {("room", room.id): f"{around}--{names[room.key]}" for room in venue.rooms}
    return dict(sorted(((owner, stem) for owner, stem in stems.items() if owner in needed), key=_by_name))


def _keyed(snapshot: WeekSnapshot) -> Iterator[tuple[AgendaKind, Mapping[UUID, Keyed]]]:
    yield "area", snapshot.network
    yield "request", snapshot.requests
    yield "venue", snapshot.venues
    yield "volunteer", snapshot.volunteers


def _by_name(named: tuple[Owner, str]) -> tuple[str, str]:
    return named[0][0], named[1]
