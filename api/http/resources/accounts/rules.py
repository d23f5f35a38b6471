"""Authorization of commands about accounts: who may do what with which account."""

from __future__ import annotations

from dataclasses import replace

from adapters.access.delegation import may_grant, target_of_role
from adapters.access.login_identities import identities_of
from adapters.access.rights import ADMINISTRATOR
from adapters.queries.natural_keys import ident
from adapters.services.accounts import Renewal
from adapters.services.role_changes import watch_entries
from adapters.store.streams import ACCOUNTS
from api.http.errors import HttpProblem
from api.http.framework.contexts import CommandContext, RequestContext
from api.http.resources.accounts.schemas import ChangedAccount
from domain import account as decide
from domain.account import Authority, RoleGrant, account_id
from domain.events import NotThere
from domain.messages import message


def unknown(key: str) -> NotThere:
    return NotThere(
        message("there is no account {key}; check the number that its owner sees at /sign-in", key=key[:80])
    )


def may_give(context: RequestContext, granted: RoleGrant) -> None:
    context.within(target_of_role(context.views(), granted))
    if not may_grant(context.caller.grants, granted, context.views(), context.today):
        raise HttpProblem(
            "not-allowed", message("you may not give the role {role}, or not there", role=granted.role)
        )


def subject_account(context: CommandContext, key: str) -> decide.Account:
    """The account that a command is about. Raises NotThere."""
    id = ident(key, account_id)
    watch_entries(context.unit, id)
    account = context.unit.load(ACCOUNTS, id)
    if account is None:
        raise unknown(key)
    return account


def giving(context: RequestContext, granted: RoleGrant) -> Authority:
    """The authority by which a role is given: of the caller's roles those that include it."""
    return context.authority(
        lambda role_grant: may_grant([role_grant], granted, context.views(), context.today)
    )


def renewal(context: CommandContext) -> Renewal:
    """The authority by which the caller gives again what would end with somebody else's right."""

    def authority(granted: RoleGrant) -> Authority | None:
        may = may_grant(context.caller.grants, granted, context.views(), context.today)
        return giving(context, granted) if may else None

    return authority


def whole_account(context: CommandContext, key: str) -> decide.Account:
    """An account that the caller may do anything with: who can open a way into it gets all of its roles.

    What a provider will vouch for shows in no role, so an account that it signs in is for administrators.
    """
    account = subject_account(context, key)
    if not account.grants or _is_of_provider(context, account):
        context.within(target_of_role(context.views(), ADMINISTRATOR))
        if not context.is_administrator:
            raise HttpProblem(
                "not-allowed", message("this is for administrators: a provider signs in to that account")
            )
    for role_grant in account.grants:
        may_give(context, role_grant)
    context.match(account.version)
    return account


def _is_of_provider(context: RequestContext, account: decide.Account) -> bool:
    return any(
        login_identity.kind == "provider"
        for login_identity in identities_of(context.app_state.lyceum.store, account.id)
    )


def needs_no_consent(context: CommandContext, account: decide.Account, authority: Authority) -> bool:
    """Whether a role may be given without asking: by an administrator, to oneself, or to an account that one opened.

    The last as long as nobody else has given it more than the caller could.
    """
    caller = context.caller
    if context.is_administrator or (caller.account == account.id and caller.sign_in is not None):
        return True
    opener = account.opened
    if opener is None or (opener.account, opener.token if opener.account is None else None) != (
        authority.account,
        authority.token if authority.account is None else None,
    ):
        return False
    held = (*account.grants, *(offer.granted for offer in account.offers))
    own = all(may_grant(caller.grants, role_grant, context.views(), context.today) for role_grant in held)
    return own and not _is_of_provider(context, account)


def sees(context: RequestContext, account: decide.Account) -> bool:
    return any(context.reaches(target_of_role(context.now, role_grant)) for role_grant in account.grants)


def within_reach(context: CommandContext, shown: ChangedAccount) -> ChangedAccount:
    """What somebody may know of an account who has only offered it a role: nothing beyond their part of the network."""

    def known(roles: tuple[RoleGrant, ...]) -> tuple[RoleGrant, ...]:
        return tuple(
            role_grant for role_grant in roles if context.reaches(target_of_role(context.now, role_grant))
        )

    return replace(shown, grants=known(shown.grants), offers=known(shown.offers))
