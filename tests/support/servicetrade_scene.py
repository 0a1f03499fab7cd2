"""A sandbox ServiceTrade with one complete job, the real adapter, and a clock and a sleep that a test can look at."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from adapters.sandbox.certificates import Certificate
from adapters.sandbox.servicetrade.sandbox import ServiceTradeSandbox
from adapters.sandbox.servicetrade.state import ServiceTradeState
from core.model.shared.secret import Secret
from core.model.tenants.tenant import ClientLogin, PasswordLogin, ServiceTradeAccount
from tests.support.spectrum_scene import LOOPBACK

MARKER = "[jobferry:spectrum]"
SYSTEM = "spectrum"


@dataclass
class Time:
    """Stands still unless somebody sleeps or moves it."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class Scene:
    sandbox: ServiceTradeSandbox
    service_trade: AiohttpServiceTrade
    time: Time
    job_id: str

    @property
    def state(self) -> ServiceTradeState:
        return self.sandbox.state

    @property
    def account(self) -> ServiceTradeAccount:
        login = self.state.login
        return self.account_with(PasswordLogin(login.username, Secret(login.password)))

    @property
    def client_account(self) -> ServiceTradeAccount:
        login = self.state.login
        return self.account_with(ClientLogin(login.client_id, Secret(login.client_secret)))

    def account_with(self, login: PasswordLogin | ClientLogin) -> ServiceTradeAccount:
        return ServiceTradeAccount("ten_1", self.sandbox.url, login)

    async def read(self, account: ServiceTradeAccount | None = None) -> str | None:
        """The job's number as the adapter reads it."""
        return (await self.service_trade.read_job(account or self.account, self.job_id, SYSTEM)).number

    def count(self, method: str, path: str) -> int:
        return sum(call.method == method and path in call.path for call in self.sandbox.requests.calls)


@asynccontextmanager
async def scene(
    *, tls: Certificate | None = None, timeout_seconds: float = 5.0, trusted: bool = True, answer_limit: int = 100_000
) -> AsyncIterator[Scene]:
    time = Time()
    async with ServiceTradeSandbox.start(tls=tls, state=ServiceTradeState()) as sandbox:
        state = sandbox.state
        company = state.add_company(spectrum="HARVIEW")
        job_id = state.add_job(
            "104482",
            customer=company,
            location=state.add_location(company=company, spectrum="HV0002"),
            contract=state.add_contract(company=company, spectrum="HV-MSA-26"),
        )
        async with AiohttpServiceTrade.open(
            timeout_seconds=timeout_seconds,
            allowed_networks=LOOPBACK,
            ca_certificate=sandbox.ca_certificate if trusted else None,
            answer_limit=answer_limit,
            sleep=time.sleep,
            clock=time.clock,
        ) as service_trade:
            yield Scene(sandbox, service_trade, time, job_id)
