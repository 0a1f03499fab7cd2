"""A request with foreign bytes as aiohttp gives it to a handler, without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from random import Random
from typing import Any, cast

from aiohttp import StreamReader, web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpVersion11, RawRequestMessage
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from tests.faults.support.mutations import spoiled


def raw_request(headers: Mapping[str, str], body: bytes) -> web.Request:
    """A request as aiohttp gives it to a handler: foreign bytes in its headers are lone surrogates."""
    payload = StreamReader(cast(BaseProtocol, _Connection()), 2**16, loop=asyncio.get_running_loop())
    payload.feed_data(body)
    payload.feed_eof()
    given = CIMultiDictProxy(CIMultiDict({"Host": "localhost:8480", **headers}))
    message = RawRequestMessage("POST", "/", HttpVersion11, given, (), True, None, False, False, URL("/"))
    unused = cast(Any, None)
    return web.Request(message, payload, cast(Any, _Connection()), unused, unused, asyncio.get_running_loop())


class _Connection:
    """What a request asks of its connection: it never needs to wait, and comes from this machine without TLS."""

    _reading_paused = False
    ssl_context = None
    peername = ("127.0.0.1", 50_000)
    sockname = ("127.0.0.1", 8_480)

    def pause_reading(self) -> None: ...

    def resume_reading(self, *, resume_parser: bool = True) -> None: ...


def header_text(rng: Random, good: str) -> str:
    """The text spoiled as a header can be: it has no line ends and holds foreign bytes as lone surrogates."""
    found = spoiled(rng, good.encode()).decode("utf-8", "surrogateescape")
    return found.replace("\r", "").replace("\n", "").replace("\0", "")
