"""Warning of days far from today, which most often come from a wrong year."""

from __future__ import annotations

from datetime import date, timedelta

from adapters.imports.import_run import ImportRun
from domain.messages import message

LONG_AGO = timedelta(days=3 * 366)
OVER = timedelta(weeks=26)  # what ended longer ago was meant for another year
FAR_AHEAD = timedelta(days=3 * 366)


def warn_of_day(
    run: ImportRun,
    row: int,
    column: str,
    day: date | None,
    *,
    before: timedelta | None = LONG_AGO,
    after: timedelta | None = FAR_AHEAD,
) -> None:
    """Warn of a day more than `before` ago or more than `after` ahead; None: no limit on that side."""
    if day is None:
        return
    if after is not None and day - run.today > after:
        years = (day - run.today).days // 365
        run.odd(row, column, str(day), message("is {years} years ahead; check the year", years=years))
    elif before is not None and run.today - day > before:
        back = (run.today - day).days
        ago = message("{back} years", back=back // 365) if back >= 730 else message("{back} days", back=back)
        run.odd(row, column, str(day), message("is {ago} ago; check the year", ago=ago))
