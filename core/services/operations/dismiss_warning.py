"""Dismiss a warning. The send itself does not change."""

from __future__ import annotations

from ports.storage.transactions import Transactions


class DismissWarning:
    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def __call__(self, tenant_id: str, warning_id: str) -> None:
        """Raises NotFound (WARNING_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            await t.warnings.dismiss(warning_id)
