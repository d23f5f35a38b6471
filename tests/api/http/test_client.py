"""A client that a program makes from the description works: typed answers, typed problems, pages, commands."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
import uvicorn
from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from api.http.server import create_app
from api.http.settings import Settings
from tests.adapters.town import town
from tests.api.http.conftest import someone

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 60


class Generated:
    """The package that was made, below a name of its own."""

    def __init__(self, folder: Path, document: dict[str, Any]) -> None:
        self.folder, self.document = folder, document

    def module(self, name: str) -> ModuleType:
        return importlib.import_module(f"lyceum_client.{name}")

    def call(self, operation: str, client: Any, *path: str, **given: Any) -> Any:
        """The answer of one operation, with its status, headers and what was read of it."""
        (tag,) = [
            one["tags"][0]
            for item in self.document["paths"].values()
            for one in item.values()
            if one["operationId"] == operation
        ]
        return self.module(f"api.{tag.replace('-', '_')}.{operation}").sync_detailed(
            *path, client=client, **given
        )


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generated]:
    """Made from the document as it is served, and without a single warning."""
    folder = tmp_path_factory.mktemp("client")
    with town("memory:") as lyceum, TestClient(create_app(Settings(), lyceum=lyceum)) as client:
        document = client.get("/v1/openapi.json").json()
    (folder / "openapi.json").write_text(json.dumps(document))
    command = [
        *(sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"),
        *("--path", "openapi.json", "--config", str(ROOT / "docs" / "client.yml"), "--output-path", "made"),
    ]
    ended = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "WARNING" not in ended.stdout + ended.stderr
    sys.path.insert(0, str(folder / "made"))
    try:
        yield Generated(folder / "made" / "lyceum_client", document)
    finally:
        sys.path.remove(str(folder / "made"))
        for name in [one for one in sys.modules if one.partition(".")[0] == "lyceum_client"]:
            del sys.modules[name]


@pytest.fixture
def address(lyceum: Lyceum) -> Iterator[str]:
    """The interface on a port of its own."""
    app = create_app(Settings(), lyceum=lyceum, clock=lyceum.clock)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    began = time.monotonic()
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() - began < PATIENCE_S
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)


def test_no_operation_is_left_out_and_every_module_can_be_imported(generated: Generated) -> None:
    operations = {
        one["operationId"] for item in generated.document["paths"].values() for one in item.values()
    }
    made = {file.stem: file for file in (generated.folder / "api").glob("*/*.py") if file.stem != "__init__"}

    assert set(made) == operations
    for name, file in made.items():
        module = generated.module(f"api.{file.parent.name}.{name}")
        assert callable(module.sync_detailed)
        assert callable(module.asyncio_detailed)


def test_a_client_signs_in_reads_writes_and_is_refused_in_types(
    generated: Generated, lyceum: Lyceum, client: TestClient, address: str
) -> None:
    token = str(someone(lyceum, client, ("administrator", None)).token)
    whole = generated.module("client")
    models = generated.module("models")
    call = generated.call
    with whole.AuthenticatedClient(address, token, raise_on_unexpected_status=True) as own:
        me = call("read_me", own)
        room = models.Opened.from_dict({"key": "attic", "name": "Attic", "capacity": 12})
        key = str(uuid4())
        made = call("open_room", own, "school", body=room, idempotency_key=key)
        again = call("open_room", own, "school", body=room, idempotency_key=key)
        read = call("read_room", own, "school", "attic")
        venue = call("read_venue", own, "school")
        known = call("read_venue", own, "school", if_none_match=venue.headers["etag"])
        late = call(
            "withdraw_room",
            own,
            "school",
            "attic",
            body=models.Withdrawn.from_dict({"why": "damp"}),
            if_match='"1"',
        )
        missing = call("read_area", own, "nowhere")
        pages = list(_pages(generated, own))
    with whole.Client(address) as nobody:
        refused = call("list_venues", nobody)
        area = call("read_area", nobody, "river")

    assert me.parsed.actor == "administrator"
    assert (made.status_code, again.status_code) == (200, 200)
    assert made.content == again.content
    assert (read.parsed.key, read.parsed.capacity) == ("attic", 12)
    assert known.status_code == 304
    assert (late.status_code, late.parsed.status, late.parsed.type_.value) == (
        412, 412, "/v1/problems/changed-meanwhile"
    )  # fmt: skip
    assert isinstance(missing.parsed, models.Problem)
    assert "nowhere" in missing.parsed.detail
    assert (refused.status_code, refused.parsed.next_) == (401, refused.parsed.to_dict()["next"])
    assert area.parsed.codes
    assert pages == [["hill"], ["river"], ["town"]]


def _pages(generated: Generated, client: Any) -> Iterator[list[str]]:
    """The keys of the areas, page by page."""
    unset = generated.module("types").UNSET
    cursor = unset
    while cursor is not None:
        page = generated.call("list_areas", client, limit=1, cursor=cursor).parsed
        yield [one.key for one in page.items]
        cursor = page.next_
