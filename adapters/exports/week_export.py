"""Export of a released week: pages, calendars and tables in one folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from adapters.application.unit_of_work import Repository
from adapters.exports.agendas import until_release
from adapters.exports.edition import WeekEdition, edition_of
from adapters.exports.export_folder import write_folder
from adapters.exports.export_wording import Wording, wording_of
from adapters.exports.html_pages import pages
from adapters.exports.icalendars import calendars
from adapters.exports.timetable_tables import csv_bytes, session_rows, venue_rows
from adapters.exports.workbook_writer import xlsx_bytes
from adapters.queries.volunteer_queries import volunteers_by_id
from adapters.store.streams import CATALOGUE
from adapters.week.week_snapshot import WeekSnapshot, release_of, snapshot_of
from domain.catalogue import CATALOGUE as CATALOGUE_ID
from domain.catalogue import FIELD
from domain.effective_dates import held_on

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What of a week is exported.

    Attributes
    ----------
    release
        The number of the release; None: the latest. The calendars too say what was known with that release.
    with_names
        Whether volunteers' names go into the tables, on their own sheets and into their own calendar's name.
    language
        "en" or "zh"; None: the main language of the area's name, English where there are no words in it.
    """

    release: int | None = None
    with_names: bool = False
    language: str | None = None


def write_week(
    repository: Repository,
    area_id: UUID,
    week: str,
    out: Path,
    options: ExportOptions | None = None,
    *,
    progress: Progress | None = None,
    tell: Callable[[Sequence[str]], object] = list,
) -> list[Path]:
    """Write everything of a released week into `out` and return the files that changed, none at a second run.

    Parameters
    ----------
    progress
        Told after each file: how many are written, of how many.
    tell
        Told once what could not be written, in sentences; `left-out.txt` in the folder says it too.
    """
    edition = week_edition(repository, area_id, week, options)
    about = {
        "area": edition.snapshot.area.key,
        "week": week,
        "release": edition.release.number,
        "language": edition.wording.language,
    }
    files = files_of(edition)
    tell(edition.left_out.sentences)
    return write_folder(out, files, about, progress)


def week_edition(
    repository: Repository, area_id: UUID, week: str, options: ExportOptions | None = None
) -> WeekEdition:
    """A release of a week, ready to be written as files."""
    options = options or ExportOptions()
    snapshot = snapshot_of(repository.views, area_id, week)
    return edition_of(
        until_release(snapshot, release_of(snapshot, options.release).number),
        wording_for(repository, snapshot, options.language),
        names_of(repository) if options.with_names else {},
    )


def wording_for(repository: Repository, snapshot: WeekSnapshot, language: str | None) -> Wording:
    catalogue = repository.views.get(CATALOGUE, CATALOGUE_ID)
    return wording_of(language or main_language(snapshot), catalogue.entries if catalogue else FIELD)


def main_language(snapshot: WeekSnapshot) -> str:
    names = held_on(snapshot.area.names, snapshot.day) or snapshot.area.names[0].value
    return names[0][0]


def names_of(repository: Repository) -> dict[UUID, str]:
    """Volunteers' names by id; a merged record has the name of the one that took its place."""
    names = {id: record.name for id, record in repository.people().items() if record.name}
    volunteers = volunteers_by_id(repository.views)
    for volunteer in volunteers.values():
        last = volunteer
        while last.merged_into is not None and last.merged_into in volunteers:
            last = volunteers[last.merged_into]
        if last is not volunteer and last.id in names:
            names[volunteer.id] = names[last.id]
    return names


def files_of(edition: WeekEdition) -> dict[str, bytes]:
    """Every file of the week by its path in the folder."""
    snapshot, wording = edition.snapshot, edition.wording
    left_out = edition.left_out
    for sentence in snapshot.left_out or ():
        left_out.note(sentence)
    rows = session_rows(snapshot, edition.session_views, wording, left_out, edition.names)
    summary = venue_rows(snapshot, edition.session_views, wording, left_out)
    workbook = xlsx_bytes(rows, summary, wording, title=edition.title, released=edition.release.at)
    calendar_files = calendars([snapshot], wording, names=edition.names, held=edition.held, left_out=left_out)
    return {
        **{f"calendars/{path}": content for path, content in calendar_files.items()},
        **pages(edition),
        "timetable.csv": csv_bytes(rows),
        "timetable.xlsx": workbook,
        **left_out.file(),
    }
