"""Cancel a send that has written nothing yet. A retried send becomes failed again."""

from __future__ import annotations

from core.model.sending.lifecycle.event import Cancelled
from core.model.sending.send import Send
from core.services.sending.lifecycle.commit_change import CommitChange
from ports.storage.transactions import Transactions


class CancelSend:
    def __init__(self, transactions: Transactions, commit: CommitChange) -> None:
        self._transactions = transactions
        self._commit = commit

    async def __call__(self, tenant_id: str, send_id: str) -> Send:
        """Raises NotFound, or Conflict (SEND_NOT_CANCELLABLE) once a write may have reached Spectrum."""
        async with self._transactions.begin(tenant_id) as t:
            return (await self._commit.within(t, send_id, Cancelled())).send
