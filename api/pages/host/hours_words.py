"""Opening hours in words, in the language of a page; the script that paints a week has the same words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from api.pages.host.hours_rows import (
    EVERY_DAY,
    DaySpans,
    HostHours,
    Spans,
    WeekRow,
    day_groups,
    editable,
    spans_by_day,
)
from api.pages.labels import marked
from api.pages.languages import Language
from domain.opening import DayRule, OpeningHours, Period, Season, Span
from domain.windows import DAY_MIN

MONDAY = date(2024, 1, 1)
# Also what the script that paints a week says, from a data block of the page.
PATTERNS = {
    "every_day": marked("Every day"),
    "day_run": marked("{first} to {last}"),
    "between_days": marked(", "),
    "span": marked("{start} to {end}"),
    "span_past_midnight": marked("{start} to {end} the next day"),
    "between_spans": marked(" and "),
    "open": marked("{days} {times}"),
    "between_groups": marked("; "),
    "not_in_break": marked("not in the school holidays"),
    "not_on_holidays": marked("not on public holidays"),
    "with_exceptions": marked("{hours}, {exceptions}"),
    "in_break": marked("In the school holidays: {hours}"),
    "on_holidays": marked("On public holidays: {hours}"),
    "closed": marked("closed"),
    "never": marked("Never open"),
}
NTHS = {
    1: marked("first"),
    2: marked("second"),
    3: marked("third"),
    4: marked("fourth"),
    5: marked("fifth"),
    -1: marked("last"),
}
DAY_TYPES = {
    "workday": marked("on work days"),
    "weekend": marked("at weekends"),
    "school_day": marked("on school days"),
    "school_break": marked("in the school holidays"),
    "holiday": marked("on public holidays"),
    "makeup_workday": marked("on make-up work days"),
}


def weekday_name(language: Language, weekday: int, width: str = "wide") -> str:
    """The name of an ISO weekday, 1 = Monday."""
    return language.weekday(MONDAY + timedelta(days=weekday - 1), width)


def clock_of(minute: int) -> str:
    """A time of day such as 18:30; the end of a day is 24:00, and what lies after it is told from 00:00 on."""
    minute = minute - DAY_MIN if minute > DAY_MIN else minute
    return f"{minute // 60:02}:{minute % 60:02}"


def hours_in_words(language: Language, opening: OpeningHours) -> list[str]:
    """Opening rules as lines that somebody can read, whatever the rules."""
    known = editable(opening)
    if known is not None:
        return [*rows_in_words(language, known.rows), *periods_in_words(language, known.beside)]
    return periods_in_words(language, opening.periods)


def periods_in_words(language: Language, periods: Iterable[Period]) -> list[str]:
    return [line for period in periods for line in period_in_words(language, period)]


def rows_in_words(language: Language, rows: HostHours) -> list[str]:
    lines = weeks_in_words(language, rows.usual, rows.school_break, rows.holiday)
    for single in rows.days:
        times = spans_in_words(language, single.spans) or language.gettext(PATTERNS["closed"])
        name = f" ({single.name})" if single.name else ""
        lines.append(f"{language.day(single.day)}{name}: {times}")
    return lines


def weeks_in_words(
    language: Language,
    usual: Sequence[WeekRow],
    school_break: Sequence[WeekRow] | None,
    holiday: Sequence[WeekRow] | None,
) -> list[str]:
    """A line for the usual week, with what is left out of it, and one for each other week."""
    words = language.gettext
    line = _week(language, spans_by_day(usual))
    exceptions = [
        words(PATTERNS[name])
        for name, own in (("not_in_break", school_break), ("not_on_holidays", holiday))
        if own == ()
    ]
    if not line:
        line = words(PATTERNS["never"])
    elif exceptions:
        line = words(PATTERNS["with_exceptions"], hours=line, exceptions=words(", ").join(exceptions))
    lines = [line]
    for name, own in (("in_break", school_break), ("on_holidays", holiday)):
        if own:
            lines.append(words(PATTERNS[name], hours=_week(language, spans_by_day(own))))
    return lines


def _week(language: Language, by_day: DaySpans) -> str:
    words = language.gettext
    return words(PATTERNS["between_groups"]).join(
        words(
            PATTERNS["open"],
            days=days_in_words(language, weekdays),
            times=spans_in_words(language, spans),
        )
        for weekdays, spans in day_groups(by_day)
    )


def days_in_words(language: Language, weekdays: Sequence[int]) -> str:
    """ISO weekdays such as "Monday to Friday, Sunday"; three or more in a row are told by the first and the last."""
    words = language.gettext
    if tuple(weekdays) == EVERY_DAY:
        return words(PATTERNS["every_day"])
    parts: list[str] = []
    for run in _runs(weekdays):
        names = [weekday_name(language, weekday) for weekday in run]
        parts += [words(PATTERNS["day_run"], first=names[0], last=names[-1])] if len(run) > 2 else names
    return words(PATTERNS["between_days"]).join(parts)


def _runs(weekdays: Iterable[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for weekday in sorted(weekdays):
        if runs and runs[-1][-1] == weekday - 1:
            runs[-1].append(weekday)
        else:
            runs.append([weekday])
    return runs


def spans_in_words(language: Language, spans: Spans) -> str:
    return language.gettext(PATTERNS["between_spans"]).join(_span(language, span) for span in spans)


def _span(language: Language, span: Span) -> str:
    pattern = PATTERNS["span_past_midnight" if span.end_min > DAY_MIN else "span"]
    return language.gettext(pattern, start=clock_of(span.start_min), end=clock_of(span.end_min))


# ---- Rules that rows cannot say


def period_in_words(language: Language, period: Period) -> list[str]:
    """The rules of a period that rows cannot say, each with its dates."""
    when = _dates(language, period)
    lines = [_rule(language, rule) for rule in period.rules] or [language.gettext(PATTERNS["closed"])]
    return [f"{when}: {line}" if when else line for line in lines]


def _dates(language: Language, period: Period) -> str:
    words = language.gettext
    first = language.day(period.first, "long") if period.first else ""
    last = language.day(period.last, "long") if period.last else ""
    parts = [period.name]
    if first and last:
        parts.append(first if first == last else words(PATTERNS["day_run"], first=first, last=last))
    elif first:
        parts.append(words("from {day} on", day=first))
    elif last:
        parts.append(words("until {day}", day=last))
    if period.season and not re.search(
        "[0-9]{2}-[0-9]{2}", period.name
    ):  # a name that an import made says it
        parts.append(_season(language, period.season))
    return ", ".join(part for part in parts if part)


def _season(language: Language, season: Season) -> str:
    first, last = (language.month_day(*month_day) for month_day in (season.first, season.last))
    return language.gettext("every year from {first} to {last}", first=first, last=last)


def _rule(language: Language, rule: DayRule) -> str:
    words = language.gettext
    days = days_in_words(language, rule.weekdays)
    if rule.nth:
        which = words(PATTERNS["between_spans"]).join(words(NTHS[nth]) for nth in rule.nth)
        days = words("the {which} {days} of the month", which=which, days=days)
    parts = [days]
    if rule.weeks:
        parts.append(words("in odd weeks") if rule.weeks == "odd" else words("in even weeks"))
    if rule.week_numbers:
        parts.append(words("in weeks {numbers}", numbers=", ".join(map(str, rule.week_numbers))))
    parts += [words(DAY_TYPES[day_type]) for day_type in rule.day_types]
    times = spans_in_words(language, rule.spans) or words(PATTERNS["closed"])
    return words(PATTERNS["open"], days=", ".join(parts), times=times)
