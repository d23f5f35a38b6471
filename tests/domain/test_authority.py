"""What was done by a right holds as long as that right does, in whatever order rights are given and taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import reduce
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.account import (
    MOST_OFFERS,
    Account,
    AccountEvent,
    Authority,
    NoSuchOffer,
    Right,
    RoleGrant,
    TooManyOffers,
    accept,
    account_id,
    close_account,
    effective_roles,
    end_offer,
    evolve,
    grant,
    is_effective,
    offer,
    open_account,
    rights_of,
    withdraw,
)
from domain.events import EventMetadata
from tests.builders import an_id

STAMP = EventMetadata(datetime(2026, 11, 22, 9, tzinfo=UTC), "p-1")
ADMINISTRATOR = RoleGrant("administrator")
RIVER = RoleGrant("coordinator", an_id("river"))
HOST = RoleGrant("host", an_id("school"))


@dataclass
class World:
    """Accounts, tokens and the word of a provider, as they are now."""

    accounts: dict[UUID, Account] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    words: dict[UUID, tuple[RoleGrant, ...]] = field(default_factory=dict)

    def account(self, id: UUID) -> Account | None:
        return self.accounts.get(id)

    def has_token(self, hashed: str) -> bool:
        return hashed in self.tokens

    def claimed(self, account: UUID) -> tuple[RoleGrant, ...]:
        return self.words.get(account, ())

    def open(self, key: str) -> UUID:
        self.accounts[account_id(key)] = reduce(evolve, open_account(None, STAMP, key), None)  # type: ignore[assignment]
        return account_id(key)

    def apply(self, id: UUID, facts: Iterable[AccountEvent]) -> None:
        for fact in facts:
            self.accounts[id] = evolve(self.accounts[id], fact)

    def give(self, id: UUID, granted: RoleGrant, giver: UUID | None = None) -> None:
        authority = None
        if giver is not None:
            authority = Authority(giver, rights_of(self.accounts[giver], self), self.claimed(giver))
        self.apply(id, grant(self.accounts[id], STAMP, granted, authority))

    def take(self, id: UUID, granted: RoleGrant) -> None:
        self.apply(id, withdraw(self.accounts[id], STAMP, granted, "a test", others=1))

    def roles(self, id: UUID) -> set[RoleGrant]:
        return set(effective_roles(self.accounts[id], self))


@pytest.fixture
def world() -> World:
    return World()


def test_role_ends_with_the_right_of_who_gave_it_and_touches_nothing_else(world: World) -> None:
    giver, other = world.open("p-1"), world.open("p-2")
    world.give(giver, RIVER)
    world.give(other, HOST, giver)
    world.give(other, ADMINISTRATOR)

    world.take(giver, RIVER)

    assert world.roles(other) == {ADMINISTRATOR}


def test_right_that_is_given_again_brings_nothing_back(world: World) -> None:
    giver, other = world.open("p-1"), world.open("p-2")
    world.give(giver, RIVER)
    world.give(other, HOST, giver)
    world.take(giver, RIVER)

    world.give(giver, RIVER)

    assert world.roles(other) == set()


def test_role_that_two_have_given_ends_with_the_second(world: World) -> None:
    one, two, other = (world.open(f"p-{number}") for number in range(3))
    for giver in (one, two):
        world.give(giver, RIVER)
        world.give(other, HOST, giver)

    world.take(one, RIVER)
    assert world.roles(other) == {HOST}
    world.apply(two, close_account(world.accounts[two], STAMP, "left", others=1))
    assert world.roles(other) == set()


def test_two_who_gave_each_other_a_role_do_not_hold_it_by_that(world: World) -> None:
    root, one, two = (world.open(f"p-{number}") for number in range(3))
    world.give(root, ADMINISTRATOR)
    world.give(one, ADMINISTRATOR, root)
    world.give(two, ADMINISTRATOR, one)
    world.give(one, ADMINISTRATOR, two)
    assert world.roles(one) == world.roles(two) == {ADMINISTRATOR}

    world.take(root, ADMINISTRATOR)

    assert world.roles(one) == world.roles(two) == set()


def test_role_given_by_the_word_of_a_provider_ends_when_it_is_taken_back(world: World) -> None:
    giver, other = world.open("p-1"), world.open("p-2")
    world.words[giver] = (RIVER,)
    world.give(other, HOST, giver)
    assert world.roles(other) == {HOST}

    world.words[giver] = ()

    assert world.roles(other) == set()


def test_what_was_done_with_a_token_ends_when_it_is_revoked(world: World) -> None:
    world.tokens = {"a-hash"}
    assert is_effective(Authority(token="a-hash"), world)

    world.tokens = set()

    assert not is_effective(Authority(token="a-hash"), world)
    assert is_effective(None, world)


def test_right_of_an_older_read_model_holds_until_it_is_counted(world: World) -> None:
    giver = account_id("p-old")
    world.accounts[giver] = Account(giver, 2, "p-old", (RIVER,))
    authority = Authority(giver, rights_of(world.accounts[giver], world))
    assert is_effective(authority, world)

    world.open("p-old")
    world.give(giver, RIVER)

    assert is_effective(authority, world)


def test_offer_is_accepted_as_long_as_who_made_it_may_give_it(world: World) -> None:
    giver, other = world.open("p-1"), world.open("p-2")
    world.give(giver, RIVER)
    authority = Authority(giver, rights_of(world.accounts[giver], world))
    world.apply(other, offer(world.accounts[other], STAMP, HOST, authority))
    assert world.roles(other) == set()
    assert offer(world.accounts[other], STAMP, HOST, authority) == ()

    (given_role,) = accept(world.accounts[other], STAMP, HOST, world)
    assert given_role.authority == authority
    world.take(giver, RIVER)
    with pytest.raises(NoSuchOffer):
        accept(world.accounts[other], STAMP, HOST, world)
    world.apply(other, end_offer(world.accounts[other], STAMP, HOST))
    with pytest.raises(NoSuchOffer):
        end_offer(world.accounts[other], STAMP, HOST)


def test_account_has_so_many_offers_at_most(world: World) -> None:
    other = world.open("p-2")
    for number in range(MOST_OFFERS):
        world.apply(other, offer(world.accounts[other], STAMP, RoleGrant("host", an_id(str(number)))))

    with pytest.raises(TooManyOffers):
        offer(world.accounts[other], STAMP, HOST)


# ---- Any order

PEOPLE = range(4)
ROLES = (ADMINISTRATOR, RIVER, HOST)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("give"), st.sampled_from(PEOPLE), st.sampled_from(PEOPLE), st.sampled_from(ROLES)),
        st.tuples(st.just("take"), st.sampled_from(PEOPLE), st.just(0), st.sampled_from(ROLES)),
        st.tuples(st.just("close"), st.sampled_from(PEOPLE), st.just(0), st.sampled_from(ROLES)),
    ),
    max_size=25,
)


@given(STEPS)
def test_every_role_leads_back_to_whoever_runs_the_installation(
    steps: list[tuple[str, int, int, RoleGrant]],
) -> None:
    """Judged by a second program: a role holds when a chain of givings that were not taken leads to the first one."""
    world = World()
    people = [world.open(f"p-{number}") for number in PEOPLE]
    world.give(people[0], ADMINISTRATOR)
    for what, one, two, role in steps:
        account = world.accounts[people[one]]
        if what == "give" and not account.closed and rights_of(world.accounts[people[two]], world):
            world.give(people[one], role, people[two])
        elif what == "take":
            world.take(people[one], role)
        elif what == "close":
            world.apply(people[one], close_account(account, STAMP, "a test", others=1))

    good: set[tuple[UUID, Right]] = set()
    before = -1
    while before != len(good):  # from the root outwards, until nothing more is reached
        before = len(good)
        for id, account in world.accounts.items():
            for held in () if account.closed else account.held:
                by = held.authority
                if by is None or any((by.account, right) in good for right in by.rights):
                    good.add((id, Right(held.granted, held.number)))
    for id in people:
        assert world.roles(id) == {right.granted for owner, right in good if owner == id}
