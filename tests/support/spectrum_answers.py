"""Answers of Spectrum as bytes on the way, and a second judgement of them by another parser."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from tests.support.spectrum_scene import http


def by_length(body: bytes) -> bytes:
    return http(body)


def by_chunks(body: bytes) -> bytes:
    half = len(body) // 2
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:]))
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    return head + chunks + b"0\r\n\r\n"


def by_closing(body: bytes) -> bytes:
    """Nothing says how long the answer is, so only its own XML can tell whether it is whole."""
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n\r\n" + body


def is_whole_and_without_complaint(body: bytes, service: str) -> bool:
    """The same judgement by another parser and another way: by the paths of all elements."""
    try:
        found = list(_paths(ElementTree.fromstring(body), ""))
    except ElementTree.ParseError:
        return False
    top = f"/envelope/body/{service}response".lower()
    row = f"{top}/returnarray/returndata/response"
    cells = {f"{row}/{name}" for name in ("error_code", "desc", "column")}
    documented = {"/envelope", "/envelope/body", top, f"{top}/returnarray", f"{top}/returnarray/returndata", row}
    names = [path for path, _ in found]
    codes = [text for path, text in found if path == f"{row}/error_code"]
    every_row_is_good = set(codes) <= {"G"} and len(codes) == names.count(row)
    return names.count(top) == 1 and set(names) <= documented | cells and every_row_is_good


def _paths(element: ElementTree.Element, above: str) -> Iterator[tuple[str, str]]:
    path = f"{above}/{element.tag.rpartition('}')[2].lower()}"
    yield path, (element.text or "").strip()
    for child in element:
        yield from _paths(child, path)
