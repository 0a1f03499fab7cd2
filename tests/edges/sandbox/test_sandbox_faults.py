"""Each kind of fault really happens on the socket, and does to the state what its name says."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import AsyncIterator
from typing import Literal
from xml.sax.saxutils import escape

import aiohttp
import pytest
from yarl import URL

from adapters.sandbox.faults import UNTIL_CLEARED, Fault, FaultKind, Faults
from adapters.sandbox.request_log import Call
from adapters.sandbox.spectrum.sandbox import SpectrumSandbox
from core.model.work_orders.spectrum_fields import SPECTRUM_FIELDS

NEW = {
    "Authorization_ID": "SANDBOX-101",
    "Company_Code": "101",
    "WO_Number": "T1",
    "WO_Reference_Code": "S",
    "WO_Job_Number": "HV0002",
    "Bill_Customer_Code": "HARVIEW",
}
SETTLED = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)


@pytest.fixture(params=["plain", "tls"])
async def spectrum(request: pytest.FixtureRequest) -> AsyncIterator[SpectrumSandbox]:
    async with SpectrumSandbox.start(tls="valid" if request.param == "tls" else None) as running:
        yield running


@pytest.fixture
async def web() -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(ssl=False, force_close=True)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:
        yield session


def request_body(**changes: str) -> bytes:
    values = {**NEW, **changes}
    elements = "".join(
        f"<{one.name}>{escape(values.get(one.name, ''))}</{one.name}>" for one in SPECTRUM_FIELDS["WorkOrderHeader"]
    )
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        '<t:WorkOrderHeader xmlns:t="http://www.northgate-is.com/proiv/webservices/types">'
        f"{elements}</t:WorkOrderHeader></s:Body></s:Envelope>"
    ).encode()


async def send(web: aiohttp.ClientSession, spectrum: SpectrumSandbox, number: str = "T1") -> tuple[int, bytes]:
    async with begin(web, spectrum, number) as answer:
        return answer.status, await answer.read()


def begin(
    web: aiohttp.ClientSession, spectrum: SpectrumSandbox, number: str = "T1"
) -> aiohttp.client._RequestContextManager:
    url = f"{spectrum.url}/ws/WorkOrderHeader"
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": url}
    return web.post(url, data=request_body(WO_Number=number), headers=headers, allow_redirects=False)


def orders(spectrum: SpectrumSandbox) -> list[str]:
    return list(spectrum.state.companies["101"].work_orders)


async def test_latency_delays_and_then_applies(spectrum: SpectrumSandbox, web: aiohttp.ClientSession) -> None:
    spectrum.faults.add(Fault(FaultKind.LATENCY, seconds=0.2))
    began = time.monotonic()
    status, _ = await send(web, spectrum)
    assert status == 200
    assert time.monotonic() - began >= 0.2
    assert orders(spectrum) == ["T1"]


async def test_drop_before_apply(spectrum: SpectrumSandbox, web: aiohttp.ClientSession) -> None:
    spectrum.faults.add(Fault(FaultKind.DROP_BEFORE_APPLY))
    with pytest.raises(SETTLED):
        await send(web, spectrum)
    assert orders(spectrum) == []
    assert [call.status for call in spectrum.requests.calls] == [None]


async def test_apply_then_drop(spectrum: SpectrumSandbox, web: aiohttp.ClientSession) -> None:
    spectrum.faults.add(Fault(FaultKind.APPLY_THEN_DROP))
    with pytest.raises(SETTLED):
        await send(web, spectrum)
    assert orders(spectrum) == ["T1"]
    assert [(call.applied, call.fault, call.status) for call in spectrum.requests.calls] == [
        (True, "apply_then_drop", None)
    ]


async def test_apply_late_lets_a_later_write_go_first(spectrum: SpectrumSandbox, web: aiohttp.ClientSession) -> None:
    spectrum.faults.add(Fault(FaultKind.APPLY_LATE, seconds=0.3))
    with pytest.raises(SETTLED):
        await send(web, spectrum)
    assert orders(spectrum) == []
    await send(web, spectrum, "T2")
    await spectrum.requests.wait(1, applied=True)
    assert orders(spectrum) == ["T2", "T1"]


async def test_what_is_to_be_applied_late_dies_with_the_sandbox(web: aiohttp.ClientSession) -> None:
    async with SpectrumSandbox.start() as spectrum:
        spectrum.faults.add(Fault(FaultKind.APPLY_LATE, seconds=3600))
        with pytest.raises(SETTLED):
            await send(web, spectrum)
    assert orders(spectrum) == []


@pytest.mark.parametrize("length", [0, 60])
async def test_truncate_applies_and_cuts_the_answer(
    spectrum: SpectrumSandbox, web: aiohttp.ClientSession, length: int
) -> None:
    spectrum.faults.add(Fault(FaultKind.TRUNCATE, bytes=length))
    async with begin(web, spectrum) as answer:
        announced = int(answer.headers["Content-Length"])
        got = b""
        with pytest.raises(aiohttp.ClientPayloadError):
            async for piece in answer.content.iter_any():
                got += piece
    assert len(got) == length < announced
    assert orders(spectrum) == ["T1"]


async def test_a_refusal_by_status_can_be_cut_too(spectrum: SpectrumSandbox, web: aiohttp.ClientSession) -> None:
    spectrum.state.settings.enhanced_auth = True
    spectrum.faults.add(Fault(FaultKind.TRUNCATE, bytes=3))
    async with begin(web, spectrum) as answer:
        assert answer.status == 401
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()


@pytest.mark.parametrize(
    ("fault", "status", "part"),
    [
        (Fault(FaultKind.HTML), 200, b"<!DOCTYPE html>"),
        (Fault(FaultKind.HTML, text="<html>maintenance</html>"), 200, b"maintenance"),
        (Fault(FaultKind.STATUS, status=502), 502, b""),
        (Fault(FaultKind.SOAP_FAULT, text="client_missing"), 500, b"could not find WebService named WorkOrderHeader"),
        (Fault(FaultKind.SOAP_FAULT, text="server_error"), 500, b"Error executing Web Service"),
        (Fault(FaultKind.LOCK, text="T1"), 200, b"<error_code>E</error_code><desc>Locking error"),
        (Fault(FaultKind.ROWS, text="G WO_Number T1\nI Zone no such zone"), 200, b"<error_code>I</error_code>"),
    ],
    ids=str,
)
async def test_a_wrong_answer_applies_nothing(
    spectrum: SpectrumSandbox, web: aiohttp.ClientSession, fault: Fault, status: int, part: bytes
) -> None:
    spectrum.faults.add(fault)
    got_status, body = await send(web, spectrum)
    assert got_status == status
    assert part in body
    assert orders(spectrum) == []
    assert spectrum.requests.calls[0].fault == fault.kind

    assert (await send(web, spectrum))[0] == 200
    assert orders(spectrum) == ["T1"]


async def test_a_gateway_may_answer_for_a_write_that_stands(
    spectrum: SpectrumSandbox, web: aiohttp.ClientSession
) -> None:
    spectrum.faults.add(Fault(FaultKind.APPLY_THEN_STATUS, status=404))
    assert await send(web, spectrum) == (404, b"")
    assert orders(spectrum) == ["T1"]


@pytest.mark.parametrize("success", ["empty", "rows"])
async def test_a_write_filed_under_another_number(
    spectrum: SpectrumSandbox, web: aiohttp.ClientSession, success: Literal["empty", "rows"]
) -> None:
    spectrum.state.settings.success = success
    spectrum.faults.add(Fault(FaultKind.RENUMBER, text="50001"))
    status, body = await send(web, spectrum)
    assert (status, body.count(b"<response>")) == (200, 1)
    assert b"<error_code>G</error_code><desc>     50001</desc><column>WO_Number</column>" in body
    assert orders(spectrum) == ["50001"]
    assert spectrum.state.work_order("101", "50001").fields["WO_Number"] == "50001"
    assert spectrum.requests.calls[0].fault == FaultKind.RENUMBER

    await send(web, spectrum)
    assert orders(spectrum) == ["50001", "T1"]


@pytest.mark.parametrize("text", ["", "  ", "12345678901"])
def test_a_number_to_file_under_has_to_fit(text: str) -> None:
    with pytest.raises(ValueError, match="at most 10 characters"):
        Fault(FaultKind.RENUMBER, text=text)


async def test_redirect(spectrum: SpectrumSandbox, web: aiohttp.ClientSession) -> None:
    spectrum.faults.add(Fault(FaultKind.REDIRECT, text=f"{spectrum.url}/ws/Elsewhere"))
    async with begin(web, spectrum) as answer:
        assert (answer.status, answer.headers["Location"]) == (307, f"{spectrum.url}/ws/Elsewhere")
    assert orders(spectrum) == []


async def test_a_lock_holds_one_work_order_only(spectrum: SpectrumSandbox, web: aiohttp.ClientSession) -> None:
    spectrum.faults.add(Fault(FaultKind.LOCK, text="T1", times=2))
    await send(web, spectrum, "T2")
    await send(web, spectrum, "T1")
    await send(web, spectrum, "T1")
    assert orders(spectrum) == ["T2"]
    await send(web, spectrum, "T1")
    assert orders(spectrum) == ["T2", "T1"]


async def test_drip_comes_byte_by_byte_without_end(spectrum: SpectrumSandbox, web: aiohttp.ClientSession) -> None:
    spectrum.faults.add(Fault(FaultKind.DRIP, seconds=0.01))
    async with begin(web, spectrum) as answer:
        assert "Content-Length" not in answer.headers
        pieces = [await answer.content.readany() for _ in range(5)]
    assert max(map(len, pieces)) <= 3
    assert orders(spectrum) == []


async def test_the_gzip_bomb_unpacks_to_a_thousand_times_its_size(
    spectrum: SpectrumSandbox, web: aiohttp.ClientSession
) -> None:
    spectrum.faults.add(Fault(FaultKind.BOMB))
    unpacker, packed, unpacked = zlib.decompressobj(16 + zlib.MAX_WBITS), 0, 0
    async with begin(web, spectrum) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        while unpacked < 8 << 20:
            piece = await answer.content.readany()
            packed += len(piece)
            unpacked += len(unpacker.decompress(piece))
    assert unpacked > 500 * packed


async def test_the_plain_bomb_never_ends(spectrum: SpectrumSandbox, web: aiohttp.ClientSession) -> None:
    spectrum.faults.add(Fault(FaultKind.BOMB, text="plain"))
    got = 0
    async with begin(web, spectrum) as answer:
        assert "Content-Encoding" not in answer.headers
        while got < 8 << 20:
            got += len(await answer.content.readany())


async def test_a_stuck_call_does_not_hold_up_the_end(web: aiohttp.ClientSession) -> None:
    async with SpectrumSandbox.start() as spectrum:
        spectrum.faults.add(Fault(FaultKind.LATENCY, seconds=3600))
        stuck = asyncio.create_task(send(web, spectrum))
        await spectrum.requests.wait(0)
        began = time.monotonic()
    assert time.monotonic() - began < 2
    with pytest.raises(SETTLED):
        await stuck


async def test_writes_in_flight_are_counted_by_company(spectrum: SpectrumSandbox, web: aiohttp.ClientSession) -> None:
    await send(web, spectrum)
    await send(web, spectrum)
    assert spectrum.state.most_writes_at_once == {"101": 1}
    spectrum.faults.add(Fault(FaultKind.LATENCY, seconds=0.3, times=3))
    await asyncio.gather(*(send(web, spectrum, number) for number in ("T2", "T3", "T4")))
    assert spectrum.state.most_writes_at_once == {"101": 3}


async def test_more_calls_than_the_server_bears_get_a_server_fault(
    spectrum: SpectrumSandbox, web: aiohttp.ClientSession
) -> None:
    spectrum.state.settings.max_concurrent = 1
    spectrum.faults.add(Fault(FaultKind.LATENCY, seconds=0.5))
    slow = asyncio.create_task(send(web, spectrum))
    await spectrum.requests.wait(0)
    status, body = await send(web, spectrum, "T2")
    assert status == 500
    assert b"Error executing Web Service" in body
    assert (await slow)[0] == 200
    assert orders(spectrum) == ["T1"]


async def test_the_control_port_stages_faults_and_forgets_them(
    spectrum: SpectrumSandbox, web: aiohttp.ClientSession
) -> None:
    faults = URL(spectrum.control_url) / "faults"
    staged = [{"kind": "status", "match": "/ws/", "method": "POST", "times": -1, "status": 503}, {"kind": "html"}]
    async with web.post(faults, json=staged) as answer:
        assert answer.status == 201
    assert [(await send(web, spectrum))[0] for _ in range(2)] == [503, 503]
    async with web.get(f"{spectrum.url}/wsdls/WorkOrderHeader.jws") as page:
        assert page.content_type == "text/html"
    async with web.get(faults) as answer:
        assert [fault["kind"] for fault in await answer.json()] == ["status"]
    async with web.delete(faults) as answer:
        assert answer.status == 204
    assert (await send(web, spectrum))[0] == 200


class TestQueue:
    def test_the_oldest_that_fits_is_used_up(self) -> None:
        faults = Faults()
        for fault in (
            Fault(FaultKind.HTML, match="/job"),
            Fault(FaultKind.STATUS, method="put", times=2),
            Fault(FaultKind.LATENCY, times=UNTIL_CLEARED),
        ):
            faults.add(fault)
        kinds = [fault.kind for fault in (faults.take("PUT", "/ws") for _ in range(4)) if fault]
        assert kinds == ["status", "status", "latency", "latency"]
        taken = faults.take("GET", "/job/1")
        assert taken is not None
        assert taken.kind is FaultKind.HTML
        faults.clear()
        assert faults.take("GET", "/job/1") is None

    def test_the_wire_leaves_spectrum_faults_alone(self) -> None:
        faults = Faults()
        faults.add(Fault(FaultKind.LOCK, text="T1"))
        assert faults.take("POST", "/ws/WorkOrderHeader") is None
        assert faults.take_lock("T2") is None
        assert faults.take_lock("T1") is not None
        assert faults.take_lock("T1") is None

    def test_a_fault_survives_its_json(self) -> None:
        fault = Fault(FaultKind.TRUNCATE, match="/ws", method="POST", times=3, bytes=12)
        assert Fault.from_json(fault.to_json()) == fault

    def test_a_call_is_listed_without_its_query(self) -> None:
        assert set(Call("GET", "/x").to_json()) == {"method", "path", "at", "applied", "fault", "status"}
