"""The state of a cost line after an answer. It is judged strictly, since a line posted twice or lost costs money."""

from __future__ import annotations

from core.model.sending.answer import Accepted, NotSent, RefusalReason, Refused, WriteOutcome
from core.model.sending.answer_signs import recognise
from core.model.work_orders.cost_line import LineState

_WAITS = frozenset({"RECORD_LOCKED"})
_UNCLEAR = frozenset({"GUID_EXPIRED"})
_NO_ACCESS = frozenset({"AUTH_NOT_AUTHORIZED"})


def line_state(outcome: WriteOutcome) -> LineState:
    """posted: a clean success. planned: nothing was sent, or a clean refusal for a reason outside this line (a lock, no
    access, no such service). rejected: a clean refusal of the line. Everything else is in doubt."""
    match outcome:
        case Accepted():
            return LineState.POSTED
        case NotSent():
            return LineState.PLANNED
        case Refused(rows=(), reason=RefusalReason.SERVICE_MISSING):
            return LineState.PLANNED  # Spectrum did not read the line
        case Refused(rows=()):
            return LineState.IN_DOUBT  # the answer names no reason for a refusal
        case Refused(rows=rows):
            signs = {recognise(row) for row in rows}
            if signs & _UNCLEAR:
                return LineState.IN_DOUBT  # no documentation says that a call with an expired session is not processed
            return LineState.PLANNED if signs <= _WAITS or signs & _NO_ACCESS else LineState.REJECTED
    return LineState.IN_DOUBT
