"""The id of a request: on its answer, in its errors, and on each of its lines in the log, so that it can be quoted."""

from __future__ import annotations

import re
import secrets

from aiohttp import web

HEADER = "X-Request-Id"
_HARMLESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_ID = web.RequestKey("request_id", str)


def new_request_id() -> str:
    return secrets.token_hex(8)


def request_id_of(request: web.BaseRequest) -> str:
    """The caller's own id for the request if it is short and plain, else a new one; always the same for a request."""
    known = request.get(_ID)
    if known is None:
        given = request.headers.getall(HEADER, [])
        taken = len(given) == 1 and _HARMLESS.fullmatch(given[0])
        known = request[_ID] = given[0] if taken else new_request_id()
    return known
