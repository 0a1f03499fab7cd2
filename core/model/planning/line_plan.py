"""Choose the lines that a send posts: compare each item's wanted line with the lines already posted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from core.model.catalogue import finding
from core.model.mappings.job_record import REFUSED
from core.model.planning.account import Account
from core.model.planning.line_fold import FoldedItem, WantedLine
from core.model.shared.figures import money, plain
from core.model.shared.finding import Finding, Severity
from core.model.shared.origin import Origin
from core.model.work_orders.cost_line import (
    ADDS_UP,
    BY_HAND,
    QUANTITY,
    SAME_LINE,
    BlockedItem,
    ItemsMode,
    LedgerLine,
    LeftOut,
    LinePurpose,
    LineState,
    LineValue,
    PlannedLine,
    number_in,
)
from core.model.work_orders.item import ItemKind
from core.model.work_orders.job_service import is_service

_Key = tuple[ItemKind, tuple[str, ...]]
_LEDGER = Origin("ledger")
_REVERSED = Origin("ledger", reason="reverses what was posted before")


@dataclass(slots=True)
class LinePlan:
    """The lines of one send in the order of posting, the items left out, and the findings.

    `blocked` are items that a person has to fix first. `held_by` is the reason that holds all of them, if any."""

    lines: list[PlannedLine] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    blocked: list[BlockedItem] = field(default_factory=list)
    held_by: Finding | None = None

    def held(self, why: Finding) -> LinePlan:
        """The same plan without lines: every item waits until a person has declared what is in Spectrum."""
        warning = replace(why, severity=Severity.WARNING)
        plan = LinePlan(left_out=list(self.left_out), findings=[warning], held_by=why)
        for line in self.lines:
            item = BlockedItem(item_id=line.item_id, item_name=line.item_name, kind=line.kind, values=line.values)
            plan.blocked.append(item)
            plan.left_out.append(left_by_name(line.item_id, line.item_name, "held", why.message))
        plan.blocked += self.blocked
        return plan


def plan_lines(items: Sequence[FoldedItem], account: Account, mode: ItemsMode, send_id: str | None = None) -> LinePlan:
    """The lines that `mode` posts for the job's items, compared with the account of its work order.

    A send that is planned again (`send_id`) does not repeat in mode `again` what it has posted already. The quantity
    that others posted of an item is unknown here, so only `again` posts such an item.
    """
    plan = LinePlan()
    rows: dict[str, list[LedgerLine]] = defaultdict(list)
    for row in sorted(account.lines, key=lambda row: row.round):
        if not is_service(row.item_id):
            rows[row.item_id].append(row)
    for folded in items:
        own = rows.pop(folded.item.id, [])
        # An item that a person declared may be the one that others posted.
        stands = any(not row.state.open and row.attempt_id != BY_HAND for row in own)
        if folded.item.id in account.elsewhere and not stands and mode is not ItemsMode.AGAIN:
            _leave_to_others(plan, folded, mode)
        else:
            _plan_item(plan, folded, own, mode, send_id)
            if folded.item.id in account.elsewhere and mode is ItemsMode.DIFFERENCE:
                plan.findings.append(posted_elsewhere(folded.item.id, folded.item.name))
    if mode is ItemsMode.DIFFERENCE:
        for gone in rows.values():  # no longer on the job
            _plan_gone(plan, gone, account)
        if account.strays:
            message = (
                f"This work order has {account.strays} lines of another connection for items that are not on the job. "
                "They are not reversed here."
            )
            plan.findings.append(finding("ITEMS_POSTED_ELSEWHERE", message, severity=Severity.WARNING))
    elsewhere = account.elsewhere if mode is ItemsMode.AGAIN else ()
    if any(line.purpose is LinePurpose.AGAIN or line.item_id in elsewhere for line in plan.lines):
        message = "Items that are in Spectrum already are posted again, as requested. This creates duplicates."
        plan.findings.append(finding("DUPLICATE_ITEMS_RISK", message, severity=Severity.WARNING))
    return plan


def _plan_item(
    plan: LinePlan, folded: FoldedItem, rows: list[LedgerLine], mode: ItemsMode, send_id: str | None
) -> None:
    posted = [row for row in rows if row.state is LineState.POSTED]
    if any(row.state.unclear for row in rows):
        _hold_back(plan, rows)
    elif mode is ItemsMode.NEW_ONLY and posted and not _taken_back(posted):
        plan.left_out.append(_left(folded, "posted", "it was posted before"))
    elif mode is ItemsMode.AGAIN and any(row.send_id == send_id for row in posted):
        plan.left_out.append(_left(folded, "posted", "this send has posted it already"))
    elif mode is ItemsMode.DIFFERENCE and any(not row.code for row in posted):
        _leave_by_hand(plan, folded.item.id, folded.item.name)
    else:
        folded = _without_doubts(folded, rows, posted, mode)
        plan.findings += folded.findings
        if folded.left_out:
            plan.left_out.append(folded.left_out)
        if folded.blocked:
            plan.blocked.append(_blocked(folded))
        elif mode is ItemsMode.DIFFERENCE:
            lines = list(_difference(folded.line, rows, posted))
            if folded.line and not lines:
                plan.left_out.append(_left(folded, "unchanged", "it is unchanged in Spectrum"))
            plan.lines += lines
        elif folded.line:
            purpose = LinePurpose.AGAIN if posted and mode is ItemsMode.AGAIN else LinePurpose.NEW
            plan.lines.append(line_of(folded.line, next_round(rows), purpose))


def _without_doubts(
    folded: FoldedItem, rows: list[LedgerLine], posted: list[LedgerLine], mode: ItemsMode
) -> FoldedItem:
    """The item. Whether Spectrum still has its code does not matter if nothing of it is to be posted."""
    if mode is not ItemsMode.DIFFERENCE or next(_difference(folded.line, rows, posted), None):
        return folded
    return replace(folded, findings=tuple(found for found in folded.findings if found.code not in REFUSED))


def _taken_back(posted: list[LedgerLine]) -> bool:
    """Whether `difference` has reversed everything posted of the item."""
    return posted[-1].purpose is LinePurpose.REVERSAL and next(_difference(None, posted, posted), None) is None


def _plan_gone(plan: LinePlan, rows: list[LedgerLine], account: Account) -> None:
    """Plan an item that is no longer on the job. What another job posted to the same work order is not reversed."""
    posted = [row for row in rows if row.state is LineState.POSTED]
    if any(row.state.unclear for row in rows):
        _hold_back(plan, rows)
    elif any(not row.code for row in posted):
        _leave_by_hand(plan, rows[-1].item_id, rows[-1].item_name)
    elif rows[-1].item_id in account.elsewhere and all(row.attempt_id == BY_HAND for row in posted):
        plan.findings.append(posted_elsewhere(rows[-1].item_id, rows[-1].item_name))
    elif all(row.job_id != account.job_id for row in rows):
        if any(_net(posted).values()):
            name = _named_item(rows[-1].item_id, rows[-1].item_name)
            message = f"{name} was posted to this work order by another job, and stays unchanged."
            plan.findings.append(finding("ITEMS_OF_ANOTHER_JOB", message, severity=Severity.WARNING))
    else:
        plan.lines += _difference(None, rows, posted)
        if rows[-1].item_id in account.elsewhere:
            plan.findings.append(posted_elsewhere(rows[-1].item_id, rows[-1].item_name))


def _leave_to_others(plan: LinePlan, folded: FoldedItem, mode: ItemsMode) -> None:
    """Leave out an item that another connection or tenant, or a removed connection, posted before."""
    plan.left_out.append(
        _left(folded, "posted_before", "another connection to this Spectrum company posted it or may have posted it")
    )
    if mode is ItemsMode.DIFFERENCE:
        plan.findings.append(posted_elsewhere(folded.item.id, folded.item.name))


def posted_elsewhere(item_id: str, item_name: str) -> Finding:
    message = (
        f"{_named_item(item_id, item_name)} was posted by another connection. Its quantity in Spectrum is not known "
        "here, so Jobferry cannot compute a difference."
    )
    return finding("ITEMS_POSTED_ELSEWHERE", message, severity=Severity.WARNING)


def _leave_by_hand(plan: LinePlan, item_id: str, item_name: str) -> None:
    """Leave out an item that a person declared without a code: it cannot be compared."""
    plan.left_out.append(left_by_name(item_id, item_name, "by_hand", "it was entered by hand"))
    message = f"{_named_item(item_id, item_name)} was entered by hand, so enter its changes by hand too."
    plan.findings.append(finding("ITEMS_ENTERED_BY_HAND", message, severity=Severity.WARNING))


def _blocked(folded: FoldedItem) -> BlockedItem:
    item, line = folded.item, folded.line
    if line is None:
        return BlockedItem(item_id=item.id, item_name=item.name)
    return BlockedItem(item_id=item.id, item_name=item.name, kind=line.kind, values=line.values)


def _named_item(item_id: str, item_name: str) -> str:
    return f"The item {item_name.strip() or item_id}"


def _difference(wanted: WantedLine | None, rows: list[LedgerLine], posted: list[LedgerLine]) -> Iterator[PlannedLine]:
    """Reversals of what should no longer be in Spectrum, then a line that corrects the rest to the wanted values."""
    following = next_round(rows)
    groups: dict[_Key, list[LedgerLine]] = defaultdict(list)
    for row in posted:
        groups[_key(row.kind, row.fields)].append(row)
    target = _key(wanted.kind, {v.field: v.value for v in wanted.values}) if wanted else None
    for key, members in groups.items():
        net = _net(members)
        if key != target and any(net.values()):
            yield _reversal(members[-1], net, following)
            following += 1
    if wanted and target:
        net = _net(groups[target]) if target in groups else {}
        if line := _correction(wanted, net, following, known=bool(net)):
            yield line


def _correction(wanted: WantedLine, net: Mapping[str, Decimal], following: int, *, known: bool) -> PlannedLine | None:
    if not known:
        return line_of(wanted, following, LinePurpose.NEW)
    fields = {value.field: value.value for value in wanted.values}
    deltas = {name: (number_in(fields, name) or Decimal()) - net.get(name, Decimal()) for name in ADDS_UP[wanted.kind]}
    if not any(deltas.values()):
        return None
    values = [value for value in wanted.values if value.field not in deltas]
    for name, delta in deltas.items():
        if delta:
            before = plain(net.get(name, Decimal()))
            reason = f"the difference to the {before if name == QUANTITY else money(before)} posted before"
            values.append(LineValue(name, plain(delta), Origin("ledger", reason=reason)))
    return replace(line_of(wanted, following, LinePurpose.CORRECTION), values=tuple(values))


def _reversal(row: LedgerLine, net: Mapping[str, Decimal], following: int) -> PlannedLine:
    fields = {name: value for name, value in row.fields.items() if name not in ADDS_UP[row.kind]}
    fields |= {name: plain(-amount) for name, amount in net.items() if amount}
    return PlannedLine(
        item_id=row.item_id,
        item_name=row.item_name,
        kind=row.kind,
        round=following,
        purpose=LinePurpose.REVERSAL,
        values=tuple(LineValue(name, value, _REVERSED) for name, value in fields.items()),
    )


def _net(rows: Sequence[LedgerLine]) -> dict[str, Decimal]:
    """The sums of the rows, by field."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        for name in ADDS_UP[row.kind]:
            sums[name] += number_in(row.fields, name) or Decimal()
    return sums


