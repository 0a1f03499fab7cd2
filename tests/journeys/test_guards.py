"""What keeps a send from hitting the wrong work order, or from going out when nobody wants it any more."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.servicetrade.sandbox import ServiceTradeSandbox
from adapters.sandbox.servicetrade.seed import CARDINAL_JOBS, FIRST_JOB_ID
from adapters.sandbox.servicetrade.state import ServiceTradeState
from core.model.sending.send import SendState
from core.model.shared.errors import Conflict
from core.model.shared.finding import Severity
from core.model.tenants.tenant import Tenant
from core.services.sending.request_send import PlanChanged, SendRequest
from tests.journeys.world import World, codes

JOBS = [job.id for job in CARDINAL_JOBS[:3]]


@pytest.fixture
async def neighbours() -> AsyncIterator[ServiceTradeSandbox]:
    """Another account whose job carries the number of Cardinal's first."""
    state = ServiceTradeState(name="Neighbour Plumbing")
    customer, site = state.add_company(spectrum="CEDARG"), state.add_location(spectrum="CG0001")
    state.add_job("104482", id="501", customer=customer, location=site, description="Neighbour's own job.")
    async with ServiceTradeSandbox.start(state=state) as sandbox:
        yield sandbox


@pytest.fixture
async def neighbour(world: World, neighbours: ServiceTradeSandbox) -> Tenant:
    tenant = await world.add_tenant("neighbour", neighbours)
    await world.connect(tenant, "north")
    return tenant


async def test_a_number_of_another_tenants_job_is_a_blocker_that_does_not_say_whose(
    world: World, neighbour: Tenant
) -> None:
    await world.send(FIRST_JOB_ID)
    plan = (await world.use_cases.preview_send(neighbour.id, "north", "501")).plan
    [found] = plan.blockers
    assert (found.code, found.field) == ("WO_NUMBER_TAKEN", "WO_Number")
    told = f"{found.message} {found.cause} {' '.join(found.fix)}".lower()
    assert not any(word in told for word in ("cardinal", "harborview", FIRST_JOB_ID, world.tenant.id))

    send = await world.send("501", tenant=neighbour)
    assert (send.state, codes(send)) == (SendState.NEEDS_ATTENTION, ["WO_NUMBER_TAKEN"])
    assert world.headers_received() == 1
    assert world.work_order("T104482").fields["Bill_Customer_Code"] == "HARVIEW"


async def test_adopt_takes_the_number_over(world: World, neighbour: Tenant) -> None:
    await world.send(FIRST_JOB_ID)
    send = await world.send("501", tenant=neighbour, adopt=True)
    assert (send.state, codes(send)) == (SendState.SENT_WITH_WARNINGS, ["WO_NUMBER_TAKEN"])
    assert send.findings[0].severity is Severity.WARNING
    assert world.work_order("T104482").fields["Bill_Customer_Code"] == "CEDARG"
    assert codes(await world.send(FIRST_JOB_ID)) == ["WO_NUMBER_TAKEN"]  # now it is the other's
    assert (await world.send("501", tenant=neighbour)).state is SendState.SENT


async def test_two_jobs_of_one_number_sent_at_the_same_time_make_one_work_order(
    world: World, neighbour: Tenant
) -> None:
    """Both plans find the number free; the claim decides."""
    ours, theirs = await world.request(FIRST_JOB_ID), await world.request("501", tenant=neighbour)
    await world.drain_at_once()
    ours, theirs = await world.show(ours), await world.show(theirs)
    assert sorted([ours.state, theirs.state]) == [SendState.NEEDS_ATTENTION, SendState.SENT]
    assert sorted([codes(ours), codes(theirs)]) == [[], ["WO_NUMBER_TAKEN"]]
    assert len(world.work_order("T104482").history) == 1


async def test_a_changed_leading_character_makes_no_second_work_order(world: World) -> None:
    await world.send(FIRST_JOB_ID)
    await world.change(leading_character="W")
    send = await world.send(FIRST_JOB_ID)
    assert codes(send) == ["WO_NUMBER_CHANGED"]
    assert "T104482" in send.findings[0].message
    assert "W104482" in send.findings[0].message

    adopted = await world.send(FIRST_JOB_ID, adopt=True)
    assert (adopted.state, adopted.work_order_number) == (SendState.SENT, "T104482")
    assert list(world.company.work_orders) == ["T104482"]
    assert world.external_id(FIRST_JOB_ID) == "T104482"
    assert world.comments(FIRST_JOB_ID) == []


