"""Queries about accounts."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from adapters.queries.paging import Page, Paging, Visible, page
from adapters.store.streams import ACCOUNTS
from adapters.store.views import Views
from domain.account import Account, RoleGrant


def _key(account: Account) -> str:
    return account.key


def accounts(views: Views, paging: Paging, visible: Visible) -> Page[Account]:
    """Accounts that the caller may see, in order of their keys. Raises BadCursor."""
    return page(filter(visible, views.all(ACCOUNTS)), {"key": _key}, _key, paging)


def accounts_by_id(views: Views) -> Mapping[UUID, Account]:
    """All of them in order of id, not to be changed."""
    return views.collection(ACCOUNTS)


def all_accounts(views: Views) -> list[Account]:
    """In order of their keys."""
    return sorted(views.all(ACCOUNTS), key=_key)


def accounts_with(views: Views, role: RoleGrant) -> tuple[str, ...]:
    """The keys of the accounts that are open and have a role of their own, in order."""
    return tuple(
        account.key for account in all_accounts(views) if not account.closed and role in account.grants
    )
