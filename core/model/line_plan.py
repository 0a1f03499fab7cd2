"""Which lines a send posts: what is wanted of each item, held against what our ledger says is posted already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from decimal import Decimal

from core.model.catalogue import finding
from core.model.cost_line import (
    ADDS_UP,
    SAME_LINE,
    ItemsMode,
    LedgerLine,
    LeftOut,
    LinePurpose,
    LineState,
    LineValue,
    PlannedLine,
    number_in,
)
from core.model.figures import plain
from core.model.finding import Finding, Severity
from core.model.item import ItemKind
from core.model.line_fold import FoldedItem, WantedLine
from core.model.origin import Origin

_Key = tuple[ItemKind, tuple[str, ...]]
_REVERSED = Origin("ledger", reason="takes back what was posted before")


@dataclass(slots=True)
class LinePlan:
    """The lines of one send in the order they are posted, what stays behind, and what is to be said about it."""

    lines: list[PlannedLine] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def plan_lines(
    items: Sequence[FoldedItem],
    ledger: Sequence[LedgerLine],
    mode: ItemsMode,
    send_id: str | None = None,
    posted_before: Set[str] = frozenset(),
) -> LinePlan:
    """`ledger` holds every line of the job on this connection. A send that is planned again (`send_id`) does not
    repeat under `again` what it has posted already. `posted_before` are items that a removed connection posted: how
    much of them nobody knows any more, so only `again` posts them."""
    plan = LinePlan()
    rows: dict[str, list[LedgerLine]] = defaultdict(list)
    for row in sorted(ledger, key=lambda row: row.round):
        rows[row.item_id].append(row)
    for folded in items:
        own = rows.pop(folded.item.id, [])
        if not own and folded.item.id in posted_before and mode is not ItemsMode.AGAIN:
            plan.left_out.append(_left(folded, "posted_before", "it was posted before the connection was set up again"))
        else:
            _plan_item(plan, folded, own, mode, send_id)
    if mode is ItemsMode.DIFFERENCE:
        for gone in rows.values():  # no longer on the job
            _plan_gone(plan, gone)
    if any(line.purpose is LinePurpose.AGAIN for line in plan.lines):
        message = "Items that stand in Spectrum already are posted once more, as asked: that makes a second set."
        plan.findings.append(finding("DUPLICATE_ITEMS_RISK", message, severity=Severity.WARNING))
    return plan


def _plan_item(
    plan: LinePlan, folded: FoldedItem, rows: list[LedgerLine], mode: ItemsMode, send_id: str | None
) -> None:
    posted = [row for row in rows if row.state is LineState.POSTED]
    if any(row.state.unclear for row in rows):
        _hold_back(plan, rows)
    elif posted and mode is ItemsMode.NEW_ONLY:
        plan.left_out.append(_left(folded, "posted", "it was posted before"))
    elif mode is ItemsMode.AGAIN and any(row.send_id == send_id for row in posted):
        plan.left_out.append(_left(folded, "posted", "this send has posted it already"))
    else:
        plan.findings += folded.findings
        if folded.left_out:
            plan.left_out.append(folded.left_out)
        if folded.blocked:
            return
        if mode is ItemsMode.DIFFERENCE:
            lines = list(_difference(folded.line, rows, posted))
            if folded.line and not lines:
                plan.left_out.append(_left(folded, "unchanged", "it stands in Spectrum as it is"))
            plan.lines += lines
        elif folded.line:
            purpose = LinePurpose.AGAIN if posted else LinePurpose.NEW
            plan.lines.append(_line(folded.line, _next_round(rows), purpose))


def _plan_gone(plan: LinePlan, rows: list[LedgerLine]) -> None:
    if any(row.state.unclear for row in rows):
        _hold_back(plan, rows)
    else:
        plan.lines += _difference(None, rows, [row for row in rows if row.state is LineState.POSTED])


def _difference(
    wanted: WantedLine | None, rows: list[LedgerLine], posted: list[LedgerLine]
) -> Iterator[PlannedLine]:
    """Reversals of what should no longer stand there, then what brings the rest to what is wanted."""
    next_round = _next_round(rows)
    groups: dict[_Key, list[LedgerLine]] = defaultdict(list)
    for row in posted:
        groups[_key(row.kind, row.fields)].append(row)
    target = _key(wanted.kind, {v.field: v.value for v in wanted.values}) if wanted else None
    for key, members in groups.items():
        net = _net(members)
        if key != target and any(net.values()):
            yield _reversal(members[-1], net, next_round)
            next_round += 1
    if wanted and target:
        net = _net(groups[target]) if target in groups else {}
        if line := _correction(wanted, net, next_round, known=bool(net)):
            yield line


def _correction(
    wanted: WantedLine, net: Mapping[str, Decimal], next_round: int, *, known: bool
) -> PlannedLine | None:
    if not known:
        return _line(wanted, next_round, LinePurpose.NEW)
    fields = {value.field: value.value for value in wanted.values}
    deltas = {
        name: (number_in(fields, name) or Decimal()) - net.get(name, Decimal()) for name in ADDS_UP[wanted.kind]
    }
    if not any(deltas.values()):
        return None
    values = [value for value in wanted.values if value.field not in deltas]
    for name, delta in deltas.items():
        if delta:
            reason = f"the difference to the {plain(net.get(name, Decimal()))} posted before"
            values.append(LineValue(name, plain(delta), Origin("ledger", reason=reason)))
    return replace(_line(wanted, next_round, LinePurpose.CORRECTION), values=tuple(values))


def _reversal(row: LedgerLine, net: Mapping[str, Decimal], next_round: int) -> PlannedLine:
    fields = {name: value for name, value in row.fields.items() if name not in ADDS_UP[row.kind]}
    fields |= {name: plain(-amount) for name, amount in net.items() if amount}
    return PlannedLine(
        item_id=row.item_id,
        item_name=row.item_name,
        kind=row.kind,
        round=next_round,
        purpose=LinePurpose.REVERSAL,
        values=tuple(LineValue(name, value, _REVERSED) for name, value in fields.items()),
    )


def _net(rows: Sequence[LedgerLine]) -> dict[str, Decimal]:
    """What the rows add up to, by field."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        for name in ADDS_UP[row.kind]:
            sums[name] += number_in(row.fields, name) or Decimal()
    return sums


