"""The walls around what a step stores, the whole way from the event to the commit: the lease, and the proof, which the
database holds as well if the program has lost its own."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import pytest
from psycopg.errors import CheckViolation
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.ids import UlidIds
from adapters.outbound.memory.transactions import MemoryTransactions
from adapters.outbound.postgres.transactions import PostgresTransactions
from core.model.catalogue import finding
from core.model.sending.lifecycle.event import Reported, StepFailed
from core.model.sending.send import HeaderState, Lease, Send, SendState, Step
from core.model.shared.errors import LeaseLost
from core.model.work_orders.cost_line import ItemsMode, LineState
from core.services.sending.lifecycle.commit_change import CommitChange
from ports.storage.transactions import Transactions
from tests.support.dependencies import over
from tests.support.storage_scene import a_line, a_plan, a_planned_line, a_send, add_two_tenants, furnish, stored

UNPROVED = patch("core.model.sending.lifecycle.report._not_shown", lambda *_: 0)


@pytest.fixture
async def transactions(engine: AsyncEngine) -> PostgresTransactions:
    """snd_1 is about to end; of its two lines one is not posted."""
    transactions = await furnish(engine)
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send(1))
        plan = a_plan(a_planned_line("1"), a_planned_line("2"))
        send = replace(
            await t.sends.get("snd_1"),
            state=SendState.SENDING,
            step=Step.REPORT,
            items=ItemsMode.NEW_ONLY,
            plan_id="pln_1",
            plan=plan,
            header=HeaderState.STANDS,
        )
        posted = a_line(1, plan_id="pln_1", state=LineState.POSTED, attempt_id="att_1")
        await stored(t, send, plan=plan, lines=[posted, a_line(2, plan_id="pln_1", state=LineState.PLANNED)])
    return transactions


def commit_on(transactions: Transactions) -> CommitChange:
    return CommitChange(replace(over(transactions), ids=UlidIds()))


async def conclude(transactions: PostgresTransactions) -> Send:
    epoch = (await transactions.take("ten_1", "con_1", tuple(Step))).epoch
    async with transactions.begin("ten_1") as t:
        send = await t.sends.get("snd_1")
    return (await commit_on(transactions)(Lease("ten_1", "con_1", epoch), send, Reported())).send


async def test_the_program_says_itself_that_it_cannot_prove_it(transactions: PostgresTransactions) -> None:
    send = await conclude(transactions)
    assert (send.state, send.findings[0].code) == (SendState.NEEDS_ATTENTION, "SENT_NOT_PROVED")


async def test_a_program_without_the_proof_is_refused_by_the_database(transactions: PostgresTransactions) -> None:
    with UNPROVED, pytest.raises(CheckViolation) as caught:
        await conclude(transactions)
    assert caught.value.diag.constraint_name == "sent_is_shown"
    async with transactions.begin("ten_1") as t:
        assert (await t.sends.get("snd_1")).state is SendState.SENDING


async def test_what_a_worker_comes_back_with_after_another_took_over_is_not_stored() -> None:
    transactions = MemoryTransactions()
    await add_two_tenants(transactions)
    async with transactions.begin("ten_1") as t:
        send = await t.sends.add(a_send(1))
    epoch = (await transactions.take("ten_1", "con_1", tuple(Step))).epoch
    await transactions.take("ten_1", "con_1", tuple(Step))
    with pytest.raises(LeaseLost):
        await commit_on(transactions)(
            Lease("ten_1", "con_1", epoch), send, StepFailed(finding("INTERNAL_ERROR", "It failed."))
        )
    async with transactions.begin("ten_1") as t:
        assert await t.sends.get("snd_1") == send
