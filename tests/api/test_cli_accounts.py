"""Accounts on the command line: who has which role, given at once or by consent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from adapters.access.keyring import Keyring
from adapters.access.login_identities import (
    identities_of,
    new_identity,
    put_identity,
)
from adapters.application.application import Lyceum
from domain.account import account_id
from tests.adapters.town import town
from tests.api.conftest import Run
from tests.api.http.conftest import an_account

DB = "lyceum --db sqlite:///city.db account"
HOST = "--account p-1 --role host --venue school"


def listed(run: Run) -> list[Any]:
    answer: list[Any] = json.loads(run(f"{DB} list").out)
    return answer


def test_role_is_offered_accepted_declined_and_given(run: Run, tmp_path: Path) -> None:
    with town(f"sqlite:///{tmp_path / 'city.db'}") as lyceum:
        an_account(lyceum, "p-1")
        assert run(f"{DB} offer {HOST}").code == 0
        assert listed(run) == [
            {"account": "p-1", "closed": False, "roles": [], "offered": ["host of school"]}
        ]
        assert run(f"{DB} decline {HOST}").code == 0
        refused = run(f"{DB} accept {HOST}")
        assert run(f"{DB} offer {HOST}").code == run(f"{DB} accept {HOST}").code == 0
        given = run(f"{DB} give --account p-1 --role auditor")
        after = listed(run)

    assert (refused.code, "not offered" in refused.err) == (1, True)
    assert given.out == "p-1: auditor\n"
    assert after[0]["roles"] == ["host of school", "auditor"]


def test_planted_way_ends_and_it_is_said(run: Run, tmp_path: Path) -> None:
    with town(f"sqlite:///{tmp_path / 'city.db'}") as lyceum:
        account, keys = an_account(lyceum, "p-1"), Keyring((b"x" * 32,))
        way = new_identity(keys, "email", "mallory@example.org", account.id, lyceum.clock())
        lyceum.store.save((), put_identity(lyceum.store, keys, "mallory@example.org", way))

        given = run(f"{DB} give {HOST}")

        assert "1 of its ways in ended" in given.err
        assert identities_of(lyceum.store, account_id("p-1")) == ()


def test_what_cannot_be_is_said_in_one_sentence(run: Run, tmp_path: Path) -> None:
    with town(f"sqlite:///{tmp_path / 'city.db'}") as lyceum:
        an_account(lyceum, "p-1")
        assert isinstance(lyceum, Lyceum)
        wrong = [
            run(f"{DB} give --account p-9 --role host --venue school"),
            run(f"{DB} give --account p-1 --role king"),
            run(f"{DB} give --account p-1 --role host"),
            run(f"{DB} give --account p-1 --role host --venue castle"),
            run(f"{DB} accept {HOST}"),
        ]

    assert [one.code for one in wrong] == [1] * 5
    assert [len(one.err.strip().splitlines()) for one in wrong] == [1] * 5
