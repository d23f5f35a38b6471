"""The words of the desk in English, as the page gives them to its modules."""

from __future__ import annotations

from gettext import NullTranslations

from api.pages.desk.desk_words import RULES, words_of_desk
from api.pages.languages import Language

ENGLISH = words_of_desk(Language("en", NullTranslations()))

__all__ = ["ENGLISH", "RULES"]
