"""Structured log: a line for each event, as JSON or as text on a terminal; nothing personal, no secret.

What a person sent is never in it: no body, no path, no query, and of an error only its type and the lines of code that
it came through, because its message may quote what was sent. `LYCEUM_DEBUG=1` adds the messages.
"""

from __future__ import annotations

import logging
import logging.config
import re
import sys
import traceback
from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO, Literal, TypeAlias

import orjson
import structlog
from structlog.typing import FilteringBoundLogger, Processor

Level: TypeAlias = Literal["debug", "info", "warning", "error"]
Form: TypeAlias = Literal["auto", "json", "text"]
Log: TypeAlias = FilteringBoundLogger
Line: TypeAlias = MutableMapping[str, Any]

LEVELS: tuple[Level, ...] = ("debug", "info", "warning", "error")
FORMS: tuple[Form, ...] = ("auto", "json", "text")
MOST_FRAMES = 40
_USER = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]{0,30}://)[^\s/@]{0,1000}@", re.IGNORECASE)
_QUERY = re.compile(r"(?P<before>\b[a-z][a-z0-9+.-]{0,30}://[^\s?#]{0,500})[?#]\S*", re.IGNORECASE)
_WORDS = re.compile(
    r"(?P<name>\b(?:password|secret|token|authorization)\b[\"']?\s*[=:]\s*)\S+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Logging:
    """What is logged, and how: `auto` is text on a terminal and JSON elsewhere; `debug` adds the messages of errors."""

    level: Level = "info"
    form: Form = "auto"
    debug: bool = False


def configure(how: Logging) -> Log:
    """Set up the logging of libraries in this process; the log of the program, to stderr."""
    logging.config.dictConfig(settings(how))
    return log_to(sys.stderr.buffer, how)


def log_to(out: BinaryIO, how: Logging) -> Log:
    """The log of the program, written to a file."""
    log: Log = structlog.wrap_logger(
        structlog.BytesLogger(out),
        processors=[*_shared(how), _shown(how), _bytes] if _is_text(how) else [_at_once(how)],
        wrapper_class=structlog.make_filtering_bound_logger(_number(how.level)),
    ).bind()
    return log


def settings(how: Logging) -> dict[str, Any]:
    """What the standard library's logging is told, in each process that the server starts."""
    quiet = logging.getLevelName(max(_number(how.level), logging.WARNING))
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lyceum": {"()": "api.http.observability.logs.formatter", "how": how}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lyceum"}},
        "root": {"handlers": ["stderr"], "level": quiet},
        "loggers": {
            "uvicorn": {"level": how.level.upper()},
            "uvicorn.error": {"level": how.level.upper()},
            "uvicorn.access": {"handlers": [], "propagate": False},  # its lines hold paths and queries
        },
    }


def formatter(how: Logging) -> logging.Formatter:
    """Writes the lines of libraries as those of the program."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, *_shared(how)],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _shown(how)],
    )


def _number(level: Level) -> int:
    return logging.getLevelNamesMapping()[level.upper()]


def redacted(text: str) -> str:
    """Without the passwords and the queries of addresses, and what stands after words such as `token=`."""
    text = _USER.sub(r"\g<scheme>…@", text)
    text = _QUERY.sub(r"\g<before>?…", text)
    return _WORDS.sub(r"\g<name>…", text)


def trace_of(error: BaseException, *, debug: bool = False) -> str:
    """The types of an error and of its causes, each with the lines of code that it came through; no values."""
    blocks: list[str] = []
    current: BaseException | None = error
    while current is not None and len(blocks) < 10:
        said = f": {redacted(str(current))}" if debug and str(current) else ""
        frames = traceback.format_list(traceback.extract_tb(current.__traceback__)[-MOST_FRAMES:])
        blocks.append("".join(frames) + f"{type(current).__module__}.{type(current).__qualname__}{said}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\nafter\n".join(blocks)


def _at_once(how: Logging) -> Processor:
    """A line of the program as JSON in one step: there is one for each request."""

    def dumped(_logger: Any, method: str, line: Line) -> bytes:
        if line.get("exc_info") is not None:
            _tell_error(line, how)
        line.pop("exc_info", None)
        first = {"at": datetime.now(UTC), "level": method, "event": line.pop("event")}
        return orjson.dumps({**first, **line}, default=str, option=orjson.OPT_UTC_Z)

    return dumped


def _tell_error(line: Line, how: Logging) -> None:
    exception = line.pop("exc_info", None)
    error = (
        exception[1] if isinstance(exception, tuple) else sys.exception() if exception is True else exception
    )
    if isinstance(error, BaseException):
        line["error"] = f"{type(error).__module__}.{type(error).__qualname__}"
        line["exception"] = trace_of(error, debug=how.debug)


def _shared(how: Logging) -> tuple[Processor, ...]:
    def no_values(_logger: Any, _method: str, line: Line) -> Line:
        _tell_error(line, how)
        if "_record" in line:  # a library's line, whose words are its own
            line["event"] = redacted(str(line["event"]))
        return line

    timestamp = structlog.processors.TimeStamper(fmt="iso", utc=True, key="at")
    return structlog.processors.add_log_level, timestamp, no_values


def _is_text(how: Logging) -> bool:
    return how.form == "text" or (how.form == "auto" and sys.stderr.isatty())


def _shown(how: Logging) -> Processor:
    if _is_text(how):
        return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), timestamp_key="at")
    return _json


def _json(_logger: Any, _method: str, line: Line) -> str:
    first = {"at": line.pop("at"), "level": line.pop("level"), "event": line.pop("event")}
    return orjson.dumps({**first, **line}, default=str).decode()


def _bytes(_logger: Any, _method: str, line: Any) -> bytes:
    return str(line).encode(errors="replace")
