"""Asks Spectrum whether it accepts the Authorization ID, by its connection test, which changes nothing.

Source: WSTestConnection as documented. Not documented: what it compares `Version` with, whether it looks at the
Authorization ID before that, and the texts of refusals. So a doubtful answer says that it is doubtful. Only a write
shows whether writes are allowed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from adapters.outbound.spectrum import remedies
from adapters.outbound.spectrum.answer import judge
from adapters.outbound.spectrum.envelope import build
from adapters.outbound.spectrum.masking import masking_of
from adapters.outbound.spectrum.remedies import Remedy
from adapters.outbound.spectrum.services import SERVICES
from adapters.outbound.spectrum.sign_in import SignedTransport
from adapters.outbound.spectrum.transport import HttpAnswer, Request
from core.model.connections.connection import SpectrumTarget
from core.model.sending.answer import (
    Accepted,
    NotSent,
    RefusalReason,
    Refused,
    Unknown,
    UnknownReason,
    WriteOutcome,
)
from core.model.shared.check_step import CheckState, CheckStep
from core.model.work_orders.spectrum_fields import CONNECTION_TEST
from core.model.work_orders.work_order import AUTHORIZATION_ID

AUTHORIZATION = "authorization"
_VERSION = "3.3"
_OF_THE_SERVICE = re.compile(rf"\b(web ?)?services?\b|\bmethods?\b|{CONNECTION_TEST}", re.IGNORECASE)
_LATER = "The first send shows whether Spectrum accepts the Authorization ID."


class AuthorizationCheck:
    def __init__(self, signed: SignedTransport) -> None:
        self._signed = signed

    async def __call__(self, target: SpectrumTarget, until: float) -> CheckStep:
        """Return the step AUTHORIZATION. Never raises."""
        return _tested(await self._call(CONNECTION_TEST, target, until, {"Version": _VERSION}))

    async def _call(
        self, service: str, target: SpectrumTarget, until: float, values: Mapping[str, str]
    ) -> WriteOutcome:
        body = build(service, {AUTHORIZATION_ID: target.secrets.authorization_id.reveal(), **values})
        url = target.endpoint.service_url(service)
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{url}"'}
        request = Request("POST", target.endpoint, url, headers, body, target.ca_certificate)
        signed = await self._signed.carry(target, request, until)
        answer = signed.answer
        outcome = judge(answer, SERVICES[service], reads=True) if isinstance(answer, HttpAnswer) else answer
        return masking_of(target, signed.token).outcome(outcome)


def _tested(outcome: WriteOutcome) -> CheckStep:
    """What the answer of Spectrum's connection test says about the Authorization ID."""
    if isinstance(outcome, Accepted):
        if outcome.returned:
            return _ok(AUTHORIZATION, "Spectrum's own connection test accepts the Authorization ID.")
        return _open(AUTHORIZATION, f"Spectrum's connection test answered without a result. {_LATER}")
    if _is_missing(outcome):
        return _open(AUTHORIZATION, f"This Spectrum does not offer its connection test ({CONNECTION_TEST}). {_LATER}")
    if not isinstance(outcome, Refused):
        return _unclear(AUTHORIZATION, outcome)
    if all(row.column.lower() == "version" for row in outcome.rows):
        detail = f"Spectrum's connection test looked only at the version number of the test. {_LATER}"
        return _open(AUTHORIZATION, detail)
    if _OF_THE_SERVICE.search(outcome.in_short):
        detail = f"The Authorization ID may not use Spectrum's connection test ({CONNECTION_TEST}). {_LATER}"
        return _open(AUTHORIZATION, detail)
    detail = f"Spectrum refuses the Authorization ID. It says: {outcome.in_short}"
    return _failed(AUTHORIZATION, detail, remedies.ID_REFUSED)


def _is_missing(outcome: WriteOutcome) -> bool:
    if isinstance(outcome, Refused):
        return outcome.reason is RefusalReason.SERVICE_MISSING
    return isinstance(outcome, Unknown) and outcome.reason is UnknownReason.SERVICE_NOT_THERE


def _unclear(name: str, outcome: NotSent | Unknown) -> CheckStep:
    if isinstance(outcome, NotSent):
        return _failed(name, outcome.detail, remedies.OF_REASON[outcome.reason])
    if outcome.reason is UnknownReason.UNAUTHENTICATED:
        return _failed(name, outcome.detail, remedies.SIGN_IN_WANTED)
    return _open(name, f"No clear answer: {outcome.detail}")


def _ok(name: str, detail: str) -> CheckStep:
    return CheckStep(name, CheckState.OK, detail)


def _open(name: str, detail: str) -> CheckStep:
    return CheckStep(name, CheckState.UNKNOWN, detail)


def _failed(name: str, detail: str, remedy: Remedy) -> CheckStep:
    return CheckStep(name, CheckState.FAILED, detail, remedy.code, remedy.fix)
