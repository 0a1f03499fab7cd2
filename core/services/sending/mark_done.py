"""Done by hand: a person has entered in Spectrum what a failed send could not send. It is never sent again."""

from __future__ import annotations

from core.model.sending.lifecycle.event import MarkedDone
from core.model.sending.send import Send
from core.model.shared.errors import BadInput, FieldError
from core.services.sending.lifecycle.commit_change import CommitChange
from ports.ids import Ids
from ports.storage.transactions import Transactions

_LONGEST_REASON = 500


class MarkDone:
    def __init__(self, transactions: Transactions, commit: CommitChange, ids: Ids) -> None:
        self._transactions = transactions
        self._commit = commit
        self._ids = ids

    async def __call__(self, tenant_id: str, send_id: str, *, reason: str, by: str) -> Send:
        """Remove the failure's warning now, and its comment with the next step. Every line of the plan, and every item
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
