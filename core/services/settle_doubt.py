"""Settle a doubt: a person looked in Spectrum and says whether the line is there."""

from __future__ import annotations

from datetime import datetime

import structlog

from core.model.audit import AuditEntry
from core.model.cost_line import LedgerLine, LineState
from core.model.errors import BadInput, Conflict, FieldError
from core.model.line_words import line_words
from core.services.end_doubt import go_on_after_doubt
from ports.clock import Clock
from ports.transactions import Transactions

_log = structlog.get_logger()
_VERDICTS = (LineState.POSTED, LineState.NOT_POSTED)
_LONGEST_REASON = 500


class SettleDoubt:
    def __init__(self, transactions: Transactions, clock: Clock) -> None:
        self._transactions = transactions
        self._clock = clock

    async def __call__(
        self, tenant_id: str, line_id: str, outcome: LineState, *, reason: str, by: str
    ) -> LedgerLine:
        """`posted`: it is there, and is never sent again. `not_posted`: it is not, and the send that waits posts it.

        Raises NotFound (LINE_NOT_FOUND), BadInput, Conflict (LINE_NOT_IN_DOUBT, or DOUBT_TOO_FRESH for `not_posted`
        before the quiet period is over: until then Spectrum may still add the line).
        """
        _check(outcome, reason)
        now = self._clock.now()
        async with self._transactions.begin(tenant_id) as t:
            line = await t.ledger.get(line_id)
            if line.state is LineState.IN_DOUBT and outcome is LineState.NOT_POSTED:
                _check_quiet(line, now)
            line = await t.ledger.settle(line_id, outcome, by=by, reason=reason.strip(), at=now)
            detail = {
                "outcome": outcome.value, "reason": reason.strip(), "line": line_words(line),
                "work_order": line.work_order_number,
            }  # fmt: skip
            await t.audit.record(AuditEntry(at=now, actor=by, action="doubt.settled", subject=line_id, detail=detail))
            await go_on_after_doubt(t, line.connection_id, line.work_order_number, now)
        _log.info("doubt.settled", tenant=tenant_id, line=line_id, outcome=outcome.value, by=by)
        return line


def _check(outcome: LineState, reason: str) -> None:
    errors = []
    if outcome not in _VERDICTS:
        errors.append(FieldError("/outcome", "posted or not_posted"))
    if not reason.strip() or len(reason) > _LONGEST_REASON:
        errors.append(FieldError("/reason", f"say what you saw, in 1 to {_LONGEST_REASON} characters"))
    if errors:
        raise BadInput(
            "The doubt cannot be settled like this: " + "; ".join(f"{e.pointer[1:]}: {e.detail}" for e in errors) + ".",
            fix="Look at the work order's costs in Spectrum and say what you found there.",
            errors=errors,
        )


def _check_quiet(line: LedgerLine, now: datetime) -> None:
    if line.quiet_until is None or now < line.quiet_until:
        until = f"{line.quiet_until:%H:%M:%S} UTC" if line.quiet_until else "later"
        raise Conflict(
            f"It is too early to say that the line is not there: until {until} Spectrum may still add it.",
            code="DOUBT_TOO_FRESH",
            fix=f"Look again after {until}. If the line is there already, settle it as posted now.",
        )
