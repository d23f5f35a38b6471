"""Commands about accounts and sign-ins, over a unit of work: what they rest on, and who gives them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from eventsourcing.persistence import IntegrityError

from adapters.access.api_tokens import Credential
from adapters.access.keyring import Keyring
from adapters.access.login_sessions import Link, NoSuchLink, SignIn, find_sign_in
from adapters.application.application import Lyceum
from adapters.services import accounts, sign_ins, tokens
from adapters.services.accounts import NewIdentity
from adapters.services.provider_accounts import ProviderWord, account_of_subject
from adapters.services.role_changes import UntrustedIdentity, watch_entries
from adapters.services.sign_ins import NewSignIn
from adapters.store.streams import ACCOUNTS
from domain.account import Account, Authority, Closed, LastAdministrator, Right, RoleGrant, account_id
from domain.account import open_account as opened
from domain.quotas import MOST_TOKENS, QuotaReached

KEYS = Keyring((b"s" * 32,))
ADMINISTRATOR = RoleGrant("administrator")
AUDITOR = RoleGrant("auditor")
DAY = timedelta(days=1)


def an_account(lyceum: Lyceum, key: str, *roles: RoleGrant) -> Account:
    lyceum.commit(opened(None, lyceum.metadata(), key))
    for granted in roles:
        accounts.grant_role(lyceum, account_id(key), granted, None)
    return lyceum.must_load(ACCOUNTS, account_id(key))


def an_identity(authority: Authority) -> NewIdentity:
    return NewIdentity("email", "wang@example.org", KEYS, authority, exclusive=True)


def a_link(lyceum: Lyceum, account: Account) -> Link:
    return Link(account.id, "operator", lyceum.clock() + DAY)


def test_what_rests_on_ways_in_is_refused_where_one_was_closed_since_the_first_look(quick: Lyceum) -> None:
    holder = an_account(quick, "p-holder")
    accounts.add_login_identity(quick, holder.id, an_identity(Authority()), only_first=True)
    unit = quick.unit("p-holder")

    watch_entries(unit, holder.id)
    accounts.close_login_identities(quick, holder.id)
    accounts.grant_role(unit, holder.id, AUDITOR, None)

    with pytest.raises(IntegrityError):
        unit.save()


def test_command_of_an_application_begins_again_where_an_account_has_come_meanwhile(quick: Lyceum) -> None:
    holder, giver = an_account(quick, "p-holder"), an_account(quick, "p-giver", AUDITOR)
    (held,) = giver.held
    accounts.grant_role(quick, holder.id, AUDITOR, Authority(giver.id, (Right(held.granted, held.number),)))
    tries: list[RoleGrant] = []

    def renewal(granted: RoleGrant) -> Authority:
        tries.append(granted)
        if len(tries) == 1:
            an_account(quick, "p-meanwhile")
        return Authority()

    change = accounts.withdraw_role(quick, giver.id, AUDITOR, "has left", renewal)

    assert tries == [AUDITOR, AUDITOR]
    assert change.ended.roles == ()
    assert change.rights.effective_roles(quick.must_load(ACCOUNTS, holder.id)) == (AUDITOR,)


def test_of_two_who_take_administration_from_each_other_one_is_refused(quick: Lyceum) -> None:
    first, second = an_account(quick, "p-a", ADMINISTRATOR), an_account(quick, "p-b", ADMINISTRATOR)
    unit = quick.unit("p-a")
    accounts.withdraw_role(unit, second.id, ADMINISTRATOR, "is not needed")

    accounts.withdraw_role(quick, first.id, ADMINISTRATOR, "is not needed")

    with pytest.raises(IntegrityError):
        unit.save()
    with pytest.raises(LastAdministrator):
        accounts.withdraw_role(quick, second.id, ADMINISTRATOR, "is not needed")


def test_holder_who_came_in_by_a_way_that_a_stranger_put_in_cannot_agree(quick: Lyceum) -> None:
    holder = an_account(quick, "p-holder")
    added = accounts.add_login_identity(quick, holder.id, an_identity(Authority()), only_first=True)
    accounts.offer_role(quick, holder.id, AUDITOR, None)
    now = quick.clock()
    sign_in = SignIn(holder.id, "email", now, now + DAY, now, (), added.id)

    with pytest.raises(UntrustedIdentity):
        accounts.accept_role(quick, holder.id, AUDITOR, sign_in)

    change = accounts.accept_role(quick, holder.id, AUDITOR, None)
    assert (change.account.grants, change.ended.ways) == ((AUDITOR,), 1)


def test_link_signs_in_once_and_ends_what_the_browser_had(quick: Lyceum) -> None:
    holder = an_account(quick, "p-holder")
    for secret, earlier in (("first", None), ("second", "first")):
        sign_ins.make_link(quick, f"link {secret}", a_link(quick, holder))
        sign_ins.enter_by_link(quick, f"link {secret}", NewSignIn(secret, DAY, earlier))

    assert find_sign_in(quick.store, "first", quick.clock(), DAY) is None
    assert find_sign_in(quick.store, "second", quick.clock(), DAY) is not None
    with pytest.raises(NoSuchLink):
        sign_ins.enter_by_link(quick, "link second", NewSignIn("third", DAY))


def test_link_of_an_account_that_was_closed_lets_nobody_in(quick: Lyceum) -> None:
    holder = an_account(quick, "p-holder")
    sign_ins.make_link(quick, "link", a_link(quick, holder))
    unit = quick.unit("api")
    sign_ins.enter_by_link(unit, "link", NewSignIn("secret", DAY))

    accounts.close_account(quick, holder.id, "has left")

    with pytest.raises(IntegrityError):
        unit.save()


def test_stranger_of_the_provider_opens_an_account_as_its_holder(quick: Lyceum) -> None:
    word = ProviderWord("https://id.example\0wang", (AUDITOR,), KEYS)

    account, way = account_of_subject(quick.acting_as("provider"), word, "p-new")
    again, _ = account_of_subject(quick.acting_as("provider"), word, "p-other")

    assert (account.key, again.id, way.claimed) == ("p-new", account.id, (AUDITOR,))
    assert [event.by for event in quick.store.events_of(account.id)] == ["p-new"]
    accounts.close_login_identities(quick, account.id)
    with pytest.raises(Closed):
        account_of_subject(quick.acting_as("provider"), word, "p-third")


def test_tokens_are_rationed_where_their_maker_is_a_person(quick: Lyceum) -> None:
    credential = Credential("p-holder", (AUDITOR,), quick.clock() + DAY)
    for number in range(MOST_TOKENS):
        tokens.make_token(quick, f"lyc_{number}", credential)

    with pytest.raises(QuotaReached):
        tokens.make_token(quick, "lyc_more", credential, rationed=True)
    tokens.make_token(quick, "lyc_more", credential)
