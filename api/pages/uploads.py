"""Forms with a file (multipart/form-data): fields, and the files that somebody chose."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from api.http.errors import HttpProblem
from api.pages.page import Page
from domain.messages import message

MULTIPART = "multipart/form-data"
MOST_FIELDS = 60
MOST_FIELD_BYTES = 200_000


class Uploads(dict[str, str]):
    """The fields of a form, and the content of each file in it by the name of its field."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, bytes] = {}


async def uploads_of(page: Page) -> Uploads:
    """What a form with a file says. A file has the limits that the interface has for one. Raises a problem."""
    request, bodies = page.request, page.client.app_state.bodies
    if not request.headers.get("content-type", "").startswith(MULTIPART):
        raise HttpProblem("wrong-media-type", message("this form is sent as {media}", media=MULTIPART))
    uploads = Uploads()
    limit = bodies.limit_of(public=not page.viewer.is_signed_in, is_file=True)
    async with bodies.read(request, page.viewer.actor, limit, is_file=True) as body:

        async def stream() -> AsyncGenerator[bytes, None]:
            yield body

        parser = MultiPartParser(
            request.headers,
            stream(),
            max_files=1,
            max_fields=MOST_FIELDS,
            max_part_size=MOST_FIELD_BYTES,
        )
        try:
            form = await parser.parse()
        except MultiPartException as error:
            raise HttpProblem(
                "invalid", message("the form could not be read: {reason}", reason=error.message)
            ) from None
    try:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                uploads.files[name] = await value.read()
            else:
                uploads[name] = f"{uploads[name]}\n{value}" if name in uploads else value
    finally:
        await form.close()
    return uploads
