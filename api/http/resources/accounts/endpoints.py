"""Accounts: who has which role, given and taken by who holds as much; no names, and addresses only as hashes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

from adapters.access.delegation import granted_as, may_grant
from adapters.access.login_identities import address_of, identities_of, subject_of
from adapters.access.rights import ADMINISTRATOR
from adapters.queries.account_queries import accounts as visible_accounts
from adapters.queries.natural_keys import ident
from adapters.queries.paging import Page
from adapters.services import accounts as services
from adapters.services.accounts import NewIdentity
from adapters.services.role_changes import AccountChange
from adapters.store.streams import ACCOUNTS
from api.http.errors import HttpProblem, invalid
from api.http.framework.contexts import Answer, CommandContext, RequestContext, json_response, page_response
from api.http.framework.operations import Created, Operations
from api.http.framework.parameters import Key
from api.http.framework.query_models import ListQuery
from api.http.refusals import NotSetUp
from api.http.resources.accounts.role_fields import Grant
from api.http.resources.accounts.rules import (
    giving,
    may_give,
    needs_no_consent,
    renewal,
    sees,
    subject_account,
    unknown,
    whole_account,
)
from api.http.resources.accounts.schemas import (
    CHANGED,
    EXAMPLE,
    GRANT,
    NOTHING,
    SIGN_IN,
    WAY,
    Account,
    ChangedAccount,
    ClosedWays,
    Closing,
    NewAccount,
    OpenedAccount,
    Way,
    WayIn,
    Ways,
    WaysClosed,
    Withdrawal,
    account_changed,
    account_opened,
    account_shown,
    way_shown,
)
from domain import account as accounts
from domain.account import Authority, RoleGrant, account_id
from domain.messages import message

operations = Operations("accounts")


class AccountList(ListQuery):
    sort: Literal["key", "-key"] = "key"


# ---- Reading


@operations.read(
    "/accounts",
    may="accounts.read",
    answers=Account,
    many=True,
    summary="List accounts",
    example={"items": [EXAMPLE], "next": None},
)
def list_accounts(context: RequestContext, query: AccountList) -> Answer:
    """A coordinator's list has those with a role in the own area; who has none yet is for administrators."""
    sees_all, context.judged = context.judged, True
    shown = visible_accounts(context.now, query.paging(), lambda account: sees_all or sees(context, account))
    return page_response(
        Account, Page([account_shown(account, context.rights) for account in shown.items], shown.next)
    )


@operations.read(
    "/accounts/{account}",
    may="accounts.read",
    answers=Account,
    summary="Read an account",
    example=EXAMPLE,
)
def read_account(context: RequestContext, account: Key) -> Answer:
    return json_response(account_shown(_find(context, account), context.rights))


def _find(context: RequestContext, key: str) -> accounts.Account:
    account = context.now.get(ACCOUNTS, ident(key, account_id))
    if account is None:
        raise unknown(key)
    if not context.judged:
        if not sees(context, account):
            raise HttpProblem("not-allowed", message("the account has no role in your part of the network"))
        context.judged = True
    return account


@operations.read(
    "/accounts/{account}/ways",
    may="accounts.read",
    answers=Way,
    many=True,
    summary="List the ways in to an account",
    example={"items": [WAY], "next": None},
)
def list_ways(context: RequestContext, account: Key) -> Answer:
    """That there is an address, and since when; not which."""
    return page_response(Way, Page(_open_ways(context, _find(context, account).id), None))


def _open_ways(context: RequestContext, account: UUID) -> list[Way]:
    return [
        way_shown(login_identity) for login_identity in identities_of(context.app_state.lyceum.store, account)
    ]


# ---- Opening and giving


@operations.command(
    "/accounts",
    may="accounts.write",
    answers=Created(OpenedAccount),
    summary="Open an account for somebody",
    example={"email": "host@example.org", "grants": [GRANT]},
    answer_example={**EXAMPLE, "detail": SIGN_IN["email"]},
)
def open_account(context: CommandContext, form: NewAccount) -> Answer:
    """They sign in by that address or subject. A coordinator gives a role at once, and addresses alone.

    An administrator is told where the address leads already. A coordinator is not: it leads to the new account as well.
    """
    granted = [granted_as(context.views(), grant.role, grant.within) for grant in form.grants]
    for role_grant in granted or [ADMINISTRATOR]:
        may_give(context, role_grant)
    context.match(0)
    key = services.account_key(context.app_state.ids())
    opener = _giving_all(context, granted or [ADMINISTRATOR])
    roles = [(role_grant, giving(context, role_grant)) for role_grant in granted]
    identity = _new_identity(context, form, opener)
    change = services.open_account(context.unit, key, opener, roles, identity)
    shown = account_opened(change.account, change.rights, identity.kind)
    return json_response(shown, status=201, location=f"/v1/accounts/{key}")


def _giving_all(context: CommandContext, granted: Iterable[RoleGrant]) -> Authority:
    """The authority by which all of some roles are given: of the caller's roles those that include each."""
    roles = tuple(granted)
    return context.authority(
        lambda held: all(may_grant([held], each, context.views(), context.today) for each in roles)
    )


