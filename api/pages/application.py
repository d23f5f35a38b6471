"""The pages of the application: which there are, and how they stand beside the interface."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from api.http.framework.route_index import RouteIndex
from api.http.server import create_app
from api.http.settings import Settings
from api.pages import assets, home, sign_in, venues
from api.pages.desk import desk_page
from api.pages.routes import DeclaredPage, Pages
from api.pages.weeks import (
    branch_pages,
    history_pages,
    job_pages,
    planning_pages,
    release_pages,
    session_card,
    session_list,
    session_moves,
    unserved_tray,
    week_overview,
)

SUBJECTS: tuple[Pages, ...] = (
    home.pages,
    venues.pages,
    week_overview.pages,
    desk_page.pages,
    session_list.pages,
    session_card.pages,
    session_moves.pages,
    planning_pages.pages,
    job_pages.pages,
    release_pages.pages,
    unserved_tray.pages,
    branch_pages.pages,
    history_pages.pages,
)


def declared_pages() -> tuple[DeclaredPage, ...]:
    """All pages that there are, for whoever walks over them."""
    return tuple(each for subject in SUBJECTS for each in subject.declared)


LEAST_COMPRESSED = 1000  # bytes; below that an answer gets no shorter


def create_site(settings: Settings, **options: Any) -> FastAPI:
    """The interface with the pages beside it; `options` are those of `create_app`."""
    app = create_app(settings, **options)
    install(app)
    app.add_middleware(GZipMiddleware, minimum_size=LEAST_COMPRESSED, compresslevel=5)
    return app


def install(app: FastAPI) -> None:
    """Put the pages and their assets beside the operations, which they ask."""
    (route_index,) = (route for route in app.router.routes if isinstance(route, RouteIndex))
    app.router.routes.append(assets.route)
    app.include_router(sign_in.router)
    for subject in SUBJECTS:
        app.router.routes.extend(subject.routes(route_index))
