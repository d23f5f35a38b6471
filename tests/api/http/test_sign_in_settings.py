"""Settings of signing in: what is wrong is said by name, before anybody is served."""

from __future__ import annotations

import pytest

from adapters.access.keyring import BadSecret, checked, keyring
from adapters.access.login_identities import BadAddress, address_of
from adapters.access.mail import BadMailServer, mail_server
from api.http.settings import BadSetting, settings_of
from domain.account import RoleGrant
from domain.network import area_id
from domain.venue import venue_id

OIDC = {"LYCEUM_OIDC_ISSUER": "https://id.example", "LYCEUM_OIDC_CLIENT_ID": "lyceum"}


def test_without_settings_people_sign_in_on_this_machine_alone() -> None:
    found = settings_of({})

    assert found.mail is None
    assert found.provider is None
    assert found.proxies == ()


def test_whole_configuration_is_read() -> None:
    found = settings_of(
        {
            **OIDC,
            "LYCEUM_PUBLIC_URL": "https://lyceum.example",
            "LYCEUM_SECRET": "new" * 20 + " " + "old" * 20,
            "LYCEUM_TRUSTED_PROXIES": "10.0.0.5, 10.1.0.0/16",
            "LYCEUM_SMTP": "smtp://post%40example.org:p%2Fw@mail.example.org",
            "LYCEUM_MAIL_FROM": "Lyceum <lyceum@example.org>",
            "LYCEUM_OIDC_CLIENT_SECRET": "hidden",
            "LYCEUM_OIDC_SCOPE": "groups",
            "LYCEUM_OIDC_ROLES_CLAIM": "groups",
            "LYCEUM_OIDC_ROLES": '{"it": ["administrator", "host:school"], "river": "coordinator:river"}',
            "LYCEUM_OIDC_ALGORITHMS": "ES256",
            "LYCEUM_LIMIT_TOKENS": "10/minute",
            "LYCEUM_SIGN_IN_IDLE_HOURS": "0.5",
        }
    )

    assert found.provider is not None
    assert found.mail is not None
    assert (found.mail.user, found.mail.password) == ("post@example.org", "p/w")
    assert (found.mail.port, found.mail.tls) == (587, "starttls")
    assert found.provider.scope == "openid groups"
    assert found.provider.audience == "lyceum"
    assert found.provider.algorithms == ("ES256",)
    assert found.provider.roles["it"] == (RoleGrant("administrator"), RoleGrant("host", venue_id("school")))
    assert found.provider.roles["river"] == (RoleGrant("coordinator", area_id("river")),)
    assert found.lasting.idle.total_seconds() == 1800
    assert [one.prefixlen for one in found.proxies] == [32, 16]
    shown = repr(found)
    assert [one for one in ("hidden", "p/w", "newnew", "oldold") if one in shown] == []


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"LYCEUM_PUBLIC_URL": "http://lyceum.example"}, "https://"),
        ({"LYCEUM_PUBLIC_URL": "https://lyceum.example/app"}, "without a path"),
        ({"LYCEUM_PUBLIC_URL": "lyceum.example"}, "LYCEUM_PUBLIC_URL"),
        ({"LYCEUM_SECRET": "short"}, "openssl"),
        ({"LYCEUM_TRUSTED_PROXIES": "everybody"}, "LYCEUM_TRUSTED_PROXIES"),
        ({"LYCEUM_SMTP": "mail.example.org"}, "LYCEUM_SMTP"),
        ({"LYCEUM_SMTP": "smtp://mail.example.org"}, "LYCEUM_MAIL_FROM"),
        ({"LYCEUM_LIMIT_LINKS": "many"}, "LYCEUM_LIMIT_LINKS"),
        ({"LYCEUM_SIGN_IN_HOURS": "0"}, "LYCEUM_SIGN_IN_HOURS"),
        ({"LYCEUM_SIGN_IN_HOURS": "long"}, "LYCEUM_SIGN_IN_HOURS"),
        ({"LYCEUM_OIDC_ISSUER": "https://id.example"}, "LYCEUM_OIDC_CLIENT_ID"),
        ({**OIDC, "LYCEUM_OIDC_ISSUER": "http://id.example"}, "https://"),
        ({**OIDC, "LYCEUM_OIDC_ALGORITHMS": "RS256 HS256"}, "LYCEUM_OIDC_ALGORITHMS"),
        ({**OIDC, "LYCEUM_OIDC_ALGORITHMS": "none"}, "LYCEUM_OIDC_ALGORITHMS"),
        ({**OIDC, "LYCEUM_OIDC_ROLES": "administrator"}, "LYCEUM_OIDC_ROLES"),
        ({**OIDC, "LYCEUM_OIDC_ROLES": '{"it": "king"}'}, "LYCEUM_OIDC_ROLES"),
        ({**OIDC, "LYCEUM_OIDC_ROLES": '{"it": "coordinator"}'}, "LYCEUM_OIDC_ROLES"),
        ({**OIDC, "LYCEUM_OIDC_ROLES": '{"it": "administrator:river"}'}, "LYCEUM_OIDC_ROLES"),
        ({**OIDC, "LYCEUM_OIDC_ROLES": '{"it": 7}'}, "LYCEUM_OIDC_ROLES"),
    ],
)
def test_setting_that_cannot_be_is_refused_by_name(environment: dict[str, str], named: str) -> None:
    with pytest.raises(BadSetting, match=named):
        settings_of(environment)


