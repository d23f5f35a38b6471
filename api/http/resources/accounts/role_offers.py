"""Roles that wait for consent: offered to an account that somebody else opened, accepted or declined by its holder."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from adapters.access.delegation import granted_as, part_key
from adapters.access.login_sessions import SignIn
from adapters.queries.paging import Page
from adapters.services import accounts as services
from adapters.services.role_changes import AccountChange, watch_entries
from adapters.store.streams import ACCOUNTS
from api.http.auth.identity import CHALLENGE, signed_in
from api.http.errors import HttpProblem
from api.http.framework.contexts import Answer, CommandContext, RequestContext, json_response, page_response
from api.http.framework.operations import Operations
from api.http.framework.parameters import Key
from api.http.resources.accounts.role_fields import Grant
from api.http.resources.accounts.rules import giving, may_give, subject_account, within_reach
from api.http.resources.accounts.schemas import CHANGED, EXAMPLE, GRANT, ChangedAccount, account_changed
from domain.account import Account
from domain.messages import message

operations = Operations("accounts")
OFFERED = {**EXAMPLE["grants"][0], "key": "school"}  # type: ignore[index]


@dataclass(frozen=True, slots=True)
class RoleOffer:
    """A role that you may accept. `key` is that of the part of the network which it holds in."""

    role: str
    within: UUID | None
    key: str | None


# ---- Offering


@operations.command(
    "/accounts/{account}/role-offers",
    may="accounts.write",
    answers=ChangedAccount,
    summary="Offer an account a role",
    example=GRANT,
    answer_example={**CHANGED, "offers": EXAMPLE["grants"]},
)
def offer_role(context: CommandContext, form: Grant, account: Key) -> Answer:
    """Whoever may give the role may offer it to any account. It is given when its holder accepts."""
    granted = granted_as(context.views(), form.role, form.within)
    may_give(context, granted)
    present = subject_account(context, account)
    context.match(present.version)
    return _changed(context, services.offer_role(context.unit, present.id, granted, giving(context, granted)))


@operations.command(
    "/accounts/{account}/role-offers/withdraw",
    may="accounts.write",
    answers=ChangedAccount,
    summary="Take back a role that is offered",
    example=GRANT,
    answer_example=CHANGED,
)
def withdraw_offer(context: CommandContext, form: Grant, account: Key) -> Answer:
    granted = granted_as(context.views(), form.role, form.within)
    may_give(context, granted)
    present = subject_account(context, account)
    context.match(present.version)
    return _changed(context, services.end_offer(context.unit, present.id, granted))


def _changed(context: CommandContext, change: AccountChange) -> Answer:
    return json_response(within_reach(context, _shown(change)))


def _shown(change: AccountChange) -> ChangedAccount:
    return account_changed(change.account, change.rights, change.ended)


# ---- Answering


@operations.read(
    "/role-offers",
    may="role-offers.read",
    answers=RoleOffer,
    many=True,
    summary="List the roles that are offered to you",
    example={"items": [OFFERED], "next": None},
)
def list_role_offers(context: RequestContext) -> Answer:
    """Those of the account that you are signed in to; the page /sign-in shows them as well. Nobody's are none."""
    account = None if context.caller.account is None else context.now.get(ACCOUNTS, context.caller.account)
    offers = () if account is None else account.offers
    good = dict.fromkeys(offer.granted for offer in offers if context.rights.is_effective(offer.authority))
    shown = [
        RoleOffer(role_grant.role, role_grant.within, part_key(context.now, role_grant))
        for role_grant in good
    ]
    return page_response(RoleOffer, Page(shown, None))


@operations.command(
    "/role-offers/accept",
    may="role-offers.answer",
    answers=ChangedAccount,
    summary="Accept a role that is offered to you",
    example=GRANT,
    answer_example=CHANGED,
)
def accept_role(context: CommandContext, form: Grant) -> Answer:
    """Signed in yourself: a token of this interface cannot agree for you.

    The role holds as long as whoever offered it may give it.
    """
    present, sign_in = _holder(context)
    granted = granted_as(context.views(), form.role, form.within)
    return json_response(_shown(services.accept_role(context.unit, present.id, granted, sign_in)))


@operations.command(
    "/role-offers/decline",
    may="role-offers.answer",
    answers=ChangedAccount,
    summary="Decline a role that is offered to you",
    example=GRANT,
    answer_example=CHANGED,
)
def decline_role(context: CommandContext, form: Grant) -> Answer:
    present, _ = _holder(context)
    granted = granted_as(context.views(), form.role, form.within)
    return json_response(_shown(services.decline_role(context.unit, present.id, granted)))


def _holder(context: CommandContext) -> tuple[Account, SignIn]:
    """The account of who is signed in, and by what. Raises a problem."""
    caller = context.caller
    if caller.account is not None:
        watch_entries(context.unit, caller.account)
    account = None if caller.account is None else context.unit.load(ACCOUNTS, caller.account)
    if account is None or caller.token is not None:
        context.match(0)
        raise HttpProblem("not-signed-in", message("sign in yourself to answer an offer"), headers=CHALLENGE)
    context.match(account.version)
    by_cookie = None if caller.sign_in is None else signed_in(context.app_state, context.request)
    if by_cookie is not None:
        return account, by_cookie[1]
    now = context.unit.clock()  # a bearer token of the provider
    return account, SignIn(account.id, "provider", now, now, now, caller.claimed, caller.way)
