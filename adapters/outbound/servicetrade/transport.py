"""Sends one request to ServiceTrade and reads the answer, within a time limit and a size limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from ssl import SSLContext
from typing import Any

import aiohttp
from yarl import URL

from adapters.net.egress import Egress
from adapters.net.guarded_connector import LONGEST_FIELD, AnswerTooLarge, guarded_sockets, read_up_to
from adapters.outbound.servicetrade.unreachable import never_called, why_unreachable, wrong_address
from core.model.shared.errors import JobferryError

ANSWER_LIMIT = 4 << 20
"""Largest answer in bytes; a larger one ends the call. A full page has 100 records: 40 kB for each."""
CONNECT_SECONDS = 10.0
"""Time-out for each address of a host. A distant server accepts a connection within one second."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `path` starts with a slash and follows the base URL. Its repr omits headers and body (secrets).
    `limit` is the largest answer in bytes, if it is another than usual."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A complete answer, not interpreted yet. `location` is the target of a redirect."""

    status: int
    body: bytes = field(repr=False)
    retry_after: str = ""
    location: str = ""

    @property
    def ok(self) -> bool:
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


class Transport:
    """One connection pool per scheme for all tenants: no cookies, no redirects, no proxy from the environment.

    Sockets are created for allowed addresses only, so reused connections were also checked.
    """

    def __init__(
        self,
        *,
        trust: SSLContext,
        timeout_seconds: float,
        connect_seconds: float = CONNECT_SECONDS,
        answer_limit: int = ANSWER_LIMIT,
        egress: Egress,
    ) -> None:
        self._answer_limit = answer_limit
        self._egress = egress
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds, sock_connect=connect_seconds)
        self._sessions = {scheme: self._session(scheme, trust) for scheme in ("https", "http")}

    def _session(self, scheme: str, trust: SSLContext) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=aiohttp.ThreadedResolver(),
                socket_factory=guarded_sockets(self._egress, scheme),
                ssl=trust,
                limit=0,  # a tenant with a slow server must not use up the connections of the others
            ),
            timeout=self._timeout,
            headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "jobferry"},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            max_line_size=LONGEST_FIELD,
            max_field_size=LONGEST_FIELD,
            trust_env=False,
        )

    async def close(self) -> None:
        for session in self._sessions.values():
            await session.close()

    async def carry(self, base_url: str, request: Request) -> HttpAnswer:
        """Send once and read the whole answer, whatever its status.

        Raises TimeMends (ST_UNREACHABLE) if no complete answer came, TenantMends (ST_BASE_URL_WRONG) for an address
        that cannot be ServiceTrade, and TenantMends (ADDRESS_NOT_ALLOWED) for a scheme or port that is never called.
        """
        try:
            url = URL(base_url.rstrip("/") + request.path).with_query(request.query)
            if url.scheme not in self._sessions or url.port is None:
                raise ValueError("neither http nor https")
            if why := self._egress.ruled_out(url.scheme, url.port):
                raise never_called(why)
            async with self._sessions[url.scheme].request(
                request.method,
                url,
                json=request.body,
                headers=request.headers,
                allow_redirects=False,
            ) as response:
                return HttpAnswer(
                    response.status,
                    await read_up_to(response, request.limit or self._answer_limit),
                    response.headers.get("Retry-After", ""),
                    response.headers.get("Location", ""),
                )
        except AnswerTooLarge as error:
            raise _too_large(base_url, request.limit or self._answer_limit) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise why_unreachable(error, base_url, discreet=self._egress.hosted) from error


def _too_large(base_url: str, limit: int) -> JobferryError:
    return wrong_address(base_url, f"answers with more than {limit} bytes, which no ServiceTrade record needs")
