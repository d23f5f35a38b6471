"""A goal of a week: everything that the scheduler knows about one thing that a plan is to have as much of as it can."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from scheduler.instance.instance import Instance
from scheduler.instance.timetable import PartialTimetable
from scheduler.model.aggregated_week import AggregatedWeek
from scheduler.model.columns import Choice
from scheduler.processes.program import Term
from scheduler.rules.week import Week

Counter = Callable[[PartialTimetable, Iterable[int]], int]


def _no_clause(_: int) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One goal; each value is an integer that is to be made as large as possible.

    Attributes
    ----------
    name : str
        As documents name it.
    value : callable
        Its value on a plan, counted on documents, with no code in common with the search.
    counted_bound : callable
        A value that no plan passes, from the instance and the most sessions that each request could have; by counting.
    counter : callable
        Looks up what is needed once, and gives a function that counts the value on a timetable, over the sessions of
        some requests; a goal that is no sum over sessions counts the whole timetable.
    terms : callable
        The terms that add up to its value in an integer programme, whose columns and rows it adds where needed.
    aggregated_terms : callable or None
        The same in the aggregated week, whose optimum bounds it; None where it cannot be told there.
    leave_at : float
        The share of the time limit, from 0 to 1, at which it is left for the next goal, unless it is the first.
    lead_leave_at : float or None
        The same where it comes first; None for that of `served`.
    integer_share : float
        The share of the time left that its bound by whole sessions may take.
    about_rooms : bool
        Whether it gains when all rooms are chosen anew while people and times stay.
    loss : callable
        A clause that says what the loss of so many units costs; None where the sentence needs none.
    """

    name: str
    value: Callable[[Week], int]
    counted_bound: Callable[[Instance, Sequence[int]], int]
    counter: Callable[[Instance], Counter]
    terms: Callable[[Choice], list[Term]]
    aggregated_terms: Callable[[AggregatedWeek], list[Term]] | None = None
    leave_at: float
    lead_leave_at: float | None = None
    integer_share: float = 0.4
    about_rooms: bool = False
    loss: Callable[[int], str | None] = _no_clause