def _key(kind: ItemKind, fields: Mapping[str, str]) -> _Key:
    return kind, tuple(fields.get(name, "") for name in SAME_LINE[kind])


def _next_round(rows: Sequence[LedgerLine]) -> int:
    """One more than the last that stands in Spectrum: a round of which nothing stands is used again."""
    return max((row.round + 1 for row in rows if not row.state.open), default=0)


def _line(wanted: WantedLine, number: int, purpose: LinePurpose) -> PlannedLine:
    return PlannedLine(
        item_id=wanted.item.id,
        item_name=wanted.item.name,
        kind=wanted.kind,
        round=number,
        purpose=purpose,
        values=wanted.values,
    )


def _hold_back(plan: LinePlan, rows: list[LedgerLine]) -> None:
    """An item with a line in doubt gets no further line before that is settled."""
    row = rows[-1]
    plan.left_out.append(
        LeftOut(
            item_id=row.item_id, item_name=row.item_name, item_type="", code="in_doubt",
            reason="it is not known whether an earlier line of it was posted",
        )
    )  # fmt: skip
    message = f"The item {row.item_name or row.item_id} waits until it is settled whether it was posted before."
    plan.findings.append(finding("IN_DOUBT_POST", message, severity=Severity.WARNING))


def _left(folded: FoldedItem, code: str, reason: str) -> LeftOut:
    item = folded.item
    return LeftOut(
        item_id=item.id, item_name=item.name, item_type=item.type, code=code, reason=reason, origin=Origin("ledger")
    )
