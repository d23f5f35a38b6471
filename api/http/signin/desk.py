"""Hold what signing in shares in one process: the secrets, the provider, the mail that goes out, and the limits.

A mail is looked up, written and sent by a thread of its own after the answer: whether an address is known shows
neither in the answer nor in the time that it takes.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import cached_property
from threading import BoundedSemaphore

from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request

from adapters import attempts, mail, sign_ins
from adapters.accounts import find_ways, renewed
from adapters.keyed import Keyring, keyring
from adapters.store.store import Store
from adapters.store.streams import ACCOUNTS
from api.http.problems import Problem
from api.http.signin.origin import client_of
from api.http.signin.provider import Provider
from api.http.signin.refusals import NotSetUp
from api.http.signin.settings import SignInSettings

MOST_WAITING = 100
MOST_LINKS = 20  # in one mail
OPEN = "/sign-in/open"
CALLBACK = "/sign-in/callback"
log = logging.getLogger("lyceum.sign-in")
TEXT = """Somebody asked for this link to sign in to Lyceum with your address. It works once, for {minutes} minutes:

{address}

If it was not you, do nothing: without this mail nobody gets in.
"""
SEVERAL = """Somebody asked for links to sign in to Lyceum with your address. It leads to several accounts.
Each link works once, for {minutes} minutes:

{address}

If it was not you, do nothing: without this mail nobody gets in.
"""


class Desk:
    """One for each process; `clock` tells the time of everything but the count of wrong tokens."""

    def __init__(
        self, settings: SignInSettings, public_url: str, store: Store, clock: Callable[[], datetime]
    ) -> None:
        self.settings = settings
        self.public_url = (public_url or settings.at_home).rstrip("/")
        self._store, self._clock = store, clock
        self.provider = (
            Provider(settings.provider, self.public_url + CALLBACK, clock) if settings.provider else None
        )
        self._wrong = MovingWindowRateLimiter(MemoryStorage())
        self._out = ThreadPoolExecutor(1, "sign-in-mail")  # its thread begins with the first mail
        self._room = BoundedSemaphore(MOST_WAITING)
        self._swept = clock().date()

    @cached_property
    def _found_keys(self) -> Keyring | None:
        return keyring(self._store.url, self.settings.secret)

    @property
    def keys(self) -> Keyring:
        """Raises NotSetUp where the configuration gives no secret, and there is no file for one."""
        if self._found_keys is None:
            raise NotSetUp("signing in needs LYCEUM_SECRET here; make one with: openssl rand -hex 32")
        return self._found_keys

    # ---- Limits

    def client(self, request: Request) -> str:
        return client_of(request, self.settings.proxies)

    def count(self, what: str, whose: str, limit: RateLimitItem) -> None:
        """Count an attempt to sign in, with all processes together. Raises a problem where there were too many."""
        self.tidy()
        key = self.keys.hash("attempt", f"{what}\0{whose}")
        window = timedelta(seconds=limit.get_expiry())
        wait = attempts.attempt(self._store, key, self._clock(), limit.amount, window)
        if wait is not None:
            raise _too_many(f"more than {limit} to sign in", wait.total_seconds())

    def may_try(self, client: str) -> None:
        """Refuse who has sent too many wrong tokens. Each process counts for itself, in memory."""
        limit = self.settings.limits.tokens
        if not self._wrong.test(limit, client):
            wait = self._wrong.get_window_stats(limit, client).reset_time - time.time()
            raise _too_many(f"more than {limit} with wrong tokens", wait)

    def was_wrong(self, client: str) -> None:
        self._wrong.hit(self.settings.limits.tokens, client)

    # ---- Links by mail

    def ask_for_link(self, address: str) -> None:
        """Have a link sent to an address, if it is one of ours; the caller learns nothing of that."""
        if self.settings.mail is None:
            raise NotSetUp("no mail server is set up here; ask who gave you your role for another way")
        if not self._room.acquire(blocking=False):
            raise _too_many("more mails are waiting than can be sent", 60)
        self._out.submit(self._send_link, self.settings.mail, self.keys, address)

    def _send_link(self, server: mail.MailServer, keys: Keyring, address: str) -> None:
        """What goes wrong is told without the address, which the errors themselves may name."""
        try:
            links = self._links_for(keys, address)
            if not links:
                return
            minutes = int(self.settings.link.total_seconds() // 60)
            text = (TEXT if len(links) == 1 else SEVERAL).format(minutes=minutes, address="\n\n".join(links))
            mail.send(server, address, "Your link to sign in", text)
        except Exception as error:  # noqa: BLE001 - its text may name the address, so it goes no further
            log.warning("a link to sign in could not be sent: %s", type(error).__name__)
        finally:
            self._room.release()

    def _links_for(self, keys: Keyring, address: str) -> list[str]:
        """A new link to each account that the address leads to; who opened it first comes first."""
        store, until = self._store, self._clock() + self.settings.link
        store.retrying(lambda: store.save((), renewed(store, keys, "email", address)))
        ways = ((way, store.load(ACCOUNTS, way.account)) for way in find_ways(store, keys, "email", address))
        there = [(way, account) for way, account in ways if account is not None and not account.closed]
        return [
            self._named_link(account.key, sign_ins.Link(account.id, "email", until, way.id), len(there) > 1)
            for way, account in there[:MOST_LINKS]
        ]

    def _named_link(self, key: str, link: sign_ins.Link, named: bool) -> str:
        address = self.link_address(self.make_link(link))
        return f"Account {key}:\n{address}" if named else address

    def make_link(self, link: sign_ins.Link) -> str:
        """The secret of a new link, in place of earlier ones of that account."""
        secret = sign_ins.new_secret()
        self._store.retrying(
            lambda: self._store.save((), sign_ins.link_rows(self._store, secret, link)),
        )
        return secret

    def link_address(self, secret: str) -> str:
        return f"{self.public_url}{OPEN}?link={secret}"

    def settle(self) -> None:
        """Wait until all mails that were asked for are out."""
        self._out.submit(bool).result()

    def close(self) -> None:
        self._out.shutdown(wait=True)

    # ---- Tidying

    def tidy(self) -> None:
        """Erase what is over, once a day in each process."""
        today = self._clock().date()
        if self._swept != today:
            self._swept = today
            sign_ins.tidy(self._store, self._clock())
            attempts.tidy(self._store, self._clock())


def _too_many(what: str, wait: float) -> Problem:
    seconds = max(1, math.ceil(wait))
    return Problem("too-many", f"{what}: wait {seconds} s", headers={"Retry-After": str(seconds)})
