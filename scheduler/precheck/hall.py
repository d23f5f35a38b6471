"""Overloaded sets of volunteers: topics whose demand for lead-minutes exceeds what all who could lead them have.

Each lead-minute asked for is a unit that has to flow through a lead's hours at which the session could be, their day
and their week; where not all of it can, the narrowest cut is a violated condition of Hall (1935) in Gale's form for
supplies and demands: requests whose leads, all together, have fewer minutes than are asked for. It leaves rules out,
so that what it says is true of any plan.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from domain.messages import plural
from domain.windows import DAY_MIN, Windows
from scheduler.explain.availability import Availability, union
from scheduler.explain.editable_plan import EditablePlan
from scheduler.explain.feasibility_search import FeasibilitySearch
from scheduler.explain.wording import enumeration
from scheduler.precheck.findings import WARNING, Finding
from scheduler.precheck.flow_network import SINK, SOURCE, FlowNetwork


def overloads(plan: EditablePlan) -> Iterator[Finding]:
    """A warning for each set of requests that ask for more lead-minutes than all who could lead them have.

    Requests that can never be served are left out: they have findings of their own.

    Parameters
    ----------
    plan : EditablePlan
        Holds nothing but the pins.
    """
    demand = _demand(plan)
    network = _network(plan, demand)
    if network.solve() >= sum(demand.values()):
        return
    short = network.source_side()
    for requests in _groups(plan, [request for request in demand if ("request", request) in short]):
        led = sum(network.flow(SOURCE, ("request", request)) for request in requests)
        yield _overload(plan, requests, sum(demand[request] for request in requests), led)


def _demand(plan: EditablePlan) -> dict[int, int]:
    """Minutes of leads that the servable requests ask for."""
    return {
        index: request.leads * plan.missing(index) * request.duration_min
        for index, request in enumerate(plan.instance.requests)
        if request.leads and plan.missing(index) and FeasibilitySearch(plan, index).find() is not None
    }


def _network(plan: EditablePlan, demand: dict[int, int]) -> FlowNetwork:
    """Requests, then their share of a lead's day, the lead's hours by whom they would do for, the day, and the week."""
    network, people = FlowNetwork(), plan.instance.volunteers
    hours: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for index, minutes in demand.items():
        request = plan.instance.requests[index]
        network.add_arc(SOURCE, ("request", index), minutes)
        for lead, day, starts in _lead_days(plan, index):
            a_day = request.max_sessions_per_day * request.duration_min
            network.add_arc(("request", index), ("share", index, lead, day), a_day)
            hours[lead, day].append((index, _cells(plan, starts, request.duration_min)))
    for (lead, day), spans in sorted(hours.items()):
        for number, run in enumerate(_runs(union(cells for _, cells in spans))):
            here = [(index, cells & run) for index, cells in spans if cells & run]
            stretch = ("stretch", lead, day, number)
            for requests, minutes in _minutes_by_requests(plan, here).items():
                for index in requests:
                    network.add_arc(("share", index, lead, day), (*stretch, requests), minutes)
                network.add_arc((*stretch, requests), stretch, minutes)
            length = run.bit_count() * plan.grid.grid_min
            led = _largest_sum(plan, [index for index, _ in here], length)
            network.add_arc(stretch, ("day", lead, day), led)
        network.add_arc(("day", lead, day), ("lead", lead), _day_minutes(plan, lead, day))
    for lead in sorted({lead for lead, _ in hours}):
        limit = people[lead].max_min_week
        left = 7 * DAY_MIN if limit is None else max(0, limit - plan.timetable.week_load[lead])
        network.add_arc(("lead", lead), SINK, left)
    return network


def _cells(plan: EditablePlan, starts: int, minutes: int) -> int:
    """The steps of the grid that sessions with these starts could take, as a mask."""
    cells = 0
    for step in range(-(-minutes // plan.grid.grid_min)):
        cells |= starts << step
    return cells


def _runs(cells: int) -> Iterator[int]:
    """The unbroken stretches of a day; a session lies in one of them."""
    while cells:
        low = cells & -cells
        run = cells & ~(cells + low)
        yield run
        cells ^= run


def _largest_sum(plan: EditablePlan, requests: list[int], minutes: int) -> int:
    """The most minutes of whole sessions that go into a stretch (subset sum)."""
    sums = {0}
    for index in requests:
        request = plan.instance.requests[index]
        for _ in range(min(request.max_sessions_per_day, request.sessions)):
            sums |= {
                total + request.duration_min for total in sums if total + request.duration_min <= minutes
            }
    return max(sums)


def _minutes_by_requests(plan: EditablePlan, spans: list[tuple[int, int]]) -> dict[tuple[int, ...], int]:
    """Minutes of a lead's day by the requests that they would do for."""
    minutes: dict[tuple[int, ...], int] = defaultdict(int)
    left = union(cells for _, cells in spans)
    while left:
        bit = left & -left
        left ^= bit
        minutes[tuple(request for request, cells in spans if cells & bit)] += plan.grid.grid_min
    return minutes


def _lead_days(plan: EditablePlan, request: int) -> Iterator[tuple[int, int, int]]:
    """Leads, the days on which they could hold it in some room, and the starts then."""
    left = Availability(plan, request)
    for lead in left.leads:
        mask = 0
        for venue, starts in left.at_venue.items():
            mask |= starts & left.person_starts(lead, venue)
        for day in range(7):
            if today := mask & plan.day(day):
                yield lead, day, today


def _day_minutes(plan: EditablePlan, lead: int, day: int) -> int:
    """Minutes that a volunteer offers on a day and does not lead yet, within the limit of a day."""
    volunteer, load = plan.instance.volunteers[lead], plan.timetable.day_load.get((lead, day), 0)
    offered = sum(window.minutes for window in _on(volunteer.available, day))
    return max(0, min(offered, DAY_MIN if volunteer.max_min_day is None else volunteer.max_min_day) - load)


def _on(windows: Windows, day: int) -> Windows:
    return tuple(window for window in windows if window.start_min // DAY_MIN == day)


def _groups(plan: EditablePlan, requests: list[int]) -> list[list[int]]:
    """The requests before the cut, apart where no lead is shared."""
    groups: list[tuple[set[int], list[int]]] = []
    for request in requests:
        leads = {lead for lead, *_ in _lead_days(plan, request)}
        joined = [request]
        apart = []
        for people, members in groups:
            if people & leads:
                leads |= people
                joined += members
            else:
                apart.append((people, members))
        groups = [*apart, (leads, joined)]
    return [sorted(members) for _, members in groups]


def _overload(plan: EditablePlan, requests: list[int], minutes: int, led: int) -> Finding:
    """`led` is what flowed: no plan leads more, because no lead of these requests is in another group."""
    topics = sorted({plan.instance.requests[request].topic for request in requests})
    people = {lead for request in requests for lead, *_ in _lead_days(plan, request)}
    who = plural("the one volunteer", "the {count} volunteers", count=len(people))
    sentence = plural(
        "{count} request for {topics} ask for {minutes:,} minutes of leads; {who} who could lead them can give "
        "{led:,} at the times that would do.",
        "{count} requests for {topics} ask for {minutes:,} minutes of leads; {who} who could lead them can give "
        "{led:,} at the times that would do.",
        count=len(requests),
        topics=enumeration(topics, 5),
        minutes=minutes,
        who=who,
        led=led,
    )
    return Finding("too_few_hours", WARNING, f"requests[{requests[0]}].topic", sentence)
