"""The base of every refusal of the domain, which is no mistake of the program."""

from __future__ import annotations


class Refused(Exception):
    """A command that breaks a rule of the domain; the text says what, where and what to do next."""
