"""What a change of a send has as its effects on others: warnings, holds, events, audit, sends that wait."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from core.model.connections.connection import Connection, Hold
from core.model.notifications.notice import Notice, failed, held, in_doubt
from core.model.operations.audit import AuditEntry
from core.model.planning.number_choice import claim_keys
from core.model.sending.failure_comment import send_event
from core.model.sending.lifecycle.change import Change, ClaimChange, WarningChange
from core.model.sending.lifecycle.endings import TOLD
from core.model.sending.progress import progress_of
from core.model.sending.send import DashboardWarning, Send, Topic
from core.model.webhooks.event import EventType
from core.model.work_orders.cost_line import ItemsMode, LedgerLine
from core.services.sending.annotations.enter_additions import enter_additions
from core.services.sending.lifecycle.enter_lines import enter_lines
from core.services.service import Service
from ports.storage.send_changes import StoredFacts
from ports.storage.transactions import TenantTransaction


class StoreEffects(Service):
    async def __call__(self, t: TenantTransaction, stored: StoredFacts, change: Change) -> None:
        """Store them in the change's transaction. `stored` are the facts before the change; most sends have none of
        these effects, and then nothing is asked or written here."""
        connection, send = stored.connection, change.send
        await self._note_endpoint(t, connection, change)
        if change.completion:
            await t.completions.record(connection.id, send.job_id, change.completion.completed_on)
        await self._store_warnings(t, stored, change, send)
        if change.holds and (change.hold or connection.hold or connection.plugin_failures):
            await t.connections.set_hold(connection.id, change.hold)
        if change.plugin_failed:
            await t.connections.count_plugin_failure(connection.id)
        for kind in change.tells if stored.endpoints else ():
            await self._tell(t, kind, change, change.hold if kind is EventType.CONNECTION_HELD else None)
        for notice in self._notices(change, stored):
            await t.notifications.tell(notice)
        for act in change.acts:
            await t.audit.record(AuditEntry(stored.now, act.actor, act.action, act.subject, act.detail))
        freed = change.frees and stored.awaited and await t.sends.wake_waiting(send.id, stored.now)
        if change.wakes or freed:
            await t.connections.wake(connection.id, stored.now)

    async def _note_endpoint(self, t: TenantTransaction, connection: Connection, change: Change) -> None:
        """After the first write that Spectrum accepts at an address, enter our lines under it for others to see. A call
        from before a change of the address proves nothing about the new one."""
        if change.claim is not ClaimChange.ACCEPT or change.number is None or connection.endpoint_used:
            return
        if change.number.keys == claim_keys(connection, change.send.work_order_number or ""):
            await t.connections.set_endpoint_used(connection.id)
            await enter_lines(t, connection, await t.ledger.placed(connection.id))
            await self._enter_additions(t, connection)

    async def _enter_additions(self, t: TenantTransaction, connection: Connection) -> None:
        last: str | None = None
        while page := await t.work_orders.annotated(connection.id, after=last):
            for record in page:
                await enter_additions(t, connection, None, record)
            last = page[-1].job_id

    async def _store_warnings(self, t: TenantTransaction, stored: StoredFacts, change: Change, send: Send) -> None:
        match change.warning:
            case WarningChange.RAISE:
                await t.warnings.put((change.standing or send).warning(self._ids.new("wrn"), stored.now))
            case WarningChange.CLEAR if stored.warned:
                await t.warnings.clear(send.connection_id, send.job_id)
            case WarningChange.FORMER:
                await self._former_warning(t, stored, send)
        if change.of_connection:
            topic, found = change.of_connection
            if found:
                warning = DashboardWarning.of_connection(
                    stored.connection, self._ids.new("wrn"), found, stored.now, topic
                )
                await t.warnings.put(warning)
            else:
                await t.warnings.clear(send.connection_id, "", topic)
        if change.late:
            warning = change.late.warning(self._ids.new("wrn"), stored.now)
            await t.warnings.put(replace(warning, topic=Topic.LATE))

    async def _former_warning(self, t: TenantTransaction, stored: StoredFacts, send: Send) -> None:
        """Restore the warning of the job's last failure, if any: this send may have replaced it with its own."""
        await t.warnings.clear(send.connection_id, send.job_id)
        failed = sorted((one for one in (*stored.told, send) if one.state in TOLD), key=lambda one: one.seq)
        if failed:
            await t.warnings.put(failed[-1].warning(self._ids.new("wrn"), stored.now))

    def _notices(self, change: Change, stored: StoredFacts) -> Iterator[Notice]:
        """What people may be told of. A success is none of it, so most sends store nothing here."""
        send = change.send
        if change.late:
            yield failed(change.late, stored.now)
        for kind in change.tells:
            if kind is EventType.SEND_FAILED and send.findings:
                yield failed(send, stored.now)
            elif kind is EventType.SEND_IN_DOUBT:
                yield in_doubt(send, stored.now)
            elif kind is EventType.CONNECTION_HELD and change.hold:
                yield held(stored.connection.id, change.hold.finding, stored.now)

    async def _tell(self, t: TenantTransaction, kind: EventType, change: Change, hold: Hold | None) -> None:
        """Store a send's webhook event with its outcome, so that neither exists without the other."""
        if not await t.webhook_endpoints.wanted(kind):
            return
        send = change.send
        connection = await t.connections.get(send.connection_id)
        progress = progress_of(send, await self._lines_after(t, change))
        event = send_event(self._ids.new("evt"), kind, self._clock.now(), send, progress, connection, hold)
        await t.webhook_endpoints.add_event(event)

    async def _lines_after(self, t: TenantTransaction, change: Change) -> Collection[LedgerLine]:
        """The send's lines with those that the change stores after these effects."""
        if change.send.items is ItemsMode.NONE:
            return ()
        lines = {line.id: line for line in await t.ledger.of_send(change.send.id)}
        planned = change.plan.lines if change.plan else ()
        own = (line for line in (*planned, *change.lines) if line.send_id == change.send.id)
        return (lines | {line.id: line for line in own}).values()
