"""The sample site: a link for each kind of person, and no database of real people opened that way."""

from __future__ import annotations

from pathlib import Path

from adapters.application.application import Lyceum
from adapters.services.sample_accounts import PREFIX, is_sample
from adapters.store.streams import ACCOUNTS
from api.cli.sample_site import sample_links
from domain.account import account_id
from tests.adapters.town import town
from tests.api.conftest import Run


def test_there_is_a_link_for_each_kind_of_person_and_a_new_one_each_time() -> None:
    with Lyceum("memory:") as lyceum:
        first, second = sample_links(lyceum), sample_links(lyceum)

        roles = [role for role, _ in first]
        assert sorted(roles) == ["administrator", "auditor", "community", "coordinator", "host", "volunteer"]
        assert not {secret for _, secret in first} & {secret for _, secret in second}
        assert is_sample(lyceum)
        for role in roles:
            account = lyceum.must_load(ACCOUNTS, account_id(PREFIX + role))
            assert [granted.role for granted in account.grants] == [role]


def test_a_database_of_others_is_not_opened_as_a_sample(run: Run, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'city.db'}"
    with town(address) as lyceum:
        before = lyceum.store.position()

    ran = run(f"lyceum --db {address} run")

    assert ran.code == 1
    assert "holds other data" in ran.err
    with Lyceum(address) as lyceum:
        assert lyceum.store.position() == before
