"""What is deleted by age, and what stays however old it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.model.operations.audit import AuditEntry
from core.model.sending.send import Attempt, DashboardWarning, Send, SendState, Step
from core.model.shared.errors import NotFound
from core.model.shared.secret import Secret
from core.model.work_orders.cost_line import BY_HAND, LineState
from core.model.work_orders.work_order import WorkOrderRecord
from ports.storage.send_requests import BoundKey
from ports.storage.transactions import TenantTransaction, Transactions
from tests.support.storage_scene import (
    NOW,
    PROBLEM,
    a_line,
    a_plan,
    a_planned_line,
    a_send,
    an_endpoint,
    an_event,
    stored,
)

LONG_AGO = NOW - timedelta(days=500)
LATER = LONG_AGO + timedelta(days=1)
FINISHED = [state for state in SendState if state.finished]


async def ended(t: TenantTransaction, number: int, at: datetime = LONG_AGO, **changes: Any) -> Send:
    """Store a send of job 1 that has ended, with a plan and two attempts."""
    whole = {"job_id": "1", "requested_at": at, "due_at": None, "step": Step.DONE, **changes}
    send = await t.sends.add(a_send(number, **whole))
    steps = (Step.PLAN, Step.HEADER)
    attempts = [Attempt(send_id=send.id, step=step, started_at=at, request="<request/>") for step in steps]
    state = changes.get("state", SendState.SUPERSEDED)
    over = replace(send, state=state, finished_at=at, plan_id=f"pln_{number}")
    return await stored(t, over, plan=a_plan(), attempts=attempts)


async def there(t: TenantTransaction, number: int) -> bool:
    try:
        await t.sends.get(f"snd_{number}")
    except NotFound:
        return False
    return True


async def test_attempts_of_an_old_send_go_and_the_send_stays(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await ended(t, 1)
        await ended(t, 2, at=NOW)
    async with transactions.begin("ten_1") as t:
        assert await t.retention.forget_attempts(LATER, 1) == 1
        assert [one.step for one in await t.sends.attempts("snd_1")] == [Step.HEADER], "the oldest goes first"
        assert await t.retention.forget_attempts(LATER, 10) == 1
        assert await t.retention.forget_attempts(LATER, 10) == 0
        assert (await t.sends.get("snd_1")).plan == a_plan()
        assert len(await t.sends.attempts("snd_2")) == 2


@pytest.mark.parametrize("state", [state for state in SendState if state not in FINISHED])
async def test_a_send_that_is_not_at_its_end_keeps_everything(transactions: Transactions, state: SendState) -> None:
    async with transactions.begin("ten_1") as t:
        await ended(t, 1, state=state)
        await ended(t, 2, at=NOW)
    async with transactions.begin("ten_1") as t:
        assert (await t.retention.forget_attempts(LATER, 10), await t.retention.forget_sends(LATER, 10)) == (0, 0)
        assert (await t.sends.get("snd_1")).plan == a_plan()
        assert len(await t.sends.attempts("snd_1")) == 2


async def test_a_send_that_still_has_a_step_to_do_keeps_everything(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await ended(t, 1, state=SendState.DONE_BY_HAND, due_at=LONG_AGO, step=Step.REPORT)
        assert (await t.retention.forget_attempts(LATER, 10), await t.retention.forget_sends(LATER, 10)) == (0, 0)


@pytest.mark.parametrize("state", [LineState.SENDING, LineState.IN_DOUBT])
async def test_a_line_in_doubt_keeps_its_send(transactions: Transactions, state: LineState) -> None:
    async with transactions.begin("ten_1") as t:
        await ended(t, 1)
        await ended(t, 2, at=NOW)
        await t.ledger.save([a_line(1, state=state, attempt_id="att_1", sent_at=LONG_AGO)])
        assert (await t.retention.forget_attempts(LATER, 10), await t.retention.forget_sends(LATER, 10)) == (0, 0)
        assert len(await t.sends.attempts("snd_1")) == 2


@pytest.mark.parametrize("state", FINISHED)
async def test_an_old_send_goes_with_all_that_it_has(transactions: Transactions, state: SendState) -> None:
    async with transactions.begin("ten_1") as t:
        await ended(t, 1, state=state)
        await t.sends.join_batch("bat_1", "snd_1")
        await t.ledger.save([a_line(1, state=LineState.REJECTED, given_back=True)])
        await ended(t, 2, at=NOW)
    async with transactions.begin("ten_1") as t:
        assert await t.retention.forget_sends(LATER, 10) == 1
    async with transactions.begin("ten_1") as t:
        assert not await there(t, 1)
        assert not await t.sends.attempts("snd_1")
        assert not await t.sends.count_batch("bat_1")
        assert not await t.ledger.of_send("snd_1")
        assert await there(t, 2)
        assert await t.retention.forget_sends(LATER, 10) == 0


async def test_the_newest_send_of_a_job_stays_without_its_details_until_a_newer_one_is_old(
    transactions: Transactions,
) -> None:
    async with transactions.begin("ten_1") as t:
        await ended(t, 1, work_order_number="T1")
        await ended(t, 2, job_id="2")
    async with transactions.begin("ten_1") as t:
        assert await t.retention.forget_sends(LATER, 10) == 2
        send = await t.sends.get("snd_1")
        assert (send.plan, send.plan_id, send.work_order_number) == (None, "pln_1", "T1")
        assert not await t.sends.attempts("snd_1")
        assert await t.retention.forget_sends(LATER, 10) == 0, "it is not looked at again"
        await ended(t, 3, at=LONG_AGO + timedelta(hours=1))
    async with transactions.begin("ten_1") as t:
        assert await t.retention.forget_sends(LATER, 10) == 1
        assert [await there(t, number) for number in (1, 2, 3)] == [False, True, True]


async def refer_by_line(t: TenantTransaction) -> None:
    await t.ledger.save([a_line(1, state=LineState.POSTED, attempt_id=BY_HAND)])


async def refer_by_record(t: TenantTransaction) -> None:
    await t.work_orders.save(
        WorkOrderRecord(tenant_id="ten_1", connection_id="con_1", job_id="1", number="T1", last_send_id="snd_1")
    )


async def refer_by_warning(t: TenantTransaction) -> None:
    await t.warnings.put(
        DashboardWarning(
            id="wrn_1",
            tenant_id="ten_1",
            connection_id="con_1",
            job_id="1",
            send_id="snd_1",
            finding=PROBLEM,
            raised_at=LONG_AGO,
        )
    )


async def refer_by_waiting(t: TenantTransaction) -> None:
    await t.sends.add(a_send(3, job_id="7", waits_for="snd_1"))


@pytest.mark.parametrize("refer", [refer_by_line, refer_by_record, refer_by_warning, refer_by_waiting])
async def test_a_send_that_something_refers_to_stays(transactions: Transactions, refer: Any) -> None:
    async with transactions.begin("ten_1") as t:
        await ended(t, 1, state=SendState.SENT)
        await ended(t, 2, at=NOW)
        await refer(t)
    async with transactions.begin("ten_1") as t:
        assert await t.retention.forget_sends(LATER, 10) == 1
        assert (await t.sends.get("snd_1")).plan is None
        assert len(await t.ledger.of_send("snd_1")) == (refer is refer_by_line)


async def test_a_posted_line_counts_after_the_details_of_its_send_are_gone(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        send = await t.sends.add(a_send(1, state=SendState.SENDING, requested_at=LONG_AGO))
        line = a_line(1, state=LineState.POSTED, attempt_id="att_1", plan_id="pln_1")
        sent = replace(send, state=SendState.SENT, due_at=None, finished_at=LONG_AGO, plan_id="pln_1")
        await stored(t, sent, plan=a_plan(a_planned_line("1")), lines=[line])
        assert await t.retention.forget_sends(LATER, 10) == 1
    async with transactions.begin("ten_1") as t:
        assert [one.id for one in await t.ledger.on_account("con_1", "1", "T1")] == [line.id]
        assert [one.id for one in await t.ledger.of_send("snd_1")] == [line.id]


async def test_a_repeated_key_finds_its_send_until_it_is_forgotten(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        now = await t.now()
        for number in (1, 2):
            await t.sends.bind_key(BoundKey(f"key-{number}", "hash", f"snd_{number}"))
        assert await t.retention.forget_keys(now - timedelta(seconds=1), 10) == 0
        assert await t.sends.find_key("key-1") == BoundKey("key-1", "hash", "snd_1")
        assert await t.retention.forget_keys(now + timedelta(seconds=1), 1) == 1
        assert await t.retention.forget_keys(now + timedelta(seconds=1), 10) == 1
        assert await t.sends.find_key("key-1") is None


async def test_old_deliveries_go_in_any_state(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.webhook_endpoints.add(an_endpoint(), Secret("whsec"))
        await t.webhook_endpoints.add_event(an_event(1, at=LONG_AGO))
        await t.webhook_endpoints.add_event(an_event(2, at=NOW))
        assert await t.retention.forget_deliveries(LATER, 10) == 1
        assert [one.event_id for one in await t.webhook_endpoints.deliveries("whe_1")] == ["evt_2"]
        assert await t.retention.forget_deliveries(LATER, 10) == 0


async def test_old_completions_go_and_those_without_a_date_stay(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        for job_id, moment in (("1", LONG_AGO), ("1", NOW), ("2", None)):
            await t.completions.record("con_1", job_id, moment)
        assert await t.retention.forget_completions(LATER, 10) == 1
        assert [one.completed_on for one in await t.completions.of_job("1")] == [NOW]
        assert len(await t.completions.of_job("2")) == 1


async def test_the_oldest_entries_of_the_audit_go_first(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        old = (await t.now()) - timedelta(days=40)
        for number, at in enumerate((old, old, await t.now())):
            await t.audit.record(AuditEntry(at, "ann", "doubt.settled", f"lin_{number}"))
        before = old + timedelta(days=1)
        assert await t.retention.forget_audit(before, 1) == 1
        assert [one.subject for one in await t.audit.page()] == ["lin_2", "lin_1"]
        assert await t.retention.forget_audit(before, 10) == 1
        assert await t.retention.forget_audit(before, 10) == 0


async def test_nothing_of_another_tenant_goes(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        now, old = await t.now(), (await t.now()) - timedelta(days=40)
        await ended(t, 1)
        await ended(t, 2, at=NOW)
        await t.sends.bind_key(BoundKey("key", "hash", "snd_1"))
        await t.webhook_endpoints.add(an_endpoint(), Secret("whsec"))
        await t.webhook_endpoints.add_event(an_event(1, at=LONG_AGO))
        await t.completions.record("con_1", "1", LONG_AGO)
        await t.audit.record(AuditEntry(old, "ann", "doubt.settled", "lin_1"))
    async with transactions.begin("ten_2") as t:
        counts = [
            await t.retention.forget_keys(now + timedelta(days=1), 10),
            await t.retention.forget_attempts(LATER, 10),
            await t.retention.forget_sends(LATER, 10),
            await t.retention.forget_deliveries(LATER, 10),
            await t.retention.forget_completions(LATER, 10),
            await t.retention.forget_audit(old + timedelta(days=1), 10),
        ]
        assert counts == [0] * 6
