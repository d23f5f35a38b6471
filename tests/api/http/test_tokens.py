"""`lyceum token` makes a key for one role in one part of the network; the database keeps its hash alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from adapters.access.api_tokens import RoleGrant, credential_at, hash_of
from adapters.application.application import Lyceum
from adapters.application.unit_of_work import now
from domain.network import area_id
from domain.venue import venue_id
from tests.api.conftest import Run


@pytest.mark.parametrize(
    ("options", "granted"),
    [
        ("--role administrator", RoleGrant("administrator")),
        ("--role coordinator --area river", RoleGrant("coordinator", area_id("river"))),
        ("--role host --venue school", RoleGrant("host", venue_id("school"))),
    ],
)
def test_token_holds_for_its_role_until_it_expires(
    run: Run, tmp_path: Path, options: str, granted: RoleGrant
) -> None:
    made = run(f"lyceum --db sqlite:///city.db token {options} --days 10").out.strip()

    with Lyceum(f"sqlite:///{tmp_path / 'city.db'}") as lyceum:
        found = credential_at(lyceum.store, hash_of(made), now())
        assert found is not None
        assert found.grants == (granted,)
        assert credential_at(lyceum.store, hash_of(made), now() + timedelta(days=11)) is None
        assert credential_at(lyceum.store, hash_of(made[:-1]), now()) is None
    assert not any(made.encode() in file.read_bytes() for file in tmp_path.glob("city.db*"))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("--role king", "is none"),
        ("--role public", "is none"),
        ("--role host", "needs --venue"),
        ("--role coordinator --venue school", "needs --area"),
    ],
)
def test_token_for_a_role_without_its_part_is_refused(run: Run, options: str, told: str) -> None:
    refused = run(f"lyceum token {options}")

    assert refused.code == 1
    assert told in refused.err
