"""Accounts: who has which role, given and taken by who holds as much; no names, and addresses only as hashes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from adapters.accounts import Kind as WayKind
from adapters.accounts import (
    Way,
    address_of,
    administrators,
    closed_ways,
    new_way,
    refuse_taken,
    subject_of,
    ways_of,
)
from adapters.sign_ins import Writes, ended_everywhere
from adapters.store.rows import ABSENT, Row, Table
from adapters.store.streams import ACCOUNTS
from api.http.calls import Answer, Call, Command, listed, told
from api.http.grants import gives, granted_as, place_of
from api.http.operations import Form, Operations
from api.http.paging import Cursor, Limit, Page, page
from api.http.parameters import Key, Why, ident
from api.http.problems import Problem, invalid
from api.http.resources.grants import Grant
from api.http.signin.refusals import NotSetUp
from domain import account as decide
from domain.account import Account, Granted, account_id
from domain.facts import NotThere

operations = Operations("accounts")

Sort = Literal["key", "-key"]
EXAMPLE = {
    "id": "1d0c7a6e-0000-5000-8000-000000000001",
    "version": 2,
    "key": "p-3f9c2a7b1d04",
    "grants": [{"role": "host", "within": "0c7a6d3e-0000-5000-8000-000000000001"}],
    "closed": False,
}
WAY = {
    "id": "5d41402abc4b2a76",
    "kind": "email",
    "account": EXAMPLE["id"],
    "since": "2026-11-22T09:00:00Z",
}
ROSTER = ("roster", "administrators")
GRANT = {"role": "host", "within": "school"}


class WayIn(Form):
    """An e-mail address, or a subject at the provider. Neither is kept: only a hash to know it by again."""

    email: Annotated[str, Field(max_length=254)] | None = None
    subject: Annotated[str, Field(min_length=1, max_length=255)] | None = None


class NewAccount(WayIn):
    """Whose it is, by one way in, and the roles."""

    grants: Annotated[tuple[Grant, ...], Field(max_length=50)] = ()


class Withdrawal(Grant):
    why: Why


class Closing(Form):
    why: Why


class WaysClosed(Form):
    """Without `ids`: all of them."""

    ids: Annotated[tuple[Annotated[str, Field(pattern="^[0-9a-f]{16}$")], ...], Field(max_length=50)] = ()


@dataclass(frozen=True, slots=True)
class Ways:
    items: tuple[Way, ...]


# ---- Who may


def _may_give(call: Call, granted: Granted) -> None:
    call.within(place_of(call.views(), granted))
    if not gives(call.caller.grants, granted, call.views(), call.today):
        raise Problem("not-allowed", f"you may not give the role {granted.role}, or not there")


def _subject(call: Command, key: str) -> Account:
    account = call.unit.load(ACCOUNTS, ident(key, account_id))
    if account is None:
        raise NotThere(f"there is no account {key[:80]}; check the number that its owner sees at /sign-in")
    return account


def _whole(call: Command, key: str) -> Account:
    """An account that the caller may do anything with: who can open a way into it gets all of its roles."""
    account = _subject(call, key)
    if not account.grants:
        call.within(place_of(call.views(), Granted("administrator")))
    for one in account.grants:
        _may_give(call, one)
    call.match(account.version)
    return account


def _sees(call: Call, account: Account) -> bool:
    return any(call.reaches(place_of(call.now, one)) for one in account.grants)


# ---- Reading


@operations.read(
    "/accounts",
    may="accounts.read",
    answers=Account,
    many=True,
    summary="List accounts",
    example={"items": [EXAMPLE], "next": None},
)
def list_accounts(call: Call, sort: Sort = "key", limit: Limit = 50, cursor: Cursor = None) -> Answer:
    """A coordinator's list has those with a role in the own area; who has none yet is for administrators."""
    found = [one for one in call.now.all(ACCOUNTS) if call.judged or _sees(call, one)]
    call.judged = True
    shown = page(
        found,
        sort=sort,
        keys={"key": lambda one: one.key},
        id_of=lambda one: one.key,
        limit=limit,
        cursor=cursor,
    )
    return listed(Account, shown)


@operations.read(
    "/accounts/{account}",
    may="accounts.read",
    answers=Account,
    summary="Read an account",
    example=EXAMPLE,
)
def read_account(call: Call, account: Key) -> Answer:
    return told(_find(call, account))


def _find(call: Call, key: str) -> Account:
    found = call.now.get(ACCOUNTS, ident(key, account_id))
    if found is None:
        raise NotThere(f"there is no account {key[:80]}; check the number that its owner sees at /sign-in")
    if not call.judged:
        if not _sees(call, found):
            raise Problem("not-allowed", "the account has no role in your part of the network")
        call.judged = True
    return found


@operations.read(
    "/accounts/{account}/ways",
    may="accounts.read",
    answers=Way,
    many=True,
    summary="List the ways in to an account",
    example={"items": [WAY], "next": None},
)
def list_ways(call: Call, account: Key) -> Answer:
    """That there is an address, and since when; not which."""
    found = _find(call, account)
    return listed(Way, Page(ways_of(call.house.lyceum.store, found.id), None))


# ---- Opening and giving


@operations.command(
    "/accounts",
    may="accounts.write",
    answers=Account,
    status=201,
    summary="Open an account for somebody",
    example={"email": "host@example.org", "grants": [GRANT]},
    answer_example=EXAMPLE,
)
def open_account(call: Command, form: NewAccount) -> Answer:
    """They sign in by that address or subject. A coordinator gives a role at once; 409 names who has it already."""
    wanted = [granted_as(call.views(), one.role, one.within) for one in form.grants]
    for one in wanted or [Granted("administrator")]:
        _may_give(call, one)
    call.match(0)
    key = f"p-{call.house.ids().hex[-12:]}"
    account, stamp = account_id(key), call.unit.stamp()
    facts = [*decide.open_account(call.unit.load(ACCOUNTS, account), stamp, key)]
    call.unit.commit(facts, [_way(call, form, account)[1]])
    for one in wanted:
        call.unit.commit(decide.grant(call.after(ACCOUNTS, account), stamp, one))
    return call.created(ACCOUNTS, account, f"/v1/accounts/{key}")


