"""Explain a plan: why not, why this, where the gaps are, and who is served how well."""

from scheduler.explain.blocking_facts import BlockingFact
from scheduler.explain.edits import Edit
from scheduler.explain.fairness import Fairness, MinimumPrice, Share, fairness, price_of_minimum, shares
from scheduler.explain.gaps import Gap, GapReport, gaps, report
from scheduler.explain.places_map import PlacesMap, RoomPlaces, places_map
from scheduler.explain.remedies import Remedy
from scheduler.explain.serialise import serialise
from scheduler.explain.why_not import Explainer, UnknownRequest, WhyNot, most_common, why_not, why_this
from scheduler.explain.why_this import Competitor, Elsewhere, WhyThis

__all__ = [
    "BlockingFact",
    "Competitor",
    "Edit",
    "Elsewhere",
    "Explainer",
    "Fairness",
    "Gap",
    "GapReport",
    "MinimumPrice",
    "PlacesMap",
    "Remedy",
    "RoomPlaces",
    "Share",
    "UnknownRequest",
    "WhyNot",
    "WhyThis",
    "fairness",
    "gaps",
    "most_common",
    "places_map",
    "price_of_minimum",
    "report",
    "serialise",
    "shares",
    "why_not",
    "why_this",
]
