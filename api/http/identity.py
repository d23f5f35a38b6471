"""Decide who asks: whose bearer token it is, or nobody in particular."""

from __future__ import annotations

from starlette.requests import Request

from adapters.credentials import find_credential
from api.http.house import House
from api.http.problems import Problem
from api.http.roles import NOBODY, Caller

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="lyceum"'}


def caller_of(house: House, request: Request) -> Caller:
    """Raises a problem where a credential is given and is not good: a wrong one is never taken for none."""
    header = request.headers.get("authorization")
    if header is None:
        return NOBODY
    scheme, _, token = header.partition(" ")
    found = None
    if scheme.lower() == "bearer" and token.strip():
        found = find_credential(house.lyceum.store, token.strip(), house.lyceum.clock())
    if found is None:
        raise Problem("not-signed-in", "the token is unknown, revoked or expired", headers=CHALLENGE)
    return Caller(found.actor, found.grants)
