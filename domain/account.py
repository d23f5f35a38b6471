"""Accounts and role-based access: which roles an account has, where, and by whose authority each was granted.

An account is an id with roles and nothing of the person; how somebody signs in (an address, a subject at a provider)
is not in the events. A delegated role holds as long as whoever granted it still has the right to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Protocol, TypeAlias, get_args
from uuid import UUID

from domain.events import (
    AlreadyThere,
    Event,
    EventMetadata,
    NotThere,
    Refused,
    envelope,
    following,
    reason,
    stream_id,
)
from domain.messages import message
from domain.terms import term
from domain.text import Key, Name, Sentence, clean

Role: TypeAlias = Literal[
    "public", "host", "volunteer", "community", "coordinator", "administrator", "auditor"
]
ROLES: tuple[Role, ...] = get_args(Role)
PARTS: dict[str, str | None] = {
    "host": "venue",
    "volunteer": "volunteer",
    "community": "area",
    "coordinator": "area",
    "administrator": None,
    "auditor": None,
}  # what each role that can be given is given for; None: everywhere


class BadGrant(Refused):
    """A role that nobody can be given, or one that does not fit the part it is given for."""


class Closed(Refused):
    """An account that is closed."""


class LastAdministrator(Refused):
    """A command after which nobody could give out roles any more."""


class NoSuchOffer(NotThere):
    """An answer to a role that nobody offers, or offers no longer."""


class TooManyOffers(Refused):
    """An offer to an account that has many to answer already."""


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """A role, and the part of the network that it holds in: an area, a venue, a person; None = everywhere."""

    role: str
    within: UUID | None = None


@dataclass(frozen=True, slots=True)
class Right:
    """A role of an account, by the number of the event that gave it: taken and given again it is another one."""

    granted: RoleGrant
    number: int


@dataclass(frozen=True, slots=True)
class Authority:
    """By whose right something is there: roles of an account, of which one is enough, or a token.

    Attributes
    ----------
    account : UUID, optional
        Who acted; None for a token of the command line.
    rights, claimed
        What let them: roles of the account, and those that a provider vouched for.
    token : str, optional
        The hash of the token that was shown, if it was one.
    way : str, optional
        The id of the way by which they had signed in, if they had.
    """

    account: UUID | None = None
    rights: tuple[Right, ...] = ()
    claimed: tuple[RoleGrant, ...] = ()
    token: Name | None = None
    way: Name | None = None


@dataclass(frozen=True, slots=True)
class HeldRole:
    """One giving of a role. `number` is that of the event; `authority` None: whoever runs the installation."""

    granted: RoleGrant
    number: int
    authority: Authority | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A role that waits for the holder of the account to accept it."""

    granted: RoleGrant
    authority: Authority | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOpened(Event):
    key: Key
    authority: Authority | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleOffered(Event):
    granted: RoleGrant
    authority: Authority | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferEnded(Event):
    """Declined by the holder, or taken back."""

    granted: RoleGrant


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGranted(Event):
    granted: RoleGrant
    authority: Authority | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleWithdrawn(Event):
    granted: RoleGrant
    why: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountClosed(Event):
    why: Sentence


AccountEvent: TypeAlias = (
    AccountOpened | RoleOffered | OfferEnded | RoleGranted | RoleWithdrawn | AccountClosed
)
MOST_OFFERS = 20
NOT_COUNTED = 0  # of a right in a read model that an older program made, until it is made again


@dataclass(frozen=True, slots=True)
class Account:
    """`key` is what events carry as `by`: it means nothing to who does not know the person.

    Attributes
    ----------
    grants
        The roles that were given and not taken; `effective_roles` says which of them hold now.
    held
        Each giving of them.
    offers
        Roles that wait for the holder's answer.
    opened
        By whose right it was opened; None: by its holder, or by whoever runs the installation.
    former
        Roles that were taken from it.
    """

    id: UUID
    version: int
    key: str
    grants: tuple[RoleGrant, ...] = ()
    closed: bool = False
    held: tuple[HeldRole, ...] = ()
    offers: tuple[Offer, ...] = ()
    opened: Authority | None = None
    former: tuple[RoleGrant, ...] = ()


def account_id(key: str) -> UUID:
    return stream_id("account", key)


# ---- What holds


class AuthorityLookup(Protocol):
    """Accounts, tokens and claims, as far as they say whether an authority still holds."""

    def account(self, id: UUID) -> Account | None: ...

    def has_token(self, hashed: str) -> bool:
        """Whether a token, and the one that it was made with, was not revoked."""
        ...

    def claimed(self, account: UUID) -> tuple[RoleGrant, ...]:
        """The roles that a provider last vouched for."""
        ...


