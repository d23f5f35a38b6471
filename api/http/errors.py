"""Problem details (RFC 9457): a refusal as an answer over HTTP, with one stable type for each rule.

A type is a path below `/v1/problems`, where it is explained. Its name never changes and is never used again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from adapters.access.login_identities import BadAddress
from adapters.access.login_sessions import NoSuchLink
from adapters.branches.adopting import TruthMovedOn
from adapters.branches.branches import BranchClosed, BranchFull, NothingToUndo, NotInBranch
from adapters.exports.hours_export import HoursNotWritten
from adapters.exports.master_data import NotExported
from adapters.imports.import_templates import UnknownFormat
from adapters.imports.importing import UnknownKind
from adapters.imports.profiles import BadImportProfile
from adapters.imports.table_reader import Unreadable
from adapters.jobs.job_queue import JobEnded, NoResult, Planning, RightOver, TooManyJobs
from adapters.queries.paging import BadCursor
from adapters.services.accounts import SecondLoginIdentity
from adapters.services.adjusting import SoftRulesBroken
from adapters.services.planning import NothingToPlan
from adapters.services.releases import BrokenRules
from adapters.services.role_changes import UntrustedIdentity
from adapters.store.mapper import json_of
from adapters.store.store import DATABASE_FAULTS, Conflict
from adapters.wording.catalogues import reworded, worded
from adapters.wording.languages import language_of
from adapters.wording.records import MESSAGE_SCHEMA
from api.http.refusals import NotBelieved, NotSetUp, ProviderSilent
from api.http.validation_messages import validation_message
from domain import (
    account,
    catalogue,
    day_types,
    diary,
    events,
    network,
    opening,
    recurrence,
    releasing,
    request,
    starts,
    steps,
    timetable,
    venue,
    volunteer_merging,
)
from domain import volunteer as volunteers
from domain.area_references import AmbiguousArea, TakenReference
from domain.calendar import NotAWeek, NotAZone, OutOfCalendar
from domain.messages import Message, beside, document, message, message_of
from domain.quotas import QuotaReached
from domain.text import BadText
from domain.windows import EmptyWindow, NotATime
from scheduler import MalformedDocument
from scheduler.processes import ProcessLost

MEDIA_TYPE = "application/problem+json"
TYPES = "/v1/problems/"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """What all problems of a type have in common; `next` is what the caller can do about it."""

    name: str
    status: int
    title: str
    next: str

    @property
    def type(self) -> str:
        return TYPES + self.name


def _kind(name: str, status: int, title: str, what_next: str) -> ProblemKind:
    return ProblemKind(name, status, title, what_next)


_CORRECT = message("Correct the value and send the request again.")
_LOOK = message("Read the resource again, then decide again.")
_SPELLING = message("Check the spelling, or list the resources to find it.")

OTHERS: dict[str, ProblemKind] = {
    kind.name: kind
    for kind in (
        _kind("not-signed-in", 401, message("Not signed in"), message("Send a valid bearer token.")),
        _kind(
            "not-allowed",
            403,
            message("Not allowed"),
            message("Ask somebody whose role allows it, or who gives out roles."),
        ),
        _kind(
            "not-from-here",
            403,
            message("Not sent from this site"),
            message(
                "Send the command from a page of this site, with the csrf of /v1/sign-in in X-CSRF-Token."
            ),
        ),
        _kind(
            "consent-needed",
            403,
            message("Its holder must agree"),
            message(
                "Offer the role with POST /v1/accounts/{{account}}/role-offers, or ask an administrator."
            ),
        ),
        _kind("not-found", 404, message("Not found"), _SPELLING),
        _kind(
            "no-such-method",
            405,
            message("No such method"),
            message("Use one of the methods that the header Allow names."),
        ),
        _kind("not-acceptable", 406, message("No such representation"), message("Accept application/json.")),
        _kind(
            "changed-meanwhile",
            412,
            message("Changed meanwhile"),
            message("Read it again, and send its new ETag in If-Match."),
        ),
        _kind(
            "too-slow",
            408,
            message("Too slow"),
            message("Send it again over a faster connection, or send less at once."),
        ),
        _kind("too-large", 413, message("Too large"), message("Send less at once.")),
        _kind(
            "wrong-media-type",
            415,
            message("Wrong media type"),
            message("Send what the operation asks for as Content-Type."),
        ),
        _kind("invalid", 422, message("Invalid request"), _CORRECT),
        _kind(
            "rows-wrong",
            422,
            message("Rows are wrong"),
            message("Correct the rows that `errors` names and send the file again."),
        ),
        _kind(
            "hours-odd",
            409,
            message("Opening hours are possible but odd"),
            message(
                "Look at them, then send accept_warnings=true, or write them so that they mean one thing."
            ),
        ),
        _kind(
            "rows-odd",
            409,
            message("Rows are possible but odd"),
            message("Look at them, then send accept_warnings=true."),
        ),
        _kind(
            "key-used-otherwise",
            422,
            message("Idempotency key used otherwise"),
            message("Choose a new key for a new command."),
        ),
        _kind(
            "too-many",
            429,
            message("Too many requests"),
            message("Wait as long as Retry-After says, then try again."),
        ),
        _kind("unavailable", 503, message("The database does not answer"), message("Try again in a moment.")),
        _kind(
            "behind",
            503,
            message("The read side is behind"),
            message("Wait; where that does not help, run lyceum rebuild."),
        ),
        _kind("mistake", 500, message("A mistake of the program"), message("Report it with the request id.")),
    )
}

KINDS: dict[type[Exception], ProblemKind] = {
    events.NotThere: _kind("not-there", 404, message("Not there"), _SPELLING),
    AmbiguousArea: _kind(
        "ambiguous-area",
        409,
        message("Several areas have that name"),
        message("Give the key of one of them."),
    ),
    timetable.NoSuchRelease: _kind(
        "no-such-release", 404, message("No such release"), message("List the releases of the week.")
    ),
    venue.UnknownRoom: _kind(
        "unknown-room", 404, message("No such room"), message("List the rooms of the venue.")
    ),
    ProcessLost: _kind(
        "computing-lost", 503, message("What computed has ended"), message("Try again in a moment.")
    ),
    Conflict: _kind("lost-race", 409, message("Others were faster"), message("Try again in a moment.")),
    events.AlreadyThere: _kind(
        "already-there", 409, message("There already"), message("Change what is there instead.")
    ),
    BrokenRules: _kind(
        "broken-rules",
        409,
        message("Hard rules would be broken"),
        message("Mend what `broken` names, or plan again."),
    ),
    SoftRulesBroken: _kind(
        "soft-rules-need-a-reason",
        409,
        message("Wishes would be passed over"),
        message(
            "Choose another place, or send it again with `why` and `accept` naming each rule of `warnings`."
        ),
    ),
    timetable.MovedTwice: _kind("moved-twice", 422, message("One session in two places"), _CORRECT),
    diary.DoubleBooking: _kind(
        "double-booking", 409, message("Promised twice"), message("Move one of the two sessions.")
    ),
    diary.Overload: _kind("overload", 409, message("More than is offered"), message("Take a session away.")),
    diary.ServedTwice: _kind("served-twice", 409, message("Served twice"), message("Plan the week again.")),
    diary.ResourceClosed: _kind(
        "resource-closed", 409, message("Closed or away"), message("Plan the week again.")
    ),
    steps.NoStep: _kind("no-step", 409, message("No such step"), message("Change the draft by hand.")),
    steps.SessionChanged: _kind(
        "session-changed",
        409,
        message("Somebody has changed the session"),
        message("Look at where it is `now`, then decide again."),
    ),
    diary.TooLong: _kind(
        "too-long", 422, message("Too long a time"), message("Withdraw the room, or let the volunteer leave.")
    ),
    releasing.UnknownPlace: _kind(
        "unknown-place", 409, message("A room is no longer lent"), message("Plan the week again.")
    ),
    timetable.NoDraft: _kind("no-draft", 409, message("No draft"), message("Plan the week first.")),
    timetable.NotPlaced: _kind(
        "not-placed", 409, message("Not in the draft"), message("List the sessions of the draft.")
    ),
    timetable.NamelessRelease: _kind("nameless-release", 422, message("A release without a name"), _CORRECT),
    Planning: _kind(
        "planning", 409, message("Being planned"), message("Wait for the other job, or stop it.")
    ),
    TooManyJobs: _kind(
        "too-many-jobs", 429, message("Too many jobs"), message("Wait until some have ended, or stop some.")
    ),
    JobEnded: _kind("job-ended", 409, message("The job is over"), message("Read its result.")),
    RightOver: _kind(
        "right-over", 409, message("The right is over"), message("Ask again with a role that allows it.")
    ),
    NoResult: _kind("no-result", 404, message("No result"), message("Read the job: it says how it stands.")),
    NothingToPlan: _kind(
        "nothing-to-plan", 409, message("Nothing to plan"), message("Accept requests for the week first.")
    ),
    venue.ShortNotice: _kind(
        "short-notice",
        409,
        message("Too short a notice"),
        message("Choose a later day, or say it is urgent."),
    ),
    venue.PartsFixed: _kind(
        "parts-fixed", 409, message("What a room is part of stays"), message("Open a room under another key.")
    ),
    venue.BadRoom: _kind("bad-room", 422, message("A room that cannot be"), _CORRECT),
    venue.BadTerms: _kind("bad-terms", 422, message("Terms that contradict themselves"), _CORRECT),
    venue.BadClosure: _kind("bad-closure", 422, message("A closure that cannot be"), _CORRECT),
    volunteer_merging.BadMerger: _kind(
        "bad-merger", 409, message("Two records that cannot be one person"), _CORRECT
    ),
    volunteers.MergedAway: _kind(
        "merged-away",
        409,
        message("A record that was merged into another"),
        message("Change the record that took its place."),
    ),
    volunteers.BadProfile: _kind("bad-profile", 422, message("A profile that contradicts itself"), _CORRECT),
    volunteers.BadOffer: _kind("bad-offer", 422, message("An offer that cannot be"), _CORRECT),
    request.BadRequest: _kind("bad-request", 422, message("A request that nothing fulfils"), _CORRECT),
    request.WrongStep: _kind("wrong-step", 409, message("Not the next step"), _LOOK),
    network.NamelessArea: _kind("nameless-area", 422, message("An area without a name"), _CORRECT),
    TakenReference: _kind(
        "taken-reference", 409, message("It means another area already"), message("Choose another one.")
    ),
    network.AreaCycle: _kind(
        "area-cycle", 409, message("An area inside itself"), message("Choose an area outside it.")
    ),
    network.AreaEnded: _kind(
        "area-ended",
        409,
        message("The area is not there on that day"),
        message("Choose another day or area."),
    ),
    network.AreaInUse: _kind(
        "area-in-use", 409, message("The area holds others"), message("Move them away first.")
    ),
    catalogue.NotInCatalogue: _kind(
        "not-in-catalogue", 409, message("Not in the catalogue"), message("Use a word of the catalogue.")
    ),
    BadText: _kind(
        "bad-text", 422, message("A text that nobody can read"), message("Write it again without.")
    ),
    events.ReasonMissing: _kind(
        "reason-missing", 422, message("A reason is missing"), message("Say why in one sentence.")
    ),
    day_types.DayTwice: _kind("day-twice", 422, message("A day comes twice"), _CORRECT),
    day_types.NothingSaid: _kind("nothing-said", 422, message("A day without a kind"), _CORRECT),
    day_types.SourceMissing: _kind("source-missing", 422, message("A table without its source"), _CORRECT),
    day_types.ProvisionalOverOfficial: _kind(
        "provisional-over-official",
        409,
        message("Officially it is otherwise"),
        message("Leave the day out, or give it as official."),
    ),
    starts.BadStarts: _kind("bad-starts", 422, message("Starts that no day has"), _CORRECT),
    recurrence.BadRecurrence: _kind(
        "bad-recurrence", 422, message("Weeks that contradict each other"), _CORRECT
    ),
    opening.BadOpening: _kind("bad-opening", 422, message("Opening rules that cannot be"), _CORRECT),
    UnknownKind: _kind(
        "unknown-kind", 404, message("No such kind of table"), message("List the kinds of tables.")
    ),
    BadImportProfile: _kind(
        "bad-import-profile", 422, message("A profile that does not fit"), message("List the profiles.")
    ),
    Unreadable: _kind(
        "unreadable-file",
        422,
        message("A file that cannot be read"),
        message("Save it as CSV or XLSX and try again."),
    ),
    UnknownFormat: _kind("unknown-format", 422, message("No such format"), message("Use csv or xlsx.")),
    NotExported: _kind("not-exported", 404, message("Not exported"), message("List what can be exported.")),
    HoursNotWritten: _kind(
        "hours-not-written",
        409,
        message("Hours that no table can say"),
        message("Read the opening rules instead."),
    ),
    NotAWeek: _kind("not-a-week", 422, message("Not a week"), message("Write year and week as in 2026-W49.")),
    QuotaReached: _kind(
        "quota-reached",
        409,
        message("As many as there may be"),
        message("End some of those that are there, then try again."),
    ),
    OutOfCalendar: _kind(
        "out-of-calendar",
        422,
        message("A date that nobody plans for"),
        message("Check the year: dates run from 1990 to 2200."),
    ),
    NotAZone: _kind(
        "not-a-zone", 422, message("Not a time zone"), message("Write an IANA name such as Asia/Shanghai.")
    ),
    NotATime: _kind("not-a-time", 422, message("Not a time of day"), message("Write it as 09:30.")),
    EmptyWindow: _kind("empty-window", 422, message("A window that does not end after it starts"), _CORRECT),
    MalformedDocument: _kind(
        "malformed-document",
        409,
        message("The week's problem contradicts itself"),
        message("Look at its pins."),
    ),
    account.BadGrant: _kind("bad-grant", 422, message("A role that cannot be given so"), _CORRECT),
    account.Closed: _kind(
        "account-closed", 409, message("The account is closed"), message("Open a new account.")
    ),
    account.LastAdministrator: _kind(
        "last-administrator",
        409,
        message("The last administrator"),
        message("Make somebody else an administrator first."),
    ),
    account.NoSuchOffer: _kind(
        "no-such-offer", 404, message("No such offer"), message("List the offers of your account.")
    ),
    account.TooManyOffers: _kind(
        "too-many-offers",
        409,
        message("Too many offers"),
        message("Wait until the holder has answered, or take one back."),
    ),
    UntrustedIdentity: OTHERS["not-allowed"],
    SecondLoginIdentity: OTHERS["not-allowed"],
    BadAddress: _kind("bad-address", 422, message("No e-mail address"), _CORRECT),
    NoSuchLink: _kind("no-such-link", 404, message("The link is over"), message("Ask for a new link.")),
    NotSetUp: _kind(
        "not-set-up", 409, message("Not set up here"), message("Ask who runs this installation.")
    ),
    NotBelieved: _kind("not-believed", 401, message("Not believed"), message("Sign in again.")),
    ProviderSilent: _kind(
        "provider-silent", 503, message("The provider is silent"), message("Try again in a moment.")
    ),
    BranchClosed: _kind(
        "branch-closed", 409, message("The branch is closed"), message("Start another branch.")
    ),
    BranchFull: _kind(
        "branch-full", 409, message("The branch is full"), message("Adopt it, or start another one.")
    ),
    NothingToUndo: _kind(
        "nothing-to-undo", 409, message("Nothing to take back"), message("Read the branch.")
    ),
    NotInBranch: _kind("not-in-branch", 409, message("Not in a branch"), message("Do what `detail` says.")),
    TruthMovedOn: _kind(
        "truth-moved-on",
        409,
        message("The truth has moved on"),
        message("Rebase the branch or plan it again, then adopt it."),
    ),
    events.Refused: _kind("refused", 409, message("Refused"), message("Read what `detail` says.")),
}  # the most particular class of an error says which

ALL: dict[str, ProblemKind] = {kind.name: kind for kind in (*OTHERS.values(), *KINDS.values())}
DATABASE = DATABASE_FAULTS


class HttpProblem(Exception):
    """A refusal that HTTP itself has reason for; the others are exceptions of the domain."""

    def __init__(
        self, name: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.headers, self.more = OTHERS[name], detail, dict(headers or {}), more


def invalid(location: str, field: str, detail: str, value: Any = None) -> HttpProblem:
    """A value of the query, path, header or body that cannot be."""
    sentence = message("{field}: {detail}", field=field, detail=detail)
    return HttpProblem("invalid", sentence, errors=[_error(location, field, detail, value)])


def _error(location: str, field: str, detail: str, value: Any) -> dict[str, Any]:
    wrong_value = with_message({"in": location, "field": field, "detail": message_of(detail)})
    return wrong_value if value is None else {**wrong_value, "value": str(value)[:200]}


def with_message(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a document, with its message beside each sentence."""
    return {**fields, **beside(fields)}


