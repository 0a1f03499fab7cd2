"""Reads a posted form into text fields, limited in size."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from aiohttp import web

from adapters.inbound.console.page_request import LONGEST_FORM
from adapters.inbound.server.limits import LIMITS
from adapters.inbound.server.reading import is_plain, read_up_to
from core.model.shared.errors import BadInput

FILE = "file"
"""The one field that may be a file."""
_PLAIN, _WITH_FILES = "application/x-www-form-urlencoded", "multipart/form-data"
_MOST_FIELDS = 1000


async def read_form(request: web.Request, longest: int = LONGEST_FORM) -> dict[str, str]:
    """The fields; of fields with the same name, the last. Empty if the body is not a form.

    A file's content is text in which bytes that are not UTF-8 are lone surrogates, so that its reader can report them.
    Raises BadInput for a form that no browser sends, BodyTooSlow, and aiohttp's 413 for more than `longest` bytes.
    """
    if request.content_type not in (_PLAIN, _WITH_FILES) or not is_plain(request):
        return {}
    body = await read_up_to(request, longest, seconds=LIMITS.body_seconds)
    try:
        fields = dict(_parts(request, body) if request.content_type == _WITH_FILES else _pairs(body))
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
