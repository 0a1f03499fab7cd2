"""The port Spectrum over SOAP: writes that may be repeated once, writes that add and are never repeated, and tests."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from types import TracebackType
from typing import Self
from uuid import uuid4

import structlog

from adapters.net.egress import Egress
from adapters.net.public_address import Network
from adapters.outbound.clock import SystemClock
from adapters.outbound.spectrum.answer import judge
from adapters.outbound.spectrum.documents import document_evidence, document_request, judge_document, login_of
from adapters.outbound.spectrum.envelope import build
from adapters.outbound.spectrum.examine import Examination
from adapters.outbound.spectrum.lists.read_lists import ReadLists
from adapters.outbound.spectrum.masking import masking_of
from adapters.outbound.spectrum.rotation import rotate
from adapters.outbound.spectrum.services import SERVICES, SPELLINGS
from adapters.outbound.spectrum.sign_in import Signed, SignedTransport
from adapters.outbound.spectrum.token import Tokens
from adapters.outbound.spectrum.transport import HttpAnswer, Request, Transport
from core.model.connections.client_secret import NewSecret, NotRotated
from core.model.connections.connection import SpectrumTarget
from core.model.mappings.alias import AliasKind
from core.model.mappings.list_read import EVERYTHING, ListQuestion, ListRead, TakeCodes
from core.model.sending.answer import Exchange, NotSent, RefusalReason, Refused, Unknown, UnknownReason, WriteOutcome
from core.model.shared.check_step import CheckStep
from core.model.work_orders.item import ItemKind
from core.model.work_orders.spectrum_fields import HEADER, LINES
from core.model.work_orders.work_order import AUTHORIZATION_ID, COMPANY_CODE, GUID, NUMBER
from ports.spectrum import Spectrum

log = structlog.get_logger(__name__)

_CLOCK = SystemClock()
_GUID_TIMED_OUT = re.compile(r"\btime[\s-]?out\b.*\boccurred\b", re.IGNORECASE | re.DOTALL)


class SoapSpectrum(Spectrum):
    """Spectrum through SOAP 1.1. Keeps tokens but no connection: every call opens its own."""

    def __init__(
        self,
        *,
        allowed_networks: Sequence[Network] = (),
        hosted: bool = False,
        deadline_seconds: float = 60.0,
        connect_seconds: float = 10.0,
        list_seconds: float = 300.0,
        new_guid: Callable[[], str] = lambda: str(uuid4()),
        boot_seconds: Callable[[], float] = _CLOCK.boot_seconds,
    ) -> None:
        """For `allowed_networks` and `hosted` see Egress. The deadline covers token, call and repeat together;
        `list_seconds` is the one for reading a list. `boot_seconds` is the clock for a write's `leave_by`."""
        self._transport = transport = Transport(Egress(allowed_networks, hosted), connect_seconds=connect_seconds)
        self._tokens = Tokens(transport)
        self._signed = SignedTransport(transport, self._tokens)
        self._read_list = ReadLists(self._signed, list_seconds)
        self._examination = Examination(transport, self._tokens, self._signed, self._read_list)
        self._deadline_seconds = deadline_seconds
        self._new_guid = new_guid
        self._boot_seconds = boot_seconds
        self._spelled: dict[tuple[str, str], str] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Forget the tokens."""
        self._tokens.forget()

    async def write_header(
        self, target: SpectrumTarget, fields: Mapping[str, str], *, leave_by: float | None
    ) -> Exchange:
        return await self.write_record(target, HEADER, fields, leave_by=leave_by)

    async def add_line(
        self, target: SpectrumTarget, kind: ItemKind, fields: Mapping[str, str], *, leave_by: float
    ) -> Exchange:
        service = LINES.get(kind)
        if service is None:
            raise ValueError(f"An item of kind {kind} makes no cost line.")
        return await self.add_record(target, service, fields, leave_by=leave_by)

    async def add_record(
        self, target: SpectrumTarget, service: str, fields: Mapping[str, str], *, leave_by: float
    ) -> Exchange:
        _check(target, service, fields)
        return await self._write(service, target, fields, self._deadline(), leave_by)

    async def write_record(
        self, target: SpectrumTarget, service: str, fields: Mapping[str, str], *, leave_by: float | None
    ) -> Exchange:
        _check(target, service, fields)
        until = self._deadline()
        first = await self._write_as_spelled(service, target, fields, until, leave_by)
        if not (_guid_timed_out(first.outcome) or _token_refused(first.outcome, target)):
            return first
        renewed = "guid" if isinstance(first.outcome, Refused) else "token"
        log.info("spectrum.write_repeated", connection=target.connection_id, service=service, renewed=renewed)
        return _both(first, await self._write_as_spelled(service, target, fields, until, leave_by))

    async def read_list(
        self, target: SpectrumTarget, kind: AliasKind, take: TakeCodes, question: ListQuestion = EVERYTHING
    ) -> ListRead:
        return await self._read_list(target, kind, take, question)

    async def add_document(
        self, target: SpectrumTarget, fields: Mapping[str, str], content: bytes, *, leave_by: float
    ) -> Exchange:
        if not fields.get(NUMBER, "").strip():
            raise ValueError(f"{NUMBER} is blank.")
        guid = self._new_guid()
        request = document_request(target, fields, content, guid)
        call = self._signed.carry_once(target, request, self._deadline(), lambda: self._boot_seconds() < leave_by)
        signed = await call
        masking, answer = masking_of(target, signed.token, login_of(target)), signed.answer
        outcome = masking.outcome(judge_document(answer) if isinstance(answer, HttpAnswer) else answer)
        received = (answer.body, answer.content_type) if isinstance(answer, HttpAnswer) else (b"",)
        log.info("spectrum.document_ended", connection=target.connection_id, outcome=type(outcome).__name__.lower())
        sent = document_evidence(target, fields, content, guid)
        return Exchange(outcome, masking.evidence(sent), masking.evidence(*received))

    async def sign_in(self, target: SpectrumTarget) -> NotSent | None:
        token = await self._tokens.token(target, self._deadline())
        return token if isinstance(token, NotSent) else None

    async def rotate_secret(self, target: SpectrumTarget) -> NewSecret | NotRotated:
        return await rotate(self._transport, self._tokens, target, self._deadline())

    def examine(self, target: SpectrumTarget, optional: Sequence[str] = ()) -> AsyncIterator[CheckStep]:
        return self._examination(target, optional, self._deadline())

    async def _write_as_spelled(
        self, service: str, target: SpectrumTarget, fields: Mapping[str, str], until: float, leave_by: float | None
    ) -> Exchange:
        """Write, under the other spelling of the service's name if Spectrum knows none under the first one. The answer
        to the second spelling counts only if Spectrum knows that one."""
        spellings = SPELLINGS.get(service, (service,))
        place = (target.endpoint.base, service)
        ordered = sorted(spellings, key=lambda name: name != self._spelled.get(place, spellings[0]))
        first = await self._write(service, target, fields, until, leave_by, ordered[0])
        for name in ordered[1:] if _service_missing(first.outcome) else ():
            other = await self._write(service, target, fields, until, leave_by, name)
            if not _service_missing(other.outcome):
                self._spelled[place] = name
                return other
        return first

    async def _write(
        self,
        service: str,
        target: SpectrumTarget,
        fields: Mapping[str, str],
        until: float,
        leave_by: float | None,
        name: str = "",
    ) -> Exchange:
        """Send at most one POST. The gate is checked immediately before its first byte leaves."""

        def in_time() -> bool:
            return leave_by is None or self._boot_seconds() < leave_by

        request = self._request(service, target, fields, name or service)
        return await self._exchange(service, target, request, self._signed.carry_once(target, request, until, in_time))

    def _request(self, service: str, target: SpectrumTarget, fields: Mapping[str, str], name: str) -> Request:
        """Build one write through `service`, with a new GUID. `name` is how its address spells it."""
        ours = {
            AUTHORIZATION_ID: target.secrets.authorization_id.reveal(),
            GUID: self._new_guid(),
            COMPANY_CODE: target.company_code,
        }
        body = build(service, {**fields, **ours})
        url = target.endpoint.service_url(name)
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{url}"'}
        return Request("POST", target.endpoint, url, headers, body, target.ca_certificate)

    async def _exchange(
        self, service: str, target: SpectrumTarget, request: Request, call: Awaitable[Signed]
    ) -> Exchange:
        """Await `call`, which sends `request`, and return its classified outcome without secrets."""
        began = time.perf_counter()
        signed = await call
        answer = signed.answer
        received = (answer.body, answer.content_type) if isinstance(answer, HttpAnswer) else (b"",)
        masking = masking_of(target, signed.token)
        outcome = masking.outcome(judge(answer, SERVICES[service]) if isinstance(answer, HttpAnswer) else answer)
        log.info(
            "spectrum.call_ended",
            connection=target.connection_id,
            service=service,
            outcome=type(outcome).__name__.lower(),
            reason=getattr(outcome, "reason", None),
            milliseconds=round((time.perf_counter() - began) * 1000, 1),
        )
        return Exchange(outcome, masking.evidence(request.body or b""), masking.evidence(*received))

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self._deadline_seconds


def _check(target: SpectrumTarget, service: str, fields: Mapping[str, str]) -> None:
    if service not in SERVICES:
        raise ValueError(f"{service} is no service that Jobferry calls.")
    if ours := fields.keys() & {AUTHORIZATION_ID, GUID}:
        raise ValueError(f"{', '.join(sorted(ours))} is set here, not by the caller.")
    if NUMBER in SERVICES[service].elements and not fields.get(NUMBER, "").strip():
        raise ValueError(f"{NUMBER} is blank; without it Spectrum would choose a number.")
    if fields.get(COMPANY_CODE, target.company_code) != target.company_code:
        raise ValueError(f"{COMPANY_CODE} is not the company of this connection.")


def _service_missing(outcome: WriteOutcome) -> bool:
    """Whether Spectrum has no service of this name, so that it read nothing."""
    match outcome:
        case Refused(reason=RefusalReason.SERVICE_MISSING):
            return True
        case Unknown(reason=UnknownReason.SERVICE_NOT_THERE):
            return True
    return False


def _guid_timed_out(outcome: WriteOutcome) -> bool:
    return isinstance(outcome, Refused) and any(_GUID_TIMED_OUT.search(row.text) for row in outcome.rows)


def _token_refused(outcome: WriteOutcome, target: SpectrumTarget) -> bool:
    """Whether a 401 answered our token. The token was dropped, so the next call signs in again."""
    signed = target.secrets.client_id is not None
    return signed and isinstance(outcome, Unknown) and outcome.status == HTTPStatus.UNAUTHORIZED


def _both(first: Exchange, second: Exchange) -> Exchange:
    """Return the combined outcome of a call and its repeat. The first call has left, whatever the second one
    shows. `first` was refused for its GUID, or is unknown because of a 401 for its token.

    A 401 may hide a write. So a repeat that was refused or not sent does not prove that nothing was written.
    """
    match first.outcome, second.outcome:
        case Unknown() as lost, Refused() | NotSent() as then:
            detail = f"{lost.detail} Repeated with a new token: {then.in_short}"
            outcome = Unknown(UnknownReason.HTTP_ERROR, detail, lost.status)
            shown = first if isinstance(then, NotSent) else second
            return replace(shown, outcome=outcome)
        case Refused(), NotSent():
            return first
    return second
