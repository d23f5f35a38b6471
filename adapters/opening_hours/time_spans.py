"""Parser of opening hours: times (09:00, 9.30, 9h30, 9am, noon, 下午2点) and the spans between two of them."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.opening_hours.token_cursor import Cursor
from adapters.opening_hours.tokenizer import HoursToken
from domain.messages import message
from domain.windows import DAY_MIN, Window, clock

_HALVES = ("morning", "afternoon")


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time as written. `half` is "morning" (am) or "afternoon" (pm), "": 24 hours; `before`: written before it."""

    hour: int
    minute: int
    half: str = ""
    before: bool = False
    has_minutes: bool = True

    @property
    def minutes(self) -> int:
        hour = self.hour if not self.half else self.hour % 12 + (12 if self.half == "afternoon" else 0)
        return hour * 60 + self.minute


def is_at_time(cursor: Cursor, steps: int = 0) -> bool:
    """Whether a clock time, a span or an event of the sun begins `steps` tokens ahead."""
    token = cursor.ahead(steps)
    if token.kind == "number":
        return token.number <= 48 and (len(token.text) <= 2 or _has_a_zero_more(token))
    return token.kind in ("noon", "midnight", "sun", *_HALVES) or (
        token.is_sign("(") and cursor.ahead(steps + 1).kind == "sun"
    )


def _has_a_zero_more(token: HoursToken) -> bool:
    return len(token.text) == 3 and token.text[0] == "0"


def read_clock(cursor: Cursor) -> int:
    """Read a single time of day, in minutes after midnight; ":00" seconds are dropped."""
    time = _time(cursor)
    if cursor.token.is_sign(":") and cursor.ahead().text == "00":
        cursor.take()
        cursor.take()
    if cursor.token.kind != "end" or time.minute > 59 or time.minutes > DAY_MIN or cursor.questions:
        cursor.refuse_from()
    return time.minutes


def read_spans(cursor: Cursor) -> list[Window]:
    """Read spans, joined by commas or blanks."""
    spans = [_span(cursor)]
    while True:
        if cursor.token.is_sign(",") and is_at_time(cursor, 1):
            cursor.take()
        elif not is_at_time(cursor):
            return spans
        spans.append(_span(cursor))


def _span(cursor: Cursor) -> Window:
    start_index = cursor.position
    _refuse_sun(cursor)
    start = _time(cursor)
    if cursor.token.is_sign("+"):
        cursor.tokenized.refuse(
            cursor.token,
            message("after {since!r} has no end; write the closing time", since=cursor.since(start_index)),
        )
    if not cursor.take_sign("-"):
        cursor.refuse_from()
    _refuse_sun(cursor)
    end = _time(cursor)
    text = cursor.since(start_index)
    start, end = _in_halves(cursor, start_index, start, end)
    if cursor.token.is_sign("/") and not cursor.token.gap:
        cursor.refuse(message("repeats within the span; write each span"))
    if cursor.take_sign("+"):
        cursor.ask(
            message(
                "{text}+ may stay open for longer; it is read as closing at {minutes}",
                text=text,
                minutes=clock(end.minutes),
            )
        )
    return _window(cursor, start_index, start, end)


def _refuse_sun(cursor: Cursor) -> None:
    if cursor.token.kind == "sun" or cursor.token.is_sign("("):
        cursor.refuse(message("depends on the sun; write clock times"))


def _window(cursor: Cursor, start_index: int, start: ClockTime, end: ClockTime) -> Window:
    first, last = start.minutes, end.minutes
    if first >= DAY_MIN or last > 2 * DAY_MIN or max(start.minute, end.minute) > 59:
        cursor.refuse_from(cursor.tokenized.tokens[start_index])
    if first == last and not (start.has_minutes and end.has_minutes):
        cursor.tokenized.refuse(
            cursor.tokenized.tokens[start_index],
            message("begins a span that ends when it starts; write 00:00-24:00 for a whole day"),
        )
    if first == last == 0:
        text = cursor.since(start_index)
        cursor.ask(
            message(
                "{text} ends when it starts and is the whole day here; write 00:00-24:00 if so, else off",
                text=text,
            )
        )
    return Window(first, last if last > first else last + DAY_MIN)


