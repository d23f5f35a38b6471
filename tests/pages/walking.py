"""The addresses of all declared pages over the small town, inside and outside of what a person answers for."""

from __future__ import annotations

import re

from api.pages.routes import DeclaredPage
from tests.adapters.town import WEEK

# What the parameters of addresses stand for in the two streets of the town.
INSIDE = {"area": "river", "venue": "school", "room": "hall", "volunteer": "wang", "request": "r-brush"}
OUTSIDE = {"area": "hill", "venue": "library", "room": "reading", "volunteer": "li", "request": "r-phone"}
ELSEWHERE = {
    "who": "volunteer",
    "calendar": "CN",
    "format": "csv",
    "week": WEEK,
    "kind": "venues",
    "code": "arts",
    "closure": "0c7a6d3e-0000-4000-8000-000000000001",
    "feed": "0c7a6d3e-0000-4000-8000-000000000001",
    "token": "0123456789abcdef",
}
PARAMETER = re.compile(r"\{(\w+)\}")


def address(page: DeclaredPage, values: dict[str, str], account: str) -> str:
    """The address of a page with these values for its parameters."""
    known = {**ELSEWHERE, **values, "account": account}
    if page.path.startswith("/catalogue"):
        known["kind"] = "function"
    return PARAMETER.sub(lambda match: known[match[1]], page.path)


def names_part(page: DeclaredPage) -> bool:
    """Whether the address names a record that lies in a part of the network."""
    return bool(set(PARAMETER.findall(page.path)) & INSIDE.keys())
