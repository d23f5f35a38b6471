"""Sign-in service: what signing in shares in one process, the secrets, the provider, the outbox and the limits.

An address is looked up by a thread of its own after the answer, and mails are sent by others: whether an address is
known shows neither in an answer, nor in the time that it takes, nor in what comes after it.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cached_property, partial
from threading import BoundedSemaphore

from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request

from adapters.access import login_sessions, mail, rate_limit
from adapters.access.keyring import Keyring, keyring
from adapters.access.login_identities import find_identities
from adapters.application.unit_of_work import Application
from adapters.services import sign_ins
from adapters.store.streams import ACCOUNTS
from adapters.wording.catalogues import worded
from adapters.wording.languages import ENGLISH
from api.addresses import link_address
from api.http.errors import HttpProblem
from api.http.refusals import NotSetUp
from api.http.settings import SignInSettings
from api.http.signin.origin import client_of
from api.http.signin.outbox import Outbox
from api.http.signin.provider import Provider
from domain.messages import Message, message

MOST_WAITING = 1000  # addresses to be looked up, known or not: each takes a moment
MOST_LINKS = 20  # in one mail
CALLBACK = "/sign-in/callback"
log = logging.getLogger("lyceum.sign-in")


class SignInService:
    """One for each process; the application's clock tells the time of everything but what is counted in memory."""

    def __init__(self, settings: SignInSettings, public_url: str, application: Application) -> None:
        self.settings = settings
        self.public_url = (public_url or settings.at_home).rstrip("/")
        self._application = application
        self._store, self._clock = application.store, application.clock
        self.provider = (
            Provider(settings.provider, self.public_url + CALLBACK, self._clock)
            if settings.provider
            else None
        )
        self._counted = MovingWindowRateLimiter(MemoryStorage())
        self._lookups = ThreadPoolExecutor(1, "sign-in-lookup")  # its thread begins with the first address
        self._outbox = Outbox()
        self._room = BoundedSemaphore(MOST_WAITING)
        self._swept = self._clock().date()

    @cached_property
    def _found_keys(self) -> Keyring | None:
        return keyring(self._store.url, self.settings.secret)

    @property
    def keys(self) -> Keyring:
        """Raises NotSetUp where the configuration gives no secret, and there is no file for one."""
        if self._found_keys is None:
            raise NotSetUp(
                message("signing in needs LYCEUM_SECRET here; make one with: openssl rand -hex 32")
            )
        return self._found_keys

    # ---- Limits

    def client(self, request: Request) -> str:
        return client_of(request, self.settings.proxies)

    def count(self, what: str, whose: str, limit: RateLimitItem) -> None:
        """Count an attempt to sign in, with all processes together. Raises a problem where there were too many."""
        self.tidy()
        key = self.keys.hash("attempt", f"{what}\0{whose}")
        window = timedelta(seconds=limit.get_expiry())
        wait = rate_limit.attempt(self._store, key, self._clock(), limit.amount, window)
        if wait is not None:
            raise _too_many(message("more than {limit} to sign in", limit=limit), wait.total_seconds())

    def was_wrong(self, client: str) -> None:
        """Count a wrong token. Each process counts for itself; whoever has a good one is never kept out.

        Raises a problem where there were too many.
        """
        self._hit(self.settings.limits.tokens, "wrong", client, message("with wrong tokens"))

    def count_past(self, client: str) -> None:
        """Count a look at the past of somebody who does not say who they are. Raises a problem for too many."""
        self._hit(self.settings.limits.past, "past", client, message("at the past; sign in for more"))

    def _hit(self, limit: RateLimitItem, what: str, client: str, words: str) -> None:
        if not self._counted.hit(limit, what, client):
            wait = self._counted.get_window_stats(limit, what, client).reset_time - time.time()
            raise _too_many(message("more than {limit} {what}", limit=limit, what=words), wait)

    # ---- Links by mail

    def ask_for_link(self, client: str, address: str, language: str = ENGLISH) -> None:
        """Have a link sent to an address in a language, if it is one of ours; the caller learns nothing of that."""
        if self.settings.mail is None:
            raise NotSetUp(
                message("no mail server is set up here; ask who gave you your role for another way")
            )
        if not self._room.acquire(blocking=False):
            raise _too_many(message("more addresses are waiting than can be looked up"), 60)
        send = partial(self._send_link, self.settings.mail, self.keys, address, language)
        self._lookups.submit(self._look_up, self.keys, client, address, send)

    def _look_up(self, keys: Keyring, client: str, address: str, send: Callable[[], None]) -> None:
        """Look an address up, in the same time for every address: what differs comes later, in other threads."""
        try:
            if not self._is_known(keys, address):
                return
            if not self._outbox.put(client, address, send):
                log.warning("a link to sign in was not sent: too many mails wait for one who asks")
        except Exception as error:  # noqa: BLE001 - its text may name the address, so it goes no further
            log.warning("an address could not be looked up: %s", type(error).__name__)
        finally:
            self._room.release()

    def _is_known(self, keys: Keyring, address: str) -> bool:
        """Whether it leads to an account that is open."""
        ways = find_identities(self._store, keys, "email", address)
        accounts = (self._store.load(ACCOUNTS, way.account) for way in ways)
        return any(account is not None and not account.closed for account in accounts)

    def _send_link(self, server: mail.MailServer, keys: Keyring, address: str, language: str) -> None:
        """What goes wrong is told without the address, which the errors themselves may name."""
        try:
            links = self._links_for(keys, address)
            if not links:
                return
            minutes = int(self.settings.link.total_seconds() // 60)
            text = worded(_letter(links, minutes), language)
            mail.send(server, address, worded(message("Your link to sign in"), language), text)
        except Exception as error:  # noqa: BLE001 - its text may name the address, so it goes no further
            log.warning("a link to sign in could not be sent: %s", type(error).__name__)

    def _links_for(self, keys: Keyring, address: str) -> list[str]:
        """A new link to each account that the address leads to; who opened it first comes first."""
        store, until = self._store, self._clock() + self.settings.link
        sign_ins.renew_address(self._application, keys, address)
        ways = (
            (way, store.load(ACCOUNTS, way.account)) for way in find_identities(store, keys, "email", address)
        )
        there = [(way, account) for way, account in ways if account is not None and not account.closed]
        return [
            self._named_link(
                account.key, login_sessions.Link(account.id, "email", until, way.id), len(there) > 1
            )
            for way, account in there[:MOST_LINKS]
        ]

    def _named_link(self, key: str, link: login_sessions.Link, named: bool) -> str:
        address = self.link_address(self.make_link(link))
        return message("Account {key}:\n{address}", key=key, address=address) if named else address

    def make_link(self, link: login_sessions.Link) -> str:
        """The secret of a new link, in place of earlier ones of that account."""
        secret = login_sessions.new_secret()
        sign_ins.make_link(self._application, secret, link)
        return secret

    def link_address(self, secret: str) -> str:
        return link_address(self.public_url, secret)

    def settle(self) -> None:
        """Wait until all mails that were asked for are out."""
        self._lookups.submit(bool).result()
        self._outbox.settle()

    def close(self) -> None:
        self._lookups.shutdown(wait=True)
        self._outbox.close()

    # ---- Tidying

    def tidy(self) -> None:
        """Erase what is over, once a day in each process."""
        today = self._clock().date()
        if self._swept != today:
            self._swept = today
            sign_ins.forget_old(self._application)
            rate_limit.tidy(self._store, self._clock())


def _letter(links: list[str], minutes: int) -> Message:
    if len(links) == 1:
        return message(
            "Somebody asked for this link to sign in to Lyceum with your address. It works once, for {minutes} "
            "minutes:\n\n{address}\n\nIf it was not you, do nothing: without this mail nobody gets in.\n",
            minutes=minutes,
            address=links[0],
        )
    return message(
        "Somebody asked for links to sign in to Lyceum with your address. It leads to several accounts.\n"
        "Each link works once, for {minutes} minutes:\n\n{addresses:\n\n}\n\nIf it was not you, do nothing: "
        "without this mail nobody gets in.\n",
        minutes=minutes,
        addresses=links,
    )


def _too_many(what: str, wait: float) -> HttpProblem:
    seconds = max(1, math.ceil(wait))
    return HttpProblem(
        "too-many",
        message("{what}: wait {seconds} s", what=what, seconds=seconds),
        headers={"Retry-After": str(seconds)},
    )
