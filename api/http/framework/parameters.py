"""Parameters that many operations share."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from domain.calendar import bounded_day, bounded_instant, bounded_week
from domain.messages import message

_AT: dict[str, Any] = {
    "anyOf": [{"type": "string", "pattern": "^[0-9]{1,15}$"}, {"type": "string", "format": "date-time"}]
}


def _iso_day(value: Any) -> Any:
    """Dates as 2026-12-01 alone: a number is no date."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError(message("must be a date such as 2026-12-01"))
    return value


Key = Annotated[str, Path(min_length=1, max_length=200, description="The natural key.")]
WEEK_PATTERN = r"^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$"
Week = Annotated[
    str,
    Path(pattern=WEEK_PATTERN, description="The ISO week, from 1990 to 2200.", examples=["2026-W49"]),
    AfterValidator(bounded_week),
]
WeekFilter = Annotated[str, Field(pattern=WEEK_PATTERN), AfterValidator(bounded_week)]
At = Annotated[
    str | None,
    Query(
        max_length=40,
        description="As it was: an event position, or an instant such as 2026-11-21T18:00:00Z.",
        json_schema_extra=_AT,
    ),
]

# A date from 1990 to 2200, in a query
Day = Annotated[date, BeforeValidator(_iso_day), AfterValidator(bounded_day)]

# ---- Fields of forms

DayField = Annotated[date, AfterValidator(bounded_day)]
AWeek = Annotated[str, Field(pattern=WEEK_PATTERN, examples=["2026-W49"]), AfterValidator(bounded_week)]
Instant = Annotated[AwareDatetime, AfterValidator(bounded_instant)]
NewKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$", examples=["school"])]
Word = Annotated[str, Field(min_length=1, max_length=80, pattern=r"\S")]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
Why = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"\S", description="Others will read it.")]
Point = Annotated[
    tuple[Annotated[float, Field(ge=-90, le=90)], Annotated[float, Field(ge=-180, le=180)]],
    Field(description="Latitude and longitude in degrees.", examples=[[29.4, 105.6]]),
]
