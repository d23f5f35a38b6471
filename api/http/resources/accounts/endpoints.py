"""Accounts: who has which role, given and taken by who holds as much; no names, and addresses only as hashes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Literal
from uuid import UUID

from adapters.access.login_identities import Kind as WayKind
from adapters.access.login_identities import LoginIdentity as KeptWay
from adapters.access.login_identities import (
    address_of,
    find_identities,
    identities_of,
    new_identity,
    put_identity,
    subject_of,
)
from adapters.access.login_sessions import Writes, change_row
from adapters.access.rights import ADMINISTRATOR, Rights
from adapters.queries.account_queries import accounts, accounts_by_id
from adapters.queries.natural_keys import ident
from adapters.queries.paging import Page
from adapters.services.account_uses import end_account, end_identities, end_rights, merged
from adapters.store.rows import ABSENT, Row
from adapters.store.streams import ACCOUNTS
from api.http.auth.delegation import granted_as, may_grant
from api.http.auth.role_consequences import Look, ended_by, roles_lost
from api.http.errors import HttpProblem, invalid
from api.http.framework.contexts import Answer, CommandContext, RequestContext, json_response, page_response
from api.http.framework.operations import Created, Operations
from api.http.framework.parameters import Key
from api.http.framework.query_models import ListQuery
from api.http.refusals import NotSetUp
from api.http.resources.accounts.role_fields import Grant
from api.http.resources.accounts.rules import (
    UNKNOWN,
    gain,
    giving,
    look_of,
    may_give,
    needs_no_consent,
    sees,
    subject_account,
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
from domain import account as decide
from domain.account import AccountEvent, Authority, account_id
from domain.events import AlreadyThere, NotThere

operations = Operations("accounts")


class AccountList(ListQuery):
    sort: Literal["key", "-key"] = "key"


ROSTER = ("roster", "administrators")


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
    shown = accounts(context.now, query.paging(), lambda account: sees_all or sees(context, account))
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


def _find(context: RequestContext, key: str) -> decide.Account:
    account = context.now.get(ACCOUNTS, ident(key, account_id))
    if account is None:
        raise NotThere(UNKNOWN.format(key[:80]))
    if not context.judged:
        if not sees(context, account):
            raise HttpProblem("not-allowed", "the account has no role in your part of the network")
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
    found = _find(context, account)
    return page_response(Way, Page(_open_ways(context, found.id), None))


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
    key = f"p-{context.app_state.ids().hex[-12:]}"
    account, metadata = account_id(key), context.unit.metadata()
    opener = context.authority(
        lambda one: all(
            may_grant([one], each, context.views(), context.today) for each in granted or [ADMINISTRATOR]
        )
    )
    facts = [*decide.open_account(context.unit.load(ACCOUNTS, account), metadata, key, opener)]
    way, writes = _way(context, form, account, opener)
    context.unit.commit(facts, writes)
    for role_grant in granted:
        context.unit.commit(
            decide.grant(context.after(ACCOUNTS, account), metadata, role_grant, giving(context, role_grant))
        )
    made = context.after(ACCOUNTS, account)
    shown = account_opened(made, context.rights.after(made), way.kind)
    return json_response(shown, status=201, location=f"/v1/accounts/{key}")


def _way(context: CommandContext, form: WayIn, account: UUID, authority: Authority) -> tuple[KeptWay, Writes]:
    """The writes that open a way in. Refuses one that leads somewhere else, where the caller may know that."""
    if (form.email is None) is (form.subject is None):
        raise invalid("body", "email", "give one of email and subject")
    sign_in_service, store = context.app_state.sign_in_service, context.app_state.lyceum.store
    kind: WayKind = "email" if form.email is not None else "provider"
    if form.email is not None:
        name = address_of(form.email)
    elif not context.is_administrator:
        raise HttpProblem("not-allowed", "only administrators add somebody of the provider; give an address")
    elif sign_in_service.provider is None:
        raise NotSetUp("no provider is set up here, so there are no subjects")
    else:
        name = subject_of(sign_in_service.provider.settings.issuer, form.subject or "")
    if context.is_administrator:
        _refuse_taken(context, find_identities(store, sign_in_service.keys, kind, name), account)
    way = new_identity(sign_in_service.keys, kind, name, account, context.unit.metadata().at)
    whole = replace(way, authority=authority)
    return whole, put_identity(store, sign_in_service.keys, name, whole)


def _refuse_taken(context: CommandContext, found: Iterable[KeptWay], account: UUID) -> None:
    for login_identity in found:
        other = context.app_state.lyceum.store.must_load(ACCOUNTS, login_identity.account)
        if login_identity.account != account and login_identity.closed is None and not other.closed:
            raise AlreadyThere(f"this way in leads to account {other.key} already; give that one the role")


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
            "consent-needed", f"you did not open account {present.key}, so its holder must agree"
        )
    facts = decide.grant(present, context.unit.metadata(), granted, authority)
    return gain(context, present, facts, granted)


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

    def take(others: int) -> Iterable[AccountEvent]:
        return decide.withdraw(present, context.unit.metadata(), granted, form.why, others=others)

    return _lose(context, present, take, keep=form.keep, matters=granted.role == "administrator")


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

    def take(others: int) -> Iterable[AccountEvent]:
        return decide.close_account(present, context.unit.metadata(), form.why, others=others)

    matters = decide.is_administrator(present)
    return _lose(context, present, take, keep=form.keep, matters=matters)


def _lose(
    context: CommandContext,
    present: decide.Account,
    take: Callable[[int], Iterable[AccountEvent]],
    *,
    keep: bool,
    matters: bool,
) -> Answer:
    """Save that an account loses a role, or all, with what rested on it; the account as it is then."""
    look = look_of(context)
    change = change_row(look.store, present.id)
    after = ACCOUNTS.fold(take(1), present) or present
    rights = look.rights.after(after)
    kept = _kept(context, look, rights, after) if keep else {}
    rights = rights.after(*kept.values())
    others, guard = _others(context, rights, present) if matters else (0, [])
    facts = tuple(take(others))
    lost = roles_lost(look, rights, after)
    moment, store = context.unit.metadata().at, context.app_state.lyceum.store
    ended = end_account(store, moment, rights, after) if after.closed else end_rights(store, moment, rights)
    context.unit.commit(facts, merged([*ended, *guard, *([change] if facts else [])]))
    return json_response(account_changed(after, rights, ended_by(ended, lost)))


def _kept(
    context: CommandContext, look: Look, rights: Rights, losing: decide.Account
) -> dict[UUID, decide.Account]:
    """The accounts with the roles that would end, given once more by the caller, as far as the caller may."""
    kept: dict[UUID, decide.Account] = {}
    for account, granted in roles_lost(look, rights, losing):
        if not may_grant(context.caller.grants, granted, context.views(), context.today):
            continue
        present = kept.get(account.id) or look.store.must_load(ACCOUNTS, account.id)
        facts = decide.grant(present, context.unit.metadata(), granted, giving(context, granted))
        context.unit.commit(facts)
        kept[account.id] = ACCOUNTS.fold(facts, present) or present
    return kept


def _others(context: CommandContext, rights: Rights, account: decide.Account) -> tuple[int, Writes]:
    """How many other administrators there will be, and the write that keeps it true until the end.

    Of two who take the role from each other at the same time one loses that row, begins again, and is refused. The
    row is read before the accounts, and those from their events: the read side may be a moment behind.
    """
    store = context.app_state.lyceum.store
    before = store.rows("credentials").get(*ROSTER)
    there = (
        store.load(ACCOUNTS, one.id) for one in accounts_by_id(context.now).values() if one.id != account.id
    )
    changed = [
        rights.account(one.id) or one for one in there if one is not None and decide.is_administrator(one)
    ]
    others = sum(ADMINISTRATOR in rights.effective_roles(one) for one in changed)
    body = b"%d" % (int(before or b"0") + 1)
    return others, [("credentials", Row(*ROSTER, body, before=before or ABSENT))]


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
    store = context.app_state.lyceum.store
    change = change_row(store, subject_account(context, account).id)
    present = whole_account(context, account)
    if present.closed:
        raise decide.Closed(f"account {present.key} is closed; open a new one")
    if not context.is_administrator and identities_of(store, present.id):
        raise HttpProblem(
            "not-allowed", "only administrators add a second way in; close the first one, or ask for it"
        )
    authority = context.authority(
        lambda role_grant: all(
            may_grant([role_grant], each, context.views(), context.today) for each in present.grants
        )
    )
    way, writes = _way(context, form, present.id, authority)
    context.unit.commit((), [*writes, change])
    return json_response(
        Ways(
            (
                *(open_way for open_way in _open_ways(context, present.id) if open_way.id != way.id),
                way_shown(way),
            )
        )
    )


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
    store, moment = context.app_state.lyceum.store, context.unit.metadata().at
    change = change_row(store, present.id)
    every = [
        login_identity for login_identity in identities_of(store, present.id) if login_identity.closed is None
    ]
    ids = {login_identity.id for login_identity in every if not form.ids or login_identity.id in form.ids}
    ended = end_identities(store, moment, context.rights, present.id, ids, every=not form.ids)
    context.unit.commit((), [change, *ended])
    left = tuple(way_shown(login_identity) for login_identity in every if login_identity.id not in ids)
    return json_response(ClosedWays(left, ended_by(ended)))
