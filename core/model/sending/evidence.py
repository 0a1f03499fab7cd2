"""Weigh evidence: do the lines in Spectrum prove that a line in doubt was posted, or that it was not?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from core.model.work_orders.cost_line import WHOLE_DIGITS, LedgerLine, LineState
from core.model.work_orders.item import ItemKind
from core.model.work_orders.stored_line import StoredLine

_CLOCKS_DIFFER = timedelta(minutes=5)
_Face = tuple[ItemKind, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`state` is posted or not_posted; `reason` says why."""

    state: LineState
    reason: str


Verdicts = Sequence[tuple[LedgerLine, Verdict]]


def weigh(number: str, ledger: Sequence[LedgerLine], stored: Sequence[StoredLine]) -> Verdicts:
    """A verdict for every line in doubt on this work order for which the evidence is clear.

    Only lines that look exactly like it count. As many as our ledger has posted: it is not there. One more, stored
    after it was sent: it is there. In all other cases, and for two doubts that look the same, a person decides.
    """
    ours = [line for line in ledger if line.work_order_number == number]
    verdicts = []
    for line in ours:
        if line.state is not LineState.IN_DOUBT:
            continue
        face = _face(line.kind, line.fields)
        alike = [other for other in ours if _face(other.kind, other.fields) == face]
        if sum(other.state.unclear for other in alike) > 1:
            continue
        posted = sum(other.state is LineState.POSTED for other in alike)
        found = [one for one in stored if _face(one.kind, _only(one.fields, line.fields)) == face]
        if verdict := _compare(line, found, posted):
            verdicts.append((line, verdict))
    return verdicts


def agreed(readings: Sequence[Verdicts]) -> Verdicts:
    """The verdicts that follow from every reading of the same work order; none without a reading. Where two readers
    prove different things, one of them is wrong, and a person decides."""
    if not readings:
        return ()
    first, *others = readings
    said = [{line.id: verdict.state for line, verdict in other} for other in others]
    return [(line, verdict) for line, verdict in first if all(one.get(line.id) is verdict.state for one in said)]


def _compare(line: LedgerLine, found: Sequence[StoredLine], posted: int) -> Verdict | None:
    if len(found) == posted:
        return Verdict(LineState.NOT_POSTED, f"Spectrum has {posted} such lines, and all of them are known here.")
    since = line.sent_at - _CLOCKS_DIFFER if line.sent_at else None
    fresh = [one for one in found if since is None or one.stored_at is None or one.stored_at >= since]
    if len(found) == posted + 1 and fresh:
        return Verdict(LineState.POSTED, f"Spectrum has {len(found)} such lines, one more than is known here.")
    return None


def _only(fields: Mapping[str, str], wanted: Mapping[str, str]) -> Mapping[str, str]:
    """Only the fields that we sent: Spectrum fills in other fields itself."""
    return {name: fields.get(name, "") for name in wanted}


def _face(kind: ItemKind, fields: Mapping[str, str]) -> _Face:
    return kind, tuple(sorted((name, _plain(name, value)) for name, value in fields.items()))


def _plain(name: str, value: str) -> str:
    """The value for comparison: Spectrum returns codes padded, and numbers perhaps with other zeros."""
    text = value.strip()
    if name not in WHOLE_DIGITS:
        return text
    try:
        return str(Decimal(text).normalize()) if text else ""
    except ArithmeticError:  # no number, or one that no field of Spectrum holds
        return text
