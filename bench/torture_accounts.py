"""Open accounts of every kind, and end what they rest on, from many clients at the same moment.

Each round has people of its own: let in by mail, by a link, by a provider, by a token of the command line; with roles
given at once, offered and accepted, or handed on by a coordinator. Each makes whatever else lets somebody in. Then
accounts and ways are closed, roles withdrawn, tokens revoked, volunteers merged and erased, all at once, while
everybody goes on making more. Afterwards nothing that rested on what ended gets in, and all else does.
"""

from __future__ import annotations

import random
import re
import secrets
import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from threading import Barrier
from typing import Any, Protocol

import httpx2

from adapters.access.api_tokens import ID_LENGTH, Credential, credential_row, hash_of
from adapters.application.application import Lyceum
from adapters.services.bootstrap_admin import make_link
from adapters.store.streams import ACCOUNTS
from adapters.workers.job_worker import Worker
from bench.torture_servers import Running, serve
from bench.torture_world import imported, tokens
from domain.account import RoleGrant, account_id
from domain.calendar import shift_week
from domain.network import area_id
from domain.volunteer import volunteer_id
from tests.api.http.signing import Issuer, Mailbox, mailbox, provider

ROUNDS = 30
WEEK = "2027-W10"
PATIENCE_S = 60
TLS = (
    ssl.create_default_context()
)  # unused, as all is plain HTTP; each client would make its own, which takes longer
LINK = "/sign-in/open"


class Start(Protocol):
    def __call__(self, url: str, *, settings: Mapping[str, str], workers: int) -> Running: ...


@dataclass
class Accounts:
    """What came of it: `ended` counts what was done, `doors` how many were tried, `wrong` says every fault."""

    rounds: int
    ended: Counter[str] = field(default_factory=Counter)
    doors: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


@dataclass
class Person:
    """Somebody with one role. `place` is what it is for; `giver` who gave it, None: an administrator."""

    name: str
    role: str
    part: str
    giver: Person | None = None
    account: str | None = None  # None: a token of the command line
    client: httpx2.Client = field(kw_only=True)
    token: str | None = None  # of the command line
    over: set[str] = field(default_factory=set)  # what ended
    doors: list[Door] = field(default_factory=list)

    @property
    def grant(self) -> dict[str, str]:
        return {"role": self.role, "within": self.part}

    @property
    def is_in(self) -> bool:
        return not self.over & {"close", "ways", "erase", "revoke"}

    @property
    def has_role(self) -> bool:
        """By right: whoever gave it still may, and it was not taken."""
        stands = not self.over & {"close", "withdraw", "erase", "revoke"}
        return stands and (self.giver is None or self.giver.has_role)

    @property
    def may(self) -> bool:
        return self.is_in and self.has_role


@dataclass(frozen=True)
class Door:
    """Something that lets in: `needs_role` says whether it does with the role alone; `opens` tries it."""

    kind: str
    opens: Callable[[], bool]
    needs_role: bool = True


def torment(
    url: str,
    *,
    rounds: int,
    seed: int,
    tell: Callable[[str], None],
    start: Start = serve,
) -> Accounts:
    """All rounds on one database, which must be empty; `start` begins to serve it."""
    result = Accounts(rounds)
    with provider() as issuer, mailbox() as mails, Lyceum(url, actor="torture") as lyceum:
        _fill(lyceum, rounds)
        (administrator,) = tokens(lyceum, 1)
        running = start(url, settings=_settings(issuer, mails), workers=0)
        try:
            for number in range(rounds):
                town = Town(lyceum, running.port, administrator, issuer, mails, number)
                Round(town, result, random.Random(seed + number)).run()
                if number % 10 == 9:
                    tell(f"{number + 1} of {rounds} rounds, {len(result.wrong)} faults")
        finally:
            running.kill()
    return result


def _settings(issuer: Issuer, mails: Mailbox) -> dict[str, str]:
    return {
        "LYCEUM_PUBLIC_URL": "http://127.0.0.1:8000",
        "LYCEUM_SECRET": "x" * 32,
        "LYCEUM_SMTP": f"smtp://127.0.0.1:{mails.port}",
        "LYCEUM_MAIL_FROM": "lyceum@example.org",
        "LYCEUM_OIDC_ISSUER": issuer.url,
        "LYCEUM_OIDC_CLIENT_ID": issuer.client_id,
        "LYCEUM_OIDC_CLIENT_SECRET": issuer.client_secret,
    }


VOLUNTEERS = ("own", "program", "twin", "remaining")


