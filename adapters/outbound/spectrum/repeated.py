"""The combined outcome of a header's call and its repeat. The first call has left, whatever the second one shows."""

from __future__ import annotations

from dataclasses import replace

from core.model.sending.answer import Exchange, NotSent, Refused, Unknown, UnknownReason


def both(first: Exchange, second: Exchange) -> Exchange:
    """Return the exchange to report. `first` was refused for its GUID, or is unknown because of a 401 for its token.

    A 401 may hide a write. So a repeat that was refused or not sent does not prove that nothing was written.
    """
    match first.outcome, second.outcome:
        case Unknown() as lost, Refused() | NotSent() as then:
            detail = f"{lost.detail} Repeated with a new token: {then.in_short}"
            outcome = Unknown(UnknownReason.HTTP_ERROR, detail, lost.status)
            shown = first if isinstance(then, NotSent) else second
            return replace(shown, outcome=outcome)
        case Refused(), NotSent():
            return first
    return second