def kind_of(error: type[Exception]) -> ProblemKind | None:
    """The type of a refusal; None where the error is a mistake of the program."""
    for cls in error.__mro__:
        if cls in KINDS:
            return KINDS[cls]
    return OTHERS["unavailable"] if issubclass(error, DATABASE_FAULTS) else None


def problem_of(error: Exception) -> HttpProblem | None:
    """What to tell about an error; None where it is a mistake of the program."""
    if isinstance(error, HttpProblem):
        return error
    if isinstance(error, BadCursor):
        return invalid("query", "cursor", str(error))
    kind = kind_of(type(error))
    if kind is None:
        return None
    http_problem = HttpProblem("invalid", str(error))
    http_problem.kind = kind
    if isinstance(error, DATABASE_FAULTS):
        http_problem.detail = message("the database does not answer")
        http_problem.headers = {"Retry-After": "1"}
    if isinstance(error, BrokenRules):
        http_problem.more = {"broken": [breach(broken_rule) for broken_rule in error.breaches]}
    if isinstance(error, SoftRulesBroken):
        http_problem.more = {"warnings": [breach(str(warning)) for warning in error.warnings]}
    if isinstance(error, steps.SessionChanged):
        now = None if error.now is None else json_of(steps.Whereabouts).dump_python(error.now)
        http_problem.more = {"by": error.by, "at": error.at, "now": now}
    if isinstance(error, Planning):
        http_problem.more = {"job": str(error.rival)}
    if isinstance(error, TooManyJobs):
        http_problem.headers = {"Retry-After": "30"}
    if isinstance(error, TruthMovedOn):
        http_problem.more = {
            "changed": [json_of(type(change)).dump_python(change, mode="json") for change in error.changed]
        }
    return http_problem


