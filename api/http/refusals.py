"""Refusals of signing in for which neither the domain nor HTTP itself has a word."""

from __future__ import annotations

from domain.events import Refused


class NotSetUp(Refused):
    """A way to sign in that the configuration does not offer."""


class NotBelieved(Refused):
    """A token that the provider did not sign for us, now."""


class ProviderSilent(Refused):
    """A provider that does not answer, or not as OpenID Connect asks."""
