"""One call to ServiceTrade for a tenant: within the budget, with a session, repeated once after a lost session."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import structlog

from adapters.outbound.servicetrade.budget import Budget
from adapters.outbound.servicetrade.envelope import Envelope, open_envelope
from adapters.outbound.servicetrade.refusal import out_of_order, refused
from adapters.outbound.servicetrade.sessions import Sessions
from adapters.outbound.servicetrade.transport import HttpAnswer, Request, Transport
from adapters.outbound.servicetrade.unreachable import endless_list, host_of, wrong_address
from core.model.tenants.tenant import ServiceTradeAccount

PAGE_SIZE = 100
MOST_PAGES = 1_000
"""Limit for one list. A server that always has one more page would otherwise be read for ever."""
LIST_LIMIT = 8 << 20
"""Bytes of a list that is kept in memory, over all its pages: about 8,000 items or comments of one job."""

_log = structlog.get_logger(__name__)
_REDIRECTS = range(HTTPStatus.MULTIPLE_CHOICES, HTTPStatus.BAD_REQUEST)


class Refusal(Exception):
    """ServiceTrade refused the call in its own envelope. The caller knows what the status means for its request."""

    def __init__(self, status: int, envelope: Envelope) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.envelope = envelope


class Calls:
    """Sends every call: budget, session, errors, pages."""

    def __init__(self, transport: Transport, sessions: Sessions, budget: Budget) -> None:
        self._transport = transport
        self._sessions = sessions
        self._budget = budget

    async def call(self, account: ServiceTradeAccount, request: Request, what: str) -> Envelope:
        """Return the envelope of a 2xx answer. `what` names the request in errors.
        Raises the errors of the port, never Refusal."""
        try:
            return await self.attempt(account, request)
        except Refusal as refusal:
            raise refused(refusal.status, refusal.envelope, what) from refusal

    async def find(self, account: ServiceTradeAccount, request: Request, what: str) -> Envelope | None:
        """Like `call`, but None for HTTP 404: there is no such record."""
        try:
            return await self.attempt(account, request)
        except Refusal as refusal:
            if refusal.status == HTTPStatus.NOT_FOUND:
                return None
            raise refused(refusal.status, refusal.envelope, what) from refusal

    async def attempt(self, account: ServiceTradeAccount, request: Request) -> Envelope:
        """Like `call`, but raises Refusal, so that the caller can read the status."""
        await self._budget.wait(account.tenant_id)
        answer = await self._signed_in(account, request)
        if trouble := out_of_order(answer):
            self._note_balance(account, answer)
            raise trouble
        if answer.status in _REDIRECTS:
            to = f" to {host_of(answer.location)}" if answer.location else ""
            raise wrong_address(account.base_url, f"redirects{to} instead of answering")
        try:
            envelope = open_envelope(answer.body)
        except ValueError as error:
            said = f"answers HTTP {answer.status} with something that is not ServiceTrade's JSON"
            raise wrong_address(account.base_url, said) from error
        self._budget.note(account.tenant_id, envelope.balance_ms)
        if not answer.ok:
            raise Refusal(answer.status, envelope)
        return envelope

    async def rows(
        self, account: ServiceTradeAccount, path: str, query: Mapping[str, str], key: str, what: str
    ) -> AsyncIterator[Mapping[str, Any]]:
        """Yield the rows of a list, page by page, until `totalPages` if given, or a page without new rows."""
        seen: set[str] = set()
        size = 0
        for page in range(1, MOST_PAGES + 1):
            request = Request("GET", path, {**query, "page": str(page), "limit": str(PAGE_SIZE)})
            envelope = await self.call(account, request, what)
            data = envelope.data
            size += envelope.size
            if size > LIST_LIMIT:
                break
            listed = data.get(key)
            fresh = [
                row
                for row in (listed if isinstance(listed, list) else [])
                if isinstance(row, dict) and str(row.get("id")) not in seen
            ]
            for row in fresh:
                seen.add(str(row.get("id")))
                yield row
            total = total_pages(data.get("totalPages"))
            if not fresh or (total is not None and page >= total):
                return
        raise endless_list(account.base_url, what)

    async def _signed_in(self, account: ServiceTradeAccount, request: Request) -> HttpAnswer:
        session = await self._sessions.current(account)
        answer = await self._carry(account, replace(request, headers=session.headers))
        if answer.status == HTTPStatus.UNAUTHORIZED:
            session = await self._sessions.current(account, dead=session)
            answer = await self._carry(account, replace(request, headers=session.headers))
        return answer

    async def _carry(self, account: ServiceTradeAccount, request: Request) -> HttpAnswer:
        started = time.monotonic()
        answer = await self._transport.carry(account.base_url, request)
        _log.debug(
            "servicetrade.answered",
            tenant_id=account.tenant_id,
            method=request.method,
            path=request.path,
            status=answer.status,
            ms=round((time.monotonic() - started) * 1000),
        )
        return answer

    def _note_balance(self, account: ServiceTradeAccount, answer: HttpAnswer) -> None:
        try:
            self._budget.note(account.tenant_id, open_envelope(answer.body).balance_ms)
        except ValueError:
            return  # the page of a gateway in front of ServiceTrade has no balance


def total_pages(told: object) -> int | None:
    """`totalPages` may be a number, a text, or missing: None."""
    if isinstance(told, bool) or not isinstance(told, (int, Decimal, str)):
        return None
    try:
        return int(told)
    except ValueError:
        return None
