"""Client of an OpenID Connect provider: whom it vouches for, by a signed token of which every part is checked.

State, nonce and the secret of PKCE are made from one random text in the browser's cookie, so nothing is kept here
while somebody is away at the provider, and no other browser can come back in their place.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import BoundedSemaphore, Lock
from typing import Any, TypeVar

import httpx
import orjson
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from api.http.refusals import NotBelieved, ProviderSilent
from api.http.settings import BadSetting, ProviderSettings, check_endpoint
from domain.account import RoleGrant
from domain.messages import message

T = TypeVar("T")
Claims = Mapping[str, Any]
PATIENCE_S = 5.0  # for all of an answer, or of both that tell the keys
MOST_VISITS = 4  # of people who come back from it at once: where it is silent, they hold threads
LEEWAY_S = 60  # between two clocks
FETCHED_AGAIN = timedelta(seconds=60)  # for a key that is not known: at most so often
ASKED_AGAIN = timedelta(seconds=5)  # where it has not answered yet
FRESH = timedelta(hours=1)  # so a key that the provider takes back is not believed for long
MOST_BYTES = 1_000_000
_SILENT = message("the provider does not answer; try again in a moment")


def derived(seed: str, what: str) -> str:
    """State, nonce or secret of one way to the provider: who does not have the cookie cannot make it."""
    digest = hmac.new(seed.encode(), what.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Published:
    """What the provider said of itself, and when it was read."""

    about: dict[str, Any]
    keys: dict[str | None, RSAKey | ECKey | OKPKey]
    read: datetime


class Provider:
    """One provider. Threads may share it; what it published is read again now and then, by `refresh` alone."""

    def __init__(self, settings: ProviderSettings, redirect: str, clock: Callable[[], datetime]) -> None:
        self.settings, self._redirect, self._clock = settings, redirect, clock
        self._reading = Lock()  # only who refreshes waits for it: the others take what is known
        self._visits = BoundedSemaphore(MOST_VISITS)
        self._known: Published | None = None
        self._tried: datetime | None = None
        self._silence: str = _SILENT

    # ---- Signing in

    def address(self, seed: str) -> str:
        """Where the browser goes. Raises ProviderSilent."""
        about = self._published().about
        with self._client(OAuth2Client, about) as client:
            url, _ = client.create_authorization_url(
                about["authorization_endpoint"],
                state=derived(seed, "state"),
                nonce=derived(seed, "nonce"),
                code_verifier=derived(seed, "verifier"),
            )
        return str(url)

    def claims(self, seed: str, code: str) -> Claims:
        """Who came back with a code. Raises NotBelieved, ProviderSilent."""
        about = self._published().about
        if not self._visits.acquire(blocking=False):
            raise ProviderSilent(_SILENT)
        try:
            tokens = _within(self._exchange(about, seed, code))
        except (AuthlibBaseError, ValueError) as error:
            raise NotBelieved(
                message("the provider does not know this visit (any more); sign in again")
            ) from error
        finally:
            self._visits.release()
        token = tokens.get("id_token")
        if not isinstance(token, str):
            raise NotBelieved(message("the provider did not say who you are; sign in again"))
        if self.misses(token):
            self.refresh()
        return self._believed(token, self.settings.client_id, derived(seed, "nonce"))

    async def _exchange(self, about: Claims, seed: str, code: str) -> dict[str, Any]:
        async with self._client(AsyncOAuth2Client, about) as client:
            tokens: dict[str, Any] = await client.fetch_token(
                about["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=derived(seed, "verifier"),
            )
            return tokens

    def _client(self, kind: Any, about: Claims) -> Any:
        own = self.settings
        methods = about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        secret = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        return kind(
            own.client_id,
            own.client_secret or None,
            token_endpoint_auth_method=secret if own.client_secret else "none",
            scope=own.scope,
            redirect_uri=self._redirect,
            code_challenge_method="S256",
            timeout=PATIENCE_S,
            follow_redirects=False,
        )

    # ---- Bearer tokens

    def bearer(self, token: str) -> Claims:
        """Who sends a token of the provider that is meant for this interface. Where it `misses` keys, refresh first.

        Raises NotBelieved, ProviderSilent.
        """
        return self._believed(token, self.settings.audience or self.settings.client_id, None)

    def granted(self, claims: Claims) -> tuple[RoleGrant, ...]:
        """The roles that the configured claim gives; a name with dots leads into the claim."""
        claim: Any = claims
        for step in filter(None, self.settings.roles_claim.split(".")):
            claim = claim.get(step) if isinstance(claim, dict) else None
        values = claim if isinstance(claim, list) else [claim]
        roles = self.settings.roles
        return tuple(
            granted for value in values if isinstance(value, str) for granted in roles.get(value, ())
        )

    # ---- What is believed

    def _believed(self, token: str, audience: str, nonce: str | None) -> Claims:
        own = self.settings
        required: dict[str, jwt.ClaimsOption] = {
            "iss": {"essential": True, "value": own.issuer},
            "sub": {"essential": True},
            "aud": {"essential": True, "value": audience},
            "exp": {"essential": True},
        }
        if nonce is not None:
            required["nonce"] = {"essential": True, "value": nonce}
        try:
            key = self._key(_header(token), own.algorithms)
            claims = jwt.decode(token, key, algorithms=list(own.algorithms)).claims
            now = int(self._clock().timestamp())
            jwt.JWTClaimsRegistry(now=now, leeway=LEEWAY_S, **required).validate(claims)
        except (JoseError, ValueError, TypeError) as error:
            raise NotBelieved(message("the provider's token does not hold here; sign in again")) from error
        if nonce is not None and claims.get("azp", own.client_id) != own.client_id:
            raise NotBelieved(message("the provider's token is for somebody else; sign in again"))
        return claims

    def _key(self, header: Claims, allowed: tuple[str, ...]) -> RSAKey | ECKey | OKPKey:
        """The key that the token names, of those that the provider publishes."""
        if header.get("alg") not in allowed:
            raise NotBelieved(message("the provider's token is signed in a way that is not allowed here"))
        known, kid = self._published().keys, header.get("kid")
        if not _fits(known, kid):
            raise NotBelieved(message("the provider's token names a key that the provider does not publish"))
        return next(iter(known.values())) if kid is None else known[kid]

    # ---- What it publishes

    def _published(self) -> Published:
        """What is known by now. Raises ProviderSilent."""
        if self._known is None:
            raise ProviderSilent(self._silence)
        return self._known

    def misses(self, token: str | None = None) -> bool:
        """Whether it is time to `refresh`: nothing is known, it is old, or the token names a key that is not known."""
        if self._reading.locked() and not self._has_key_of(token):
            return True  # somebody reads: wait for that
        return self._is_due(token)

    def _is_due(self, token: str | None) -> bool:
        known, now = self._known, self._clock()
        wait = FETCHED_AGAIN if known else ASKED_AGAIN
        if self._tried is not None and now - self._tried < wait:
            return False
        return known is None or now - known.read >= FRESH or not self._has_key_of(token)

    def _has_key_of(self, token: str | None) -> bool:
        if token is None or self._known is None:
            return self._known is not None
        try:
            return _fits(self._known.keys, _header(token).get("kid"))
        except ValueError:
            return True  # which is no token at all, so no key would help

    def refresh(self) -> None:
        """Read it anew, but not too often; what was known stays where the provider does not answer.

        Who comes meanwhile waits for the one who reads, so this has threads of its own.
        """
        now = self._clock()
        with self._reading:
            if self._tried is not None and now - self._tried < (
                FETCHED_AGAIN if self._known else ASKED_AGAIN
            ):
                return
            self._tried = now
            try:
                self._known = _within(_read(self.settings.issuer, now))
            except ProviderSilent as silent:
                self._silence = str(silent)


def _within(work: Coroutine[Any, Any, T]) -> T:
    """Do what asks the provider, all of it within its time: one that says a byte now and then is silent, too."""

    async def bounded() -> T:
        async with asyncio.timeout(PATIENCE_S):
            return await work

    try:
        return asyncio.run(bounded())
    except (TimeoutError, httpx.HTTPError) as error:
        raise ProviderSilent(_SILENT) from error


async def _read(issuer: str, now: datetime) -> Published:
    async with httpx.AsyncClient(timeout=PATIENCE_S, follow_redirects=False) as client:
        about = await _fetched(client, f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        _check(about, issuer)
        return Published(about, _public(await _fetched(client, about["jwks_uri"])), now)


async def _fetched(client: httpx.AsyncClient, url: str) -> dict[str, Any]:
    content = bytearray()
    async with client.stream("GET", url) as answer:
        async for part in answer.aiter_bytes():
            content += part
            if len(content) > MOST_BYTES:
                break
    if answer.status_code != 200 or len(content) > MOST_BYTES:
        raise ProviderSilent(message("the provider does not publish what OpenID Connect asks for"))
    try:
        loads = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise ProviderSilent(_SILENT) from error
    if not isinstance(loads, dict):
        raise ProviderSilent(message("the provider does not publish what OpenID Connect asks for"))
    return loads


def _header(token: str) -> dict[str, Any]:
    first = token.partition(".")[0]
    loads = orjson.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    return loads if isinstance(loads, dict) else {}


def _fits(keys: Mapping[str | None, Any], kid: Any) -> bool:
    """A token without the name of a key is good where there is only one."""
    return len(keys) == 1 if kid is None else isinstance(kid, str) and kid in keys


def _check(about: Claims, issuer: str) -> None:
    """The provider must be who it is said to be (OpenID Connect Discovery, section 4.3), and speak https."""
    try:
        if about["issuer"] != issuer:
            raise ProviderSilent(message("the provider calls itself otherwise; check LYCEUM_OIDC_ISSUER"))
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            check_endpoint(about[name], name)
    except (KeyError, BadSetting) as error:
        raise ProviderSilent(message("the provider does not publish what OpenID Connect asks for")) from error


def _public(published: Claims) -> dict[str | None, RSAKey | ECKey | OKPKey]:
    """Keys of pairs for signatures; others are passed over."""
    try:
        keys = KeySet.import_key_set({"keys": [key for key in published["keys"] if key.get("kty") != "oct"]})
    except (JoseError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise ProviderSilent(message("the provider publishes no keys")) from error
    return {
        key.kid: key
        for key in keys
        if isinstance(key, RSAKey | ECKey | OKPKey) and key.get("use") in (None, "sig")
    }
