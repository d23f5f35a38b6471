"""Bootstrap of the first administrator: an account that a one-time link opens, where nobody gives out roles yet."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import count

from adapters.access.api_tokens import credentials_of
from adapters.access.login_identities import all_identities
from adapters.access.login_sessions import By, Link, has_first_link, new_secret
from adapters.access.rights import ADMINISTRATOR, administrators
from adapters.application.unit_of_work import Repository, UnitOfWork, command
from adapters.services import sign_ins
from adapters.store.streams import ACCOUNTS
from domain.account import Account, account_id, grant, open_account

KEY = "p-first"
LASTS = timedelta(hours=1)


@command
def first_link(unit: UnitOfWork) -> str | None:
    """The secret of a link for the first administrator, made where there is none yet.

    While nobody has got in, each start makes a new one in its place. None where somebody gives out roles already: an
    account, the provider's word, or a token of the command line.
    """
    unit.views.catch_up()
    admins = administrators(unit.store, unit.views)
    waiting = [
        account
        for account in admins
        if account.key.startswith(KEY) and has_first_link(unit.store, account.id)
    ]
    if len(waiting) < len(admins) or _is_claimed(unit) or (not admins and _has_token(unit)):
        return None
    return make_link(unit, waiting[0] if waiting else _administrator(unit), "first")


@command
def make_link(unit: UnitOfWork, account: Account, by: By = "operator") -> str:
    """The secret of a link that signs somebody in to an account once, within the hour."""
    secret = new_secret()
    sign_ins.make_link(unit, secret, Link(account.id, by, unit.clock() + LASTS))
    return secret


def _is_claimed(repository: Repository) -> bool:
    """Whether somebody came in whom the provider calls an administrator."""
    identities = all_identities(repository.store)
    return any(
        ADMINISTRATOR in (identity.claimed or ()) for identity in identities if identity.closed is None
    )


def _has_token(repository: Repository) -> bool:
    now = repository.clock()
    return any(
        held.role == "administrator" and (credential.expires is None or now < credential.expires)
        for _, credential in credentials_of(repository.store)
        for held in credential.grants
    )


def _administrator(unit: UnitOfWork) -> Account:
    """The account of the first administrator, opened where there is none; of two at once one loses the race."""
    keys = (KEY if number == 1 else f"{KEY}-{number}" for number in count(1))
    loaded = ((key, unit.load(ACCOUNTS, account_id(key))) for key in keys)
    key, present = next((key, account) for key, account in loaded if account is None or not account.closed)
    if present is None:
        unit.commit(open_account(None, unit.metadata(), key))
    return unit.decide(ACCOUNTS, account_id(key), partial(grant, role_grant=ADMINISTRATOR))
