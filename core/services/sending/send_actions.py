"""What a person can do about a send: cancel it, retry it, or say that it was done by hand in Spectrum."""

from __future__ import annotations

from core.model.sending.lifecycle.event import Cancelled, MarkedDone, Retried
from core.model.sending.send import Send
from core.model.shared.errors import BadInput, FieldError
from core.services.connections.end_hold import end_hold
from core.services.sending.lifecycle.commit_change import CommitChange
from core.services.service import Dependencies, Service
from ports.storage.transactions import TenantTransaction

_LONGEST_REASON = 500


class SendActions(Service):
    def __init__(self, d: Dependencies, commit: CommitChange) -> None:
        super().__init__(d)
        self._commit = commit

    async def cancel(self, tenant_id: str, send_id: str) -> Send:
        """Cancel a send that has written nothing yet. A retried send becomes failed again.

        Raises NotFound, or Conflict (SEND_NOT_CANCELLABLE) once a write may have reached Spectrum.
        """
        async with self._transactions.begin(tenant_id) as t:
            return (await self._commit.within(t, send_id, Cancelled())).send

    async def retry(self, tenant_id: str, send_id: str) -> Send:
        """Queue it again, with a new plan that holds only what is still missing. Also ends a hold of its connection,
        because the person confirms that its cause is fixed.

        Raises NotFound, or Conflict (SEND_IN_DOUBT, SEND_NOT_RETRYABLE) for a send that is neither failed nor waiting.
        """
        async with self._transactions.begin(tenant_id) as t:
            return await self.retry_within(t, send_id)

    async def retry_within(self, t: TenantTransaction, send_id: str) -> Send:
        """The same, in the caller's transaction. Raises as the call does."""
        connection_id = (await t.sends.get(send_id)).connection_id
        await t.connections.lock(connection_id)
        await end_hold(t, connection_id, await t.now())
        return (await self._commit.within(t, send_id, Retried())).send

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
