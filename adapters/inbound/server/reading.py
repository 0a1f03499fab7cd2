"""Reads a request: its body, limited in size and time, and as JSON that every parser reads the same; then its model, or
errors with pointers to the wrong fields."""

from __future__ import annotations

import asyncio
import json
import math
from collections import Counter
from collections.abc import Iterator
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from adapters.inbound.server.limits import BODY_LIMIT, LIMITS
from adapters.net.bounded_json import require_shallow
from core.model.shared.errors import BadInput, CallerMends, FieldError, TimeMends

In = TypeVar("In", bound=BaseModel)
_MEDIA_TYPES = ("application/json", "application/merge-patch+json")


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


async def read_body(request: web.Request, model: type[In], *, seconds: float = LIMITS.body_seconds) -> In:
    """Read a JSON body. Raises MalformedJson, BadInput, BodyTooSlow, CallerMends, or aiohttp's 413 and 415."""
    require_plain(request)
    body = await read_up_to(request, BODY_LIMIT, seconds=seconds)
    if not body:
        if any(field.is_required() for field in model.model_fields.values()):
            raise MalformedJson("The body is empty.", fix="Send one JSON object in UTF-8.")
        return _validated(model, b"{}")
    if media_type_of(request) not in _MEDIA_TYPES:
        raise web.HTTPUnsupportedMediaType
    _refuse_nul(parse(body))
    return _validated(model, body)


def media_type_of(request: web.Request) -> str:
    """In lower case; `application/octet-stream` for a Content-Type that cannot be read."""
    try:
        return request.content_type
    except Exception:  # Python's parser of it has ends that nobody describes: `text/csv; a*0*` is an IndexError
        return "application/octet-stream"


def require_plain(request: web.Request) -> None:
    """Raises CallerMends (CONTENT_ENCODING_NOT_SUPPORTED)."""
    if not is_plain(request):
        raise CallerMends(
            "Compressed bodies are not supported.",
            code="CONTENT_ENCODING_NOT_SUPPORTED",
            fix="Send the body uncompressed, without Content-Encoding. The only allowed Transfer-Encoding is chunked.",
        )


def read_query(request: web.Request, model: type[In]) -> In:
    """Read a query. A repeated parameter counts as its values separated by commas. Raises BadInput."""
    values = {name: ",".join(request.query.getall(name)) for name in request.query}
    _refuse_nul(values)
    try:
        return model.model_validate(values, strict=False)
    except ValidationError as error:
        raise _invalid(_field_errors(error)) from error


def read_document(document: object, model: type[In]) -> In:
    """Read a document that is not a body by the same rules. Raises BadInput."""
    _refuse_nul(document)
    return _validated(model, json.dumps(document).encode())


def _validated(model: type[In], body: bytes) -> In:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise _invalid(_field_errors(error)) from error


def _invalid(errors: list[FieldError]) -> BadInput:
    where = "; ".join(f"{e.pointer or 'the body'}: {e.detail}" for e in errors)
    return BadInput(f"The request is not valid: {where}.", fix="Correct the named fields.", errors=errors)


def _field_errors(error: ValidationError) -> list[FieldError]:
    """Pydantic's errors without the values."""
    return [
        FieldError(_pointer(one["loc"]), _in_words(one["type"], one["msg"]))
        for one in error.errors(include_url=False, include_input=False, include_context=False)
    ]


def _pointer(parts: tuple[int | str, ...]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _in_words(kind: str, message: str) -> str:
    match kind:
        case "missing":
            return "is required"
        case "extra_forbidden":
            return "is not a known field"
    return message[:1].lower() + message[1:]


def _refuse_nul(document: object) -> None:
    if refused := [FieldError(pointer, "holds the character U+0000") for pointer in _nul_characters(document)]:
        raise _invalid(refused)


def _nul_characters(value: object, pointer: str = "") -> Iterator[str]:
    """Pointers to strings with U+0000, the one character that PostgreSQL cannot store."""
    match value:
        case str() if "\x00" in value:
            yield pointer
        case dict():
            for key, inner in value.items():
                here = pointer + _pointer((key.replace("\x00", ""),))
                if "\x00" in key:
                    yield here
                yield from _nul_characters(inner, here)
        case list():
            for index, inner in enumerate(value):
                yield from _nul_characters(inner, f"{pointer}/{index}")
