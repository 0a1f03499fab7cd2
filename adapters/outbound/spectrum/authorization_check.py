"""Asks Spectrum whether it accepts the Authorization ID and the company, by two services that change nothing.

Source: WSTestConnection and GetInventoryItems as documented. Not documented: what the first compares `Version` with,
whether it looks at the Authorization ID before that, and the texts of refusals. So a doubtful answer says that it is
doubtful. Only a write shows whether writes are allowed.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from uuid import uuid4

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
from core.model.work_orders.optional_fields import ITEMS_READ
from core.model.work_orders.spectrum_fields import CONNECTION_TEST
from core.model.work_orders.work_order import AUTHORIZATION_ID, GUID

NAMES = AUTHORIZATION, READ = ("authorization", "read")
_VERSION = "3.3"
_NO_SUCH_PART = "JOBFERRY-TEST"
"""A part number that no item has, so the answer is short and holds nobody's data."""
_OF_THE_SERVICE = re.compile(rf"\b(web ?)?services?\b|\bmethods?\b|{CONNECTION_TEST}|{ITEMS_READ}", re.IGNORECASE)
_OF_THE_COMPANY = re.compile(r"\bcompan(y|ies)\b|company_code", re.IGNORECASE)
_LATER = "The first send shows whether Spectrum accepts the Authorization ID."


class AuthorizationCheck:
    def __init__(self, signed: SignedTransport) -> None:
        self._signed = signed

    async def __call__(self, target: SpectrumTarget, until: float) -> AsyncIterator[CheckStep]:
        """Yield the steps of NAMES. Never raises."""
        tested = _tested(await self._call(CONNECTION_TEST, target, until, {"Version": _VERSION}))
        yield tested
        if tested.state is CheckState.FAILED:
            yield CheckStep(READ, CheckState.SKIPPED, f"Not tested, since {AUTHORIZATION} failed.")
            return
        asked = {GUID: str(uuid4()), "pCompany_Code": target.company_code, "pEDP_Part_Number": _NO_SUCH_PART}
        yield _read(await self._call(ITEMS_READ, target, until, asked), target.company_code)

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


def _read(outcome: WriteOutcome, company: str) -> CheckStep:
    """What the answer of a read says about the Authorization ID in this company. Jobferry itself needs no read."""
    if isinstance(outcome, Accepted):
        return _ok(READ, f"Spectrum lets this Authorization ID read in company {company}.")
    if _is_missing(outcome):
        return CheckStep(READ, CheckState.SKIPPED, f"This Spectrum does not offer {ITEMS_READ}; sends do not need it.")
    if not isinstance(outcome, Refused):
        return _unclear(READ, outcome)
    if _OF_THE_COMPANY.search(outcome.in_short):
        detail = f"Spectrum refuses company {company} to this Authorization ID. It says: {outcome.in_short}"
        return _failed(READ, detail, remedies.COMPANY_REFUSED)
    detail = f"The Authorization ID may not read ({ITEMS_READ}); sends do not need it. The company is not tested."
    return _open(READ, detail)


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
