"""Authentication: whose token or cookie it is, whom the provider vouches for, or nobody in particular."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from starlette.requests import Request

from adapters.access.api_tokens import Credential, credential_at, hash_of
from adapters.access.callers import NOBODY, Caller
from adapters.access.delegation import may_delegate
from adapters.access.login_identities import find_identities, identities_of, subject_of
from adapters.access.login_sessions import SignIn, find_sign_in
from adapters.access.rights import Rights
from adapters.services.accounts import account_key
from adapters.services.provider_accounts import ProviderWord, account_of_subject
from adapters.store.streams import ACCOUNTS
from api.http.auth import cookies
from api.http.errors import HttpProblem
from api.http.refusals import NotBelieved
from api.http.signin.origin import is_from_here, is_token_for
from api.http.state import AppState
from domain.account import Account, Closed, RoleGrant
from domain.messages import message

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="lyceum"'}
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF = "x-csrf-token"


def caller_of(app_state: AppState, request: Request) -> Caller:
    """Raises a problem where a credential is given and is not good: a wrong one is never taken for none."""
    header = request.headers.get("authorization")
    cookie = None if header else cookies.read(request, cookies.SIGN_IN, app_state.sign_in_service.public_url)
    if header is None and cookie is None:
        return NOBODY
    caller = (
        caller_signed_in(app_state, cookie) if cookie is not None else _by_header(app_state, header or "")
    )
    if caller is None:
        app_state.sign_in_service.was_wrong(app_state.sign_in_service.client(request))
        raise HttpProblem(
            "not-signed-in",
            message("the token is unknown, revoked or expired"),
            headers=_challenge(app_state, cookie),
        )
    if cookie is not None and request.method not in SAFE:
        require_own_page(app_state, request, cookie, request.headers.get(CSRF))
    return caller


def has_credential(app_state: AppState, request: Request) -> bool:
    """Whether somebody says who they are, rightly or wrongly."""
    if "authorization" in request.headers:
        return True
    return cookies.read(request, cookies.SIGN_IN, app_state.sign_in_service.public_url) is not None


async def known_keys(app_state: AppState, request: Request) -> None:
    """Have the provider's keys read where a token needs them: nobody who judges a caller waits for a network."""
    provider = app_state.sign_in_service.provider
    header = request.headers.get("authorization")
    if provider is None or header is None:
        return
    token = header.partition(" ")[2].strip()
    if token.count(".") == 2 and provider.misses(token):
        await app_state.lanes.run("provider", None, provider.refresh)


def _challenge(app_state: AppState, cookie: str | None) -> dict[str, str]:
    """A cookie that is good for nothing any more goes away, so that the next request is nobody's again."""
    if cookie is None:
        return CHALLENGE
    return {**CHALLENGE, "Set-Cookie": cookies.erasing(cookies.SIGN_IN, app_state.sign_in_service.public_url)}


def require_own_page(app_state: AppState, request: Request, secret: str, token: str | None) -> None:
    """Refuse what another site may have made the browser send. A cookie is sent by itself; the token is not."""
    if not is_from_here(request, app_state.sign_in_service.public_url) or not is_token_for(secret, token):
        raise HttpProblem(
            "not-from-here", message("a cookie signs in here, but this was not sent by a page of this site")
        )


# ---- Cookies


def signed_in(app_state: AppState, request: Request) -> tuple[str, SignIn] | None:
    """The secret of the cookie and what it stands for; None where it stands for nothing."""
    secret = cookies.read(request, cookies.SIGN_IN, app_state.sign_in_service.public_url)
    sign_in = None if secret is None else _sign_in(app_state, secret)
    return None if secret is None or sign_in is None else (secret, sign_in)


def _sign_in(app_state: AppState, secret: str) -> SignIn | None:
    lyceum = app_state.lyceum
    return find_sign_in(lyceum.store, secret, lyceum.clock(), app_state.sign_in_service.settings.lasting.idle)


def caller_signed_in(app_state: AppState, secret: str) -> Caller | None:
    """Who is signed in with the secret of a cookie; None where nobody, or no longer."""
    sign_in = _sign_in(app_state, secret)
    account = None if sign_in is None else open_account_of(app_state, sign_in.account)
    if sign_in is None or account is None:
        return None
    return _caller(
        app_state, account, _still_claimed(app_state, sign_in), sign_in=hash_of(secret), way=sign_in.way
    )


