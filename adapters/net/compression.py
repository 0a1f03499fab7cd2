"""Unpacks bodies that a server compressed although nobody asked for it. A limit in bytes holds for the result, too."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

_GZIP = b"\x1f\x8b\x08"
"""How each gzip stream begins. No XML, JSON or text begins like that."""
_GZIP_BITS = zlib.MAX_WBITS + 16
_BEFORE_TEXT = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
_TEXT = (b"<", b"{", b"[", b"")
"""How XML and JSON begin."""
_MOST_LAYERS = 3
"""A server and a proxy may each have compressed the body."""
_MOST_STREAMS = 64
"""One file may be several streams, one after the other. An answer has one or two."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """`body` is all that could be unpacked. `whole`: it was unpacked to the end, and its checksum is right."""

    body: bytes
    whole: bool = True
    too_large: bool = False


def unpacked(body: bytes, encoding: str, limit: int) -> Unpacked:
    """Return `body` without its compression, at most `limit` bytes. `encoding` is the answer's Content-Encoding.

    The bytes decide about gzip: a proxy may unpack a body and keep the header, or lose the header. A body that is not
    compressed, or in a way that we do not know, is returned as it is.
    """
    plain = _deflated(body, limit) if encoding.strip().lower() == "deflate" else Unpacked(body)
    for _ in range(_MOST_LAYERS):
        if not plain.body.startswith(_GZIP):
            break
        inside = _inflated(plain.body, _GZIP_BITS, limit)
        plain = Unpacked(inside.body, plain.whole and inside.whole, plain.too_large or inside.too_large)
    return plain


def _deflated(body: bytes, limit: int) -> Unpacked:
    """Unpack `deflate`, which is a zlib stream (RFC 9110), and from some servers only what is inside one."""
    if _is_zlib(body):
        return _inflated(body, zlib.MAX_WBITS, limit)
    if body.startswith(_GZIP) or body.lstrip(_BEFORE_TEXT)[:1] in _TEXT:
        return Unpacked(body)
    inside = _inflated(body, -zlib.MAX_WBITS, limit)
    return inside if inside.body else Unpacked(body)


def _inflated(body: bytes, bits: int, limit: int) -> Unpacked:
    made = bytearray()
    for _ in range(_MOST_STREAMS):
        stream = zlib.decompressobj(bits)
        try:
            made += stream.decompress(body, limit + 1 - len(made))
        except zlib.error:
            return Unpacked(bytes(made), whole=False)
        if len(made) > limit:
            return Unpacked(bytes(made[:limit]), whole=False, too_large=True)
        if not stream.eof:
            return Unpacked(bytes(made), whole=False)
        body = stream.unused_data.lstrip(b"\0")  # some fill the last block of a file
        if not body:
            return Unpacked(bytes(made))
    return Unpacked(bytes(made), whole=False)


def _is_zlib(body: bytes) -> bool:
    """Whether this begins like a zlib stream (RFC 1950): method 8, and a header that 31 divides."""
    return len(body) > 1 and body[0] & 0x0F == zlib.DEFLATED and int.from_bytes(body[:2], "big") % 31 == 0
