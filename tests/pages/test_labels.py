"""Every field and every choice of every form has words of its own, and so has each value that a page shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from adapters.access.access_log import Deed
from adapters.access.login_identities import IdentityKind
from adapters.exports.agendas import AgendaKind
from adapters.exports.master_data import EXPORTS
from api.http.framework.operations import COMMANDS
from api.pages.application import declared_pages
from api.pages.form_fields import FieldShape, shapes_of
from api.pages.labels import CHOICES, LABELS
from domain.account import ROLES
from domain.catalogue import EntryKind
from domain.day_types import Certainty, WorkdayKind
from domain.request import STATUSES
from domain.venue import VenueKind
from domain.volunteer import LEVELS, VOLUNTEER_KINDS

KINDS = (Deed, IdentityKind, AgendaKind, EntryKind, Certainty, VenueKind, WorkdayKind)


def shapes() -> Iterator[FieldShape]:
    """All fields of all commands, those of their rows too."""
    assert declared_pages()
    for command in COMMANDS.values():
        if command.taken.form is not None:
            yield from with_rows(shapes_of(command.taken.form))


def with_rows(fields: tuple[FieldShape, ...]) -> Iterator[FieldShape]:
    for field in fields:
        yield field
        if not field.is_window:
            yield from with_rows(field.rows)


def test_every_field_of_every_form_has_a_label() -> None:
    words = {shape.word for shape in shapes()}

    assert len(words) > 80
    assert sorted(words - set(LABELS)) == []


def test_every_choice_of_every_form_has_a_label() -> None:
    choices = {choice for shape in shapes() for choice in shape.choices}

    assert len(choices) > 50
    assert sorted(choices - set(CHOICES)) == []


def test_every_value_that_a_page_shows_has_a_label() -> None:
    shown = {
        *(value for kind in KINDS for value in get_args(kind)),
        *(*EXPORTS, *STATUSES, *VOLUNTEER_KINDS, *LEVELS, *ROLES),
    }

    assert sorted(shown - set(CHOICES)) == []
