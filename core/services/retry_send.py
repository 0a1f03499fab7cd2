"""Retry: a failed or waiting send goes again now, with a new plan. Only what is left is done."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import structlog

from core.model.cost_line import LineState
from core.model.errors import Conflict
from core.model.send import Send, SendState, Step
from core.services.end_hold import end_hold
from ports.clock import Clock
from ports.transactions import TenantTransaction, Transactions

_log = structlog.get_logger()


class RetrySend:
    def __init__(self, transactions: Transactions, clock: Clock) -> None:
        self._transactions = transactions
        self._clock = clock

    async def __call__(self, tenant_id: str, send_id: str) -> Send:
        """Queue it again. Also ends a hold of its connection, since somebody says the cause is mended.

        Raises NotFound, or Conflict (SEND_NOT_RETRYABLE) for a send that is neither failed nor waiting.
        """
        async with self._transactions.begin(tenant_id) as t:
            send = await let_go_again(t, send_id, self._clock.now())
        _log.info("send.retried", tenant=tenant_id, send=send.id, step=send.step.value)
        return send


async def let_go_again(t: TenantTransaction, send_id: str, now: datetime) -> Send:
    """Raises NotFound, Conflict (SEND_IN_DOUBT, SEND_NOT_RETRYABLE)."""
    await end_hold(t, (await t.sends.get(send_id)).connection_id, now)
    send = await t.sends.get(send_id)
    if send.state is SendState.RETRYING:
        return await t.sends.save(replace(send, due_at=now))
    if send.state is SendState.NEEDS_ATTENTION:
        return await t.sends.save(await _anew(t, send, now))
    if send.state is SendState.IN_DOUBT:
        raise Conflict(
            f"The send {send.id} waits for lines that may or may not have been posted.",
            code="SEND_IN_DOUBT",
            fix="Look for them in Spectrum and settle them (jobferry doubts list); then it goes on by itself.",
        )
    raise Conflict(
        f"The send {send.id} is {send.state.value}; only one that needs attention or retries can go again.",
        code="SEND_NOT_RETRYABLE",
        fix="Send the job again instead.",
    )


async def _anew(t: TenantTransaction, send: Send, now: datetime) -> Send:
    record = await t.work_orders.find(send.connection_id, send.job_id)
    stands = record is not None and record.last_send_id == send.id
    refused = any(line.state is LineState.REJECTED for line in await t.ledger.of_send(send.id))
    return replace(
        send,
        state=SendState.QUEUED,
        # A refused line is planned anew, from the item as it is now; what is posted stays out of that plan.
        step=Step.WRITE_BACK if stands and not refused else Step.PLAN,
        due_at=now, attempts=0, waits=0, finished_at=None, expected_hash=None,
    )  # fmt: skip