def breach(sentence: str) -> dict[str, Any]:
    """The rule and the sentence of one that is or would be broken."""
    if isinstance(sentence, Message) and {"rule", "sentence"} <= sentence.values.keys():
        rule, explanation = sentence.values["rule"], sentence.values["sentence"]
    else:
        rule, _, explanation = sentence.partition(": ")
    return with_message({"rule": rule, "sentence": message_of(explanation)})


def respond(problem: HttpProblem, scope: Scope) -> Response:
    """The problem document, worded in the language that the request asks for."""
    kind, language = problem.kind, asked_language(scope)
    detail = message_of(problem.detail)
    body = {
        "type": kind.type,
        "title": worded(kind.title, language),
        "status": kind.status,
        "detail": worded(detail, language),
        "message": document(detail),
        "next": worded(kind.next, language),
        "instance": f"urn:uuid:{scope.get('state', {}).get('request_id', '')}",
        **reworded(problem.more, language),
    }
    headers = {
        "Cache-Control": "no-store",  # a refusal is of one caller, at one moment
        "Content-Language": language,
        "Vary": VARY,
        **problem.headers,
    }
    return _Refusal(orjson.dumps(body), kind.status, headers, MEDIA_TYPE, kind=kind)


VARY = "Accept-Language"


def asked_language(scope: Scope) -> str:
    """The language that a request asks for."""
    return language_of(Headers(scope=scope).get("accept-language"))


