"""ETags and preconditions: the version that a client knows, and whether it is still so (RFC 9110, section 13)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b

from api.http.errors import HttpProblem, invalid
from domain.messages import message

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_LIST = re.compile(rf"\s*(?:\*|{_TAG.pattern}(?:\s*,\s*{_TAG.pattern})*)\s*")


def of_version(version: int) -> str:
    """The strong tag of a stream's state."""
    return f'"{version}"'


def of_content(body: bytes) -> str:
    """The weak tag of something that many streams make up."""
    return f'W/"{blake2b(body, digest_size=12).hexdigest()}"'


def matches(header: str | None, etag: str) -> bool:
    """Whether If-None-Match names the tag, compared weakly."""
    if header is None:
        return False
    named = {tag[1] for tag in _TAG.findall(header)}
    return header.strip() == "*" or etag.removeprefix("W/").strip('"') in named


def http_date(moment: datetime) -> str:
    """An instant as HTTP writes it, to the second."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def not_since(header: str | None, modified: str | None) -> bool:
    """Whether nothing changed since the date in If-Modified-Since; one that is none says nothing."""
    if header is None or modified is None:
        return False
    try:
        known = parsedate_to_datetime(header)
    except ValueError:
        return False
    return known.tzinfo is not None and parsedate_to_datetime(modified) <= known


def check(header: str | None) -> None:
    """Refuse an If-Match that is none."""
    if header is not None and not _LIST.fullmatch(header):
        raise invalid("header", "If-Match", message('must be * or entity tags such as "7"'))


def require(header: str | None, version: int) -> None:
    """Refuse where If-Match names other versions; `version` 0 is what is not there yet."""
    if header is None:
        return
    strong = {tag for weak, tag in _TAG.findall(header) if not weak}
    if (header.strip() == "*" and version) or str(version) in strong:
        return
    raise HttpProblem(
        "changed-meanwhile",
        message(
            "it is at version {version} now, and If-Match says {header}", version=version, header=header[:80]
        ),
    )
