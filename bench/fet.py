"""Let FET, a free program for schools' timetables, plan a document whose leads are known (bench/loads.py makes them).

FET takes its teachers as given, drops nothing by itself and knows no goal: it places activities until all have a
time and a room, or until its time is up; then it leaves the timetable with the most activities that it had. Only
what our documents need is written: lengths in slots of the grid, teachers, groups of learners, times when teachers
and rooms are not there, times and rooms of each activity, and days between the sessions of one request.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from bench.fitting import Fitting
from domain.windows import DAY_MIN, Windows, clock, clock_min
from scheduler.documents.records import Assignment, Problem, Request

PROGRAM = "fet-cl"
MISSING = (
    "FET is not installed, so its rows are left out: "
    "`apt-get install fet` (version 6.8.5 was measured) brings `fet-cl`."
)
GRACE_S = 5.0  # beyond the time limit, for reading and writing
SEEDS = [f"--randomseeds{seed_part}=1" for seed_part in ("10", "11", "12", "20", "21", "22")]
Asked = dict[int, tuple[Request, int]]  # request and session by FET's number of the activity


class FetGaveUp(RuntimeError):
    """FET ended without any timetable; the message holds the end of what it said."""


def installed() -> bool:
    return shutil.which(PROGRAM) is not None


def activities(problem: Problem) -> Asked:
    """Every session that is asked for; FET's numbers count from 1."""
    sessions = [
        (request, number) for request in problem.requests for number in range(1, request.sessions + 1)
    ]
    return dict(enumerate(sessions, 1))


# ---- Writing


def written(problem: Problem, chosen: Asked | None = None) -> ET.Element:
    """The document as FET reads it, with some of the activities or with all."""
    chosen = activities(problem) if chosen is None else chosen
    fitting, slots = Fitting(problem), hours(problem)
    root = ET.Element("fet", version="6.8.5")
    for tag, text in (("Mode", "Official"), ("Institution_Name", "Lyceum"), ("Comments", "")):
        _leaf(root, tag, text)
    _names(root, "Days_List", "Number_of_Days", "Day", map(str, range(1, 8)))
    _names(root, "Hours_List", "Number_of_Hours", "Hour", map(clock, slots))
    _names(root, "Subjects_List", None, "Subject", sorted({request.topic for request in problem.requests}))
    _names(root, "Activity_Tags_List", None, "Activity_Tag", ())
    _names(root, "Teachers_List", None, "Teacher", (volunteer.id for volunteer in problem.volunteers))
    cohorts = sorted({name for request in problem.requests for name in request.cohorts})
    _names(root, "Students_List", None, "Year", cohorts)
    _activities(root, fitting, chosen)
    _names(root, "Buildings_List", None, "Building", ())
    _names(root, "Rooms_List", None, "Room", fitting.rooms)
    _times(root, problem, chosen, slots)
    _spaces(root, fitting, chosen, slots)
    return root


def hours(problem: Problem) -> list[int]:
    """The slots of a day in which some room is open, as minutes after midnight."""
    grid = problem.grid_min
    windows = [window for venue in problem.venues for room in venue.rooms for window in room.open]
    first = min(window.start_min % DAY_MIN for window in windows) // grid * grid
    last = max((window.end_min - 1) % DAY_MIN + 1 for window in windows)
    return list(range(first, last, grid))


def _leaf(parent: ET.Element, tag: str, text: object) -> ET.Element:
    child = ET.SubElement(parent, tag)
    child.text = str(text)
    return child


def _names(root: ET.Element, tag: str, count: str | None, item: str, names: Iterable[str]) -> None:
    parent, names = ET.SubElement(root, tag), list(names)
    if count:
        _leaf(parent, count, len(names))
    for name in names:
        child = ET.SubElement(parent, item)
        _leaf(child, "Name", name)
        if item == "Room":
            _leaf(child, "Capacity", 30_000)
        if item == "Year":
            _leaf(child, "Number_of_Students", 0)


def _activities(root: ET.Element, fitting: Fitting, chosen: Asked) -> None:
    parent = ET.SubElement(root, "Activities_List")
    for number, (request, _) in chosen.items():
        element = ET.SubElement(parent, "Activity")
        for lead in fitting.possible_leads(request):
            _leaf(element, "Teacher", lead.id)
        _leaf(element, "Subject", request.topic)
        for cohort in sorted(request.cohorts):
            _leaf(element, "Students", cohort)
        length = _length(request, fitting.problem)
        for tag in ("Duration", "Total_Duration"):
            _leaf(element, tag, length)
        _leaf(element, "Id", number)
        _leaf(element, "Activity_Group_Id", 0)
        _leaf(element, "Active", "true")


