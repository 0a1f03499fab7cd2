"""Compare a job's items with the lines that stand on its account."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from decimal import Decimal

from core.model.planning.account import Account
from core.model.planning.line_fold import FoldedItem
from core.model.planning.plan import SendPlan
from core.model.reconciliation.entry import Difference, Kind, Place, Sums
from core.model.work_orders.cost_line import (
    BY_HAND,
    COST,
    QUANTITY,
    UNIT_COST,
    BlockedItem,
    ItemsMode,
    LedgerLine,
    LinePurpose,
    LineState,
    PlannedLine,
    number_in,
)
from core.model.work_orders.item import ItemKind
from core.model.work_orders.job_service import is_service

_NAMED = 3
_NOT_KNOWN = frozenset({"by_hand", "posted_before"})
"""Why an item is left out whose quantity in Spectrum is not known here."""
_DIFFERENCE = ItemsMode.DIFFERENCE.value


@dataclass(slots=True)
class ItemsCompared:
    """`uncompared` items may differ: their quantity in Spectrum is not known. `in_doubt`: a line's outcome is unknown.
    `all_known`: nothing is left that anybody could post."""

    sums: Sums
    uncompared: int
    in_doubt: bool
    all_known: bool
    doubled: list[Difference] = field(default_factory=list)
    unclear: list[Difference] = field(default_factory=list)
    drifted: list[Difference] = field(default_factory=list)
    never_asked: list[Difference] = field(default_factory=list)


def compare_items(plan: SendPlan, items: Sequence[FoldedItem], account: Account, *, asked: bool) -> ItemsCompared:
    """`plan` is that of a `difference` send. `asked`: somebody chose to post items of this job before, so an item that
    is not posted was added since."""
    ours = [line for line in account.lines if line.job_id == account.job_id]
    posted = [line for line in ours if line.state is LineState.POSTED]
    standing = {line.item_id for line in posted}
    again = {line.item_id for line in posted if line.purpose is LinePurpose.AGAIN}
    by_calls = {line.item_id for line in posted if line.attempt_id != BY_HAND}
    both = by_calls & account.elsewhere
    doubtful = [line for line in ours if line.state is LineState.IN_DOUBT]
    held = plan.items_held
    blocked = [] if held else plan.blocked
    pending: list[PlannedLine | BlockedItem] = [*plan.lines, *blocked]
    twice = {one.item_id: one.item_name for one in plan.lines if one.item_id in again}
    twice |= {line.item_id: line.item_name for line in posted if line.item_id in both}
    changed = {one.item_id: one.item_name for one in pending if one.item_id in standing and one.item_id not in twice}
    # A send that has not ended, or waits for a doubt to be settled, still owes these.
    owed = {line.item_id for line in ours if line.takes_place and line.state.open}
    new = {one.item_id: one.item_name for one in pending if one.item_id not in standing | owed}
    found = ItemsCompared(
        sums=_sums(posted, [*plan.lines, *plan.blocked]),
        uncompared=len({one.item_id for one in plan.left_out if one.code in _NOT_KNOWN}),
        in_doubt=bool(doubtful),
        all_known=not pending and not held,
    )
    if twice:
        found.doubled.append(_doubled(twice, both))
    if doubtful:
        found.unclear.append(_in_doubt(doubtful))
    if held:
        waits = f"{_count([one.item_id for one in plan.blocked])} cannot be compared: {held.message}"
        place = Place.CONNECTION if held.code == "DATABASE_RESTORED" else Place.JOB
        fix = held.fix[0] if held.fix else "On the job's page, say which of its items are in Spectrum."
        found.unclear.append(Difference(kind=Kind.UNCLEAR, message=waits, fix=fix, place=place))
    if changed:
        found.drifted.append(_drifted(changed, "changed since", blocked))
    # Tasks may have been switched on after the job was sent, so its items alone do not say that tasks were wanted.
    tasks_asked = asked and any(map(is_service, standing | owed))
    added = {item_id: name for item_id, name in new.items() if (tasks_asked if is_service(item_id) else asked)}
    if added:
        found.drifted.append(_drifted(added, "added since", blocked))
    if never := {item_id: name for item_id, name in new.items() if item_id not in added}:
        found.never_asked.append(_never_asked(never, blocked))
    return found


def not_posted_elsewhere(items: Sequence[FoldedItem], elsewhere: Set[str]) -> Sequence[Difference]:
    """The items of a job, sent by a connection that was removed since, that are not on that connection's account."""
    new = {one.item.id: one.item.name for one in items if one.line and one.item.id not in elsewhere}
    return [_never_asked(new, ())] if new else []


