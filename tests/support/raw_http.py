"""Bytes to the API over a bare socket, and what came back until it was closed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from tests.support.http_scene import UNLIMITED, Scene

HASTY = replace(UNLIMITED, head_seconds=1.0, body_seconds=0.5, linger_seconds=0.3, answer_seconds=1.0)
LIVEZ = b"GET /livez HTTP/1.1\r\nHost: x\r\n"
CLOSE = b"Connection: close\r\n"
PATIENCE = 20.0
"""Longer than any limit of these tests: who waits for this hangs."""


@dataclass(frozen=True, slots=True)
class Raw:
    """The first answer; `rest` is what came behind its head."""

    status: int
    headers: dict[str, str]
    rest: bytes

    @property
    def problem(self) -> dict[str, Any]:
        assert self.headers["content-type"].startswith("application/problem+json"), self
        problem = dict(json.loads(self.rest))
        assert problem["request_id"] == self.headers["x-request-id"], self
        return problem


@asynccontextmanager
async def connected(scene: Scene) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Cut off at the end, without waiting for whatever is still under way."""
    host, port = scene.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def exchange(scene: Scene, data: bytes) -> Raw | None:
    """Send this and no more; None if the other side closed without a word. Raises TimeoutError if it does neither."""
    async with connected(scene) as (reader, writer), asyncio.timeout(PATIENCE):
        writer.write(data)
        try:
            return parsed(await reader.read(-1))
        except ConnectionError:
            return None


def parsed(received: bytes) -> Raw | None:
    if not received:
        return None
    head, _, rest = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Raw(int(first.split(" ")[1]), headers, rest)


def post(scene: Scene, *headers: str, body: bytes = b"", path: str = "/v1/tenants") -> bytes:
    lines = (
        f"POST {path} HTTP/1.1",
        "Host: x",
        f"Authorization: Bearer {scene.key}",
        "Content-Type: application/json",
        *headers,
        "",
        "",
    )
    return "\r\n".join(lines).encode("latin-1") + body
