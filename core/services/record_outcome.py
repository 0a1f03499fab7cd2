"""What became of a step, stored in one transaction under the lease: the send, its warning and the connection's hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from core.model.connection import Connection, Hold
from core.model.diagnosis import Diagnosis, Remedy
from core.model.event import EventType
from core.model.finding import Finding, Severity
from core.model.retry_delays import RetryDelays
from core.model.send import Attempt, Lease, Send, SendState, Step
from core.model.work_order import WorkOrderRecord
from core.services.stop_failing_plugins import stop_failing_plugins
from core.services.tell_events import TellEvents
from ports.clock import Clock
from ports.ids import Ids
from ports.transactions import TenantTransaction, Transactions

_log = structlog.get_logger()
_SPECTRUM_ANSWERED = (Remedy.PERSON, Remedy.WAIT_FOR_RECORD)
"""A clean refusal: whatever the connection was held for is over."""
_TOLD = frozenset({SendState.NEEDS_ATTENTION, SendState.IN_DOUBT})
"""What a comment on the job and a warning tell of until a person acts."""
_STAYS = _TOLD | {SendState.DONE_BY_HAND}
"""While ServiceTrade cannot be told, the send is what it is."""
_SHORTEST_WAIT, _LONGEST_WAIT = timedelta(seconds=1), timedelta(hours=1)
"""However little or much a remote system asks for."""


class RecordOutcome:
    def __init__(
        self, transactions: Transactions, clock: Clock, ids: Ids, delays: RetryDelays, tell: TellEvents
    ) -> None:
        self._transactions = transactions
        self._tell = tell
        self._clock = clock
        self._ids = ids
        self._delays = delays

    async def spectrum_trouble(
        self,
        lease: Lease,
        connection: Connection,
        send: Send,
        diagnosis: Diagnosis,
        attempt: Attempt | None = None,
    ) -> Send:
        """Spectrum did not accept: hold the connection, wait for the record, repeat, or hand it to a person."""
        if connection.hold and diagnosis.remedy in _SPECTRUM_ANSWERED:
            await self._end_hold(lease)
        match diagnosis.remedy:
            case Remedy.HOLD_CONNECTION:
                return await self._hold(lease, connection, send, diagnosis.findings, attempt)
            case Remedy.WAIT_FOR_RECORD | Remedy.REPEAT:
                return await self.repeat(lease, send, diagnosis.findings, attempt)
            case Remedy.HOLD_UNTIL_FIXED:
                hold = Hold(diagnosis.findings[0], self._clock.now(), None)
                return await self.failed(lease, send, diagnosis.findings, attempt, hold)
        return await self.failed(lease, send, diagnosis.findings, attempt)

    async def failed(
        self,
        lease: Lease,
        send: Send,
        findings: Sequence[Finding],
        attempt: Attempt | None = None,
        hold: Hold | None = None,
    ) -> Send:
        """A person has to mend it. The warning stands at once; the comment on the job is the next step."""
        now = self._clock.now()
        async with self._transactions.begin(lease.tenant_id) as t:
            await t.connections.confirm_epoch(lease.connection_id, lease.epoch)
            if stop := await stop_failing_plugins(t, lease.connection_id, findings, now):
                hold, findings = stop, (stop.finding, *findings)
            if hold:
                await t.connections.set_hold(lease.connection_id, hold)
            send = replace(
                send,
                state=SendState.NEEDS_ATTENTION, step=Step.REPORT, attempts=0, waits=0, due_at=now, finished_at=now,
                findings=tuple(findings),
            )  # fmt: skip
            send = await self._store(t, send, attempt)
            await _supersede_older_failures(t, send)
            await self._raise_warning(t, send)
            await self._tell(t, EventType.SEND_FAILED, send)
            if hold:
                await self._tell(t, EventType.CONNECTION_HELD, send, hold)
        _log.warning("send.failed", findings=[f.code for f in findings])
        return send

    async def kept_back(self, lease: Lease, send: Send, findings: Sequence[Finding]) -> Send:
        """A rule does not want it here, and nobody asked for it in person: that is an end, and no failure."""
        now = self._clock.now()
        send = replace(
            send, state=SendState.CANCELLED, step=Step.DONE, due_at=None, finished_at=now, findings=tuple(findings)
        )
        async with self._transactions.begin(lease.tenant_id) as t:
            await t.connections.confirm_epoch(lease.connection_id, lease.epoch)
            send = await t.sends.save(send)
        _log.info("send.kept_back", reasons=[f.message for f in findings if f.blocks])
        return send

    async def in_doubt(self, t: TenantTransaction, send: Send, findings: Sequence[Finding]) -> Send:
        """Nobody knows whether a line was posted: it waits for a person's word, or for evidence. The comment on the
        job is the next step. Within the caller's transaction, so that no verdict can come in between."""
        now = self._clock.now()
        send = replace(
            send,
            state=SendState.IN_DOUBT, step=Step.REPORT, attempts=0, waits=0, due_at=now, findings=tuple(findings),
        )  # fmt: skip
        send = await t.sends.save(send)
        await self._raise_warning(t, send)
        await self._tell(t, EventType.SEND_IN_DOUBT, send)
        _log.warning("send.in_doubt", findings=[f.message for f in findings])
        return send

    async def repeat(
        self, lease: Lease, send: Send, findings: Sequence[Finding], attempt: Attempt | None = None
    ) -> Send:
        """Try again by itself after the next delay; when all are used up, a person has to look."""
        pause = self._delays.after(send.attempts + 1)
        if pause is None and send.state in _TOLD:
            return await self.reported(lease, send)
        if pause is None:
            return await self.failed(lease, send, findings, attempt)
        return await self._postpone(lease, replace(send, attempts=send.attempts + 1), findings, pause, attempt)

    async def wait(
        self,
        lease: Lease,
        send: Send,
        findings: Sequence[Finding],
        retry_after: float | None = None,
        attempt: Attempt | None = None,
    ) -> Send:
        """Time mends it, however long that takes; the last delay goes on. `retry_after` (seconds) wins if given."""
        send = replace(send, waits=send.waits + 1)
        pause = self._delays.held(send.waits)
        if retry_after is not None:
            pause = min(max(timedelta(seconds=retry_after), _SHORTEST_WAIT), _LONGEST_WAIT)
        return await self._postpone(lease, send, findings, pause, attempt)

    async def reported(self, lease: Lease, send: Send, *, look_at: datetime | None = None) -> Send:
        """The failure or doubt stands on the job; nothing is left to do until somebody mends or settles it.

        `look_at`: when evidence about the lines in doubt is to be looked for.
        """
        step = Step.EVIDENCE if look_at else Step.DONE
        async with self._transactions.begin(lease.tenant_id) as t:
            await t.connections.confirm_epoch(lease.connection_id, lease.epoch)
            return await t.sends.save(replace(send, step=step, due_at=look_at, attempts=0, waits=0))

    async def succeeded(
        self, lease: Lease, send: Send, findings: Sequence[Finding], *, comment_stands: bool = False
    ) -> Send:
        """The end: the work order stands, its number is on the job, and every sign of an earlier failure goes, unless
        it is about items that this send did not carry.

        `comment_stands`: ServiceTrade did not let us remove the old comment, so the next send tries again.
        """
        clean = not any(f.severity is Severity.WARNING for f in findings)
        send = replace(
            send,
            state=_how_it_ended(send, clean),
            step=Step.DONE, due_at=None, attempts=0, finished_at=self._clock.now(), findings=tuple(findings),
        )  # fmt: skip
        async with self._transactions.begin(lease.tenant_id) as t:
            await t.connections.confirm_epoch(lease.connection_id, lease.epoch)
            send = await t.sends.save(send)
            await _supersede_older_failures(t, send)
            standing = await standing_failures(t, send)
            if standing:
                await self._raise_warning(t, standing[-1])
            else:
                await t.warnings.clear(send.connection_id, send.job_id)
                record = await record_of(t, send)
                await t.work_orders.save(replace(record, failure_reported=comment_stands))
            await self._tell(t, EventType.SEND_SUCCEEDED, send)
        _log.info("send.succeeded", number=send.work_order_number, state=send.state.value)
        return send

    async def _hold(
        self,
        lease: Lease,
        connection: Connection,
        send: Send,
        findings: Sequence[Finding],
        attempt: Attempt | None,
    ) -> Send:
        """The whole connection waits; that uses up no attempt of this send."""
        now, failures = self._clock.now(), (connection.hold.attempts if connection.hold else 0) + 1
        since = connection.hold.since if connection.hold else now
        hold = Hold(findings[0], since, now + self._delays.held(failures), failures)
        send = replace(send, state=SendState.RETRYING, due_at=hold.until, findings=tuple(findings))
        async with self._transactions.begin(lease.tenant_id) as t:
            await t.connections.confirm_epoch(lease.connection_id, lease.epoch)
            await t.connections.set_hold(connection.id, hold)
            send = await self._store(t, send, attempt)
            await t.warnings.put(send.warning(self._ids.new("wrn"), self._clock.now()))
            if connection.hold is None:  # held again is no news
                await self._tell(t, EventType.CONNECTION_HELD, send, hold)
        _log.warning("connection.held", connection=connection.slug, code=findings[0].code, until=str(hold.until))
        return send

    async def _end_hold(self, lease: Lease) -> None:
        async with self._transactions.begin(lease.tenant_id) as t:
            await t.connections.confirm_epoch(lease.connection_id, lease.epoch)
            await t.connections.set_hold(lease.connection_id, None)

    async def _postpone(
        self, lease: Lease, send: Send, findings: Sequence[Finding], pause: timedelta, attempt: Attempt | None
    ) -> Send:
        """A failed or doubtful send whose comment could not be written stays so; every other one is retrying."""
        failed = send.state in _STAYS
        send = replace(
            send,
            state=send.state if failed else SendState.RETRYING,
            findings=send.findings if failed else tuple(findings),
            due_at=self._clock.now() + pause,
        )
        async with self._transactions.begin(lease.tenant_id) as t:
            await t.connections.confirm_epoch(lease.connection_id, lease.epoch)
            send = await self._store(t, send, attempt)
            if not failed:
                await t.warnings.put(send.warning(self._ids.new("wrn"), self._clock.now()))
        _log.warning("send.postponed", step=send.step.value, codes=[f.code for f in findings], due_at=str(send.due_at))
        return send

    async def _store(self, t: TenantTransaction, send: Send, attempt: Attempt | None) -> Send:
        if attempt:
            await t.sends.record_attempt(attempt)
        return await t.sends.save(send)

    async def _raise_warning(self, t: TenantTransaction, send: Send) -> None:
        await t.warnings.put(send.warning(self._ids.new("wrn"), self._clock.now()))
        record = await record_of(t, send)
        await t.work_orders.save(replace(record, failure_reported=True))


