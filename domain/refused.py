"""What every refusal of the domain is, so that whoever asks can tell it from a mistake of the program."""

from __future__ import annotations


class Refused(Exception):
    """A command that breaks a rule of the domain; the text says what, where and what to do next."""
