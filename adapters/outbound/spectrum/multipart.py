"""Finds the one XML part of a multipart answer, which gateways make of SOAP with attachments."""

from __future__ import annotations

import re
from itertools import pairwise

_BOUNDARY = re.compile(r"""\bboundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))""", re.IGNORECASE)
_PART = re.compile(rb"(.*?)\r?\n\r?\n(.*)", re.DOTALL)
_PART_TYPE = re.compile(rb"^content-type:[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.IGNORECASE | re.MULTILINE)
_PART_CODED = re.compile(rb"^content-transfer-encoding:\s*(?:base64|quoted-printable)", re.IGNORECASE | re.MULTILINE)
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
    named = _BOUNDARY.search(content_type)
    if named is None:
        raise Unreadable("The multipart answer does not name its boundary.")
    boundary = re.escape((named[1] or named[2]).encode("utf-8", "surrogateescape"))
    marks = []
    for mark in re.finditer(rb"(?:\A|\r?\n)--" + boundary + rb"(--)?[ \t]*(?=\r?\n|\Z)", body):
        marks.append(mark)
        if mark[1] or len(marks) > _MOST_PARTS:
            break
    if not marks or not marks[-1][1]:
        raise Unreadable("The multipart answer is cut off.", cut=len(marks) <= _MOST_PARTS)
    if body[marks[-1].end() :].strip():
        raise Unreadable("Something follows the end of the multipart answer.")
    pieces = [body[mark.end() : following.start()] for mark, following in pairwise(marks)]
    found = [part for part in map(_part, pieces) if part]
    if len(found) != 1:
        raise Unreadable(f"The multipart answer has {len(found)} XML parts instead of one.")
    return found[0]


def _part(piece: bytes) -> tuple[bytes, str] | None:
    """Return an XML part and its Content-Type, None for a part that is not XML."""
    halves = _PART.match(piece)
    if halves is None or _PART_CODED.search(halves[1]):
        return None
    told = _PART_TYPE.search(halves[1])
    kind = told[1].decode("latin-1") if told else ""
    is_xml = "xml" in kind.lower() if told else halves[2].lstrip().startswith(b"<")
    return (halves[2], kind) if is_xml else None
