"""The first start: one administrator, one link that works once, and no password anywhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from adapters.access.api_tokens import Credential, RoleGrant, credential_row
from adapters.access.keyring import Keyring
from adapters.access.login_identities import closed_identities, new_identity, put_identity
from adapters.access.login_sessions import By
from adapters.access.rights import administrators
from adapters.application.application import Lyceum
from adapters.services.bootstrap_admin import first_link, make_link
from adapters.store.streams import ACCOUNTS
from api.cli.sign_in import tell_first_link, tell_who_can_sign_in
from api.http.settings import SignInSettings
from domain.account import account_id, close_account
from tests.adapters.town import town
from tests.api.conftest import Run
from tests.api.http.conftest import an_account
from tests.api.http.signing import Hands, browser, field_of, press_button, stopped
from tests.api.http.test_serving import PATIENCE_S, serving

BY: tuple[By, ...] = ("email", "operator", "email")
LINK = re.compile(r"http://127\.0\.0\.1:\d+/sign-in/open\?link=\S+")


@pytest.fixture
def hands(lyceum: Lyceum) -> Hands:
    return stopped(lyceum)


def entered(lyceum: Lyceum, secret: str) -> int:
    """What pressing the button of a link gives; 404 where the link is over."""
    with browser(lyceum, SignInSettings(secret="x" * 32)) as client:
        looked = client.get(f"/sign-in/open?link={secret}")
        if looked.status_code != 200:
            return looked.status_code
        answer = press_button(client, f"https://lyceum.example/sign-in/open?link={secret}")
        assert client.get("/v1/me").json()["grants"] == [{"role": "administrator", "within": None}]
        return int(answer.status_code)


def test_first_start_makes_one_administrator_whom_one_link_lets_in_once(everywhere: Lyceum) -> None:
    secret = first_link(everywhere)

    assert secret is not None
    assert [one.key for one in administrators(everywhere.store, everywhere.views)] == ["p-first"]
    assert entered(everywhere, secret) == 303
    assert entered(everywhere, secret) == 404
    assert first_link(everywhere) is None


def test_link_that_nobody_used_is_replaced_at_the_next_start(lyceum: Lyceum, hands: Hands) -> None:
    first = first_link(lyceum)
    hands.on(days=3)
    second = first_link(lyceum)

    assert first is not None
    assert second is not None
    assert entered(lyceum, first) == 404
    assert entered(lyceum, second) == 303
    assert len(administrators(lyceum.store, lyceum.views)) == 1


def test_once_in_nothing_that_anybody_asks_for_makes_it_print_again(everywhere: Lyceum) -> None:
    first = first_link(everywhere) or ""
    account = everywhere.must_load(ACCOUNTS, account_id("p-first"))
    assert entered(everywhere, first) == 303

    mailed = ""
    for by in BY:
        mailed = make_link(everywhere, account, by)
        assert first_link(everywhere) is None
    assert entered(everywhere, mailed) == 303
    assert first_link(everywhere) is None


def test_who_got_in_by_another_way_is_in(lyceum: Lyceum) -> None:
    first = first_link(lyceum) or ""
    account = lyceum.must_load(ACCOUNTS, account_id("p-first"))
    assert entered(lyceum, make_link(lyceum, account)) == 303

    assert entered(lyceum, first) == 404
    assert first_link(lyceum) is None


def test_who_asks_for_a_mail_does_not_take_the_printed_link_away(lyceum: Lyceum) -> None:
    first = first_link(lyceum) or ""
    make_link(lyceum, lyceum.must_load(ACCOUNTS, account_id("p-first")), "email")

    assert entered(lyceum, first) == 303


def test_administrator_by_the_word_of_a_provider_is_one(lyceum: Lyceum) -> None:
    account = an_account(lyceum, "p-1")
    way = new_identity(Keyring((b"x" * 32,)), "provider", "somebody", account.id, lyceum.clock())
    vouched = replace(way, own=True, claimed=(RoleGrant("administrator"),))
    lyceum.store.save((), put_identity(lyceum.store, Keyring((b"x" * 32,)), "somebody", vouched))
    assert first_link(lyceum) is None

    lyceum.store.save((), closed_identities(lyceum.store, account.id, lyceum.clock()))
    assert first_link(lyceum) is not None


def test_link_is_over_after_an_hour(lyceum: Lyceum, hands: Hands) -> None:
    secret = first_link(lyceum) or ""
    hands.on(hours=1)

    assert entered(lyceum, secret) == 404


def test_where_somebody_gives_out_roles_no_link_is_made(lyceum: Lyceum) -> None:
    an_account(lyceum, "p-1", RoleGrant("administrator"))

    assert first_link(lyceum) is None


def test_token_of_the_command_line_counts_while_it_holds(lyceum: Lyceum, hands: Hands) -> None:
    key = Credential("by-hand", (RoleGrant("administrator"),), hands.at.replace(day=23))
    lyceum.store.save((), [credential_row("key", key)])
    assert first_link(lyceum) is None

    hands.on(days=2)
    assert first_link(lyceum) is not None


def test_closed_first_account_is_not_opened_again(lyceum: Lyceum) -> None:
    first_link(lyceum)
    account = lyceum.must_load(ACCOUNTS, account_id("p-first"))
    lyceum.commit(close_account(account, lyceum.metadata(), "lost", others=1))

    assert first_link(lyceum) is not None
    assert [one.key for one in administrators(lyceum.store, lyceum.views)] == ["p-first-2"]


def test_way_back_in_is_made_on_the_command_line(run: Run, tmp_path: Path) -> None:
    with town(f"sqlite:///{tmp_path / 'city.db'}") as lyceum:
        none = run("lyceum --db sqlite:///city.db link")
        an_account(lyceum, "p-1", RoleGrant("administrator"))
        made = run("lyceum --db sqlite:///city.db link").out.strip()
        an_account(lyceum, "p-2", RoleGrant("administrator"))
        several = run("lyceum --db sqlite:///city.db link")
        unknown = run("lyceum --db sqlite:///city.db link --account p-9")

        assert LINK.fullmatch(made)
        assert entered(lyceum, made.partition("=")[2]) == 303
    assert none.code == several.code == unknown.code == 1
    assert "p-1, p-2" in several.err
    assert "no open account p-9" in unknown.err


# ---- As people start it


def test_served_for_the_first_time_it_prints_the_way_in_and_later_never_again(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'lyceum.db'}"
    log = tmp_path / "log"
    with serving(database, 1, log) as address:
        (link,) = LINK.findall(log.read_text())
        with httpx2.Client(follow_redirects=True, headers={"accept": "text/html"}) as client:
            assert link.startswith(address)
            page = client.get(link).text
            fields = {name: field_of(page, name) for name in ("csrf", "link")}
            client.post(f"{address}/sign-in/open", data=fields)
            assert "Administrator" in client.get(f"{address}/sign-in").text
            assert client.get(f"{address}/v1/me").json()["actor"] == "p-first"
        assert httpx2.get(link).status_code == 404
    with serving(database, 1, log):
        assert "sign-in/open" not in log.read_text()
    secret = link.partition("=")[2].encode()
    assert not any(secret in file.read_bytes() for file in tmp_path.glob("lyceum.db*"))
    assert (tmp_path / "lyceum.db.secret").stat().st_mode & 0o777 == 0o600


def test_setting_that_cannot_be_stops_the_start_with_one_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "api.cli", "serve", "--port", "0"]
    environment = {
        **os.environ,
        "LYCEUM_DATABASE": f"sqlite:///{tmp_path / 'a.db'}",
        "LYCEUM_PUBLIC_URL": "http://lyceum.example",
    }
    ended = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )

    assert ended.returncode == 1
    assert "https://" in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


def test_without_a_secret_for_all_servers_no_link_is_made(
    postgres_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LYCEUM_SECRET", raising=False)
    with Lyceum(postgres_url) as lyceum:
        tell_first_link(lyceum)
        assert "openssl rand -hex 32" in capsys.readouterr().err
        assert administrators(lyceum.store, lyceum.views) == []

        monkeypatch.setenv("LYCEUM_SECRET", "x" * 32)
        tell_first_link(lyceum)
        assert "/sign-in/open?link=" in capsys.readouterr().err


def test_who_listens_for_others_hears_what_they_need(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LYCEUM_PUBLIC_URL", raising=False)
    tell_who_can_sign_in("127.0.0.1")
    assert capsys.readouterr().err == ""
    tell_who_can_sign_in("0.0.0.0")
    assert "LYCEUM_PUBLIC_URL" in capsys.readouterr().err

    monkeypatch.setenv("LYCEUM_PUBLIC_URL", "https://lyceum.example")
    tell_who_can_sign_in("0.0.0.0")
    assert capsys.readouterr().err == ""