def _fill(lyceum: Lyceum, rounds: int) -> None:
    """For each round an area with a venue and volunteers."""
    point = {"lat": 51.75, "lon": -1.25}
    about = {"level": "ring", "language": "en", "zone": "Europe/London", "since": "2020-01-01", **point}
    areas = [f"a{number:03}" for number in range(rounds)]
    imported(lyceum, "network", [{"key": key, "name": key.title(), **about} for key in areas])
    school = {"name": "School", "kind": "school", **point}
    imported(lyceum, "venues", [{"key": f"s-{key}", "area": key, **school} for key in areas])
    volunteers = [
        {
            "key": f"{name}-{key}",
            "name": f"{name} {key}",
            "home_area": key,
            "kind": "retiree",
            "topics": "choir",
        }
        for key in areas
        for name in VOLUNTEERS
    ]
    imported(lyceum, "volunteers", volunteers)
    order = {"title": "Choir", "topic": "choir", "function": "arts", "learners": 20, "duration_minutes": 60}
    when = {"first_week": WEEK, "weeks": 8, "acceptable": "Mo-Su 08:00-22:00"}
    imported(lyceum, "requests", [{"key": f"r-{key}", "area": key, **order, **when} for key in areas])


# ---- Opening


@dataclass
class Town:
    """Where the people of one round live, and how they come in."""

    lyceum: Lyceum
    port: int
    administrator: str
    issuer: Issuer
    mails: Mailbox
    number: int
    weeks: Iterator[int] = field(default_factory=count)
    admin: httpx2.Client = field(init=False)

    def __post_init__(self) -> None:
        self.admin = self.client(self.administrator)

    @property
    def area(self) -> str:
        return f"a{self.number:03}"

    @property
    def school(self) -> str:
        return f"s-{self.area}"

    def client(self, token: str | None = None, keepalive: int = 0) -> httpx2.Client:
        """A browser or a program; it keeps no connection, which the server might close as it is used again."""
        return httpx2.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"Authorization": f"Bearer {token}"} if token else {},
            limits=httpx2.Limits(max_keepalive_connections=keepalive),
            timeout=PATIENCE_S,
            verify=TLS,
        )

    def people(self) -> Iterator[Person]:
        chief = self.opened("chief", "coordinator", self.area)
        yield chief
        yield self.by_mail("mail", "host", self.school)
        yield self.opened("link", "community", self.area)
        yield self.of_provider("provider", "host", self.school)
        yield self.of_provider("offered", "host", self.school, giver=chief)
        yield self.opened("granted", "community", self.area, giver=chief)
        program = self.program("program", "coordinator", self.area)
        yield program
        yield self.opened("pupil", "host", self.school, giver=program)
        yield self.program("volunteer's program", "volunteer", f"program-{self.area}")
        for name in ("own", "twin", "remaining"):
            yield self.opened(name, "volunteer", f"{name}-{self.area}")

    def opened(self, name: str, role: str, part: str, giver: Person | None = None) -> Person:
        """An account that somebody opens for an address; signed in by a link of the command line."""
        person = self._account(name, role, part, giver)
        self.enter(person.client, self.link(person))
        _carry_csrf(person.client)
        return person

    def by_mail(self, name: str, role: str, part: str) -> Person:
        person = self._account(name, role, part, None)
        link = self.mailed(_address(person))
        if link is None or not self.enter(person.client, link):
            raise RuntimeError(f"no mail lets {person.name} in")
        _carry_csrf(person.client)
        person.doors.append(Door("another mail", lambda: self.mail_lets_in(person), needs_role=False))
        return person

    def _account(self, name: str, role: str, part: str, giver: Person | None) -> Person:
        person = Person(f"{name} {self.number}", role, part, giver, client=self.client())
        opener = giver.client if giver else self.admin
        answer = opener.post("/v1/accounts", json={"email": _address(person), "grants": [person.grant]})
        person.account = _ok(answer)["key"]
        return person

    def of_provider(self, name: str, role: str, part: str, giver: Person | None = None) -> Person:
        """Somebody whom the provider sends, with a role that is given, or offered and accepted."""
        bearer = self.issuer.token(sub=f"{name}-{self.number}")
        person = Person(f"{name} {self.number}", role, part, giver, client=self.client(bearer))
        person.account = person.client.get("/v1/venues").json()["detail"].rpartition(" ")[2]
        if giver is None:
            _ok(self.admin.post(f"/v1/accounts/{person.account}/grant", json=person.grant))
        else:
            _ok(giver.client.post(f"/v1/accounts/{person.account}/role-offers", json=person.grant))
            _ok(person.client.post("/v1/role-offers/accept", json=person.grant))
        person.doors.append(
            Door("cookie of the provider", lambda: self.provider_lets_in(name), needs_role=False)
        )
        return person

    def program(self, name: str, role: str, part_key: str) -> Person:
        """A token of the command line."""
        token = f"lyc_{secrets.token_urlsafe(32)}"
        part_id = volunteer_id(part_key) if role == "volunteer" else area_id(part_key)
        granted = (RoleGrant(role, part_id),)
        self.lyceum.store.save((), [credential_row(token, Credential(f"{name} {self.number}", granted))])
        return Person(f"{name} {self.number}", role, part_key, client=self.client(token), token=token)

    # ---- Ways

    def link(self, person: Person) -> str:
        """One of the command line."""
        account = self.lyceum.must_load(ACCOUNTS, account_id(person.account or ""))
        return make_link(self.lyceum, account)

    def enter(self, client: httpx2.Client, link: str) -> bool:
        page = client.get(LINK, params={"link": link})
        if page.status_code != 200:
            return False
        done = client.post(LINK, data={"csrf": _field(page.text, "csrf"), "link": link})
        return done.status_code == 303

    def mailed(self, address: str) -> str | None:
        """The link that is sent to an address; None where none is."""
        known = f"known-{secrets.token_hex(4)}@example.org"
        _ok(self.admin.post("/v1/accounts", json={"email": known}))
        before = len(self.mails.mails)
        with self.client(keepalive=1) as browser:  # all in one process
            csrf = _field(browser.get("/sign-in").text, "csrf")
            browser.post("/sign-in/link", data={"csrf": csrf, "email": address})
            browser.post("/sign-in/link", data={"csrf": csrf, "email": known})
        for _ in range(
            PATIENCE_S * 50
        ):  # what is asked for first is looked up first, and sent at about that time
            mails = self.mails.mails[before:]
            if any(to == [known] for to, _ in mails):
                break
            time.sleep(0.02)
        else:
            raise RuntimeError("no mail arrives")
        time.sleep(0.1)
        mine = [text for to, text in self.mails.mails[before:] if to == [address]]
        return _link_in(mine[-1]) if mine else None

    def mail_lets_in(self, person: Person) -> bool:
        link = self.mailed(_address(person))
        return link is not None and self.enter(self.client(), link)

    def provider_lets_in(self, name: str) -> bool:
        bearer = self.issuer.token(sub=f"{name}-{self.number}", jti=secrets.token_hex(8))
        return self.client(bearer).get("/v1/venues").status_code != 401


