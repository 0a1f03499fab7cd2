"""The sandbox ServiceTrade: a loopback server that follows the published contract, with a control port.

async with ServiceTradeSandbox.start() as servicetrade:
    ...  # call f"{servicetrade.url}/job/{FIRST_JOB_ID}"
    servicetrade.state.drop_sessions()
    await servicetrade.office.complete(FIRST_JOB_ID)  # with its webhook event
    servicetrade.faults.add(Fault(FaultKind.STATUS, match="/externalid/", status=502))
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.sandbox.certificates import Certificate
from adapters.sandbox.control import control_app
from adapters.sandbox.fault_middleware import fault_middleware
from adapters.sandbox.faults import Faults
from adapters.sandbox.request_log import CALL, RequestLog, log_middleware
from adapters.sandbox.server import RunningSandbox, both_listening
from adapters.sandbox.servicetrade.attachments import attachment_routes
from adapters.sandbox.servicetrade.comments import comment_routes
from adapters.sandbox.servicetrade.envelope import refusal
from adapters.sandbox.servicetrade.external_ids import external_id_routes
from adapters.sandbox.servicetrade.jobs import job_routes, party_routes
from adapters.sandbox.servicetrade.office import Office
from adapters.sandbox.servicetrade.seed import cardinal_state
from adapters.sandbox.servicetrade.sign_in import gate_middleware, sign_in_routes
from adapters.sandbox.servicetrade.state import ServiceTradeState
from adapters.sandbox.servicetrade.webhooks import Webhooks, webhook_routes


@dataclass(frozen=True, slots=True)
class ServiceTradeSandbox(RunningSandbox):
    """A running sandbox. `url` is the base URL with `/api`."""

    state: ServiceTradeState
    faults: Faults
    requests: RequestLog
    webhooks: Webhooks
    office: Office

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        port: int = 0,
        control_port: int = 0,
        tls: Certificate | None = None,
        state: ServiceTradeState | None = None,
    ) -> AsyncIterator[ServiceTradeSandbox]:
        """Run until the block ends; port 0 = any free one. Without `state` it starts with the seeded first account.
        Raises OSError if a port is taken."""
        state = state or cardinal_state()
        faults, requests, webhooks = Faults(), RequestLog(), Webhooks(state)
        office = Office(state, webhooks)
        app, control = servicetrade_app(state, faults, requests, webhooks), control_app(state, faults, requests)
        async with both_listening(app, control, port, control_port, tls) as (url, control_url, certificate):
            try:
                yield cls(f"{url}/api", control_url, certificate, state, faults, requests, webhooks, office)
            finally:
                await faults.stop()
                await webhooks.stop()


def servicetrade_app(
    state: ServiceTradeState, faults: Faults, requests: RequestLog, webhooks: Webhooks
) -> web.Application:
    """Return the application with all resources below `/api`. The others answer 404 in the envelope."""

    async def nothing_here(_: web.Request) -> web.Response:
        return refusal(state, 404, "Resource not found")

    app = web.Application(
        middlewares=[
            log_middleware(requests),
            fault_middleware(faults),
            gate_middleware(state),
            _applied_middleware(requests),
        ]
    )
    app.add_routes(
        [
            *sign_in_routes(state),
            *job_routes(state, webhooks),
            *party_routes(state),
            *external_id_routes(state, webhooks),
            *comment_routes(state),
            *attachment_routes(state),
            *webhook_routes(state),
            web.route("*", "/api/{rest:.*}", nothing_here),
        ]
    )
    return app


def _applied_middleware(requests: RequestLog) -> Middleware:
    """Return a middleware that marks every executed write. A sign-in is not a write."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        signs_in = request.path.startswith(("/api/auth", "/api/oauth2"))
        if request.method != "GET" and response.status < 400 and not signs_in:
            await requests.mark_applied(request[CALL])
        return response

    return middleware
