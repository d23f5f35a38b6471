"""Forms of values that several commands take, with the same fields as in answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from api.http.errors import invalid
from api.http.framework.operations import Form
from api.http.framework.parameters import DayField
from domain.messages import message
from domain.opening import DayRule, OpeningHours, Period, Season, Span
from domain.windows import DAY_MIN, WEEK_MIN, Window, Windows

DayType = Literal["workday", "weekend", "school_day", "school_break", "holiday", "makeup_workday"]
Weekdays = Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1, max_length=7)]


class WindowForm(Form):
    """Minutes from Monday 00:00, local time; the end is not included."""

    start_min: Annotated[int, Field(ge=0, lt=WEEK_MIN)]
    end_min: Annotated[int, Field(gt=0, le=WEEK_MIN)]


class DayWindowForm(Form):
    """Minutes from midnight of a day; the end is not included."""

    start_min: Annotated[int, Field(ge=0, lt=DAY_MIN)]
    end_min: Annotated[int, Field(gt=0, le=DAY_MIN)]


class SpanForm(Form):
    """Minutes from midnight of the rule's day; an end after 1,440 lies on the next day."""

    start_min: Annotated[int, Field(ge=0, lt=DAY_MIN)]
    end_min: Annotated[int, Field(gt=0, le=2 * DAY_MIN)]


class DayRuleForm(Form):
    """Open at these spans on these ISO weekdays; no spans: closed on them."""

    weekdays: Weekdays
    spans: Annotated[list[SpanForm], Field(max_length=12)]
    weeks: Literal["odd", "even"] | None = None
    nth: Annotated[tuple[Literal[1, 2, 3, 4, 5, -1], ...], Field(max_length=6)] = ()
    day_types: Annotated[tuple[DayType, ...], Field(max_length=6)] = ()
    week_numbers: Annotated[tuple[Annotated[int, Field(ge=1, le=53)], ...], Field(max_length=53)] = ()


class SeasonForm(Form):
    """Dates that recur every year, both included; an end before the start lies in the next year."""

    first_month: Annotated[int, Field(ge=1, le=12)]
    first_day: Annotated[int, Field(ge=1, le=31)]
    last_month: Annotated[int, Field(ge=1, le=12)]
    last_day: Annotated[int, Field(ge=1, le=31)]


class PeriodForm(Form):
    """The rules from `first` to `last`, both included; null: without beginning or end. `season`: each year in it."""

    name: Annotated[str, Field(max_length=200)] = ""
    first: DayField | None = None
    last: DayField | None = None
    rules: Annotated[list[DayRuleForm], Field(max_length=60)]
    season: SeasonForm | None = None


Windowed = Annotated[tuple[WindowForm, ...], Field(max_length=100)]


def windows(forms: Sequence[WindowForm | DayWindowForm], field: str) -> Windows:
    """Raises a problem where a window does not end after it starts."""
    for index, form in enumerate(forms):
        if form.end_min <= form.start_min:
            raise invalid("body", f"{field}.{index}.end_min", message("must be greater than start_min"))
    return tuple(Window(form.start_min, form.end_min) for form in forms)


def hours(periods: list[PeriodForm]) -> OpeningHours:
    """Raises BadOpening where a rule cannot be kept."""
    return OpeningHours(tuple(_period(period_form) for period_form in periods))


def _period(form: PeriodForm) -> Period:
    rules = tuple(
        DayRule(
            tuple(rule.weekdays),
            tuple(Span(span.start_min, span.end_min) for span in rule.spans),
            rule.weeks,
            tuple(rule.nth),
            tuple(rule.day_types),
            tuple(rule.week_numbers),
        )
        for rule in form.rules
    )
    season = None if form.season is None else _season(form.season)
    return Period(form.name, form.first, form.last, rules, season)


def _season(form: SeasonForm) -> Season:
    return Season(form.first_month, form.first_day, form.last_month, form.last_day)
