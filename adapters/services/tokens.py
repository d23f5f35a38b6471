"""Commands about tokens of the interface: made for a while, and revoked with all that was done by them."""

from __future__ import annotations

from collections.abc import Collection

from adapters.access.api_tokens import Credential, credential_row, credentials_of, revoked
from adapters.access.rights import ADMINISTRATOR, Rights, administrators
from adapters.application.unit_of_work import UnitOfWork, command
from adapters.services.account_uses import end_rights, merged
from adapters.services.role_changes import EndedUses, RightsSnapshot, ended_by, roles_lost
from domain.account import LastAdministrator
from domain.messages import message
from domain.quotas import MOST_TOKENS, require_fewer

PREFIX = "lyc_"  # of every secret, so that a leaked one is known for what it is


@command
def make_token(unit: UnitOfWork, secret: str, credential: Credential, *, rationed: bool = False) -> None:
    """Make a token of a secret. With `rationed` its actor may have only so many. Raises QuotaReached."""
    if rationed:
        now, own = unit.clock(), credentials_of(unit.store, credential.actor)
        valid = sum(present.expires is None or present.expires > now for _, present in own)
        require_fewer(
            valid, MOST_TOKENS, message("your account"), message("valid tokens"), message("revoke some first")
        )
    unit.commit((), [credential_row(secret, credential)])


@command
def revoke_tokens(unit: UnitOfWork, hashes: Collection[str]) -> EndedUses:
    """Revoke tokens, by hash, at once: with those made with them, feeds, waiting jobs, and roles that they gave.

    Raises LastAdministrator.
    """
    snapshot = RightsSnapshot.of(unit)
    over = {
        hashed
        for hashed, credential in credentials_of(unit.store)
        if hashed in hashes or credential.parent in hashes
    }
    rights = snapshot.rights.after(without=frozenset(over))
    lost = roles_lost(snapshot, rights)
    _refuse_last_administrator(snapshot, rights)
    ended = merged([*map(revoked, over), *end_rights(unit.store, snapshot.metadata.at, rights)])
    unit.commit((), ended)
    return ended_by(ended, lost)


def _refuse_last_administrator(snapshot: RightsSnapshot, rights: Rights) -> None:
    """Where accounts give out roles one of them goes on to."""
    present = administrators(snapshot.store, snapshot.views)
    if present and not any(ADMINISTRATOR in rights.effective_roles(account) for account in present):
        raise LastAdministrator(
            message(
                "every administrator was made one with this token; make one otherwise first, then revoke it"
            )
        )