def is_effective(authority: Authority | None, lookup: AuthorityLookup) -> bool:
    """Whether an authority still holds: one of its rights or claimed roles does, and its token was not revoked.

    None, whoever runs the installation, always holds. Follows the chain of delegation to its end; two accounts that
    granted each other a role do not hold it by that.
    """
    return _is_effective(authority, lookup, frozenset())


def effective_roles(account: Account, lookup: AuthorityLookup) -> tuple[RoleGrant, ...]:
    """The roles of an account that hold now: each given by somebody who still has the right to."""
    if account.closed:
        return ()
    return tuple(
        role_grant for role_grant in account.grants if _holds(account, role_grant, None, lookup, frozenset())
    )


_Seen: TypeAlias = frozenset[
    tuple[UUID, int]
]  # so that two who gave each other a role do not hold it by that


def _is_effective(authority: Authority | None, lookup: AuthorityLookup, seen: _Seen) -> bool:
    if authority is None:
        return True
    if authority.token is not None and not lookup.has_token(authority.token):
        return False
    if authority.account is None:
        return True
    account = lookup.account(authority.account)
    if account is None or account.closed:
        return False
    if any(_holds(account, right.granted, right.number, lookup, seen) for right in authority.rights):
        return True
    return bool(authority.claimed) and not set(authority.claimed).isdisjoint(lookup.claimed(account.id))


def _holds(
    account: Account, role_grant: RoleGrant, number: int | None, lookup: AuthorityLookup, seen: _Seen
) -> bool:
    """Whether a role holds by one of its givings, or by the one of that number."""
    if role_grant not in account.grants:
        return False
    holdings = [held for held in account.held if held.granted == role_grant]
    return not holdings or any(
        (account.id, held.number) not in seen
        and _is_effective(held.authority, lookup, seen | {(account.id, held.number)})
        for held in holdings
        if number in (None, NOT_COUNTED, held.number)
    )


def rights_of(account: Account, lookup: AuthorityLookup) -> tuple[Right, ...]:
    """Each giving that holds of each role of an account."""
    if account.closed:
        return ()
    counted = {held.granted for held in account.held}
    return (
        *(Right(role_grant, NOT_COUNTED) for role_grant in account.grants if role_grant not in counted),
        *(
            Right(held.granted, held.number)
            for held in account.held
            if _holds(account, held.granted, held.number, lookup, frozenset())
        ),
    )


# ---- Decisions


def open_account(
    account: Account | None, metadata: EventMetadata, key: str, authority: Authority | None = None
) -> tuple[AccountOpened, ...]:
    """Open an account without roles. Raises AlreadyThere, BadText."""
    key = clean(key, message("the key of an account"), Key)
    if account is not None:
        raise AlreadyThere(message("account {key} is open already; give it a role instead", key=key))
    return (AccountOpened(**envelope(account_id(key), 1, metadata), key=key, authority=authority),)


def offer(
    account: Account, metadata: EventMetadata, role_grant: RoleGrant, authority: Authority | None = None
) -> tuple[RoleOffered, ...]:
    """Offer a role to the holder; no event where the same right offers it already.

    Raises TooManyOffers, BadGrant, Closed.
    """
    _check(account, role_grant)
    if Offer(role_grant, authority) in account.offers:
        return ()
    if len(account.offers) >= MOST_OFFERS:
        raise TooManyOffers(
            message(
                "account {account} has {most_offers} offers to answer; wait until its holder has",
                account=account.key,
                most_offers=MOST_OFFERS,
            )
        )
    return (RoleOffered(**following(account, metadata), granted=role_grant, authority=authority),)


def accept(
    account: Account, metadata: EventMetadata, role_grant: RoleGrant, lookup: AuthorityLookup
) -> tuple[RoleGranted, ...]:
    """Take up an offered role, by the holder.

    Raises NoSuchOffer where nobody who may still give the role offers it, BadGrant, Closed.
    """
    _check(account, role_grant)
    good = [
        pending
        for pending in account.offers
        if pending.granted == role_grant and is_effective(pending.authority, lookup)
    ]
    if not good:
        raise NoSuchOffer(
            message(
                "the role {role} is not offered to account {account}, or no longer",
                role=term(role_grant.role),
                account=account.key,
            )
        )
    return (RoleGranted(**following(account, metadata), granted=role_grant, authority=good[0].authority),)


