"""The only code that changes a send: read the facts, decide what follows, store all of it in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import structlog

from core.model.connections.connection import Connection
from core.model.sending.lifecycle.change import Change, ClaimChange
from core.model.sending.lifecycle.event import Event, accepted_with
from core.model.sending.lifecycle.facts import Facts
from core.model.sending.lifecycle.sequence import Follow, decide_in_turn, no_more, together
from core.model.sending.send import Lease, Send, Step
from core.model.shared.errors import ConnectionChanged, TimeMends
from core.model.work_orders.annotation import Annotation
from core.model.work_orders.cost_line import LedgerLine
from core.services.sending.lifecycle.read_facts import OWN_LINES, facts_of, facts_query, with_account
from core.services.sending.lifecycle.store_effects import StoreEffects
from core.services.sending.lifecycle.stored_change import stored_change
from core.services.service import Dependencies, Service
from ports.storage.send_changes import DueSend, NumberTaken, StoredFacts
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()
_NUMBER_TAKEN_MOST = 3


@dataclass(frozen=True, slots=True)
class Committed:
    """The send as stored. `begun` is the line whose intent was stored with it, `intent` its number on the connection,
    or that of what `annotation` adds; `claimed`: the header may leave now; `annotation` is the note, marker or document
    that may leave now; `due`: the send continues at once. `following` is the connection's next due send, if it was
    asked for and this one does not continue."""

    send: Send
    begun: LedgerLine | None = None
    intent: int = 0
    claimed: bool = False
    annotation: Annotation | None = None
    due: bool = False
    following: DueSend | None = None


class CommitChange(Service):
    def __init__(self, d: Dependencies) -> None:
        super().__init__(d)
        self._store_effects = StoreEffects(d)

    async def __call__(
        self,
        lease: Lease,
        send: Send,
        event: Event,
        *,
        seen: Connection | None = None,
        follow: Follow = no_more,
        take: Collection[Step] | None = None,
    ) -> Committed:
        """Store a step's outcome with what follows from it, for the worker that has the lease. With `take`, also read
        the connection's next due send in these steps if this one does not continue at once. `seen` is the connection as
        it was read for the calls.

        If it raises, nothing is stored: LeaseLost, SendChanged (changed since it was read), TimeMends (no database),
        ConnectionChanged (a call would begin, but not as the connection is now).
        """
        for again in range(_NUMBER_TAKEN_MOST):
            try:
                return await self._conclude(lease, send, event, seen, follow, take)
            except NumberTaken:
                # Another job took the number at the same time. Its transaction has ended: now the facts show it.
                _log.info("number.taken_meanwhile", send=send.id, again=again)
        raise TimeMends("Other jobs take this work order number and give it back all the time.", code="WORK_ORDER_BUSY")

    async def _conclude(
        self,
        lease: Lease,
        send: Send,
        event: Event,
        seen: Connection | None,
        follow: Follow,
        take: Collection[Step] | None,
    ) -> Committed:
        query = facts_query(send, event, lease.epoch)
        async with self._transactions.changing(lease.tenant_id, query) as (t, found):
            stored = await with_account(t, query, found, send, event)
            facts = self._facts(stored, send, lease.epoch, seen)
            changes = decide_in_turn(send, event, facts, follow)
            if facts.stopped and any(change.begins_call for change in changes):
                raise ConnectionChanged(f"The connection {stored.connection.slug} was changed or paused meanwhile.")
            change = await self._prepare(t, stored, changes, event)
            due = change.send.due_at is not None and change.send.due_at <= stored.now
            written = stored_change(change, stored, self._line_timing, lease.epoch, accepted_with(event))
            outcome = await t.changes.conclude(written, None if due else take)
        _tell_log(send, changes)
        claimed = change.claim is ClaimChange.TAKE
        return Committed(
            outcome.send, outcome.begun, outcome.intent, claimed, change.annotation, due, outcome.following
        )

    async def within(self, t: TenantTransaction, send_id: str, event: Event) -> Committed:
        """Store a person's act, or an answer that is valid without a lease, in the caller's transaction.

        Raises NotFound, Conflict if the act does not fit the send's state.
        """
        send = await t.sends.get(send_id)
        query = facts_query(send, event, read_send=True)
        stored = await t.changes.facts(query)
        send = stored.send or send  # as it is under the lock
        query = facts_query(send, event)
        stored = await with_account(t, query, stored, send, event)
        changes = decide_in_turn(send, event, self._facts(stored, send))
        change = await self._prepare(t, stored, changes, event)
        outcome = await t.changes.store(stored_change(change, stored, self._line_timing, None, accepted_with(event)))
        _tell_log(send, changes)
        return Committed(outcome.send)

    def _facts(
        self, stored: StoredFacts, send: Send, epoch: int | None = None, seen: Connection | None = None
    ) -> Facts:
        return facts_of(stored, send, self._delays, epoch, self._line_timing.header_within, seen)

    async def _prepare(
        self, t: TenantTransaction, stored: StoredFacts, changes: Sequence[Change], event: Event
    ) -> Change:
        """The changes as one, of which only the send and its own rows are still to be stored. That comes last, so that
        it takes one round trip together with the commit."""
        change = together(changes)
        if change.give_back and not (isinstance(event, OWN_LINES) and not stored.lines):
            await t.ledger.leave(await t.ledger.give_back(change.send.id))
        await self._store_effects(t, stored, change)
        return change


def _tell_log(before: Send, changes: Sequence[Change]) -> None:
    for change in changes:
        for old in change.superseded:
            _log.info("send.superseded", send=old.id, by=before.id)
        if change.log:
            _log.info(change.log, send=before.id, **change.log_data)
