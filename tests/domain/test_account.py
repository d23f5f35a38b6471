"""Accounts: given events, when a role is given or taken, then events."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import reduce

import pytest

from domain.account import (
    Account,
    AccountClosed,
    AccountEvent,
    AccountOpened,
    BadGrant,
    Closed,
    HeldRole,
    LastAdministrator,
    RoleGrant,
    RoleGranted,
    RoleWithdrawn,
    account_id,
    close_account,
    evolve,
    grant,
    open_account,
    withdraw,
)
from domain.events import AlreadyThere, EventMetadata, ReasonMissing
from tests.builders import an_id

STAMP = EventMetadata(datetime(2026, 11, 22, 9, tzinfo=UTC), "p-1")
KEY = "p-2"
HOST = RoleGrant("host", an_id("school"))
ADMINISTRATOR = RoleGrant("administrator")


def folded(*facts: AccountEvent) -> Account:
    state = reduce(evolve, facts, None)
    assert state is not None
    return state


def account(*grants: RoleGrant) -> Account:
    held = tuple(HeldRole(one, number) for number, one in enumerate(grants, 2))
    return Account(account_id(KEY), 1 + len(grants), KEY, grants, held=held)


def test_account_opens_once() -> None:
    (opened,) = open_account(None, STAMP, KEY)

    assert folded(opened) == account()
    with pytest.raises(AlreadyThere):
        open_account(folded(opened), STAMP, KEY)


def test_role_is_given_and_taken_and_again_nothing_happens() -> None:
    (opened,) = open_account(None, STAMP, KEY)
    (given,) = grant(folded(opened), STAMP, HOST)
    having = folded(opened, given)
    (taken,) = withdraw(having, STAMP, HOST, "moved away", others=0)

    assert isinstance(given, RoleGranted)
    assert having == account(HOST)
    assert grant(having, STAMP, HOST) == ()
    assert isinstance(taken, RoleWithdrawn)
    assert folded(opened, given, taken).grants == ()
    assert withdraw(account(), STAMP, HOST, "moved away", others=0) == ()


@pytest.mark.parametrize(
    "granted",
    [
        RoleGrant("king"),
        RoleGrant("public"),
        RoleGrant("host"),
        RoleGrant("administrator", an_id("school")),
    ],
)
def test_role_without_its_part_or_with_one_too_many_is_refused(granted: RoleGrant) -> None:
    with pytest.raises(BadGrant):
        grant(account(), STAMP, granted)


def test_last_administrator_stays() -> None:
    last = account(ADMINISTRATOR)

    with pytest.raises(LastAdministrator):
        withdraw(last, STAMP, ADMINISTRATOR, "moved away", others=0)
    with pytest.raises(LastAdministrator):
        close_account(last, STAMP, "moved away", others=0)
    assert len(withdraw(last, STAMP, ADMINISTRATOR, "moved away", others=1)) == 1


def test_closed_account_is_given_nothing_and_closes_once() -> None:
    (closed,) = close_account(account(HOST), STAMP, "left", others=0)
    (opened,) = open_account(None, STAMP, KEY)
    over = folded(opened, closed)

    assert isinstance(opened, AccountOpened)
    assert isinstance(closed, AccountClosed)
    assert over.closed
    assert close_account(over, STAMP, "left", others=0) == ()
    with pytest.raises(Closed):
        grant(over, STAMP, HOST)


def test_taking_and_closing_need_a_reason() -> None:
    with pytest.raises(ReasonMissing):
        withdraw(account(HOST), STAMP, HOST, " ", others=1)
    with pytest.raises(ReasonMissing):
        close_account(account(HOST), STAMP, "", others=1)
