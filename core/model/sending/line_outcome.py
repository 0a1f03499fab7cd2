"""What one answer means for a cost line: strictly, since a line that is posted twice or lost is money."""

from __future__ import annotations

from core.model.sending.answer import Accepted, NotSent, RefusalReason, Refused, WriteOutcome
from core.model.sending.answer_signs import recognise
from core.model.work_orders.cost_line import LineState

_WAITS = frozenset({"RECORD_LOCKED"})
_UNCLEAR = frozenset({"GUID_EXPIRED"})
_NO_ACCESS = frozenset({"AUTH_NOT_AUTHORIZED"})


def line_state(outcome: WriteOutcome) -> LineState:
    """posted: a clean success. planned: nothing left, or a clean refusal that has nothing to do with this line (a lock,
    no access, no such service). rejected: a clean refusal of the line. Everything else is in doubt."""
    match outcome:
        case Accepted():
            return LineState.POSTED
        case NotSent():
            return LineState.PLANNED
        case Refused(rows=(), reason=RefusalReason.SERVICE_MISSING):
            return LineState.PLANNED  # the line was not looked at
        case Refused(rows=()):
            return LineState.IN_DOUBT  # nothing is named that could have kept the line out
        case Refused(rows=rows):
            signs = {recognise(row) for row in rows}
            if signs & _UNCLEAR:
                return LineState.IN_DOUBT  # that a call with a dead session is never processed is not documented
            return LineState.PLANNED if signs <= _WAITS or signs & _NO_ACCESS else LineState.REJECTED
    return LineState.IN_DOUBT
