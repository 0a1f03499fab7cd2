"""The sandbox Spectrum: a loopback server that follows the published contract, with a control port.

    async with SpectrumSandbox.start() as spectrum:
        ...  # call f"{spectrum.url}/ws/WorkOrderHeader"
        spectrum.faults.add(Fault(FaultKind.APPLY_THEN_DROP, match="/ws/"))
        spectrum.state.work_order("101", "T104482").fields

rules.py and access.py refuse invalid calls. A test causes other refusals through the state (a locked or completed
order, a closed period, an inactive site or Authorization_ID, an expired secret or GUID, a service that is not deployed)
or through a fault. The `rows` fault answers with any rows.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from adapters.sandbox.certificates import Certificate
from adapters.sandbox.control import control_app
from adapters.sandbox.fault_middleware import fault_middleware
from adapters.sandbox.faults import Faults
from adapters.sandbox.request_log import RequestLog, log_middleware
from adapters.sandbox.server import RunningSandbox, both_listening
from adapters.sandbox.spectrum.access import Tokens
from adapters.sandbox.spectrum.images import MOST_REQUEST_BYTES, Images
from adapters.sandbox.spectrum.notes import MISSPELT, deployed_as
from adapters.sandbox.spectrum.seed import seeded_state
from adapters.sandbox.spectrum.service import SpectrumService
from adapters.sandbox.spectrum.state import SpectrumState
from adapters.sandbox.spectrum.traffic import Traffic
from adapters.sandbox.spectrum.wsdl import wsdl_of
from core.model.work_orders.optional_fields import WRITE_USER_FIELDS


@dataclass(frozen=True, slots=True)
class SpectrumSandbox(RunningSandbox):
    state: SpectrumState
    faults: Faults
    requests: RequestLog

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        port: int = 0,
        control_port: int = 0,
        tls: Certificate | None = None,
        state: SpectrumState | None = None,
    ) -> AsyncIterator[SpectrumSandbox]:
        """Run until the block ends; port 0 = any free one. Without `state` it starts with the seeded companies.
        Raises OSError if a port is taken."""
        state = state or seeded_state()
        faults, requests = Faults(), RequestLog()
        app, control = spectrum_app(state, faults, requests), control_app(state, faults, requests)
        async with both_listening(app, control, port, control_port, tls) as addresses:
            try:
                yield cls(*addresses, state, faults, requests)
            finally:
                await faults.stop()


def spectrum_app(state: SpectrumState, faults: Faults, requests: RequestLog) -> web.Application:
    """`GET /wsdls/NAME.jws`, `POST /ws/NAME`, `POST /connect/token` and `POST /secretRotation`."""
    tokens, traffic = Tokens(state), Traffic(state)
    service = SpectrumService(state, faults, requests, tokens, traffic)

    async def show_wsdl(request: web.Request) -> web.Response:
        name = request.match_info["service"]
        if deployed_as(name, misspelt=state.settings.misspelt) not in state.settings.services:
            raise web.HTTPNotFound
        address = f"{request.scheme}://{request.host}/ws/{name}"
        return web.Response(
            text=wsdl_of(WRITE_USER_FIELDS if name == MISSPELT else name, address), content_type="text/xml"
        )

    app = web.Application(
        client_max_size=MOST_REQUEST_BYTES,
        middlewares=[log_middleware(requests), traffic.middleware, fault_middleware(faults)],
    )
    app.add_routes(
        [
            web.get("/wsdls/{service}.jws", show_wsdl),
            web.post("/ws/{service}", service.handle),
            web.post("/workOrders/images", Images(state, faults, requests, tokens).handle),
            web.post("/connect/token", tokens.issue),
            web.post("/secretRotation", tokens.rotate),
        ]
    )
    return app
