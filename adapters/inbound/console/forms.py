"""Forms: their inputs, what a posted one holds (limited in size), and its conversion to the values of the API's
models."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from adapters.inbound.console.page_request import LONGEST_FORM
from adapters.inbound.server.limits import LIMITS
from adapters.inbound.server.reading import MalformedJson, is_plain, media_type_of, parse, read_up_to
from core.model.shared.errors import BadInput

FILE = "file"
"""The one field that may be a file."""
_PLAIN, _WITH_FILES = "application/x-www-form-urlencoded", "multipart/form-data"
_MOST_FIELDS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One input. `name` is its path in the values, joined by dots. `kind` is text, secret, number, choice, check,
    lines, pairs, long or json. `value` is its content as text ('on' for a check). `default` applies if it is not
    changed. `options` are values and their labels."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    help: str = ""
    required: bool = False
    default: Any = None
    options: Mapping[str, str] = field(default_factory=dict)
    group: str = ""


def text_of(kind: str, value: Any) -> str:
    match kind, value:
        case _, None:
            return ""
        case "check", _:
            return "on" if value else ""
        case "lines", list():
            return "\n".join(map(str, value))
        case "pairs", dict():
            return "\n".join(f"{name} = {one}" for name, one in value.items())
        case "json", _:
            return json.dumps(value, ensure_ascii=False)
    return str(value)


async def read_form(request: web.Request, longest: int = LONGEST_FORM) -> dict[str, str]:
    """The fields; of fields with the same name, the last. Empty if the body is not a form.

    A file's content is text in which bytes that are not UTF-8 are lone surrogates, so that its reader can report them.
    Raises BadInput for a form that no browser sends, BodyTooSlow, and aiohttp's 413 for more than `longest` bytes.
    """
    kind = media_type_of(request)
    if kind not in (_PLAIN, _WITH_FILES) or not is_plain(request):
        return {}
    body = await read_up_to(request, longest, seconds=LIMITS.body_seconds)
    try:
        fields = dict(_parts(request, body) if kind == _WITH_FILES else _pairs(body))
    except (ValueError, LookupError, RecursionError) as error:
        raise _unreadable() from error
    if any("\0" in text for name, value in fields.items() if name != FILE for text in (name, value)):
        raise _unreadable()  # PostgreSQL cannot store this character
    return fields


def _pairs(body: bytes) -> Iterator[tuple[str, str]]:
    yield from parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)


def _parts(request: web.Request, body: bytes) -> Iterator[tuple[str, str]]:
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    message = BytesParser(EmailMessage, policy=HTTP).parsebytes(head + body)
    if not message.is_multipart():
        raise ValueError("no parts")
    for part in message.iter_parts():
        name, content = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        is_file = name == FILE and part.get_filename() is not None
        match name, content:
            case str(), bytes():
                yield name, content.decode("utf-8", "surrogateescape" if is_file else "strict")
            case _:
                raise LookupError("a part that is no field")


def _unreadable() -> BadInput:
    return BadInput("This form cannot be read.", fix="Load the page again and fill in the form again.")


def parsed(field: Field, text: str) -> Any:
    """The value; None for an empty input. Text that is not a number or JSON stays text, for the model to report."""
    if field.kind == "check":
        return bool(text) if bool(text) is not bool(field.default) else None
    if not text.strip():
        return None
    match field.kind:
        case "lines":
            return [line.strip() for line in text.splitlines() if line.strip()]
        case "pairs":
            pairs = (line.partition("=") for line in text.splitlines() if line.strip())
            return {name.strip(): value.strip() for name, _, value in pairs}
        case "number" | "json":
            try:
                return parse(text.encode())
            except MalformedJson:
                return text
    return text if field.kind == "long" else text.strip()


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn values with dotted names into nested objects, without values that are None."""
    whole: dict[str, Any] = {}
    for name, value in values.items():
        if value is not None:
            place = whole
            *path, last = name.split(".")
            for step in path:
                place = place.setdefault(step, {})
            place[last] = value
    return whole


def problems_of(error: BadInput, *, below: str = "") -> dict[str, str]:
    """Error texts by field name. `below` is the pointer of the object that holds the form's fields."""
    return {one.pointer.removeprefix(below).strip("/").replace("/", "."): one.detail for one in error.errors}


def without_input(problems: Mapping[str, str], fields: Sequence[Field]) -> list[str]:
    """The problems that belong to no input of the form, in words."""
    names = {one.name for one in fields}
    return [f"{name}: {text}" for name, text in problems.items() if name not in names]
