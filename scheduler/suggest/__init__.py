"""Suggest where a session of a draft could go: places that keep every hard rule, the least trouble first."""

from scheduler.suggest.places import ANYWHERE, Where
from scheduler.suggest.suggesting import Concerned, Move, Suggestion, UnknownSession, suggest

__all__ = ["ANYWHERE", "Concerned", "Move", "Suggestion", "UnknownSession", "Where", "suggest"]
