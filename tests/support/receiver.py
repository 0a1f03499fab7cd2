"""A receiver of events on a real socket: keeps what came, and answers as it is told."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Arrived:
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)

    def signed_with(self, secret: str) -> bool:
        """By the specification, with nothing of ours: any of the listed signatures may be the one."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.body
        wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return f"v1,{wanted}" in self.headers["webhook-signature"].split(" ")


@dataclass
class Receiver:
    """`statuses` are used up one a call, then every call gets 204. While `gate` is closed nobody is answered."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    text: str = ""
    arrived: list[Arrived] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def times(self, count: int, seconds: float = 30) -> None:
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: len(self.arrived) >= count)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        async with self._changed:
            self.arrived.append(Arrived(request.path, request.headers.copy(), body))
            self._changed.notify_all()
        await self.gate.wait()
        status = self.statuses.pop(0) if self.statuses else 204
        return web.Response(status=status, headers=self.headers, text=self.text)


@asynccontextmanager
async def receiver(*statuses: int, answers: bool = True) -> AsyncIterator[Receiver]:
    made = Receiver(statuses=list(statuses))
    if answers:
        made.gate.set()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", made.serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hooks"
        yield made
    finally:
        made.gate.set()
        await runner.cleanup()