def _way(call: Command, form: WayIn, account: UUID) -> tuple[Way, tuple[Table, Row]]:
    """The write that opens a way in. Refuses one that leads somewhere already."""
    if (form.email is None) is (form.subject is None):
        raise invalid("body", "email", "give one of email and subject")
    desk, store = call.house.desk, call.house.lyceum.store
    kind: WayKind = "email" if form.email is not None else "provider"
    if form.email is not None:
        name = address_of(form.email)
    elif desk.provider is None:
        raise NotSetUp("no provider is set up here, so there are no subjects")
    else:
        name = subject_of(desk.provider.settings.issuer, form.subject or "")
    refuse_taken(store, desk.keys, kind, name)
    return new_way(desk.keys, kind, name, account, call.unit.stamp().at)


@operations.command(
    "/accounts/{account}/grant",
    may="accounts.write",
    answers=Account,
    summary="Give an account a role",
    example=GRANT,
    answer_example=EXAMPLE,
)
def grant_role(call: Command, form: Grant, account: Key) -> Answer:
    """An administrator any; a coordinator host, volunteer and community in the own area."""
    wanted = granted_as(call.views(), form.role, form.within)
    _may_give(call, wanted)
    present = _subject(call, account)
    call.match(present.version)
    call.unit.commit(decide.grant(present, call.unit.stamp(), wanted))
    return told(call.after(ACCOUNTS, present.id, present))


# ---- Taking and closing


@operations.command(
    "/accounts/{account}/withdraw",
    may="accounts.write",
    answers=Account,
    summary="Take a role from an account",
    example={**GRANT, "why": "has moved away"},
    answer_example={**EXAMPLE, "grants": []},
)
def withdraw_role(call: Command, form: Withdrawal, account: Key) -> Answer:
    """At once: every sign-in and every token of the account has it no longer. The last administrator stays one."""
    wanted = granted_as(call.views(), form.role, form.within)
    _may_give(call, wanted)
    present = _subject(call, account)
    call.match(present.version)
    others, guard = _others(call, present, matters=wanted.role == "administrator")
    call.unit.commit(decide.withdraw(present, call.unit.stamp(), wanted, form.why, others=others), guard)
    return told(call.after(ACCOUNTS, present.id, present))


@operations.command(
    "/accounts/{account}/close",
    may="accounts.write",
    answers=Account,
    summary="Close an account",
    example={"why": "has left"},
    answer_example={**EXAMPLE, "closed": True},
)
def close_account(call: Command, form: Closing, account: Key) -> Answer:
    """For good: sign-ins, links and tokens end with it, and what was known of the address is erased.

    A subject of the provider stays known, so that its owner is kept out, until that way in is closed too.
    """
    present = _whole(call, account)
    store = call.house.lyceum.store
    subjects = [one.id for one in ways_of(store, present.id) if one.kind == "provider"]
    others, guard = _others(call, present, matters=decide.is_administrator(present))
    call.unit.commit(
        decide.close_account(present, call.unit.stamp(), form.why, others=others),
        [*closed_ways(store, present.id, subjects), *ended_everywhere(store, present.id), *guard],
    )
    return told(call.after(ACCOUNTS, present.id, present))


def _others(call: Command, account: Account, *, matters: bool) -> tuple[int, Writes]:
    """How many other administrators there are, and where it matters the write that keeps it true until the end.

    Of two who take the role from each other at the same time one loses that row, begins again, and is refused. The
    row is read before the accounts, and those from their events: the read side may be a moment behind.
    """
    if not matters:
        return 0, []
    store = call.house.lyceum.store
    before = store.rows("credentials").get(*ROSTER)
    there = (store.load(ACCOUNTS, one.id) for one in administrators(call.now) if one.id != account.id)
    others = sum(one is not None and decide.is_administrator(one) for one in there)
    body = b"%d" % (int(before or b"0") + 1)
    return others, [("credentials", Row(*ROSTER, body, before=before or ABSENT))]


# ---- Ways in


@operations.command(
    "/accounts/{account}/ways",
    may="accounts.write",
    answers=Ways,
    summary="Add a way in to an account",
    example={"email": "host@example.org"},
    answer_example={"items": [WAY]},
)
def add_way(call: Command, form: WayIn, account: Key) -> Answer:
    """By who may give all of the account's roles: whoever has the way in has them."""
    present = _whole(call, account)
    if present.closed:
        raise decide.Closed(f"account {present.key} is closed; open a new one")
    way, write = _way(call, form, present.id)
    call.unit.commit((), [write])
    return told(Ways((*ways_of(call.house.lyceum.store, present.id), way)))


@operations.command(
    "/accounts/{account}/ways/close",
    may="accounts.write",
    answers=Ways,
    summary="Close ways in to an account",
    example={"ids": ["5d41402abc4b2a76"]},
    answer_example={"items": []},
)
def close_ways(call: Command, form: WaysClosed, account: Key) -> Answer:
    """What was known of the address is erased. Sign-ins that have begun go on; sign out everywhere to end them."""
    present = _whole(call, account)
    store = call.house.lyceum.store
    every = ways_of(store, present.id)
    kept = tuple(one for one in every if form.ids and one.id not in form.ids)
    call.unit.commit((), closed_ways(store, present.id, [one.id for one in kept]))
    return told(Ways(kept))
