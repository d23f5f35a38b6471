"""Pages for signing in: plain HTML for any browser, without a script.

A link in a mail shows a page with one button and does nothing by itself: programs that look into mails open links.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial, wraps
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote, unquote

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import RedirectResponse, Response

from adapters.access.delegation import part_key
from adapters.access.login_identities import address_of, identities_of, subject_of
from adapters.access.login_sessions import NoSuchLink, find_link, new_secret
from adapters.services.accounts import accept_role, account_key, decline_role
from adapters.services.provider_accounts import ProviderWord
from adapters.services.sign_ins import (
    NewSignIn,
    end_everywhere,
    end_sign_in,
    enter_by_link,
    enter_by_provider,
)
from adapters.store.store import Conflict
from adapters.wording.catalogues import worded
from api.addresses import OPEN_LINK
from api.http.auth import cookies
from api.http.auth.identity import CHALLENGE, caller_signed_in, open_account_of, rights_now, signed_in
from api.http.auth.roles import allowed_to
from api.http.errors import HttpProblem, problem_of, respond
from api.http.framework.route_index import RouteIndex
from api.http.limits.body_limits import FORM_S, read_within
from api.http.refusals import NotBelieved, NotSetUp
from api.http.signin.origin import is_from_here, is_token_for, masked_token_for
from api.http.signin.provider import derived
from api.http.signin.sign_in_service import CALLBACK
from api.http.state import AppState
from api.pages.languages import language_of
from api.pages.operation_client import OperationClient, ProblemDetails
from api.pages.page import SAFETY, Page, Viewer, is_own_path
from domain.account import Closed, NoSuchOffer
from domain.messages import message

HOME = "/sign-in"
MOST_BYTES = 10_000
AWAY_S = 600  # so long may somebody be away at the provider, or look at a form
_SECONDS = re.compile("[0-9]{1,12}")
router = APIRouter(include_in_schema=False)
NO_STORE = {**SAFETY, "Cache-Control": "no-store"}
Fields = Mapping[str, str]
Link = Annotated[str, Query(max_length=200)]
Word = Annotated[str, Query(max_length=4000)]


# ---- What all pages have in common


async def _fields(request: Request) -> Fields:
    body = await read_within(request, MOST_BYTES, FORM_S)
    return dict(parse_qsl(body.decode("utf-8", "replace")))


Filled = Annotated[Fields, Depends(_fields)]


def _app_state(request: Request) -> AppState:
    app_state: AppState = request.app.state.app_state
    return app_state


def _show(request: Request, name: str, status: int = 200, **values: Any) -> Response:
    page = Page(request, OperationClient(request, RouteIndex(())), language_of(request))
    page.viewer = _viewer(request)
    return page.show(name, status, headers={"Cache-Control": "no-store"}, **values)


def _viewer(request: Request) -> Viewer:
    app_state = _app_state(request)
    by_cookie = signed_in(app_state, request)
    caller = None if by_cookie is None else caller_signed_in(app_state, by_cookie[0])
    if caller is None:
        return Viewer()
    return Viewer(
        caller.actor,
        tuple({"role": granted.role, "within": granted.within} for granted in caller.grants),
        frozenset(allowed_to(caller)),
    )


def _page(function: Callable[..., Response]) -> Callable[..., Response]:
    """Tell a refusal as a page to who asks for one, and as a problem to everybody else."""

    @wraps(function)
    def run(request: Request, **parameters: Any) -> Response:
        try:
            return function(request, **parameters)
        except Exception as error:
            problem = problem_of(error)
            if problem is None:
                raise
            return _refused(request, problem)

    return run


def _refused(request: Request, problem: HttpProblem) -> Response:
    kind = problem.kind
    if kind.status == 401:
        problem.headers = {**CHALLENGE, **problem.headers}
    if "text/html" not in request.headers.get("accept", ""):
        return respond(problem, request.scope)
    code = language_of(request).code
    document = {
        "title": worded(kind.title, code),
        "detail": worded(problem.detail, code),
        "next": worded(kind.next, code),
    }
    shown = _show(request, "problem.html", kind.status, problem=ProblemDetails(kind.status, document))
    shown.headers.update(problem.headers)
    return shown


def _back(path: str = HOME) -> Response:
    return RedirectResponse(path, 303, NO_STORE)


def _with_form(request: Request, name: str, **values: Any) -> Response:
    """A page with a form, and the cookie that the form must repeat."""
    url = _app_state(request).sign_in_service.public_url
    secret = cookies.read(request, cookies.FORM, url) or new_secret()
    shown = _show(request, name, csrf=masked_token_for(secret), **values)
    cookies.write(shown, cookies.FORM, secret, url, AWAY_S * 6)
    return shown


def _require_own(request: Request, fields: Fields, name: cookies.Name) -> None:
    """Refuse a form that no page of this site showed to this browser."""
    url = _app_state(request).sign_in_service.public_url
    secret = cookies.read(request, name, url)
    if secret is None or not is_from_here(request, url) or not is_token_for(secret, fields.get("csrf")):
        raise HttpProblem(
            "not-from-here", message("this form was not sent by a page of this site, or it is too old")
        )


def _new_sign_in(request: Request) -> NewSignIn:
    sign_in_service = _app_state(request).sign_in_service
    earlier = cookies.read(request, cookies.SIGN_IN, sign_in_service.public_url)
    return NewSignIn(new_secret(), sign_in_service.settings.lasting.whole, earlier)


def _enter(request: Request, secret: str) -> Response:
    sign_in_service = _app_state(request).sign_in_service
    back = _back(_next_of(request))
    cookies.erase(back, cookies.NEXT, sign_in_service.public_url)
    lasting = int(sign_in_service.settings.lasting.whole.total_seconds())
    cookies.write(back, cookies.SIGN_IN, secret, sign_in_service.public_url, lasting)
    cookies.erase(back, cookies.FORM, sign_in_service.public_url)
    return back


def _next_of(request: Request) -> str:
    """The page that somebody wanted before they had to sign in; else the start page."""
    path = cookies.read(request, cookies.NEXT, _app_state(request).sign_in_service.public_url) or ""
    return unquote(path) if is_own_path(unquote(path)) else "/home"


# ---- Who is in


@router.get(HOME)
@_page
def sign_in(request: Request, closed: Word = "", next: Word = "") -> Response:  # noqa: A002 - a name in addresses
    """The ways in; or who is signed in already, and the way out. `closed`: somebody's way in is.

    `next` is the page to go to afterwards.
    """
    app_state = _app_state(request)
    by_cookie = signed_in(app_state, request)
    account = None if by_cookie is None else open_account_of(app_state, by_cookie[1].account)
    if by_cookie is None or account is None:
        provider = app_state.sign_in_service.provider
        shown = _with_form(
            request,
            "sign_in/signed_out.html",
            mail=app_state.sign_in_service.settings.mail is not None,
            provider=provider.settings.name if provider else None,
            closed=closed == "yes",
        )
        if is_own_path(next):
            cookies.write(shown, cookies.NEXT, quote(next), app_state.sign_in_service.public_url, AWAY_S * 6)
        if cookies.read(request, cookies.SIGN_IN, app_state.sign_in_service.public_url) is not None:
            cookies.erase(shown, cookies.SIGN_IN, app_state.sign_in_service.public_url)
        return shown
    secret, held = by_cookie
    views = app_state.live.snapshot()
    caller, known = caller_signed_in(app_state, secret), rights_now(app_state)
    offered = dict.fromkeys(offer.granted for offer in account.offers if known.is_effective(offer.authority))
    return _show(
        request,
        "sign_in/signed_in.html",
        csrf=masked_token_for(secret),
        key=account.key,
        roles=[
            (role_grant.role, part_key(views, role_grant)) for role_grant in (caller.grants if caller else ())
        ],
        offers=[
            (role_grant.role, role_grant.within or "", part_key(views, role_grant)) for role_grant in offered
        ],
        alone=held.by in ("first", "operator") and not identities_of(app_state.lyceum.store, account.id),
    )


@router.post("/sign-in/offer")
@_page
def answer_role(request: Request, fields: Filled) -> Response:
    """Accept or decline a role that is offered to the account."""
    app_state = _app_state(request)
    _require_own(request, fields, cookies.SIGN_IN)
    by_cookie = signed_in(app_state, request)
    account = None if by_cookie is None else open_account_of(app_state, by_cookie[1].account)
    if by_cookie is None or account is None:
        raise HttpProblem("not-signed-in", message("sign in to answer an offer"))
    role, within = fields.get("role", ""), fields.get("within", "")
    chosen = (offer.granted for offer in account.offers if offer.granted.role == role)
    granted = next((role_grant for role_grant in chosen if str(role_grant.within or "") == within), None)
    if granted is None:
        raise NoSuchOffer(message("this role is not offered to you, or no longer"))
    holder = app_state.lyceum.acting_as(account.key)
    if fields.get("answer") == "accept":
        accept_role(holder, account.id, granted, by_cookie[1])
    else:
        decline_role(holder, account.id, granted)
    return _back()


@router.post("/sign-out")
@_page
def sign_out(request: Request, fields: Filled) -> Response:
    """End this sign-in; with `everywhere`, all of the account's."""
    app_state = _app_state(request)
    _require_own(request, fields, cookies.SIGN_IN)
    by_cookie = signed_in(app_state, request)
    if by_cookie is not None:
        if "everywhere" in fields:
            end_everywhere(app_state.lyceum, by_cookie[1].account)
        else:
            end_sign_in(app_state.lyceum, by_cookie[0])
    back = _back()
    cookies.erase(back, cookies.SIGN_IN, app_state.sign_in_service.public_url)
    return back


