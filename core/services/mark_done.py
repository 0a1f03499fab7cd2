"""Done by hand: somebody has entered in Spectrum what a failed send could not. Nothing of it is sent any more."""

from __future__ import annotations

from dataclasses import replace

import structlog

from core.model.audit import AuditEntry
from core.model.errors import BadInput, Conflict, FieldError
from core.model.send import Send, SendState, Step
from ports.clock import Clock
from ports.transactions import Transactions

_log = structlog.get_logger()
_LONGEST_REASON = 500


class MarkDone:
    def __init__(self, transactions: Transactions, clock: Clock) -> None:
        self._transactions = transactions
        self._clock = clock

    async def __call__(self, tenant_id: str, send_id: str, *, reason: str, by: str) -> Send:
        """The failure's warning goes, its comment with the next step. Lines that were left count as posted.

        Raises NotFound, BadInput, Conflict (SEND_NOT_FAILED) for one that does not need attention.
        """
        reason, now = reason.strip(), self._clock.now()
        if not 1 <= len(reason) <= _LONGEST_REASON:
            raise BadInput(
                "Say what was done.",
                fix="Give the reason in one or two sentences.",
                errors=[FieldError("/reason", f"1 to {_LONGEST_REASON} characters")],
            )
        async with self._transactions.begin(tenant_id) as t:
            send = await t.sends.get(send_id)
            if send.state is not SendState.NEEDS_ATTENTION:
                raise Conflict(
                    f"The send {send_id} is {send.state.value}; only a failed one can have been done by hand.",
                    code="SEND_NOT_FAILED",
                    fix="Cancel one that waits, settle one in doubt; the others need nothing.",
                )
            await t.ledger.enter_by_hand(send_id, by=by, reason=reason, at=now)
            await t.warnings.clear(send.connection_id, send.job_id)
            await t.connections.set_due(send.connection_id, now, only_earlier=True)
            send = await t.sends.save(
                replace(send, state=SendState.DONE_BY_HAND, step=Step.REPORT, due_at=now, attempts=0, waits=0)
            )
            detail = {"reason": reason, "job": send.job_number or send.job_id}
            entry = AuditEntry(at=now, actor=by, action="send.done_by_hand", subject=send_id, detail=detail)
            await t.audit.record(entry)
            await t.queue.wake(send.connection_id)
        _log.info("send.done_by_hand", tenant=tenant_id, send=send_id, by=by)
        return send
