"""Sends one request over a new connection, reads the answer, and knows whether the request can have left."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus

import aiohttp
from multidict import CIMultiDictProxy
from yarl import URL

from adapters.net.compression import unpacked
from adapters.net.egress import Egress
from adapters.net.guarded_connector import StaticResolver, session_for_one_call
from adapters.net.trust import tls_context
from adapters.outbound.spectrum.addresses import addresses_of
from adapters.outbound.spectrum.gate import Gate, GatedBody
from adapters.outbound.spectrum.unreachable import why_unreachable
from core.model.connections.endpoint import Endpoint
from core.model.sending.answer import NotSent, NotSentReason, Unknown, UnknownReason

ANSWER_LIMIT = 1_048_576
"""Largest answer in bytes. A larger answer ends the call."""


Head = Mapping[str, str]
"""The header fields of an answer."""
Take = Callable[[Head, bytes], Awaitable[None]]
"""Takes a piece of an answer while it arrives, as it came over the network."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `url` lies on `endpoint`. Its repr omits body and headers, since they hold secrets."""

    method: str
    endpoint: Endpoint
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    ca_certificate: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """One answer, unpacked but not decoded. `cut` is the reason why the body is incomplete, or None."""

    status: int
    content_type: str
    body: bytes
    redirect_to: str = ""
    cut: UnknownReason | None = None
    cut_detail: str = ""


class Transport:
    """One new connection for each request: no redirects, no proxy from the environment, no log."""

    def __init__(self, egress: Egress, *, connect_seconds: float, answer_limit: int = ANSWER_LIMIT) -> None:
        self.egress = egress
        self.connect_seconds = connect_seconds
        self.answer_limit = answer_limit

    async def carry(
        self,
        request: Request,
        until: float,
        in_time: Callable[[], bool] = lambda: True,
        take: Take | None = None,
    ) -> HttpAnswer | NotSent | Unknown:
        """Send `request` once and read its answer, all before the event loop's time `until`.

        `in_time` is called immediately before a body leaves. NotSent: no byte of the request left. Unknown: a part of
        the request may have left, and no answer came. `take` gets the body of an answer with HTTP 200 while it arrives,
        whatever its length; it is not in the result then. What `take` raises ends the call and is raised, except
        NoMore: then the call ends as if the answer ended there.
        """
        exchange = _Exchange(in_time, self.answer_limit, take)
        try:
            async with asyncio.timeout_at(until):
                outcome = await self._exchange(request, exchange)
        except TimeoutError as error:
            if not exchange.connected:
                return why_unreachable(error, request.endpoint)
            outcome = exchange.aborted(UnknownReason.TIMEOUT, "The answer did not come in time.")
        except _NotTaken as error:
            raise error.error from error
        finally:
            exchange.gate.end()
        return outcome if request.body is None else _judged_by_gate(outcome, exchange.gate)

    async def _exchange(self, request: Request, exchange: _Exchange) -> HttpAnswer | NotSent | Unknown:
        addresses = await addresses_of(request.endpoint, self.egress, self.connect_seconds)
        if isinstance(addresses, NotSent):
            return addresses
        try:
            trust = tls_context(request.ca_certificate)
        except ValueError as error:
            return NotSent(NotSentReason.TLS, str(error))
        try:
            async with (
                session_for_one_call(
                    self.egress,
                    request.endpoint.scheme,
                    connect_seconds=self.connect_seconds,
                    resolver=StaticResolver(addresses),
                    trust=trust,
                    connected=exchange.connect,
                ) as session,
                session.request(
                    request.method,
                    URL(request.url, encoded=True),
                    data=None if request.body is None else GatedBody(request.body, exchange.gate),
                    headers=request.headers,
                    allow_redirects=False,
                ) as response,
            ):
                exchange.answered(response.status, response.headers)
                return await _read(response, exchange)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if not exchange.connected:
                return why_unreachable(error, request.endpoint)
            return _aborted(error, exchange)


