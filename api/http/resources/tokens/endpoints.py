"""Tokens: keys for programs, narrower than who makes them, shown once, and kept as a hash."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Path
from pydantic import Field

from adapters.access.api_tokens import ID_LENGTH, Credential, credential_at, credentials_of, hash_of
from adapters.access.delegation import granted_as, may_delegate
from adapters.access.login_sessions import new_secret
from adapters.queries.paging import page
from adapters.services import tokens as services
from adapters.services.role_changes import EndedUses
from adapters.services.tokens import PREFIX
from adapters.store.mapper import json_of
from adapters.store.views import Views
from api.http.auth.identity import open_account_of
from api.http.errors import HttpProblem
from api.http.framework.contexts import Answer, CommandContext, RequestContext, json_response, page_response
from api.http.framework.operations import Created, Form, Operations
from api.http.framework.query_models import ListQuery
from api.http.resources.accounts.role_fields import Grant
from api.http.resources.accounts.schemas import NOTHING
from domain.account import Authority, RoleGrant
from domain.events import NotThere
from domain.messages import message

operations = Operations("tokens")

TokenId = Annotated[
    str, Path(pattern=f"^[0-9a-f]{{{ID_LENGTH}}}$", description="As the list of tokens has it.")
]
EXAMPLE = {
    "id": "9f86d081884c7d65",
    "actor": "p-3f9c2a7b1d04",
    "grants": [{"role": "administrator", "within": None}],
    "made": "2026-11-22T09:00:00Z",
    "expires": "2027-02-20T09:00:00Z",
}


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token: not the token. `actor` is what events carry that it writes."""

    id: str
    actor: str
    grants: tuple[RoleGrant, ...]
    made: datetime | None
    expires: datetime | None


@dataclass(frozen=True, slots=True)
class NewToken:
    """`token` is shown this once; null where the same Idempotency-Key is sent again."""

    id: str
    token: str | None
    actor: str
    grants: tuple[RoleGrant, ...]
    expires: datetime


@dataclass(frozen=True, slots=True)
class TokenRevoked:
    """`ended` is what ended with the token."""

    id: str
    revoked: bool
    ended: EndedUses


class TokenWanted(Form):
    """Without `grants`: all that the caller holds. A token is never wider than its maker, then or later."""

    grants: Annotated[tuple[Grant, ...], Field(max_length=50)] = ()
    days: Annotated[int, Field(ge=1, le=366)] = 90


def _in_sight(context: RequestContext) -> list[tuple[str, Credential]]:
    """All for administrators; else those of the caller's account, or the token that asks, and what was made with them.

    Not those of the same actor: on the command line several people may have been given one.
    """
    caller, store = context.caller, context.app_state.lyceum.store
    if any(role_grant.role == "administrator" for role_grant in caller.grants):
        return list(credentials_of(store))
    credentials = list(credentials_of(store, caller.actor))
    if caller.token is not None:
        own = {caller.token}
    else:
        own = {
            key
            for key, credential in credentials
            if credential.account is not None and credential.account == caller.account
        }
    return [(key, credential) for key, credential in credentials if key in own or credential.parent in own]


@operations.read(
    "/tokens",
    may="tokens.read",
    answers=Token,
    many=True,
    summary="List tokens",
    example={"items": [EXAMPLE], "next": None},
)
def list_tokens(context: RequestContext, query: ListQuery) -> Answer:
    """The caller's own; an administrator's list has everybody's. Expired ones stay until they are revoked."""
    tokens = [
        Token(key[:ID_LENGTH], credential.actor, credential.grants, credential.made, credential.expires)
        for key, credential in _in_sight(context)
    ]
    return page_response(Token, page(tokens, {"id": _id}, _id, query.paging("id")))


def _id(token: Token) -> str:
    return token.id


@operations.command(
    "/tokens",
    may="tokens.write",
    answers=Created(NewToken),
    summary="Make a token",
    example={"grants": [], "days": 30},
    answer_example={
        "id": EXAMPLE["id"],
        "token": "lyc_…",
        "actor": EXAMPLE["actor"],
        "grants": EXAMPLE["grants"],
        "expires": EXAMPLE["expires"],
    },
)
def make_token(context: CommandContext, form: TokenWanted) -> Answer:
    """It holds as long as what its maker holds: it narrows with the account, and ends with it."""
    held = _lendable(context)
    views = context.views()
    role_grants = tuple(granted_as(views, grant.role, grant.within) for grant in form.grants) or held
    for role_grant in role_grants:
        if not may_delegate(held, role_grant, views, context.today):
            raise HttpProblem(
                "not-allowed",
                message(
                    "you do not hold the role {role} there, so a token of yours cannot", role=role_grant.role
                ),
            )
    caller, secret, now = context.caller, PREFIX + new_secret(), context.unit.clock()
    own, expires = caller.account is not None and not caller.token, now + timedelta(days=form.days)
    credential = Credential(
        caller.actor,
        role_grants,
        expires,
        now,
        None if caller.token else caller.account,
        caller.token,
        caller.way,
        tuple(_authority(context, granted, views) for granted in role_grants) if own else (),
    )
    services.make_token(context.unit, secret, credential, rationed=True)
    return _shown_once(
        secret, NewToken(hash_of(secret)[:ID_LENGTH], None, caller.actor, role_grants, expires)
    )


def _authority(context: CommandContext, granted: RoleGrant, views: Views) -> Authority:
    """The roles of the caller that a token's grant rests on."""
    return context.authority(lambda held: may_delegate((held,), granted, views, context.today))


def _lendable(context: CommandContext) -> tuple[RoleGrant, ...]:
    """What the caller may put into a token: the roles of the account, not those that a provider vouches for anew."""
    caller = context.caller
    if caller.token is not None:
        own = credential_at(context.app_state.lyceum.store, caller.token, context.unit.clock())
        if own is None or own.parent is not None:
            raise HttpProblem(
                "not-allowed", message("a token that was made with a token makes no more; sign in yourself")
            )
        return caller.grants
    account = None if caller.account is None else open_account_of(context.app_state, caller.account)
    held = () if account is None else context.rights.effective_roles(account)
    if not held:
        raise HttpProblem(
            "not-allowed", message("a token holds roles of your account, and it has none; ask for one")
        )
    return held


def _shown_once(secret: str, hidden: NewToken) -> Answer:
    dump, headers = json_of(NewToken).dump_json, {"Cache-Control": "no-store"}
    return Answer(dump(replace(hidden, token=secret)), 201, headers=headers, stored_body=dump(hidden))


@operations.command(
    "/tokens/{token}/revoke",
    may="tokens.write",
    answers=TokenRevoked,
    summary="Revoke a token",
    answer_example={"id": EXAMPLE["id"], "revoked": True, "ended": NOTHING},
)
def revoke_token(context: CommandContext, token: TokenId) -> Answer:
    """At once, with what was done with it: tokens, feeds, waiting jobs, and roles that it gave to others.

    One's own; an administrator everybody's.
    """
    if context.known is not None:
        context.match(0)
    hashes = [key for key, _ in _in_sight(context) if key.startswith(token)]
    if not hashes:
        raise NotThere(message("there is no token {token} of yours; list your tokens", token=token))
    ended = services.revoke_tokens(context.unit, hashes)
    return json_response(TokenRevoked(token, revoked=True, ended=ended))
