"""Commands for backups: the whole database in one file, and its restoration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.shell import Steps, database, say, show_json
from api.cli.weeks import Json

if TYPE_CHECKING:
    from adapters.maintenance.backups import BackupSummary


def register(app: typer.Typer) -> None:
    for command in (backup, restore):
        app.command()(command)


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")],
    json_: Json = False,
) -> None:
    """Copy the whole database into one file, while others write, and check the copy.

    On PostgreSQL this runs pg_dump. The file holds personal records: keep it where few can read it.

    Example: `lyceum backup lyceum-2026-11-22.backup`
    """
    from adapters.maintenance.backups import back_up

    with Steps("backing up"):
        backup_summary = back_up(database(), file)
    if json_:
        _show(backup_summary)
        return
    checked = (
        "every event in it was read" if backup_summary.folded else "restore it somewhere to be sure of it"
    )
    say(f"{backup_summary.file}: {backup_summary.events:,} events, {backup_summary.size:,} bytes; {checked}")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that lyceum backup wrote.")],
    replace: Annotated[bool, typer.Option(help="Lose what the database holds now.")] = False,
    json_: Json = False,
) -> None:
    """Put a backup in the place of an empty database, and make the read models again; stop the server first.

    Example: `lyceum --db sqlite:///city.db restore lyceum-2026-11-22.backup`
    """
    from adapters.maintenance import backups

    with Steps("restoring"):
        backup_summary = backups.restore(database(), file, replace=replace)
    if json_:
        _show(backup_summary)
        return
    say(
        f"{backup_summary.file}: {backup_summary.events:,} events are back, and the read models were made again"
    )


def _show(summary: BackupSummary) -> None:
    show_json(
        {
            "file": str(summary.file),
            "events": summary.events,
            "bytes": summary.size,
            "folded": summary.folded,
        }
    )
