"""The page has a place for what each part came to, and a part that there is not is refused."""

from __future__ import annotations

import sys

import pytest

from bench.sections import replaced
from bench.torture import PAGE, PARTS, main


@pytest.mark.parametrize("part", PARTS)
def test_each_part_has_its_section(part: str) -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert "what came of it" in replaced(page, f"torture_{part}", "what came of it")


def test_part_that_there_is_not_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["torture", "floods"])

    with pytest.raises(SystemExit, match="2"):
        main()
    assert capsys.readouterr().err.startswith("there is no part floods; there are races, kills, fuzz")
