"""A send's facts and changes, in memory."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from adapters.outbound.memory.connections import MemoryConnections
from adapters.outbound.memory.ledger import MemoryLedger
from adapters.outbound.memory.rows import Repository, Rows
from adapters.outbound.memory.sends import MemorySends
from adapters.outbound.memory.work_orders import MemoryWorkOrders
from core.model.sending.lifecycle.event import NumberClaim
from core.model.sending.send import SendState, Step, Topic
from core.model.tenants.tenant import ServiceTradeAccount
from core.model.work_orders.cost_line import LedgerLine
from ports.storage.due_work import WorkKind
from ports.storage.send_changes import (
    DueSend,
    FactsQuery,
    Intent,
    NumberTaken,
    SendChanges,
    Standing,
    StandingQuery,
    StoredChange,
    StoredFacts,
    StoredOutcome,
)

_NEED_A_PERSON = (SendState.NEEDS_ATTENTION, SendState.IN_DOUBT)


class MemorySendChanges(Repository, SendChanges):
    def __init__(self, rows: Rows, tenant_id: str, now: datetime, commit: Callable[[], None] = lambda: None) -> None:
        super().__init__(rows, tenant_id, now)
        self._commit = commit
        of_tenant = (rows, tenant_id, now)
        self._sends = MemorySends(*of_tenant)
        self._connections = MemoryConnections(*of_tenant)
        self._work_orders = MemoryWorkOrders(*of_tenant)
        self._ledger = MemoryLedger(*of_tenant)

    async def facts(self, query: FactsQuery) -> StoredFacts:
        connection = await self._connections.lock(query.connection_id, query.epoch)
        told = await self._sends.of_job(query.connection_id, query.job_id, _NEED_A_PERSON)
        found: dict[str, Any] = {}
        if query.read_send:
            found["send"] = await self._sends.get(query.send_id)
        if query.own_lines:
            found["lines"] = await self._ledger.of_send(query.send_id)
        if query.unclear:
            found["unclear"] = await self._ledger.unclear_on(query.connection_id, query.number)
        if claim := query.claim:
            found["number_taken"] = any([await self._work_orders.number_taken(key, claim.owner) for key in claim.keys])
        if query.accounts:
            holder = await self._ledger.holder(query.connection_id, query.number, beside=query.send_id)
            on_account = (query.connection_id, query.job_id, query.number)
            found |= {
                "entries": await self._ledger.entries_of_others(query.accounts, query.connection_id),
                "account_lines": await self._ledger.on_account(*on_account),
                "holder": await self._sends.get(holder) if holder else None,
            }
        rows = self._rows
        return StoredFacts(
            now=self._now,
            connection=connection,
            record=await self._work_orders.find(query.connection_id, query.job_id),
            told=[other for other in told if other.id != query.send_id],
            endpoints=any(one.endpoint.tenant_id == self._tenant_id for one in rows.webhook_endpoints.values()),
            warned=(query.connection_id, query.job_id, Topic.SEND) in rows.warnings,
            awaited=any(send.waits_for == query.send_id for send in rows.sends.values()),
            **found,
        )

    async def store(self, change: StoredChange) -> StoredOutcome:
        await self._take(change.take)
        await self._ledger.save(change.lines)
        begun, intent = None, 0
        if change.intent:
            begun = await self._begin(change.intent)
            intent = await self._connections.next_intent(begun.connection_id)
        await self._ledger.leave([entry.line_id for entry in change.entries if entry.state is None])
        for entry in change.entries:
            if entry.state:
                lines = {entry.line_id: (entry.item, entry.state)}
                await self._ledger.enter(entry.account, change.send.connection_id, lines)
        if change.plan:
            await self._sends.store_plan(change.send.id, change.send.plan_id or "", change.plan)
        for attempt in change.attempts:
            await self._sends.record_attempt(attempt)
        send = await self._sends.save(change.send)
        for old in change.superseded:
            await self._sends.save(old)
        if change.record:
            await self._work_orders.save(change.record)
        await self._settle(change)
        return StoredOutcome(send, begun, intent)

    async def conclude(self, change: StoredChange, take: Collection[Step] | None = None) -> StoredOutcome:
        outcome = await self.store(change)
        if take is not None:
            outcome = replace(outcome, following=await self.next_due(change.send.connection_id, take))
        self._commit()
        return outcome

    async def next_due(self, connection_id: str, steps: Collection[Step], *, lease: bool = False) -> DueSend:
        """With `lease`, every earlier holder of the connection loses its lease."""
        if lease:
            await self._connections.raise_epoch(connection_id)
        row = self._connection(connection_id)
        send = await self._sends.next_due(connection_id, self._now, steps=steps)
        stored = self._rows.tenants[self._tenant_id]
        return DueSend(
            now=self._now,
            tenant=stored.tenant,
            account=ServiceTradeAccount(self._tenant_id, stored.tenant.base_url, stored.login),
            connection=row.connection,
            secrets=row.secrets,
            epoch=row.epoch,
            send=send,
            record=await self._work_orders.find(connection_id, send.job_id) if send else None,
        )

    async def rest(self, connection_id: str, steps: Collection[Step], waits_until: datetime | None = None) -> None:
        moments = (await self._sends.earliest_due(connection_id, steps=steps), waits_until)
        earliest = min((moment for moment in moments if moment), default=None)
        self._set_due(WorkKind.DRAIN, connection_id, earliest)
        self._commit()

    async def standing(self, query: StandingQuery) -> Standing:
        keys, owner = query.claim_keys, query.owner
        taken = any([await self._work_orders.number_taken(key, owner) for key in keys])
        accepted = any([await self._work_orders.number_accepted(key, owner) for key in keys])
        if not query.accounts:
            return Standing(taken=taken, accepted=accepted)
        lines = await self._ledger.on_account(query.connection_id, query.job_id, query.number)
        entries = await self._ledger.entries_of_others(query.accounts, query.connection_id)
        return Standing(taken=taken, accepted=accepted, lines=lines, entries=entries)

    async def _take(self, claim: NumberClaim | None) -> None:
        for key in claim.keys if claim else ():
            if claim and not await self._work_orders.claim_number(key, claim.owner, adopt=claim.adopt):
                raise NumberTaken

    async def _settle(self, change: StoredChange) -> None:
        """Settle the claims that the send has taken before."""
        if accept := change.accept:
            for key in accept.keys:
                await self._work_orders.accept_number(key, accept.owner)
        if give_back := change.give_back:
            for key in give_back.keys:
                await self._work_orders.give_back_number(key, give_back.owner)

    async def _begin(self, intent: Intent) -> LedgerLine:
        return await self._ledger.begin(
            intent.line_id,
            attempt_id=intent.attempt_id,
            epoch=intent.epoch,
            payload_hash=intent.payload_hash,
            send_by=intent.send_by,
            quiet=intent.quiet,
        )
