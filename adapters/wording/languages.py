"""Languages that people can choose, and the choice by the header Accept-Language (RFC 9110, section 12.5.4)."""

from __future__ import annotations

import re

from babel import negotiate_locale

ENGLISH = "en"
LANGUAGES = ("zh", "en", "es")
PSEUDO = "en-XA"
"""Every template between brackets: a text outside them is not translated. Only who names it exactly gets it."""
_RANGE = re.compile(
    r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*[qQ]=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?"
)
_LONGEST = 1000


def language_of(header: str | None) -> str:
    """The language that a header asks for before all others that there are; English where it asks for none of them."""
    weighed = []
    for item in (header or "")[:_LONGEST].split(","):
        match = _RANGE.fullmatch(item)
        quality = float(match[2] or 1) if match else 0.0
        if match and quality:
            weighed.append((quality, match[1]))
    weighed.sort(key=lambda pair: -pair[0])  # stable: of two that weigh the same the first goes before
    tags = [tag for _, tag in weighed]
    if tags and tags[0] == PSEUDO:
        return PSEUDO
    return negotiate_locale([tag.lower() for tag in tags], LANGUAGES, sep="-") or ENGLISH
