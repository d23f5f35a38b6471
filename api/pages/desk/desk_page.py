"""The coordinator's desk: a page around the grid, whose modules ask the operations of the week by themselves."""

from __future__ import annotations

from starlette.responses import Response

from api.pages.desk.desk_words import words_of_desk
from api.pages.page import Page
from api.pages.routes import Pages
from api.pages.weeks.week_records import week_page

pages = Pages()

SESSION = "/sessions/{request}/{session}"


@pages.get("/weeks/{area}/{week}/desk", may="weeks.draft.read")
async def desk(page: Page, area: str, week: str) -> Response:
    """The frame, and in a data block what the modules need: addresses, words, and the token of this sign-in."""
    about = await week_page(page, area, week)
    operations, here = f"/v1{about.path}", about.path
    urls = {
        "desk": f"{operations}/desk",
        "places": f"{operations}{SESSION}/places",
        "suggestions": f"{operations}{SESSION}/suggestions",
        "moves": f"{operations}/moves",
        "try": f"{operations}/moves/try",
        "pins": f"{operations}/pins",
        "lift": f"{operations}/pins/{{request}}/{{session}}/lift",
        "drops": f"{operations}/drops",
        "undo": f"{operations}/undo",
        "redo": f"{operations}/redo",
        "explain": f"{operations}/explain",
        "job": "/v1/jobs/{job}",
        "job_result": "/v1/jobs/{job}/result",
        "request_page": "/requests/{request}",
        "history_page": f"{here}{SESSION}",
        "venue_page": "/venues/{venue}",
        "what_if_page": f"{here}/unserved?request={{request}}&way={{way}}",
    }
    data = {
        "area": area,
        "week": week,
        "urls": urls,
        "csrf": page.csrf,
        "words": words_of_desk(page.language),
        "lang": page.language.tag,
        "today": page.today.isoformat(),
    }
    return page.show("desk/desk.html", about=about, data=data)
