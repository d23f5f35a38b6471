"""Forms that give one command each: what stands in them, what the command would break, and what became of it.

The address of such a page is that of the operation, without `/v1`: a GET shows the form, a POST gives the command. Sent
twice, reloaded or sent after Back it does one thing, since the key made with the page is the command's own. Made from a
record that has changed meanwhile it is shown again, with what was typed and who changed what.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from api.http.framework.operations import COMMANDS
from api.pages.form_fields import FieldShape, body_of, shapes_of, typed_from
from api.pages.form_keys import new_key
from api.pages.operation_client import ProblemDetails
from api.pages.page import Page
from api.pages.routes import Fields, Pages, is_shown_only

CONFIRMED = "confirmed"
CHANGED = ("changed-meanwhile", "key-used-otherwise")  # by somebody else, or by the same form before Back
Prefill = Callable[[Page, Mapping[str, Any]], Awaitable[Mapping[str, Any]] | Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class CommandForm:
    """A page for one command.

    `operation` is its name in the interface, `path` its path below /v1. `subject` is the path of the record that it
    changes: its tag is the version that the form is made from, and its fields stand in the form where `prefill` says
    how. `back` is the page afterwards. `fixed` are fields that the page fills in.
    """

    operation: str
    path: str
    title: str
    back: str
    button: str
    subject: str = ""
    prefill: Prefill | None = None
    fixed: Mapping[str, Any] = field(default_factory=dict)
    intro: str = ""
    events: str = ""

    @property
    def may(self) -> str:
        return COMMANDS[self.operation].may

    @property
    def shapes(self) -> tuple[FieldShape, ...]:
        model = COMMANDS[self.operation].taken.form
        return () if model is None else shapes_of(model, self.fixed)

    @property
    def tries(self) -> bool:
        return COMMANDS[self.operation].taken.tries

    def register(self, pages: Pages, path: str = "") -> None:
        """Declare the page and what its form sends, at `path` where that is not the operation's."""
        pages.get(path or self.path, may=self.may)(self.show)
        pages.post(path or self.path, may=self.may)(self.send)

    async def show(self, page: Page, **path: str) -> Response:
        return await self.shown(page, path)

    async def send(self, page: Page, fields: Fields, **path: str) -> Response:
        return await self.sent(page, fields, path)

    async def shown(self, page: Page, path: Mapping[str, str]) -> Response:
        typed: Mapping[str, str] = {}
        version = ""
        if self.subject:
            reply = await page.client.read(self.subject.format(**path))
            record, version = reply.required(), reply.etag
            if self.prefill is not None:
                filled = self.prefill(page, record)
                typed = typed_from(self.shapes, await filled if isinstance(filled, Awaitable) else filled)
        return self._page(page, path, typed, new_key(), version)

    async def sent(self, page: Page, fields: Fields, path: Mapping[str, str]) -> Response:
        key, version = fields.get("key", "") or new_key(), fields.get("version", "")
        if is_shown_only(fields):
            return self._page(page, path, fields, key, version)
        body: Any = {**body_of(self.shapes, fields), **self.fixed} if self.shapes or self.fixed else None
        target = self.path.format(**path)
        if self.tries and CONFIRMED not in fields:
            # A form that is sent again may be refused here, where the command itself answers as the first time.
            trial = await page.client.command(target, body, query={"dry_run": "true"})
            broken = (trial.document or {}).get("broken", ())
            if broken:
                return self._page(page, path, fields, key, version, broken=broken)
        reply = await page.client.command(target, body, key=key, version=version)
        if reply.problem is not None:
            return await self._refused(page, path, fields, reply.problem)
        return page.go(self.back.format(**path, **_created(reply.document)), saved=True)

    async def _refused(
        self, page: Page, path: Mapping[str, str], fields: Fields, problem: ProblemDetails
    ) -> Response:
        """The form with what was typed and what is wrong; a new key, since the old one may have been used."""
        version, changes = fields.get("version", ""), []
        if problem.name in CHANGED and self.subject:
            reply = await page.client.read(self.subject.format(**path))
            record = reply.required()
            changes = await changes_since(page, record, version, self.events.format(**path))
            version = reply.etag
        return self._page(page, path, fields, new_key(), version, problem=problem, changes=changes)

    def _page(
        self,
        page: Page,
        path: Mapping[str, str],
        typed: Mapping[str, str],
        key: str,
        version: str,
        *,
        problem: ProblemDetails | None = None,
        broken: Any = (),
        changes: Any = (),
    ) -> Response:
        return page.show(
            "command_form.html",
            problem.status if problem else 200,
            form=self,
            path=path,
            back=self.back.format(**path, created="") if "{created}" not in self.back else "",
            shapes=self.shapes,
            typed=typed,
            key=key,
            version=version,
            problem=problem,
            errors=problem.fields if problem else {},
            is_changed=problem is not None and problem.name in CHANGED,
            broken=broken,
            changes=changes,
        )


def _created(document: Any) -> dict[str, str]:
    return {"created": str(document.get("key", "")) if isinstance(document, dict) else ""}


async def changes_since(page: Page, record: Mapping[str, Any], version: str, events: str) -> list[Any]:
    """The events of a record after the version that a form was made from, as far as this person may read them.

    `events` names the filter of the events and its value, such as `venue=school`.
    """
    known = version.strip('W/"')
    name, _, value = events.partition("=")
    if not name or not known.isdigit() or not page.viewer.may("events.read"):
        return []
    missing = int(record.get("version", 0)) - int(known)
    reply = await page.client.read("/events", {name: value, "limit": 500})
    if reply.problem is not None or missing <= 0:
        return []
    return list(reply.document["items"])[-missing:]
