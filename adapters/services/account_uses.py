"""Revocation: every credential, session, feed and job that rests on an account, identity or right ends with it.

`USES` has each collection of the database that holds such things, and how they end; `OTHERS` says of every other
collection why it lets nobody in. Roles and offers are events; `domain.account.effective_roles` says which hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from adapters.access import api_tokens, login_sessions
from adapters.access.access_log import COLLECTION as LOOK
from adapters.access.api_tokens import Credential, credentials_of, revoked
from adapters.access.login_identities import ALSO, COLLECTION, closed_identities, identities_of
from adapters.access.login_sessions import (
    LINKS,
    SIGN_INS,
    USED,
    Writes,
    ended_by_identities,
    ended_everywhere,
)
from adapters.access.rights import Rights
from adapters.feeds import feed_records
from adapters.jobs.job_queue import not_begun, open_jobs
from adapters.jobs.job_records import BEAT, BEST, ENDED, GUARD, OPEN, RESULT
from adapters.store.rows import Table
from adapters.store.store import Store
from domain.account import Account, Authority


@dataclass(frozen=True, slots=True)
class Ending:
    """What ends: an account, or some of its login identities, by id, and whatever `rights` says holds no longer."""

    store: Store
    moment: datetime
    rights: Rights
    account: UUID | None = None
    identities: frozenset[str] | None = None
    every: bool = False  # whether no identity is left, so that everything ends that came by one

    @property
    def whole(self) -> UUID | None:
        """The account that is over, if one is."""
        return self.account if self.identities is None else None

    def rests_on_it(self, authority: Authority | None) -> bool:
        """Whether what was done by an authority ends as well."""
        if authority is None:
            return False
        own = authority.account is not None and authority.account == self.account
        if own and (self.identities is None or self.every or authority.way in self.identities):
            return True
        return not self.rights.is_effective(authority)


def _identities(ending: Ending) -> Writes:
    if ending.account is None:
        return []
    return closed_identities(ending.store, ending.account, ending.moment, ending.identities)


def _nothing_more(_: Ending) -> Writes:
    """Write nothing: another write removes the row."""
    return []


def _sign_ins(ending: Ending) -> Writes:
    """End the sessions of the account, and its sign-in links that are still open."""
    if ending.account is None:
        return []
    if ending.identities is None or ending.every:
        return ended_everywhere(ending.store, ending.account)
    kinds = {
        identity.kind
        for identity in identities_of(ending.store, ending.account)
        if identity.id in ending.identities
    }
    return ended_by_identities(ending.store, ending.account, ending.identities, kinds)


def _tokens(ending: Ending) -> Writes:
    """Revoke the tokens that are over, and the tokens that were made with them."""
    if ending.account is None:
        return []
    every = dict(credentials_of(ending.store))
    over = {
        key
        for key, credential in every.items()
        if credential.account == ending.account and _is_over(credential, ending)
    }
    return [revoked(key) for key, credential in every.items() if key in over or credential.parent in over]


def _is_over(token: Credential, ending: Ending) -> bool:
    return ending.identities is None or ending.every or token.way in ending.identities


def _feeds(ending: Ending) -> Writes:
    return [
        revoke
        for feed, revoke in feed_records.feeds(ending.store)
        if ending.rests_on_it(feed.authority) or _made_by(feed, ending)
    ]


def _made_by(feed: feed_records.Feed, ending: Ending) -> bool:
    """Whether the account made a feed that is older than kept rights, of which only its maker's key is known."""
    account = None if ending.whole is None else ending.rights.account(ending.whole)
    return account is not None and feed.authority is None and feed.by == account.key


def _jobs(ending: Ending) -> Writes:
    """End the jobs that wait; a running job checks the rights again before it saves anything."""
    return [
        write
        for job, body in open_jobs(ending.store)
        if job.status == "queued" and ending.rests_on_it(job.authority)
        for write in not_begun(job, body, ending.moment)
    ]


CollectionKey: TypeAlias = tuple[Table, str]
USES: Mapping[CollectionKey, Callable[[Ending], Writes]] = {
    ("people", COLLECTION): _identities,
    ("people", ALSO): _nothing_more,
    ("credentials", SIGN_INS): _sign_ins,
    ("credentials", LINKS): _nothing_more,
    ("credentials", api_tokens.COLLECTION): _tokens,
    ("credentials", feed_records.COLLECTION): _feeds,
    ("jobs", OPEN): _jobs,
}
OTHERS: Mapping[CollectionKey, str] = {
    ("people", "person"): "a record of somebody; it lets nobody in",
    ("people", LOOK): "who looked at a record, for the audit",
    ("documents", "document"): "problems and plans under the hash of their content",
    ("answers", "answer"): "found with the credential that got it alone, and judged again before it is given",
    ("credentials", USED): "what a provider's visit has used up, so that nobody uses it again",
    ("credentials", login_sessions.CHANGES): "counts changes of an account",
    ("credentials", "roster"): "counts changes of administrators",
    ("credentials", "attempts"): "counts attempts to sign in",
    ("jobs", ENDED): "what came of a job",
    ("jobs", BEAT): "how far a job is",
    ("jobs", BEST): "the best plan of a job so far",
    ("jobs", RESULT): "what a job has found",
    ("jobs", GUARD): "keeps a second draft of a week from being made at the same time",
    ("branches", "branch"): "commands that are judged again, with the rights of who adopts them",
    ("branches", "document"): "problems and plans of a branch",
}
EVENTS: Mapping[str, str] = {
    "id": "a number",
    "version": "a number",
    "key": "a number",
    "closed": "what ends everything",
    "grants": "hold as long as one of their givings does, and end with the account",
    "held": "hold as long as the authority that gave them",
    "offers": "are accepted as long as the authority that made them holds, and end with the account",
    "former": "are over",
    "opened": "says who may give the account roles without asking; they need the right when they do",
}  # of each field of an account


def end(ending: Ending) -> Writes:
    """The writes that end all uses that rest on what is over."""
    return merged([write for ends in USES.values() for write in ends(ending)])


def merged(writes: Writes) -> Writes:
    """Each row once: something may end for two reasons, and erasing it twice would be a conflict with itself."""
    return list({(table, row.collection, row.key): (table, row) for table, row in writes}.values())


def end_account(store: Store, moment: datetime, rights: Rights, account: Account) -> Writes:
    """All uses of an account that is closed. `rights`: as they are after that."""
    return end(Ending(store, moment, rights, account.id))


def end_identities(
    store: Store,
    moment: datetime,
    rights: Rights,
    account: UUID,
    identities: Iterable[str],
    *,
    every: bool = False,
) -> Writes:
    """Some login identities of an account, and what came by them; with `every` all sign-ins and tokens."""
    return end(Ending(store, moment, rights, account, frozenset(identities), every))


def end_rights(store: Store, moment: datetime, rights: Rights) -> Writes:
    """What rests on rights that hold no longer, of any account."""
    return end(Ending(store, moment, rights))


_COUNTED: Mapping[CollectionKey, str] = {
    ("people", COLLECTION): "ways",
    ("credentials", SIGN_INS): "sign_ins",
    ("credentials", LINKS): "links",
    ("credentials", api_tokens.COLLECTION): "tokens",
    ("credentials", feed_records.COLLECTION): "feeds",
    ("jobs", OPEN): "jobs",
}


def counted(writes: Writes) -> dict[str, int]:
    """How many of each kind some writes end."""
    collections = Counter((table, row.collection) for table, row in writes)
    return {name: collections[collection] for collection, name in _COUNTED.items()}