class _Refusal(Response):
    """Leaves the name of its type with the request, for whoever watches."""

    def __init__(self, *args: Any, kind: ProblemKind) -> None:
        super().__init__(*args)
        self.kind = kind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["problem"] = self.kind.name
        await super().__call__(scope, receive, send)


def validation_problem(errors: Iterable[Mapping[str, Any]], location: str | None = None) -> HttpProblem:
    """What pydantic found wrong, field by field; never the value itself, which may be personal.

    Where a rule of the domain has refused every one of them, it has that rule's type.
    """
    wrong_values, kinds = [], []
    for error in errors:
        kinds.append(kind_of(type(error.get("ctx", {}).get("error"))))
        where, *path = [*([location] if location else []), *map(str, error["loc"])] or ["body"]
        wrong_values.append(_error(where, ".".join(path), validation_message(error), None))
    sentences = [
        message("{field}: {detail}", field=wrong["field"] or wrong["in"], detail=wrong["detail"])
        for wrong in wrong_values[:3]
    ]
    detail = message("{sentences:; }", sentences=sentences)
    problem = HttpProblem(
        "invalid", detail if sentences else message("the request is invalid"), errors=wrong_values
    )
    rules = {kind.name: kind for kind in kinds if kind is not None}
    if len(rules) == 1 and None not in kinds:
        (problem.kind,) = rules.values()
    return problem


