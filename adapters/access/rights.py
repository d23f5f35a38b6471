"""Effective rights of accounts and tokens, and of the authorities by which something was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from adapters.access.api_tokens import COLLECTION, Credential
from adapters.access.login_identities import identities_of
from adapters.queries.account_queries import accounts_by_id
from adapters.store.mapper import json_of
from adapters.store.store import Store
from adapters.store.streams import ACCOUNTS
from adapters.store.views import Views
from domain import account as accounts
from domain.account import Account, Authority, RoleGrant

ADMINISTRATOR = RoleGrant("administrator")


class Rights:
    """The lookup of `domain.account.AuthorityLookup` for one request. Rows are read once for each.

    Parameters
    ----------
    find
        The account of an id, as new as the question needs it.
    changed
        Accounts as they will be after a command.
    without
        Tokens, by hash, that a command revokes.
    """

    def __init__(
        self,
        store: Store,
        find: Callable[[UUID], Account | None],
        changed: Mapping[UUID, Account] | None = None,
        without: frozenset[str] = frozenset(),
    ) -> None:
        self._store, self._find, self._changed, self._without = store, find, dict(changed or {}), without
        self._tokens: dict[str, Credential | None] = {}
        self._claimed: dict[UUID, tuple[RoleGrant, ...]] = {}

    @classmethod
    def of_views(cls, store: Store, views: Views) -> Rights:
        """The rights of accounts as the read side has them."""
        return cls(store, lambda id: views.get(ACCOUNTS, id))

    @classmethod
    def of_events(cls, store: Store) -> Rights:
        """The rights of accounts as their events have them, where no read side is followed."""
        return cls(store, lambda id: store.load(ACCOUNTS, id))

    def after(self, *changed: Account, without: frozenset[str] = frozenset()) -> Rights:
        """What will be known after a command."""
        new = {**self._changed, **{account.id: account for account in changed}}
        return Rights(self._store, self._find, new, self._without | without)

    # ---- What `domain.account` asks

    def account(self, id: UUID) -> Account | None:
        return self._changed[id] if id in self._changed else self._find(id)

    def has_token(self, hashed: str) -> bool:
        """One whose time is over was not revoked: what was done with it meanwhile stays."""
        token = self.token(hashed)
        return token is not None and (token.parent is None or self.has_token(token.parent))

    def claimed(self, account: UUID) -> tuple[RoleGrant, ...]:
        if account not in self._claimed:
            identities = identities_of(self._store, account)
            self._claimed[account] = tuple(
                role_grant
                for identity in identities
                if identity.closed is None
                for role_grant in identity.claimed or ()
            )
        return self._claimed[account]

    # ---- What other modules ask

    def token(self, hashed: str) -> Credential | None:
        """A token that was not revoked itself, whether its time is over or not."""
        if hashed in self._without:
            return None
        if hashed not in self._tokens:
            body = self._store.rows("credentials").get(COLLECTION, hashed)
            self._tokens[hashed] = None if body is None else json_of(Credential).validate_json(body)
        return self._tokens[hashed]

    def effective_roles(self, account: Account) -> tuple[RoleGrant, ...]:
        return accounts.effective_roles(account, self)

    def is_effective(self, authority: Authority | None) -> bool:
        return accounts.is_effective(authority, self)

    def roles_of(self, authority: Authority) -> tuple[RoleGrant, ...]:
        """All that whoever acted may do today; nothing where their account is closed or their token revoked."""
        if authority.token is not None and not self.has_token(authority.token):
            return ()
        if authority.account is None:
            token = self.token(authority.token) if authority.token else None
            return () if token is None else token.grants
        account = self.account(authority.account)
        if account is None or account.closed:
            return ()
        return (*self.effective_roles(account), *self.claimed(account.id))


def administrators(store: Store, views: Views) -> list[Account]:
    """The accounts that may give out every role, by a role of their own."""
    rights = Rights.of_views(store, views)
    return [
        account
        for account in accounts_by_id(views).values()
        if accounts.is_administrator(account) and ADMINISTRATOR in rights.effective_roles(account)
    ]
