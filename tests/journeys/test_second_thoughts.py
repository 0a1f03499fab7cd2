"""Cancelling, retrying and resuming: what people do while something waits leaves nothing behind and loses nothing."""

from __future__ import annotations

import pytest

from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.servicetrade.seed import FAILING_JOB_ID, FIRST_JOB_ID
from core.model.connections.settings import Overwrite
from core.model.sending.send import SendState
from core.services.sending.request_send import SendRequest
from tests.journeys.world import NORTH, World, codes


async def test_waiting_for_servicetrade_uses_up_no_tries_at_spectrum(world: World) -> None:
    world.servicetrade.faults.add(Fault(FaultKind.STATUS, match="/api/job/", status=500, times=4))
    send = await world.send(FIRST_JOB_ID)
    for minutes in (1, 2, 5):
        await world.later(minutes=minutes)
    world.company.open_work_order("T104482").locked = True
    await world.later(minutes=15)
    shown = await world.show(send)
    assert (shown.state, codes(shown)) == (SendState.RETRYING, ["RECORD_LOCKED"])


async def test_a_comment_that_could_not_be_removed_is_removed_by_the_next_send(world: World) -> None:
    failed = await world.send(FAILING_JOB_ID)
    world.job(FAILING_JOB_ID).location = world.job(FIRST_JOB_ID).location
    world.servicetrade.faults.add(Fault(FaultKind.STATUS, match="/comment", status=403))
    await world.retry(failed)
    await world.drain()
    assert (await world.show(failed)).state is SendState.SENT_WITH_WARNINGS
    assert len(world.comments(FAILING_JOB_ID)) == 1
    assert (await world.send(FAILING_JOB_ID)).state is SendState.SENT
    assert world.comments(FAILING_JOB_ID) == []


async def test_cancelling_a_newer_send_leaves_the_warning_of_the_failed_one(world: World) -> None:
    failed = await world.send(FAILING_JOB_ID)
    newer = await world.request(FAILING_JOB_ID)
    await world.use_cases.send_actions.cancel(newer.tenant_id, newer.id, by="ann")
    await world.drain()
    assert (await world.show(newer)).state is SendState.CANCELLED
    [warning] = await world.warnings()
    assert (warning.send_id, warning.finding.code) == (failed.id, "MAP_SITE_MISSING")


async def test_cancelling_a_retry_leaves_the_failure_as_it_was(world: World) -> None:
    failed = await world.send(FAILING_JOB_ID)
    await world.use_cases.send_actions.retry(failed.tenant_id, failed.id, by="ann")
    await world.use_cases.send_actions.cancel(failed.tenant_id, failed.id, by="ann")
    await world.drain()
    assert (await world.show(failed)).state is SendState.NEEDS_ATTENTION
    assert len(world.comments(FAILING_JOB_ID)) == 1
    assert [warning.send_id for warning in await world.warnings()] == [failed.id]


async def test_resuming_lets_the_send_go_that_met_the_hold(world: World) -> None:
    await world.stop_spectrum()
    send = await world.send(FIRST_JOB_ID)
    for minutes in (1, 2, 5):
        await world.later(minutes=minutes)
    await world.restart_spectrum()
    await world.use_cases.pause_connection(send.tenant_id, NORTH, paused=False)
    await world.drain()
    assert (await world.show(send)).state is SendState.SENT


async def test_a_clean_refusal_ends_the_hold(world: World) -> None:
    await world.stop_spectrum()
    send = await world.send(FIRST_JOB_ID)
    await world.restart_spectrum()
    world.answer_rows("I Bill_Customer_Code not on file")
    await world.later(minutes=1)
    assert (await world.show(send)).state is SendState.NEEDS_ATTENTION
    assert (await world.connection()).hold is None


async def test_a_repeated_key_with_a_plan_hash_gives_the_first_send(world: World) -> None:
    plan = await world.preview(FIRST_JOB_ID)
    asked = SendRequest(connection=NORTH, job_id=FIRST_JOB_ID, requested_by="test", plan_hash=plan.plan_hash)
    first = await world.use_cases.request_send(world.tenant.id, asked, idempotency_key="key")
    await world.drain()
    world.job(FIRST_JOB_ID).customer_po = "PO-CHANGED"
    assert (await world.use_cases.request_send(world.tenant.id, asked, idempotency_key="key")).id == first.id


@pytest.mark.parametrize("number", ["1\ud8001", "1\x001"])
async def test_a_number_that_is_no_text_is_refused_by_name(world: World, number: str) -> None:
    world.job(FIRST_JOB_ID).number = number
    send = await world.send(FIRST_JOB_ID)
    assert (send.state, codes(send)) == (SendState.NEEDS_ATTENTION, ["INVALID_CHARACTERS"])


async def test_a_number_taken_over_and_back_is_written_whole(world: World) -> None:
    other = world.servicetrade.state.add_job(
        "9001", **world.job(FIRST_JOB_ID).model_dump(include={"customer", "location"}), customer_po="PO-B"
    )
    await world.change(overwrite=Overwrite.CHANGED_FIELDS)
    await world.send(FIRST_JOB_ID)
    first_po = world.job(FIRST_JOB_ID).customer_po
    world.job(other).external_ids["spectrum"] = "T104482"
    await world.send(other, adopt=True)
    assert world.work_order("T104482").fields["Customer_PO_Number"] == "PO-B"
    await world.send(FIRST_JOB_ID, adopt=True)
    assert world.work_order("T104482").fields["Customer_PO_Number"] == first_po
