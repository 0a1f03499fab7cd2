"""What a header's call and its repeat say together: the first has left, whatever became of the second."""

from __future__ import annotations

from dataclasses import replace

from core.model.sending.answer import Exchange, NotSent, Refused, Unknown, UnknownReason


def both(first: Exchange, second: Exchange) -> Exchange:
    """The exchange to report. `first` was refused for its GUID, or is unknown since its token met a 401.

    A 401 may hide a write, so neither a refusal of the repeat nor one that stayed shows that nothing was written.
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
