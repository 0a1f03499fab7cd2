"""What every read-back does, the one in memory and the one that asks the sandbox's control port alike."""

from __future__ import annotations

import asyncio
import json
import socket
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.outbound.memory.remote.read_back import MemoryReadBack
from adapters.outbound.read_back.sandbox_read_back import SandboxReadBack
from adapters.sandbox.spectrum.sandbox import SpectrumSandbox
from adapters.sandbox.spectrum.state import PostedLine
from core.model.connections.connection import Connection
from core.model.connections.endpoint import Endpoint
from core.model.connections.settings import ReadBackSetting
from core.model.shared.errors import JobferryError, OperatorMends, TimeMends
from core.model.work_orders.item import ItemKind
from core.model.work_orders.stored_line import StoredLine
from ports.read_back import ReadBack
from tests.support.spectrum_scene import LOOPBACK, Behaviour, http, raw_server

NUMBER = "S1001"
VALVE = {"Item_Code": "!VALVE", "Item_Description": "Valve", "Quantity_Used": "-2.25", "Unit_Cost": "9.5"}
TRIP = {"Other_Cost_Item": "FEE-TRIP", "Description": "Trip", "Cost_Of_Sales_Amount": "300"}
AT = datetime(2026, 3, 1, 14, 30, 5, 250_000, tzinfo=UTC)
CONNECTION = Connection(
    id="con_1",
    tenant_id="ten_1",
    slug="main",
    name="Spectrum",
    external_system="spectrum",
    endpoint=Endpoint.parse("https://spectrum.example.com"),
    company_code="101",
)


class World(ABC):
    """A read-back under test, and what only a test may do: put lines into Spectrum and take the way in away."""

    read_back: ReadBack
    connection: Connection = CONNECTION

    @abstractmethod
    def store(
        self, kind: ItemKind, fields: Mapping[str, str], *, number: str = NUMBER, key: str = "1", at: datetime = AT
    ) -> None: ...

    @abstractmethod
    def store_elsewhere(self, fields: Mapping[str, str]) -> None:
        """A line on the same number in another company."""

    @abstractmethod
    def unplug(self) -> None: ...

    @abstractmethod
    def spoil_setting(self) -> None: ...


class MemoryWorld(World):
    def __init__(self) -> None:
        self.memory = MemoryReadBack()
        self.read_back = self.memory

    def store(
        self, kind: ItemKind, fields: Mapping[str, str], *, number: str = NUMBER, key: str = "1", at: datetime = AT
    ) -> None:
        self.memory.stored.setdefault(("con_1", number), []).append(StoredLine(kind, key, fields, at))

    def store_elsewhere(self, fields: Mapping[str, str]) -> None:
        self.memory.stored["con_2", NUMBER] = [StoredLine(ItemKind.MATERIAL, "1", fields, AT)]

    def unplug(self) -> None:
        self.memory.reachable = False

    def spoil_setting(self) -> None:
        self.memory.valid = False


class SandboxWorld(World):
    def __init__(self, sandbox: SpectrumSandbox) -> None:
        self.sandbox = sandbox
        self.read_back = reader()
        self.connection = asking(sandbox.control_url)

    def store(
        self, kind: ItemKind, fields: Mapping[str, str], *, number: str = NUMBER, key: str = "1", at: datetime = AT
    ) -> None:
        company = self.sandbox.state.companies["101"]
        ledger = company.material if kind is ItemKind.MATERIAL else company.charges
        ledger.append(PostedLine(system_key=key, at=at, fields={"WO_Number": number, **fields}))

    def store_elsewhere(self, fields: Mapping[str, str]) -> None:
        line = PostedLine(system_key="1", at=AT, fields={"WO_Number": NUMBER, **fields})
        self.sandbox.state.companies["102"].material.append(line)

    def unplug(self) -> None:
        self.connection = asking(f"http://127.0.0.1:{_closed_port()}")

    def spoil_setting(self) -> None:
        self.connection = asking("not an address")


def asking(url: str, kind: str = "sandbox") -> Connection:
    return replace(CONNECTION, read_back=ReadBackSetting(kind, url))


def reader(**settings: Any) -> SandboxReadBack:
    return SandboxReadBack(allowed_networks=LOOPBACK, **{"deadline_seconds": 5, **settings})


def _closed_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
        return port


