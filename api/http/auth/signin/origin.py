"""Decide from where a request comes: which address asks, and whether a page of this site sent it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from starlette.requests import Request

from adapters.access.mail import is_here
from api.http.settings import Network

UNKNOWN = "unknown"


def client_of(request: Request, proxies: Iterable[Network]) -> str:
    """Who asks, for counting: an address, or the /64 of one in IPv6, where one subscriber has all of it.

    X-Forwarded-For is read from its end, and only as far as the configuration trusts who wrote it.
    """
    trusted = tuple(proxies)
    found = _address(request.client.host if request.client else "")
    told = ",".join(request.headers.getlist("x-forwarded-for")).split(",") if trusted else []
    while found and told and any(found in network for network in trusted):
        found = _address(told.pop().strip())
    if found is None:
        return UNKNOWN
    if isinstance(found, IPv6Address):
        return str(ip_network((int(found) >> 64 << 64, 64)))
    return str(found)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def is_from_here(request: Request, public_url: str) -> bool:
    """Whether a page of this site sent it, as the browser says; one that says neither is judged by its token alone."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is None or _place(origin) == _place(public_url)


def _place(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port; this machine has several names."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "", "", None
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, "localhost" if is_here(host) else host, port or usual


def token_for(secret: str) -> str:
    """What a page shows to prove that it could read it: made from the cookie, which it cannot be turned back into."""
    return hashlib.sha256(f"csrf\0{secret}".encode()).hexdigest()[:43]


def is_token_for(secret: str, token: str | None) -> bool:
    return token is not None and hmac.compare_digest(token_for(secret).encode(), token.encode())
