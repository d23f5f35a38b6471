"""Callers: who gives a command or asks, and the roles that they hold."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from domain.account import RoleGrant


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the id that events carry, and what was granted. Nobody in particular is `public`.

    `account` is theirs, where they have one; `sign_in` and `token` are the hashes of what they showed. `holder` is the
    account that stands behind a token, too; `claimed` of the roles are the provider's word; `way` is how they got in.
    """

    actor: str = "public"
    grants: tuple[RoleGrant, ...] = (RoleGrant("public"),)
    account: UUID | None = None
    sign_in: str | None = None
    token: str | None = None
    holder: UUID | None = None
    claimed: tuple[RoleGrant, ...] = ()
    way: str | None = None

    @property
    def credential(self) -> str:
        """What they showed, and nobody else can; the account where a token of the provider, which is soon over."""
        return self.token or self.sign_in or str(self.account)

    @property
    def is_staff(self) -> bool:
        """Whether they answer for a part of the network, or for all of it."""
        return any(role_grant.role in ("coordinator", "administrator") for role_grant in self.grants)

    @property
    def is_public(self) -> bool:
        return self.account is None and all(role_grant.role == "public" for role_grant in self.grants)


NOBODY = Caller()
