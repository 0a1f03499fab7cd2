"""Every answer that the sandbox can give to a header, classified; TLS, tokens and the examination against it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest

from adapters.outbound.spectrum.list_permission import READS
from adapters.outbound.spectrum.services import NEEDED
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.spectrum.sandbox import SpectrumSandbox
from adapters.sandbox.spectrum.state import GuidUse
from core.model.connections.connection import ConnectionSecrets, SpectrumTarget
from core.model.connections.endpoint import Endpoint
from core.model.sending.answer import (
    Accepted,
    AnswerRow,
    NotSent,
    NotSentReason,
    RefusalReason,
    Refused,
    Unknown,
    UnknownReason,
)
from core.model.shared.check_step import CheckState
from core.model.shared.secret import Secret

AUTHORIZATION_ID = "SANDBOX-101"
FIELDS = {
    "WO_Number": "S1001",
    "WO_Reference_Code": "S",
    "WO_Job_Number": "HV0001",
    "Bill_Customer_Code": "HARVIEW",
    "Summary_Description": "Check valve leaks",
}


def adapter(deadline_seconds: float = 10.0) -> SoapSpectrum:
    return SoapSpectrum(
        allowed_networks=[ip_network("127.0.0.0/8")], deadline_seconds=deadline_seconds, connect_seconds=2.0
    )


def target(
    sandbox: SpectrumSandbox, *, enhanced: bool = False, authorization_id: str = AUTHORIZATION_ID
) -> SpectrumTarget:
    secrets = ConnectionSecrets(
        Secret(authorization_id),
        sandbox.state.settings.client_id if enhanced else None,
        Secret(sandbox.state.settings.client_secret) if enhanced else None,
    )
    return SpectrumTarget("con_1", Endpoint.parse(sandbox.url), "101", secrets, sandbox.ca_certificate)


@pytest.fixture
async def sandbox() -> AsyncIterator[SpectrumSandbox]:
    async with SpectrumSandbox.start() as running:
        yield running


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault(FaultKind.DROP_BEFORE_APPLY), UnknownReason.CONNECTION_LOST),
        (Fault(FaultKind.APPLY_THEN_DROP), UnknownReason.CONNECTION_LOST),
        (Fault(FaultKind.APPLY_LATE, seconds=0.05), UnknownReason.CONNECTION_LOST),
        (Fault(FaultKind.TRUNCATE, bytes=200), UnknownReason.TRUNCATED),
        (Fault(FaultKind.TRUNCATE, bytes=0), UnknownReason.TRUNCATED),
        (Fault(FaultKind.HTML), UnknownReason.NOT_SOAP),
        (Fault(FaultKind.STATUS, status=500), UnknownReason.HTTP_ERROR),
        (Fault(FaultKind.STATUS, status=503), UnknownReason.HTTP_ERROR),
        (Fault(FaultKind.STATUS, status=429), UnknownReason.HTTP_ERROR),
        (Fault(FaultKind.STATUS, status=401), UnknownReason.UNAUTHENTICATED),
        (Fault(FaultKind.STATUS, status=404), UnknownReason.SERVICE_NOT_THERE),
        (Fault(FaultKind.APPLY_THEN_STATUS, status=403), UnknownReason.UNAUTHENTICATED),
        (Fault(FaultKind.APPLY_THEN_STATUS, status=404), UnknownReason.SERVICE_NOT_THERE),
        (Fault(FaultKind.REDIRECT, text="https://elsewhere.example.com/"), UnknownReason.REDIRECT),
        (Fault(FaultKind.DRIP), UnknownReason.TIMEOUT),
        (Fault(FaultKind.LATENCY, seconds=30), UnknownReason.TIMEOUT),
        (Fault(FaultKind.BOMB), UnknownReason.TOO_LARGE),
        (Fault(FaultKind.BOMB, text="plain"), UnknownReason.TOO_LARGE),
        (Fault(FaultKind.SOAP_FAULT, text="client_missing"), RefusalReason.SERVICE_MISSING),
        (Fault(FaultKind.SOAP_FAULT, text="server_error"), UnknownReason.SERVER_FAULT),
        (Fault(FaultKind.LOCK, text="S1001"), RefusalReason.ROWS),
        (Fault(FaultKind.ROWS, text="I Zone not valid\nM Lead_Source missing"), RefusalReason.ROWS),
        (Fault(FaultKind.ROWS, text="S - fine"), UnknownReason.MIXED_ANSWER),
        (Fault(FaultKind.ROWS, text="W - careful"), None),
        (Fault(FaultKind.ROWS, text="G WO_Number S1001\nI Zone not valid"), UnknownReason.MIXED_ANSWER),
        (Fault(FaultKind.ROWS, text="G WO_Number S1001"), None),
    ],
    ids=lambda value: f"{value.kind}-{value.text or value.status}" if isinstance(value, Fault) else None,
)
async def test_every_fault_has_its_outcome(
    sandbox: SpectrumSandbox, fault: Fault, reason: UnknownReason | RefusalReason | None
) -> None:
    sandbox.faults.add(fault)
    async with adapter(deadline_seconds=2.0) as spectrum:
        outcome = (await spectrum.write_header(target(sandbox), FIELDS, leave_by=None)).outcome
    assert getattr(outcome, "reason", None) is reason
    assert isinstance(outcome, Unknown if isinstance(reason, UnknownReason) else Refused if reason else Accepted)


async def test_returned_values_are_kept_and_trimmed(sandbox: SpectrumSandbox) -> None:
    sandbox.state.settings.success = "rows"
    async with adapter() as spectrum:
        outcome = (await spectrum.write_header(target(sandbox), FIELDS, leave_by=None)).outcome
    assert outcome == Accepted((AnswerRow("G", "S1001", "WO_Number"),))


async def test_all_complaints_of_one_answer_are_kept(sandbox: SpectrumSandbox) -> None:
    wrong = {**FIELDS, "WO_Job_Number": "NOSITE", "Bill_Customer_Code": "NOBODY"}
    async with adapter() as spectrum:
        outcome = (await spectrum.write_header(target(sandbox), wrong, leave_by=None)).outcome
    assert isinstance(outcome, Refused)
    assert {("I", "WO_Job_Number"), ("I", "Bill_Customer_Code")} <= {(row.code, row.column) for row in outcome.rows}


async def test_an_authorization_that_is_not_known_is_refused(sandbox: SpectrumSandbox) -> None:
    async with adapter() as spectrum:
        exchange = await spectrum.write_header(target(sandbox, authorization_id="SOMEBODY"), FIELDS, leave_by=None)
    assert isinstance(exchange.outcome, Refused)
    assert [(row.code, row.column) for row in exchange.outcome.rows] == [("A", "Authorization_ID")]
    assert "SOMEBODY" not in repr(exchange)


async def test_a_guid_that_timed_out_is_renewed(sandbox: SpectrumSandbox) -> None:
    long_ago = datetime.now(UTC) - timedelta(hours=30)
    sandbox.state.guids["spent"] = GuidUse(authorization=AUTHORIZATION_ID, last_used=long_ago)
    guids = iter(["spent", "fresh"])
    async with SoapSpectrum(allowed_networks=[ip_network("127.0.0.0/8")], new_guid=lambda: next(guids)) as spectrum:
        exchange = await spectrum.write_header(target(sandbox), FIELDS, leave_by=None)
    assert exchange.outcome == Accepted()
    assert "<GUID>fresh</GUID>" in exchange.request


async def test_enhanced_authentication(sandbox: SpectrumSandbox) -> None:
    sandbox.state.settings.enhanced_auth = True
    here = target(sandbox, enhanced=True)
    async with adapter() as spectrum:
        assert (await spectrum.write_header(here, FIELDS, leave_by=None)).outcome == Accepted()
        bare = (await spectrum.write_header(target(sandbox), FIELDS, leave_by=None)).outcome
        assert isinstance(bare, Unknown)
        assert bare.reason is UnknownReason.UNAUTHENTICATED

        sandbox.state.settings.secret_expired = True
        assert (await spectrum.write_header(here, FIELDS, leave_by=None)).outcome == Accepted()
    async with adapter() as restarted:
        expired = (await restarted.write_header(here, FIELDS, leave_by=None)).outcome
    assert isinstance(expired, NotSent)
    assert expired.reason is NotSentReason.TOKEN_REFUSED


async def test_a_valid_certificate_of_a_private_authority() -> None:
    async with SpectrumSandbox.start(tls="valid") as sandbox, adapter() as spectrum:
        assert (await spectrum.write_header(target(sandbox), FIELDS, leave_by=None)).outcome == Accepted()
        trustless = replace(target(sandbox), ca_certificate=None)
        stranger = (await spectrum.write_header(trustless, FIELDS, leave_by=None)).outcome
        steps = [step async for step in spectrum.examine(target(sandbox))]
    assert isinstance(stranger, NotSent)
    assert stranger.reason is NotSentReason.TLS
    assert {step.name: step.state for step in steps} == {
        **dict.fromkeys(("dns", "connection", "tls", *NEEDED, "authorization", *READS.values()), CheckState.OK),
        "token": CheckState.SKIPPED,
        "permission": CheckState.UNKNOWN,
    }


async def test_an_expired_certificate() -> None:
    async with SpectrumSandbox.start(tls="expired") as sandbox, adapter() as spectrum:
        outcome = (await spectrum.write_header(target(sandbox), FIELDS, leave_by=None)).outcome
        steps = [step async for step in spectrum.examine(target(sandbox))]
        assert sandbox.state.companies["101"].work_orders == {}
    assert isinstance(outcome, NotSent)
    assert "has expired" in outcome.detail
    failed = [step for step in steps if step.state is CheckState.FAILED]
    assert [(step.name, "has expired" in step.detail) for step in failed] == [("tls", True)]


async def test_the_sandbox_offers_the_elements_that_we_send(sandbox: SpectrumSandbox) -> None:
    async with adapter() as spectrum:
        steps = [step async for step in spectrum.examine(target(sandbox))]
    assert {step.state for step in steps if step.name in NEEDED} == {CheckState.OK}


async def test_a_service_that_is_not_deployed_is_found_by_looking(sandbox: SpectrumSandbox) -> None:
    sandbox.state.settings.services = ["WorkOrderHeader", "AddWOMaterialCost"]
    async with adapter() as spectrum:
        steps = {step.name: step async for step in spectrum.examine(target(sandbox))}
    assert steps["AddWOOtherCharges"].code == "WEB_SERVICE_DISABLED"
    assert steps["WorkOrderHeader"].state is CheckState.OK


async def test_a_wrong_authorization_id_is_found_without_a_write(sandbox: SpectrumSandbox) -> None:
    wrong = replace(target(sandbox), secrets=ConnectionSecrets(Secret("SANDBOX-WRONG")))
    async with adapter() as spectrum:
        steps = {step.name: step async for step in spectrum.examine(wrong)}
    assert (steps["authorization"].state, steps["read_items"].state) == (CheckState.FAILED, CheckState.SKIPPED)
    assert steps["authorization"].code == "AUTH_NOT_AUTHORIZED"
    assert sandbox.state.companies["101"].work_orders == {}


async def test_a_company_that_the_authorization_id_may_not_use_is_found_by_a_read(sandbox: SpectrumSandbox) -> None:
    async with adapter() as spectrum:
        steps = {step.name: step async for step in spectrum.examine(replace(target(sandbox), company_code="103"))}
    assert (steps["authorization"].state, steps["read_customers"].state) == (CheckState.OK, CheckState.FAILED)
    assert steps["read_items"].state is CheckState.SKIPPED


async def test_an_authorization_id_for_sends_alone_leaves_open_what_cannot_be_known(sandbox: SpectrumSandbox) -> None:
    sandbox.state.authorizations["SANDBOX-101"].services = ["WorkOrderHeader"]
    async with adapter() as spectrum:
        steps = {step.name: step async for step in spectrum.examine(target(sandbox))}
    unknown = {name for name, step in steps.items() if step.state is CheckState.UNKNOWN}
    assert unknown == {"authorization", "permission"}
    assert {steps[name].state for name in READS.values()} == {CheckState.SKIPPED}
    assert steps["read_customers"].detail.startswith("May read the customers: no, the Authorization ID may not use")


async def test_another_version_number_says_nothing_of_the_authorization_id(sandbox: SpectrumSandbox) -> None:
    sandbox.state.settings.version = "9.9"
    async with adapter() as spectrum:
        steps = {step.name: step async for step in spectrum.examine(target(sandbox))}
    assert (steps["authorization"].state, steps["read_items"].state) == (CheckState.UNKNOWN, CheckState.OK)
