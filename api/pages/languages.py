"""Language of a page: what the person chose, else what their browser asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from gettext import NullTranslations

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton, format_time
from babel.numbers import format_decimal
from starlette.requests import Request
from starlette.responses import Response

from adapters.wording.catalogues import translations
from adapters.wording.languages import PSEUDO
from adapters.wording.languages import language_of as asked_for

COOKIE = "lyceum-language"
_STATE = "chosen_language"  # of a request
A_YEAR_S = 365 * 24 * 3600
NAMES = {"zh": "简体中文", "en": "English", "es": "Español"}
LOCALES = {"zh": "zh_Hans_CN", "en": "en_GB", "es": "es", PSEUDO: "en_GB"}
TAGS = {
    "zh": "zh-Hans",
    "en": "en",
    "es": "es",
    PSEUDO: PSEUDO,
}  # of the attribute `lang`, as BCP 47 has them


@dataclass(frozen=True, slots=True)
class Language:
    """One of the languages of the pages, with its words, dates and numbers."""

    code: str
    translations: NullTranslations

    @property
    def tag(self) -> str:
        return TAGS[self.code]

    @property
    def locale(self) -> Locale:
        return Locale.parse(LOCALES[self.code])

    def gettext(self, text: str, **values: object) -> str:
        translated = self.translations.gettext(text)
        return translated.format(**values) if values else translated

    def ngettext(self, singular: str, plural: str, count: int, **values: object) -> str:
        return self.translations.ngettext(singular, plural, count).format(count=count, **values)

    def day(self, day: date, form: str = "full") -> str:
        """A date in words, such as `Monday 30 November 2026`; `form` is full, long, medium or short."""
        return format_date(day, form, self.locale)

    def month_day(self, month: int, day: int) -> str:
        """A date of every year, such as `1 July`."""
        return format_skeleton("MMMMd", date(2024, month, day), locale=self.locale)

    def weekday(self, day: date, width: str = "wide") -> str:
        return format_date(day, "EEEE" if width == "wide" else "EEE", self.locale)

    def instant(self, instant: datetime) -> str:
        return format_datetime(instant, "medium", locale=self.locale)

    def clock(self, minute: int) -> str:
        """A time of day from minutes after midnight; 24:00 ends a day."""
        return "24:00" if minute == 1440 else format_time(time(minute // 60 % 24, minute % 60), "HH:mm")

    def number(self, number: float) -> str:
        return format_decimal(number, locale=self.locale)


def chosen(request: Request) -> str | None:
    """The language that the person chose with this request, or on a page before."""
    code = getattr(request.state, _STATE, "") or request.cookies.get(COOKIE, "")
    return code if code in NAMES else None


def choose(request: Request, code: str) -> None:
    """Have this request answered in a language, by the page and by the operations that it asks."""
    setattr(request.state, _STATE, code)


def language_of(request: Request) -> Language:
    code = chosen(request) or asked_for(request.headers.get("accept-language"))
    return Language(code, translations(code))


def remember(response: Response, code: str, *, secure: bool) -> None:
    response.set_cookie(COOKIE, code, A_YEAR_S, path="/", secure=secure, httponly=True, samesite="lax")