async def test_a_number_that_may_have_reached_spectrum_is_kept_too(world: World) -> None:
    """Written with the answer lost, then refused: the work order stands, though no send ever succeeded."""
    world.spectrum.faults.add(Fault(FaultKind.APPLY_THEN_DROP, match="/ws/"))
    send = await world.send(FIRST_JOB_ID)
    world.company.period_open = False
    await world.later(minutes=1)
    assert codes(await world.show(send)) == ["PERIOD_CLOSED"]

    world.company.period_open = True
    await world.change(leading_character="W")
    assert codes(await world.retry(send)) == ["WO_NUMBER_CHANGED"]
    assert list(world.company.work_orders) == ["T104482"]


async def test_a_number_that_was_cleanly_refused_may_still_change(world: World) -> None:
    world.answer_rows("I Zone no such zone")
    send = await world.send(FIRST_JOB_ID)
    await world.change(leading_character="W")
    assert (await world.retry(send)).work_order_number == "W104482"
    assert list(world.company.work_orders) == ["W104482"]


async def test_a_number_on_the_job_that_we_did_not_write_needs_adopt(world: World) -> None:
    world.job(FIRST_JOB_ID).external_ids["spectrum"] = "88001"
    assert codes(await world.send(FIRST_JOB_ID)) == ["WO_NUMBER_CHANGED"]
    adopted = await world.send(FIRST_JOB_ID, adopt=True)
    assert (adopted.state, adopted.work_order_number) == (SendState.SENT, "88001")
    assert list(world.company.work_orders) == ["88001"]


async def test_a_newer_send_supersedes_one_that_waits(world: World) -> None:
    older, newer = await world.request(FIRST_JOB_ID), await world.request(FIRST_JOB_ID)
    other = await world.request(JOBS[1])
    await world.drain()
    states = [(await world.show(send)).state for send in (older, newer, other)]
    assert states == [SendState.SUPERSEDED, SendState.SENT, SendState.SENT]
    assert world.headers_received() == 2


async def test_a_send_whose_outcome_is_unknown_is_not_superseded_but_goes_first(world: World) -> None:
    world.spectrum.faults.add(Fault(FaultKind.APPLY_THEN_DROP, match="/ws/"))
    older = await world.send(FIRST_JOB_ID)
    world.job(FIRST_JOB_ID).customer_po = "PO-99999"
    newer = await world.send(FIRST_JOB_ID)
    assert newer.state is SendState.QUEUED  # waits for the older one
    await world.later(minutes=1)
    assert [(await world.show(send)).state for send in (older, newer)] == [SendState.SENT] * 2
    assert world.work_order("T104482").fields["Customer_PO_Number"] == "PO-99999"


async def test_a_waiting_send_can_be_cancelled_and_a_begun_one_not(world: World) -> None:
    waiting = await world.request(FIRST_JOB_ID)
    cancelled = await world.use_cases.send_actions.cancel(world.tenant.id, waiting.id, by="ann")
    await world.drain()
    assert cancelled.state is SendState.CANCELLED
    assert world.headers_received() == 0

    world.spectrum.faults.add(Fault(FaultKind.APPLY_THEN_DROP, match="/ws/"))
    begun = await world.send(FIRST_JOB_ID)
    with pytest.raises(Conflict) as raised:
        await world.use_cases.send_actions.cancel(world.tenant.id, begun.id, by="ann")
    assert raised.value.code == "SEND_NOT_CANCELLABLE"


async def test_a_cancelled_retry_takes_its_warning_along(world: World) -> None:
    world.spectrum.faults.add(Fault(FaultKind.LOCK, text="T104482"))
    send = await world.send(FIRST_JOB_ID)
    assert len(await world.warnings()) == 1
    await world.use_cases.send_actions.cancel(world.tenant.id, send.id, by="ann")
    await world.later(minutes=60)
    assert await world.warnings() == []
    assert (world.headers_received(), world.company.work_orders) == (1, {})


