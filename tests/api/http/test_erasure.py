"""Who is erased is gone from every file: a server is used as people use it, and then the raw bytes are searched."""

from __future__ import annotations

import csv
import io
import os
import secrets
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from adapters.services.planning import Effort, plan_week
from adapters.services.releases import release_week
from domain.volunteer import volunteer_id
from tests.adapters.town import TOWN, WEEK, town
from tests.api.http.test_serving import PATIENCE_S, serving, token
from tests.conftest import PostgresServer

ROOT = Path(__file__).parents[3]
PERSONAL = ("name", "phone", "email", "address", "guardian_name", "guardian_phone", "guardian_email")
OTHERS = ("home_lat", "home_lon", "kind", "home_area", "roles", "hours", "minor", "consent")
COLUMNS = ("key", *PERSONAL, *OTHERS)


class Marked:
    """A person with a mark in each field that no other bytes of the world are likely to have."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.words = {name: f"{key}-{secrets.token_hex(8)}" for name in PERSONAL}
        self.words["email"] += "@people.example"
        self.words["guardian_email"] += "@people.example"
        self.home = tuple(round(base + secrets.randbelow(10**6) / 10**8, 8) for base in (29.41, 105.61))

    @property
    def marks(self) -> list[str]:
        return [*self.words.values(), *map(str, self.home)]

    def record(self, prefix: str = "") -> dict[str, Any]:
        """The body of a personal record; `prefix` "guardian_": that of the guardian."""
        fields = ("name", "phone", "email") if prefix else ("name", "phone", "email", "address")
        record: dict[str, Any] = {name: self.words[prefix + name] for name in fields}
        return record if prefix else {**record, "home": self.home}

    def row(self) -> dict[str, object]:
        """A row of the import's table: a minor with a guardian."""
        lat, lon = self.home
        about = {"home_lat": lat, "home_lon": lon, "kind": "student", "home_area": "river"}
        rest = {"roles": "assistant", "hours": "Mo-Fr 17:00-21:00", "minor": "yes", "consent": "yes"}
        return {"key": self.key, **self.words, **about, **rest}


