"""Carries one request and its answer over a fresh connection, and knows exactly whether the request can have left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from ssl import SSLContext

import aiohttp
from multidict import CIMultiDictProxy
from yarl import URL

from adapters.outbound.dialling import Pinned, guarded_sockets
from adapters.outbound.egress import Egress
from adapters.outbound.public_address import Address
from adapters.outbound.spectrum.addresses import addresses_of
from adapters.outbound.spectrum.gate import Gate, GatedBody
from adapters.outbound.spectrum.trust import context_for
from adapters.outbound.spectrum.unreachable import why_unreachable
from core.model.connections.endpoint import Endpoint
from core.model.sending.answer import NotSent, NotSentReason, Unknown, UnknownReason

ANSWER_LIMIT = 1_048_576
"""Bytes that are read of an answer; more than this ends the call."""


@dataclass(frozen=True, slots=True)
class Request:
    """What goes out. `url` lies on `endpoint`; neither body nor headers show in a repr, since they hold secrets."""

    method: str
    endpoint: Endpoint
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    ca_certificate: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back, undecoded. `cut` says why the body is not whole, if it is not."""

    status: int
    content_type: str
    body: bytes
    redirect_to: str = ""
    cut: UnknownReason | None = None
    cut_detail: str = ""


class Transport:
    """One fresh connection a request: no redirects, no unpacking, no proxy from the environment, nothing logged."""

    def __init__(self, egress: Egress, *, connect_seconds: float, answer_limit: int = ANSWER_LIMIT) -> None:
        self.egress = egress
        self.connect_seconds = connect_seconds
        self.answer_limit = answer_limit

    async def carry(
        self, request: Request, until: float, in_time: Callable[[], bool] = lambda: True
    ) -> HttpAnswer | NotSent | Unknown:
        """Send `request` once and read its answer, all before the event loop's time `until`.

        `in_time` is asked at the last moment before a body leaves. NotSent: not a byte of the request left. Unknown: a
        part of it may have, and no answer came.
        """
        flight = _Flight(in_time)
        try:
            async with asyncio.timeout_at(until):
                landed = await self._fly(request, flight)
        except TimeoutError as error:
            if not flight.connected:
                return why_unreachable(error, request.endpoint)
            landed = flight.lost(UnknownReason.TIMEOUT, "The answer did not come in time.")
        finally:
            flight.gate.end()
        return landed if request.body is None else _judged_by_gate(landed, flight.gate)

    async def _fly(self, request: Request, flight: _Flight) -> HttpAnswer | NotSent | Unknown:
        addresses = await addresses_of(request.endpoint, self.egress, self.connect_seconds)
        if isinstance(addresses, NotSent):
            return addresses
        try:
            trust = context_for(request.ca_certificate)
        except ValueError as error:
            return NotSent(NotSentReason.TLS, str(error))
        try:
            async with (
                self._session(request.endpoint, addresses, trust, flight) as session,
                session.request(
                    request.method,
                    URL(request.url, encoded=True),
                    data=None if request.body is None else GatedBody(request.body, flight.gate),
                    headers=request.headers,
                    allow_redirects=False,
                ) as response,
            ):
                flight.answered(response.status, response.headers)
                return await _read(response, flight, self.answer_limit)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if not flight.connected:
                return why_unreachable(error, request.endpoint)
            return _lost(error, flight)

    def _session(
        self, endpoint: Endpoint, addresses: Sequence[Address], trust: SSLContext, flight: _Flight
    ) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=Pinned(addresses),
                socket_factory=guarded_sockets(self.egress, endpoint.scheme),
                ssl=trust,
                force_close=True,
                use_dns_cache=False,
                limit=1,
            ),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self.connect_seconds),
            headers={"Accept-Encoding": "identity", "User-Agent": "jobferry"},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            trace_configs=[flight.trace()],
        )


class _Flight:
    """How far one request came."""

    def __init__(self, in_time: Callable[[], bool]) -> None:
        self.gate = Gate(in_time)
        self.connected = False
        self._status = 0
        self._headers: Mapping[str, str] | None = None
        self.received = bytearray()

    def trace(self) -> aiohttp.TraceConfig:
        """aiohttp tells of the connection after the TLS handshake and before it writes the first byte of a request."""
        trace = aiohttp.TraceConfig()
        trace.on_connection_create_end.append(self._mark_connected)
        return trace

    async def _mark_connected(self, *_: object) -> None:
        self.connected = True

    def answered(self, status: int, headers: CIMultiDictProxy[str]) -> None:
        self._status, self._headers = status, headers

    def lost(self, reason: UnknownReason, detail: str) -> HttpAnswer | Unknown:
        """The answer as far as it came, or Unknown if not even its head did."""
        return Unknown(reason, detail) if self._headers is None else self.landed(reason, detail)

    def landed(self, cut: UnknownReason | None = None, cut_detail: str = "") -> HttpAnswer:
        headers = self._headers or {}
        return HttpAnswer(
            self._status,
            headers.get("Content-Type", "").lower(),
            bytes(self.received),
            _origin(headers.get("Location", "")),
            cut,
            cut_detail,
        )


async def _read(response: aiohttp.ClientResponse, flight: _Flight, limit: int) -> HttpAnswer | Unknown:
    async for chunk in response.content.iter_any():
        room = limit - len(flight.received)
        flight.received += chunk[:room]
        if len(chunk) > room:
            return flight.lost(UnknownReason.TOO_LARGE, f"The answer is larger than {limit >> 20} MB.")
    return flight.landed()


def _judged_by_gate(landed: HttpAnswer | NotSent | Unknown, gate: Gate) -> HttpAnswer | NotSent | Unknown:
    """What came of a request with a body, which counts for nothing unless the body went through the gate."""
    if gate.too_late:
        return NotSent(NotSentReason.GATE_CLOSED, "The request got ready to leave too late, so it was kept back.")
    if isinstance(landed, HttpAnswer) and not gate.passed:
        early = "The server answered before the request had left."
        return replace(landed, cut=UnknownReason.CONNECTION_LOST, cut_detail=early)
    return landed


def _lost(error: Exception, flight: _Flight) -> HttpAnswer | Unknown:
    if isinstance(error, aiohttp.ClientPayloadError):
        return flight.lost(UnknownReason.TRUNCATED, "The connection ended in the middle of the answer.")
    if isinstance(error, aiohttp.ClientResponseError):
        return flight.lost(UnknownReason.NOT_SOAP, "The server does not answer with HTTP.")
    return flight.lost(UnknownReason.CONNECTION_LOST, "The connection broke after the request had begun to leave.")


def _origin(location: str) -> str:
    """Scheme, host and port of a redirect's target: enough to mend the address, nothing that could be a secret."""
    with suppress(ValueError):
        return str(URL(location).origin())
    return ""
