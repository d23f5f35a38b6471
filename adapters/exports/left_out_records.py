"""Records that cannot be written: each is left out and named, and all others are written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from domain.events import Refused
from domain.text import one_line

FILE = "left-out.txt"


@dataclass(slots=True)
class LeftOutRecords:
    """Collector of what an export leaves out; `sentences` say what is missing and why, each once."""

    sentences: list[str] = field(default_factory=list)

    @contextmanager
    def unless(self, what: str) -> Iterator[None]:
        """Write one record inside; where that fails, it is left out and named."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one record, the others are written
            why = str(error) if isinstance(error, Refused) else f"{type(error).__name__}: {error}"
            self.note(f"{one_line(what)} is left out: {one_line(why)}")

    def note(self, sentence: str) -> None:
        if sentence not in self.sentences:
            self.sentences.append(sentence)

    def file(self) -> dict[str, bytes]:
        """The file that lists the sentences, by its name; none where everything was written."""
        return {FILE: ("\n".join(self.sentences) + "\n").encode()} if self.sentences else {}
