"""Retry a failed or waiting send now, with a new plan that holds only what is still missing."""

from __future__ import annotations

from core.model.sending.lifecycle.event import Retried
from core.model.sending.send import Send
from core.services.connections.end_hold import end_hold
from core.services.sending.lifecycle.commit_change import CommitChange
from ports.storage.transactions import TenantTransaction, Transactions


class RetrySend:
    def __init__(self, transactions: Transactions, commit: CommitChange) -> None:
        self._transactions = transactions
        self._commit = commit

    async def __call__(self, tenant_id: str, send_id: str) -> Send:
        """Queue it again. Also ends a hold of its connection, because the person confirms that its cause is fixed.

        Raises NotFound, or Conflict (SEND_IN_DOUBT, SEND_NOT_RETRYABLE) for a send that is neither failed nor waiting.
        """
        async with self._transactions.begin(tenant_id) as t:
            return await self.within(t, send_id)

    async def within(self, t: TenantTransaction, send_id: str) -> Send:
        """The same, in the caller's transaction. Raises as the call does."""
        connection_id = (await t.sends.get(send_id)).connection_id
        await t.connections.lock(connection_id)
        await end_hold(t, connection_id, await t.now())
        return (await self._commit.within(t, send_id, Retried())).send
