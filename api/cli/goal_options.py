"""The options that say what counts for more than what: tolerances of goals, and a minimum for each community."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.cli.shell import Usage

Tolerance = Annotated[
    list[str] | None,
    typer.Option(metavar="GOAL=SHARE", help="Let later goals cost a share of a goal; may be repeated."),
]
Minimum = Annotated[
    bool,
    typer.Option(
        "--minimum",
        help="First of all, one session for each community that has a request that can be served.",
    ),
]


def tolerances(given: list[str] | None) -> dict[str, float]:
    """The shares of `served=0.01` and the like."""
    found = {}
    for one in given or ():
        goal, _, share = one.partition("=")
        try:
            found[goal] = float(share)
        except ValueError:
            raise Usage(f"--tolerance {one!r} must be GOAL=SHARE, such as served=0.01") from None
    return found


def goal_keys(tolerance: list[str] | None, *, minimum: bool) -> dict[str, Any]:
    """The keys of a problem document that the options stand for; none where they were not given."""
    keys: dict[str, Any] = {"tolerance": tolerances(tolerance)} if tolerance else {}
    return keys | ({"minimum": "area"} if minimum else {})
