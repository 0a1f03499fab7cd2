"""A server that signs everybody in and answers one resource from a script: ServiceTrade as it should never be."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from adapters.sandbox.server import listening
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, ServiceTradeAccount
from tests.support.spectrum_scene import LOOPBACK


@dataclass(frozen=True)
class Answer:
    """One answer: `data` is the JSON text of the envelope's data."""

    data: str = "null"
    status: int = 200
    messages: str = "null"

    @property
    def text(self) -> str:
        return f'{{"messages": {self.messages}, "data": {self.data}, "meta": {{}}}}'


@dataclass
class Script:
    """`answers` are given in turn, the last one again and again; `asked` is what came, as method, path and query."""

    service_trade: AiohttpServiceTrade
    account: ServiceTradeAccount
    answers: Sequence[Answer]
    asked: list[str] = field(default_factory=list)


@asynccontextmanager
async def scripted(*answers: Answer) -> AsyncIterator[Script]:
    async def sign_in(_: web.Request) -> web.Response:
        return web.json_response({"data": {"authToken": "t"}})

    async def answer(request: web.Request) -> web.Response:
        given = script.answers[min(len(script.asked), len(script.answers) - 1)]
        script.asked.append(f"{request.method} {request.path_qs.removeprefix('/api')}")
        return web.Response(text=given.text, status=given.status, content_type="application/json")

    app = web.Application()
    app.add_routes([web.post("/api/auth", sign_in), web.route("*", "/api/{rest:.*}", answer)])
    async with listening(app) as url, AiohttpServiceTrade.open(allowed_networks=LOOPBACK) as service_trade:
        account = ServiceTradeAccount("ten_1", f"{url}/api", PasswordLogin("ada", Secret("right")))
        script = Script(service_trade, account, answers)
        yield script