def _still_claimed(app_state: AppState, sign_in: SignIn) -> tuple[RoleGrant, ...]:
    """What the provider vouched for at this sign-in, but for what it has taken back at a later one."""
    if not sign_in.granted:
        return ()
    ways = identities_of(app_state.lyceum.store, sign_in.account)
    last = next((way.claimed for way in ways if way.id == sign_in.way and way.claimed is not None), None)
    if last is None:
        return sign_in.granted
    return tuple(role_grant for role_grant in sign_in.granted if role_grant in last)


def open_account_of(app_state: AppState, id: UUID) -> Account | None:
    """The account as it is now; None where it is closed."""
    account = app_state.live.snapshot().get(ACCOUNTS, id)
    return None if account is None or account.closed else account


def rights_now(app_state: AppState) -> Rights:
    """Which rights hold now."""
    return Rights.of_views(app_state.lyceum.store, app_state.live.snapshot())


def _caller(
    app_state: AppState,
    account: Account,
    claimed: tuple[RoleGrant, ...],
    *,
    sign_in: str | None = None,
    way: str | None = None,
) -> Caller:
    grants = tuple(dict.fromkeys((*rights_now(app_state).effective_roles(account), *claimed)))
    return Caller(account.key, grants, account.id, sign_in, holder=account.id, claimed=claimed, way=way)


# ---- Tokens


def _by_header(app_state: AppState, header: str) -> Caller | None:
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        return None
    if app_state.sign_in_service.provider is not None and token.count(".") == 2:
        return _by_provider(app_state, token)
    hashed = hash_of(token)
    credential = credential_at(app_state.lyceum.store, hashed, app_state.lyceum.clock())
    grants = None if credential is None else effective(app_state, credential)
    if credential is None or grants is None:
        return None
    return Caller(
        credential.actor, grants, credential.account, token=hashed, holder=_holder(app_state, credential)
    )


def _holder(app_state: AppState, credential: Credential) -> UUID | None:
    """The account that a token was made by, or the token that it was made with."""
    if credential.parent is None:
        return credential.account
    parent = credential_at(app_state.lyceum.store, credential.parent, app_state.lyceum.clock())
    return None if parent is None else _holder(app_state, parent)


def effective(app_state: AppState, credential: Credential) -> tuple[RoleGrant, ...] | None:
    """What a token still allows: no more than who made it may do today; None where its maker is gone."""
    maker: tuple[RoleGrant, ...] | None = None
    grants = credential.grants
    if credential.parent is not None:
        parent = credential_at(app_state.lyceum.store, credential.parent, app_state.lyceum.clock())
        maker = None if parent is None else effective(app_state, parent)
    elif credential.account is not None:
        account = open_account_of(app_state, credential.account)
        known = rights_now(app_state)
        maker = None if account is None else known.effective_roles(account)
        if credential.authorities:
            pairs = zip(grants, credential.authorities, strict=True)
            grants = tuple(granted for granted, authority in pairs if known.is_effective(authority))
    else:
        return credential.grants
    if maker is None:
        return None
    now, today = app_state.live.snapshot(), app_state.lyceum.clock().date()
    return tuple(granted for granted in grants if may_delegate(maker, granted, now, today))


def _by_provider(app_state: AppState, token: str) -> Caller | None:
    """Somebody who comes for the first time gets an account, as at a sign-in. None where their way in is closed."""
    sign_in_service, store = app_state.sign_in_service, app_state.lyceum.store
    if sign_in_service.provider is None:
        return None
    try:
        claims = sign_in_service.provider.bearer(token)
    except NotBelieved:
        return None
    subject = subject_of(sign_in_service.provider.settings.issuer, claims["sub"])
    claimed = sign_in_service.provider.granted(claims)
    login_identities = find_identities(store, sign_in_service.keys, "provider", subject)
    if (
        login_identities
        and login_identities[0].closed is None
        and set(claimed) <= set(login_identities[0].claimed or ())
    ):
        account = open_account_of(app_state, login_identities[0].account)
        return None if account is None else _caller(app_state, account, claimed, way=login_identities[0].id)

    word = ProviderWord(subject, claimed, sign_in_service.keys, _issued(claims))
    key = account_key(app_state.ids())
    try:
        account, way = account_of_subject(app_state.lyceum.acting_as("provider"), word, key)
    except Closed:
        return None
    known = tuple(role_grant for role_grant in claimed if role_grant in (way.claimed or ()))
    return _caller(app_state, account, known, way=way.id)


def _issued(claims: Mapping[str, Any]) -> datetime:
    """When a token of the provider was made; one that does not say counts as old."""
    claim = claims.get("iat")
    return datetime.fromtimestamp(claim if isinstance(claim, int | float) else 0, UTC)
