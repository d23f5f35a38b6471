"""Days far from today, which most often come from a wrong year: they are warned of."""

from __future__ import annotations

from datetime import date, timedelta

from adapters.imports.work import ImportRun

LONG_AGO = timedelta(days=3 * 366)
OVER = timedelta(weeks=26)  # what ended longer ago was meant for another year
FAR_AHEAD = timedelta(days=3 * 366)


def warn_of_day(
    work: ImportRun,
    row: int,
    column: str,
    day: date | None,
    *,
    before: timedelta | None = LONG_AGO,
    after: timedelta | None = FAR_AHEAD,
) -> None:
    """Warn of a day that lies further back, or further ahead, than is ever meant; None: as far as may be."""
    if day is None:
        return
    if after is not None and day - work.today > after:
        years = (day - work.today).days // 365
        work.odd(row, column, str(day), f"is {years} years ahead; check the year")
    elif before is not None and work.today - day > before:
        back = (work.today - day).days
        ago = f"{back // 365} years" if back >= 730 else f"{back} days"
        work.odd(row, column, str(day), f"is {ago} ago; check the year")
