"""One cause of trouble with all that it has stopped."""

from __future__ import annotations

from core.model.shared.errors import NotFound
from core.services.operations.show_home import Trouble, trouble
from core.services.sending.request_batch import LARGEST_BATCH
from ports.storage.transactions import Transactions


class ShowCause:
    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def __call__(self, tenant_id: str, code: str) -> Trouble:
        """The newest LARGEST_BATCH of its warnings. Raises NotFound (CAUSE_NOT_FOUND) where nothing of it is open."""
        async with self._transactions.begin(tenant_id) as t:
            cause = next((one for one in await t.warnings.causes() if one.code == code), None)
            if cause is None:
                raise NotFound(
                    "Nothing of this cause is open any more.", code="CAUSE_NOT_FOUND", fix="Look at the first page."
                )
            return await trouble(t, cause, LARGEST_BATCH)