def _ok(answer: httpx2.Response) -> Any:
    if answer.status_code >= 300:
        raise RuntimeError(f"{answer.request.url.path}: {answer.status_code} {answer.text[:300]}")
    return answer.json()


def _address(person: Person) -> str:
    return f"{person.name.replace(' ', '-')}@example.org"


def _field(page: str, name: str) -> str:
    match = re.search(rf'name="{name}" value="([^"]*)"', page)
    return match[1] if match else ""


def _link_in(mail: str) -> str:
    match = re.search(r"/sign-in/open\?link=(\S+)", mail.replace("=\r\n", "").replace("=3D", "="))
    return match[1] if match else ""


def _carry_csrf(client: httpx2.Client) -> None:
    client.headers["X-CSRF-Token"] = client.get("/v1/sign-in").json()["csrf"] or ""


# ---- What lets somebody in


FEEDS = {"coordinator": "areas", "community": "areas", "host": "venues", "volunteer": "volunteers"}


@dataclass
class Maker:
    """Makes what lets a person in, and remembers how each is tried."""

    town: Town
    person: Person

    def waiting(self) -> None:
        """What is made before anything ends, and used afterwards."""
        person, town = self.person, self.town
        person.doors.append(Door("sign-in", lambda: _is_in(person.client), needs_role=False))
        person.doors.append(Door("role", lambda: self._acts(person.client)))
        if person.role == "coordinator":
            self.job(person.client)
        if person.account is not None:
            link = town.link(person)
            person.doors.append(Door("link", lambda: town.enter(town.client(), link), needs_role=False))

    def all(self) -> None:
        """Whatever it can make now; nothing where it is refused."""
        self.feed(self.person.client)
        token = self.token()
        if token is not None:
            self.feed(token)

    def token(self) -> httpx2.Client | None:
        answer = self.person.client.post("/v1/tokens", json={"grants": [self.person.grant], "days": 2})
        if answer.status_code != 201:
            return None
        client = self.town.client(answer.json()["token"])
        self.person.doors.append(Door("token", lambda: self._acts(client)))
        return client

    def feed(self, client: httpx2.Client) -> None:
        """A feed, and the answer that is kept."""
        key = {"Idempotency-Key": secrets.token_hex(16)}
        answer = self._made(client, key)
        if answer.status_code == 201:
            path = "/v1/feeds" + answer.json()["url"].partition("/v1/feeds")[2]
            nobody = self.town.client()
            self.person.doors.append(Door("feed", lambda: nobody.get(path).status_code == 200))
            self.person.doors.append(Door("kept answer", lambda: self._made(client, key).status_code == 201))

    def _made(self, client: httpx2.Client, headers: Mapping[str, str]) -> httpx2.Response:
        kind = FEEDS[self.person.role]
        return client.post(f"/v1/{kind}/{self.person.part}/feeds", json={}, headers=headers)

    def _acts(self, client: httpx2.Client) -> bool:
        return self._made(client, {}).status_code == 201

    def job(self, client: httpx2.Client) -> None:
        week = shift_week(WEEK, next(self.town.weeks))
        answer = client.post(f"/v1/weeks/{self.person.part}/{week}/plan", json={"seconds": 1})
        if answer.status_code < 300:
            path = f"/v1/jobs/{answer.json()['id']}"
            admin = self.town.admin
            self.person.doors.append(Door("job", lambda: _ok(admin.get(path))["status"] == "done"))


