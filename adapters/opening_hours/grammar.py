"""Parser of opening hours: grammar of rules, with dates, weeks, weekdays, times, and opening or closing.

The syntax is OpenStreetMap's, https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification, with what people
write besides. What can be meant in two ways is refused, or read as the reference evaluator reads it and asked about.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.opening_hours.date_selectors import Dates, is_at_date, read_dates
from adapters.opening_hours.osm_rules import Effect, OsmRule, closes_nothing, is_lost
from adapters.opening_hours.osm_syntax import EVERY_DAY, UnsupportedHours
from adapters.opening_hours.time_spans import is_at_time, read_spans
from adapters.opening_hours.token_cursor import Cursor
from adapters.opening_hours.tokenizer import tokenize
from domain.messages import message
from domain.opening import Season
from domain.windows import DAY_MIN, Window, normal

_DAY_KINDS = ("day", "PH", "SH", "daily", "weekend", "workdays")
_EFFECTS: dict[str, Effect] = {"open": "opens", "closed": "closes", "unknown": "unsure"}
_RUNS = {"daily": EVERY_DAY, "weekend": (6, 7), "workdays": (1, 2, 3, 4, 5)}

_MARCH = Season(3, 1, 3, 31)
Weekday = tuple[int, tuple[int, ...]]  # ISO weekday, and which of the month; (): all


@dataclass(slots=True)
class _Draft:
    """A rule while it is read.

    `first` is the index of its first token; `shares`: weekdays behind its times share them with those before.
    """

    first: int
    dates: Dates = field(default_factory=Dates)
    weeks: frozenset[int] | None = None
    days: list[Weekday] = field(default_factory=list)
    special: set[str] = field(default_factory=set)
    spans: list[Window] = field(default_factory=list)
    is_always: bool = False
    effect: Effect | None = None
    comment: str = ""
    times_first: bool = False
    effect_first: bool = False
    takes_times: bool = True
    shares: bool = False

    @property
    def names_dates(self) -> bool:
        return bool(self.dates or self.days or self.special) or self.weeks is not None

    @property
    def is_complete(self) -> bool:
        return bool(self.spans or self.is_always or self.effect or self.comment)


def read_rules(text: str, *, add_up: bool = False) -> tuple[tuple[OsmRule, ...], tuple[str, ...]]:
    """The rules, and questions on what may be meant otherwise; raises UnsupportedHours for what cannot be read.

    `add_up`: rules for the same days are known to add up, so nobody is asked about that.
    """
    if not text.strip():
        raise UnsupportedHours(
            message("the opening hours are empty; write them as in 'Mo-Fr 09:00-17:00', or 'off'")
        )
    cursor = Cursor(tokenize(text))
    rules: list[OsmRule] = []
    texts: list[str] = []
    adds, has_fallback, named_dates = False, False, False
    while cursor.token.kind != "end":
        if cursor.take_sign(";"):
            adds = False
            continue
        draft = _draft(cursor)
        rules.append(_rule(cursor, draft, adds=adds, resets=draft.names_dates or not named_dates))
        if has_fallback:
            _check_fallback(cursor, draft, rules)
        texts.append(cursor.since(draft.first))
        _ask_about_others(cursor, draft.first, rules, [] if add_up else texts)
        if rules[1:] and not adds and draft.spans and not draft.names_dates and named_dates:
            _ask_for_days(cursor, draft)
        named_dates = draft.names_dates
        is_fallback = _take_fallback(cursor)
        has_fallback = has_fallback or is_fallback
        adds = is_fallback or cursor.take_sign(",")
    if not rules:
        cursor.refuse_from()
    return tuple(rules), tuple(cursor.questions)


def _ask_about_others(cursor: Cursor, first: int, rules: list[OsmRule], texts: list[str]) -> None:
    """Ask where the last rule undoes one before it, or closes what none before it opens."""
    *before, last = rules
    for earlier, text in zip(before, texts, strict=False):
        if is_lost(earlier, last):
            right = (
                message("a comma in place of the semicolon keeps both")
                if earlier.effect == "opens"
                else message("write it last")
            )
            cursor.ask(
                message(
                    "'{last}' takes the place of '{text}' on days that both name; {right}",
                    last=texts[-1],
                    text=text,
                    right=right,
                )
            )
    if closes_nothing(tuple(before), last):
        cursor.ask(
            message(
                "'{since}' closes times that are not open; write when it is open, and closed times last",
                since=cursor.since(first),
            )
        )


def _take_fallback(cursor: Cursor) -> bool:
    """Take "||", behind which stand hours for when the rules before it do not open."""
    if cursor.token.is_sign("|") and cursor.ahead().is_sign("|"):
        cursor.take()
        cursor.take()
        return True
    return False


def _check_fallback(cursor: Cursor, draft: _Draft, rules: list[OsmRule]) -> None:
    """Refuse a fallback unless it opens hours; all else that "||" can mean has no equivalent."""
    is_added = cursor.tokenized.tokens[draft.first - 1].is_sign(",")
    if any(rule.effect == "unsure" for rule in rules) or rules[-1].effect != "opens" or is_added:
        cursor.refuse(
            message("stands behind '||', for when the others are unknown; write one set of hours"),
            cursor.tokenized.tokens[draft.first],
        )


def _ask_for_days(cursor: Cursor, draft: _Draft) -> None:
    if draft.effect != "closes":
        cursor.ask(
            message(
                "'{since}' stands without weekdays and is read for every day; write it behind a comma if it "
                "is for the weekdays before it",
                since=cursor.since(draft.first),
            )
        )


def _draft(cursor: Cursor) -> _Draft:
    draft = _Draft(cursor.position)
    while not (cursor.token.kind == "end" or cursor.token.is_sign(";", "|")):
        if cursor.token.is_sign(","):
            if _ends_at_comma(cursor, draft):
                break
            cursor.take()
        elif not _part(cursor, draft):
            _refuse_here(cursor)
    if cursor.position == draft.first:
        cursor.refuse_from()
    return draft


def _ends_at_comma(cursor: Cursor, draft: _Draft) -> bool:
    """Whether the comma at the cursor begins a further rule; one at the end of a rule says nothing."""
    after = cursor.ahead()
    if draft.is_always:
        cursor.refuse(message("behind 24/7 adds hours to what is always open; write one of them"))
    if _is_at_end(cursor, 1):
        return False
    if draft.is_complete and not draft.times_first and (_is_at_selector(cursor, 1) or after.kind == "closed"):
        return True
    return cursor.refuse_from()


def _is_at_end(cursor: Cursor, steps: int) -> bool:
    return cursor.ahead(steps).kind == "end" or cursor.ahead(steps).is_sign(";")


def _is_at_selector(cursor: Cursor, steps: int = 0) -> bool:
    return is_at_date(cursor, steps) or cursor.ahead(steps).kind in ("week", *_DAY_KINDS)


def _part(cursor: Cursor, draft: _Draft) -> bool:
    """Read the next part of a rule into the draft; False where none begins here."""
    token = cursor.token
    if _is_at_selector(cursor):
        _selector(cursor, draft)
    elif token.kind == "always":
        cursor.take()
        if draft.is_complete:
            cursor.refuse(message("has other times beside it; write one of them"), token)
        draft.is_always, draft.takes_times = True, False
    elif is_at_time(cursor) and draft.takes_times:
        draft.times_first = not draft.names_dates
        draft.spans += read_spans(cursor)
        draft.takes_times = False
        draft.times_first = draft.times_first and _is_at_selector(cursor)
    elif token.kind in _EFFECTS and draft.effect is None and not (draft.shares or draft.comment):
        draft.effect_first = not (draft.names_dates or draft.is_complete)
        draft.effect = _EFFECTS[cursor.take().kind]
    elif token.kind == "comment" and not draft.comment:
        draft.comment = cursor.take().text
    elif (token.is_sign(":") and draft.names_dates and draft.takes_times and not _is_at_end(cursor, 1)) or (
        token.kind == "hour" and (draft.spans or draft.is_always)
    ):
        cursor.take()
    else:
        return False
    return True


def _selector(cursor: Cursor, draft: _Draft) -> None:
    """Read dates, weeks or weekdays; behind the times only where the rule has none before them."""
    token = cursor.token
    is_first = draft.times_first and not draft.effect
    if draft.is_complete and not (is_first or (draft.effect_first and not draft.spans)):
        _share(cursor, draft)
        return
    if is_at_date(cursor):
        if token.kind == "number" and (draft.days or draft.special):
            cursor.refuse_from()  # 1000-2000 behind weekdays
        if draft.dates or draft.weeks is not None or draft.days or draft.special:
            cursor.refuse(
                message(
                    "stands in an unusual place; write dates before weekdays, and a semicolon between rules"
                )
            )
        draft.dates = read_dates(cursor)
    elif token.kind == "week":
        if draft.weeks is not None or draft.days or draft.special:
            cursor.refuse(message("stands in an unusual place; write weeks before weekdays"))
        draft.weeks = _weeks(cursor)
    else:
        if draft.days or draft.special:
            cursor.refuse(message("stands in an unusual place; write weekdays in one list, with commas"))
        _days(cursor, draft)


def _share(cursor: Cursor, draft: _Draft) -> None:
    """Read "Mo 09:00-12:00 Tu 14:00-16:00" as one rule for both weekdays, which no semicolon parts, and ask."""
    token = cursor.token
    is_shared = draft.spans and draft.days and token.kind in _DAY_KINDS
    if not is_shared or draft.effect or draft.comment:
        cursor.refuse(message("begins a new rule; write a semicolon before it"))
    draft.shares = draft.takes_times = True
    _days(cursor, draft)
    if draft.special:
        cursor.refuse(message("begins a new rule; write a semicolon before it"), token)
    cursor.ask(
        message(
            "{text!r} stands behind times without a semicolon before it, so all weekdays of this rule "
            "have all its times; write the semicolon if they do not",
            text=token.text,
        )
    )


def _weeks(cursor: Cursor) -> frozenset[int]:
    cursor.take()
    weeks: set[int] = set()
    while True:
        if cursor.ahead().is_sign(":"):
            cursor.refuse_from()
        first = last = cursor.take_number(1, 53)
        step = 1
        if cursor.take_sign("-"):
            last = cursor.take_number(first, 53)
            if cursor.take_sign("/"):
                step = cursor.take_number(1, 53)
        weeks.update(range(first, last + 1, step))
        if not (
            cursor.token.is_sign(",") and cursor.ahead().kind == "number" and not cursor.ahead(2).is_sign(":")
        ):
            return frozenset(weeks)
        cursor.take()


def _days(cursor: Cursor, draft: _Draft) -> None:
    """Read weekdays and kinds of days, joined by commas or blanks."""
    while True:
        _day(cursor, draft)
        comma = cursor.token.is_sign(",") and cursor.ahead().kind in _DAY_KINDS
        if not comma and cursor.token.kind not in _DAY_KINDS:
            return
        before, after = cursor.tokenized.tokens[cursor.position - 1], cursor.ahead(int(comma))
        if not comma and {"PH", "SH"} & {before.kind, after.kind}:
            holiday = next(token.kind for token in (before, after) if token.kind in ("PH", "SH"))
            cursor.tokenized.refuse(
                after,
                message(
                    "beside {text!r} is read as 'and' by some programs and as 'or' by others; write {holiday} in "
                    "a rule of its own, such as '{holiday} 10:00-16:00'",
                    text=before.text,
                    holiday=holiday,
                ),
            )
        if comma:
            cursor.take()


def _day(cursor: Cursor, draft: _Draft) -> None:
    token = cursor.take()
    if token.kind in ("PH", "SH"):
        if cursor.token.is_sign("+", "-") and cursor.ahead().kind in ("number", "day"):
            cursor.tokenized.refuse(
                token, message("is a day beside a holiday; write the dates with their year")
            )
        draft.special.add("holiday" if token.kind == "PH" else "school_break")
        return
    if token.kind in _RUNS:
        if token.kind == "workdays":
            cursor.ask(
                message(
                    "{text!r} is read as Mo-Fr; holidays and make-up work days do not change it",
                    text=token.text,
                )
            )
        draft.days += [(day, ()) for day in _RUNS[token.kind]]
        return
    last = token.number
    if cursor.token.is_sign("-"):
        cursor.take()
        if cursor.token.kind != "day":
            cursor.refuse_from()
        last = cursor.take().number
    nths = _nths(cursor, draft)
    if nths and last != token.number:
        cursor.refuse(message("counts a run of weekdays; count each weekday by itself"))
    for step in range((last - token.number) % 7 + 1):
        draft.days.append(((token.number - 1 + step) % 7 + 1, nths))


def _nths(cursor: Cursor, draft: _Draft) -> tuple[int, ...]:
    if not cursor.token.is_sign("["):
        return ()
    start_index = cursor.position - 1
    if cursor.token.gap and draft.days:
        cursor.ask(
            message(
                "{text!r} counts its last weekday only; write [..] behind each that is counted",
                text=cursor.tokenized.text,
            )
        )
    cursor.take()
    nths: list[int] = []
    while not nths or cursor.take_sign(","):
        nths += _nth_item(cursor, start_index)
    if not cursor.take_sign("]"):
        cursor.refuse_from()
    if cursor.token.is_sign("-", "+"):
        cursor.refuse(
            message(
                "after {since!r} moves the day; write the dates with their year",
                since=cursor.since(start_index),
            )
        )
    return tuple(dict.fromkeys(nths))


def _nth_item(cursor: Cursor, start_index: int) -> list[int]:
    if cursor.take_sign("-"):
        if cursor.take_number(1, 5) != 1:
            cursor.refuse(
                message(
                    "{since!r} counts from the end of the month; only the last, [-1], can be kept",
                    since=cursor.since(start_index),
                ),
                cursor.tokenized.tokens[start_index],
            )
        return [-1]
    first = last = cursor.take_number(1, 5)
    if cursor.take_sign("-"):
        last = cursor.take_number(first, 5)
    return list(range(first, last + 1))


def _refuse_here(cursor: Cursor) -> None:
    token = cursor.token
    if token.kind == "sun" or (token.is_sign("(") and cursor.ahead().kind == "sun"):
        cursor.refuse(message("depends on the sun; write clock times"))
    cursor.refuse_from()


def _rule(cursor: Cursor, draft: _Draft, *, adds: bool, resets: bool) -> OsmRule:
    text = cursor.since(draft.first)
    effect = draft.effect or ("unsure" if draft.comment else "opens")
    if draft.is_always and (draft.days or draft.special):
        draft.spans = draft.spans or [Window(0, DAY_MIN)]
    if effect == "opens" and not draft.spans and not draft.is_always:
        cursor.ask(
            message(
                "{text!r} gives no times, so it is open for the whole of each day; write 00:00-24:00 if it is",
                text=text,
            )
        )
    months = [token.text.lower() for token in cursor.tokenized.tokens if token.kind == "month"]
    if months == ["mar"] and draft.dates.seasons == [_MARCH] and not draft.days:
        cursor.ask(message("{text!r} is read as March; write Tu if it is Tuesday (mardi, martes)", text=text))
    _ask_about_comment(cursor, draft, effect)
    windows = normal(draft.spans)
    if effect == "opens" and not windows:
        windows = (Window(0, DAY_MIN),)
    return OsmRule(
        ranges=tuple(draft.dates.ranges),
        seasons=tuple(draft.dates.seasons),
        weeks=draft.weeks,
        weekdays=tuple(draft.days) if draft.days or draft.special else tuple((day, ()) for day in EVERY_DAY),
        special=frozenset(draft.special),
        windows=windows,
        effect=effect,
        resets=resets and not adds,
    )


def _ask_about_comment(cursor: Cursor, draft: _Draft, effect: Effect) -> None:
    if effect == "unsure":
        part = (
            message("{comment} is a comment", comment=draft.comment)
            if draft.comment
            else message("'unknown' does not say whether it is open")
        )
        cursor.ask(
            message(
                "{part}; what it stands beside is read as not open, so leave it out if it is open", part=part
            )
        )
    elif draft.comment:
        cursor.ask(message("{comment} is a comment and is not kept", comment=draft.comment))
