"""What time mends: the send waits, visibly, and finishes by itself."""

from __future__ import annotations

import pytest

from adapters.sandbox.faults import UNTIL_CLEARED, Fault, FaultKind
from adapters.sandbox.servicetrade.seed import CARDINAL_JOBS, FIRST_JOB_ID
from core.model.connections.connection import Hold
from core.model.sending.send import SendState, Step
from tests.journeys.world import World, codes

JOBS = [job.id for job in CARDINAL_JOBS[:4]]
NUMBERS = ["T104482", "T104483", "T104484", "T104485"]


async def hold_of(world: World) -> Hold | None:
    return (await world.connection()).hold


async def test_spectrum_gone_for_a_minute(world: World) -> None:
    await world.stop_spectrum()
    first = await world.send(JOBS[0])
    others = [await world.send(job_id) for job_id in JOBS[1:]]

    assert (first.state, codes(first)) == (SendState.RETRYING, ["ENDPOINT_UNREACHABLE"])
    assert first.attempts == 0  # a hold uses up no attempt
    assert [send.state for send in others] == [SendState.QUEUED] * 3
    hold = await hold_of(world)
    assert hold is not None
    assert hold.until == first.due_at
    [warning] = await world.warnings()
    assert (warning.finding.code, warning.finding.fix) == ("ENDPOINT_UNREACHABLE", first.findings[0].fix)
    assert [world.comments(job_id) for job_id in JOBS] == [[]] * 4

    await world.restart_spectrum()
    await world.drain()
    assert world.headers_received() == 0  # the minute is not over
    await world.later(minutes=1)
    assert [(await world.show(send)).state for send in (first, *others)] == [SendState.SENT] * 4
    assert list(world.company.work_orders) == NUMBERS
    assert [len(order.history) for order in world.company.work_orders.values()] == [1] * 4
    assert await world.warnings() == []
    assert await hold_of(world) is None


async def test_a_long_outage_is_waited_for_with_growing_pauses_and_no_end(world: World) -> None:
    await world.stop_spectrum()
    send = await world.send(FIRST_JOB_ID)
    began = (await hold_of(world) or pytest.fail("not held")).since
    for tries, minutes in enumerate((1, 2, 5, 15, 15, 15), start=1):
        hold = await hold_of(world)
        assert hold is not None
        assert hold.until is not None
        assert (hold.attempts, hold.since) == (tries, began)
        wait = (hold.until - world.clock.now()).total_seconds()
        assert minutes * 60 - 30 < wait <= minutes * 60
        await world.later(minutes)
    await world.restart_spectrum()
    await world.later(minutes=15)
    send = await world.show(send)
    assert (send.state, send.attempts) == (SendState.SENT, 0)


@pytest.mark.parametrize("status", [502, 503])
async def test_maintenance_holds_the_connection(world: World, status: int) -> None:
    world.spectrum.faults.add(Fault(FaultKind.STATUS, match="/ws/", status=status))
    send = await world.send(FIRST_JOB_ID)
    waiting = await world.send(JOBS[1])
    assert (send.state, codes(send), waiting.state) == (SendState.RETRYING, ["ERP_MAINTENANCE"], SendState.QUEUED)
    assert await hold_of(world) is not None
    await world.later(minutes=1)
    assert [(await world.show(one)).state for one in (send, waiting)] == [SendState.SENT] * 2
    assert list(world.company.work_orders) == NUMBERS[:2]


async def test_a_locked_order_backs_off_and_then_needs_attention(world: World) -> None:
    await world.send(FIRST_JOB_ID)
    world.work_order("T104482").locked = True
    send = await world.send(FIRST_JOB_ID)
    for tries, minutes in enumerate((1, 2, 5, 15), start=1):
        send = await world.show(send)
        assert (send.state, send.attempts, codes(send)) == (SendState.RETRYING, tries, ["RECORD_LOCKED"])
        assert send.due_at is not None
        wait = (send.due_at - world.clock.now()).total_seconds()
        assert minutes * 60 - 30 < wait <= minutes * 60
        if tries == 1:
            assert (await world.send(JOBS[1])).state is SendState.SENT  # another order does not wait for it
        received = world.headers_received()
        await world.later(minutes - 0.5)
        assert world.headers_received() == received
        await world.later(minutes=0.5)
    send = await world.show(send)
    assert (send.state, codes(send)) == (SendState.NEEDS_ATTENTION, ["RECORD_LOCKED"])
    assert "View Locked Database Tables" in world.comments(FIRST_JOB_ID)[0]

    world.work_order("T104482").locked = False
    assert (await world.retry(send)).state is SendState.SENT
    assert world.comments(FIRST_JOB_ID) == []


async def test_a_lock_that_goes_is_no_failure(world: World) -> None:
    world.spectrum.faults.add(Fault(FaultKind.LOCK, text="T104482"))
    send = await world.send(FIRST_JOB_ID)
    assert [warning.finding.code for warning in await world.warnings()] == ["RECORD_LOCKED"]
    assert world.comments(FIRST_JOB_ID) == []
    await world.later(minutes=1)
    assert (await world.show(send)).state is SendState.SENT
    assert await world.warnings() == []


async def test_retry_now_does_not_wait_for_the_delay(world: World) -> None:
    world.spectrum.faults.add(Fault(FaultKind.LOCK, text="T104482"))
    send = await world.send(FIRST_JOB_ID)
    assert (await world.retry(send)).state is SendState.SENT


async def test_a_retry_plans_anew_while_nothing_was_written(world: World) -> None:
    world.spectrum.faults.add(Fault(FaultKind.LOCK, text="T104482"))
    await world.send(FIRST_JOB_ID)
    world.job(FIRST_JOB_ID).customer_po = "PO-99999"
    await world.later(minutes=1)
    assert world.work_order("T104482").fields["Customer_PO_Number"] == "PO-99999"


