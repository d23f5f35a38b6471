"""Origin of a request: which network address asks, and whether a page of this site sent it (against CSRF)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
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
    address = _address(request.client.host if request.client else "")
    forwarded = ",".join(request.headers.getlist("x-forwarded-for")).split(",") if trusted else []
    while address and forwarded and any(address in network for network in trusted):
        address = _address(forwarded.pop().strip())
    if address is None:
        return UNKNOWN
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address) >> 64 << 64, 64)))
    return str(address)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def is_from_here(request: Request, public_url: str) -> bool:
    """Whether a page of this site sent it, as the browser says; one that says neither is judged by its token alone."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is None or _site(origin) == _site(public_url)


def _site(url: str) -> tuple[str, str, int | None]:
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


def masked_token_for(secret: str) -> str:
    """The token under a random mask of its length, with the mask before it.

    A page is compressed and repeats what people typed, so a token that stood in it unchanged could be guessed byte by
    byte from the length of the answers (BREACH).
    """
    plain = token_for(secret).encode()
    mask = secrets.token_bytes(len(plain))
    return base64.urlsafe_b64encode(mask + _xor(plain, mask)).decode().rstrip("=")


def is_token_for(secret: str, token: str | None) -> bool:
    """Whether it is the token of the cookie, as it is or under some mask."""
    if token is None:
        return False
    plain = token_for(secret).encode()
    return hmac.compare_digest(plain, token.encode()) or hmac.compare_digest(plain, _unmasked(token))


def _unmasked(token: str) -> bytes:
    try:
        content = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return b""
    half = len(content) // 2
    return _xor(content[half:], content[:half])


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=False))
