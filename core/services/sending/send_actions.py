"""What a person can do about a send: cancel it, retry it, say that it was done by hand, or settle a line in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.model.connections.connection import Connection
from core.model.sending.lifecycle.event import Cancelled, MarkedDone, Retried, Settled
from core.model.sending.send import Attempt, Send
from core.model.shared.errors import BadInput, FieldError
from core.model.shared.position import Position
from core.model.work_orders.cost_line import LedgerLine, LineState
from core.services.connections.end_hold import end_hold
from core.services.sending.lifecycle.commit_change import CommitChange
from core.services.service import Dependencies, Service
from ports.storage.transactions import TenantTransaction

_LONGEST_REASON = 500
_VERDICTS = (LineState.POSTED, LineState.NOT_POSTED)


class SendActions(Service):
    def __init__(self, d: Dependencies, commit: CommitChange) -> None:
        super().__init__(d)
        self._commit = commit

    async def cancel(self, tenant_id: str, send_id: str, *, by: str) -> Send:
        """Cancel a send that has written nothing yet. A retried send becomes failed again.

        Raises NotFound, or Conflict (SEND_NOT_CANCELLABLE) once a write may have reached Spectrum.
        """
        async with self._transactions.begin(tenant_id) as t:
            return await self.cancel_within(t, send_id, by=by)

    async def cancel_within(self, t: TenantTransaction, send_id: str, *, by: str) -> Send:
        """The same, in the caller's transaction. Raises as the call does."""
        return (await self._commit.within(t, send_id, Cancelled(by))).send

    async def retry(self, tenant_id: str, send_id: str, *, by: str) -> Send:
        """Queue it again, with a new plan that holds only what is still missing. Also ends a hold of its connection,
        because the person confirms that its cause is fixed.

        Raises NotFound, or Conflict (SEND_IN_DOUBT, SEND_NOT_RETRYABLE) for a send that is neither failed nor waiting.
        """
        async with self._transactions.begin(tenant_id) as t:
            return await self.retry_within(t, send_id, by=by)

    async def retry_within(self, t: TenantTransaction, send_id: str, *, by: str) -> Send:
        """The same, in the caller's transaction. Raises as the call does."""
        connection_id = (await t.sends.get(send_id)).connection_id
        await t.connections.lock(connection_id)
        await end_hold(t, connection_id, await t.now())
        return (await self._commit.within(t, send_id, Retried(by))).send

    async def mark_done(self, tenant_id: str, send_id: str, *, reason: str, by: str) -> Send:
        """A person has entered in Spectrum what a failed send could not send; it is never sent again.

        The failure's warning is removed now, its comment with the next step. Every line of the plan, and every item
        that blocked it, counts as posted by hand.

        Raises NotFound, BadInput, Conflict (SEND_NOT_FAILED for one that does not need attention, WORK_ORDER_BUSY while
        another send posts to the work order, WORK_ORDER_MOVED_ON if its items were posted otherwise since,
        RESTORE_TOO_FRESH shortly after the database was found to lack lines).
        """
        reason = reason.strip()
        if not 1 <= len(reason) <= _LONGEST_REASON:
            raise BadInput(
                "The reason is missing or too long.",
                fix="Give the reason in one or two sentences.",
                errors=[FieldError("/reason", f"1 to {_LONGEST_REASON} characters")],
            )
        async with self._transactions.begin(tenant_id) as t:
            plan = (await t.sends.get(send_id)).plan
            wanted = len(plan.lines) + len(plan.blocked) if plan else 0
            ids = tuple(self._ids.new("lin") for _ in range(wanted))
            return (await self._commit.within(t, send_id, MarkedDone(by, reason, ids))).send


@dataclass(frozen=True, slots=True)
class Doubt:
    """`attempt` holds the request and the answer, secrets masked; None if the worker died in between."""

    line: LedgerLine
    connection: Connection
    send: Send
    attempt: Attempt | None


class Doubts(Service):
    """The lines that may or may not have been posted. A person checks in Spectrum and settles them."""

    def __init__(self, d: Dependencies, commit: CommitChange) -> None:
        super().__init__(d)
        self._commit = commit

    async def list(
        self, tenant_id: str, *, connection: str | None = None, limit: int = 100, after: Position | None = None
    ) -> Sequence[Doubt]:
        """All doubts, the oldest first. `connection` is a slug; raises NotFound if it is unknown."""
        doubts = []
        async with self._transactions.begin(tenant_id) as t:
            connections = {one.id: one for one in await t.connections.all()}
            only = (await t.connections.by_slug(connection)).id if connection else None
            for line in await t.ledger.doubts(connection_id=only, limit=limit, after=after):
                attempts = await t.sends.attempts(line.send_id, line_id=line.id, limit=1)
                last = attempts[0] if attempts and attempts[0].started_at == line.sent_at else None
                doubts.append(Doubt(line, connections[line.connection_id], await t.sends.get(line.send_id), last))
        return doubts

    async def settle(self, tenant_id: str, line_id: str, outcome: LineState, *, reason: str, by: str) -> LedgerLine:
        """`posted`: the line is in Spectrum and is never sent again. `not_posted`: it is not, and its send posts it.

        Raises NotFound (LINE_NOT_FOUND), BadInput, Conflict (LINE_NOT_IN_DOUBT, or DOUBT_TOO_FRESH for `not_posted`
        before the quiet period is over, by the database's time: until then Spectrum may still add the line).
        """
        _check(outcome, reason)
        async with self._transactions.begin(tenant_id) as t:
            line = await t.ledger.get(line_id)
            await self._commit.within(t, line.send_id, Settled(line_id, outcome, by, reason.strip()))
            return await t.ledger.get(line_id)


def _check(outcome: LineState, reason: str) -> None:
    errors = []
    if outcome not in _VERDICTS:
        errors.append(FieldError("/outcome", "posted or not_posted"))
    if not reason.strip() or len(reason) > _LONGEST_REASON:
        errors.append(FieldError("/reason", f"say what you saw, in 1 to {_LONGEST_REASON} characters"))
    if errors:
        fix = "Look at the work order's costs in Spectrum and say what you found there."
        raise BadInput.of("The answer cannot be saved", errors, fix=fix)
