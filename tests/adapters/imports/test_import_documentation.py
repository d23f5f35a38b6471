"""The page on imports says what the program does."""

from __future__ import annotations

from pathlib import Path

import yaml

from adapters.imports.import_documentation import PROFILES, page
from adapters.imports.profiles import read_profile

PAGE = Path(__file__).resolve().parents[3] / "docs" / "import.md"


def test_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "docs/import.md is behind the columns: run python -m adapters.imports.import_documentation > docs/import.md"
    )


def test_example_of_a_profile_can_be_read() -> None:
    example = PROFILES.split("```yaml\n")[1].split("```")[0]

    profile = read_profile("example", yaml.load(example, Loader=yaml.BaseLoader))

    assert profile.reads() == {
        "LibraryID",
        "Library name",
        "Opening",
        "Ward code",
        "Charges",
        "Open",
        "Status",
    }