def _time(cursor: Cursor) -> ClockTime:
    if _is_half(cursor.token, before=False):
        cursor.refuse(message("stands before its time; write it behind, as in 9 am, or write 09:00"))
    half = cursor.take().kind if cursor.token.kind in _HALVES else ""
    if cursor.token.kind in ("noon", "midnight"):
        return ClockTime(12, 0, "afternoon" if cursor.take().kind == "noon" else "morning")
    token = cursor.token
    if not is_at_time(cursor) or token.kind != "number":
        cursor.refuse_from()
    if _has_a_zero_more(token):
        cursor.ask(
            message(
                "{text!r} has a digit too many and is read as {number:02}",
                text=token.text,
                number=token.number,
            )
        )
    hour = cursor.take().number
    has_minutes = cursor.token.is_sign(":", ".")
    minute = _minute(cursor)
    before = bool(half)
    if _is_half(cursor.token, before=False):
        if before:
            cursor.refuse_from()
        half = cursor.take().kind
    if cursor.token.kind == "hour":
        cursor.take()
    if half and hour > 12:
        if half == "morning" or hour > 24:
            cursor.refuse_from(token)
        if not before:
            cursor.ask(message("{hour} pm is read as {hour}:{minute:02}", hour=hour, minute=minute))
        half = ""
    return ClockTime(hour, minute, half, before, has_minutes)


def _is_half(token: HoursToken, *, before: bool) -> bool:
    """Whether it is am or pm, behind a time; or 上午, 오후 and the like, which stand before theirs."""
    return token.kind in _HALVES and (token.text >= "\u2e80") == before


def _minute(cursor: Cursor) -> int:
    ahead = cursor.ahead()
    if (
        cursor.token.is_sign(":", ".")
        and ahead.kind == "number"
        and not (ahead.gap and cursor.token.text == ".")
    ):
        cursor.take()
        token = cursor.take()
        if len(token.text) > 2 and token.number:
            cursor.refuse_from(token)
        if len(token.text) > 2:
            cursor.ask(
                message(
                    "':{text}' has more than two digits for the minutes and is read as :00", text=token.text
                )
            )
        if len(token.text) == 1:
            cursor.ask(
                message(
                    "':{text}' has one digit for the minutes and is read as :{number:02}",
                    text=token.text,
                    number=token.number,
                )
            )
        return token.number
    if cursor.token.kind == "hour":
        cursor.take()
        if cursor.token.kind == "half":
            cursor.take()
            return 30
        if cursor.token.kind == "number" and not cursor.token.gap and len(cursor.token.text) == 2:
            return cursor.take().number
    return 0


def _in_halves(
    cursor: Cursor, start_index: int, start: ClockTime, end: ClockTime
) -> tuple[ClockTime, ClockTime]:
    """Give both ends of "9-5pm" and "下午2:00-5:00" their half of the day where only one makes sense."""
    text = cursor.since(start_index)
    unclear = message("{text!r} can mean two spans; write both ends as in 09:00-17:00", text=text)
    if start.half == end.half == "" or (start.half and end.half):
        return start, end
    if start.half and start.before:  # the word before the first time holds for the second, too
        later = ClockTime(end.hour, end.minute, start.half if end.hour < 12 else "")
        plain = ClockTime(end.hour, end.minute)
        return start, next(
            (clock_time for clock_time in (later, plain) if clock_time.minutes > start.minutes), plain
        )
    if start.half:
        if end.hour > 12:
            return start, end
        cursor.refuse(unclear, cursor.tokenized.tokens[start_index])
    if start.hour > 12:
        return start, end
    same = ClockTime(start.hour, start.minute, end.half if 1 <= start.hour <= 12 else "")
    plain = start if start.hour != 12 or end.half == "afternoon" else ClockTime(0, start.minute)
    fitting = {clock_time.minutes for clock_time in (same, plain) if clock_time.minutes < end.minutes}
    if len(fitting) != 1:
        cursor.refuse(unclear, cursor.tokenized.tokens[start_index])
    (minutes,) = fitting
    return ClockTime(minutes // 60, minutes % 60), end
