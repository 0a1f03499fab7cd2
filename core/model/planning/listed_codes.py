"""The codes of a plan that lists of Spectrum's can speak against, and what they say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from core.model.mappings.alias import AliasKind
from core.model.mappings.job_record import FIELDS
from core.model.mappings.listed_check import Code, ListedCodes
from core.model.planning.draft import Draft
from core.model.planning.line_fold import FoldedItem
from core.model.shared.finding import Finding
from core.model.work_orders.cost_line import ITEM_CODE, NON_STOCK
from core.model.work_orders.item import ItemKind


def planned_codes(draft: Draft, items: Sequence[FoldedItem]) -> Sequence[Code]:
    """The codes that would be sent, each once, in the order in which they stand in the plan."""
    of_items = ((AliasKind.ITEM, code) for one in items if (code := _stock_code(one)))
    return list(dict.fromkeys([*(code for _, code in _of_header(draft)), *of_items]))


def header_findings(draft: Draft, listed: ListedCodes, now: datetime) -> Iterator[Finding]:
    for field, code in _of_header(draft):
        if found := listed.about(code, now, field=field):
            yield found


def with_item_findings(items: Sequence[FoldedItem], listed: ListedCodes, now: datetime) -> Sequence[FoldedItem]:
    """The items with what the list says of their codes. It counts only if the item's line is to be posted."""
    return [_with_finding(one, listed, now) for one in items]


def _with_finding(folded: FoldedItem, listed: ListedCodes, now: datetime) -> FoldedItem:
    code = _stock_code(folded)
    found = listed.about((AliasKind.ITEM, code), now) if code else None
    if found is None:
        return folded
    name = folded.item.name.strip()
    told = replace(found, item_id=folded.item.id, message=f"{name}: {found.message}" if name else found.message)
    return replace(folded, findings=(*folded.findings, told))


def _of_header(draft: Draft) -> Iterator[tuple[str, Code]]:
    """The header's codes with their fields."""
    for kind, field in FIELDS.items():
        if code := draft.value(field).strip():
            yield field, (kind, code)


def _stock_code(folded: FoldedItem) -> str:
    """The code of a line that takes an item from the inventory, '' for every other line."""
    if folded.line is None or folded.line.kind is not ItemKind.MATERIAL:
        return ""
    code = next((value.value.strip() for value in folded.line.values if value.field == ITEM_CODE), "")
    return "" if code.startswith(NON_STOCK) else code
