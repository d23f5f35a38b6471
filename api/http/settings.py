"""Settings of the server and of signing in; those of signing in are read from environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TypeAlias
from urllib.parse import urlsplit

import orjson
from limits import RateLimitItem, parse

from adapters.access.keyring import BadSecret, checked
from adapters.access.login_sessions import SessionLifetime
from adapters.access.mail import BadMailServer, MailServer, is_here, mail_server
from api.addresses import AT_HOME
from domain.account import PARTS, RoleGrant
from domain.messages import message
from domain.network import area_id
from domain.venue import venue_id
from domain.volunteer import volunteer_id


class BadSetting(ValueError):
    """A setting that cannot be."""


Network: TypeAlias = IPv4Network | IPv6Network
SIGNED = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)  # by a key pair: never without a signature, and never with a secret that a public key could pass for


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """`audience` is what a bearer token of the provider must be for; `roles` are the grants of a claim's values."""

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    name: str = "your organisation"
    scope: str = "openid"
    audience: str = ""
    algorithms: tuple[str, ...] = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
    roles_claim: str = ""
    roles: Mapping[str, tuple[RoleGrant, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SignInLimits:
    """How often: links for one mail address; from one network address links, tries, wrong tokens, looks at the past."""

    links_each: RateLimitItem = field(default_factory=lambda: parse("5/hour"))
    links: RateLimitItem = field(default_factory=lambda: parse("60/hour"))
    tries: RateLimitItem = field(default_factory=lambda: parse("120/10 minutes"))
    tokens: RateLimitItem = field(default_factory=lambda: parse("300/minute"))
    past: RateLimitItem = field(default_factory=lambda: parse("30/minute"))


@dataclass(frozen=True, slots=True)
class SignInSettings:
    """`proxies` may say for whom they ask; `secret` is several, the newest first, or "" for a file beside SQLite.

    `at_home` is where people on this machine find the interface, where no public address is given.
    """

    secret: str = field(default="", repr=False)
    proxies: tuple[Network, ...] = ()
    mail: MailServer | None = None
    provider: ProviderSettings | None = None
    lasting: SessionLifetime = field(default_factory=SessionLifetime)
    link: timedelta = timedelta(minutes=15)
    limits: SignInLimits = field(default_factory=SignInLimits)
    at_home: str = AT_HOME


@dataclass(frozen=True, slots=True)
class Settings:
    """`database` as the command line has it.

    `most_bytes` is the largest body that is read, that of a file; `threads` do what is quick in each process: more only
    wait for each other, and for connections to the database. `public_url` is where people reach the interface from
    outside, such as `https://lyceum.example`; "" where every caller knows by what address. `beside`: moves are judged
    in a process of their own, so that readers need not wait for them; a database in memory has none.
    """

    database: str = "sqlite:///lyceum.db"
    most_bytes: int = 20_000_000
    threads: int = 12
    public_url: str = ""
    beside: bool = False
    sign_in: SignInSettings = field(default_factory=SignInSettings)


def settings_of(environment: Mapping[str, str]) -> SignInSettings:
    """Raises BadSetting, with the name of the variable and what to write."""
    values = {name.removeprefix("LYCEUM_"): value for name, value in environment.items() if value}
    check_public_url(values.get("PUBLIC_URL", AT_HOME))
    usual = SignInLimits()
    return SignInSettings(
        secret=_secret(values.get("SECRET", "")),
        proxies=_proxies(values.get("TRUSTED_PROXIES", "")),
        mail=_mail(values),
        provider=_provider(values),
        lasting=SessionLifetime(
            timedelta(hours=_number(values, "SIGN_IN_HOURS", 168)),
            timedelta(hours=_number(values, "SIGN_IN_IDLE_HOURS", 12)),
        ),
        limits=SignInLimits(
            _limit(values, "LIMIT_LINKS_EACH", usual.links_each),
            _limit(values, "LIMIT_LINKS", usual.links),
            _limit(values, "LIMIT_SIGN_IN", usual.tries),
            _limit(values, "LIMIT_TOKENS", usual.tokens),
            _limit(values, "LIMIT_PAST", usual.past),
        ),
        at_home=values.get("SERVED_AT", AT_HOME),
    )


def _secret(text: str) -> str:
    try:
        if text:
            checked(text, "LYCEUM_SECRET")
    except BadSecret as bad:
        raise BadSetting(str(bad)) from None
    return text


def check_public_url(url: str) -> None:
    """https, except on this machine: a cookie or a link that is read on its way signs a stranger in."""
    parts = urlsplit(url)
    whole = parts.hostname and parts.path.strip("/") == "" and not (parts.query or parts.fragment)
    if parts.scheme not in ("http", "https") or not whole:
        raise BadSetting(
            message("LYCEUM_PUBLIC_URL must be an address without a path, such as https://lyceum.example")
        )
    if parts.scheme == "http" and not is_here(parts.hostname or ""):
        raise BadSetting(
            message("LYCEUM_PUBLIC_URL must begin with https://; http is for 127.0.0.1 and localhost alone")
        )


def _proxies(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(address, strict=False) for address in text.replace(",", " ").split())
    except ValueError:
        raise BadSetting(
            message("LYCEUM_TRUSTED_PROXIES must be addresses or networks: 10.0.0.5 10.1.0.0/16")
        ) from None


def _mail(values: Mapping[str, str]) -> MailServer | None:
    if "SMTP" not in values:
        return None
    try:
        return mail_server(values["SMTP"], values.get("MAIL_FROM", ""))
    except BadMailServer as bad:
        raise BadSetting(str(bad)) from None


def _number(values: Mapping[str, str], name: str, usual: float) -> float:
    try:
        hours = float(values.get(name, usual))
    except ValueError:
        hours = 0
    if not 0 < hours < 100_000:
        raise BadSetting(message("LYCEUM_{name} must be a number of hours above 0", name=name))
    return hours


def _limit(values: Mapping[str, str], name: str, usual: RateLimitItem) -> RateLimitItem:
    try:
        return parse(values[name]) if name in values else usual
    except ValueError:
        raise BadSetting(
            message("LYCEUM_{name} must be a number and a time: 30/minute or 5/hour", name=name)
        ) from None


# ---- The provider


def _provider(values: Mapping[str, str]) -> ProviderSettings | None:
    own = {name.removeprefix("OIDC_"): value for name, value in values.items() if name.startswith("OIDC_")}
    if not own:
        return None
    if not {"ISSUER", "CLIENT_ID"} <= set(own):
        raise BadSetting(message("a provider needs LYCEUM_OIDC_ISSUER and LYCEUM_OIDC_CLIENT_ID"))
    check_endpoint(own["ISSUER"], "LYCEUM_OIDC_ISSUER")
    usual = ProviderSettings(own["ISSUER"], own["CLIENT_ID"])
    return ProviderSettings(
        own["ISSUER"],
        own["CLIENT_ID"],
        own.get("CLIENT_SECRET", ""),
        own.get("NAME", usual.name),
        _scope(own.get("SCOPE", usual.scope)),
        own.get("AUDIENCE", own["CLIENT_ID"]),
        _algorithms(own.get("ALGORITHMS", " ".join(usual.algorithms))),
        own.get("ROLES_CLAIM", ""),
        roles_of(own.get("ROLES", "{}")),
    )


def check_endpoint(url: str, where: str) -> None:
    """https, except on this machine. Raises BadSetting."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_here(parts.hostname or "")):
        raise BadSetting(message("{where} must begin with https://", where=where))


def _scope(text: str) -> str:
    return " ".join(dict.fromkeys(["openid", *text.split()]))


def _algorithms(text: str) -> tuple[str, ...]:
    algorithms = tuple(text.replace(",", " ").split())
    if not algorithms or not set(algorithms) <= set(SIGNED):
        raise BadSetting(message("LYCEUM_OIDC_ALGORITHMS may be some of {signed}", signed=tuple(SIGNED)))
    return algorithms


def roles_of(text: str) -> dict[str, tuple[RoleGrant, ...]]:
    """Read `{"teachers": "coordinator:river", "it": ["administrator", "auditor"]}`. Raises BadSetting."""
    try:
        read = orjson.loads(text)
        return {
            value: tuple(granted_of(grant) for grant in ([grants] if isinstance(grants, str) else grants))
            for value, grants in read.items()
        }
    except (orjson.JSONDecodeError, AttributeError, TypeError):
        raise BadSetting(
            message('LYCEUM_OIDC_ROLES must be JSON such as {{"teachers": "coordinator:river"}}')
        ) from None


def granted_of(text: str) -> RoleGrant:
    """Read `administrator` or `coordinator:river`. Raises BadSetting."""
    role, _, key = text.partition(":")
    if role not in PARTS or (PARTS[role] is None) is bool(key):
        raise BadSetting(
            message(
                "LYCEUM_OIDC_ROLES: {text!r} must be a role, or role:key for a role with a part",
                text=text[:80],
            )
        )
    ids = {"venue": venue_id, "volunteer": volunteer_id, "area": area_id}
    part = PARTS[role]
    return RoleGrant(role, ids[part](key) if part else None)
