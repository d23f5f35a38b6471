"""Every broken file of the torture is refused with its rows named, and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from adapters.imports.table_reader import Unreadable, read_table
from api.http.server import create_app
from api.http.settings import Settings
from bench.torture_imports import Broken, broken_files, complaints, far_corner, fill, fingerprint, laughs
from bench.torture_world import tokens

SEED = 4


def test_broken_files_are_refused_with_their_rows_and_change_nothing() -> None:
    files = broken_files(SEED, bombs=False)
    with Lyceum("memory:") as lyceum:
        fill(lyceum)
        (token,) = tokens(lyceum, 1)
        before = fingerprint(lyceum)
        with TestClient(create_app(Settings(), lyceum=lyceum)) as client:
            wrong = [one for file in files for one in asked(client, token, file)]

        assert wrong == []
        assert len(files) >= 100
        assert fingerprint(lyceum) == before


def asked(client: TestClient, token: str, file: Broken) -> list[str]:
    headers = {"authorization": f"Bearer {token}", "content-type": file.media}
    heard = client.post(file.path, content=file.body, headers=headers)
    return list(complaints(file, heard.status_code, heard.json()))


@pytest.mark.parametrize("body", [far_corner(), laughs()], ids=["far corner", "laughs"])
def test_workbook_that_would_fill_the_memory_ends_nothing_but_its_own_reading(
    tmp_path: Path, body: bytes
) -> None:
    (tmp_path / "venues.xlsx").write_bytes(body)

    with pytest.raises(Unreadable, match=r"^venues\.xlsx (is too large|has no|cannot|is empty)"):
        read_table(tmp_path / "venues.xlsx")


def test_answer_that_is_no_refusal_is_a_complaint() -> None:
    file = Broken("a file", "venues", b"", rows=frozenset({3}))

    assert list(complaints(file, 200, {}))
    assert list(complaints(file, 422, {"detail": "no", "errors": [{"in": "row 2"}]}))
    assert not list(complaints(file, 422, {"detail": "no", "errors": [{"in": "row 3"}]}))
