"""Let Hypothesis look for an order of commands that makes an overlap, on any kind of database.

Commands go through the interface as a client sends them. At the door of the store another client may get in between a
decision and its save, and the power may fail before or after the save; the client then asks again with the same key.
After each step the bare events must hold no double booking, and releases and diaries must tell the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from itertools import count
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from adapters.application.unit_of_work import now
from adapters.store.append_conditions import AppendCondition
from adapters.store.engines import Writes
from adapters.store.store import DatabaseStore
from adapters.store.views import ReadModels
from api.http.limits.thread_limits import ThreadLimits
from api.http.server import create_app
from api.http.settings import Settings
from bench.torture_ledger import Raw, faults, raw
from bench.torture_world import PARTS, Chain, Placement, tokens
from domain.events import Event
from scheduler.rules.moves import SOFT_RULES

AREAS, WEEKS = 4, 2
ROOMS = ("hall", "east", "west", "attic")
HOURS = ("08:00", "08:30", "09:00", "10:00", "21:00")
DAYS = (1, 7)  # what runs past Sunday midnight goes to the next week's diary


class PowerCut(RuntimeError):
    """The process dies here."""


class GatedStore(DatabaseStore):
    """A store at whose door something may happen once: another client comes in between, or the power fails."""

    before: Callable[[], None] | None = None
    after: Callable[[], None] | None = None

    def save(
        self, facts: Iterable[Event], writes: Writes = (), condition: AppendCondition | None = None
    ) -> int:
        happening, self.before = self.before, None
        if happening:
            happening()
        position = super().save(facts, writes, condition)
        happening, self.after = self.after, None
        if happening:
            happening()
        return position

    def bare(self) -> list[Raw]:
        """The events as they are stored."""
        recorder: Any = self._events.recorder
        notifications = recorder.select_notifications(start=None, limit=1_000_000)
        return [
            raw(
                notification.id,
                notification.originator_id,
                notification.originator_version,
                notification.topic,
                notification.state,
            )
            for notification in notifications
        ]


class Gated(Lyceum):
    def __init__(self, url: str) -> None:
        self.store: GatedStore = GatedStore(url)
        self.views = ReadModels(self.store)
        self.actor, self.clock = "torture", now


@dataclass(frozen=True)
class Command:
    path: str
    body: dict[str, Any] = field(default_factory=dict)


@dataclass
class Tally:
    examples: int = 0
    commands: Counter[str] = field(default_factory=Counter)
    cuts: int = 0
    between: int = 0


# ---- What may be asked

CHAIN = Chain(AREAS, rooms=ROOMS, weeks=8)
numbers = st.integers(0, AREAS - 1)
weeks = st.integers(0, WEEKS - 1)
rooms = st.sampled_from(ROOMS)
starts = st.sampled_from(HOURS)
days = st.sampled_from(DAYS)
placements = st.builds(Placement, numbers, rooms, days, starts, numbers)
drafts = st.lists(placements, min_size=1, max_size=3, unique_by=lambda placement: placement.request)
WHY = {"why": "torture"}


def week_path(area: int, week: int) -> str:
    return f"/v1/weeks/{CHAIN.area(area)}/{CHAIN.week(week)}"


def minutes(day: int, start: str) -> int:
    hours, minute = map(int, start.split(":"))
    return (day - 1) * 1440 + hours * 60 + minute


def _moved(area: int, week: int, request: int, room: str, lead: int, day: int, start: str) -> Command:
    body: dict[str, Any] = {"request": f"r{request:02}", "room": room, "leads": [f"v{lead:02}"]}
    body["accept"] = list(SOFT_RULES)
    return Command(f"{week_path(area, week)}/moves", {**body, "start_min": minutes(day, start), **WHY})


def _session(area: int, week: int, request: int, what: str) -> Command:
    key = f"r{request:02}"
    match what:
        case "pin":
            return Command(f"{week_path(area, week)}/pins", {"request": key, "comment": "here"})
        case "unpin":
            return Command(f"{week_path(area, week)}/pins/{key}/1/lift")
    return Command(f"{week_path(area, week)}/drops", {"request": key, **WHY})


def _closed(week: int, day: int, room: str | None) -> Command:
    first = f"2027-01-{4 + 7 * week + day - 1:02}"
    closed = {"first": first, "rooms": [room] if room else [], "emergency": True, **WHY}
    return Command("/v1/venues/place/close", closed)


def _opened(key: str, whole: str | None, turnaround: int) -> Command:
    body = {"key": key, "name": key, "capacity": 30, "turnaround_minutes": turnaround, "part_of": whole}
    return Command("/v1/venues/place/rooms", body)


def _described(key: str, turnaround: int) -> Command:
    return _opened(key, PARTS.get(key), turnaround)


def _absent(person: int, week: int, what: str) -> Command:
    first = f"2027-01-{4 + 7 * week:02}"
    days = {"on": first} if what == "leave" else {"first": first}
    return Command(f"/v1/volunteers/v{person:02}/{what}", {**days, **WHY})


def _area(area: int, second: int, what: str) -> Command:
    body: dict[str, Any] = {"on": "2027-01-04", **WHY}
    match what:
        case "move":
            body["parent"] = CHAIN.area(second)
        case "merge":
            body["into"] = CHAIN.area(second)
    return Command(f"/v1/areas/{CHAIN.area(area)}/{what}", body)


releases = st.builds(
    lambda area, week: Command(f"{week_path(area, week)}/release", {"name": "R"}), numbers, weeks
)
moves = st.builds(_moved, numbers, weeks, numbers, rooms, numbers, days, starts)
sessions = st.builds(_session, numbers, weeks, numbers, st.sampled_from(("pin", "unpin", "drop")))
taken_back = st.one_of(
    st.builds(_closed, weeks, days, st.none() | rooms),
    st.builds(_absent, numbers, weeks, st.sampled_from(("pause", "leave"))),
    st.builds(lambda key: Command(f"/v1/venues/place/rooms/{key}/withdraw", WHY), rooms),
    st.builds(lambda number: Command(f"/v1/requests/r{number:02}/withdraw", WHY), numbers),
)
changed = st.one_of(
    st.builds(_opened, rooms, st.none() | st.just("hall"), st.sampled_from((0, 15, 180))),
    st.builds(_described, rooms, st.sampled_from((0, 15, 180))),
    st.builds(_area, numbers, numbers, st.sampled_from(("move", "merge", "dissolve"))),
    st.builds(
        lambda cap: Command("/v1/venues/place/lend", {"weekly_cap_minutes": cap}),
        st.sampled_from((None, 60, 120)),
    ),
)


def weighted(*choices: tuple[int, st.SearchStrategy[Command]]) -> st.SearchStrategy[Command]:
    """One of the strategies, each as often as its weight says."""
    turns = [repeated for weight, strategy in choices for repeated in [strategy] * weight]
    return st.sampled_from(range(len(turns))).flatmap(lambda number: turns[number])


commands = weighted((6, releases), (4, moves), (2, sessions), (2, taken_back), (2, changed))
contested = weighted((5, releases), (3, moves), (1, taken_back))


# ---- The machine


class Promises(RuleBasedStateMachine):
    """`databases` gives the address of a new empty database at each call."""

    databases: ClassVar[Callable[[], AbstractContextManager[str]]]
    tally: ClassVar[Tally]

    @initialize()
    def begin(self) -> None:
        self.rest = ExitStack()
        url = self.rest.enter_context(type(self).databases())
        self.lyceum = self.rest.enter_context(Gated(url))
        CHAIN.fill(self.lyceum)
        self.problem = CHAIN.problem(self.lyceum)
        first, second = tokens(self.lyceum, 2)
        app = create_app(Settings(), lyceum=self.lyceum)
        self.client = self.rest.enter_context(TestClient(app, raise_server_exceptions=False))
        app.state.app_state.lanes = ThreadLimits(
            4, alone=2
        )  # a command waits here for another that gets in between
        self.people = {"first": first, "second": second}
        self.keys = count()
        self.lifts: list[str] = []
        self.tally.examples += 1

    def teardown(self) -> None:
        if hasattr(self, "rest"):
            self.rest.close()

    def _send(self, who: str, command: Command, key: str = "") -> tuple[int, bytes]:
        headers = {
            "Authorization": f"Bearer {self.people[who]}",
            "Idempotency-Key": key or f"key-{next(self.keys)}",
        }
        heard = self.client.post(command.path, json=command.body, headers=headers)
        if heard.status_code == 200 and command.path.endswith("/close"):
            self.lifts.append(heard.json()["closure"])
        self.tally.commands[f"{command.path.rsplit('/', 1)[1]} {heard.status_code // 100}xx"] += 1
        return heard.status_code, heard.content

    def _asked(self, who: str, command: Command, key: str = "") -> tuple[int, bytes]:
        status, body = self._send(who, command, key)
        _must(status < 500, f"{command} is answered {status} {body!r}")
        return status, body

    @rule(area=numbers, week=weeks, plan=drafts)
    def draft(self, area: int, week: int, plan: list[Placement]) -> None:
        """Any plan, also one that no solver would make."""
        CHAIN.draft(self.lyceum, self.problem, CHAIN.week(week), {area: plan})

    @rule(area=numbers, second=numbers, week=weeks, plan=drafts)
    def draft_and_release_twice(self, area: int, second: int, week: int, plan: list[Placement]) -> None:
        """Two areas want the very same."""
        CHAIN.draft(self.lyceum, self.problem, CHAIN.week(week), {area: plan, second: plan})
        first, last = (
            Command(f"{week_path(number, week)}/release", {"name": "R"}) for number in (area, second)
        )
        self._get_between(first, last)

    @rule(command=commands)
    def alone(self, command: Command) -> None:
        self._asked("first", command)

    @rule(first=contested, second=commands)
    def get_between(self, first: Command, second: Command) -> None:
        self._get_between(first, second)

    def _get_between(self, first: Command, second: Command) -> None:
        """The second client's whole command happens between the first one's decision and its save."""

        def happen() -> None:
            self.tally.between += 1
            self._asked("second", second)

        self.lyceum.store.before = happen
        self._asked("first", first)
        self.lyceum.store.before = None

    @rule(command=commands, late=st.booleans())
    def power_fails(self, command: Command, late: bool) -> None:
        """Before or after the save; then the client asks again, and again, and hears the same."""

        def happen() -> None:
            self.tally.cuts += 1
            raise PowerCut

        key = f"key-{next(self.keys)}"
        store = self.lyceum.store
        store.before, store.after = (None, happen) if late else (happen, None)
        self._send("first", command, key)
        store.before = store.after = None
        again = self._asked("first", command, key)
        position = store.position()
        status, body = self._asked("first", command, key)
        same = status == again[0] and (status >= 400 or body == again[1])  # a refusal has an id of its own
        _must(
            same and store.position() == position,
            f"{command} is answered {again}, and then {status} {body!r}",
        )

    @rule()
    def lift_a_closure(self) -> None:
        if self.lifts:
            self._asked("first", Command(f"/v1/venues/place/closures/{self.lifts.pop()}/lift", WHY))

    @invariant()
    def nothing_is_promised_twice_or_told_half(self) -> None:
        if hasattr(self, "lyceum"):
            wrong = faults(self.lyceum.store.bare())
            _must(not wrong, "; ".join(wrong))


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise AssertionError(otherwise)


def explore(
    databases: Callable[[], AbstractContextManager[str]],
    *,
    examples: int,
    steps: int,
    seed: int,
    tally: Tally,
) -> None:
    """Run so many examples of so many steps at most. Raises AssertionError with the shortest order that fails."""
    machine = type("Promises", (Promises,), {"databases": staticmethod(databases), "tally": tally})
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seeded(seed)(machine), settings=chosen)
