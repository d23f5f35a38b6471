"""Erasure of a person: record, guardian's record, feeds, role and account go; the events stay, without the person."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from adapters.access.access_log import look_row
from adapters.access.api_tokens import tokens_without
from adapters.access.rights import Rights
from adapters.application.unit_of_work import Repository, UnitOfWork, command
from adapters.feeds.feed_records import feeds_about
from adapters.people.guardians import guardian_id
from adapters.queries.account_queries import accounts_by_id
from adapters.queries.volunteer_queries import merged_into
from adapters.services.account_uses import end_account, end_rights, merged
from adapters.services.closures import let_go
from adapters.store.append_conditions import read_all
from adapters.store.rows import Row, Table
from adapters.store.store import person_row
from adapters.store.streams import ACCOUNTS, VOLUNTEERS
from domain.account import Account, RoleGrant, close_account, end_offer, withdraw
from domain.events import Event
from domain.messages import message
from domain.volunteer import refuse_merged


@command
def erase_volunteer(
    unit: UnitOfWork,
    person: UUID,
    key: str,
    ids: Callable[[], UUID],
    may_end: Callable[[Account], bool] = lambda _: True,
) -> None:
    """There is no way back. `ids` makes new ids, for the note of who erased it and when.

    Every account and every token of the command line loses the role of the volunteer, and that of each record that was
    merged into this one. An account that has and is offered no other is the volunteer's own, even if the role was taken
    from it before: it is closed with all that it could be used by, where `may_end` allows it. Nobody can be asked any
    more, so the volunteer leaves: what they are booked for from this day on is broken.

    Raises MergedAway where the record was merged into another.
    """
    unit.views.catch_up()
    position = unit.views.position
    enrolled = unit.load(VOLUNTEERS, person)
    if enrolled is not None:
        refuse_merged(enrolled)
    records = {person: key, **merged_into(unit.views, person)}
    writes = [write for id in records for write in feeds_about(unit.store, id)]
    for id, name in records.items():
        known_people = (
            person_id
            for person_id in (id, guardian_id(name))
            if person_id == person or unit.person(person_id)
        )
        writes += [write for person_id in known_people for write in _erased(unit, person_id, ids)]
    events, ended = _without_the_roles(unit, frozenset(RoleGrant("volunteer", id) for id in records), may_end)
    # neither a merger nor a role that is given at the same moment is missed
    unit.commit(events, merged([*writes, *ended]), condition=read_all(position, VOLUNTEERS, ACCOUNTS))
    today = unit.clock().date()
    if enrolled is not None and (enrolled.left is None or enrolled.left > today):
        let_go(unit, key, today, message("the personal record was erased"))


def _without_the_roles(
    repository: Repository, roles: frozenset[RoleGrant], may_end: Callable[[Account], bool]
) -> tuple[list[Event], list[tuple[Table, Row]]]:
    """The events that take the roles from every account, and the writes that end what rested on them."""
    store, metadata, why = repository.store, repository.metadata(), message("the volunteer was erased")
    before = Rights.of_views(store, repository.views)
    events: list[Event] = []
    changed: list[Account] = []
    closed: list[Account] = []
    for listed in accounts_by_id(repository.views).values():
        if roles.isdisjoint(listed.former) and not _of(listed, roles):
            continue
        account = repository.must_load(ACCOUNTS, listed.id)
        if account.closed:
            continue
        was_the_volunteer = not roles.isdisjoint((*account.grants, *account.former))
        own: list[Event] = []
        for role in _of(account, roles):
            taken = withdraw(account, metadata, role, why, others=1) or end_offer(account, metadata, role)
            own += taken
            account = ACCOUNTS.fold(taken, account) or account
        offered = (offer.granted for offer in account.offers)
        remaining = {
            *before.after(account).effective_roles(account),
            *before.claimed(account.id),
            *offered,
        } - roles
        if was_the_volunteer and not remaining and may_end(account):
            own += close_account(account, metadata, why, others=1)
            account = ACCOUNTS.fold(own[-1:], account) or account
            closed.append(account)
        events += own
        changed += [account] if own else []
    tokens, revoked = tokens_without(store, roles)
    rights = before.after(*changed, without=revoked)
    writes = [
        write
        for closed_account in closed
        for write in end_account(store, metadata.at, rights, closed_account)
    ]
    rested = end_rights(store, metadata.at, rights) if changed or revoked else []
    return events, [*writes, *rested, *tokens]


def _of(account: Account, roles: frozenset[RoleGrant]) -> list[RoleGrant]:
    """The roles among `roles` that an account has or is offered."""
    has = (*account.grants, *(offer.granted for offer in account.offers))
    return [role for role in dict.fromkeys(has) if role in roles]


@command
def erase_guardian(unit: UnitOfWork, key: str, ids: Callable[[], UUID]) -> None:
    """Erase the personal record of the guardian of a minor, and not that of the minor."""
    unit.commit((), _erased(unit, guardian_id(key), ids))


def _erased(repository: Repository, person: UUID, ids: Callable[[], UUID]) -> list[tuple[Table, Row]]:
    return [person_row(person, None), look_row(person, "erased", repository.metadata(), ids())]
