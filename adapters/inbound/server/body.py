"""Reads a request's body: limited in size and time, and as JSON that every parser reads the same."""

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
    """The body is not JSON."""

    default_code = "MALFORMED_JSON"


class BodyTooSlow(TimeMends):
    """The body did not arrive in time; a repeated request may succeed."""

    default_code = "BODY_TOO_SLOW"


def is_plain(request: web.Request) -> bool:
    """Whether the body is not compressed. Compressed bodies are refused: a small one may unpack to any size."""
    content = [value.strip().lower() for value in request.headers.getall("Content-Encoding", ())]
    transfer = [value.strip().lower() for value in request.headers.getall("Transfer-Encoding", ())]
    return content in ([], ["identity"]) and transfer in ([], ["chunked"])


async def read_up_to(request: web.Request, limit: int, *, seconds: float) -> bytes:
    """The body, `limit` bytes at most. Raises HTTPRequestEntityTooLarge, BodyTooSlow or MalformedJson."""
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
    """Parse one JSON text. Raises MalformedJson, also if it is nested too deep or an object repeats a name."""
    try:
        document: object = from_json(body, allow_inf_nan=False)
        require_shallow(document)
        # Parsers differ in which of two equal names they use, so a check could see another value than the code.
        json.loads(body, object_pairs_hook=_once, parse_float=_finite)
    except ValueError as error:
        raise MalformedJson(
            f"The body is not JSON: {error}.", fix="Send one JSON object in UTF-8.", errors=[FieldError("", str(error))]
        ) from error
    return document


def _finite(number: str) -> float:
    """Refuses numbers such as 1e999, which would become infinity."""
    if math.isinf(value := float(number)):
        raise ValueError("a number is too large")
    return value


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    seen = dict(pairs)
    if len(seen) < len(pairs):
        twice = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise ValueError(f"the name {json.dumps(twice[:60])} is twice in one object")
    return seen
