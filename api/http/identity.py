"""Decide who asks: whose token or cookie it is, whom the provider vouches for, or nobody in particular."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request

from adapters.accounts import find_way, subject_of
from adapters.credentials import Credential, credential_at, hash_of
from adapters.sign_ins import SignIn, find_sign_in
from adapters.store.streams import ACCOUNTS
from api.http.grants import lends
from api.http.house import House
from api.http.problems import Problem
from api.http.roles import NOBODY, Caller
from api.http.signin import cookies
from api.http.signin.origin import is_from_here, is_token_for
from api.http.signin.refusals import NotBelieved
from domain.account import Account, Granted, account_id

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="lyceum"'}
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF = "x-csrf-token"


def caller_of(house: House, request: Request) -> Caller:
    """Raises a problem where a credential is given and is not good: a wrong one is never taken for none."""
    header = request.headers.get("authorization")
    cookie = None if header else cookies.read(request, cookies.SIGN_IN, house.desk.public_url)
    if header is None and cookie is None:
        return NOBODY
    found = _by_cookie(house, cookie) if cookie is not None else _by_header(house, header or "")
    if found is None:
        house.desk.was_wrong(house.desk.client(request))
        raise Problem(
            "not-signed-in", "the token is unknown, revoked or expired", headers=_challenge(house, cookie)
        )
    if cookie is not None and request.method not in SAFE:
        require_own_page(house, request, cookie, request.headers.get(CSRF))
    return found


def has_credential(house: House, request: Request) -> bool:
    """Whether somebody says who they are, rightly or wrongly."""
    if "authorization" in request.headers:
        return True
    return cookies.read(request, cookies.SIGN_IN, house.desk.public_url) is not None


async def known_keys(house: House, request: Request) -> None:
    """Have the provider's keys read where a token needs them: nobody who judges a caller waits for a network."""
    provider = house.desk.provider
    header = request.headers.get("authorization")
    if provider is None or header is None:
        return
    token = header.partition(" ")[2].strip()
    if token.count(".") == 2 and provider.misses(token):
        await house.lanes.run("provider", None, provider.refresh)


def _challenge(house: House, cookie: str | None) -> dict[str, str]:
    """A cookie that is good for nothing any more goes away, so that the next request is nobody's again."""
    if cookie is None:
        return CHALLENGE
    return {**CHALLENGE, "Set-Cookie": cookies.erasing(cookies.SIGN_IN, house.desk.public_url)}


def require_own_page(house: House, request: Request, secret: str, token: str | None) -> None:
    """Refuse what another site may have made the browser send. A cookie is sent by itself; the token is not."""
    if not is_from_here(request, house.desk.public_url) or not is_token_for(secret, token):
        raise Problem("not-from-here", "a cookie signs in here, but this was not sent by a page of this site")


# ---- Cookies


def signed_in(house: House, request: Request) -> tuple[str, SignIn] | None:
    """The secret of the cookie and what it stands for; None where it stands for nothing."""
    secret = cookies.read(request, cookies.SIGN_IN, house.desk.public_url)
    found = None if secret is None else _sign_in(house, secret)
    return None if secret is None or found is None else (secret, found)


def _sign_in(house: House, secret: str) -> SignIn | None:
    lyceum = house.lyceum
    return find_sign_in(lyceum.store, secret, lyceum.clock(), house.desk.settings.lasting.idle)


def _by_cookie(house: House, secret: str) -> Caller | None:
    found = _sign_in(house, secret)
    account = None if found is None else open_account(house, found.account)
    if found is None or account is None:
        return None
    return _caller(account, found.granted, sign_in=hash_of(secret))


def open_account(house: House, id: UUID) -> Account | None:
    """As it is now; None where it is closed."""
    account = house.live.moment().get(ACCOUNTS, id)
    return None if account is None or account.closed else account


def _caller(account: Account, more: tuple[Granted, ...], sign_in: str | None = None) -> Caller:
    grants = tuple(dict.fromkeys((*account.grants, *more)))
    return Caller(account.key, grants, account.id, sign_in=sign_in)


# ---- Tokens


def _by_header(house: House, header: str) -> Caller | None:
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        return None
    if house.desk.provider is not None and token.count(".") == 2:
        return _by_provider(house, token)
    hashed = hash_of(token)
    found = credential_at(house.lyceum.store, hashed, house.lyceum.clock())
    grants = None if found is None else effective(house, found)
    if found is None or grants is None:
        return None
    return Caller(found.actor, grants, found.account, token=hashed)


def effective(house: House, credential: Credential) -> tuple[Granted, ...] | None:
    """What a token still allows: no more than who made it may do today; None where its maker is gone."""
    maker: tuple[Granted, ...] | None = None
    if credential.parent is not None:
        parent = credential_at(house.lyceum.store, credential.parent, house.lyceum.clock())
        maker = None if parent is None else effective(house, parent)
    elif credential.account is not None:
        account = open_account(house, credential.account)
        maker = None if account is None else account.grants
    else:
        return credential.grants
    if maker is None:
        return None
    now, today = house.live.moment(), house.lyceum.clock().date()
    return tuple(one for one in credential.grants if lends(maker, one, now, today))


def _by_provider(house: House, token: str) -> Caller | None:
    """Somebody who has never signed in has the roles of the claim alone, under the key that the account would get."""
    desk = house.desk
    if desk.provider is None:
        return None
    try:
        claims = desk.provider.bearer(token)
    except NotBelieved:
        return None
    subject = subject_of(desk.provider.settings.issuer, claims["sub"])
    more = desk.provider.granted(claims)
    way = find_way(house.lyceum.store, desk.keys, "provider", subject)
    key = key_of_subject(house, subject)
    account = house.live.moment().get(ACCOUNTS, way.account if way else account_id(key))
    if account is None:
        return Caller(key, more, account_id(key))
    return None if account.closed else _caller(account, more)


def key_of_subject(house: House, subject: str) -> str:
    """The key of the account that somebody of the provider gets: it tells nothing, and is the same each time."""
    return f"p-{house.desk.keys.hash('key', subject)[:12]}"
