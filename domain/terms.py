"""Terms: the words of codes that stand in sentences, such as the status of a request."""

from __future__ import annotations

from domain.messages import message

# Statuses of a request, parts of the network, whose diary it is, roles, kinds of words in the catalogue.
TERMS: dict[str, str] = {
    term: term
    for term in (
        message("submitted"),
        message("screened"),
        message("accepted"),
        message("scheduled"),
        message("running"),
        message("completed"),
        message("declined"),
        message("withdrawn"),
        message("area"),
        message("venue"),
        message("room"),
        message("volunteer"),
        message("request"),
        message("community"),
        message("administrator"),
        message("auditor"),
        message("coordinator"),
        message("host"),
        message("lead"),
        message("assistant"),
        message("function"),
        message("topic"),
        message("form"),
        message("audience"),
    )
}


def term(code: str) -> str:
    """The word of a code, as a message; the code itself where it is none of these."""
    return TERMS.get(code, code)
