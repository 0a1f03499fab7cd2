"""Weigh evidence: do the lines in Spectrum prove that a line in doubt was posted, or that it was not?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from core.model.work_orders.cost_line import WHOLE_DIGITS, LedgerLine, LineState
from core.model.work_orders.item import ItemKind
from core.model.work_orders.stored_line import StoredLine

_CLOCKS_DIFFER = timedelta(minutes=5)
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`state` is posted or not_posted; `reason` says why."""

    state: LineState
    reason: str


Verdicts = Sequence[tuple[LedgerLine, Verdict]]


def weigh(number: str, ledger: Sequence[LedgerLine], stored: Sequence[StoredLine]) -> Verdicts:
    """A verdict for every line in doubt on this work order for which the evidence is clear.

    Posted: Spectrum has one more line that looks exactly like it than our ledger has posted, and it was stored after
    ours was sent. Not posted: Spectrum has as many such lines as our ledger has posted, every posted line of ours is
    there, and no line of any kind was stored since that we cannot explain, because it could be ours in another
    spelling, or read only in part. In all other cases, and for two doubts that look the same, a person decides.
    """
    ours = [line for line in ledger if line.work_order_number == number]
    # Readers know cost lines only: that no task is among these says nothing of a task.
    ours = [line for line in ours if line.kind is not ItemKind.TASK]
    doubts = [line for line in ours if line.state is LineState.IN_DOUBT]
    if not _readable(stored):
        return ()
    weighed = ((line, _verdict(line, ours, stored)) for line in doubts)
    return [(line, verdict) for line, verdict in weighed if verdict]


def agreed(readings: Sequence[Verdicts]) -> Verdicts:
    """The verdicts that follow from every reading of the same work order; none without a reading. Where two readers
    prove different things, one of them is wrong, and a person decides."""
    if not readings:
        return ()
    first, *others = readings
    said = [{line.id: verdict.state for line, verdict in other} for other in others]
    return [(line, verdict) for line, verdict in first if all(one.get(line.id) is verdict.state for one in said)]


def _readable(stored: Sequence[StoredLine]) -> bool:
    """Whether each line was read once, and its figures are figures. A query that joins rows twice, or that writes
    1,000.00, proves nothing."""
    if len({(one.kind, one.key) for one in stored}) < len(stored):
        return False
    figures = (text for one in stored for name, text in one.fields.items() if name in WHOLE_DIGITS)
    return all(_figure(text) is not None for text in figures)


def _verdict(line: LedgerLine, ours: Sequence[LedgerLine], stored: Sequence[StoredLine]) -> Verdict | None:
    alike = [other for other in ours if other.kind is line.kind and _face(other.fields) == _face(line.fields)]
    if sum(other.state.unclear for other in alike) > 1:
        return None
    posted = sum(other.state is LineState.POSTED for other in alike)
    found = [one for one in stored if _shows(one, line)]
    if len(found) == posted and _all_explained(line, ours, stored):
        return Verdict(LineState.NOT_POSTED, f"Spectrum has {posted} such lines, and all of them are known here.")
    if len(found) == posted + 1 and any(_fresh(one, line) for one in found):
        return Verdict(LineState.POSTED, f"Spectrum has {len(found)} such lines, one more than is known here.")
    return None


def _all_explained(line: LedgerLine, ours: Sequence[LedgerLine], stored: Sequence[StoredLine]) -> bool:
    """Whether every posted line of ours is there, and every line stored since `line` was sent is one of ours."""
    left = sorted(stored, key=lambda one: (one.stored_at is None, one.stored_at or _NEVER))  # the oldest first
    for other in ours:
        if other.state is LineState.POSTED:
            shown = next((one for one in left if _shows(one, other)), None)
            if shown is None or other.sent_at is None:  # nobody knows what a line looks like that a person entered
                return False
            left.remove(shown)
    unexplained = [one for one in left if _fresh(one, line)]
    for other in ours:
        if other.state.unclear and other.id != line.id:
            shown = next((one for one in unexplained if _shows(one, other)), None)
            unexplained = [one for one in unexplained if one is not shown]
    return not unexplained


def _fresh(one: StoredLine, line: LedgerLine) -> bool:
    """Whether Spectrum may have stored it after `line` was sent."""
    return line.sent_at is None or one.stored_at is None or one.stored_at >= line.sent_at - _CLOCKS_DIFFER


def _shows(one: StoredLine, line: LedgerLine) -> bool:
    """Whether a stored line looks exactly like ours, in the fields that we sent: Spectrum fills in others itself."""
    return one.kind is line.kind and _face({name: one.fields.get(name, "") for name in line.fields}) == _face(
        line.fields
    )


def _face(fields: Mapping[str, str]) -> Mapping[str, str]:
    """The fields for comparison: Spectrum returns codes padded, and numbers perhaps with other zeros."""
    plain = {name: (_figure(text) if name in WHOLE_DIGITS else None) or text.strip() for name, text in fields.items()}
    return {name: text for name, text in plain.items() if text}


def _figure(text: str) -> str | None:
    """A number without the zeros that say nothing; an empty text stays empty. None for any other text."""
    if not (text := text.strip()):
        return ""
    try:
        number = Decimal(text)
        if not number.is_finite():
            return None
        return str(number.normalize()) if number else "0"
    except ArithmeticError:  # no number, or one that no field of Spectrum holds
        return None
