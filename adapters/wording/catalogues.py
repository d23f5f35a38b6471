"""Catalogues of translations, read from the .po files when a language is first asked for, and words by them."""

from __future__ import annotations

from datetime import date
from functools import cache, partial
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.core import Locale
from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from adapters.wording.languages import ENGLISH, LANGUAGES, PSEUDO
from domain.messages import CAPITAL, SENTENCES, SEPARATOR, Message, Value, capitalised, filled, read_message

FOLDER = Path(__file__).parent / "locale"
TEMPLATE = FOLDER / "lyceum.pot"
_SEPARATORS = {"zh": "、"}


def catalogue_file(language: str) -> Path:
    return FOLDER / language / "lyceum.po"


def read_catalogue(path: Path, language: str | None = None) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language)


class _PseudoTranslations(NullTranslations):
    """Templates between brackets."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"


@cache
def translations(language: str) -> NullTranslations:
    """The translations of a language, as gettext and the templates of pages take them."""
    if language == PSEUDO:
        return _PseudoTranslations()
    if language == ENGLISH or language not in LANGUAGES:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read_catalogue(catalogue_file(language), language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def worded(text: str, language: str) -> str:
    """A message in a language; a text that is no message stays as it is, and so does what nobody has translated."""
    if not isinstance(text, Message):
        return text
    if language == ENGLISH:
        return format(text)
    chosen = translations(language)
    if text.plural:
        template = chosen.ngettext(text.id, text.plural, text.values["count"])
    else:
        template = chosen.gettext(text.id) if text.id else text.id
    return filled(template, text.values, partial(_shown, language))


@cache
def locale_of(language: str) -> Locale:
    """What CLDR knows of a language."""
    return Locale.parse(ENGLISH if language == PSEUDO else language)


def _shown(language: str, value: Value, specification: str) -> str:
    match value:
        case Message():
            text = worded(value, language)
            return capitalised(text) if specification == CAPITAL else text
        case tuple():
            separator = specification or _SEPARATORS.get(language, SEPARATOR)
            return separator.join(_shown(language, item, "") for item in value)
        case date() if not specification:
            return format_date(value, "long", locale_of(language))
        case int() | float() if specification == ",":
            return format_decimal(value, locale=locale_of(language))
        case _:
            return format(value, specification)


# ---- Documents

_BESIDE = {"message": SENTENCES}
_SUFFIXES = ("_message", "_messages")


def reworded(body: Any, language: str) -> Any:
    """A JSON value with each sentence that has its message beside it in a language; see `domain.messages.beside`."""
    match body:
        case dict():
            written = {key: reworded(value, language) for key, value in body.items()}
            for key, value in body.items():
                field = _sentence_of(key, body)
                if field is not None:
                    written[key] = value
                    written[field] = _worded_again(body[field], value, language)
            return written
        case list():
            return [reworded(item, language) for item in body]
        case _:
            return body


def _sentence_of(key: str, body: dict[str, Any]) -> str | None:
    """The field that a message stands beside."""
    names = _BESIDE.get(key) or (key.removesuffix(suffix) for suffix in _SUFFIXES if key.endswith(suffix))
    return next((name for name in names if name in body), None)


def _worded_again(sentence: Any, written: Any, language: str) -> Any:
    if isinstance(sentence, list):
        return [_worded_again(text, item, language) for text, item in zip(sentence, written, strict=True)]
    revived = read_message(written)
    return sentence if revived is None else worded(revived, language)
