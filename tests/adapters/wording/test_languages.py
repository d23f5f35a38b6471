"""The language that Accept-Language asks for."""

from __future__ import annotations

import pytest

from adapters.wording.languages import PSEUDO, language_of


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("*", "en"),
        ("zh", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh-Hans-CN", "zh"),
        ("ZH-TW", "zh"),
        ("es-MX, en;q=0.5", "es"),
        ("es-419", "es"),
        ("en-GB", "en"),
        ("de, es;q=0.4", "es"),
        ("de", "en"),
        ("en;q=0.3, es;q=0.7", "es"),
        ("es;q=0, zh;q=0.1", "zh"),
        ("es, zh", "es"),
        ("es;q=nonsense, zh", "zh"),
        (f"{'x-y,' * 5000}zh", "en"),
        (PSEUDO, PSEUDO),
        (f"es, {PSEUDO}", "es"),
    ],
)
def test_language_is_the_first_that_there_is(header: str | None, language: str) -> None:
    assert language_of(header) == language
