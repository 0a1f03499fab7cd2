"""A send's facts and changes, in memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from adapters.outbound.memory.connections import MemoryConnections
from adapters.outbound.memory.ledger import MemoryLedger
from adapters.outbound.memory.mappings.aliases import MemoryAliases
from adapters.outbound.memory.mappings.code_lists import MemoryCodeLists, has_lists
from adapters.outbound.memory.number_claims import NumberClaims
from adapters.outbound.memory.repository import Repository
from adapters.outbound.memory.rows import Rows
from adapters.outbound.memory.sends import MemorySends
from adapters.outbound.memory.work_orders import MemoryWorkOrders
from core.model.creations.creation import CreationState
from core.model.sending.send import Send, SendState, Step, Topic
from core.model.shared.errors import LeaseLost, SendChanged
from core.model.tenants.tenant import ServiceTradeAccount
from core.model.work_orders.cost_line import LedgerLine, LineState
from ports.storage.due_work import WorkKind
from ports.storage.send_changes import (
    DueSend,
    FactsQuery,
    Intent,
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
        self._aliases = MemoryAliases(*of_tenant)
        self._code_lists = MemoryCodeLists(*of_tenant)
        self._work_orders = MemoryWorkOrders(*of_tenant)
        self._ledger = MemoryLedger(*of_tenant)
        self._claims = NumberClaims(rows)

    async def facts(self, query: FactsQuery) -> StoredFacts:
        row = self._connection(query.connection_id)
        if query.epoch is not None and row.epoch != query.epoch:
            raise LeaseLost("Another worker has taken over this connection.")
        told = await self._sends.of_job(query.connection_id, query.job_id, _NEED_A_PERSON)
        found: dict[str, Any] = {}
        if query.read_send:
            found["send"] = await self._sends.get(query.send_id)
        if query.own_lines:
            found["lines"] = await self._ledger.of_send(query.send_id)
        if query.unclear:
            found["unclear"] = await self._ledger.unclear_on(query.connection_id, query.number)
        if claim := query.claim:
            found["number_taken"] = self._claims.taken(claim.keys, claim.owner)
        if query.accounts:
            holder = await self._ledger.holder(query.connection_id, query.number, beside=query.send_id)
            on_account = (query.connection_id, query.job_id, query.number)
            found |= {
                "entries": await self._ledger.entries_of_others(query.accounts, query.connection_id),
                "account_lines": await self._ledger.on_account(*on_account),
                "holder": await self._sends.get(holder) if holder else None,
            }
        if query.additions:
            found["additions"] = await self._ledger.entries_of_others(query.additions, query.connection_id)
        rows = self._rows
        return StoredFacts(
            now=self._now,
            connection=row.connection,
            record=await self._work_orders.find(query.connection_id, query.job_id),
            told=[other for other in told if other.id != query.send_id],
            endpoints=any(one.endpoint.tenant_id == self._tenant_id for one in rows.webhook_endpoints.values()),
            warned=(query.connection_id, query.job_id, Topic.SEND) in rows.warnings,
            awaited=any(send.waits_for == query.send_id for send in rows.sends.values()),
            paused=rows.tenants[self._tenant_id].tenant.paused,
            **found,
        )

    async def store(self, change: StoredChange) -> StoredOutcome:
        if change.take:
            self._claims.take(change.take)
        await self._ledger.save(change.lines)
        begun, intent = None, 0
        if change.intent:
            begun, intent = self._begin(change.intent)
        if change.adds:
            intent = self._count(change.send.connection_id)
        await self._ledger.leave([entry.line_id for entry in change.entries if entry.state is None])
        for entry in change.entries:
            if entry.state:
                lines = {entry.line_id: (entry.item, entry.state)}
                await self._ledger.enter(entry.account, change.send.connection_id, lines)
        if change.plan:
            self._rows.plans[change.send.plan_id or ""] = change.plan
        for attempt in change.attempts:
            last = self._rows.attempts[-1][1].seq if self._rows.attempts else 0
            self._rows.attempts.append((self._tenant_id, replace(attempt, seq=last + 1)))
        send = self._save(change.send)
        for old in change.superseded:
            self._save(old)
        if change.record:
            await self._work_orders.save(change.record)
        if change.accept:
            self._claims.accept(change.accept)
        if change.give_back:
            self._claims.give_back(change.give_back)
        if change.proves_target:
            self._change_connection(change.send.connection_id, last_write_at=self._now)
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
        due = (send for send in self._sends.to_do(connection_id, steps) if send.due_at and send.due_at <= self._now)
        send = min(due, key=lambda send: send.seq, default=None)
        stored = self._rows.tenants[self._tenant_id]
        return DueSend(
            now=self._now,
            tenant=stored.tenant,
            account=ServiceTradeAccount(self._tenant_id, stored.tenant.base_url, stored.login),
            connection=row.connection,
            secrets=row.secrets,
            epoch=row.epoch,
            aliases=bool(await self._aliases.page(connection_id, limit=1)),
            lists=await has_lists(self._code_lists, connection_id),
            creation_due=any(self._creations_due(connection_id, tuple(Step), self._now)),
            send=send,
            record=await self._work_orders.find(connection_id, send.job_id) if send else None,
        )

    async def rest(
        self, connection_id: str, steps: Collection[Step], waits_until: datetime | None = None
    ) -> datetime | None:
        sends = (send.due_at for send in self._sends.to_do(connection_id, steps))
        moments = (*sends, *self._creations_due(connection_id, steps), waits_until)
        earliest = min((moment for moment in moments if moment), default=None)
        self._set_due(WorkKind.DRAIN, connection_id, earliest)
        self._commit()
        return earliest

    def _creations_due(
        self, connection_id: str, steps: Collection[Step], until: datetime | None = None
    ) -> Iterator[datetime]:
        """When new records are due. Those that are there already need no call to Spectrum any more."""
        for one in self._rows.creations.values():
            step = Step.WRITE_BACK if one.state is CreationState.CREATED else Step.HEADER
            if (
                one.connection_id == connection_id
                and step in steps
                and one.due_at
                and (not until or one.due_at <= until)
            ):
                yield one.due_at

    async def standing(self, query: StandingQuery) -> Standing:
        taken = self._claims.taken(query.claim_keys, query.owner)
        accepted = self._claims.accepted(query.claim_keys, query.owner)
        additions = await self._ledger.entries_of_others(query.additions, query.connection_id)
        if not query.accounts:
            return Standing(taken=taken, accepted=accepted, additions=additions)
        lines = await self._ledger.on_account(query.connection_id, query.job_id, query.number)
        entries = await self._ledger.entries_of_others(query.accounts, query.connection_id)
        return Standing(taken=taken, accepted=accepted, lines=lines, entries=entries, additions=additions)

    def _save(self, send: Send) -> Send:
        """Store all fields except the plan, which is that of its `plan_id`."""
        found = self._rows.sends.get(send.id)
        if found is None or found.tenant_id != self._tenant_id or found.version != send.version:
            raise SendChanged(f"The send {send.id} was changed meanwhile.")
        plan = self._rows.plans.get(send.plan_id) if send.plan_id else None
        self._rows.sends[send.id] = stored = replace(send, plan=plan, version=send.version + 1)
        return stored

    def _begin(self, intent: Intent) -> tuple[LedgerLine, int]:
        """Store and count the intent. Its line as it is then, and the intent's number."""
        found = self._rows.ledger.get(intent.line_id)
        if found is None or found.tenant_id != self._tenant_id or not found.state.open or found.given_back:
            raise SendChanged(f"The line {intent.line_id} must not be posted any more.")
        begun = replace(
            found,
            state=LineState.SENDING,
            attempt_id=intent.attempt_id,
            sent_at=self._now,
            send_by=self._now + intent.send_by,
            quiet_until=self._now + intent.quiet,
            settled_at=None,
            system_key=None,
            findings=(),
            settled_by=None,
            settled_reason=None,
        )
        self._rows.ledger[begun.id] = begun
        number = self._count(begun.connection_id)
        return begun, number

    def _count(self, connection_id: str) -> int:
        number = self._connection(connection_id).connection.intents + 1
        self._change_connection(connection_id, intents=number, last_intent_at=self._now)
        return number
