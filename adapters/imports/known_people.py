"""Duplicate detection of people: who is known already under another key, and whose record was erased."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import date
from uuid import UUID

from adapters.access.access_log import looks_of
from adapters.imports.import_run import ImportRun
from adapters.imports.record_keys import seen
from adapters.people.personal_records import PersonalRecord
from adapters.store.streams import VOLUNTEERS
from domain.messages import message

LAST_DIGITS = 7  # of a telephone number: the country's and the city's may be written or not


class KnownPeople:
    """Index of people by name and telephone or e-mail, which grows with the rows of the file."""

    def __init__(self, run: ImportRun) -> None:
        self._keys: dict[tuple[str, str], str] = {}
        for volunteer in run.states(VOLUNTEERS).values():
            record = run.people.get(volunteer.id)
            if record and volunteer.left is None:
                self._add(volunteer.key, record.name, record.phone, record.email)

    def warn_of_twin(self, run: ImportRun, row: int, key: str, person: PersonalRecord) -> None:
        """Warn of a row whose key is new, and whose name and telephone or e-mail are not."""
        marks = _marks(person.name, person.phone, person.email)
        known = next((self._keys[mark] for mark in marks if mark in self._keys), None)
        if known is not None and known != key:
            run.odd(
                row,
                "key",
                key,
                message(
                    "is new, but name and telephone or e-mail are those of {known!r}; write {known} if it is the "
                    "same person, who would be planned twice",
                    known=known,
                ),
            )
        self._add(key, person.name, person.phone, person.email)

    def _add(self, key: str, name: str, phone: str, email: str) -> None:
        for mark in _marks(name, phone, email):
            self._keys.setdefault(mark, key)


def warn_of_personal_key(run: ImportRun, row: int, key: str, person: PersonalRecord) -> None:
    """Warn of a new key that says who somebody is: keys stand in events, and no erasure takes them away."""
    plain = seen(key).casefold()
    digits = "".join(sign for sign in person.phone if sign.isdecimal())
    is_phone = len(digits) >= LAST_DIGITS and "".join(filter(str.isdecimal, key)) == digits
    if "@" in key or is_phone or plain == seen(person.name).casefold():
        run.odd(
            row,
            "key",
            key,
            message(
                "says who somebody is, and a key is kept for ever, also when the person is erased; choose "
                "one that does not, such as a number"
            ),
        )


def _marks(name: str, phone: str, email: str) -> Iterator[tuple[str, str]]:
    called = "".join(sorted(unicodedata.normalize("NFKC", seen(name)).casefold().replace(",", " ").split()))
    digits = "".join(str(unicodedata.digit(sign)) for sign in phone if sign.isdecimal())
    if called and digits.strip("0"):
        yield called, digits.lstrip("0")  # a spreadsheet takes the zeros in front away
        if len(digits) >= LAST_DIGITS:
            yield called, f"…{digits[-LAST_DIGITS:]}"
    if called and "@" in email:
        yield called, unicodedata.normalize("NFKC", seen(email)).casefold()


def erased_on(run: ImportRun, person: UUID) -> date | None:
    """The day on which a personal record was erased for the last time; None: never."""
    days = [look.at.date() for look in looks_of(run.repository.store, person) if look.deed == "erased"]
    return max(days, default=None)
