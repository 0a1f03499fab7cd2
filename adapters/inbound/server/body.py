"""A request's body: so much of it, in so much time, and as JSON that everybody reads the same."""

from __future__ import annotations

import asyncio
import json
import math
from collections import Counter

from aiohttp import web
from pydantic_core import from_json

from adapters.net.bounded_json import require_shallow
from core.model.shared.errors import BadInput, FieldError, TimeMends


class MalformedJson(BadInput):
    """The body is no JSON text at all."""

    default_code = "MALFORMED_JSON"


class BodyTooSlow(TimeMends):
    """The body did not arrive in time; the same one may on a better line."""

    default_code = "BODY_TOO_SLOW"


def is_plain(request: web.Request) -> bool:
    """Compressed bodies are not unpacked: a small one may hold any amount."""
    content = [value.strip().lower() for value in request.headers.getall("Content-Encoding", ())]
    transfer = [value.strip().lower() for value in request.headers.getall("Transfer-Encoding", ())]
    return content in ([], ["identity"]) and transfer in ([], ["chunked"])


async def read_up_to(request: web.Request, limit: int, *, seconds: float) -> bytes:
    """The body, whatever length it says it has. Raises HTTPRequestEntityTooLarge, BodyTooSlow or MalformedJson."""
    if (request.content_length or 0) > limit:
        raise web.HTTPRequestEntityTooLarge(limit)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            while chunk := await request.content.readany():
                body += chunk
                if len(body) > limit:
                    raise web.HTTPRequestEntityTooLarge(limit)
    except TimeoutError as error:
        raise BodyTooSlow(f"The body did not arrive within {seconds:g} seconds.", fix="Send it faster.") from error
    except (web.RequestPayloadError, ConnectionError) as error:
        raise MalformedJson("The body ended too early or is badly framed.", fix="Correct the client.") from error
    return bytes(body)


def parse(body: bytes) -> object:
    """One JSON text, not too deep and with every name of an object once. Raises MalformedJson."""
    try:
        document: object = from_json(body, allow_inf_nan=False)
        require_shallow(document)
        # Of two fields with one name, readers take one or the other: whoever checked it may have read another one.
        json.loads(body, object_pairs_hook=_once, parse_float=_finite)
    except ValueError as error:
        raise MalformedJson(
            f"The body is not JSON: {error}.", fix="Send one JSON object in UTF-8.", errors=[FieldError("", str(error))]
        ) from error
    return document


def _finite(number: str) -> float:
    """1e999 is a JSON number that no float can hold: it would become infinity, which is none."""
    if math.isinf(value := float(number)):
        raise ValueError("a number is too large")
    return value


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    seen = dict(pairs)
    if len(seen) < len(pairs):
        twice = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise ValueError(f"the name {json.dumps(twice[:60])} stands twice in one object")
    return seen
