"""Tokens of forms: against forgery (CSRF), against doing a thing twice, and against overwriting newer changes.

A page is compressed and repeats what people typed, so a secret that stood in it unchanged could be guessed byte by byte
from the length of the answers (BREACH). The CSRF token is masked anew for each response instead.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets

PARTS = 2


def masked(token: str) -> str:
    """The token under a random mask of its length, with the mask before it."""
    plain = token.encode()
    mask = secrets.token_bytes(len(plain))
    return base64.urlsafe_b64encode(mask + _xor(plain, mask)).decode().rstrip("=")


def is_masked(text: str, token: str) -> bool:
    """Whether that is the token under some mask."""
    try:
        content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return False
    half = len(content) // PARTS
    return hmac.compare_digest(_xor(content[half:], content[:half]), token.encode())


def new_key() -> str:
    """An Idempotency-Key for a form: sent twice, reloaded or sent after Back, it does one thing."""
    return secrets.token_urlsafe(18)


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=False))
