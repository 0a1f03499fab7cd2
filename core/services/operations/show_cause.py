"""One cause of failures, with the sends that it stopped."""

from __future__ import annotations

from core.model.shared.errors import NotFound
from core.services.operations.show_home import Trouble, trouble
from core.services.sending.request_batch import LARGEST_BATCH
from ports.storage.transactions import Transactions


class ShowCause:
    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def __call__(self, tenant_id: str, code: str) -> Trouble:
        """The cause with its newest LARGEST_BATCH open warnings. Raises NotFound (CAUSE_NOT_FOUND) if none is open."""
        async with self._transactions.begin(tenant_id) as t:
            cause = next((one for one in await t.warnings.causes() if one.code == code), None)
            if cause is None:
                raise NotFound(
                    "No warning of this cause is open any more.", code="CAUSE_NOT_FOUND", fix="See the start page."
                )
            return await trouble(t, cause, LARGEST_BATCH)