class NoMore(Exception):
    """Raised by `take`: nothing more of this answer is wanted."""


class _NotTaken(Exception):
    """What `take` raised. It is no failure of the call, whatever its class."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class _Exchange:
    """The progress of one request. `limit` is the largest answer in bytes, also after unpacking."""

    def __init__(self, in_time: Callable[[], bool], limit: int, take: Take | None) -> None:
        self.limit = limit
        self._take = take
        self.gate = Gate(in_time)
        self.connected = False
        self._status = 0
        self._headers: Mapping[str, str] | None = None
        self.received = bytearray()

    def connect(self) -> None:
        self.connected = True

    def answered(self, status: int, headers: CIMultiDictProxy[str]) -> None:
        self._status, self._headers = status, headers

    @property
    def taken_by(self) -> Take | None:
        """Who takes the body while it arrives."""
        return self._take if self._status == HTTPStatus.OK else None

    @property
    def head(self) -> Head:
        return self._headers or {}

    def aborted(self, reason: UnknownReason, detail: str) -> HttpAnswer | Unknown:
        """Return the received part of the answer, or Unknown if its head did not arrive."""
        return Unknown(reason, detail) if self._headers is None else self.completed(reason, detail)

    @property
    def too_large(self) -> str:
        return f"The answer is larger than {self.limit >> 20} MB."

    def completed(self, cut: UnknownReason | None = None, cut_detail: str = "") -> HttpAnswer:
        headers = self.head
        plain = unpacked(bytes(self.received), headers.get("Content-Encoding", ""), self.limit)
        if plain.too_large and cut is None:
            cut, cut_detail = UnknownReason.TOO_LARGE, self.too_large
        elif not plain.whole and cut is None:
            cut, cut_detail = UnknownReason.TRUNCATED, "The compressed answer is cut off or damaged."
        return HttpAnswer(
            self._status,
            headers.get("Content-Type", ""),
            plain.body,
            _origin(headers.get("Location", "")),
            cut,
            cut_detail,
        )


async def _read(response: aiohttp.ClientResponse, exchange: _Exchange) -> HttpAnswer | Unknown:
    take = exchange.taken_by
    async for chunk in response.content.iter_any():
        if take:
            try:
                await take(exchange.head, chunk)
            except NoMore:
                break
            except Exception as error:
                raise _NotTaken(error) from error
            continue
        room = exchange.limit - len(exchange.received)
        exchange.received += chunk[:room]
        if len(chunk) > room:
            return exchange.aborted(UnknownReason.TOO_LARGE, exchange.too_large)
    return exchange.completed()


def _judged_by_gate(outcome: HttpAnswer | NotSent | Unknown, gate: Gate) -> HttpAnswer | NotSent | Unknown:
    """Return the outcome of a request with a body: an answer counts only if the body went through the gate."""
    if gate.too_late:
        return NotSent(NotSentReason.GATE_CLOSED, "The request was ready too late, so it was not sent.")
    if isinstance(outcome, HttpAnswer) and not gate.passed:
        early = "The server answered before the request had left."
        return replace(outcome, cut=UnknownReason.CONNECTION_LOST, cut_detail=early)
    return outcome


def _aborted(error: Exception, exchange: _Exchange) -> HttpAnswer | Unknown:
    if isinstance(error, aiohttp.ClientPayloadError):
        return exchange.aborted(UnknownReason.TRUNCATED, "The connection ended in the middle of the answer.")
    if isinstance(error, aiohttp.ClientResponseError):
        return exchange.aborted(UnknownReason.NOT_SOAP, "The server does not answer with HTTP.")
    return exchange.aborted(UnknownReason.CONNECTION_LOST, "The connection broke after the request had begun to leave.")


def _origin(location: str) -> str:
    """Return scheme, host and port of a redirect's target: enough to correct the address, and never a secret."""
    with suppress(ValueError):
        return str(URL(location).origin()) if location else ""
    return ""
