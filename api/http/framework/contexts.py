"""Contexts of requests: who asks, what they may see, what is answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, TypeVar, cast
from urllib.parse import quote
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from adapters.access.api_tokens import RoleGrant
from adapters.access.callers import Caller
from adapters.access.rights import Rights
from adapters.access.targets import Reach, Target, covers, target_of
from adapters.application.read_set import NotedMoment
from adapters.application.unit_of_work import UnitOfWork
from adapters.queries.area_queries import around
from adapters.queries.paging import Page, Visible, everything
from adapters.services.adjusting import Judges
from adapters.services.role_changes import entry_change
from adapters.store.cached_read_models import Snapshot
from adapters.store.mapper import json_of
from adapters.store.rows import Row, Table
from adapters.store.streams import ACCOUNTS, Stream
from adapters.store.views import Views
from adapters.wording.languages import ENGLISH
from api.http.auth.identity import CHALLENGE, caller_of
from api.http.auth.roles import TABLE, Role, reaches
from api.http.errors import VARY, HttpProblem, asked_language
from api.http.framework import etags
from api.http.framework.sentences import has_sentences, reworded_body
from api.http.state import AppState
from domain.account import Authority, rights_of
from domain.events import NotThere
from domain.messages import message

S = TypeVar("S")
JSON = "application/json"
KEPT_BY_304 = ("Last-Modified", "Cache-Control")
_BARE = re.compile(r"[^\x20-\x7e]+")  # what no header may hold as it is (RFC 9110, section 5.5)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. `etag` is kept out of an answer that is no resource.

    `stored_body` is what is stored under an Idempotency-Key instead of a body that tells a secret. Headers of an
    answer go before those that all answers have.
    """

    body: bytes = b""
    status: int = 200
    etag: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media: str = JSON
    stored_body: bytes | None = None

    def in_language(self, language: str) -> Answer:
        """The same with its sentences in a language; the tag of a content says which one it is."""
        if language == ENGLISH:
            return self
        tag = self.etag
        if tag is not None and tag.startswith("W/"):
            tag = f'{tag[:-1]}-{language}"'
        return replace(self, body=reworded_body(self.body, language), etag=tag)

    def response(self, *more: tuple[str, str]) -> Response:
        headers = {**dict(more), **self.headers}
        if self.etag:
            headers["ETag"] = self.etag
        headers = {name: _BARE.sub(lambda bad: quote(bad[0]), value) for name, value in headers.items()}
        return Response(self.body, self.status, headers, self.media if self.body else None)


def json_response(
    record: Any, *, status: int = 200, etag: str | None = None, location: str | None = None
) -> Answer:
    """A record as JSON; its stream version is the tag where it has one."""
    version = getattr(record, "version", None)
    tag = etag or (None if version is None else etags.of_version(version))
    return Answer(
        json_of(type(record)).dump_json(record), status, tag, {"Location": location} if location else {}
    )


def page_response(kind: Any, shown: Page[Any]) -> Answer:
    """A page of a list; its tag is that of its content."""
    return joined(map(json_of(kind).dump_json, shown.items), shown.next)


def joined(items: Iterable[bytes], following: str | None) -> Answer:
    """A page of items that are JSON already, and the cursor of the next one."""
    rows = b",".join(items)
    cursor = b"null" if following is None else b'"%s"' % following.encode()
    body = b'{"items":[' + rows + b'],"next":' + cursor + b"}"
    return Answer(body, etag=etags.of_content(body))


