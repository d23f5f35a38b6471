"""Options that change a problem's goals: tolerances, and a minimum for each community."""

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


def tolerances(texts: list[str] | None) -> dict[str, float]:
    """The share of each goal, read from texts such as `served=0.01`."""
    shares = {}
    for text in texts or ():
        goal, _, share = text.partition("=")
        try:
            shares[goal] = float(share)
        except ValueError:
            raise Usage(f"--tolerance {text!r} must be GOAL=SHARE, such as served=0.01") from None
    return shares


def goal_keys(tolerance: list[str] | None, *, minimum: bool) -> dict[str, Any]:
    """The keys of a problem document that the options set; those that are not given are left out."""
    keys: dict[str, Any] = {"tolerance": tolerances(tolerance)} if tolerance else {}
    return keys | ({"minimum": "area"} if minimum else {})
