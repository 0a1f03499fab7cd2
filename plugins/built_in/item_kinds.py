"""Built-in rule: which items become a material cost, which an other charge, and the fields of the line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from core.model.catalogue import finding
from core.model.planning.draft import FieldPatch, LeaveOut, LineDraft, LinePatch
from core.model.planning.line_fold import about, unreadable
from core.model.shared.figures import extended, plain, to_cents
from core.model.shared.finding import Finding
from core.model.work_orders.cost_line import (
    CHARGE_CODE,
    CHARGE_TEXT,
    COST,
    ITEM_CODE,
    ITEM_TEXT,
    LINE_LENGTHS,
    NON_STOCK,
    QUANTITY,
    UNIT_COST,
    WAREHOUSE,
)
from core.model.work_orders.item import ItemKind, JobItem
from plugins.hookspecs import PluginInfo, hookimpl

_NO_CODE_SIGN = re.compile(r"[^A-Z0-9]+")
_FINEST = -6


@hookimpl
def plugin_info() -> PluginInfo:
    return PluginInfo("item_kinds", "1", "Turns items into material and other charges by their type.")


@hookimpl
def include_item(draft: LineDraft) -> LeaveOut | None:
    if draft.connection.item_kinds.get(draft.item.type) is ItemKind.SKIP:
        return LeaveOut(f"this connection does not send items of the type {draft.item.type}", "skipped")
    return None


@hookimpl
def map_line(draft: LineDraft) -> LinePatch | None:
    kind = draft.connection.item_kinds.get(draft.item.type)
    if kind is ItemKind.MATERIAL:
        return _material(draft)
    return _other_charge(draft.item) if kind is ItemKind.OTHER_CHARGE else None


def _material(draft: LineDraft) -> LinePatch:
    item, settings = draft.item, draft.connection
    code = _code(item)
    fields: list[FieldPatch] = []
    findings = list(_without_quantity(item))
    fallback = "off" if code is None and _code_unread(item) else settings.non_stock_fallback
    if fallback == "all" or (code is None and fallback != "off"):
        fields += _non_stock(item, code)
        findings += _without_cost(item, UNIT_COST)
    else:
        fields += [code] if code else []
        if settings.default_warehouse:
            reason = "the connection's default"
            fields.append(FieldPatch(WAREHOUSE, settings.default_warehouse, reason, "setting.default_warehouse"))
    if item.quantity is not None:
        fields.append(FieldPatch(QUANTITY, _text(item.quantity), "the item's quantity", "item.quantity"))
    return LinePatch(ItemKind.MATERIAL, tuple(fields), tuple(findings))


def _non_stock(item: JobItem, code: FieldPatch | None) -> Iterator[FieldPatch]:
    if code:
        reason = f"{code.reason}, as a non-stock item"
        yield FieldPatch(ITEM_CODE, NON_STOCK + code.value, reason, code.source)
    else:
        longest = LINE_LENGTHS[ItemKind.MATERIAL][ITEM_CODE] - len(NON_STOCK)
        made = _NO_CODE_SIGN.sub("-", item.name.upper()).strip("-")[:longest].strip("-") or "ITEM"
        reason = "made from the item's name, since the item has no code"
        yield FieldPatch(ITEM_CODE, NON_STOCK + made, reason, "setting.non_stock_fallback")
    if item.name.strip():
        yield FieldPatch(ITEM_TEXT, item.name, "the item's name", "item.name")
    if item.cost is not None:
        yield FieldPatch(UNIT_COST, _text(item.cost), "the item's cost", "item.cost")


def _other_charge(item: JobItem) -> LinePatch:
    findings = [*_without_quantity(item), *_without_cost(item, COST)]
    fields = [code] if (code := _code(item, CHARGE_CODE)) else []
    if item.name.strip():
        fields.append(FieldPatch(CHARGE_TEXT, item.name, "the item's name", "item.name"))
    if item.quantity is not None and item.cost is not None:
        amount = extended(item.quantity, item.cost)
        if amount is None:
            message = f"{about(item)}: quantity times cost is too large for Spectrum."
            findings.append(finding("NUMBER_PRECISION", message, field=COST))
        else:
            reason = f"quantity {_text(item.quantity)} x cost {_text(item.cost)}"
            # A charge that would round to zero keeps its decimals, so that the last check tells of it.
            value = plain(amount) if amount else _text(item.quantity * item.cost)
            fields.append(FieldPatch(COST, value, reason, "item.cost"))
    return LinePatch(ItemKind.OTHER_CHARGE, tuple(fields), tuple(findings))


def _code(item: JobItem, field: str = ITEM_CODE) -> FieldPatch | None:
    """Return the library item's alias, else its external id for this system, else its code. The code does not stand in
    for an external id that is there and cannot be read."""
    if item.alias_code:
        return FieldPatch(field, item.alias_code, item.alias_reason, "alias.item")
    if external := (item.external_id or "").strip():
        return FieldPatch(field, external, "the library item's external ID", "mapping.item")
    if (code := item.code.strip()) and not item.unread("external_id"):
        return FieldPatch(field, code, "the library item's code", "item.code")
    return None


def _code_unread(item: JobItem) -> bool:
    return item.unread("external_id", "code") is not None


def _without_quantity(item: JobItem) -> Iterator[Finding]:
    if odd := unreadable(item, "quantity", field=QUANTITY):
        yield odd
    elif item.quantity is None:
        yield finding("ITEM_QUANTITY_MISSING", f"{about(item)} has no quantity in ServiceTrade.", field=QUANTITY)


def _without_cost(item: JobItem, field: str) -> Iterator[Finding]:
    if odd := unreadable(item, "cost", field=field):
        yield odd
    elif item.cost is None:
        yield finding("ITEM_COST_MISSING", f"{about(item)} has no cost in ServiceTrade.", field=field)


def _text(number: Decimal) -> str:
    """Write the number without an exponent, unless it is very large or has very many decimals."""
    absurd = to_cents(number) is None or (number and number.adjusted() < _FINEST)
    return str(number) if absurd else plain(number)
