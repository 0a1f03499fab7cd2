"""The last check of a request's body, immediately before its first byte leaves: may it still be sent?"""

from __future__ import annotations

from collections.abc import Callable

import aiohttp
from aiohttp.abc import AbstractStreamWriter


class Gate:
    """Allows one request, once, and only while `in_time` returns true."""

    def __init__(self, in_time: Callable[[], bool]) -> None:
        self._in_time = in_time
        self._over = False
        self.passed = False
        self.too_late = False

    def go(self) -> None:
        """Allow the write. Await nothing between this call and the write. Raises PermissionError if it is forbidden."""
        if self._over:
            raise PermissionError("This request has already passed the gate once, or it has ended.")
        self._over = True
        self.too_late = not self._in_time()
        if self.too_late:
            raise PermissionError("The time in which this request could be sent is over.")
        self.passed = True

    def end(self) -> None:
        """Close the gate: from now on no byte leaves."""
        self._over = True


class GatedBody(aiohttp.BytesPayload):
    """A body with a gate. aiohttp delays the head and writes it together with the body's first part.

    So this is the last place before the socket: the connection is open, and one synchronous write follows.
    aiohttp itself never repeats a POST. If it did, the gate would stop the second one.
    """

    def __init__(self, content: bytes, gate: Gate) -> None:
        super().__init__(content)
        self._gate = gate

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        self._gate.go()
        await super().write_with_length(writer, content_length)
