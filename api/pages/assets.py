"""Assets of pages: style sheets, scripts and pictures, served as committed, under an address with their hash."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PREFIX = "/assets/"
MEDIA = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json"}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    media: str


@cache
def assets() -> dict[str, Asset]:
    """All assets by their path below `assets/`."""
    return dict(_walked(files("api.pages") / "assets", ""))


def _walked(folder: Traversable, path: str) -> list[tuple[str, Asset]]:
    assets_there: list[tuple[str, Asset]] = []
    for entry in folder.iterdir():
        name = path + entry.name
        if entry.is_dir():
            assets_there += _walked(entry, name + "/")
        elif (media := MEDIA.get(name[name.rfind(".") :])) is not None:
            assets_there.append((name, Asset(entry.read_bytes(), media)))
    return assets_there


@cache
def release() -> str:
    """One hash of all assets: modules import each other by relative addresses, which must lead to the same version."""
    digest = hashlib.sha256()
    for name, asset in sorted(assets().items()):
        digest.update(name.encode() + b"\0" + asset.content + b"\0")
    return digest.hexdigest()[:16]


def address(name: str) -> str:
    """Where a browser finds an asset. Raises LookupError where there is none of that name."""
    if name not in assets():
        raise LookupError(f"there is no asset {name}; look into api/pages/assets")
    return f"{PREFIX}{release()}/{name}"


async def serve(request: Request) -> Response:
    """An asset by its address; one of another version is answered too, but not for ever."""
    asset = assets().get(request.path_params["name"])
    if asset is None:
        return Response(status_code=404)
    lasting = _FOR_EVER if request.path_params["release"] == release() else "no-cache"
    headers = {"Cache-Control": lasting, "X-Content-Type-Options": "nosniff"}
    return Response(asset.content, 200, headers, f"{asset.media}; charset=utf-8")


route = Route(PREFIX + "{release}/{name:path}", serve, include_in_schema=False)
