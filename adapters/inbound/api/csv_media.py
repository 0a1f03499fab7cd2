"""Routes that support text/csv and JSON: which of the two a request uses, and reading a CSV body."""

from __future__ import annotations

import re

from aiohttp import web

from adapters.inbound.server.body import read_up_to
from adapters.inbound.server.reading import require_plain

CSV, JSON = "text/csv", "application/json"
_UTF_8 = ("utf-8", "utf8")
_QUALITY = re.compile(r"^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\Z", re.ASCII)


def speaks_csv(request: web.Request) -> bool:
    """Whether a GET prefers CSV by its Accept header, or another method has a CSV body. JSON wins a tie."""
    if request.method in ("GET", "HEAD"):
        accepted = ",".join(request.headers.getall("Accept", []))
        return _quality(accepted, CSV) > _quality(accepted, JSON)
    return request.content_type == CSV


async def read_csv_body(request: web.Request, most: int, seconds: float) -> bytes:
    """The body. Raises BodyTooSlow, CallerMends, aiohttp's 413 and, for another character set than UTF-8, 415."""
    if (request.charset or "utf-8").lower() not in _UTF_8:
        raise web.HTTPUnsupportedMediaType
    require_plain(request)
    return await read_up_to(request, most, seconds=seconds)


def _quality(accepted: str, media_type: str) -> int:
    """The quality of a media type, 0 to 1000: the most specific entry decides."""
    wanted: dict[str, int] = {}
    for part in accepted.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weights = [found.group(1) for one in parameters if (found := _QUALITY.match(one))]
        whole, _, fraction = (weights[0] if weights else "1").partition(".")
        wanted[name] = int(whole + fraction.ljust(3, "0"))
    names = (media_type, media_type.partition("/")[0] + "/*", "*/*")
    return next((wanted[name] for name in names if name in wanted), 0)
