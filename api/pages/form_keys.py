"""Keys of forms: sent twice, reloaded or sent after Back, a form does one thing."""

from __future__ import annotations

import secrets


def new_key() -> str:
    """An Idempotency-Key, made together with the form."""
    return secrets.token_urlsafe(18)
