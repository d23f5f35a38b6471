"""Lexicon of opening hours: weekdays, months and other words in the languages in which people write them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

WordKind = Literal[
    "and",
    "closed",
    "day",
    "dash",
    "daily",
    "days",
    "half",
    "hour",
    "midnight",
    "month",
    "morning",
    "afternoon",
    "noon",
    "open",
    "PH",
    "SH",
    "skip",
    "sun",
    "unknown",
    "week",
    "weekend",
    "workdays",
]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word says: its kind, and the weekday (1 = Monday) or month (1 = January) that it names, else 0."""

    kind: WordKind
    number: int = 0


# Seven weekdays from Monday and twelve months from January, each with its spellings; "osm" is the syntax's own.
_WEEKDAYS = {
    "osm": "mo tu we th fr sa su",
    "en": (
        "monday|mondays|mon|m tuesday|tuesdays|tues|tue wednesday|wednesdays|wed|w thursday|thursdays|thurs|thur|thu "
        "friday|fridays|fri|f saturday|saturdays|sat sunday|sundays|sun"
    ),
    "de": (
        "montag|montags|mo dienstag|dienstags|di mittwoch|mittwochs|mit|mi donnerstag|donnerstags|do "
        "freitag|freitags|fr samstag|samstags|sonnabend|sa sonntag|sonntags|so"
    ),
    "fr": "lundi|lun|lu mardi|mar|ma mercredi|mer|me jeudi|jeu|je vendredi|ven|ve samedi|sam|sa dimanche|dim|di",
    "es": (
        "lunes|lun|lu martes|mar|ma miércoles|miercoles|mié|mie|mi jueves|jue|ju viernes|vie|vi "
        "sábado|sabado|sáb|sab|sa domingo|dom|do"
    ),
    "pt": "segunda|seg terça|terca|ter quarta|qua quinta|qui sexta|sex sábado|sabado|sáb|sab domingo|dom",
    "it": "lunedì|lun|lu martedì|mar|ma mercoledì|mer|me giovedì|gio|gi venerdì|ven|ve sabato|sab|sa domenica|dom|do",
    "nl": "maandag|ma dinsdag|di woensdag|wo donderdag|do vrijdag|vr zaterdag|za zondag|zo",
    "pl": "pon|pn wt śr czw|cz piątek|pt sobota|sob|sb niedziela|niedz|nd",
    "cs": "po út|ut st čt|ct pá|pa so ne",
    "ru": ("понедельник|пн вторник|вт среда|ср четверг|чт пятница|пт суббота|сб воскресенье|вс"),
    "fi": "maanantai|ma tiistai|ti keskiviikko|ke torstai perjantai|pe lauantai|la sunnuntai|su",
    "sv": "måndag tisdag onsdag torsdag fredag lördag söndag",
    "nb": "mandag tirsdag onsdag torsdag fredag lørdag|lør søndag|søn",
    "ro": "luni|lu marți|marti|ma miercuri|mi joi|jo vineri|vi sâmbătă|sambata duminică|duminica",
    "el": (
        "δευτέρα|δευτερα|δευ|δε τρίτη|τριτη|τρι|τρ τετάρτη|τεταρτη|τετ|τε πέμπτη|πεμπτη|πεμ|πε "
        "παρασκευή|παρασκευη|παρ|πα σάββατο|σαββατο|σαβ|σάβ|σα κυριακή|κυριακη|κυρ|κυ"
    ),
    "tr": (
        "pazartesi|pzt salı|sali çarşamba|carsamba|çar perşembe|persembe|per cuma|cum cumartesi|cmt pazar|paz"
    ),
    "ko": "월요일|월 화요일|화 수요일|수 목요일|목 금요일|금 토요일|토 일요일|일",
    "ja": "月曜日|月曜 火曜日|火曜 水曜日|水曜 木曜日|木曜 金曜日|金曜 土曜日|土曜 日曜日|日曜",
    "zh": (
        "周一|星期一|礼拜一|週一|禮拜一 周二|星期二|礼拜二|週二|禮拜二 周三|星期三|礼拜三|週三|禮拜三 "
        "周四|星期四|礼拜四|週四|禮拜四 周五|星期五|礼拜五|週五|禮拜五 周六|星期六|礼拜六|週六|禮拜六 "
        "周日|周天|星期日|星期天|礼拜日|礼拜天|週日|禮拜日|禮拜天"
    ),
}
_MONTHS = {
    "osm": "jan feb mar apr may jun jul aug sep oct nov dec",
    "en": ("january february march april may june july august september|sept october november december"),
    "de": "januar|jän februar märz|mär april mai juni juli august september oktober|okt november dezember|dez",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre|déc",
    "es": "enero|ene febrero marzo abril|abr mayo junio julio agosto|ago septiembre octubre noviembre diciembre|dic",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
}
_WORDS: dict[WordKind, str] = {
    "and": "and und et y och og ja και",
    "closed": (
        "off closed geschlossen ruhetag fermé ferme cerrado fechado chiuso gesloten zamknięte zavřeno закрыто выходной "
        "suljettu κλειστά κλειστο κλειστό kapalı 휴무 휴관 休館 定休日 休息 关闭 闭馆 闭店 不开放 除外 关门"
    ),
    "daily": "daily everyday täglich ежедневно codziennie denně päivittäin 매일 毎日 每天 每日 天天",
    "days": "day days",
    "dash": "to till until thru through bis à au a às as tot до 至 到",
    "half": "半",
    "hour": "h hs hr hrs hours uhr 시 点 點 时 時",
    "midnight": "midnight minuit mitternacht medianoche 午夜",
    "morning": "am 오전 午前 上午 早上 早晨 凌晨",
    "afternoon": "pm 오후 午後 下午 晚上 傍晚",
    "noon": "noon midday mittags midi mezzogiorno mediodía 中午",
    "open": "open geöffnet ouvert abierto aberto aperto 开放 营业 开门 开馆",
    "PH": (
        "ph holiday holidays feiertag feiertage feiertags 공휴일 祝日 法定节假日 国家法定节假日 节假日 公共假期 "
        "法定假日"
    ),
    "SH": "sh",
    "skip": "from von du de das 每 分 分钟 营业时间 开放时间 每周",
    "sun": "sunrise sunset dawn dusk",
    "unknown": "unknown",
    "week": "week",
    "weekend": "weekend weekends wochenende 주말 双休日 周末 週末",
    "workdays": "weekdays wd werktags arkisin arki 평일 工作日 平日",
}


def _named(kind: WordKind, table: dict[str, str]) -> dict[str, dict[str, Meaning]]:
    return {
        language: {
            spelling: Meaning(kind, number)
            for number, spellings in enumerate(line.split(), 1)
            for spelling in spellings.split("|")
        }
        for language, line in table.items()
    }


COMMON = {word: Meaning(kind) for kind, words in _WORDS.items() for word in words.split()}
WEEKDAYS = _named("day", _WEEKDAYS)
MONTHS = _named("month", _MONTHS)
LANGUAGES = tuple(WEEKDAYS)


@lru_cache(maxsize=4096)
def meanings_of(word: str) -> dict[str, tuple[Meaning, ...]]:
    """What a word in small letters may say in each language; a word of no single language stands under ""."""
    by_language = {
        language: tuple(
            table[language][word] for table in (WEEKDAYS, MONTHS) if word in table.get(language, {})
        )
        for language in LANGUAGES
    }
    known = {language: meanings for language, meanings in by_language.items() if meanings}
    if word in COMMON:
        known[""] = (COMMON[word],)
    return known