class RequestContext:
    """One request to read."""

    def __init__(
        self,
        app_state: AppState,
        request: Request,
        operation: str,
        body: bytes = b"",
        caller: Caller | None = None,
    ) -> None:
        self.app_state, self.request, self.operation, self.body = app_state, request, operation, body
        self._known_caller = caller
        self.judged = False
        self.targets: list[Target] = []
        self._paths: dict[UUID, tuple[UUID, ...]] = {}

    @cached_property
    def caller(self) -> Caller:
        if self._known_caller is not None:
            return self._known_caller
        asking = caller_of(self.app_state, self.request)
        self.request.scope.setdefault("state", {})["actor"] = asking.actor  # for the log
        return asking

    def admit(self) -> None:
        """Refuse who may not do this anywhere."""
        grants = self._granted
        if not grants and self.caller.is_public:
            raise HttpProblem(
                "not-signed-in",
                message("{operation} asks for a role", operation=self.operation),
                headers=CHALLENGE,
            )
        if not grants and not self.caller.grants:
            raise HttpProblem(
                "not-allowed",
                message(
                    "nobody has given you a role yet; tell an administrator {actor}", actor=self.caller.actor
                ),
            )
        if not grants:
            raise HttpProblem(
                "not-allowed", message("your role does not allow {operation}", operation=self.operation)
            )
        self.judged = any(reach == "all" for _, reach in grants)

    def require_judged(self) -> None:
        """Fail closed: somebody must have judged the caller's scope."""
        if not self.judged:
            raise HttpProblem(
                "not-allowed",
                message("{operation} is allowed in a part of the network only", operation=self.operation),
            )

    def again(self) -> RequestContext:
        """The request anew, judged as things are now. Raises a problem where it may no longer be made."""
        fresh = RequestContext(self.app_state, self.request, self.operation, self.body)
        fresh.admit()
        return fresh

    @cached_property
    def _granted(self) -> tuple[tuple[RoleGrant, Reach], ...]:
        return tuple(reaches(self.caller, self.operation))

    def within(self, target: Target) -> None:
        """Refuse who may do this, but not here."""
        self.judged = True
        self.targets.append(target)
        if not self.reaches(target):
            raise HttpProblem(
                "not-allowed",
                message(
                    "your role does not allow {operation} in this part of the network",
                    operation=self.operation,
                ),
            )

    def reaches(self, target: Target) -> bool:
        around = self._around(target.area)
        return any(covers(granted, reach, target, around) for granted, reach in self._granted)

    def may(self, operation: str, target: Target) -> bool:
        """Whether the caller may do something else there, by the table of roles."""
        around = self._around(target.area)
        granted = reaches(self.caller, operation)
        return any(covers(role_grant, reach, target, around) for role_grant, reach in granted)

    @property
    def is_staff(self) -> bool:
        """Whether the caller answers for a part of the network or for all of it."""
        return self.caller.is_staff

    def require(self, operation: str, target: Target, what: str) -> None:
        """Refuse a part of a command to who may do the rest, and not this."""
        if not self.may(operation, target):
            raise HttpProblem("not-allowed", message("{what} is for coordinators; ask one", what=what))

    @property
    def is_administrator(self) -> bool:
        return any(role_grant.role == "administrator" for role_grant in self.caller.grants)

    @cached_property
    def rights(self) -> Rights:
        """Which rights hold at the first look of this request."""
        return Rights.of_views(self.app_state.lyceum.store, self.now)

    def authority(self, allows: Callable[[RoleGrant], bool]) -> Authority:
        """The authority by which this is done: whoever asks, and those of their roles that allow it."""
        caller = self.caller
        account = None if caller.holder is None else self.now.get(ACCOUNTS, caller.holder)
        own = () if account is None else rights_of(account, self.rights)
        return Authority(
            caller.holder,
            tuple(right for right in own if allows(right.granted)),
            tuple(role_grant for role_grant in caller.claimed if allows(role_grant)),
            caller.token,
            caller.way,
        )

    def authority_for(self, target: Target) -> Authority:
        """The authority by which this operation is done on that target."""
        around = self._around(target.area)
        row = TABLE[self.operation]

        def allows(granted: RoleGrant) -> bool:
            reach = row.get(cast("Role", granted.role))
            return reach is not None and covers(granted, reach, target, around)

        return self.authority(allows)

    def _around(self, area: UUID | None) -> tuple[UUID, ...]:
        if area is None:
            return ()
        if area not in self._paths:
            self._paths[area] = around(self.now, area, self.today)
        return self._paths[area]

    def visible(self) -> Visible:
        """Which records of a list the caller may see; whoever asks for it leaves out the others."""
        if self.judged:
            return everything
        self.judged = True
        known: dict[Target, bool] = {}

        def may_see(record: Any) -> bool:
            target = target_of(record)
            if target not in known:
                known[target] = self.reaches(target)
            return known[target]

        return may_see

    @property
    def media(self) -> str:
        """The media type of the body, without its parameters."""
        return self.request.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def today(self) -> date:
        return self.app_state.lyceum.clock().date()

    @cached_property
    def now(self) -> Snapshot:
        """The read side at the first look of this request."""
        return self.app_state.live.snapshot()

    def views(self, moment: str | None = None) -> Views:
        """The read side now, or as it was at an event position or an instant."""
        return self.now if moment is None else self.app_state.views(moment)

    def find(self, stream: Stream[S], id: UUID, what: str, moment: str | None = None) -> S:
        """The state of a stream that the caller may see. Raises NotThere, or a problem."""
        state = self.views(moment).get(stream, id)
        if state is None:
            raise NotThere(message("there is no {what}; check the spelling", what=what))
        self.within(target_of(state))
        return state

    def finish(self, answer: Answer) -> Response:
        """Say 304 where the client knows it already."""
        self.require_judged()
        secrecy = "no-cache" if self.caller.is_public else "private, no-cache"
        headers = [("Cache-Control", secrecy), ("Vary", "Authorization, Cookie")]
        if self._is_worded(answer):
            language = asked_language(self.request.scope)
            answer = answer.in_language(language)
            headers[1:] = [("Vary", f"Authorization, Cookie, {VARY}"), ("Content-Language", language)]
        if answer.status == 200 and self.knows(answer):
            json_response = {name: answer.headers[name] for name in KEPT_BY_304 if name in answer.headers}
            return Answer(status=304, etag=answer.etag, headers=json_response).response(*headers)
        return answer.response(*headers)

    def _is_worded(self, answer: Answer) -> bool:
        """Whether an answer has sentences; what is read under a strong tag is the same in every language."""
        strong = self.request.method != "POST" and answer.etag is not None and answer.etag[:1] == '"'
        return answer.media == JSON and not strong and has_sentences(answer.body)

    def knows(self, answer: Answer) -> bool:
        """Whether the client has it already, by its tag or else by its date (RFC 9110, section 13.2.2).

        Where the tag is known before the body, an answer without one may be asked about, and is then sent as 304.
        """
        if self.request.method not in ("GET", "HEAD") or not answer.etag:
            return False
        known = self.request.headers.get("if-none-match")
        if known is not None:
            return etags.matches(known, answer.etag or "")
        return etags.not_since(
            self.request.headers.get("if-modified-since"), answer.headers.get("Last-Modified")
        )


