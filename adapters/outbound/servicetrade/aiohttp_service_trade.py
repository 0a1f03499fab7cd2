"""The port ServiceTrade over its REST API."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from adapters.net.egress import Egress
from adapters.net.public_address import Network
from adapters.net.trust import tls_context
from adapters.outbound.servicetrade.budget import Budget, Sleep
from adapters.outbound.servicetrade.calls import Calls, invalid
from adapters.outbound.servicetrade.comments import Comments
from adapters.outbound.servicetrade.completed import Completed
from adapters.outbound.servicetrade.description import Descriptions
from adapters.outbound.servicetrade.items import Items
from adapters.outbound.servicetrade.jobs import Jobs
from adapters.outbound.servicetrade.listing import Listing
from adapters.outbound.servicetrade.paperwork import AttachedPaperwork
from adapters.outbound.servicetrade.services import Services
from adapters.outbound.servicetrade.sessions import Sessions
from adapters.outbound.servicetrade.transport import ANSWER_LIMIT, CONNECT_SECONDS, Request, Transport
from adapters.outbound.servicetrade.upcoming import Upcoming
from adapters.outbound.servicetrade.webhooks import Webhooks
from core.model.shared.time_zone import is_time_zone
from core.model.tenants.tenant import ServiceTradeAccount
from ports.service_trade import ServiceTrade

_SYNC_PATH = re.compile(r"(/[A-Za-z0-9_-]+)+", re.ASCII)


class AiohttpServiceTrade(
    Jobs,
    Completed,
    Descriptions,
    Items,
    Services,
    AttachedPaperwork,
    Upcoming,
    Listing,
    Comments,
    Webhooks,
    ServiceTrade,
):
    """All tenants share one connection pool. Each tenant has its own session and budget."""

    def __init__(self, transport: Transport, sessions: Sessions, budget: Budget) -> None:
        super().__init__(Calls(transport, sessions, budget))
        self._sessions = sessions

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        *,
        timeout_seconds: float = 30.0,
        connect_seconds: float = CONNECT_SECONDS,
        ca_certificate: str | None = None,
        answer_limit: int = ANSWER_LIMIT,
        allowed_networks: Sequence[Network] = (),
        hosted: bool = False,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> AsyncIterator[AiohttpServiceTrade]:
        """Keep the connections open until the block ends.

        `timeout_seconds` limits each request, `answer_limit` its answer in bytes. `ca_certificate` is a PEM text that
        is trusted in addition to the system's roots. Raises ValueError if it cannot be read. For `allowed_networks`
        and `hosted` see Egress.
        """
        transport = Transport(
            trust=tls_context(ca_certificate),
            timeout_seconds=timeout_seconds,
            connect_seconds=connect_seconds,
            answer_limit=answer_limit,
            egress=Egress(allowed_networks, hosted),
        )
        try:
            yield cls(transport, Sessions(transport, clock=clock), Budget(sleep=sleep, clock=clock))
        finally:
            await transport.close()

    async def post_external_sync(self, account: ServiceTradeAccount, path: str, body: Mapping[str, Any]) -> None:
        """Post `body` as JSON. That the resource exists is [doc]; its path and members are [unknown]."""
        if not _SYNC_PATH.fullmatch(path):
            raise invalid("/external_sync/path", "The ExternalSync path is not valid.", "a path such as /externalsync")
        await self._calls.call(account, Request("POST", path, body=body), f"to post to {path}")

    async def check(self, account: ServiceTradeAccount) -> str | None:
        """Sign in again, so that a valid session does not hide a changed password. The answer to a session's sign-in
        names the user's time zone [seen]; that of OAuth2 names no user."""
        session = await self._sessions.sign_in(account)
        await self._calls.call(account, Request("GET", "/location", {"limit": "1"}), "to read a location")
        return session.time_zone if is_time_zone(session.time_zone) else None
