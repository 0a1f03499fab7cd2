"""A person's declaration about a job's items: which of them are in Spectrum already, posted by somebody else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from core.model.planning.account import Account
from core.model.planning.line_fold import FoldedItem
from core.model.planning.plan import SendPlan
from core.model.work_orders.cost_line import BY_HAND, CODES, LedgerLine, LinePurpose, LineState
from core.model.work_orders.item import ItemKind

Standing = Literal["all", "none"] | Collection[str]
"""All of a job's items, none of them, or those with these ids."""


@dataclass(frozen=True, slots=True)
class StandingItem:
    """One item that would be sent. `posted`: it is known to be in Spectrum. `held`: it waits for a declaration.

    `code` is the code that would be sent, '' if there is none; `quantity` is None if ServiceTrade has none.
    """

    id: str
    name: str
    code: str
    quantity: Decimal | None
    posted: bool
    held: bool


def candidates(items: Iterable[FoldedItem]) -> Sequence[FoldedItem]:
    """The items to declare: all but labor and items that a rule or setting leaves out, which are never sent."""
    return [folded for folded in items if folded.left_out is None]


def standing_items(items: Sequence[FoldedItem], plan: SendPlan, account: Account) -> Sequence[StandingItem]:
    """The items in the job's order, compared with what is known of the work order."""
    known = posted_among(account.lines) | account.elsewhere
    waiting = {item.item_id for item in plan.blocked} if plan.items_held else set()
    return [
        StandingItem(
            id=folded.item.id,
            name=folded.item.name,
            code=_code(folded),
            quantity=folded.item.quantity,
            posted=folded.item.id in known,
            held=folded.item.id in waiting,
        )
        for folded in candidates(items)
    ]


def posted_among(lines: Iterable[LedgerLine]) -> frozenset[str]:
    """The items with a posted line, posted by a send or declared by a person."""
    return frozenset(line.item_id for line in lines if line.state is LineState.POSTED and line.takes_place)


def line_by_hand(
    folded: FoldedItem,
    line_id: str,
    *,
    tenant_id: str,
    connection_id: str,
    job_id: str,
    number: str,
    lines: Iterable[LedgerLine],
    by: str,
    reason: str,
    at: datetime,
) -> LedgerLine:
    """The row of an item that somebody else posted, with the values that a send would post now: the real ones are
    unknown. `lines` are those of its work order; the row takes the first free round. If the item has no wanted line,
    its kind is SKIP and its fields are empty: it is never compared and never posted as new.
    """
    item, line = folded.item, folded.line
    return LedgerLine(
        id=line_id,
        tenant_id=tenant_id,
        connection_id=connection_id,
        job_id=job_id,
        work_order_number=number,
        item_id=item.id,
        item_name=item.name,
        kind=line.kind if line else ItemKind.SKIP,
        round=max((one.round + 1 for one in lines if one.item_id == item.id and one.takes_place), default=0),
        purpose=LinePurpose.NEW,
        fields={value.field: value.value for value in line.values} if line else {},
        state=LineState.POSTED,
        send_id="",
        attempt_id=BY_HAND,
        settled_at=at,
        settled_by=by,
        settled_reason=reason,
    )


def _code(folded: FoldedItem) -> str:
    if folded.line is None:
        return folded.item.alias_code or folded.item.external_id or folded.item.code
    return next((value.value for value in folded.line.values if value.field == CODES.get(folded.line.kind)), "")
