"""Cookies for the secrets of a browser, out of reach of scripts and of other sites.

Over https the names begin with `__Host-`, which browsers take with `Secure`, without `Domain` and for the whole site
alone. On this machine, over http, nothing leaves it, and some browsers would refuse `Secure`.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from starlette.requests import Request
from starlette.responses import Response

Name: TypeAlias = Literal["lyceum", "lyceum-form", "lyceum-start", "lyceum-next"]
SIGN_IN: Name = "lyceum"
FORM: Name = "lyceum-form"  # what a form must repeat before anybody is signed in
START: Name = "lyceum-start"  # who went to the provider
NEXT: Name = "lyceum-next"  # the page to show after signing in


def _full(name: Name, public_url: str) -> str:
    return f"__Host-{name}" if public_url.startswith("https:") else name


def read(request: Request, name: Name, public_url: str) -> str | None:
    """None where there is none; most requests have no cookies at all."""
    return request.cookies.get(_full(name, public_url)) if "cookie" in request.headers else None


def write(response: Response, name: Name, value: str, public_url: str, seconds: int) -> None:
    response.set_cookie(
        _full(name, public_url),
        value,
        max_age=seconds,
        path="/",
        secure=public_url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )


def erase(response: Response, name: Name, public_url: str) -> None:
    response.delete_cookie(
        _full(name, public_url),
        path="/",
        secure=public_url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )


def erasing(name: Name, public_url: str) -> str:
    """The header Set-Cookie that erases it."""
    response = Response()
    erase(response, name, public_url)
    return response.headers["set-cookie"]