# ---- By mail


@router.post("/sign-in/link")
@_page
def ask_for_link(request: Request, fields: Filled) -> Response:
    """The same answer whether the address is known or not."""
    sign_in_service = _app_state(request).sign_in_service
    _require_own(request, fields, cookies.FORM)
    if sign_in_service.settings.mail is None:
        raise NotSetUp(message("no mail server is set up here; ask who gave you your role for another way"))
    sign_in_service.count(
        "links from", sign_in_service.client(request), sign_in_service.settings.limits.links
    )
    address = address_of(fields.get("email", "")[:320])
    sign_in_service.count("links to", address, sign_in_service.settings.limits.links_each)
    sign_in_service.ask_for_link(sign_in_service.client(request), address)
    return _show(
        request, "sign_in/link_sent.html", minutes=int(sign_in_service.settings.link.total_seconds() // 60)
    )


@router.get(OPEN_LINK)
@_page
def look_at_link(request: Request, link: Link = "") -> Response:
    """One button. Looking at it uses nothing up."""
    app_state = _app_state(request)
    with _counted_if_wrong(request):
        find_link(app_state.lyceum.store, link, app_state.lyceum.clock())
    return _with_form(request, "sign_in/open_link.html", link=link)


@router.post(OPEN_LINK)
@_page
def use_link(request: Request, fields: Filled) -> Response:
    app_state = _app_state(request)
    _require_own(request, fields, cookies.FORM)
    new = _new_sign_in(request)
    with _counted_if_wrong(request):
        enter_by_link(app_state.lyceum, fields.get("link", "")[:200], new)
    return _enter(request, new.secret)


@contextmanager
def _counted_if_wrong(request: Request) -> Iterator[None]:
    """Links that are over are counted, and no good one is: nobody is kept out by whoever shares their address."""
    sign_in_service = _app_state(request).sign_in_service
    try:
        yield
    except NoSuchLink:
        sign_in_service.count("tries", sign_in_service.client(request), sign_in_service.settings.limits.tries)
        raise


# ---- By a provider


async def _published(request: Request) -> None:
    """What the provider publishes is read in a lane of its own, so that nobody else waits for it."""
    app_state = _app_state(request)
    if app_state.sign_in_service.provider is not None and app_state.sign_in_service.provider.misses():
        await app_state.lanes.run("provider", None, app_state.sign_in_service.provider.refresh)


@router.get("/sign-in/provider", dependencies=[Depends(_published)])
@_page
def go_to_provider(request: Request) -> Response:
    """Nothing is kept here of who went."""
    app_state = _app_state(request)
    if app_state.sign_in_service.provider is None:
        raise NotSetUp(message("no provider is set up here; ask for a link by mail"))
    app_state.sign_in_service.count(
        "tries", app_state.sign_in_service.client(request), app_state.sign_in_service.settings.limits.tries
    )
    seed = f"{app_state.lyceum.clock().timestamp():.0f}.{new_secret()}"
    away = RedirectResponse(app_state.sign_in_service.provider.address(seed), 303, NO_STORE)
    cookies.write(away, cookies.START, seed, app_state.sign_in_service.public_url, AWAY_S)
    return away


@router.get(CALLBACK, dependencies=[Depends(_published)])
async def come_back(
    request: Request, code: Word = "", state: Word = "", error: Word = "", iss: Word = ""
) -> Response:
    """Only the browser that went comes in, soon, and once; nobody else waits while the provider is asked."""
    work = partial(_come_in, request, code=code, state=state, error=error, iss=iss)
    return await _app_state(request).lanes.run("provider", None, work)


@_page
def _come_in(request: Request, *, code: str, state: str, error: str, iss: str) -> Response:
    app_state = _app_state(request)
    sign_in_service = app_state.sign_in_service
    if sign_in_service.provider is None:
        raise NotSetUp(message("no provider is set up here; ask for a link by mail"))
    sign_in_service.count("tries", sign_in_service.client(request), sign_in_service.settings.limits.tries)
    seed = cookies.read(request, cookies.START, sign_in_service.public_url)
    if seed is None or not _is_recent(seed, app_state) or not _same(state, derived(seed, "state")):
        raise NotBelieved(message("this browser did not go to the provider just now; sign in again"))
    if error or iss not in ("", sign_in_service.provider.settings.issuer):
        raise NotBelieved(message("the provider did not let you in; sign in again"))
    claims = sign_in_service.provider.claims(seed, code)
    subject = subject_of(sign_in_service.provider.settings.issuer, claims["sub"])
    word = ProviderWord(subject, sign_in_service.provider.granted(claims), sign_in_service.keys)
    new = _new_sign_in(request)
    try:
        enter_by_provider(
            app_state.lyceum.acting_as("provider"), word, state, account_key(app_state.ids()), new
        )
    except Conflict:
        raise NotBelieved(message("this visit to the provider was used already; sign in again")) from None
    except Closed:
        away = RedirectResponse(f"{HOME}?closed=yes", 303, NO_STORE)  # away from the address with the code
        cookies.erase(away, cookies.START, sign_in_service.public_url)
        return away
    entered = _enter(request, new.secret)
    cookies.erase(entered, cookies.START, sign_in_service.public_url)
    return entered


def _is_recent(seed: str, app_state: AppState) -> bool:
    began = seed.partition(".")[0]
    return (
        _SECONDS.fullmatch(began) is not None
        and 0 <= app_state.lyceum.clock().timestamp() - int(began) + 1 <= AWAY_S
    )


def _same(received: str, expected: str) -> bool:
    return hmac.compare_digest(received.encode(), expected.encode())
