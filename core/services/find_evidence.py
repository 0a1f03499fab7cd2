"""Evidence: where a host can read cost lines back, a doubt may settle without a person."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from core.model.audit import AuditEntry
from core.model.connection import Connection
from core.model.cost_line import LedgerLine, LineState
from core.model.errors import JobferryError, TimeMends
from core.model.evidence import Verdict, weigh
from core.model.send import Lease, Send
from core.services.end_doubt import go_on_after_doubt
from core.services.record_outcome import RecordOutcome
from ports.clock import Clock
from ports.read_back import ReadBack
from ports.transactions import Transactions

_log = structlog.get_logger()
ACTOR = "read_back"


class FindEvidence:
    def __init__(
        self, transactions: Transactions, read_back: ReadBack, record_outcome: RecordOutcome, clock: Clock
    ) -> None:
        self._transactions = transactions
        self._read_back = read_back
        self._record = record_outcome
        self._clock = clock

    async def __call__(self, lease: Lease, connection: Connection, send: Send) -> Send:
        """Settle what the lines in Spectrum prove, and leave the rest to a person."""
        number = send.work_order_number or ""
        async with self._transactions.begin(lease.tenant_id) as t:
            ledger = await t.ledger.of_job(connection.id, send.job_id)
        try:
            stored = await self._read_back.lines(connection, number)
        except TimeMends as error:
            return await self._record.wait(lease, send, send.findings, error.retry_after)
        except JobferryError as error:
            _log.warning("evidence.unreadable", code=error.code, reason=error.message)
            return await self._record.reported(lease, send)
        verdicts = weigh(number, ledger, stored)
        if not verdicts:
            return await self._record.reported(lease, send)
        return await self._settle(lease, connection, send, verdicts)

    async def _settle(
        self, lease: Lease, connection: Connection, send: Send, verdicts: Sequence[tuple[LedgerLine, Verdict]]
    ) -> Send:
        now, number = self._clock.now(), send.work_order_number or ""
        async with self._transactions.begin(lease.tenant_id) as t:
            await t.connections.confirm_epoch(lease.connection_id, lease.epoch)
            # A late answer may have come in between; then there is nothing left to settle.
            unclear = {line.id for line in await t.ledger.unclear_on(connection.id, number)}
            for line, verdict in verdicts:
                if line.id not in unclear or line.state is not LineState.IN_DOUBT:
                    continue
                if verdict.state is LineState.NOT_POSTED and (line.quiet_until is None or now < line.quiet_until):
                    continue
                await t.ledger.settle(line.id, verdict.state, by=ACTOR, reason=verdict.reason, at=now)
                detail = {"outcome": verdict.state.value, "reason": verdict.reason, "work_order": number}
                await t.audit.record(
                    AuditEntry(at=now, actor=ACTOR, action="doubt.settled", subject=line.id, detail=detail)
                )
                _log.info("doubt.settled", line=line.id, outcome=verdict.state.value, by=ACTOR)
            if not await t.ledger.unclear_on(connection.id, number):
                await go_on_after_doubt(t, connection.id, number, now)
                return await t.sends.get(send.id)
        return await self._record.reported(lease, send)
