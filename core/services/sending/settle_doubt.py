"""Settle a doubt: a person checked in Spectrum and says whether the line is there."""

from __future__ import annotations

from core.model.sending.lifecycle.event import Settled
from core.model.shared.errors import BadInput, FieldError
from core.model.work_orders.cost_line import LedgerLine, LineState
from core.services.sending.lifecycle.commit_change import CommitChange
from ports.storage.transactions import Transactions

_VERDICTS = (LineState.POSTED, LineState.NOT_POSTED)
_LONGEST_REASON = 500


class SettleDoubt:
    def __init__(self, transactions: Transactions, commit: CommitChange) -> None:
        self._transactions = transactions
        self._commit = commit

    async def __call__(self, tenant_id: str, line_id: str, outcome: LineState, *, reason: str, by: str) -> LedgerLine:
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
        raise BadInput(
            "The doubt cannot be settled: " + "; ".join(f"{e.pointer[1:]}: {e.detail}" for e in errors) + ".",
            fix="Look at the work order's costs in Spectrum and say what you found there.",
            errors=errors,
        )
