"""The CPU of one SOAP call of 48 fields, from the fields to the outcome, beside XML put together by hand."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from ipaddress import ip_network
from uuid import uuid4
from xml.sax.saxutils import escape

import aiohttp
from lxml import etree

from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from core.model.connections.connection import ConnectionSecrets, SpectrumTarget
from core.model.connections.endpoint import Endpoint
from core.model.sending.answer import Accepted
from core.model.shared.secret import Secret
from core.model.work_orders.work_order import (
    AUTHORIZATION_ID,
    COMPANY_CODE,
    GUID,
    LENGTHS,
    NUMBER,
    REFERENCE_CODE,
    SITE,
)
from tests.bench.bare_send import SOAP, TYPES, Systems
from tests.bench.row import Row, Sides, ratio
from tests.bench.sandboxes import AUTHORIZATION, COMPANY, sandboxes

CALLS = 200
FIELDS = {NUMBER: "T100000", REFERENCE_CODE: "S", SITE: "HV0002", "Bill_Customer_Code": "HARVIEW"}
_OPEN = f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body><t:WorkOrderHeader xmlns:t="{TYPES}">'
_CLOSE = "</t:WorkOrderHeader></soap:Body></soap:Envelope>"


@asynccontextmanager
async def opened(_: int) -> AsyncIterator[dict[str, Sides]]:
    with sandboxes(1) as bench:
        async with SoapSpectrum(allowed_networks=(ip_network("127.0.0.0/8"),)) as spectrum:
            yield {"": Sides(lambda: by_hand(bench.systems), lambda: by_jobferry(spectrum, bench.systems))}


async def by_jobferry(spectrum: SoapSpectrum, at: Systems) -> float:
    """Milliseconds of CPU a call."""
    secrets = ConnectionSecrets(Secret(at.authorization_id))
    target = SpectrumTarget("con_bench", Endpoint.parse(at.spectrum_url), COMPANY, secrets)
    started = time.process_time()
    for _ in range(CALLS):
        exchange = await spectrum.write_header(target, FIELDS, leave_by=None)
        if not isinstance(exchange.outcome, Accepted):
            raise RuntimeError(f"the sandbox refused: {exchange.outcome}")  # noqa: TRY004
    return (time.process_time() - started) / CALLS * 1000


async def by_hand(at: Systems) -> float:
    """Milliseconds of CPU a call."""
    url = f"{at.spectrum_url}/ws/WorkOrderHeader"
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{url}"'}
    started = time.process_time()
    for _ in range(CALLS):
        fields = {**FIELDS, AUTHORIZATION_ID: AUTHORIZATION, GUID: str(uuid4()), COMPANY_CODE: COMPANY}
        connector = aiohttp.TCPConnector(force_close=True)
        async with (
            aiohttp.ClientSession(connector=connector) as fresh,
            fresh.post(url, data=envelope(fields), headers=headers) as response,
        ):
            body = await response.read()
            root = etree.fromstring(body)
            if response.status != 200 or any(cell.text for cell in root.iter("error_code")):
                raise RuntimeError(f"the sandbox refused: {body[:300]!r}")
    return (time.process_time() - started) / CALLS * 1000


def envelope(fields: Mapping[str, str]) -> bytes:
    elements = "".join(f"<{name}>{escape(fields.get(name, ''))}</{name}>" for name in LENGTHS)
    return f"{_OPEN}{elements}{_CLOSE}".encode()


SOAP_CALL = Row(
    name="soap-call",
    what="CPU of one SOAP call of 48 fields, built to read",
    floor="XML put together by hand, over aiohttp with lxml",
    unit="ms",
    open=opened,
    compare=ratio,
    goal=1.3,
    at_most=True,
)
ROWS = (SOAP_CALL,)
