"""ServiceTrade's answers by path, without a socket: for tests that read many thousands of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from adapters.outbound.servicetrade.budget import Budget
from adapters.outbound.servicetrade.sessions import Sessions
from adapters.outbound.servicetrade.transport import HttpAnswer, Request, Transport
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, ServiceTradeAccount

ACCOUNT = ServiceTradeAccount("ten_1", "https://st.example.com/api", PasswordLogin("ada", Secret("right")))


class Canned(Transport):
    """`data` by path; what is not there is answered with 404. `written` are the bodies of writes by path, `read` the
    paths of reads."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.written: dict[str, Any] = {}
        self.read: list[str] = []

    async def carry(self, _: str, request: Request) -> HttpAnswer:
        if request.path == "/auth":
            return HttpAnswer(200, b'{"data": {"authToken": "t"}}')
        if request.method in ("PUT", "POST"):
            self.written[request.path] = request.body
        else:
            self.read.append(request.path)
        if request.path not in self.data:
            return HttpAnswer(404, b"")
        return HttpAnswer(200, json.dumps({"data": self.data[request.path]}).encode())


def canned(data: Mapping[str, Any]) -> tuple[AiohttpServiceTrade, Canned]:
    transport = Canned(data)
    return AiohttpServiceTrade(transport, Sessions(transport), Budget()), transport
