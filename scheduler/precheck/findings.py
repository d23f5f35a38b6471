"""Findings about a problem document: a stable code, a severity, a path in the document, and one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ERROR, WARNING, NOTE = "error", "warning", "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is known without search.

    Attributes
    ----------
    code : str
        Stays the same from version to version.
    severity : str
        "error": the document is wrong, and solving is refused; "warning": something asked for can never be had;
        "note": worth a look.
    path : str
        Of the place in the document, such as "requests[17].topic".
    sentence : str
        The fact.
    """

    code: str
    severity: str
    path: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Findings:
    """All findings, errors first."""

    all: Sequence[Finding]

    @property
    def errors(self) -> list[Finding]:
        """Those for which solving is refused."""
        return self.of(ERROR)

    @property
    def warnings(self) -> list[Finding]:
        """What can never be had."""
        return self.of(WARNING)

    def of(self, severity: str) -> list[Finding]:
        """Those of "error", "warning" or "note"."""
        return [finding for finding in self.all if finding.severity == severity]
