"""Asks Spectrum for a list: at most three readings of an endpoint at a time, each on a connection of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from http import HTTPStatus
from uuid import uuid4

import structlog

from adapters.outbound.spectrum.answer import judge
from adapters.outbound.spectrum.envelope import build
from adapters.outbound.spectrum.lists.list_reader import ListReader, values_of
from adapters.outbound.spectrum.masking import masking_of
from adapters.outbound.spectrum.services import SERVICES
from adapters.outbound.spectrum.sign_in import SignedTransport
from adapters.outbound.spectrum.transport import HttpAnswer, Request
from core.model.connections.connection import SpectrumTarget
from core.model.mappings.alias import AliasKind
from core.model.mappings.list_read import LIST_SERVICES, ListQuestion, ListRead, TakeCodes, never_listed
from core.model.mappings.listed_code import ListTrouble
from core.model.sending.answer import Accepted, RefusalReason, Refused, Unknown, UnknownReason, WriteOutcome
from core.model.work_orders.work_order import AUTHORIZATION_ID, GUID

READINGS_AT_ONCE = 3
"""Source: Spectrum's advice for reads. Writes do not wait for them."""

_NO_TURN = ListRead(trouble=ListTrouble.UNREADABLE, detail="Other readings of this Spectrum took all the time.")

log = structlog.get_logger(__name__)


class ReadLists:
    def __init__(self, signed: SignedTransport, seconds: float) -> None:
        """`seconds` is the time for one question, with its answer and all that `take` does."""
        self._signed = signed
        self._seconds = seconds
        self._running: dict[tuple[str, int], tuple[asyncio.Semaphore, int]] = {}

    async def __call__(
        self,
        target: SpectrumTarget,
        kind: AliasKind,
        take: TakeCodes,
        question: ListQuestion,
        *,
        until: float | None = None,
    ) -> ListRead:
        """As `Spectrum.read_list`. `until` is the event loop's time at which it has to end, None for its own time."""
        if no_service := never_listed(kind):
            return no_service
        async with self._turn(target.endpoint.place, until) as ours:
            read = await self._read(target, kind, take, question, until) if ours else _NO_TURN
        log.info(
            "spectrum.list_read",
            connection=target.connection_id,
            service=LIST_SERVICES[kind],
            rows=read.rows,
            trouble=read.trouble,
        )
        return read

    async def _read(
        self, target: SpectrumTarget, kind: AliasKind, take: TakeCodes, question: ListQuestion, until: float | None
    ) -> ListRead:
        until = asyncio.get_running_loop().time() + self._seconds if until is None else until
        reader = ListReader(kind, target.company_code, take)
        signed = await self._signed.carry(target, _request(target, kind, question), until, reader.feed)
        answer, masking = signed.answer, masking_of(target, signed.token)
        if isinstance(answer, HttpAnswer) and answer.status == HTTPStatus.OK:
            read = await reader.end(answer.cut_detail if answer.cut else "")
        else:
            service = SERVICES[LIST_SERVICES[kind]]
            read = _not_read(judge(answer, service, reads=True) if isinstance(answer, HttpAnswer) else answer)
        said = tuple(masking.text(text) for text in read.warnings)
        return replace(read, detail=masking.text(read.detail), refused=masking.text(read.refused), warnings=said)

    @asynccontextmanager
    async def _turn(self, place: tuple[str, int], until: float | None) -> AsyncIterator[bool]:
        """False if no turn came in time: somebody else's readings of the endpoint may take minutes."""
        places, users = self._running.get(place, (asyncio.Semaphore(READINGS_AT_ONCE), 0))
        self._running[place] = places, users + 1
        ours = False
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(until):
                    ours = await places.acquire()
            yield ours
        finally:
            if ours:
                places.release()
            places, users = self._running.pop(place)
            if users > 1:
                self._running[place] = places, users - 1


def _request(target: SpectrumTarget, kind: AliasKind, question: ListQuestion) -> Request:
    service = LIST_SERVICES[kind]
    ours = {AUTHORIZATION_ID: target.secrets.authorization_id.reveal(), GUID: str(uuid4())}
    url = target.endpoint.service_url(service)
    body = build(service, {**values_of(kind, target.company_code, question), **ours})
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{url}"'}
    return Request("POST", target.endpoint, url, headers, body, target.ca_certificate)


def _not_read(outcome: WriteOutcome) -> ListRead:
    """What a call means that gave no answer with HTTP 200."""
    match outcome:
        case Refused(reason=RefusalReason.SERVICE_MISSING) | Unknown(reason=UnknownReason.SERVICE_NOT_THERE):
            trouble = ListTrouble.NO_SERVICE
        case Refused(rows=rows) if rows and all(row.code == "A" for row in rows):
            trouble = ListTrouble.NOT_ALLOWED
        case _:
            trouble = ListTrouble.UNREADABLE
    detail = outcome.in_short if isinstance(outcome, Accepted | Refused) else outcome.detail
    refused = outcome.in_short if isinstance(outcome, Refused) and outcome.rows else ""
    return ListRead(trouble=trouble, detail=detail or "The answer holds no list.", refused=refused)
