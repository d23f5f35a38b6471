"""Print the description of the interface, for the programs that judge it."""

from __future__ import annotations

import json
import sys

from starlette.testclient import TestClient

from api.http.server import create_app
from api.http.settings import Settings


def main() -> None:
    with TestClient(create_app(Settings("memory:"))) as client:
        json.dump(client.get("/v1/openapi.json").json(), sys.stdout, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()
