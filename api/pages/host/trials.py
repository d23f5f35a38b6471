"""Commands that a host sees the effect of before they are done: whom they touch, then the button.

A dry run of the operation says what it would break, and saves nothing. The button then carries a mark of exactly the
commands that were tried: where the form says something else by then, the effect is shown again and nothing is done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from api.pages.form_keys import new_key
from api.pages.operation_client import ProblemDetails
from api.pages.page import Page
from api.pages.routes import Fields

CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class TriedCommand:
    """A command: its path below /v1 and its body."""

    path: str
    body: Any


@dataclass(frozen=True, slots=True)
class CommandOutcome:
    """What became of the commands. `broken` are released sessions; `answer` is what the last command answered."""

    is_done: bool = False
    broken: tuple[Any, ...] = ()
    problem: ProblemDetails | None = None
    answer: Any = None


@dataclass(frozen=True, slots=True)
class FormKeys:
    """The key and the version that a form is sent with; a new key after a refusal, since the old one may be used up."""

    key: str
    version: str

    @classmethod
    def of(cls, fields: Fields, version: str = "") -> FormKeys:
        return cls(fields.get("key", "") or new_key(), fields.get("version", version))


def mark_of(steps: Sequence[TriedCommand]) -> str:
    """A mark of commands, to know that the effect that was shown is that of what is sent; their reason changes none."""
    bodies = [{name: value for name, value in step.body.items() if name != "why"} for step in steps]
    paths = [step.path for step in steps]
    text = orjson.dumps([paths, bodies], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()[:32]


async def tried(page: Page, steps: Iterable[TriedCommand]) -> CommandOutcome:
    """What the commands would break; nothing is saved."""
    broken: dict[Any, Any] = {}
    for step in steps:
        reply = await page.client.trial(step.path, step.body)
        if reply.problem is not None:
            return CommandOutcome(problem=reply.problem)
        for session in (reply.document or {}).get("broken", ()):
            broken[session["request"], session["number"], session["day"]] = session
    return CommandOutcome(broken=tuple(broken.values()))


async def done(page: Page, steps: Sequence[TriedCommand], state: FormKeys) -> CommandOutcome:
    """Give the commands one after the other, each on what the one before has made."""
    version, answer = state.version, None
    for index, step in enumerate(steps):
        key = state.key if index == 0 else f"{state.key}-{index}"
        reply = await page.client.command(step.path, step.body, key=key, version=version)
        if reply.problem is not None:
            return CommandOutcome(problem=reply.problem)
        version, answer = reply.etag, reply.document
    return CommandOutcome(is_done=True, answer=answer)


async def done_or_shown(
    page: Page, fields: Fields, steps: Sequence[TriedCommand], state: FormKeys, *, asks: bool = False
) -> CommandOutcome:
    """Do what was seen and confirmed, else try it; what breaks nothing is done at once, unless the page always asks."""
    if fields.get(CONFIRMED) == mark_of(steps):
        return await done(page, steps, state)
    outcome = await tried(page, steps)
    if outcome.problem is not None or outcome.broken or asks:
        return outcome
    return await done(page, steps, state)