def _new_identity(context: CommandContext, form: WayIn, authority: Authority) -> NewIdentity:
    """The login identity that a form names. An administrator is told where it leads already."""
    if (form.email is None) is (form.subject is None):
        raise invalid("body", "email", message("give one of email and subject"))
    sign_in_service, exclusive = context.app_state.sign_in_service, context.is_administrator
    if form.email is not None:
        return NewIdentity("email", address_of(form.email), sign_in_service.keys, authority, exclusive)
    if not context.is_administrator:
        raise HttpProblem(
            "not-allowed", message("only administrators add somebody of the provider; give an address")
        )
    if sign_in_service.provider is None:
        raise NotSetUp(message("no provider is set up here, so there are no subjects"))
    name = subject_of(sign_in_service.provider.settings.issuer, form.subject or "")
    return NewIdentity("provider", name, sign_in_service.keys, authority, exclusive)


@operations.command(
    "/accounts/{account}/grant",
    may="accounts.write",
    answers=ChangedAccount,
    summary="Give an account a role",
    example=GRANT,
    answer_example=CHANGED,
)
def grant_role(context: CommandContext, form: Grant, account: Key) -> Answer:
    """An administrator any; a coordinator host, volunteer and community in the own area, to accounts that they opened.

    To another account a role is offered. Ways in that were added by somebody who could not give the role end.
    """
    granted = granted_as(context.views(), form.role, form.within)
    may_give(context, granted)
    present = subject_account(context, account)
    context.match(present.version)
    authority = giving(context, granted)
    if not needs_no_consent(context, present, authority):
        raise HttpProblem(
            "consent-needed",
            message("you did not open account {present}, so its holder must agree", present=present.key),
        )
    return _changed(services.grant_role(context.unit, present.id, granted, authority))


def _changed(change: AccountChange) -> Answer:
    return json_response(account_changed(change.account, change.rights, change.ended))


# ---- Taking and closing


@operations.command(
    "/accounts/{account}/withdraw",
    may="accounts.write",
    answers=ChangedAccount,
    summary="Take a role from an account",
    example={**GRANT, "why": "has moved away"},
    answer_example={**CHANGED, "grants": []},
)
def withdraw_role(context: CommandContext, form: Withdrawal, account: Key) -> Answer:
    """At once: every sign-in and every token of the account has it no longer. The last administrator stays one.

    What the account gave to others by that role ends with it, and `ended` names them; with `keep` it goes on.
    """
    granted = granted_as(context.views(), form.role, form.within)
    may_give(context, granted)
    present = subject_account(context, account)
    context.match(present.version)
    again = renewal(context) if form.keep else None
    return _changed(services.withdraw_role(context.unit, present.id, granted, form.why, again))


@operations.command(
    "/accounts/{account}/close",
    may="accounts.write",
    answers=ChangedAccount,
    summary="Close an account",
    example={"why": "has left"},
    answer_example={**CHANGED, "closed": True},
)
def close_account(context: CommandContext, form: Closing, account: Key) -> Answer:
    """For good: sign-ins, links, tokens, feeds and waiting jobs end with it, and what was known of the address.

    What the account gave to others ends too, but with `keep`. A subject of the provider stays known, so that its owner
    is kept out, until an administrator adds it to an account again.
    """
    present = whole_account(context, account)
    again = renewal(context) if form.keep else None
    return _changed(services.close_account(context.unit, present.id, form.why, again))


# ---- Ways in


@operations.command(
    "/accounts/{account}/ways",
    may="accounts.write",
    answers=Ways,
    summary="Add a way in to an account",
    example={"email": "host@example.org"},
    answer_example={"items": [WAY]},
)
def add_way(context: CommandContext, form: WayIn, account: Key) -> Answer:
    """By who may give all of the account's roles: whoever has the way in has them. A second way is for administrators.

    Added again, a way counts as yours; it stays where the account gains a role that you may give.
    """
    present = whole_account(context, account)
    identity = _new_identity(context, form, _giving_all(context, present.grants))
    added = services.add_login_identity(
        context.unit, present.id, identity, only_first=not context.is_administrator
    )
    ways = (open_way for open_way in _open_ways(context, present.id) if open_way.id != added.id)
    return json_response(Ways((*ways, way_shown(added))))


@operations.command(
    "/accounts/{account}/ways/close",
    may="accounts.write",
    answers=ClosedWays,
    summary="Close ways in to an account",
    example={"ids": ["5d41402abc4b2a76"]},
    answer_example={"items": [], "ended": NOTHING},
)
def close_ways(context: CommandContext, form: WaysClosed, account: Key) -> Answer:
    """Sign-ins and tokens that came by them end. What was known of the address is erased; a subject is kept out."""
    present = whole_account(context, account)
    closed = services.close_login_identities(context.unit, present.id, form.ids)
    return json_response(ClosedWays(tuple(map(way_shown, closed.left)), closed.ended))
