"""The only code that changes a send: read the facts, decide what follows, store all of it in one transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from core.model.connections.connection import Connection, Hold
from core.model.operations.audit import AuditEntry
from core.model.planning.number_choice import claim_keys
from core.model.sending.failure_comment import send_event
from core.model.sending.lifecycle.change import Change, ClaimChange, WarningChange
from core.model.sending.lifecycle.decide import decide
from core.model.sending.lifecycle.endings import TOLD
from core.model.sending.lifecycle.event import Event
from core.model.sending.send import Lease, Send, Topic
from core.model.webhooks.event import EventType
from core.model.work_orders.cost_line import LedgerLine
from core.services.sending.lifecycle.enter_lines import enter_lines
from core.services.sending.lifecycle.read_facts import read_facts
from core.services.service import Service
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Committed:
    """The send as stored. `begun` is the line whose intent was stored with it, `intent` its number on the connection;
    `claimed`: the header may leave now; `due`: the send continues at once."""

    send: Send
    begun: LedgerLine | None = None
    intent: int = 0
    claimed: bool = False
    due: bool = False


class CommitChange(Service):
    async def __call__(self, lease: Lease, send: Send, event: Event) -> Committed:
        """Store a step's outcome, for the worker that has the lease.

        If it raises, nothing is stored: LeaseLost, SendChanged (changed since it was read), TimeMends (no database).
        """
        async with self._transactions.begin(lease.tenant_id) as t:
            connection = await t.connections.lock(lease.connection_id, lease.epoch)
            committed, change = await self._commit(t, connection, send, event, lease.epoch)
        _tell_log(send, change)
        return committed

    async def within(self, t: TenantTransaction, send_id: str, event: Event) -> Committed:
        """Store a person's act, or an answer that is valid without a lease, in the caller's transaction.

        Raises NotFound, Conflict if the act does not fit the send's state.
        """
        send = await t.sends.get(send_id)
        connection = await t.connections.lock(send.connection_id)
        send = await t.sends.get(send_id)  # read again under the lock
        committed, change = await self._commit(t, connection, send, event, None)
        _tell_log(send, change)
        return committed

    async def _commit(
        self, t: TenantTransaction, connection: Connection, send: Send, event: Event, epoch: int | None
    ) -> tuple[Committed, Change]:
        facts = await read_facts(t, connection, send, event, self._delays, epoch)
        facts = replace(facts, header_within=self._line_timing.header_within)
        change = decide(send, event, facts)
        if change.claim is ClaimChange.TAKE and change.number:
            number = change.number
            claimed = [
                key for key in number.keys if await t.work_orders.claim_number(key, number.owner, adopt=number.adopt)
            ]
            if len(claimed) < len(number.keys):
                # With a number in the record, an earlier write of the job may be in Spectrum, so its claim stays.
                if facts.record is None or facts.record.number is None:
                    for key in claimed:
                        await t.work_orders.give_back_number(key, number.owner)
                # Another send took it at the same time, and its transaction ended first.
                change = decide(send, event, replace(facts, number_taken=True))
        send, begun = await self._store(t, connection, change, epoch)
        due = send.due_at is not None and send.due_at <= facts.now
        intent = await t.connections.next_intent(connection.id) if begun else 0
        return Committed(send, begun, intent, change.claim is ClaimChange.TAKE, due), change

    async def _store(
        self, t: TenantTransaction, connection: Connection, change: Change, epoch: int | None
    ) -> tuple[Send, LedgerLine | None]:
        send = change.send
        await self._store_lines(t, connection, change)
        begun = await self._begin(t, connection, change, epoch)
        if change.plan:
            await t.sends.store_plan(send.id, change.plan.id, change.plan.plan)
        if change.attempt:
            await t.sends.record_attempt(change.attempt)
        send = await t.sends.save(send)
        if change.record:
            await t.work_orders.save(change.record)
        await self._settle_claim(t, change)
        await self._note_endpoint(t, connection, change)
        if change.completion:
            await t.completions.record(connection.id, send.job_id, change.completion.completed_on)
        for old in change.superseded:
            await t.sends.save(old)
        await self._store_signs(t, connection, change, send)
        if change.frees:
            await self._wake_waiting(t, connection, send)
        return send, begun

    async def _store_lines(self, t: TenantTransaction, connection: Connection, change: Change) -> None:
        if change.give_back:
            await t.ledger.leave(await t.ledger.give_back(change.send.id))
        planned = change.plan.lines if change.plan else ()
        if change.lines or planned:
            await t.ledger.save((*change.lines, *planned))
            await enter_lines(t, connection, (*change.lines, *planned))

    async def _begin(
        self, t: TenantTransaction, connection: Connection, change: Change, epoch: int | None
    ) -> LedgerLine | None:
        if change.intent is None:
            return None
        begun = await t.ledger.begin(
            change.intent.line.id,
            attempt_id=change.intent.attempt_id,
            epoch=epoch or 0,
            payload_hash=_payload_hash(change.intent.line),
            send_by=self._line_timing.send_within,
            quiet=self._line_timing.quiet,
        )
        await enter_lines(t, connection, (begun,))
        return begun

    async def _settle_claim(self, t: TenantTransaction, change: Change) -> None:
        match change.claim, change.number:
            case ClaimChange.ACCEPT, number if number:
                for key in number.keys:
                    await t.work_orders.accept_number(key, number.owner)
            case ClaimChange.GIVE_BACK, number if number:
                for key in number.keys:
                    await t.work_orders.give_back_number(key, number.owner)

    async def _note_endpoint(self, t: TenantTransaction, connection: Connection, change: Change) -> None:
        """After the first write that Spectrum accepts at an address, enter our lines under it for others to see. A call
        from before a change of the address proves nothing about the new one."""
        if change.claim is not ClaimChange.ACCEPT or change.number is None or connection.endpoint_used:
            return
        if change.number.keys == claim_keys(connection, change.send.work_order_number or ""):
            await t.connections.set_endpoint_used(connection.id)
            await enter_lines(t, connection, await t.ledger.placed(connection.id))

    async def _store_signs(self, t: TenantTransaction, connection: Connection, change: Change, send: Send) -> None:
        """Store what people and programs see: warning, hold, events, audit."""
        now = await t.now()
        match change.warning:
            case WarningChange.RAISE:
                await t.warnings.put((change.standing or send).warning(self._ids.new("wrn"), now))
            case WarningChange.CLEAR:
                await t.warnings.clear(send.connection_id, send.job_id)
            case WarningChange.FORMER:
                await self._former_warning(t, send)
        if change.late:
            warning = change.late.warning(self._ids.new("wrn"), now)
            await t.warnings.put(replace(warning, topic=Topic.LATE))
        if change.holds:
            await t.connections.set_hold(connection.id, change.hold)
        if change.plugin_failed:
            await t.connections.count_plugin_failure(connection.id)
        for kind in change.tells:
            await self._tell(t, kind, send, change.hold if kind is EventType.CONNECTION_HELD else None)
        for act in change.acts:
            await t.audit.record(AuditEntry(now, act.actor, act.action, act.subject, act.detail))
        if change.wakes:
            await t.connections.wake(connection.id, now)

    async def _tell(self, t: TenantTransaction, kind: EventType, send: Send, hold: Hold | None) -> None:
        """Store a send's webhook event with its outcome, so that neither exists without the other. For a tenant without
        endpoints it costs one query."""
        if not await t.webhook_endpoints.wanted(kind):
            return
        connection = (await t.connections.get(send.connection_id)).slug
        event = send_event(self._ids.new("evt"), kind, self._clock.now(), send, connection, hold)
        await t.webhook_endpoints.add_event(event)

    async def _former_warning(self, t: TenantTransaction, send: Send) -> None:
        """Restore the warning of the job's last failure, if any: this send may have replaced it with its own."""
        await t.warnings.clear(send.connection_id, send.job_id)
        failed: Sequence[Send] = await t.sends.of_job(send.connection_id, send.job_id, tuple(TOLD))
        if failed:
            await t.warnings.put(failed[-1].warning(self._ids.new("wrn"), await t.now()))

    async def _wake_waiting(self, t: TenantTransaction, connection: Connection, send: Send) -> None:
        now = await t.now()
        if await t.sends.wake_waiting(send.id, now):
            await t.connections.wake(connection.id, now)


def _payload_hash(line: LedgerLine) -> str:
    return hashlib.sha256(json.dumps([line.work_order_number, *sorted(line.fields.items())]).encode()).hexdigest()


def _tell_log(before: Send, change: Change) -> None:
    for old in change.superseded:
        _log.info("send.superseded", send=old.id, by=before.id)
    if change.log:
        _log.info(change.log, send=before.id, **change.log_data)
