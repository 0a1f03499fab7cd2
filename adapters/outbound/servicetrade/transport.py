"""Carries one request to ServiceTrade and its answer back, within a time limit and a size limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from ssl import SSLContext
from typing import Any

import aiohttp
from yarl import URL

from adapters.outbound.servicetrade.plain_http import Network, PlainHttp
from adapters.outbound.servicetrade.unreachable import why_unreachable, wrong_address
from core.model.errors import JobferryError

ANSWER_LIMIT = 16 * 1024 * 1024
"""Bytes that are read of an answer; more than this ends the call."""


@dataclass(frozen=True, slots=True)
class Request:
    """`path` starts with a slash and follows the base URL. Headers and body may hold secrets and show in no repr."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A complete answer, not interpreted yet. `location` is where a redirect points to."""

    status: int
    body: bytes = field(repr=False)
    retry_after: str = ""
    location: str = ""

    @property
    def ok(self) -> bool:
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


class Transport:
    """One connection pool for all tenants: no cookies kept, no redirects, no proxy from the environment."""

    def __init__(
        self,
        *,
        trust: SSLContext,
        timeout_seconds: float,
        answer_limit: int = ANSWER_LIMIT,
        allowed_networks: Sequence[Network] | None = None,
    ) -> None:
        self._answer_limit = answer_limit
        self._plain_http = PlainHttp(allowed_networks)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=trust),
            timeout=aiohttp.ClientTimeout(total=timeout_seconds),
            headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "jobferry"},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )

    async def close(self) -> None:
        await self._session.close()

    async def carry(self, base_url: str, request: Request) -> HttpAnswer:
        """Send once and read the whole answer, whatever its status.

        Raises TimeMends (ST_UNREACHABLE) when no complete answer came, TenantMends (ST_BASE_URL_WRONG) for an address
        that cannot be ServiceTrade's and (ADDRESS_NOT_ALLOWED) for plain http to where it may not go.
        """
        try:
            await self._plain_http.check(base_url)
            async with self._session.request(
                request.method,
                URL(base_url.rstrip("/") + request.path).with_query(request.query),
                json=request.body,
                headers=request.headers,
                allow_redirects=False,
            ) as response:
                body = await self._read(response, base_url)
                return HttpAnswer(
                    response.status,
                    body,
                    response.headers.get("Retry-After", ""),
                    response.headers.get("Location", ""),
                )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise why_unreachable(error, base_url) from error

    async def _read(self, response: aiohttp.ClientResponse, base_url: str) -> bytes:
        received = bytearray()
        async for chunk in response.content.iter_any():
            received += chunk
            if len(received) > self._answer_limit:
                response.close()
                raise _too_large(base_url, self._answer_limit)
        return bytes(received)


def _too_large(base_url: str, limit: int) -> JobferryError:
    return wrong_address(base_url, f"answers with more than {limit} bytes, which no ServiceTrade record needs")