@pytest.fixture(params=["memory", "sandbox"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with _memory() if request.param == "memory" else _sandbox() as chosen:
        yield chosen


@asynccontextmanager
async def _memory() -> AsyncIterator[World]:
    yield MemoryWorld()


@asynccontextmanager
async def _sandbox() -> AsyncIterator[World]:
    async with SpectrumSandbox.start() as sandbox:
        yield SandboxWorld(sandbox)


async def test_a_work_order_without_lines_has_none(world: World) -> None:
    assert list(await world.read_back.lines(world.connection, NUMBER)) == []


async def test_every_line_comes_with_its_fields_its_key_and_its_time(world: World) -> None:
    later = AT + timedelta(seconds=1)
    world.store(ItemKind.OTHER_CHARGE, TRIP, key="1")
    world.store(ItemKind.MATERIAL, VALVE, key="2", at=later)
    world.store(ItemKind.OTHER_CHARGE, TRIP, key="3")
    assert list(await world.read_back.lines(world.connection, NUMBER)) == [
        StoredLine(ItemKind.OTHER_CHARGE, "1", TRIP, AT),
        StoredLine(ItemKind.MATERIAL, "2", VALVE, later),
        StoredLine(ItemKind.OTHER_CHARGE, "3", TRIP, AT),
    ]


async def test_other_work_orders_and_companies_stay_out(world: World) -> None:
    world.store(ItemKind.MATERIAL, VALVE, number="S10010")
    world.store_elsewhere(VALVE)
    assert list(await world.read_back.lines(world.connection, NUMBER)) == []
    assert len(await world.read_back.lines(world.connection, "S10010")) == 1


async def test_a_padded_number_is_the_same(world: World) -> None:
    world.store(ItemKind.MATERIAL, VALVE)
    assert len(await world.read_back.lines(world.connection, f"     {NUMBER}")) == 1


async def test_while_it_cannot_be_asked_time_mends(world: World) -> None:
    world.store(ItemKind.MATERIAL, VALVE)
    world.unplug()
    with pytest.raises(TimeMends) as caught:
        await world.read_back.lines(world.connection, NUMBER)
    assert caught.value.code == "READ_BACK_UNREACHABLE"


async def test_a_setting_without_a_way_in_is_the_operator_s(world: World) -> None:
    world.spoil_setting()
    with pytest.raises(OperatorMends) as caught:
        await world.read_back.lines(world.connection, NUMBER)
    assert caught.value.code == "READ_BACK_INVALID"


# --- the sandbox's control port: nothing but a whole answer counts


def state(*, company: str = "101", **changes: object) -> dict[str, Any]:
    line = {"system_key": "1", "at": "2026-03-01T15:30:05.25+01:00", "fields": {"WO_Number": " S1001 ", **VALVE}}
    return {"companies": {company: {"material": [{**line, **changes}], "charges": []}}}


def answered(document: object, *, status: str = "200 OK", **headers: str) -> bytes:
    return http(json.dumps(document), status, "application/json", **headers)


async def _failure(behaviour: Behaviour, **settings: Any) -> JobferryError:
    async with raw_server(behaviour) as server:
        with pytest.raises(JobferryError) as caught:
            await reader(**settings).lines(asking(server.url), NUMBER)
        assert {request.split(b"\r\n")[0] for request in server.requests} == {b"GET /state HTTP/1.1"}
    return caught.value


async def test_times_are_given_in_utc() -> None:
    async with raw_server(answered(state())) as server:
        (line,) = await reader().lines(asking(server.url), NUMBER)
    assert line == StoredLine(ItemKind.MATERIAL, "1", VALVE, AT)
    assert line.stored_at is not None
    assert line.stored_at.utcoffset() == timedelta(0)


async def test_empty_fields_are_left_out() -> None:
    fields = {"WO_Number": NUMBER, "Item_Code": "!VALVE", "Warehouse_Code": "", "Item_Description": "  "}
    async with raw_server(answered(state(fields=fields))) as server:
        (line,) = await reader().lines(asking(server.url), NUMBER)
    assert line.fields == {"Item_Code": "!VALVE"}


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def _silence(writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def _drip(writer: asyncio.StreamWriter) -> None:
    for byte in answered(state()):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(_hang_up, id="hangs up"),
        pytest.param(_silence, id="silence"),
        pytest.param(_drip, id="drip"),
        pytest.param(answered(state())[:-9], id="cut off"),
        pytest.param(answered(state(), status="503 Service Unavailable"), id="503"),
        pytest.param(b"220 mail.example.com ESMTP\r\n", id="no http"),
    ],
)
async def test_whatever_passes_by_itself_is_unreachable(behaviour: Behaviour) -> None:
    failure = await _failure(behaviour, deadline_seconds=0.3)
    assert isinstance(failure, TimeMends)
    assert failure.code == "READ_BACK_UNREACHABLE"


async def test_a_part_of_a_state_too_large_is_not_taken_for_all_of_it() -> None:
    body = json.dumps(state())
    async with raw_server(http(body)) as server:
        assert len(await reader(largest_state=len(body)).lines(asking(server.url), NUMBER)) == 1
    assert isinstance(await _failure(http(body), largest_state=len(body) - 1), TimeMends)


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(answered(state(), status="404 Not Found"), id="404"),
        pytest.param(answered(state(), status="206 Partial Content"), id="a part"),
        pytest.param(answered(state(), status="302 Found", Location="http://127.0.0.1:1/state"), id="redirect"),
        pytest.param(http("<html></html>", content_type="text/html"), id="html"),
        pytest.param(http("[" * 100_000), id="deep"),
        pytest.param(answered([]), id="a list"),
        pytest.param(answered({"companies": {}}), id="no company"),
        pytest.param(answered(state(company="102")), id="another company"),
        pytest.param(answered({"companies": {"101": {"material": []}}}), id="one ledger"),
        pytest.param(answered(state(at="yesterday")), id="no time"),
        pytest.param(answered(state(at="2026-03-01T14:30:05")), id="a time without its zone"),
        pytest.param(answered(state(fields=[])), id="no fields"),
    ],
)
async def test_what_is_no_state_of_this_company_is_the_operator_s(behaviour: bytes) -> None:
    failure = await _failure(behaviour)
    assert isinstance(failure, OperatorMends)
    assert failure.code == "READ_BACK_INVALID"


@pytest.mark.parametrize("setting", [None, ReadBackSetting("info_link", "http://127.0.0.1:1")])
async def test_a_connection_that_names_no_sandbox_has_no_way_in(setting: ReadBackSetting | None) -> None:
    with pytest.raises(OperatorMends):
        await reader().lines(replace(CONNECTION, read_back=setting), NUMBER)


async def test_plain_http_goes_to_allowed_networks_only() -> None:
    async with raw_server(answered(state())) as server:
        with pytest.raises(OperatorMends):
            await SandboxReadBack().lines(asking(server.url), NUMBER)
    assert server.connections == 0


async def test_the_environments_proxy_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with raw_server(answered(state())) as server:
        assert len(await reader().lines(asking(server.url), NUMBER)) == 1
