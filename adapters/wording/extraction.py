"""Extraction of all messages from the sources into the template, and the update of the catalogues of the languages.

`python -m adapters.wording.extraction` writes both. They hold neither dates nor numbers of lines, so that they change
only where a message does.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import write_po

from adapters.wording.catalogues import TEMPLATE, catalogue_file, read_catalogue
from adapters.wording.languages import ENGLISH, LANGUAGES

ROOT = Path(__file__).parents[2]
SOURCES = ("domain", "scheduler", "adapters", "api")
TEMPLATES = ("*.html", "*.txt")  # in folders `templates`, and of no others
KEYWORDS = {
    **dict.fromkeys(("message", "gettext", "marked", "_"), None),
    **dict.fromkeys(("plural", "ngettext", "marked_plural"), (1, 2)),
}

TRANSLATED = tuple(language for language in LANGUAGES if language != ENGLISH)
HEADER = "# {language} of Lyceum. `make messages` keeps it in step with the sources."
WIDTH = 120


class _Catalogue(Catalog):
    """A catalogue whose head says nothing that changes from run to run."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        headers = [
            ("Project-Id-Version", "Lyceum"),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ]
        if self.locale is not None:
            headers[1:1] = [("Language", str(self.locale)), ("Plural-Forms", self.plural_forms)]
        return headers

    @mime_headers.setter
    def mime_headers(self, value: object) -> None:
        """What a file says of itself is said above."""


def extracted() -> Catalog:
    """All messages of the sources, in the order of the files; each once, with the files that hold it."""
    catalogue = _Catalogue(header_comment=HEADER.format(language="Messages"), charset="utf-8", fuzzy=False)
    for path, method in _files():
        name = path.relative_to(ROOT).as_posix()
        for line, messages, comments, context in extract_from_file(method, path, KEYWORDS):
            del line
            catalogue.add(messages, None, [(name, 0)], auto_comments=comments, context=context)
    return catalogue


def _files() -> Iterator[tuple[Path, Any]]:
    for source in SOURCES:
        for path in sorted((ROOT / source).rglob("*.py")):
            yield path, calls_in
        for pattern in TEMPLATES:
            for path in sorted((ROOT / source).rglob(f"templates/**/{pattern}")):
                yield path, "jinja2"


def calls_in(
    file: IO[bytes], keywords: Mapping[str, Any], tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[tuple[int, str, tuple[str, ...], list[str]]]:
    """The calls of keywords in a module, with their literals; Babel's own reader takes `message["To"]` for a call."""
    del tags, options
    calls = [
        node
        for node in ast.walk(ast.parse(file.read()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in keywords
    ]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        constants = (argument.value for argument in call.args if isinstance(argument, ast.Constant))
        texts = tuple(value for value in constants if isinstance(value, str))
        if texts and isinstance(call.func, ast.Name):
            yield call.lineno, call.func.id, texts, []


def written(catalogue: Catalog) -> bytes:
    """A catalogue as its file."""
    file = BytesIO()
    write_po(file, catalogue, width=WIDTH, include_lineno=False, sort_output=False, ignore_obsolete=True)
    return file.getvalue()


def updated(language: str, template: Catalog) -> Catalog:
    """The catalogue of a language with the messages of the template: what is new is blank, what is gone goes.

    A message that was reworded is new: whoever translates sees it blank rather than almost right.
    """
    catalogue = _Catalogue(locale=language, header_comment=HEADER.format(language=language), fuzzy=False)
    path = catalogue_file(language)
    before = read_catalogue(path, language) if path.exists() else Catalog(locale=language)
    for entry in template:
        if not entry.id:
            continue
        known = before.get(entry.id)
        string = known.string if known is not None and known.pluralizable == entry.pluralizable else None
        catalogue.add(entry.id, string, entry.locations, entry.flags - {"fuzzy"}, entry.auto_comments)
    return catalogue


def main() -> None:
    template = extracted()
    TEMPLATE.write_bytes(written(template))
    for language in TRANSLATED:
        path = catalogue_file(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written(updated(language, template)))


if __name__ == "__main__":
    main()
