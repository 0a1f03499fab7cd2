"""Reads a request into its model, or raises errors with pointers to the wrong fields."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from adapters.inbound.server.body import MalformedJson, is_plain, parse, read_up_to
from adapters.inbound.server.limits import BODY_LIMIT, LIMITS
from core.model.shared.errors import BadInput, CallerMends, FieldError

In = TypeVar("In", bound=BaseModel)
_MEDIA_TYPES = ("application/json", "application/merge-patch+json")


async def read_body(request: web.Request, model: type[In], *, seconds: float = LIMITS.body_seconds) -> In:
    """Read a JSON body. Raises MalformedJson, BadInput, BodyTooSlow, CallerMends, or aiohttp's 413 and 415."""
    require_plain(request)
    body = await read_up_to(request, BODY_LIMIT, seconds=seconds)
    if not body:
        if any(field.is_required() for field in model.model_fields.values()):
            raise MalformedJson("The body is empty.", fix="Send one JSON object in UTF-8.")
        return _validated(model, b"{}")
    if request.content_type not in _MEDIA_TYPES:
        raise web.HTTPUnsupportedMediaType
    document = parse(body)
    if refused := [FieldError(pointer, "holds the character U+0000") for pointer in _nul_characters(document)]:
        raise _invalid(refused)
    return _validated(model, body)


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
    if refused := [FieldError(pointer, "holds the character U+0000") for pointer in _nul_characters(values)]:
        raise _invalid(refused)
    try:
        return model.model_validate(values, strict=False)
    except ValidationError as error:
        raise _invalid(_field_errors(error)) from error


def read_document(document: object, model: type[In]) -> In:
    """Read a document that is not a body by the same rules. Raises BadInput."""
    if refused := [FieldError(pointer, "holds the character U+0000") for pointer in _nul_characters(document)]:
        raise _invalid(refused)
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
