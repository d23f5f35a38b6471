"""Forms of the pages of a week: several stand on one page, each gives one command, named by the field `action`.

A form is sent to the address of its page. Where its command is refused the page is shown again, with what was typed in
that form and with what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from api.pages.command_forms import CHANGED
from api.pages.form_keys import new_key
from api.pages.operation_client import ProblemDetails, Reply
from api.pages.page import Page
from api.pages.routes import Fields, is_shown_only

ACTION = "action"
ACCEPTED = "accept."  # before the name of a soft rule, in the name of its checkbox
MOST_NAMED = 20
MOST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class FormState:
    """What became of the form that a page was sent: nothing where none was, or where it was only shown again."""

    action: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    problem: ProblemDetails | None = None

    @property
    def is_changed(self) -> bool:
        return self.problem is not None and self.problem.name in CHANGED

    @property
    def errors(self) -> dict[str, str]:
        return self.problem.fields if self.problem else {}

    @property
    def sentences(self) -> list[str]:
        """What is wrong, a sentence for each rule, or as a whole."""
        if self.problem is None:
            return []
        document = self.problem.document
        breaches = [*document.get("broken", ()), *document.get("warnings", ())]
        named = [
            str(breach["sentence"])
            for breach in breaches
            if isinstance(breach, dict) and "sentence" in breach
        ]
        return named[:MOST_NAMED] or ([] if self.errors else [str(document.get("detail", ""))])

    @property
    def soft_rules(self) -> list[str]:
        """Soft rules that the command would break, which a reason can pass."""
        warnings = self.problem.document.get("warnings", ()) if self.problem else ()
        return list(dict.fromkeys(str(warning["rule"]) for warning in warnings))

    def text(self, action: str, name: str, otherwise: str = "") -> str:
        """What was typed into a field of a form; of a form that was not sent, what stands there otherwise."""
        return self.typed.get(name, "") if action == self.action else otherwise

    @staticmethod
    def key() -> str:
        """A new key for a form, so that it does one thing however often it is sent."""
        return new_key()


def shown_again(fields: Fields) -> FormState:
    return FormState(fields.get(ACTION, ""), fields)


async def send(
    page: Page, fields: Fields, path: str, body: Any = None, query: Mapping[str, Any] | None = None
) -> tuple[Reply | None, FormState]:
    """Give the command of a form; no reply where it was sent only to be shown in another language."""
    if is_shown_only(fields):
        return None, shown_again(fields)
    reply = await page.client.command(
        path, body, key=fields.get("key", "") or new_key(), version=fields.get("version", ""), query=query
    )
    return reply, FormState(fields.get(ACTION, ""), fields, reply.problem)


def whole_number(text: str, otherwise: int = -1) -> int:
    """A number of a form or an address; what stands there otherwise where it is none, or no reasonable one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < MOST_DIGITS else otherwise


def number_or_text(text: str) -> Any:
    """A number, None where nothing stands there, else the text, which the operation refuses by its field."""
    text = text.strip().replace(",", ".")
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        return text
    if not isfinite(number):
        return text
    return int(number) if number.is_integer() else number


def first_row(page: Page, count: int, size: int) -> int:
    """Where the part of a list begins that the address asks for; parts count from 1."""
    part = whole_number(page.request.query_params.get("page", ""), 1)
    return max(0, min(part - 1, (count - 1) // size)) * size


def accepted_rules(fields: Fields) -> list[str]:
    """The soft rules that are ticked."""
    return [name.removeprefix(ACCEPTED) for name in fields if name.startswith(ACCEPTED)]
