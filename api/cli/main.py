"""Entry point of the command line: its global options, its commands, and errors as exit codes.

Exit codes: 0 done, 1 refused (nothing was changed), 2 wrong usage, 3 warnings to accept first, 4 somebody else was
faster, 5 no usable database, 70 a mistake of the program, 130 stopped.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import version as version_of
from typing import Annotated

import typer

from api.cli import (
    adjustments,
    areas,
    backups,
    branches,
    changes,
    closures,
    data,
    demo,
    explanations,
    history,
    repairs,
    sample_site,
    serving,
    weeks,
    workers,
)
from api.cli.shell import Exit, Usage, by_keys, errors, holds_password, utf8_output
from domain.messages import message

app = typer.Typer(
    name="lyceum",
    help=(
        "Plan community education: rooms that hosts lend, hours that volunteers offer, courses that communities "
        "order, one released timetable a week.\n\n"
        "A first week: `lyceum init`, then `lyceum import network areas.csv` (and venues, rooms, hours, volunteers, "
        "requests), `lyceum plan`, `lyceum report`, `lyceum release`, `lyceum export week`.\n\n"
        "Each command has a `--help` with an example."
    ),
    epilog=(
        "Exit codes: 0 done; 1 refused, nothing was changed; 2 wrong usage; 3 warnings to accept first; "
        "4 somebody else was faster, try again; 5 no usable database; 70 a mistake of the program; 130 stopped."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


def _version(show: bool) -> None:
    if show:
        typer.echo(f"lyceum {version_of('lyceum-scheduler')}")
        raise typer.Exit


@app.callback()
def options(
    db: Annotated[
        str | None,
        typer.Option(
            help="Database: sqlite:///file.db or postgresql://user@host/name; a password goes into "
            "LYCEUM_DATABASE or a PGPASSFILE. Default: LYCEUM_DATABASE, else sqlite:///lyceum.db."
        ),
    ] = None,
    actor: Annotated[
        str | None,
        typer.Option(
            help="Who gives the command: an id that events carry, never a name. Default: LYCEUM_ACTOR."
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Set what holds for every command."""
    del version
    if db and holds_password(db):
        raise Usage(
            message(
                "everybody on this machine can read a password on the command line; put the address into "
                "LYCEUM_DATABASE, or leave the password out and put it into ~/.pgpass (PGPASSFILE names "
                "another file)"
            )
        )
    if db:
        os.environ["LYCEUM_DATABASE"] = db
    if actor:
        os.environ["LYCEUM_ACTOR"] = actor


data.register(app)
closures.register(app)
changes.register(app)
weeks.register(app)
explanations.register(app)
adjustments.register(app)
repairs.register(app)
areas.register(app)
branches.register(app)
history.register(app)
backups.register(app)
serving.register(app)
workers.register(app)
demo.register(app)
sample_site.register(app)


def main() -> None:
    """Run the command line; an error is one sentence with the next step, never a traceback."""
    utf8_output()
    os.environ["PYTHONSAFEPATH"] = "1"  # no process that this one begins imports from the current folder
    try:
        app()
    except KeyboardInterrupt:
        errors.print("lyceum: stopped; nothing more was changed")
        raise SystemExit(Exit.STOPPED) from None
    except BrokenPipeError:
        os._exit(Exit.DONE)  # the reader of the pipe has seen enough
    except Exception as error:
        known = sentence_of(error)
        if known is None and os.environ.get("LYCEUM_DEBUG"):
            raise
        if known is None:
            sentence = f"this is a mistake of the program, not yours ({type(error).__name__}: {error})"
            known = f"{sentence}; run it again with LYCEUM_DEBUG=1 and report what it prints", Exit.MISTAKE
        errors.print(f"lyceum: {by_keys(known[0], sys.argv[1:])}", markup=False)
        raise SystemExit(known[1]) from None


def sentence_of(error: Exception) -> tuple[str, Exit] | None:
    """The message and exit code of an error; None for a mistake of the program itself."""
    from adapters.store.database_addresses import BadDatabaseURL
    from adapters.store.event_names import UnknownEvent
    from adapters.store.store import DATABASE_FAULTS, Conflict
    from domain.calendar import NotAWeek, NotAZone, OutOfCalendar
    from domain.events import Refused
    from domain.windows import EmptyWindow, NotATime
    from scheduler import MalformedDocument

    match error:
        case Conflict():
            return str(error), Exit.CONFLICT
        case BadDatabaseURL() | UnknownEvent():
            return str(error), Exit.DATABASE
        case (
            Refused()
            | NotAWeek()
            | OutOfCalendar()
            | NotAZone()
            | NotATime()
            | EmptyWindow()
            | MalformedDocument()
        ):
            return str(error), Exit.REFUSED
        case _ if isinstance(error, DATABASE_FAULTS):
            return (
                f"the database does not answer ({error}); check that it runs, and its address",
                Exit.DATABASE,
            )
        case OSError():
            what = error.strerror or str(error)
            return f"{error.filename or 'a file'}: {what}; check the path and your rights to it", Exit.REFUSED
    return None


if __name__ == "__main__":
    main()
