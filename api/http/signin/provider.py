"""Decide whom a provider of OpenID Connect vouches for: its word is a signed token, and every part of it is checked.

State, nonce and the secret of PKCE are made from one random text in the browser's cookie, so nothing is kept here
while somebody is away at the provider, and no other browser can come back in their place.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

import httpx
import orjson
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from api.http.signin.refusals import NotBelieved, ProviderSilent
from api.http.signin.settings import ProviderSettings, check_endpoint
from api.http.watching import BadSetting
from domain.account import Granted

Claims = Mapping[str, Any]
PATIENCE_S = 5.0
LEEWAY_S = 60  # between two clocks
FETCHED_AGAIN = timedelta(seconds=60)  # for a key that is not known: at most so often
ASKED_AGAIN = timedelta(seconds=5)  # where it has not answered yet: who waits for it keeps others waiting
FRESH = timedelta(hours=1)  # so a key that the provider takes back is not believed for long
MOST_BYTES = 1_000_000
_SILENT = "the provider does not answer; try again in a moment"


def derived(seed: str, what: str) -> str:
    """State, nonce or secret of one way to the provider: who does not have the cookie cannot make it."""
    made = hmac.new(seed.encode(), what.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


class Provider:
    """One provider. Threads may share it; what it published is read again now and then."""

    def __init__(self, settings: ProviderSettings, redirect: str, clock: Callable[[], datetime]) -> None:
        self.settings, self._redirect, self._clock = settings, redirect, clock
        self._lock = Lock()
        self._about: dict[str, Any] = {}
        self._keys: dict[str | None, RSAKey | ECKey | OKPKey] = {}
        self._read: datetime | None = None
        self._tried: datetime | None = None

    # ---- Signing in

    def address(self, seed: str) -> str:
        """Where the browser goes. Raises ProviderSilent."""
        about = self._published()
        with self._client(about) as client:
            url, _ = client.create_authorization_url(
                about["authorization_endpoint"],
                state=derived(seed, "state"),
                nonce=derived(seed, "nonce"),
                code_verifier=derived(seed, "verifier"),
            )
        return str(url)

    def claims(self, seed: str, code: str) -> Claims:
        """Who came back with a code. Raises NotBelieved, ProviderSilent."""
        about = self._published()
        try:
            with self._client(about) as client:
                told = client.fetch_token(
                    about["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=derived(seed, "verifier"),
                )
        except httpx.HTTPError as error:
            raise ProviderSilent(_SILENT) from error
        except (AuthlibBaseError, ValueError) as error:
            raise NotBelieved("the provider does not know this visit (any more); sign in again") from error
        token = told.get("id_token")
        if not isinstance(token, str):
            raise NotBelieved("the provider did not say who you are; sign in again")
        return self._believed(token, self.settings.client_id, derived(seed, "nonce"))

    def _client(self, about: Claims) -> OAuth2Client:
        own = self.settings
        methods = about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        secret = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        return OAuth2Client(
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
        """Who sends a token of the provider that is meant for this interface. Raises NotBelieved, ProviderSilent."""
        return self._believed(token, self.settings.audience or self.settings.client_id, None)

    def granted(self, claims: Claims) -> tuple[Granted, ...]:
        """The roles that the configured claim gives; a name with dots leads into the claim."""
        found: Any = claims
        for step in filter(None, self.settings.roles_claim.split(".")):
            found = found.get(step) if isinstance(found, dict) else None
        values = found if isinstance(found, list) else [found]
        roles = self.settings.roles
        return tuple(
            granted for value in values if isinstance(value, str) for granted in roles.get(value, ())
        )

    # ---- What is believed

    def _believed(self, token: str, audience: str, nonce: str | None) -> Claims:
        own = self.settings
        wanted: dict[str, jwt.ClaimsOption] = {
            "iss": {"essential": True, "value": own.issuer},
            "sub": {"essential": True},
            "aud": {"essential": True, "value": audience},
            "exp": {"essential": True},
        }
        if nonce is not None:
            wanted["nonce"] = {"essential": True, "value": nonce}
        try:
            key = self._key(_header(token), own.algorithms)
            claims = jwt.decode(token, key, algorithms=list(own.algorithms)).claims
            now = int(self._clock().timestamp())
            jwt.JWTClaimsRegistry(now=now, leeway=LEEWAY_S, **wanted).validate(claims)
        except (JoseError, ValueError, TypeError) as error:
            raise NotBelieved("the provider's token does not hold here; sign in again") from error
        if nonce is not None and claims.get("azp", own.client_id) != own.client_id:
            raise NotBelieved("the provider's token is for somebody else; sign in again")
        return claims

    def _key(self, header: Claims, allowed: tuple[str, ...]) -> RSAKey | ECKey | OKPKey:
        """The key that the token names, of those that the provider publishes."""
        if header.get("alg") not in allowed:
            raise NotBelieved("the provider's token is signed in a way that is not allowed here")
        kid = header.get("kid")
        with self._lock:
            known = self._keys
            age = self._clock() - self._read if self._read else None
            if age is None or age >= FRESH or not _fits(known, kid):
                known = self._keys_again()
        if not _fits(known, kid):
            raise NotBelieved("the provider's token names a key that the provider does not publish")
        return next(iter(known.values())) if kid is None else known[kid]

    def _keys_again(self) -> dict[str | None, RSAKey | ECKey | OKPKey]:
        """Read them anew, but not too often; what was known stays where the provider does not answer."""
        now = self._clock()
        if self._tried is not None and now - self._tried < (FETCHED_AGAIN if self._keys else ASKED_AGAIN):
            if not self._keys:
                raise ProviderSilent(_SILENT)
            return self._keys
        self._tried = now
        try:
            self._about = self._fetched(
                f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
            )
            _check(self._about, self.settings.issuer)
            self._keys = _public(self._fetched(self._about["jwks_uri"]))
            self._read = now
        except ProviderSilent:
            if not self._keys:
                raise
        return self._keys

    def _published(self) -> dict[str, Any]:
        with self._lock:
            if self._read is None or self._clock() - self._read >= FRESH:
                self._keys_again()
            if not self._about:
                raise ProviderSilent(_SILENT)
            return self._about

    def _fetched(self, url: str) -> dict[str, Any]:
        try:
            answer = httpx.get(url, timeout=PATIENCE_S, follow_redirects=False)
            if answer.status_code != 200 or len(answer.content) > MOST_BYTES:
                raise ProviderSilent("the provider does not publish what OpenID Connect asks for")
            found = orjson.loads(answer.content)
        except (httpx.HTTPError, orjson.JSONDecodeError) as error:
            raise ProviderSilent(_SILENT) from error
        if not isinstance(found, dict):
            raise ProviderSilent("the provider does not publish what OpenID Connect asks for")
        return found


def _header(token: str) -> dict[str, Any]:
    first = token.partition(".")[0]
    found = orjson.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    return found if isinstance(found, dict) else {}


def _fits(keys: Mapping[str | None, Any], kid: Any) -> bool:
    """A token without the name of a key is good where there is only one."""
    return len(keys) == 1 if kid is None else isinstance(kid, str) and kid in keys


def _check(about: Claims, issuer: str) -> None:
    """The provider must be who it is said to be (OpenID Connect Discovery, section 4.3), and speak https."""
    try:
        if about["issuer"] != issuer:
            raise ProviderSilent("the provider calls itself otherwise; check LYCEUM_OIDC_ISSUER")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            check_endpoint(about[name], name)
    except (KeyError, BadSetting) as error:
        raise ProviderSilent("the provider does not publish what OpenID Connect asks for") from error


def _public(published: Claims) -> dict[str | None, RSAKey | ECKey | OKPKey]:
    """Keys of pairs for signatures; others are passed over."""
    try:
        keys = KeySet.import_key_set({"keys": [one for one in published["keys"] if one.get("kty") != "oct"]})
    except (JoseError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise ProviderSilent("the provider publishes no keys") from error
    return {
        one.kid: one
        for one in keys
        if isinstance(one, RSAKey | ECKey | OKPKey) and one.get("use") in (None, "sig")
    }