def end_offer(account: Account, metadata: EventMetadata, role_grant: RoleGrant) -> tuple[OfferEnded, ...]:
    """End an offer: the holder declines it, or who made it takes it back. Raises NoSuchOffer."""
    if all(pending.granted != role_grant for pending in account.offers):
        raise NoSuchOffer(
            message(
                "the role {role} is not offered to account {account}, or no longer",
                role=term(role_grant.role),
                account=account.key,
            )
        )
    return (OfferEnded(**following(account, metadata), granted=role_grant),)


def grant(
    account: Account, metadata: EventMetadata, role_grant: RoleGrant, authority: Authority | None = None
) -> tuple[RoleGranted, ...]:
    """Give a role; no event where the account has it there already, by the same right or by an unbounded one.

    Raises BadGrant, Closed.
    """
    _check(account, role_grant)
    authorities = [held.authority for held in account.held if held.granted == role_grant]
    if role_grant in account.grants and (not authorities or authority in authorities or None in authorities):
        return ()
    return (RoleGranted(**following(account, metadata), granted=role_grant, authority=authority),)


def _check(account: Account, role_grant: RoleGrant) -> None:
    if role_grant.role not in PARTS:
        raise BadGrant(
            message(
                "{role!r} is no role that can be given; there are {roles}",
                role=role_grant.role,
                roles=tuple(PARTS),
            )
        )
    part = PARTS[role_grant.role]
    if (part is None) is not (role_grant.within is None):
        target = (
            message("the key of its {part}", part=term(part))
            if part
            else message("no part of the network: it holds everywhere")
        )
        raise BadGrant(
            message("the role {role} is given with {target}", role=term(role_grant.role), target=target)
        )
    if account.closed:
        raise Closed(message("account {account} is closed; open a new one", account=account.key))


def withdraw(
    account: Account, metadata: EventMetadata, role_grant: RoleGrant, why: str, *, others: int
) -> tuple[RoleWithdrawn, ...]:
    """Take a role away; no event where the account does not have it.

    `others` counts the further accounts that may give out every role; the last one keeps the role of administrator.
    Raises LastAdministrator, ReasonMissing, BadText.
    """
    if role_grant not in account.grants:
        return ()
    if role_grant.role == "administrator" and not others:
        raise LastAdministrator(_LAST)
    return (
        RoleWithdrawn(
            **following(account, metadata), granted=role_grant, why=reason(why, message("taking a role"))
        ),
    )


def close_account(
    account: Account, metadata: EventMetadata, why: str, *, others: int
) -> tuple[AccountClosed, ...]:
    """Close an account for good, so that it signs nobody in; no event where it is closed already.

    `others` counts the further accounts that may give out every role; without any an administrator's stays open.
    Raises LastAdministrator, ReasonMissing, BadText.
    """
    if account.closed:
        return ()
    if is_administrator(account) and not others:
        raise LastAdministrator(_LAST)
    return (AccountClosed(**following(account, metadata), why=reason(why, message("closing an account"))),)


_LAST = message("nobody else could give out roles then; make somebody else an administrator first")


def is_administrator(account: Account) -> bool:
    """Whether it was made one; `effective_roles` says whether that still holds."""
    return not account.closed and any(role_grant.role == "administrator" for role_grant in account.grants)


def evolve(state: Account | None, event: AccountEvent) -> Account:
    """The state after an event; None before the first. Raises TypeError for an event that cannot come then."""
    if state is None:
        if not isinstance(event, AccountOpened):
            raise TypeError(f"{type(event).__name__} cannot begin an account")
        return Account(event.originator_id, event.originator_version, event.key, opened=event.authority)
    now = replace(state, version=event.originator_version)
    match event:
        case RoleOffered(granted=role_grant, authority=authority):
            return replace(now, offers=(*state.offers, Offer(role_grant, authority)))
        case OfferEnded(granted=role_grant):
            return replace(now, offers=_without(state.offers, role_grant))
        case RoleGranted(granted=role_grant, authority=authority, originator_version=number):
            return replace(
                now,
                grants=tuple(dict.fromkeys((*state.grants, role_grant))),
                held=(*state.held, HeldRole(role_grant, number, authority)),
                offers=_without(state.offers, role_grant),
            )
        case RoleWithdrawn(granted=role_grant):
            return replace(
                now,
                grants=tuple(present for present in state.grants if present != role_grant),
                held=tuple(held for held in state.held if held.granted != role_grant),
                offers=_without(state.offers, role_grant),
                former=tuple(dict.fromkeys((*state.former, role_grant))),
            )
        case AccountClosed():
            return replace(now, closed=True, offers=())
    return now


def _without(offers: tuple[Offer, ...], role_grant: RoleGrant) -> tuple[Offer, ...]:
    return tuple(pending for pending in offers if pending.granted != role_grant)
