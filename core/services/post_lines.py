"""Posting a send's cost lines, one at a time: never twice, never lost, never by guess.

Spectrum adds a line for every call and none can be read back. So the intent is stored before the call, the call goes
out once, and a line whose answer is not clear stays in doubt until a person, or evidence, says what became of it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from core.model.answer import Accepted, Exchange, NotSent, Refused, Unknown
from core.model.column_words import folded
from core.model.connection import Connection, ConnectionSecrets, SpectrumTarget
from core.model.cost_line import LedgerLine, LineState
from core.model.diagnosis import Diagnosis
from core.model.errors import TimeMends
from core.model.finding import Finding
from core.model.line_outcome import line_state
from core.model.line_words import doubt_finding, refusals
from core.model.send import Attempt, Lease, Send, SendState, Step
from core.model.work_order import COMPANY_CODE, NUMBER
from core.services.diagnose_answer import DiagnoseAnswer
from core.services.end_doubt import go_on_after_doubt
from core.services.record_outcome import RecordOutcome
from ports.clock import Clock
from ports.ids import Ids
from ports.spectrum import Spectrum
from ports.transactions import TenantTransaction, Transactions

_log = structlog.get_logger()
_KEY = folded("System_Key")
_STORE_AGAIN = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds between tries to store an answer: it is known once, and while the database is away only here."""


@dataclass(frozen=True, slots=True)
class LineTiming:
    """Both count from a line's intent: how long it may still leave, and how long it may still turn up in Spectrum.

    A worker that was paused for longer than `send_within` wakes up too late and sends nothing.
    """

    quiet: timedelta = timedelta(minutes=15)
    send_within: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class _Begun:
    """A line whose intent is stored. `leave_by` is when its call may leave at the latest, by this machine's clock."""

    line: LedgerLine
    attempt_id: str
    secrets: ConnectionSecrets
    leave_by: float


@dataclass(frozen=True, slots=True)
class _Learned:
    state: LineState
    findings: tuple[Finding, ...]
    system_key: str | None


