"""One example of every event, with something in every field, for the golden files.

An example may change together with its event. The files that were written from it may not.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from types import GenericAlias
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

from domain import account, catalogue, day_types, diary, network, request, timetable, venue, volunteer
from domain.events import Event
from domain.field_specs import RecordField, fields_of
from domain.opening import DayRule, OpeningHours, Period, Season, Span
from domain.recurrence import Rhythm
from domain.starts import Starts
from domain.windows import Window
from tests.builders import an_id

Record = TypeVar("Record", volunteer.Profile, request.Order)


def with_no_field_empty(record: Record) -> Record:
    """The record with a value in each field that is still at its default; a field declared later needs no line here."""
    at_default = [field for field in fields_of(type(record)) if getattr(record, field.name) == field.default]
    values: dict[str, Any] = {field.name: _another(field, field.kind) for field in at_default}
    return replace(record, **values)


def _another(field: RecordField, kind: Any) -> Any:
    """A value of the kind that is not the default of the field; raises TypeError for a kind not known here."""
    if get_origin(kind) is Annotated:
        return _another(field, get_args(kind)[0])
    if get_origin(kind) is Literal:
        return next(choice for choice in get_args(kind) if choice != field.default)
    if isinstance(kind, GenericAlias) and get_args(kind)[1:] == (...,):
        return (_another(field, get_args(kind)[0]),)
    values = {bool: not field.default, int: (field.default or 0) + 1, float: 1.5, str: "something"}
    if kind not in values:
        raise TypeError(f"{field.name}: give it a value in tests/events/examples.py")
    return values[kind]


AT = datetime(2026, 11, 20, 9, 30, 15, 250_000, tzinfo=UTC)
WEEK = "2026-W53"
ON = date(2025, 9, 1)
LOCATION = (29.40467, 105.59376)
NAMES = (("zh", "昌元街道"), ("en", "Changyuan"))
CODES = (network.Code("cn-nbs", "500153001"), network.Code("local", "RC-01"))

COORDINATOR = account.RoleGrant("coordinator", an_id("area"))
AUTHORITY = account.Authority(
    account=an_id("coordinator"),
    rights=(account.Right(COORDINATOR, 2),),
    claimed=(account.RoleGrant("host", an_id("venue")),),
    token="9f86d081884c7d65",
    way="5d41402abc4b2a76",
)
ROOM = venue.Room(
    id=an_id("room"),
    key="hall-left",
    name="大厅（左）",
    capacity=30,
    equipment=("piano", "projector"),
    accessible=True,
    turnaround_minutes=15,
    part_of=an_id("hall"),
    functions=("arts", "civic"),
)
TERMS = venue.LendingTerms("reduced", 12.5, 600, 48)
CLOSURE = venue.Closure(
    an_id("closure"), date(2026, 12, 31), date(2027, 1, 4), (an_id("room"), an_id("hall")), 480, 1080
)
HOURS = OpeningHours(
    (
        Period(
            "term",
            date(2026, 9, 1),
            date(2027, 1, 22),
            (
                DayRule(
                    (1, 2, 3, 4, 5),
                    (Span(540, 720), Span(840, 1260)),
                    "odd",
                    (1, 3, -1),
                    ("school_day",),
                    (1, 3, 53),
                ),
                DayRule((6,), (Span(1320, 1560),), "even", (-1,), ("weekend", "makeup_workday"), (2, 4)),
            ),
            Season(9, 1, 1, 31),
        ),
    )
)
PROFILE = with_no_field_empty(
    volunteer.Profile(
        kind="student",
        home_area=an_id("area"),
        skills=(volunteer.Skill("calligraphy", "advanced"), volunteer.Skill("chess", "beginner")),
        roles=("assistant",),
        languages=("zh", "en"),
        max_travel_km=7.5,
        max_minutes_day=120,
        max_minutes_week=480,
        minor=True,
    )
)
ORDER = with_no_field_empty(
    request.Order(
        title="课后书法",
        topic="calligraphy",
        function="arts",
        learners=24,
        duration_minutes=90,
        acceptable=(Window(2460, 2700), Window(5340, 5580)),
        first_week=WEEK,
        weeks=16,
        sessions=2,
        form="workshop",
        audience="youth_after_school",
        minors=True,
        priority=3,
        preferred=(Window(2460, 2580),),
        equipment=("brushes", "projector"),
        accessible=True,
        max_travel_km=2.5,
        leads=2,
        assistants=1,
        cohorts=("class-3a", "class-3b"),
        max_sessions_per_day=2,
        same_leads=False,
        partial=True,
        every_weeks=2,
        week_letter="A",
        on_weeks=("2026-W40",),
        on_dates=(date(2026, 10, 3),),
        except_weeks=("2026-W52",),
        make_up_weeks=("2027-W02",),
        make_up="extend",
    )
)
SESSION = timetable.Session(
    request=an_id("request"),
    number=2,
    window=Window(2460, 2550),
    venue=an_id("venue"),
    room=an_id("room"),
    leads=(an_id("lead"),),
    assistants=(an_id("assistant"),),
)
EDITS = timetable.SessionEdits(
    request=an_id("request"),
    number=2,
    pin=timetable.Pin(SESSION, "the mayor comes"),
    move=SESSION,
    dropped=True,
    adjustment=timetable.Adjustment(
        an_id("request"), 2, "moved", "the hall is cold", ("preferred",), "coordinator-1", AT
    ),
)
ORIGIN = timetable.Origin(
    problem="5d" * 32,
    plan="7c" * 32,
    position=4711,
    seed=3,
    engines=(("lyceum-scheduler", "0.1.0"), ("ortools", "9.15.6755")),
    status="feasible",
    goals=(timetable.GoalValue("served", 1287360, 1302630), timetable.GoalValue("travel", -81250.5, -80000)),
)
PROMISE = diary.Booking(
    timetable=an_id("timetable"),
    request=an_id("request"),
    number=2,
    window=Window(-60, 30),
    venue=an_id("venue"),
    room=an_id("room"),
    location=LOCATION,
    turnaround_minutes=15,
)
PAGE: dict[str, Any] = {"kind": "room", "resource": an_id("room"), "week": WEEK}
PLACE: dict[str, Any] = {
    "name": "荣昌区图书馆",
    "kind": "library",
    "area": an_id("area"),
    "location": LOCATION,
}

FIELDS: dict[type[Event], dict[str, Any]] = {
    network.AreaFounded: {
        "key": "500153001",
        "level": "street",
        "names": NAMES,
        "parent": an_id("district"),
        "codes": CODES,
        "location": LOCATION,
        "zone": "Asia/Shanghai",
        "calendar": "CN",
        "on": ON,
    },
    network.AreaRenamed: {"names": NAMES, "on": ON, "why": "区划调整"},
    network.AreaRecoded: {"codes": CODES, "on": ON, "why": "reorganisation of 2025"},
    network.AreaMoved: {"parent": an_id("district"), "on": ON, "why": "reorganisation of 2025"},
    network.AreaStartsSet: {
        "starts": Starts(5, (485, 535, 610)),
        "on": ON,
        "why": "a new timetable of bells",
    },
    network.AreaWeekLettered: {"letter": "B", "on": ON, "why": "the first week of the term"},
    network.AreaLocated: {"location": LOCATION, "zone": "Asia/Shanghai", "calendar": "CN"},
    network.AreaMerged: {"into": an_id("district"), "on": ON, "why": "reorganisation of 2025"},
    network.AreaDissolved: {"on": ON, "why": "reorganisation of 2025", "into": an_id("successor")},
    catalogue.EntryAdded: {
        "entry": catalogue.Entry(
            "topic",
            "tai_chi",
            (("en", "Tai chi"), ("zh", "太极拳")),
            "sport",
            date(2026, 9, 1),
            date(2027, 9, 1),
        )
    },
    catalogue.EntryRetired: {"kind": "topic", "code": "tai_chi", "on": ON, "why": "nobody teaches it"},
    day_types.DaysTyped: {
        "key": "CN",
        "days": (
            day_types.TypedDay(date(2026, 10, 1), "holiday", "国庆节", school=False),
            day_types.TypedDay(date(2026, 10, 10), "makeup_workday", "国庆节调休", school=True),
        ),
        "status": "official",
        "source": "国务院办公厅关于2026年部分节假日安排的通知",
    },
    venue.VenueRegistered: {"key": "lib-1", **PLACE},
    venue.VenueDescribed: PLACE,
    venue.LendingTermsSet: {"terms": TERMS},
    venue.RoomOpened: {"room": ROOM},
    venue.RoomChanged: {"room": ROOM},
    venue.RoomWithdrawn: {"room": an_id("room"), "why": "roof repairs"},
    venue.OpeningHoursSet: {"room": an_id("room"), "hours": HOURS},
    venue.OpeningHoursRemoved: {"room": an_id("room")},
    venue.VenueClosed: {"closure": CLOSURE, "why": "painters"},
    venue.ClosureLifted: {"closure": an_id("closure"), "why": "done early"},
    venue.VenueRetired: {"on": date(2027, 1, 31), "why": "the school moves out"},
    volunteer.VolunteerEnrolled: {"key": "v-0017", "profile": PROFILE},
    volunteer.ProfileChanged: {"profile": PROFILE},
    volunteer.HoursOffered: {
        "windows": (Window(1080, 1200), Window(9720, 10080)),
        "rhythm": Rhythm(2, "2026-W49", "B"),
        "otherwise": (Window(540, 600),),
    },
    volunteer.OfferExcepted: {
        "exception": volunteer.OfferException(date(2027, 1, 1), (Window(540, 660), Window(900, 1440)))
    },
    volunteer.OfferPaused: {"pause": volunteer.Pause(date(2026, 12, 28), date(2027, 1, 3)), "why": "travels"},
    volunteer.ConsentRecorded: {"guardian": an_id("guardian"), "given": True},
    volunteer.CheckRecorded: {
        "check": volunteer.BackgroundCheck(True, date(2026, 1, 5), date(2028, 1, 4), "street office")
    },
    volunteer.VolunteerLeft: {"on": date(2027, 1, 3), "why": "moved away"},
    volunteer.VolunteerMerged: {
        "into": volunteer.volunteer_id("v-17"),
        "on": date(2027, 1, 3),
        "why": "registered twice",
    },
    request.RequestSubmitted: {
        "key": "r-0042",
        "area": an_id("area"),
        "location": LOCATION,
        "order": ORDER,
    },
    request.OrderChanged: {"area": an_id("area"), "location": LOCATION, "order": ORDER},
    request.RequestStepped: {"status": "declined", "why": "no room fits 300"},
    timetable.DraftMade: {"area": an_id("area"), "week": WEEK, "draft": 3, "origin": ORIGIN},
    timetable.SessionPinned: {
        "area": an_id("area"),
        "week": WEEK,
        "pin": timetable.Pin(SESSION, "the mayor comes"),
    },
    timetable.SessionUnpinned: {"request": an_id("request"), "number": 2},
    timetable.SessionMoved: {
        "session": SESSION,
        "why": "the hall is cold",
        "accepted": ("continuity", "preferred"),
    },
    timetable.SessionDropped: {"request": an_id("request"), "number": 2, "why": "nobody came"},
    timetable.StepUndone: {"step": 4, "edits": (EDITS,), "why": "the hall is cold"},
    timetable.StepRedone: {"step": 4, "edits": (EDITS,), "why": "the hall is cold"},
    timetable.TimetableReleased: {
        "number": 2,
        "name": "第二版",
        "draft": 3,
        "sessions": (SESSION,),
    },
    diary.PromisesChanged: {**PAGE, "added": (PROMISE,), "freed": (PROMISE,)},
    diary.TimeBlocked: {
        **PAGE,
        "blocks": (diary.Block(an_id("closure"), Window(480, 1080)),),
        "why": "painters",
    },
    diary.BlockLifted: {"block": an_id("closure"), "why": "done early"},
    account.AccountOpened: {"key": "p-3f9c2a7b1d04", "authority": AUTHORITY},
    account.RoleOffered: {"granted": account.RoleGrant("host", an_id("venue")), "authority": AUTHORITY},
    account.OfferEnded: {"granted": account.RoleGrant("host", an_id("venue"))},
    account.RoleGranted: {"granted": account.RoleGrant("host", an_id("venue")), "authority": AUTHORITY},
    account.RoleWithdrawn: {"granted": account.RoleGrant("host", an_id("venue")), "why": "moved away"},
    account.AccountClosed: {"why": "left the street office"},
}


def example(cls: type[Event]) -> Event:
    """The event in the seventh place of a stream."""
    return cls(
        originator_id=an_id(cls.__name__), originator_version=7, at=AT, by="coordinator-1", **FIELDS[cls]
    )


def examples() -> dict[type[Event], Event]:
    return {cls: example(cls) for cls in FIELDS}