@pytest.mark.parametrize(
    "fault",
    [
        Fault(FaultKind.APPLY_THEN_DROP, match="/ws/"),
        Fault(FaultKind.DROP_BEFORE_APPLY, match="/ws/"),
        Fault(FaultKind.TRUNCATE, match="/ws/", bytes=120),
        Fault(FaultKind.HTML, match="/ws/"),
        Fault(FaultKind.STATUS, match="/ws/", status=500),
        Fault(FaultKind.SOAP_FAULT, match="/ws/", text="server_error"),
        Fault(FaultKind.REDIRECT, match="/ws/", text="http://127.0.0.1:9/elsewhere"),
    ],
    ids=lambda fault: str(fault.kind),
)
async def test_an_unknown_outcome_is_repeated_under_the_same_number(world: World, fault: Fault) -> None:
    world.spectrum.faults.add(fault)
    send = await world.send(FIRST_JOB_ID)
    assert (send.state, send.step, send.attempts) == (SendState.RETRYING, Step.HEADER, 1)
    assert send.work_order_number == "T104482"
    assert world.external_id(FIRST_JOB_ID) is None

    await world.later(minutes=1)
    assert (await world.show(send)).state is SendState.SENT
    assert list(world.company.work_orders) == ["T104482"]
    applied = len(world.spectrum.requests.applied())
    history = world.work_order("T104482").history
    assert len(history) == applied
    assert {change.by for change in history} == {"web_service"}
    assert world.headers_received() == 2
    assert world.external_id(FIRST_JOB_ID) == "T104482"
    assert [attempt.outcome for attempt in await world.attempts(send)] == ["unknown", "accepted"]


async def test_the_repeat_writes_the_stored_plan_not_what_the_job_became(world: World) -> None:
    world.spectrum.faults.add(Fault(FaultKind.APPLY_THEN_DROP, match="/ws/"))
    await world.send(FIRST_JOB_ID)
    world.job(FIRST_JOB_ID).customer_po = "PO-99999"
    await world.later(minutes=1)
    assert world.work_order("T104482").fields["Customer_PO_Number"] == "PO-77120"


async def test_a_server_that_never_recovers_ends_with_a_person(world: World) -> None:
    world.spectrum.faults.add(Fault(FaultKind.HTML, match="/ws/", times=UNTIL_CLEARED))
    send = await world.send(FIRST_JOB_ID)
    for minutes in (1, 2, 5, 15):
        await world.later(minutes)
    send = await world.show(send)
    assert (send.state, codes(send)) == (SendState.NEEDS_ATTENTION, ["ENDPOINT_NOT_SPECTRUM"])
    assert world.headers_received() == 5
    assert len(world.comments(FIRST_JOB_ID)) == 1


async def test_a_session_dropped_in_the_middle_is_noticed_by_nobody(world: World) -> None:
    world.servicetrade.faults.add(Fault(FaultKind.STATUS, match="/job/", status=401))
    await world.send(JOBS[0])
    world.servicetrade.state.drop_sessions()
    send = await world.send(JOBS[1])
    world.servicetrade.faults.add(Fault(FaultKind.STATUS, match="/externalid/job/", status=401))
    last = await world.send(JOBS[2])
    assert (send.state, last.state) == (SendState.SENT, SendState.SENT)
    assert [world.external_id(job_id) for job_id in JOBS[:3]] == NUMBERS[:3]
    assert world.headers_received() == 3
    assert await world.warnings() == []


async def test_servicetrade_in_trouble_is_waited_for(world: World) -> None:
    troubles = [(path, status) for path in ("/api/job/", "/api/externalid/job/") for status in (429, 500, 503)]
    for sent, (path, status) in enumerate(troubles, start=1):
        world.servicetrade.faults.add(Fault(FaultKind.STATUS, match=path, status=status))
        send = await world.send(FIRST_JOB_ID)
        assert (send.state, len(await world.warnings())) == (SendState.RETRYING, 1)
        await world.later(minutes=1)
        assert (await world.show(send)).state is SendState.SENT
        assert (world.headers_received(), world.external_id(FIRST_JOB_ID)) == (sent, "T104482")
        assert await world.warnings() == []
    assert world.comments(FIRST_JOB_ID) == []


async def test_a_budget_used_up_is_waited_for_as_long_as_servicetrade_asks(world: World) -> None:
    state = world.servicetrade.state
    state.balance_ms, state.settings.refill_ms_per_second, state.settings.retry_after = 0, 0, 45
    send = await world.send(FIRST_JOB_ID)
    assert (send.state, codes(send)) == (SendState.RETRYING, ["ST_RATE_LIMIT"])
    assert send.due_at is not None
    assert 15 < (send.due_at - world.clock.now()).total_seconds() <= 45
    state.balance_ms = 60_000
    await world.later(minutes=0.75)
    assert (await world.show(send)).state is SendState.SENT


async def test_a_write_back_goes_on_while_spectrum_is_held(world: World) -> None:
    world.servicetrade.faults.add(Fault(FaultKind.STATUS, match="/externalid/job/", status=502))
    written = await world.send(JOBS[0])
    await world.later(minutes=0.5)
    await world.stop_spectrum()
    held = await world.send(JOBS[1])
    assert (written.step, held.state) == (Step.WRITE_BACK, SendState.RETRYING)
    await world.later(minutes=0.5)
    assert [(await world.show(send)).state for send in (written, held)] == [SendState.SENT, SendState.RETRYING]