_RULES: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["rule", "sentence", "message"],
        "properties": {"rule": {"type": "string"}, "sentence": {"type": "string"}, "message": MESSAGE_SCHEMA},
    },
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. `type` is stable for each rule; `next` says what to do.",
    "required": ["type", "title", "status", "detail", "message", "next", "instance"],
    "properties": {
        "type": {
            "type": "string",
            "format": "uri-reference",
            "enum": sorted(kind.type for kind in ALL.values()),
        },
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "message": MESSAGE_SCHEMA,
        "next": {"type": "string"},
        "instance": {"type": "string", "format": "uri"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["in", "field", "detail", "message"],
                "properties": {
                    "in": {"type": "string"},
                    "field": {"type": "string"},
                    "detail": {"type": "string"},
                    "message": MESSAGE_SCHEMA,
                    "value": {"type": "string"},
                },
            },
        },
        "broken": _RULES,
        "warnings": {**_RULES, "description": "Soft rules that a reason can pass."},
        "changed": {
            "type": "array",
            "description": "What has changed since a branch was decided on it.",
            "items": {"type": "object", "required": ["key"], "properties": {"key": {"type": "string"}}},
        },
        "by": {"type": "string", "description": "Who has changed the session."},
        "at": {"type": "string", "format": "date-time", "description": "When that was."},
        "now": {
            "type": ["object", "null"],
            "description": "Where the session is, by keys, in minutes from Monday 00:00; null: it has no place.",
            "required": ["venue", "room", "start_min"],
            "properties": {
                "venue": {"type": "string"},
                "room": {"type": "string"},
                "start_min": {"type": "integer"},
            },
        },
        "job": {"type": "string", "format": "uuid", "description": "The job that is in the way."},
        "refused_change": {"type": "integer", "description": "Which change of a branch is refused now."},
    },
}
