"""The last gate of a write: asked when everything stands, right before the first byte; closed means not one byte."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from asyncio import selector_events
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import trustme

from adapters.outbound.clock import SystemClock
from adapters.outbound.spectrum import gate
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from core.model.connections.connection import SpectrumTarget
from core.model.sending.answer import (
    Accepted,
    AnswerRow,
    Exchange,
    NotSent,
    NotSentReason,
    Refused,
    Unknown,
    UnknownReason,
)
from core.model.work_orders.item import ItemKind
from tests.support.spectrum_scene import AUTHORIZATION_ID, FIELDS, LOOPBACK, http, listening, raw_server, soap, target

LINE = {"WO_Number": "S1001", "Item_Code": "!VALVE", "Quantity_Used": "2"}
GOOD = http(soap(method="AddWOMaterialCost"))
LEAVE_BY, LATE = 1060.0, 1060.5


@dataclass
class HandClock:
    """Goes on only where a test turns it."""

    now: float = 1000.0
    asked: int = 0

    def __call__(self) -> float:
        self.asked += 1
        return self.now

    def be_late(self) -> None:
        self.now = LATE


@dataclass
class Listener:
    """Takes connections and everything that comes over them; answers nothing of its own accord."""

    port: int = 0
    connections: int = 0
    received: list[bytes] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while data := await reader.read(65536):
                self.received.append(data)
                if data.endswith(b"Envelope>"):
                    writer.write(GOOD)
                    writer.close()
        finally:
            self.ended.set()


@asynccontextmanager
async def listener(tls: ssl.SSLContext | None = None) -> AsyncIterator[Listener]:
    server = Listener()
    async with listening(server.listen, tls) as server.port:
        yield server


def adapter(clock: Callable[[], float]) -> SoapSpectrum:
    return SoapSpectrum(allowed_networks=LOOPBACK, deadline_seconds=5, connect_seconds=2, boot_seconds=clock)


async def add(spectrum: SoapSpectrum, where: SpectrumTarget) -> Exchange:
    return await spectrum.add_line(where, ItemKind.MATERIAL, LINE, leave_by=LEAVE_BY)


def closed(exchange: Exchange) -> bool:
    return isinstance(exchange.outcome, NotSent) and exchange.outcome.reason is NotSentReason.GATE_CLOSED


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def serving(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


def over_tls(port: int, authority: trustme.CA) -> SpectrumTarget:
    return target(f"https://localhost:{port}", ca_certificate=authority.cert_pem.bytes().decode())


# --- closed: not one byte


async def test_behind_a_closed_gate_the_server_sees_a_connection_and_its_end() -> None:
    async with listener() as server, adapter(HandClock(LATE)) as spectrum:
        exchange = await add(spectrum, target(f"http://127.0.0.1:{server.port}"))
        await asyncio.wait_for(server.ended.wait(), 5)
    assert closed(exchange)
    assert (server.connections, server.received) == (1, [])


async def test_behind_a_closed_gate_tls_carries_no_application_data(
    authority: trustme.CA, serving: ssl.SSLContext
) -> None:
    async with listener(serving) as server, adapter(HandClock(LATE)) as spectrum:
        exchange = await add(spectrum, over_tls(server.port, authority))
        await asyncio.wait_for(server.ended.wait(), 5)
    assert closed(exchange)
    assert (server.connections, server.received) == (1, [])


@pytest.mark.parametrize("late", [LEAVE_BY, LATE, float("inf"), float("nan")])
async def test_from_the_last_moment_on_it_is_too_late(late: float) -> None:
    async with listener() as server, adapter(HandClock(late)) as spectrum:
        assert closed(await add(spectrum, target(f"http://127.0.0.1:{server.port}")))
    assert server.received == []


async def test_before_the_last_moment_it_goes() -> None:
    clock = HandClock(LEAVE_BY - 0.001)
    async with listener() as server, adapter(clock) as spectrum:
        assert (await add(spectrum, target(f"http://127.0.0.1:{server.port}"))).outcome == Accepted()
        clock.be_late()
        assert closed(await add(spectrum, target(f"http://127.0.0.1:{server.port}")))
    assert len(b"".join(server.received).split(b"POST /ws/AddWOMaterialCost ")) == 2


async def test_without_another_clock_the_machine_s_own_counts() -> None:
    now = SystemClock().boot_seconds()
    async with raw_server(GOOD) as server, SoapSpectrum(allowed_networks=LOOPBACK) as spectrum:
        here = target(server.url)
        assert closed(await spectrum.add_line(here, ItemKind.MATERIAL, LINE, leave_by=now))
        assert server.requests == []
        in_time = await spectrum.add_line(here, ItemKind.MATERIAL, LINE, leave_by=now + 60)
    assert in_time.outcome == Accepted()


async def test_an_answer_that_comes_by_itself_is_none_behind_a_closed_gate() -> None:
    """A server that talks first must not make a line out of nothing."""

    async def talk_first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GOOD)
        await reader.read()

    async with listening(talk_first) as port, adapter(HandClock(LATE)) as spectrum:
        assert closed(await add(spectrum, target(f"http://127.0.0.1:{port}")))


async def test_an_answer_before_the_line_has_left_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    async def stuck(*_: object) -> None:
        await asyncio.Event().wait()

    async def talk_first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GOOD)
        await reader.read()

    monkeypatch.setattr(gate.GatedBody, "write_with_length", stuck)
    async with listening(talk_first) as port, adapter(HandClock()) as spectrum:
        outcome = (await add(spectrum, target(f"http://127.0.0.1:{port}"))).outcome
    assert isinstance(outcome, Unknown)
    assert outcome.reason is UnknownReason.CONNECTION_LOST


async def test_what_is_kept_of_a_stopped_line_holds_no_secret() -> None:
    async with listener() as server, adapter(HandClock(LATE)) as spectrum:
        exchange = await add(spectrum, target(f"http://127.0.0.1:{server.port}"))
    assert "!VALVE" in exchange.request
    assert exchange.answer == ""
    assert AUTHORIZATION_ID not in repr(exchange)


# --- a header goes through the same gate, and so does its repeat


async def write(spectrum: SoapSpectrum, where: SpectrumTarget, leave_by: float | None = LEAVE_BY) -> Exchange:
    return await spectrum.write_header(where, FIELDS, leave_by=leave_by)


async def test_a_header_behind_a_closed_gate_sends_not_one_byte() -> None:
    async with listener() as server, adapter(HandClock(LATE)) as spectrum:
        exchange = await write(spectrum, target(f"http://127.0.0.1:{server.port}"))
        await asyncio.wait_for(server.ended.wait(), 5)
    assert closed(exchange)
    assert (server.connections, server.received) == (1, [])
    assert AUTHORIZATION_ID not in repr(exchange)


@pytest.mark.parametrize(("now", "leave_by"), [(LEAVE_BY - 0.001, LEAVE_BY), (LATE, None), (float("inf"), None)])
async def test_a_header_in_time_or_without_a_limit_goes(now: float, leave_by: float | None) -> None:
    async with raw_server(http(soap())) as server, adapter(HandClock(now)) as spectrum:
        assert (await write(spectrum, target(server.url), leave_by)).outcome == Accepted()
    assert len(server.requests) == 1


async def test_a_slow_token_closes_the_gate_of_a_header() -> None:
    clock = HandClock()

    async def slow(writer: asyncio.StreamWriter) -> None:
        clock.be_late()
        writer.write(http(json.dumps({"access_token": "t1"}), content_type="application/json"))

    async with raw_server(http(soap()), paths={"/connect/token": [slow]}) as server, adapter(clock) as spectrum:
        assert closed(await write(spectrum, target(server.url, client_secret="s3cret")))
    assert [request.split(b" ")[1] for request in server.requests] == [b"/connect/token"]


async def test_a_header_whose_repeat_is_too_late_stays_unknown_after_a_401() -> None:
    clock = HandClock()
    token = http(json.dumps({"access_token": "t1"}), content_type="application/json")

    async def late_401(writer: asyncio.StreamWriter) -> None:
        clock.be_late()
        writer.write(http(status="401 Unauthorized"))

    async with raw_server(late_401, paths={"/connect/token": [token]}) as server, adapter(clock) as spectrum:
        outcome = (await write(spectrum, target(server.url, client_secret="s3cret"))).outcome
    assert isinstance(outcome, Unknown)
    assert outcome.status == 401
    assert server.served["/ws/WorkOrderHeader"] == 1


async def test_a_header_whose_repeat_is_too_late_stays_refused_after_a_guid_timed_out() -> None:
    clock = HandClock()

    async def late(writer: asyncio.StreamWriter) -> None:
        clock.be_late()
        writer.write(http(soap(("A", "Time out has occurred", "GUID"))))

    async with raw_server(late) as server, adapter(clock) as spectrum:
        outcome = (await write(spectrum, target(server.url))).outcome
    assert outcome == Refused((AnswerRow("A", "Time out has occurred", "GUID"),))
    assert len(server.requests) == 1


# --- asked last: whatever took its time before


async def test_a_slow_name_service_closes_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = HandClock()

    async def slow(host: str, port: int, **_: object) -> list[object]:
        clock.be_late()
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    async with listener() as server, adapter(clock) as spectrum:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", slow)
        assert closed(await add(spectrum, target(f"http://spectrum.example.com:{server.port}")))
    assert server.received == []


async def test_a_slow_connection_closes_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, loop = HandClock(), asyncio.get_running_loop()
    connect: Callable[..., Awaitable[None]] = loop.sock_connect

    async def slow(*arguments: Any) -> None:
        await connect(*arguments)
        clock.be_late()

    async with listener() as server, adapter(clock) as spectrum:
        monkeypatch.setattr(loop, "sock_connect", slow)
        assert closed(await add(spectrum, target(f"http://127.0.0.1:{server.port}")))
    assert clock.now == LATE
    assert server.received == []


async def test_a_slow_tls_handshake_closes_the_gate(authority: trustme.CA, serving: ssl.SSLContext) -> None:
    clock, server = HandClock(), Listener()

    async def shake_hands_late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        clock.be_late()
        await writer.start_tls(serving)
        await server.listen(reader, writer)

    async with listening(shake_hands_late) as port, adapter(clock) as spectrum:
        assert closed(await add(spectrum, over_tls(port, authority)))
        await asyncio.wait_for(server.ended.wait(), 5)
    assert (server.connections, server.received) == (1, [])


async def test_a_slow_token_closes_the_gate() -> None:
    clock = HandClock()
    granted = http(json.dumps({"access_token": "t1", "expires_in": 3600}), content_type="application/json")

    async def slow(writer: asyncio.StreamWriter) -> None:
        clock.be_late()
        writer.write(granted)

    async with raw_server(GOOD, paths={"/connect/token": [slow]}) as server, adapter(clock) as spectrum:
        assert closed(await add(spectrum, target(server.url, client_secret="s3cret")))
    assert server.connections == 2
    assert [request.split(b" ")[1] for request in server.requests] == [b"/connect/token"]


async def test_nothing_runs_between_the_gate_and_the_write(monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[str] = []
    loop, write = asyncio.get_running_loop(), selector_events._SelectorSocketTransport.write  # type: ignore[attr-defined]

    def clock() -> float:
        events.append("gate")
        loop.call_soon(events.append, "others run")
        return 1000.0

    def written(transport: Any, data: bytes) -> None:
        events.append("write")
        write(transport, data)

    async with raw_server(GOOD) as server, adapter(clock) as spectrum:
        monkeypatch.setattr(selector_events._SelectorSocketTransport, "write", written)  # type: ignore[attr-defined]
        assert (await add(spectrum, target(server.url))).outcome == Accepted()
    assert events[:3] == ["gate", "write", "others run"]
    assert events.count("gate") == 1


# --- once


async def test_nothing_makes_the_http_client_send_a_line_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """aiohttp repeats methods that it holds for idempotent; even if POST were one of them, the body leaves once."""

    async def hang_up(writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    monkeypatch.setattr("aiohttp.client.IDEMPOTENT_METHODS", frozenset({"GET", "POST"}))
    async with raw_server(hang_up) as server, adapter(HandClock()) as spectrum:
        outcome = (await add(spectrum, target(server.url))).outcome
    assert isinstance(outcome, Unknown)
    assert len(server.requests) == 1
    assert server.connections == 2, "the client did try; if it no longer does, this test proves nothing"


def test_a_gate_lets_through_once_and_never_after_its_end() -> None:
    once = gate.Gate(lambda: True)
    once.go()
    with pytest.raises(PermissionError):
        once.go()
    assert (once.passed, once.too_late) == (True, False)
    over = gate.Gate(lambda: True)
    over.end()
    with pytest.raises(PermissionError):
        over.go()
    assert (over.passed, over.too_late) == (False, False)
