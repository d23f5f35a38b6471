"""Addresses that both interfaces know: where the server stands by itself, and where a link to sign in leads."""

from __future__ import annotations

AT_HOME = "http://127.0.0.1:8000"
OPEN_LINK = "/sign-in/open"


def link_address(public_url: str, secret: str) -> str:
    """Where somebody signs in once with the secret of a link."""
    return f"{public_url}{OPEN_LINK}?link={secret}"