@pytest.mark.parametrize("end_hold", ["retry", "resume"])
async def test_an_authorization_failure_holds_the_connection_until_a_person_has_mended_it(
    world: World, end_hold: str
) -> None:
    authorization = world.spectrum.state.authorizations["SANDBOX-101"]
    authorization.active = False
    failed = await world.send(FIRST_JOB_ID)
    waiting = await world.send(JOBS[1])
    assert (failed.state, codes(failed)) == (SendState.NEEDS_ATTENTION, ["AUTH_NOT_AUTHORIZED"])
    assert waiting.state is SendState.QUEUED
    [entry] = await world.use_cases.send_menu(world.tenant.id, JOBS[1])
    assert entry.notice == failed.findings[0].message
    authorization.active = True
    await world.later(minutes=24 * 60)
    assert world.headers_received() == 1  # nothing goes by itself

    if end_hold == "retry":
        assert (await world.retry(failed)).state is SendState.SENT
    else:
        await world.use_cases.pause_connection(world.tenant.id, "north", paused=False)
        await world.drain()
        assert (await world.show(failed)).state is SendState.NEEDS_ATTENTION
    assert (await world.show(waiting)).state is SendState.SENT


async def test_a_paused_connection_keeps_sends_until_it_is_resumed(world: World) -> None:
    await world.use_cases.pause_connection(world.tenant.id, "north", paused=True)
    send = await world.send(FIRST_JOB_ID)
    [entry] = await world.use_cases.send_menu(world.tenant.id, FIRST_JOB_ID)
    assert (send.state, entry.disabled) == (SendState.QUEUED, "this connection is paused")
    await world.later(minutes=60)
    assert world.headers_received() == 0
    await world.use_cases.pause_connection(world.tenant.id, "north", paused=False)
    await world.drain()
    assert (await world.show(send)).state is SendState.SENT


async def test_a_plan_that_was_not_the_one_seen_is_not_sent(world: World) -> None:
    seen = await world.preview(FIRST_JOB_ID)
    world.job(FIRST_JOB_ID).customer_po = "PO-99999"
    with pytest.raises(PlanChanged) as raised:
        await world.send(FIRST_JOB_ID, plan_hash=seen.plan_hash)
    assert raised.value.code == "JOB_CHANGED_WHILE_SENDING"
    assert raised.value.plan == await world.preview(FIRST_JOB_ID)
    assert (await world.use_cases.list_sends(world.tenant.id)).sends == []
    assert world.headers_received() == 0
    assert (await world.send(FIRST_JOB_ID, plan_hash=raised.value.plan.plan_hash)).state is SendState.SENT


async def test_a_job_that_changes_before_its_send_begins_is_not_sent(world: World) -> None:
    seen = await world.preview(FIRST_JOB_ID)
    send = await world.request(FIRST_JOB_ID, plan_hash=seen.plan_hash)
    world.job(FIRST_JOB_ID).customer_po = "PO-99999"
    await world.drain()
    send = await world.show(send)
    assert (send.state, codes(send)) == (SendState.NEEDS_ATTENTION, ["JOB_CHANGED_WHILE_SENDING"])
    assert (world.headers_received(), world.external_id(FIRST_JOB_ID)) == (0, None)
    assert len(world.comments(FIRST_JOB_ID)) == 1
    assert (await world.retry(send)).state is SendState.SENT  # whoever retries has seen that it changed


async def test_a_repeated_request_is_one_send(world: World) -> None:
    wanted = SendRequest(connection="north", job_id=FIRST_JOB_ID, requested_by="dispatcher")
    first = await world.use_cases.request_send(world.tenant.id, wanted, idempotency_key="click-1")
    await world.drain()
    again = await world.use_cases.request_send(world.tenant.id, wanted, idempotency_key="click-1")
    await world.drain()
    assert (again.id, again.state) == (first.id, SendState.SENT)
    assert world.headers_received() == 1
    with pytest.raises(Conflict) as raised:
        other = SendRequest(connection="north", job_id=JOBS[1], requested_by="dispatcher")
        await world.use_cases.request_send(world.tenant.id, other, idempotency_key="click-1")
    assert raised.value.code == "IDEMPOTENCY_KEY_REUSED"