def _is_in(client: httpx2.Client) -> bool:
    return client.get("/v1/me").status_code != 401


# ---- One round


@dataclass
class Round:
    """One town: everybody is let in, much ends, and every door is tried."""

    town: Town
    result: Accounts
    chance: random.Random

    def run(self) -> None:
        people = list(self.town.people())
        makers = [Maker(self.town, person) for person in people]
        for maker in makers:
            maker.all()
            maker.waiting()
        ends = self._ends({person.name.rpartition(" ")[0]: person for person in people})
        together = Barrier(len(ends) + len(makers))

        def at_once(act: Callable[[], None]) -> None:
            together.wait()
            act()

        with ThreadPoolExecutor(len(ends) + len(makers)) as pool:
            list(pool.map(at_once, [*ends, *(maker.all for maker in makers)]))
        Worker(self.town.lyceum, "torture").run(until_idle=True)
        for person in people:
            self._try(person)

    def _try(self, person: Person) -> None:
        for door in sorted(person.doors, key=lambda door: door.kind == "link"):
            should = person.may if door.needs_role else person.is_in
            self.result.doors["open" if should else "shut"] += 1
            if door.opens() is not should:
                self.result.wrong.append(
                    f"{person.name}, {person.role}: {door.kind} {'is shut' if should else 'still lets in'}; "
                    f"ended: {sorted(person.over)}, of the giver: {sorted(person.giver.over) if person.giver else []}"
                )

    # ---- What ends

    def _ends(self, people: Mapping[str, Person]) -> list[Callable[[], None]]:
        """Some of what can end, for some of the people."""
        ends = [
            self._end(person, self.chance.choice(_kinds_of(person)))
            for person in people.values()
            if self.chance.random() < 0.5
        ]
        if self.chance.random() < 0.5:
            ends += self._merged(people["twin"], people["remaining"])
        return ends

    def _merged(self, twin: Person, remaining: Person) -> list[Callable[[], None]]:
        """Afterwards one of the two is erased, and both with it."""

        def merge() -> None:
            body = {"into": remaining.part, "why": "twice"}
            self._done("merge", f"/v1/volunteers/{twin.part}/merge", body, [twin])
            self._done("erase", f"/v1/people/{remaining.part}/volunteer/erase", None, [twin, remaining])

        return [merge]

    def _end(self, person: Person, kind: str) -> Callable[[], None]:
        path, body = f"/v1/accounts/{person.account}", {"why": "torture"}
        match kind:
            case "close":
                return lambda: self._done(kind, f"{path}/close", body, [person])
            case "ways":
                return lambda: self._done(kind, f"{path}/ways/close", {"ids": []}, [person])
            case "withdraw":
                return lambda: self._done(kind, f"{path}/withdraw", {**person.grant, **body}, [person])
            case "revoke":
                hashed = hash_of(person.token or "")[:ID_LENGTH]
                return lambda: self._done(kind, f"/v1/tokens/{hashed}/revoke", None, [person])
        return lambda: self._done("erase", f"/v1/people/{person.part}/volunteer/erase", None, [person])

    def _done(self, kind: str, path: str, body: Any, people: Iterable[Person]) -> None:
        answer = self.town.client(self.town.administrator).post(path, json=body)
        self.result.ended[kind] += 1
        if kind == "erase" and answer.status_code == 409 and answer.json()["type"].endswith("/merged-away"):
            return  # the merger was faster; it erases both itself
        if answer.status_code >= 300:
            self.result.wrong.append(f"{path}: {answer.status_code} {answer.text[:200]}")
        elif kind != "merge":
            for person in people:
                person.over.add(kind)


def _kinds_of(person: Person) -> tuple[str, ...]:
    erase = ("erase",) if person.role == "volunteer" else ()
    return (*erase, "revoke") if person.account is None else (*erase, "close", "ways", "withdraw")
