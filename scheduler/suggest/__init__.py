"""Suggest where a session of a draft could go: places that keep every hard rule, the least trouble first."""

from scheduler.suggest.placements import ANYWHERE, Where
from scheduler.suggest.suggestions import (
    ConcernedVolunteer,
    Move,
    Suggester,
    Suggestion,
    UnknownSession,
    suggest,
)

__all__ = [
    "ANYWHERE",
    "ConcernedVolunteer",
    "Move",
    "Suggester",
    "Suggestion",
    "UnknownSession",
    "Where",
    "suggest",
]
