"""Calls to ServiceTrade for a tenant: within the budget, with a session, repeated once after a lost session.

Lists are read completely: an unreadable row is an error or is returned as unreadable, and is never dropped.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from http import HTTPStatus
from typing import Any

import structlog

from adapters.net.json_shapes import key_of, rows_of, sole, text
from adapters.outbound.servicetrade.budget import Budget
from adapters.outbound.servicetrade.envelope import Envelope, open_envelope
from adapters.outbound.servicetrade.refusal import list_unsteady, out_of_order, record_unreadable, refused
from adapters.outbound.servicetrade.sessions import Sessions
from adapters.outbound.servicetrade.transport import HttpAnswer, Request, Transport
from adapters.outbound.servicetrade.unreachable import endless_list, host_of, wrong_address
from core.model.shared.errors import BadInput, FieldError, NotFound
from core.model.tenants.tenant import ServiceTradeAccount

PAGE_SIZE = 100
MOST_PAGES = 1_000
"""Limit for one list. A server that always has one more page would otherwise be read for ever."""
LIST_LIMIT = 8 << 20
"""Bytes of a list that is kept in memory, over all its pages: about 8,000 items or comments of one job."""

ID = re.compile(r"[0-9]{1,16}", re.ASCII)
_PAGES = re.compile(r"[1-9][0-9]{0,8}(\.0+)?", re.ASCII)
_SYSTEM = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
Row = Mapping[str, Any]

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

    async def content(self, account: ServiceTradeAccount, request: Request, what: str) -> bytes:
        """Return the bytes of a file. Raises NotFound (DOCUMENT_NOT_FOUND), TenantMends (ST_RECORD_UNREADABLE,
        ST_BASE_URL_WRONG for a file that is larger than the request's limit), and what every call raises."""
        await self._budget.wait(account.tenant_id)
        answer = await self._signed_in(account, request)
        if trouble := out_of_order(answer):
            raise trouble
        if answer.status == HTTPStatus.NOT_FOUND:
            raise NotFound(f"ServiceTrade has no content of {what}.", code="DOCUMENT_NOT_FOUND", fix="Look at the job.")
        if answer.status != HTTPStatus.OK:
            raise record_unreadable(what, f"ServiceTrade answers HTTP {answer.status}")
        return answer.body

    async def rows(
        self,
        account: ServiceTradeAccount,
        path: str,
        query: Mapping[str, str],
        key: str,
        what: str,
        *,
        limit: int = LIST_LIMIT,
    ) -> AsyncIterator[Row]:
        """Yield the rows of a list, page by page, until `totalPages` if given, or a page without new rows."""
        seen: set[str] = set()
        async for page, data in self._answers(account, path, query, what, limit):
            listed = _list(data.get(key)) or []
            fresh = [row for row in map(sole, listed) if isinstance(row, dict) and key_of(row) not in seen]
            for row in fresh:
                seen.add(key_of(row))
                yield row
            total = total_pages(data.get("totalPages"))
            if not fresh or (total is not None and page >= total):
                return

    async def pages(
        self,
        account: ServiceTradeAccount,
        path: str,
        query: Mapping[str, str],
        key: str,
        what: str,
        *,
        limit: int = LIST_LIMIT,
        lenient: bool = False,
        whole: bool = False,
    ) -> AsyncIterator[Sequence[Row]]:
        """Yield the rows of each page, each row once. Ends after `totalPages`. Without it, ends after a page with no
        new rows: an empty page, or the last one again.

        Raises TenantMends: ST_BASE_URL_WRONG if there is no list or it has more than `limit` bytes,
        ST_RECORD_UNREADABLE if a row is no record. Raises TimeMends (ST_UNREACHABLE) if the pages do not match: no new
        rows before the last page, or one id on two different rows. With `lenient`, an invalid row does not raise; one
        that is no object becomes an empty row. With `whole`, a further page without a new row raises TimeMends, too,
        also if it is the last of `totalPages`.
        """
        seen: dict[str, bytes] = {}
        async for page, data in self._answers(account, path, query, what, limit):
            fresh: list[Row] = []
            for row in _records(account, data.get(key), key, lenient):
                print_of_row = sha256(repr(sorted(row.items())).encode()).digest()
                known = seen.setdefault(key_of(row), print_of_row)
                if known is print_of_row:
                    fresh.append(row)
                elif known != print_of_row and key_of(row):
                    raise list_unsteady(what)
            yield fresh
            total = total_pages(data.get("totalPages"))
            lacking = whole and not fresh and page > 1 and total is not None
            if not lacking and (page >= total if total is not None else not fresh):
                return
            if not fresh:
                raise list_unsteady(what)

    async def _answers(
        self, account: ServiceTradeAccount, path: str, query: Mapping[str, str], what: str, limit: int
    ) -> AsyncIterator[tuple[int, Mapping[str, Any]]]:
        """Yield number and content of each page until the caller stops. Raises TenantMends for an endless list."""
        size = 0
        for page in range(1, MOST_PAGES + 1):
            request = Request("GET", path, {**query, "page": str(page), "limit": str(PAGE_SIZE)})
            envelope = await self.call(account, request, what)
            size += envelope.size
            if size > limit:
                break
            yield page, envelope.data
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


class Part:
    """A part of the port. All parts share the calls."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls


def total_pages(told: object) -> int | None:
    """`totalPages` may be a number, a text, or missing: None."""
    try:
        pages = text(told).strip()
    except ValueError:
        return None
    return int(pages.partition(".")[0]) if _PAGES.fullmatch(pages) else None


def _list(listed: object) -> list[Any] | None:
    """The rows of a list, or the only row in its place. None for anything else."""
    return [listed] if isinstance(listed, dict) and key_of(listed) else rows_of(listed)


def _records(account: ServiceTradeAccount, told: object, key: str, lenient: bool) -> Sequence[Row]:
    listed = _list(told)
    if listed is None:
        raise wrong_address(account.base_url, f"answers without the requested list {key}")
    rows = [row if isinstance(row, dict) else {} for row in map(sole, listed)]
    for place, row in enumerate(rows, start=1):
        if not lenient and not key_of(row):
            # A row of webhooks may hold a secret, so it is not quoted.
            raise record_unreadable(f"the entry {place} of the list {key}", "it has no id")
    return rows


def checked_id(record_id: str, kind: str = "job") -> str:
    if not ID.fullmatch(record_id):
        raise invalid(f"/{kind}_id", f"That is not a ServiceTrade {kind} id.", "digits only, at most 16 of them")
    return record_id


def checked_system(system: str) -> str:
    if not _SYSTEM.fullmatch(system):
        raise invalid("/external_system", "That is not an external system's name.", "a letter, then letters or digits")
    return system


def invalid(pointer: str, message: str, rule: str) -> BadInput:
    return BadInput(message, fix=f"Give {rule}.", errors=[FieldError(pointer, rule)])