def table(*rows: dict[str, object]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def found(marks: list[str], *places: Path) -> set[str]:
    """Those of the marks that stand in any file of the folders, in any of the ways that text becomes bytes."""
    spelt = {
        mark: {mark.encode(coding) for coding in ("utf-8", "utf-16-le")} | {mark.encode().hex().encode()}
        for mark in marks
    }
    left: set[str] = set()
    for place in places:
        for file in [place] if place.is_file() else [one for one in place.rglob("*") if one.is_file()]:
            try:
                content = file.read_bytes()
            except FileNotFoundError:  # the database server has just removed it
                continue
            left |= {mark for mark, ways in spelt.items() if any(one in content for one in ways)}
    return left


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def kept_in(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    """The address of a database, and the folder of all its files."""
    if request.param == "sqlite":
        folder = tmp_path / "database"
        folder.mkdir()
        return f"sqlite:///{folder / 'lyceum.db'}", folder
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return str(request.getfixturevalue("postgres_url")), server.sockets


def lyceum_cli(database: str, *arguments: str) -> str:
    command = [sys.executable, "-m", "api.cli", *arguments]
    environment = {**os.environ, "LYCEUM_DATABASE": database}
    ended = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout + ended.stderr


class Client:
    """An administrator of the server, with a key for each command as a careful program has it."""

    def __init__(self, address: str, client: httpx2.Client, headers: dict[str, str]) -> None:
        self.address, self.client, self.headers = f"{address}/v1", client, headers

    def get(self, path: str) -> Any:
        return self.client.get(self.address + path, headers=self.headers)

    def post(self, path: str, **more: Any) -> Any:
        headers = {**self.headers, "idempotency-key": secrets.token_hex(8), **more.pop("headers", {})}
        return self.client.post(self.address + path, headers=headers, **more)


def everything(client: Client, feeds: list[str]) -> bytes:
    """All that the interface gives out about people and weeks, files unpacked."""
    paths = (
        "/exports/people/csv", "/exports/people/xlsx", "/exports/data/volunteers/csv", f"/exports/weeks/town/{WEEK}",
        "/volunteers", f"/weeks/town/{WEEK}/sessions", f"/weeks/town/{WEEK}/releases/1", f"/reports/town/{WEEK}",
        f"/weeks/town/{WEEK}/problem", f"/diaries/volunteers/wang/{WEEK}", "/events?limit=500",
        "/people/wang/volunteer/looks", "/feeds", "/accounts",
    )  # fmt: skip
    answers = [client.get(path) for path in paths]
    assert {one.status_code for one in answers} == {200}
    answers += [client.client.get(feed) for feed in feeds]
    return b"".join(part for one in answers for part in _unpacked(one.content))


def _unpacked(content: bytes) -> Iterator[bytes]:
    yield content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for name in packed.namelist():
                yield from _unpacked(packed.read(name))


def test_erased_person_is_in_no_file_export_feed_or_log(kept_in: tuple[str, Path], tmp_path: Path) -> None:
    database, files = kept_in
    log, sheet = tmp_path / "server.log", tmp_path / "cli.csv"
    wang, imported, by_hand, stays = (Marked(key) for key in ("wang", "v-import", "v-cli", "v-stays"))
    sheet.write_bytes(table(by_hand.row(), stays.row()))
    gone = [mark for one in (wang, imported, by_hand) for mark in one.marks]

    with town(database) as lyceum:
        headers = token(lyceum, "administrator-1")
        lyceum_cli(database, "import", "volunteers", str(sheet))
        with (
            serving(database, 1, log, LYCEUM_SECRET=secrets.token_hex(32)) as address,
            httpx2.Client(timeout=PATIENCE_S) as http,
        ):
            client = Client(address, http, headers)
            _write(client, wang, imported)
            lyceum.views.catch_up()
            plan_week(lyceum, TOWN, WEEK, effort=Effort(5, 1))
            release_week(lyceum, TOWN, WEEK, "First")
            feeds = [
                client.post(f"/volunteers/{one.key}/feeds", json={"form": form}).json()["url"]
                for one in (wang, imported)
                for form in ("calendar", "free-busy")
            ]
            before = everything(client, feeds)
            assert found(gone, files) >= {wang.words["name"], imported.words["name"], by_hand.words["phone"]}
            assert all(one.words["name"].encode() in before for one in (wang, imported, by_hand))

            for one in (wang, imported):
                assert client.post(f"/people/{one.key}/volunteer/erase").json()["kept"] is False
            told = lyceum_cli(database, "forget", "--volunteer", by_hand.key, "--yes")
            after = everything(client, feeds)
            left = found(gone, files, log)
            assert client.get("/people/wang/volunteer").status_code == 404
            assert [http.get(feed).status_code for feed in feeds] == [404] * 4
            assert _led_by(client, "wang")
        left |= found(gone, files, log)

    assert left == set()
    assert [mark for mark in gone if mark.encode() in after or mark in told] == []
    assert found(stays.marks, files) == set(stays.marks)
    assert stays.words["name"].encode() in after


def _write(client: Client, wang: Marked, imported: Marked) -> None:
    """Everything that makes the program hold personal data, twice where a second time leaves other traces."""
    for prefix, who in (("", "volunteer"), ("guardian_", "guardian")):
        for name in ("draft of " + wang.words[prefix + "name"], wang.words[prefix + "name"]):
            body = {**wang.record(prefix), "name": name}
            assert client.post(f"/people/wang/{who}", json=body).status_code == 200
        assert client.get(f"/people/wang/{who}").json()["phone"] == wang.words[prefix + "phone"]
    refused = client.post("/people/wang/volunteer", json={**wang.record(), "nickname": wang.words["name"]})
    assert refused.status_code == 422
    account = {"email": wang.words["email"], "grants": [{"role": "volunteer", "within": "wang"}]}
    assert client.post("/accounts", json=account).status_code == 201
    media = {"content-type": "text/csv"}
    wrong = {
        **imported.row(),
        "home_area": imported.words["address"],
        "roles": imported.words["phone"],
    }
    odd = {**imported.row(), "hours": "Mo-Su 00:00-24:00"}
    sent = "/imports/volunteers"
    assert client.post(sent, content=table(wrong), headers=media).status_code == 422
    assert (
        client.post(f"{sent}?dry_run=true", content=table(imported.row()), headers=media).status_code == 200
    )
    assert client.post(sent, content=table(odd), headers=media).status_code == 409
    assert client.post(f"{sent}?accept_warnings=true", content=table(odd), headers=media).status_code == 200
    assert client.post(sent, content=table(imported.row()), headers=media).json()["imported"]


def _led_by(client: Client, key: str) -> list[Any]:
    """The released sessions that a volunteer leads, by id."""
    sessions = client.get(f"/weeks/town/{WEEK}/releases/1").json()["sessions"]
    return [one for one in sessions if str(volunteer_id(key)) in one["leads"]]