def _length(request: Request, problem: Problem) -> int:
    return -(-request.duration_min // problem.grid_min)


def _times(root: ET.Element, problem: Problem, chosen: Asked, slots: list[int]) -> None:
    parent = ET.SubElement(root, "Time_Constraints_List")
    _rule(parent, "ConstraintBasicCompulsoryTime")
    for volunteer in problem.volunteers:
        away = _closed(volunteer.available, slots, problem.grid_min)
        _not_available(parent, "Teacher", volunteer.id, away)
    for number, (request, _) in chosen.items():
        _acceptable(parent, number, _open(request.acceptable, slots, problem.grid_min))
    for request in problem.requests:
        numbers = [number for number, (rival, _) in chosen.items() if rival.id == request.id]
        if len(numbers) > 1 and request.max_sessions_per_day == 1:
            _on_different_days(parent, numbers)


def _rule(parent: ET.Element, tag: str) -> ET.Element:
    rule = ET.SubElement(parent, tag)
    _leaf(rule, "Weight_Percentage", 100)
    _leaf(rule, "Active", "true")
    return rule


def _open(windows: Windows, slots: list[int], grid_min: int) -> list[tuple[int, int]]:
    """Day and slot of each slot that lies wholly in a window."""
    return [
        (day, minute)
        for day in range(1, 8)
        for minute in slots
        if any(
            window.start_min <= (day - 1) * DAY_MIN + minute
            and (day - 1) * DAY_MIN + minute + grid_min <= window.end_min
            for window in windows
        )
    ]


def _closed(windows: Windows, slots: list[int], grid_min: int) -> list[tuple[int, int]]:
    free = set(_open(windows, slots, grid_min))
    return [(day, minute) for day in range(1, 8) for minute in slots if (day, minute) not in free]


def _not_available(parent: ET.Element, kind: str, name: str, away: list[tuple[int, int]]) -> None:
    rule = _rule(parent, f"Constraint{kind}NotAvailableTimes")
    _leaf(rule, kind, name)
    _leaf(rule, "Number_of_Not_Available_Times", len(away))
    for day, minute in away:
        slot = ET.SubElement(rule, "Not_Available_Time")
        _leaf(slot, "Day", day)
        _leaf(slot, "Hour", clock(minute))


def _acceptable(parent: ET.Element, number: int, free: list[tuple[int, int]]) -> None:
    rule = _rule(parent, "ConstraintActivityPreferredTimeSlots")
    _leaf(rule, "Activity_Id", number)
    _leaf(rule, "Number_of_Preferred_Time_Slots", len(free))
    for day, minute in free:
        slot = ET.SubElement(rule, "Preferred_Time_Slot")
        _leaf(slot, "Preferred_Day", day)
        _leaf(slot, "Preferred_Hour", clock(minute))


def _on_different_days(parent: ET.Element, numbers: list[int]) -> None:
    rule = _rule(parent, "ConstraintMinDaysBetweenActivities")
    _leaf(rule, "Consecutive_If_Same_Day", "false")
    _leaf(rule, "Number_of_Activities", len(numbers))
    for number in numbers:
        _leaf(rule, "Activity_Id", number)
    _leaf(rule, "MinDays", 1)


def _spaces(root: ET.Element, fitting: Fitting, chosen: Asked, slots: list[int]) -> None:
    parent = ET.SubElement(root, "Space_Constraints_List")
    _rule(parent, "ConstraintBasicCompulsorySpace")
    for name, room_record in fitting.rooms.items():
        _not_available(parent, "Room", name, _closed(room_record.open, slots, fitting.problem.grid_min))
    for number, (request, _) in chosen.items():
        rule = _rule(parent, "ConstraintActivityPreferredRooms")
        rooms = fitting.fitting_rooms(request)
        _leaf(rule, "Activity_Id", number)
        _leaf(rule, "Number_of_Preferred_Rooms", len(rooms))
        for room in rooms:
            _leaf(rule, "Preferred_Room", room)


# ---- Running and reading


@dataclass(frozen=True)
class Outcome:
    """What FET placed, the wall time of its own processes, and how many sessions it was made to leave out."""

    assignments: list[Assignment]
    seconds: float
    dropped: int


def fet_plan(problem: Problem, limit_s: float) -> Outcome:
    """What FET places within the time, dropping what it cannot place as its user would.

    Sessions for which no room and time are left at all are not given to it. It has a quarter of the time for all the
    others; then the activity at which it got stuck is dropped, and it has another second, until the time is up.
    """
    everything, fitting = activities(problem), Fitting(problem)
    possible = {request.id for request in problem.requests if fitting.options(request).rooms}
    chosen = {number: activity for number, activity in everything.items() if activity[0].id in possible}
    best: list[Assignment] = []
    slice_s, spent_s = max(1, round(limit_s / 4)), 0.0
    while True:
        placed, stuck, seconds = _attempt(problem, chosen, slice_s)
        best, spent_s = max(best, placed, key=len), spent_s + seconds
        if stuck is None or spent_s + 1 >= limit_s:
            return Outcome(best, spent_s, len(everything) - len(chosen))
        del chosen[stuck]
        slice_s = 1


def _attempt(problem: Problem, chosen: Asked, limit_s: int) -> tuple[list[Assignment], int | None, float]:
    """The fullest timetable of one call, the activity at which it got stuck (None where all are placed), seconds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ET.ElementTree(written(problem, chosen)).write(
            folder / "week.fet", encoding="utf-8", xml_declaration=True
        )
        began = time.perf_counter()
        said = _called(folder, limit_s)
        seconds = time.perf_counter() - began
        files = {file.parent.name: file for file in folder.glob("out/timetables/week*/*activities.xml")}
        file = files.get("week") or files.get("week-highest") or files.get("week-current")
        if file is None:
            raise FetGaveUp(said)
        placed = list(read(file.read_text(encoding="utf-8"), problem))
        if len(placed) == len(chosen):
            return placed, None, seconds
        logs = folder / "out" / "logs"
        order = (logs / "initial_order.txt").read_text(encoding="utf-8-sig")
        reached = (logs / "max_placed_activities.txt").read_text(encoding="utf-8-sig")
    return placed, stuck_at(order, reached), seconds


def _called(folder: Path, limit_s: int) -> str:
    """Run FET; it is asked to stop where it does not notice by itself that its time is up."""
    call = [
        str(shutil.which(PROGRAM)),
        "--inputfile=week.fet",
        "--outputdir=out",
        f"--timelimitseconds={limit_s}",
        "--language=en_US",
        "--htmllevel=0",
        *SEEDS,
    ]
    with (folder / "said.txt").open("w+") as said:
        process = subprocess.Popen(call, cwd=folder, stdout=said, stderr=subprocess.STDOUT)  # noqa: S603 - our own files
        for ask, patience_s in ((process.terminate, limit_s + GRACE_S), (process.kill, GRACE_S)):
            try:
                process.wait(patience_s)
                break
            except subprocess.TimeoutExpired:
                ask()
        process.wait()
        said.seek(0)
        return said.read()[-500:]


def stuck_at(order: str, reached: str) -> int:
    """The number of the activity that comes after as many as FET could place, in the order in which it places them.

    Parameters
    ----------
    order, reached : str
        FET's `initial_order.txt` and `max_placed_activities.txt`.
    """
    numbers = [int(text) for text in re.findall(r"^No: \d+, Id: (\d+),", order, re.MULTILINE)]
    placed = max((int(text) for text in re.findall(r"reached (\d+) activities placed", reached)), default=0)
    return numbers[min(placed, len(numbers) - 1)]


def read(text: str, problem: Problem) -> Iterator[Assignment]:
    """The placed activities of FET's `activities.xml` as assignments."""
    sessions, fitting = activities(problem), Fitting(problem)
    for element in ET.fromstring(text).iter("Activity"):  # noqa: S314 - the file that our own program just wrote
        day, hour, room = (element.findtext(tag) or "" for tag in ("Day", "Hour", "Room"))
        if day and hour and room:
            request, session = sessions[int(element.findtext("Id") or 0)]
            leads = tuple(lead.id for lead in fitting.possible_leads(request))
            yield Assignment(request.id, session, int(day), clock_min(hour), room, leads)