class CommandContext(RequestContext):
    """One attempt at a command: `unit` collects what it decides, to be saved with its answer."""

    def __init__(self, context: RequestContext, unit: UnitOfWork) -> None:
        caller = context.caller
        super().__init__(context.app_state, context.request, context.operation, context.body, caller)
        self.judged = context.judged
        self.unit = unit
        self.known = self.request.headers.get("if-match")
        self.matched = self.known is None
        self._guards: list[tuple[Table, Row]] = []

    @cached_property
    def now(self) -> NotedMoment:
        """The read side at the first look of this attempt; what is read there is noted."""
        return self.unit.now

    @property
    def judge(self) -> Judges:
        """Judges moves of a draft, in a process beside where there is one."""
        return self.app_state.judging.judged

    @property
    def guards(self) -> list[tuple[Table, Row]]:
        """Writes that have this attempt begin again where the caller's way in ends before it is saved."""
        written = {(table, row.collection, row.key) for table, row in self.unit.writes}
        return [
            (table, row) for table, row in self._guards if (table, row.collection, row.key) not in written
        ]

    def authority(self, allows: Callable[[RoleGrant], bool]) -> Authority:
        """The authority of a call; what is made by it does not outlive a sign-in that is closed at the same moment."""
        account = self.caller.account
        if account is not None and self.caller.token is None and not self._guards:
            self._guards.append(entry_change(self.unit, account))
            self.again()
        return super().authority(allows)

    def subject(self, stream: Stream[S], id: UUID, what: str) -> S:
        """The state that the command changes: there, in the caller's part of the network, and as If-Match says."""
        state = self.unit.load(stream, id)
        if state is None:
            raise NotThere(message("there is no {what}; check the spelling", what=what))
        self.within(target_of(state))
        self.match(getattr(state, "version", 0))
        return state

    def fresh(self, stream: Stream[S], id: UUID, target: Target) -> S | None:
        """What is there already under the id of something new: None, unless the command is to be refused."""
        self.within(target)
        present = self.unit.load(stream, id)
        self.match(getattr(present, "version", 0))
        return present

    def match(self, version: int) -> None:
        """Refuse where If-Match names other versions than this."""
        self.matched = True
        etags.require(self.known, version)

    def created(self, stream: Stream[S], id: UUID, location: str) -> Answer:
        """The answer to a command that made something new, and where that is."""
        return json_response(self.after(stream, id), status=201, location=location)

    def after(self, stream: Stream[S], id: UUID, before: S | None = None) -> S:
        """The state with what this command decided."""
        state = stream.fold((event for event in self.unit.events if event.originator_id == id), before)
        if state is None:
            raise NotThere(message("there is nothing under {id} in {stream}", id=id, stream=stream.name))
        return state
