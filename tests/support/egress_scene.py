"""Calls through every adapter that goes out, a name service under control, and an eye on every connect."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from ipaddress import IPv4Network, IPv6Network
from typing import Any

import pytest

from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from adapters.outbound.webhook_sender.aiohttp_webhook_sender import AiohttpWebhookSender
from core.model.sending.answer import NotSent
from core.model.sending.diagnosis import diagnose
from core.model.shared.errors import BadInput, JobferryError
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, ServiceTradeAccount
from core.model.webhooks.webhook_endpoint import WebhookEndpoint
from tests.support.spectrum_scene import FIELDS, target

Networks = Sequence[IPv4Network | IPv6Network]
Call = Callable[[str, Networks, bool], Awaitable[tuple[object, ...]]]
GATE = ("refused before anything was looked up",)

_watched: list[list[tuple[str, int]]] = []


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    """Every connect to an internet address is noted while somebody watches, and refused instead of being tried."""
    if event == "socket.connect" and _watched and arguments[0].family in (socket.AF_INET, socket.AF_INET6):
        _watched[-1].append(arguments[1][:2])
        raise ConnectionRefusedError("the test refuses")


@cache
def _watch_connects() -> None:
    """Once in a process that needs it, and not while this file is loaded: nothing takes the hook out again, and it
    is called for all that Python does."""
    sys.addaudithook(_audit)


@contextmanager
def connects() -> Iterator[list[tuple[str, int]]]:
    """What is connected to until the block ends; nothing of it comes about."""
    _watch_connects()
    seen: list[tuple[str, int]] = []
    _watched.append(seen)
    try:
        yield seen
    finally:
        _watched.pop()


Names = Mapping[str, Sequence[str]] | Callable[[str], Sequence[str] | None]


def name_service(monkeypatch: pytest.MonkeyPatch, names: Names) -> list[str]:
    """From now on these names have these addresses, none at all if there are none; the rest is asked for as usual.

    Returns what will be asked.
    """
    loop = asyncio.get_running_loop()
    real = loop.getaddrinfo
    asked: list[str] = []
    find = names if callable(names) else names.get

    async def getaddrinfo(host: str, port: int, **options: Any) -> list[Any]:
        asked.append(host)
        found = find(host.lower().rstrip("."))
        if found is None:
            return await real(host, port, **options)
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [entry for address in found for entry in await real(address, port, type=socket.SOCK_STREAM)]

    monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo)
    return asked


async def by_spectrum(url: str, networks: Networks, hosted: bool) -> tuple[object, ...]:
    """All that a tenant can see of a write: the outcome, as it is stored and as it is read."""
    try:
        where = target(url)
    except BadInput:
        return GATE
    async with SoapSpectrum(allowed_networks=networks, hosted=hosted, connect_seconds=0.3) as spectrum:
        outcome = (await spectrum.write_header(where, FIELDS, leave_by=None)).outcome
    assert isinstance(outcome, NotSent), outcome
    return (outcome, outcome.in_short, diagnose(outcome))


async def by_examination(url: str, networks: Networks, hosted: bool) -> tuple[object, ...]:
    try:
        where = target(url)
    except BadInput:
        return GATE
    async with SoapSpectrum(allowed_networks=networks, hosted=hosted, connect_seconds=0.3) as spectrum:
        return tuple([step async for step in spectrum.examine(where)])


async def by_servicetrade(url: str, networks: Networks, hosted: bool) -> tuple[object, ...]:
    account = ServiceTradeAccount("ten_1", f"{url}/api", PasswordLogin("ada", Secret("right")))
    async with AiohttpServiceTrade.open(allowed_networks=networks, hosted=hosted, connect_seconds=0.3) as service_trade:
        return await _error(service_trade.check(account))


async def by_webhook(url: str, networks: Networks, hosted: bool) -> tuple[object, ...]:
    try:
        WebhookEndpoint(id="whe_1", tenant_id="ten_1", url=url, created_at=datetime(2026, 3, 2, tzinfo=UTC))
    except BadInput:
        return GATE
    sender = AiohttpWebhookSender(allowed_networks=networks, hosted=hosted, connect_seconds=0.3)
    posted = await sender.post(url, {}, b"{}")
    assert posted.status is None
    return (posted.detail,)


async def _error(call: Awaitable[object]) -> tuple[object, ...]:
    with pytest.raises(JobferryError) as raised:
        await call
    error = raised.value
    return (type(error), error.code, error.message, error.fix)


CALLS: Mapping[str, Call] = {
    "spectrum": by_spectrum,
    "examination": by_examination,
    "servicetrade": by_servicetrade,
    "webhook": by_webhook,
}
