"""Decide where more is asked of volunteers than they have hours: sets of topics whose demand exceeds its supply.

Each lead-minute asked is a unit that has to flow through a lead's hours at which the session could be, their day and
their week; where not all of it can, the narrowest cut is a violated condition of Hall (1935) in Gale's form for
supplies and demands: requests whose leads, all together, have fewer minutes than are asked. It leaves rules out, so
that what it says is true of any plan.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from domain.windows import DAY_MIN, Windows
from scheduler.explain.availability import Availability, union
from scheduler.explain.editable_plan import EditablePlan
from scheduler.explain.feasibility_search import FeasibilitySearch
from scheduler.explain.wording import listed
from scheduler.precheck.findings import WARNING, Finding
from scheduler.precheck.maximum_flow import Network


def overloads(board: EditablePlan) -> Iterator[Finding]:
    """A warning for each set of requests that ask for more lead-minutes than all who could lead them have.

    Requests that can never be served are left out: they are found elsewhere.
    """
    asked = _asked(board)
    network = _network(board, asked)
    if network.fill() >= sum(asked.values()):
        return
    short = network.before_the_cut()
    for requests in _groups(board, [at for at in asked if ("request", at) in short]):
        led = sum(asked[request] - network.left[network.source]["request", request] for request in requests)
        yield _overload(board, requests, sum(asked[request] for request in requests), led)


def _asked(board: EditablePlan) -> dict[int, int]:
    """Minutes of leads that the servable requests ask for."""
    return {
        index: request.leads * board.missing(index) * request.duration_min
        for index, request in enumerate(board.instance.requests)
        if request.leads and board.missing(index) and FeasibilitySearch(board, index).find() is not None
    }


def _network(board: EditablePlan, asked: dict[int, int]) -> Network:
    """Requests, then their share of a lead's day, the lead's hours by whom they would do for, the day, and the week."""
    network, people = Network(), board.instance.volunteers
    hours: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for request, minutes in asked.items():
        wanted = board.instance.requests[request]
        network.pipe(network.source, ("request", request), minutes)
        for lead, day, starts in _could(board, request):
            most = wanted.max_sessions_per_day * wanted.duration_min
            network.pipe(("request", request), ("share", request, lead, day), most)
            hours[lead, day].append((request, _cells(board, starts, wanted.duration_min)))
    for (lead, day), spans in sorted(hours.items()):
        for number, run in enumerate(_runs(union(cells for _, cells in spans))):
            here = [(at, cells & run) for at, cells in spans if cells & run]
            stretch = ("stretch", lead, day, number)
            for requests, minutes in _alike(board, here).items():
                for request in requests:
                    network.pipe(("share", request, lead, day), (*stretch, requests), minutes)
                network.pipe((*stretch, requests), stretch, minutes)
            most = run.bit_count() * board.grid.grid_min
            network.pipe(stretch, ("day", lead, day), _most_led(board, [at for at, _ in here], most))
        network.pipe(("day", lead, day), ("lead", lead), _day_minutes(board, lead, day))
    for lead in sorted({lead for lead, _ in hours}):
        limit = people[lead].max_min_week
        left = 7 * DAY_MIN if limit is None else max(0, limit - board.timetable.week_load[lead])
        network.pipe(("lead", lead), network.sink, left)
    return network


def _cells(board: EditablePlan, starts: int, minutes: int) -> int:
    """The steps of the grid that sessions with these starts could take."""
    found = 0
    for step in range(-(-minutes // board.grid.grid_min)):
        found |= starts << step
    return found


def _runs(cells: int) -> Iterator[int]:
    """The unbroken stretches of a day; a session lies in one of them."""
    while cells:
        low = cells & -cells
        run = cells & ~(cells + low)
        yield run
        cells ^= run


def _most_led(board: EditablePlan, requests: list[int], minutes: int) -> int:
    """The most minutes of whole sessions that go into a stretch."""
    sums = {0}
    for request in requests:
        wanted = board.instance.requests[request]
        for _ in range(min(wanted.max_sessions_per_day, wanted.sessions)):
            sums |= {total + wanted.duration_min for total in sums if total + wanted.duration_min <= minutes}
    return max(sums)


def _alike(board: EditablePlan, spans: list[tuple[int, int]]) -> dict[tuple[int, ...], int]:
    """Minutes of a lead's day by the requests that they would do for."""
    found: dict[tuple[int, ...], int] = defaultdict(int)
    left = union(cells for _, cells in spans)
    while left:
        bit = left & -left
        left ^= bit
        found[tuple(at for at, cells in spans if cells & bit)] += board.grid.grid_min
    return found


def _could(board: EditablePlan, request: int) -> Iterator[tuple[int, int, int]]:
    """Leads, the days on which they could hold it in some room, and the starts then."""
    left = Availability(board, request)
    for lead in left.leads:
        mask = 0
        for venue, starts in left.at_venue.items():
            mask |= starts & left.person_starts(lead, venue)
        for day in range(7):
            if today := mask & board.day(day):
                yield lead, day, today


def _day_minutes(board: EditablePlan, lead: int, day: int) -> int:
    """Minutes that a volunteer offers on a day and has not yet given, within the limit of a day."""
    volunteer, given = board.instance.volunteers[lead], board.timetable.day_load.get((lead, day), 0)
    offered = sum(window.minutes for window in _on(volunteer.available, day))
    return max(0, min(offered, DAY_MIN if volunteer.max_min_day is None else volunteer.max_min_day) - given)


def _on(windows: Windows, day: int) -> Windows:
    return tuple(window for window in windows if window.start_min // DAY_MIN == day)


def _groups(board: EditablePlan, requests: list[int]) -> list[list[int]]:
    """The requests before the cut, apart where no lead is shared."""
    groups: list[tuple[set[int], list[int]]] = []
    for request in requests:
        leads = {lead for lead, *_ in _could(board, request)}
        joined = [request]
        apart = []
        for people, others in groups:
            if people & leads:
                leads |= people
                joined += others
            else:
                apart.append((people, others))
        groups = [*apart, (leads, joined)]
    return [sorted(others) for _, others in groups]


def _overload(board: EditablePlan, requests: list[int], asked: int, led: int) -> Finding:
    """`led` is what flowed: no plan leads more, because no lead of these requests is in another group."""
    topics = sorted({board.instance.requests[request].topic for request in requests})
    people = {lead for request in requests for lead, *_ in _could(board, request)}
    who = "the one volunteer" if len(people) == 1 else f"the {len(people)} volunteers"
    sentence = (
        f"{len(requests)} {'request' if len(requests) == 1 else 'requests'} for {listed(topics, 5)} ask for "
        f"{asked:,} minutes of leads; {who} who could lead them can give {led:,} at the times that would do."
    )
    return Finding("too_few_hours", WARNING, f"requests[{requests[0]}].topic", sentence)
