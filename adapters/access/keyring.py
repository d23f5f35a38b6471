"""Keyed hashes (HMAC-SHA-256) of addresses and subjects, with rotation of their secrets.

The secret comes from the configuration, or on SQLite from a file next to the database, so that the database alone
gives nothing to guess from. Several secrets may be given, the newest first: the older ones still find.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from adapters.files.atomic_files import put_in_place
from adapters.store.database_addresses import file_of, parts_of
from domain.messages import message

LEAST_LENGTH = 32


class BadSecret(ValueError):
    """A secret that is too short to guard anything, or a file that holds none."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """The newest secret first; never shown."""

    secrets: tuple[bytes, ...]

    def __repr__(self) -> str:
        return f"Keyring of {len(self.secrets)}"

    def hash(self, purpose: str, value: str) -> str:
        """What is written."""
        return _hash(self.secrets[0], purpose, value)

    def hashes(self, purpose: str, value: str) -> tuple[str, ...]:
        """All that may have been written, the newest first."""
        return tuple(_hash(secret, purpose, value) for secret in self.secrets)


def _hash(secret: bytes, purpose: str, value: str) -> str:
    return hmac.new(secret, f"{purpose}\0{value}".encode(), hashlib.sha256).hexdigest()


def keyring(database: str, configured: str) -> Keyring | None:
    """The secrets that are given, separated by blanks; else those of the file beside an SQLite database.

    None where neither is there to be had (PostgreSQL without a secret). In memory each process has its own.
    """
    if configured.split():
        return checked(configured, "LYCEUM_SECRET")
    scheme = parts_of(database).scheme
    if scheme == "memory":
        return Keyring((secrets.token_bytes(32),))
    if scheme != "sqlite":
        return None
    file = Path(f"{file_of(database)}.secret")
    return checked(_secret_in(file), file.name)


def checked(text: str, where: str) -> Keyring:
    """The secrets of a text. Raises BadSecret where there is none, or one is too short to guard anything."""
    texts = text.split()
    if not texts or min(map(len, texts)) < LEAST_LENGTH:
        raise BadSecret(
            message(
                "{where} needs at least {least_length} characters; make one with: openssl rand -hex 32",
                where=where,
                least_length=LEAST_LENGTH,
            )
        )
    return Keyring(tuple(secret.encode() for secret in texts))


def _secret_in(file: Path) -> str:
    """What the file says; made first where it is not there, whole, and for its owner alone."""
    if not file.exists():
        temporary = file.with_name(f".{file.name}-{secrets.token_hex(8)}")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_hex(32) + "\n")
        put_in_place(temporary, file)
    return file.read_text()
