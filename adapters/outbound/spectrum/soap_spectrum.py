"""The port Spectrum over the wire: one header write with its repeats, and the look at a connection."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self
from uuid import uuid4

import structlog

from adapters.outbound.spectrum.answer import judge
from adapters.outbound.spectrum.egress import Egress, Network
from adapters.outbound.spectrum.envelope import build
from adapters.outbound.spectrum.examine import Examination
from adapters.outbound.spectrum.masking import Masking
from adapters.outbound.spectrum.services import HEADER, SERVICES
from adapters.outbound.spectrum.token import Tokens
from adapters.outbound.spectrum.transport import HttpAnswer, Request, Transport
from core.model.answer import CheckStep, Exchange, NotSent, Refused, RefusalReason, WriteOutcome
from core.model.connection import SpectrumTarget
from core.model.secret import Secret
from core.model.work_order import AUTHORIZATION_ID, COMPANY_CODE, GUID, NUMBER
from ports.spectrum import Spectrum

log = structlog.get_logger(__name__)


class SoapSpectrum(Spectrum):
    """Spectrum through SOAP 1.1. Holds tokens, but no connection: every call makes its own."""

    def __init__(
        self,
        *,
        allowed_networks: Sequence[Network] = (),
        deadline_seconds: float = 60.0,
        connect_seconds: float = 10.0,
        new_guid: Callable[[], str] = lambda: str(uuid4()),
    ) -> None:
        """`allowed_networks` are those that plain http may go to. The deadline spans token, call and repeat together."""
        self._transport = Transport(Egress(allowed_networks), connect_seconds=connect_seconds)
        self._tokens = Tokens(self._transport)
        self._examination = Examination(self._transport, self._tokens)
        self._deadline_seconds = deadline_seconds
        self._new_guid = new_guid

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Forget the tokens."""
        self._tokens.forget()

    async def write_header(self, target: SpectrumTarget, fields: Mapping[str, str]) -> Exchange:
        _check(target, fields)
        until = asyncio.get_running_loop().time() + self._deadline_seconds
        exchange = await self._write(HEADER, target, fields, until)
        if _guid_timed_out(exchange.outcome):
            log.info("spectrum.guid_renewed", connection=target.connection_id, service=HEADER)
            exchange = await self._write(HEADER, target, fields, until)
        return exchange

    async def examine(self, target: SpectrumTarget) -> Sequence[CheckStep]:
        until = asyncio.get_running_loop().time() + self._deadline_seconds
        return await self._examination(target, until)

    async def _write(self, service: str, target: SpectrumTarget, fields: Mapping[str, str], until: float) -> Exchange:
        """One write under a GUID of its own; a 401 to an expired token is repeated once with a new one."""
        authorization_id = target.secrets.authorization_id
        body = build(
            service,
            {COMPANY_CODE: target.company_code, **fields}
            | {AUTHORIZATION_ID: authorization_id.reveal(), GUID: self._new_guid()},
        )
        if target.secrets.client_id is None:
            return await self._post(service, target, body, None, until)
        token = await self._tokens.token(target, until)
        if isinstance(token, NotSent):
            return Exchange(token)
        exchange = await self._post(service, target, body, token, until)
        if not _unauthenticated(exchange.outcome):
            return exchange
        renewed = await self._tokens.token(target, until, spent=token)
        if isinstance(renewed, NotSent):
            return Exchange(renewed, exchange.request, exchange.answer)
        return await self._post(service, target, body, renewed, until)

    async def _post(
        self, service: str, target: SpectrumTarget, body: bytes, token: Secret | None, until: float
    ) -> Exchange:
        url = target.endpoint.service_url(service)
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{url}"', **_bearer(token)}
        began = time.perf_counter()
        answer = await self._transport.carry(
            Request("POST", target.endpoint, url, headers, body, target.ca_certificate), until
        )
        masking = _masking(target, token)
        outcome = masking.outcome(judge(answer, SERVICES[service]) if isinstance(answer, HttpAnswer) else answer)
        log.info(
            "spectrum.call_ended",
            connection=target.connection_id,
            service=service,
            outcome=type(outcome).__name__.lower(),
            reason=getattr(outcome, "reason", None),
            milliseconds=round((time.perf_counter() - began) * 1000, 1),
        )
        received = answer.body if isinstance(answer, HttpAnswer) else b""
        return Exchange(outcome, masking.evidence(body), masking.evidence(received))


def _check(target: SpectrumTarget, fields: Mapping[str, str]) -> None:
    if ours := fields.keys() & {AUTHORIZATION_ID, GUID}:
        raise ValueError(f"{', '.join(sorted(ours))} is filled in here, not by the caller.")
    if not fields.get(NUMBER, "").strip():
        raise ValueError(f"{NUMBER} is blank; without it every repeat would make another work order.")
    if fields.get(COMPANY_CODE, target.company_code) != target.company_code:
        raise ValueError(f"{COMPANY_CODE} is not the company of this connection.")


def _guid_timed_out(outcome: WriteOutcome) -> bool:
    """Whether a refusal says that the time-out of the GUID has occurred; a fresh GUID may simply meet an old session."""
    return isinstance(outcome, Refused) and any(
        all(word in row.text.lower() for word in ("time", "out", "occurred")) for row in outcome.rows
    )


def _unauthenticated(outcome: WriteOutcome) -> bool:
    return (
        isinstance(outcome, Refused)
        and outcome.reason is RefusalReason.UNAUTHENTICATED
        and outcome.detail.endswith("(HTTP 401).")
    )


def _bearer(token: Secret | None) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token.reveal()}"} if token else {}


def _masking(target: SpectrumTarget, token: Secret | None) -> Masking:
    secrets = (target.secrets.authorization_id, target.secrets.client_secret, token)
    return Masking(secret.reveal() for secret in secrets if secret)
