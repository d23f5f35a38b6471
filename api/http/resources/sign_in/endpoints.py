"""The caller's own sign-in: who is signed in by the cookie, until when, and the end of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from adapters.access.login_sessions import By
from adapters.services import sign_ins as services
from api.http.auth.identity import signed_in
from api.http.framework.contexts import Answer, CommandContext, RequestContext, json_response
from api.http.framework.operations import Form, Operations
from api.http.signin.origin import token_for

operations = Operations("sign-in")


@dataclass(frozen=True, slots=True)
class Present:
    """`csrf` goes into the header X-CSRF-Token of each command that the cookie signs; all null where nobody is in."""

    account: str | None = None
    by: By | None = None
    expires: datetime | None = None
    csrf: str | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How many sign-ins are over now."""

    ended: int


class End(Form):
    """`everywhere`: on all devices, and links that were not used yet."""

    everywhere: bool = False


@operations.read(
    "/sign-in",
    may="sign-in.read",
    answers=Present,
    summary="Say who is signed in by the cookie",
    example={
        "account": "p-3f9c2a7b1d04",
        "by": "email",
        "expires": "2026-11-29T09:00:00Z",
        "csrf": "5d41402abc4b2a76b9719d911017c592a1b2c3d4e5f",
    },
)
def read_sign_in(context: RequestContext) -> Answer:
    """For programs in a page of this site; the page for people is /sign-in."""
    by_cookie = None if context.caller.sign_in is None else signed_in(context.app_state, context.request)
    if by_cookie is None:
        return json_response(Present())
    secret, sign_in = by_cookie
    answer = json_response(Present(context.caller.actor, sign_in.by, sign_in.expires, token_for(secret)))
    return Answer(answer.body, headers={"Cache-Control": "no-store"})


@operations.command(
    "/sign-in/end",
    may="sign-in.end",
    answers=Ended,
    summary="Sign out",
    example={"everywhere": False},
    answer_example={"ended": 1},
)
def end_sign_in(context: CommandContext, form: End) -> Answer:
    """Who is not signed in by a cookie ends nothing, but with `everywhere` all sign-ins of the account.

    A token of this interface ends none: it may be narrower than the account.
    """
    caller = context.caller
    if form.everywhere and caller.account is not None and caller.token is None:
        return json_response(Ended(services.end_everywhere(context.unit, caller.account)))
    by_cookie = None if caller.sign_in is None else signed_in(context.app_state, context.request)
    return json_response(Ended(0 if by_cookie is None else services.end_sign_in(context.unit, by_cookie[0])))