def _how_it_ended(send: Send, clean: bool) -> SendState:
    if send.state is SendState.DONE_BY_HAND:
        return send.state
    return SendState.SENT if clean else SendState.SENT_WITH_WARNINGS


async def standing_failures(t: TenantTransaction, send: Send) -> Sequence[Send]:
    """Other sends of the job that a person has to look at, and that this one does not make up for. Oldest first."""
    others = await t.sends.of_job(send.connection_id, send.job_id, tuple(_TOLD))
    return [other for other in others if other.id != send.id and not _made_up_for(other, send)]


async def _supersede_older_failures(t: TenantTransaction, send: Send) -> None:
    """A newer outcome replaces the older one, comment and warning included, if it carried all that the older did."""
    for old in await t.sends.of_job(send.connection_id, send.job_id, (SendState.NEEDS_ATTENTION,)):
        if _made_up_for(old, send):
            await t.sends.save(replace(old, state=SendState.SUPERSEDED, step=Step.DONE, due_at=None))


def _made_up_for(old: Send, send: Send) -> bool:
    return old.state is SendState.NEEDS_ATTENTION and old.seq < send.seq and send.covers(old)


async def record_of(t: TenantTransaction, send: Send) -> WorkOrderRecord:
    """What we know of the work order of the send's job; an empty record before its first send."""
    found = await t.work_orders.find(send.connection_id, send.job_id)
    return found or WorkOrderRecord(
        tenant_id=send.tenant_id, connection_id=send.connection_id, job_id=send.job_id
    )
