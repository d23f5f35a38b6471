"""Write the tables of docs/format.md and the JSON Schemas beside it: `python -m scheduler.documentation`."""

from __future__ import annotations

from pathlib import Path

from scheduler.documentation.format_page import filled
from scheduler.documentation.schemas import KINDS, written

DOCS = Path(__file__).parents[2] / "docs"

if __name__ == "__main__":
    page = DOCS / "format.md"
    page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")
    for kind in KINDS:
        (DOCS / f"{kind}.schema.json").write_text(written(kind), encoding="utf-8")
