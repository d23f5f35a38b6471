"""Accounts of a sample site: one for each kind of person, opened where it is missing, with a link that signs in once.

They belong to a database of made-up people alone: whoever can start the site may be anybody in it.
"""

from __future__ import annotations

from functools import partial

from adapters.application.unit_of_work import Repository, UnitOfWork, command
from adapters.services.bootstrap_admin import make_link
from adapters.store.streams import ACCOUNTS
from domain.account import RoleGrant, account_id, grant, open_account

PREFIX = "p-sample-"


def is_sample(repository: Repository) -> bool:
    """Whether the database was made for a sample site."""
    return repository.views.get(ACCOUNTS, account_id(PREFIX + "coordinator")) is not None


@command
def sample_link(unit: UnitOfWork, granted: RoleGrant) -> str:
    """The secret of a link for the sample's account with that role; it works once, within an hour."""
    key = PREFIX + granted.role
    account = unit.load(ACCOUNTS, account_id(key))
    if account is None:
        unit.commit(open_account(None, unit.metadata(), key))
    if account is None or granted not in account.grants:
        account = unit.decide(ACCOUNTS, account_id(key), partial(grant, role_grant=granted))
    return make_link(unit, account)
