"""Administration: the pages that are rarely used, and what each is for."""

from __future__ import annotations

from starlette.responses import Response

from api.pages.page import Page
from api.pages.places import ADMINISTRATION
from api.pages.routes import Pages

pages = Pages()


@pages.get("/administration", may="me.read")
async def administration(page: Page) -> Response:
    words = page.language.gettext
    places = [
        (path, words(name), words(about)) for path, name, about, may in ADMINISTRATION if page.viewer.may(may)
    ]
    return page.show("administration.html", places=places)