# ---- Mail


@pytest.mark.parametrize(
    ("url", "host", "port", "tls"),
    [
        ("smtps://mail.example.org", "mail.example.org", 465, "implicit"),
        ("smtp://mail.example.org", "mail.example.org", 587, "starttls"),
        ("smtp://mail.example.org:2525?tls=none", "mail.example.org", 2525, "none"),
        ("smtp://127.0.0.1", "127.0.0.1", 25, "none"),
        ("smtp://localhost:587?tls=starttls", "localhost", 587, "starttls"),
    ],
)
def test_mail_goes_in_clear_on_this_machine_alone(url: str, host: str, port: int, tls: str) -> None:
    found = mail_server(url, "lyceum@example.org")

    assert (found.host, found.port, found.tls) == (host, port, tls)


@pytest.mark.parametrize("sender", ["", "lyceum", "a@example.org\r\nBcc: b@example.org"])
def test_sender_must_be_an_address(sender: str) -> None:
    with pytest.raises(BadMailServer):
        mail_server("smtp://mail.example.org", sender)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Wang.Li@Example.ORG", "wang.li@example.org"),
        ("  li+lessons@mail.example.org\n", "li+lessons@mail.example.org"),
        ("li@例子.中国", "li@xn--fsqu00a.xn--fiqs8s"),
    ],
)
def test_address_is_one_however_it_is_written(text: str, found: str) -> None:
    assert address_of(text) == found


@pytest.mark.parametrize(
    "text", ["", "@", "li@", "@x.org", "li@x", "l i@x.org", "li@x..org", ".li@x.org", "李@x.org"]
)
def test_no_address_is_told_without_repeating_it(text: str) -> None:
    with pytest.raises(BadAddress) as refused:
        address_of(text)
    assert not text or text not in str(refused.value).replace("name@example.org", "")


# ---- Secrets


def test_newest_secret_writes_and_all_find() -> None:
    old, new = "o" * 32, "n" * 32
    before, both = checked(old, "here"), checked(f"{new} {old}", "here")

    written = before.hash("email", "a@example.org")

    assert both.hash("email", "a@example.org") != written
    assert written in both.hashes("email", "a@example.org")
    assert both.hash("email", "x") != both.hash("provider", "x")
    assert "n" * 8 not in repr(both)
    with pytest.raises(BadSecret):
        checked(f"{new} short", "here")


def test_secret_beside_the_file_is_made_once_and_postgresql_needs_one(tmp_path: object) -> None:
    database = f"sqlite:///{tmp_path}/city.db"

    first, second = keyring(database, ""), keyring(database, "")

    assert first is not None
    assert first == second
    assert keyring("postgresql://user@host/name", "") is None
    assert keyring("memory:", "") != keyring("memory:", "")
