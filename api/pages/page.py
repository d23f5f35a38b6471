"""A page in the making: who looks at it, in which language, what the operations answer, and the HTML that goes back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.http.auth import cookies
from api.http.signin.origin import is_from_here, is_token_for, masked_token_for
from api.pages import assets
from api.pages.form_fields import row_count, row_shape
from api.pages.labels import choice_of, hint_of, label_of
from api.pages.languages import NAMES, Language, language_of
from api.pages.operation_client import OperationClient, ProblemDetails
from api.pages.places import PLACES

SAFETY = {
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "Vary": "Accept-Language, Cookie",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
HTML = "text/html; charset=utf-8"
MONDAY = date(2024, 1, 1)
SAVED = "saved"  # in the query of the page that a form leads to

environment = Environment(
    loader=PackageLoader("api.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    extensions=["jinja2.ext.i18n"],
)
environment.policies["ext.i18n.trimmed"] = True


def _weekday(language: Language, index: int) -> str:
    """The name of a day of the week; 0 is Monday."""
    return language.weekday(MONDAY + timedelta(days=index))


environment.globals.update(
    label_of=label_of,
    hint_of=hint_of,
    choice_of=choice_of,
    row_count=row_count,
    row_shape=row_shape,
    weekday=_weekday,
    date=date.fromisoformat,
    instant=datetime.fromisoformat,
)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at a page: the roles that they hold, and what these allow somewhere."""

    actor: str = ""
    grants: tuple[Mapping[str, Any], ...] = ()
    allowed: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_signed_in(self) -> bool:
        return bool(self.grants)

    def may(self, permission: str) -> bool:
        return permission in self.allowed


def is_own_path(path: str) -> bool:
    """Whether an address is a path of this site: a browser takes two slashes for another one."""
    return path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()


class Page:
    """One request for a page. `client` asks the operations; `viewer` is known once the page is begun."""

    def __init__(self, request: Request, client: OperationClient, language: Language) -> None:
        self.request, self.client, self.language = request, client, language
        self.viewer = Viewer()
        self._areas: dict[str, Any] = {}

    @classmethod
    async def begin(cls, request: Request, client: OperationClient) -> Page:
        page = cls(request, client, language_of(request))
        reply = await client.read("/me")
        if reply.problem is None:
            me = reply.document
            page.viewer = Viewer(me["actor"], tuple(me["grants"]), frozenset(me["may"]))
        return page

    # ---- Operations

    async def read(self, path: str, **query: Any) -> Any:
        """The document that an operation answers. Raises OperationRefused."""
        return (await self.client.read(path, query)).required()

    async def read_if_there(self, path: str, **query: Any) -> Any:
        """The document, or None where there is none, or none for this person. Raises OperationRefused."""
        reply = await self.client.read(path, query)
        return None if reply.status in (401, 403, 404, 409) else reply.required()

    async def all_items(self, path: str, **query: Any) -> list[Any]:
        """All items of a list, read page by page. Raises OperationRefused."""
        items: list[Any] = []
        cursor: str | None = None
        while True:
            part = await self.read(path, **{**query, "limit": 500, "cursor": cursor})
            items += part["items"]
            cursor = part["next"]
            if cursor is None:
                return items

    async def area(self, key: str) -> Any:
        """An area by key or id, read once for each page."""
        if key not in self._areas:
            self._areas[key] = await self.read(f"/areas/{key}")
        return self._areas[key]

    async def area_names(self, ids: set[str]) -> dict[str, str]:
        """The names of areas by their ids, in the language of the page where they have one."""
        areas = await asyncio.gather(*(self.area(id) for id in sorted(ids)))
        return {area["id"]: self.area_name(area) for area in areas}

    def area_name(self, area: Any) -> str:
        """What an area is called now, in the language of the page if it has a name there, else in its own."""
        by_language = dict(area["names"][-1]["value"]) if area["names"] else {}
        return str(by_language.get(self.language.code) or next(iter(by_language.values()), area["key"]))

    def known_area_name(self, id: str) -> str:
        """The name of an area that was read for this page already."""
        area = self._areas.get(id)
        return "" if area is None else self.area_name(area)

    # ---- The request

    @property
    def today(self) -> date:
        return self.client.app_state.lyceum.clock().date()

    @property
    def is_secure(self) -> bool:
        return self.client.app_state.sign_in_service.public_url.startswith("https:")

    @property
    def navigation(self) -> list[tuple[str, str]]:
        """The places that this person may go to, with their names in the language of the page."""
        words = self.language.gettext
        return [(path, words(name)) for path, name, _, may in PLACES if self.viewer.may(may)]

    def is_here(self, address: str) -> bool:
        path = self.request.url.path
        return path == address or path.startswith(address + "/")

    def broken_words(self, session: Mapping[str, Any]) -> str:
        """A released session that a command breaks, in one line: what, when, where, and why."""
        day = self.language.day(date.fromisoformat(session["day"]), "medium")
        reasons = "; ".join(reason["sentence"] for reason in session["reasons"])
        where = f"{session['venue']}/{session['room']}"
        return f"{session['title']}, {day} {session['start']}–{session['end']}, {where}: {reasons}"

    # ---- Answers

    @cached_property
    def csrf(self) -> str:
        secret = self._secret()
        return "" if secret is None else masked_token_for(secret)

    def is_own_form(self, fields: Mapping[str, str]) -> bool:
        """Whether a page of this site showed the form to this person."""
        secret = self._secret()
        url = self.client.app_state.sign_in_service.public_url
        return (
            secret is not None
            and is_from_here(self.request, url)
            and is_token_for(secret, fields.get("csrf"))
        )

    def _secret(self) -> str | None:
        return cookies.read(self.request, cookies.SIGN_IN, self.client.app_state.sign_in_service.public_url)

    def show(
        self, template: str, status: int = 200, *, headers: Mapping[str, str] | None = None, **values: Any
    ) -> Response:
        """The template as HTML, in the language and for the eyes of whoever looks."""
        common = {
            "page": self,
            "viewer": self.viewer,
            "language": self.language,
            "languages": NAMES,
            "asset": assets.address,
            "csrf": self.csrf,
            "here": self.here,
            "saved": self.request.query_params.get(SAVED) == "yes",
            "_": self.language.gettext,
            "gettext": self.language.gettext,
            "ngettext": self.language.ngettext,
        }
        text = environment.get_template(template).render({**common, **values})
        all_headers = {**SAFETY, "Content-Language": self.language.tag, **(headers or {})}
        return Response(text, status, all_headers, HTML)

    def go(self, path: str, *, saved: bool = False) -> Response:
        """Send the browser on after a form (303), so that a reload sends nothing again."""
        separator = "&" if "?" in path else "?"
        return RedirectResponse(f"{path}{separator}{SAVED}=yes" if saved else path, 303, SAFETY)

    @property
    def here(self) -> str:
        """The address of this page on this site, without what said that something was saved."""
        parameters = [(name, text) for name, text in self.request.query_params.multi_items() if name != SAVED]
        query = "&".join(f"{quote(name)}={quote(text, safe='')}" for name, text in parameters)
        path = quote(self.request.url.path)
        return f"{path}?{query}" if query else path

    def refused(self, problem: ProblemDetails) -> Response:
        """What an operation says instead of the page. Nobody who is not signed in gets further than the sign-in."""
        if problem.status == 401:
            away = RedirectResponse(f"/sign-in?next={quote(self.here, safe='')}", 303, SAFETY)
            if "set-cookie" in problem.headers:
                away.headers.append("set-cookie", problem.headers["set-cookie"])
            return away
        return self.show("problem.html", problem.status, problem=problem)