def _key(kind: ItemKind, fields: Mapping[str, str]) -> _Key:
    return kind, tuple(fields.get(name, "") for name in SAME_LINE[kind])


def next_round(rows: Sequence[LedgerLine]) -> int:
    """The round after the last one that is or may be in Spectrum. A round without such a line is used again."""
    return max((row.round + 1 for row in rows if not row.state.open), default=0)


def line_of(wanted: WantedLine, number: int, purpose: LinePurpose) -> PlannedLine:
    return PlannedLine(
        item_id=wanted.item.id,
        item_name=wanted.item.name,
        kind=wanted.kind,
        round=number,
        purpose=purpose,
        values=wanted.values,
    )


def _hold_back(plan: LinePlan, rows: list[LedgerLine]) -> None:
    """Leave out an item with a line in doubt until that line is settled."""
    row = rows[-1]
    reason = "it is not known whether an earlier line of it was posted"
    plan.left_out.append(left_by_name(row.item_id, row.item_name, "in_doubt", reason, Origin("core")))
    message = f"The item {row.item_name or row.item_id} waits until a person settles whether it was posted before."
    plan.findings.append(finding("IN_DOUBT_POST", message, severity=Severity.WARNING))


def left_by_name(item_id: str, item_name: str, code: str, reason: str, origin: Origin = _LEDGER) -> LeftOut:
    return LeftOut(item_id=item_id, item_name=item_name, item_type="", code=code, reason=reason, origin=origin)


def _left(folded: FoldedItem, code: str, reason: str) -> LeftOut:
    item = folded.item
    return LeftOut(item_id=item.id, item_name=item.name, item_type=item.type, code=code, reason=reason, origin=_LEDGER)