class PostLines:
    def __init__(
        self,
        transactions: Transactions,
        spectrum: Spectrum,
        diagnose_answer: DiagnoseAnswer,
        record_outcome: RecordOutcome,
        clock: Clock,
        ids: Ids,
        timing: LineTiming,
    ) -> None:
        self._transactions = transactions
        self._spectrum = spectrum
        self._diagnose = diagnose_answer
        self._record = record_outcome
        self._clock = clock
        self._ids = ids
        self._timing = timing

    async def __call__(self, lease: Lease, connection: Connection, send: Send) -> Send:
        """Post what is left of the send's lines, in order. Returns the send with its next step.

        A refused line holds back later lines of its item only; a line in doubt every later line of the work order.
        """
        while True:
            taken = await self._take(lease, connection, send)
            if isinstance(taken, Send):
                return taken
            if taken is None:
                return await self._finish(lease, send)
            exchange = await self._spectrum.add_line(
                SpectrumTarget.of(connection, taken.secrets),
                taken.line.kind,
                {**taken.line.fields, NUMBER: taken.line.work_order_number, COMPANY_CODE: connection.company_code},
                leave_by=taken.leave_by,
            )
            state, diagnosis = await self._judge(connection, exchange)
            await self._store_answer(lease, taken, exchange, state, diagnosis)
            if state is LineState.PLANNED and diagnosis:
                return await self._record.spectrum_trouble(lease, connection, send, diagnosis)

    async def _take(self, lease: Lease, connection: Connection, send: Send) -> _Begun | Send | None:
        """Store the intent of the next line; or the send in doubt, where one stands before it; None if none is left."""
        # Read before the transaction, so that the deadline here is never later than the one that is stored.
        leave_by = self._clock.boot_seconds() + self._timing.send_within.total_seconds()
        async with self._transactions.begin(lease.tenant_id) as t:
            await t.connections.confirm_epoch(lease.connection_id, lease.epoch)
            unclear = await t.ledger.unclear_on(connection.id, send.work_order_number or "")
            unclear = await self._own_up(t, send, unclear)
            line = await t.ledger.next_of_send(send.id)
            if unclear and (line or any(other.send_id == send.id for other in unclear)):
                return await self._record.in_doubt(t, send, [doubt_finding(line) for line in unclear])
            if line is None:
                return None
            attempt_id = self._ids.new("att")
            begun = await t.ledger.begin(
                line.id,
                send_id=send.id,
                attempt_id=attempt_id,
                epoch=lease.epoch,
                payload_hash=_payload_hash(line),
                send_by=self._timing.send_within,
                quiet=self._timing.quiet,
            )
            return _Begun(begun, attempt_id, await t.connections.secrets(connection.id), leave_by)

    async def _own_up(
        self, t: TenantTransaction, send: Send, unclear: Sequence[LedgerLine]
    ) -> Sequence[LedgerLine]:
        """A line of this send that is still `sending` was cut short with its worker: whether it left, nobody knows."""
        for line in unclear:
            if line.send_id == send.id and line.state is LineState.SENDING and line.attempt_id:
                await t.ledger.answer(line.id, line.attempt_id, LineState.IN_DOUBT)
                _log.warning("line.cut_short", line=line.id, attempt=line.attempt_id)
        return unclear

    async def _judge(self, connection: Connection, exchange: Exchange) -> tuple[LineState, Diagnosis | None]:
        state = line_state(exchange.outcome)
        match exchange.outcome:
            case Accepted():
                return state, None
            case NotSent() | Refused() | Unknown():
                return state, await self._diagnose(connection, exchange.outcome)

    async def _store_answer(
        self, lease: Lease, taken: _Begun, exchange: Exchange, state: LineState, diagnosis: Diagnosis | None
    ) -> None:
        """Bound to the attempt, not to the lease: what this one call learned is true whoever holds the connection."""
        line, now = taken.line, self._clock.now()
        attempt = Attempt(
            send_id=line.send_id,
            step=Step.LINES,
            started_at=line.sent_at or now,
            ended_at=now,
            outcome=state.value,
            detail=exchange.outcome.in_short,
            request=exchange.request,
            answer=exchange.answer,
            line_id=line.id,
        )
        learned = _Learned(state, tuple(diagnosis.findings) if diagnosis else (), _system_key(exchange))
        for pause in (*_STORE_AGAIN, None):
            try:
                await self._store(lease, taken, learned, attempt)
            except TimeMends:
                if pause is None:
                    raise
                _log.warning("line.answer_waits_for_database", line=line.id, state=state.value)
                await asyncio.sleep(pause)
            else:
                return

    async def _store(self, lease: Lease, taken: _Begun, learned: _Learned, attempt: Attempt) -> None:
        line, state = taken.line, learned.state
        async with self._transactions.begin(lease.tenant_id) as t:
            former = await t.ledger.answer(
                line.id, taken.attempt_id, state, findings=learned.findings, system_key=learned.system_key
            )
            if former is None:
                now_there = await t.ledger.get(line.id)
                if (now_there.attempt_id, now_there.state) == (taken.attempt_id, state):
                    return  # stored by the try before this one, whose commit was not confirmed
            await t.sends.record_attempt(attempt)
            if former is LineState.IN_DOUBT and state is not LineState.IN_DOUBT:
                await go_on_after_doubt(t, line.connection_id, line.work_order_number, self._clock.now())
        if former is None:
            _log.error("line.answered_after_verdict", line=line.id, state=state.value, detail=attempt.detail)
        else:
            _log.info("line.answered", line=line.id, item=line.item_id, state=state.value, detail=attempt.detail)

    async def _finish(self, lease: Lease, send: Send) -> Send:
        """Nothing is left to post: report it, or hand what Spectrum refused to a person."""
        async with self._transactions.begin(lease.tenant_id) as t:
            await t.connections.confirm_epoch(lease.connection_id, lease.epoch)
            lines = await t.ledger.of_send(send.id)
            refused = [found for line in lines if line.state is LineState.REJECTED for found in refusals(line)]
            if not refused:
                return await t.sends.save(replace(send, state=SendState.SENDING, step=Step.REPORT, attempts=0, waits=0))
        return await self._record.failed(lease, send, refused)


def _payload_hash(line: LedgerLine) -> str:
    return hashlib.sha256(json.dumps([line.work_order_number, *sorted(line.fields.items())]).encode()).hexdigest()


def _system_key(exchange: Exchange) -> str | None:
    """What Spectrum returned as the line's key, if it returned any."""
    if not isinstance(exchange.outcome, Accepted):
        return None
    return next((row.text for row in exchange.outcome.returned if folded(row.column) == _KEY), None)