def _doubled(twice: Mapping[str, str], both: Iterable[str]) -> Difference:
    by_another = bool(set(both))
    return Difference(
        kind=Kind.DOUBLED,
        message=f"{_count(twice)} {_stand(len(twice))} twice in Spectrum{_names(twice)}.",
        fix="Look at the work order's costs in Spectrum, and correct them there."
        if by_another
        else "Send the job again with the difference to what was posted: that takes the surplus back.",
        items="" if by_another else _DIFFERENCE,
    )


def _in_doubt(lines: Sequence[LedgerLine]) -> Difference:
    names = {line.item_id: line.item_name for line in lines}
    return Difference(
        kind=Kind.UNCLEAR,
        message=f"It is not known whether {_lower(_count(names))} {_was(len(names))} posted{_names(names)}.",
        fix="Look at the work order's costs in Spectrum, and settle each of them.",
        place=Place.DOUBTS,
        send_id=lines[0].send_id,
    )


def _drifted(changed: Mapping[str, str], how: str, blocked: Sequence[BlockedItem]) -> Difference:
    stuck = any(one.item_id in changed for one in blocked)
    return Difference(
        kind=Kind.DRIFTED,
        message=f"{_count(changed)} {_was(len(changed))} {how}{_names(changed)}.",
        fix="Open the preview: it says why this cannot be posted yet. Fix that, then send the difference."
        if stuck
        else "Send the job again with the difference to what was posted.",
        items=_DIFFERENCE,
    )


def _never_asked(new: Mapping[str, str], blocked: Sequence[BlockedItem]) -> Difference:
    stuck = any(one.item_id in new for one in blocked)
    return Difference(
        kind=Kind.NEVER_ASKED,
        message=f"{_count(new)} {_was(len(new))} never chosen to be posted{_names(new)}.",
        fix="Open the preview: it says why items cannot be posted yet. Fix that, then send with items."
        if stuck
        else "Send the job with its items, or mark them as posted if somebody entered them in Spectrum.",
        items=ItemsMode.NEW_ONLY.value,
    )


def _sums(posted: Sequence[LedgerLine], left: Iterable[PlannedLine | BlockedItem]) -> Sums:
    total = Sums()
    for row in posted:
        quantity, amount = _figures(row)
        total += Sums(posted_quantity=quantity, posted_amount=amount)
    for line in left:
        quantity, amount = _figures(line)
        total += Sums(open_quantity=quantity, open_amount=amount)
    return total


def _figures(line: LedgerLine | PlannedLine | BlockedItem) -> tuple[Decimal, Decimal]:
    """The quantity of a material and the cost amount of a line, each 0 if it has none."""
    fields, none = line.fields, Decimal()
    if line.kind is ItemKind.OTHER_CHARGE:
        return none, number_in(fields, COST) or none
    if line.kind is not ItemKind.MATERIAL:
        return none, none
    quantity = number_in(fields, QUANTITY) or none
    return quantity, quantity * (number_in(fields, UNIT_COST) or none)


def _names(items: Mapping[str, str]) -> str:
    names = [name.strip() or item_id for item_id, name in list(items.items())[:_NAMED]]
    more = len(items) - len(names)
    return f": {', '.join(names)}" + (f" and {more} more" if more else "")


def _count(ids: Collection[str]) -> str:
    """Items and tasks by their names, such as `One item`, `3 tasks` or `3 items and tasks`."""
    tasks = sum(map(is_service, ids))
    what = "task" if tasks == len(ids) else "item"
    if len(ids) == 1:
        return f"One {what}"
    return f"{len(ids)} {'items and tasks' if 0 < tasks < len(ids) else f'{what}s'}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def _stand(number: int) -> str:
    return "stands" if number == 1 else "stand"
