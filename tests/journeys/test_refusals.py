"""Every way in which Spectrum refuses a header becomes the right entry of the catalogue, and is not tried again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.servicetrade.seed import (
    FIRST_JOB_ID,
    INACTIVE_SITE_JOB_ID,
    NO_TYPE_JOB_ID,
    UNKNOWN_CUSTOMER_JOB_ID,
    WEST_JOB_ID,
    WRONG_CONTRACT_JOB_ID,
)
from adapters.sandbox.spectrum.state import WorkOrder
from core.model.catalogue import CATALOGUE
from core.model.connections.connection import ConnectionSecrets
from core.model.sending.send import SendState, Step
from core.model.shared.finding import Severity
from core.model.shared.secret import Secret
from tests.journeys.world import World, codes

Staging = Callable[[World], object]


def nothing(_: World) -> None:
    """The seed refuses this job as it is."""


def rows(*answer: str) -> Staging:
    return lambda world: world.answer_rows(*answer)


def unknown_site(world: World) -> None:
    del world.company.sites["HV0002"]


def unknown_contract(world: World) -> None:
    del world.company.contracts["HV-MSA-26"]


def lead_source_required(world: World) -> None:
    world.company.lead_source_required = True


def no_department(world: World) -> None:
    world.company.sites["HV0002"].work_order_type = "MISC"


def completed(world: World) -> None:
    world.company.work_orders["T104482"] = WorkOrder(completed=True)


def closed_period(world: World) -> None:
    world.company.period_open = False


def customer_inactive(world: World) -> None:
    world.company.customers["HARVIEW"].active = False


REFUSED: list[tuple[str, str, Staging]] = [
    ("ERP_CUSTOMER_UNKNOWN", UNKNOWN_CUSTOMER_JOB_ID, nothing),
    ("ERP_CUSTOMER_UNKNOWN", FIRST_JOB_ID, customer_inactive),
    ("ERP_SITE_UNKNOWN_OR_INACTIVE", INACTIVE_SITE_JOB_ID, nothing),
    ("ERP_SITE_UNKNOWN_OR_INACTIVE", FIRST_JOB_ID, unknown_site),
    ("ERP_CONTRACT_INVALID", WRONG_CONTRACT_JOB_ID, nothing),
    ("ERP_CONTRACT_INVALID", FIRST_JOB_ID, unknown_contract),
    ("WO_TYPE_REQUIRED", NO_TYPE_JOB_ID, nothing),
    ("LEAD_SOURCE_REQUIRED", NO_TYPE_JOB_ID, lead_source_required),
    ("GL_DEPARTMENT_REQUIRED", FIRST_JOB_ID, no_department),
    ("WO_COMPLETED_OR_BILLED", FIRST_JOB_ID, completed),
    ("PERIOD_CLOSED", FIRST_JOB_ID, closed_period),
]


ANSWERED: list[tuple[str, str]] = [
    # What the simulated Spectrum has no rule for.
    ("ERP_CONTRACT_INVALID", "I SC_Contract contract has run out"),
    ("PERIOD_CLOSED", "I GL_Date the G/L date lies outside the open period"),
    ("COST_CENTER_MISMATCH", "I Cost_Center not valid for this site and customer"),
    ("GL_ACCOUNT_UNRESOLVED", "I Cost_Type_Account invalid GL account for this cost type"),
    ("PHASE_COST_TYPE", "I Phase_Code phase is completed"),
    ("SITE_EQUIPMENT_REQUIRED", "M WO_Site_Equipment a value is required"),
    ("INVALID_CHARACTERS", "I Summary_Description invalid character(s) in the text"),
    ("PROCESSING_DATES_UNSET", "E - processing dates have not been set"),
    ("SPECTRUM_REFUSED", "I Zone zone is not in the table"),
    ("SPECTRUM_REFUSED", "E - something nobody has seen before"),
]


@pytest.mark.parametrize(("code", "job_id", "stage"), REFUSED)
async def test_a_refusal_is_read(world: World, code: str, job_id: str, stage: Staging) -> None:
    stage(world)
    before = world.spectrum.state.to_json()["companies"]["101"]["work_orders"]
    send = await world.send(job_id)
    assert (send.state, send.step, send.due_at) == (SendState.NEEDS_ATTENTION, Step.DONE, None)
    assert code in codes(send)
    found = next(found for found in send.findings if found.code == code)
    assert (found.severity, found.owner, found.fix) == (
        Severity.BLOCKER,
        CATALOGUE[code].owner,
        CATALOGUE[code].fix,
    )
    assert [warning.finding.code for warning in await world.warnings()] == [send.findings[0].code]
    [comment] = world.comments(job_id)
    assert f"Code: {code}" in comment
    assert world.external_id(job_id) is None
    assert world.spectrum.state.to_json()["companies"]["101"]["work_orders"] == before

    await world.later(minutes=60)
    assert world.headers_received() == 1


async def test_other_answers_are_read_and_the_newest_is_the_one_that_is_told(world: World) -> None:
    for sent, (code, row) in enumerate(ANSWERED, start=1):
        world.answer_rows(row)
        send = await world.send(FIRST_JOB_ID)
        assert (send.state, codes(send), row) == (SendState.NEEDS_ATTENTION, [code], row)
        assert send.findings[0].fix == CATALOGUE[code].fix
        assert [warning.finding.code for warning in await world.warnings()] == [code]
        [comment] = world.comments(FIRST_JOB_ID)
        assert f"Code: {code}" in comment
        assert world.headers_received() == sent
    assert world.company.work_orders == {}


async def test_a_type_of_the_wrong_kind(world: World) -> None:
    await world.change(default_work_order_type="JOBDC")
    send = await world.send(FIRST_JOB_ID)
    assert codes(send) == ["WO_TYPE_WRONG_KIND"]
    await world.change(default_work_order_type="SVC")
    assert (await world.retry(send)).state is SendState.SENT


async def test_all_problems_of_an_answer_are_told(world: World) -> None:
    world.answer_rows("I Bill_Customer_Code not on file", "M Lead_Source a value is required", "I Zone no such zone")
    send = await world.send(FIRST_JOB_ID)
    assert codes(send) == ["ERP_CUSTOMER_UNKNOWN", "LEAD_SOURCE_REQUIRED", "SPECTRUM_REFUSED", "MULTI_ERROR"]
    [comment] = world.comments(FIRST_JOB_ID)
    assert all(f"Code: {code}" in comment for code in codes(send)[:3])
    assert (await world.retry(send)).state is SendState.SENT


async def test_a_lock_beside_a_problem_is_not_waited_for(world: World) -> None:
    world.answer_rows("E WO_Number Locking error", "I Bill_Customer_Code not on file")
    send = await world.send(FIRST_JOB_ID)
    assert send.state is SendState.NEEDS_ATTENTION
    assert codes(send) == ["ERP_CUSTOMER_UNKNOWN", "RECORD_LOCKED", "MULTI_ERROR"]


async def test_an_expired_grouping_id_is_renewed_at_once(world: World) -> None:
    world.answer_rows("E GUID Time out has occurred")
    assert (await world.send(FIRST_JOB_ID)).state is SendState.SENT
    assert world.headers_received() == 2


async def test_processing_dates_that_were_never_set_end_with_a_person(world: World) -> None:
    """A bare server fault says nothing about its cause, so it is tried again until the delays are used up."""
    world.company.processing_dates_set = False
    send = await world.send(FIRST_JOB_ID)
    for minutes in (1, 2, 5, 15):
        assert (await world.show(send)).state is SendState.RETRYING
        await world.later(minutes)
    send = await world.show(send)
    assert (send.state, codes(send)) == (SendState.NEEDS_ATTENTION, ["SOAP_FAULT_UNKNOWN"])
    world.company.processing_dates_set = True
    assert (await world.retry(send)).state is SendState.SENT


def id_inactive(world: World) -> None:
    world.spectrum.state.authorizations["SANDBOX-101"].active = False


def company_wrong(world: World) -> None:
    world.spectrum.state.authorizations["SANDBOX-101"].companies = ["102"]


def method_not_listed(world: World) -> None:
    world.spectrum.state.authorizations["SANDBOX-101"].services = ["WSTestConnection"]


def service_not_deployed(world: World) -> None:
    world.spectrum.state.settings.services = ["WSTestConnection"]


def service_not_there(world: World) -> None:
    world.spectrum.faults.add(Fault(FaultKind.STATUS, match="/ws/", status=404))


def sign_in_turned_on(world: World) -> None:
    world.spectrum.state.settings.enhanced_auth = True


@pytest.mark.parametrize(
    ("code", "stage"),
    [
        ("AUTH_NOT_AUTHORIZED", id_inactive),
        ("AUTH_NOT_AUTHORIZED", company_wrong),
        ("AUTH_NOT_AUTHORIZED", method_not_listed),
        ("AUTH_NOT_AUTHORIZED", rows("A Company_Code not authorized for this company")),
        ("WEB_SERVICE_DISABLED", service_not_deployed),
        ("WEB_SERVICE_DISABLED", service_not_there),
        ("AUTH_ENHANCED_TURNED_ON", sign_in_turned_on),
    ],
)
async def test_what_turns_every_send_away_holds_the_connection(world: World, code: str, stage: Staging) -> None:
    stage(world)
    send = await world.send(FIRST_JOB_ID)
    assert (send.state, send.findings[0].code) == (SendState.NEEDS_ATTENTION, code)
    hold = (await world.connection()).hold
    assert hold is not None
    assert (hold.until, hold.finding) == (None, send.findings[0])
    assert len(world.comments(FIRST_JOB_ID)) == 1
    assert world.company.work_orders == {}


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "AUTH_ENHANCED_TURNED_ON"), (403, "AUTH_ENHANCED_TURNED_ON"), (404, "WEB_SERVICE_DISABLED")],
)
async def test_a_gateway_may_turn_away_a_header_that_stands(world: World, status: int, code: str) -> None:
    """Held with the same words, and the outcome is unknown: the values go again under the same number."""
    world.spectrum.faults.add(Fault(FaultKind.APPLY_THEN_STATUS, match="/ws/", status=status))
    send = await world.send(FIRST_JOB_ID)
    assert (send.state, send.findings[0].code) == (SendState.NEEDS_ATTENTION, code)
    assert [attempt.outcome for attempt in await world.attempts(send)] == ["unknown"]
    assert (await world.connection()).hold is not None
    number, order = next(iter(world.company.work_orders.items()))
    assert (await world.retry(send)).state is SendState.SENT
    assert list(world.company.work_orders) == [number]
    assert [change.fields["WO_Number"] for change in order.history] == [number, number]


async def test_an_expired_client_secret_holds_the_connection(world: World) -> None:
    settings = world.spectrum.state.settings
    settings.enhanced_auth = True
    secrets = ConnectionSecrets(Secret("SANDBOX-102"), settings.client_id, Secret(settings.client_secret))
    await world.connect(world.tenant, "west", company_code="102", external_system="spectrum_west", secrets=secrets)
    settings.secret_expired = True
    send = await world.send(WEST_JOB_ID, connection="west")
    assert codes(send) == ["AUTH_SECRET_EXPIRED"]
    settings.secret_expired = False
    assert (await world.retry(send)).state is SendState.SENT
    assert list(world.spectrum.state.companies["102"].work_orders) == ["T104506"]
