"""A line between us and Spectrum that breaks on purpose: a TCP proxy that looks at the request line and no further."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum

from yarl import URL

LINES = "/ws/AddWO"
"""Both services that add a cost line."""


class Kind(StrEnum):
    """What happens to one call. Where nothing else is said, the request reaches Spectrum whole."""

    CUT_REQUEST = "cut_request"
    """Only `after` bytes of the request go on, then both sides are closed."""
    CUT_ANSWER = "cut_answer"
    """Only `after` bytes of the answer come back, then the connection is closed."""
    RESET_REQUEST = "reset_request"
    """The same as CUT_REQUEST, with a reset instead of an orderly end."""
    RESET_ANSWER = "reset_answer"
    SWALLOW = "swallow"
    """Half open: accepted and read, never passed on, never answered."""
    HALF_OPEN = "half_open"
    """The request goes on, and then nothing comes back and nothing is closed."""
    LATE = "late"
    """Nothing comes back; the request goes on only once the caller has left and `release` is called."""
    SLOW = "slow"
    """Byte by byte, both ways."""


@dataclass(frozen=True, slots=True)
class Trouble:
    kind: Kind
    after: int = 0


@dataclass(frozen=True, slots=True)
class Passage:
    """What a call that went through untouched looked like on the wire."""

    request: bytes
    answer: bytes


@dataclass
class Proxy:
    """`met` counts the troubles that happened; `passed` and `passages` tell of the calls that met none, by path."""

    host: str
    port: int
    url: str = ""
    met: Counter[Kind] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    passages: dict[str, Passage] = field(default_factory=dict)
    _troubles: deque[tuple[str, Trouble]] = field(default_factory=deque)
    _calls: set[asyncio.Task[None]] = field(default_factory=set)
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    @asynccontextmanager
    async def before(cls, url: str) -> AsyncIterator[Proxy]:
        """Listens on a loopback port of its own and passes on to the server at `url`."""
        target = URL(url)
        proxy = cls(target.host or "", target.port or 0)
        server = await asyncio.start_server(proxy._accept, "127.0.0.1", 0)
        proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield proxy
        finally:
            server.close()
            for call in proxy._calls:
                call.cancel()
            await asyncio.gather(*proxy._calls, return_exceptions=True)

    def expect(self, trouble: Trouble, match: str = LINES) -> None:
        """The next call whose path contains `match` meets this: one call a trouble, in order."""
        self._troubles.append((match, trouble))

    def release(self) -> None:
        """What is late goes on now."""
        self._released.set()

    async def quiet(self) -> None:
        """Return once nothing is under way any more: Spectrum has got all it will ever get."""
        while self._calls:
            await asyncio.gather(*self._calls)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of our own: a call may outlive the connection of whoever made it.
        call = asyncio.create_task(self._carry(reader, writer))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await _message(reader)
            if trouble := self._next(request):
                self.met[trouble.kind] += 1
                await self._meet(trouble, request, reader, writer)
            else:
                answer = await self._ask(request)
                writer.write(answer)
                path = _path(request)
                self.passages[path] = Passage(request, answer)
                self.passed[path] += 1
        finally:
            await _close(writer)

    def _next(self, request: bytes) -> Trouble | None:
        if not self._troubles or self._troubles[0][0] not in _path(request):
            return None
        return self._troubles.popleft()[1]

    async def _meet(
        self, trouble: Trouble, request: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        match trouble.kind:
            case Kind.CUT_REQUEST | Kind.RESET_REQUEST:
                if trouble.kind is Kind.RESET_REQUEST:
                    _reset(writer)
                else:
                    await _close(writer)
                await self._ask(request[: trouble.after], whole=trouble.after >= len(request))
            case Kind.CUT_ANSWER | Kind.RESET_ANSWER:
                writer.write((await self._ask(request))[: trouble.after])
                if trouble.kind is Kind.RESET_ANSWER:
                    await _written(writer)
                    _reset(writer)
            case Kind.SWALLOW:
                await reader.read()  # until the caller has had enough
            case Kind.HALF_OPEN:
                await self._ask(request)
                await reader.read()
            case Kind.LATE:
                await reader.read()
                await self._released.wait()
                await self._ask(request)
            case Kind.SLOW:
                for byte in await self._ask(request, at_once=1):
                    writer.write(bytes([byte]))
                    await _written(writer)

    async def _ask(self, request: bytes, *, whole: bool = True, at_once: int = 1 << 20) -> bytes:
        """Pass it on and read the answer; after a part of a request comes the end."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            for start in range(0, len(request), at_once):
                writer.write(request[start : start + at_once])
                await _written(writer)
            if not whole:
                writer.write_eof()
            return await _message(reader)
        finally:
            await _close(writer)


async def _message(reader: asyncio.StreamReader) -> bytes:
    """One HTTP message, as far as it comes."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        return error.partial
    length = next(
        (
            int(value)
            for name, _, value in (line.partition(b":") for line in head.split(b"\r\n")[1:])
            if name.lower() == b"content-length"
        ),
        0,
    )
    try:
        return head + await reader.readexactly(length)
    except asyncio.IncompleteReadError as error:
        return head + error.partial


def _path(request: bytes) -> str:
    words = request.partition(b"\r\n")[0].decode("ascii", "replace").split()
    return words[1] if len(words) > 1 else ""


async def _written(writer: asyncio.StreamWriter) -> None:
    """In the kernel's hands, each piece by itself."""
    await writer.drain()
    await asyncio.sleep(0)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with a reset: whatever the other side still had to read is gone for it."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
