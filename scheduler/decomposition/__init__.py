"""Decomposition of a large week into parts that are solved apart: each a problem document in, a plan document out."""

from scheduler.decomposition.cutting import Part, Parts, cut, join

__all__ = ["Part", "Parts", "cut", "join"]
