"""The last gate: a request's body asks here, right before its first byte leaves, whether it may still go."""

from __future__ import annotations

from collections.abc import Callable

import aiohttp
from aiohttp.abc import AbstractStreamWriter


class Gate:
    """Lets one request through, once, and only while `in_time` says so."""

    def __init__(self, in_time: Callable[[], bool]) -> None:
        self._in_time = in_time
        self._over = False
        self.passed = False
        self.too_late = False

    def go(self) -> None:
        """Nothing may be awaited between this and the write. Raises PermissionError if the request has to stay."""
        if self._over:
            raise PermissionError("This request had its one chance to leave.")
        self._over = True
        self.too_late = not self._in_time()
        if self.too_late:
            raise PermissionError("The time in which this request could leave is over.")
        self.passed = True

    def end(self) -> None:
        """From now on nothing leaves any more, whatever still runs."""
        self._over = True


class GatedBody(aiohttp.BytesPayload):
    """A body that goes through the gate. aiohttp keeps the head back and writes it together with the body's first part.

    So this is the last place before the socket: the connection stands, and what follows is one synchronous write.
    aiohttp itself never repeats a POST; if it did, the gate would stop the second one.
    """

    def __init__(self, content: bytes, gate: Gate) -> None:
        super().__init__(content)
        self._gate = gate

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        self._gate.go()
        await super().write_with_length(writer, content_length)
