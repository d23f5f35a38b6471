"""Erase a person: the record, a guardian's, feeds, the role, and the account; the events stay, without the person."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from adapters.access import end_account, end_rights, merged
from adapters.application import Lyceum
from adapters.closures import let_go
from adapters.feeds import feeds_about
from adapters.looks import look_row
from adapters.rights import Rights
from adapters.store.rows import Row, Table
from adapters.store.store import person_row
from adapters.store.streams import ACCOUNTS, VOLUNTEERS
from domain.account import Account, Granted, close_account, end_offer, withdraw
from domain.facts import Fact, stream_id


def guardian_id(volunteer_key: str) -> UUID:
    """The id of the guardian of a minor."""
    return stream_id("guardian", volunteer_key)


def erase_volunteer(
    lyceum: Lyceum,
    person: UUID,
    key: str,
    ids: Callable[[], UUID],
    may_end: Callable[[Account], bool] = lambda _: True,
) -> None:
    """There is no way back. `ids` makes new ids, for the note of who erased it and when.

    Every account loses the role of the volunteer. One that has no other is the volunteer's own: it is closed with all
    that it could be used by, where `may_end` says that whoever erases may do so. Nobody can be asked any more, so the
    volunteer leaves: what was promised from this day on is broken.
    """
    writes: list[tuple[Table, Row]] = list(feeds_about(lyceum.store, person))
    if lyceum.person(guardian_id(key)):
        writes += _erased(lyceum, guardian_id(key), ids)
    facts, ended = _without_the_role(lyceum, Granted("volunteer", person), may_end)
    lyceum.commit(facts, [*_erased(lyceum, person, ids), *writes, *ended])
    enrolled, today = lyceum.load(VOLUNTEERS, person), lyceum.clock().date()
    if enrolled is not None and (enrolled.left is None or enrolled.left > today):
        let_go(lyceum, key, today, "the personal record was erased")


def _without_the_role(
    lyceum: Lyceum, role: Granted, may_end: Callable[[Account], bool]
) -> tuple[list[Fact], list[tuple[Table, Row]]]:
    """The events that take the role from every account, and the writes that end what rested on it."""
    store, stamp, why = lyceum.store, lyceum.stamp(), "the volunteer was erased"
    before = Rights.of_views(store, lyceum.views)
    facts: list[Fact] = []
    changed: list[Account] = []
    closed: list[Account] = []
    for found in lyceum.views.all(ACCOUNTS):
        account = store.must_load(ACCOUNTS, found.id) if _has(found, role) else found
        if account.closed or not _has(account, role):
            continue
        own: list[Fact] = [*withdraw(account, stamp, role, why, others=1)]
        own = own or [*end_offer(account, stamp, role)]
        was_one = role in account.grants
        account = ACCOUNTS.fold(own, account) or account
        left = {*before.after(account).standing(account), *before.claimed(account.id)} - {role}
        if was_one and not left and may_end(account):
            own += close_account(account, stamp, why, others=1)
            account = ACCOUNTS.fold(own[-1:], account) or account
            closed.append(account)
        facts += own
        changed.append(account)
    rights = before.after(*changed)
    writes = [write for one in closed for write in end_account(store, stamp.at, rights, one)]
    rested = end_rights(store, stamp.at, rights) if changed else []
    return facts, merged([*writes, *rested])


def _has(account: Account, role: Granted) -> bool:
    return role in account.grants or any(one.granted == role for one in account.offers)


def erase_guardian(lyceum: Lyceum, key: str, ids: Callable[[], UUID]) -> None:
    """That of a minor alone."""
    lyceum.commit((), _erased(lyceum, guardian_id(key), ids))


def _erased(lyceum: Lyceum, person: UUID, ids: Callable[[], UUID]) -> list[tuple[Table, Row]]:
    return [person_row(person, None), look_row(person, "erased", lyceum.stamp(), ids())]
