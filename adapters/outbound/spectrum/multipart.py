"""Finds the one XML part of a multipart answer, which gateways make of SOAP with attachments."""

from __future__ import annotations

import binascii
import re
from itertools import pairwise

_BOUNDARY = re.compile(r"""\bboundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))""", re.IGNORECASE)
_PART = re.compile(rb"(.*?)\r?\n\r?\n(.*)", re.DOTALL)
_PART_TYPE = re.compile(rb"^content-type:[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.IGNORECASE | re.MULTILINE)
_PART_CODED = re.compile(
    rb"""^content-transfer-encoding:[ \t]*"?(base64|quoted-printable)""", re.IGNORECASE | re.MULTILINE
)
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/\s]")
_MOST_PARTS = 20


class Unreadable(ValueError):
    """The bytes are not one XML text; the message says why. `cut`: the end of the text is missing."""

    def __init__(self, message: str, *, cut: bool = False) -> None:
        super().__init__(message)
        self.cut = cut


def xml_part(body: bytes, content_type: str) -> tuple[bytes, str]:
    """Return the one XML part of a multipart body and its Content-Type; any other body as it is.

    Raises Unreadable. A body without the line that closes it is cut.
    """
    if not content_type.lstrip().lower().startswith("multipart/") or body.lstrip()[:1] == b"<":
        return body, content_type
    marks = _marks(body, content_type)
    if not marks or not marks[-1][1]:
        raise Unreadable("The multipart answer is cut off.", cut=len(marks) <= _MOST_PARTS)
    if body[marks[-1].end() :].strip():
        raise Unreadable("Something follows the end of the multipart answer.")
    pieces = [body[mark.end() : following.start()] for mark, following in pairwise(marks)]
    found = [part for part in map(_xml, pieces) if part]
    if len(found) != 1:
        raise Unreadable(f"The multipart answer has {len(found)} XML parts instead of one.")
    return found[0]


def all_parts(body: bytes, content_type: str) -> list[tuple[bytes, str]]:
    """Return every part of a multipart body that `xml_part` does not read, as far as it is there, and its Content-Type.
    A body in which no part can be found is one part."""
    try:
        marks = _marks(body, content_type)
    except Unreadable:
        return [(body, "")]
    ends = [*(mark.start() for mark in marks[1:]), len(body)]
    pieces = [body[mark.end() : end] for mark, end in zip(marks, ends, strict=False)]
    return [_whatever_is_there(piece) for piece in pieces] or [(body, "")]


def _marks(body: bytes, content_type: str) -> list[re.Match[bytes]]:
    """Return the lines between the parts; `[1]` of the closing one is set. Raises Unreadable if none are named."""
    named = _BOUNDARY.search(content_type)
    if named is None:
        raise Unreadable("The multipart answer does not name its boundary.")
    boundary = re.escape((named[1] or named[2]).encode("utf-8", "surrogateescape"))
    marks = []
    for mark in re.finditer(rb"(?:\A|\r?\n)--" + boundary + rb"(--)?[ \t]*(?=\r?\n|\Z)", body):
        marks.append(mark)
        if mark[1] or len(marks) > _MOST_PARTS:
            break
    return marks


def _xml(piece: bytes) -> tuple[bytes, str] | None:
    """Return an XML part and its Content-Type, None for a part that is not XML. Raises Unreadable."""
    halves = _PART.match(piece)
    told = _PART_TYPE.search(halves[1]) if halves else None
    kind = told[1].decode("latin-1") if told else ""
    if halves is None or (told and "xml" not in kind.lower()):
        return None
    content = _decoded(halves[2], _PART_CODED.search(halves[1]))
    return (content, kind) if told or content.lstrip().startswith(b"<") else None


def _decoded(content: bytes, coded: re.Match[bytes] | None) -> bytes:
    """Return the bytes of a part that was written in ASCII. Raises Unreadable."""
    if coded is None:
        return content
    if coded[1].lower() == b"quoted-printable":
        return binascii.a2b_qp(content)
    try:
        return binascii.a2b_base64(b"".join(content.split()), strict_mode=True)
    except binascii.Error as error:
        raise Unreadable("A part of the multipart answer is not the base64 that it should be.") from error


def _whatever_is_there(piece: bytes) -> tuple[bytes, str]:
    halves = _PART.match(piece)
    if halves is None:
        return piece, ""
    told, coded, content = _PART_TYPE.search(halves[1]), _PART_CODED.search(halves[1]), halves[2]
    if coded and coded[1].lower() == b"base64":
        signs = b"".join(_NOT_BASE64.split(content, 1)[0].split())
        signs = signs[: len(signs) - (len(signs) % 4 == 1)]
        content = binascii.a2b_base64(signs + b"=" * (-len(signs) % 4)) or content
    elif coded:
        content = _decoded(content, coded)
    return content, told[1].decode("latin-1") if told else ""
