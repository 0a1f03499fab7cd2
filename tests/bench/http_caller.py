"""A caller of HTTP that costs next to nothing, so that what is measured is the server's and not its own."""

from __future__ import annotations

import asyncio
import re
from typing import cast

_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)\r\n", re.IGNORECASE)


class HttpCaller(asyncio.Protocol):
    """One connection that stays open, for one call at a time. The answer's length must be in its head."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[bytes] | None = None
        self._read = b""

    @classmethod
    async def connect(cls, host: str, port: int) -> HttpCaller:
        _, caller = await asyncio.get_running_loop().create_connection(cls, host, port)
        return caller

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._read += data
        head = self._read.find(b"\r\n\r\n")
        length = _LENGTH.search(self._read, 0, head + 2) if head >= 0 else None
        if self._answer and length and len(self._read) >= head + 4 + int(length[1]):
            answer, self._answer, self._read = (self._answer, self._read), None, b""
            answer[0].set_result(answer[1])

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer:
            self._answer.set_exception(exc or ConnectionError("the server has closed the connection"))

    async def post(self, path: str, key: str, body: bytes) -> None:
        """Post JSON and read the answer. Raises RuntimeError if it is not 202."""
        assert self._transport
        self._answer = asyncio.get_running_loop().create_future()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._transport.write(head.encode() + body)
        answer = await self._answer
        if not answer.startswith(b"HTTP/1.1 202 "):
            raise RuntimeError(answer.decode())

    def close(self) -> None:
        if self._transport:
            self._transport.close()
