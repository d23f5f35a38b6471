"""Fields of forms for a role that is given."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from api.http.framework.operations import Form


class Grant(Form):
    """`within` is the key of a host's venue, a volunteer, or the area of a coordinator or community; else null."""

    role: Literal["host", "volunteer", "community", "coordinator", "administrator", "auditor"]
    within: Annotated[str, Field(min_length=1, max_length=200, examples=["school"])] | None = None
