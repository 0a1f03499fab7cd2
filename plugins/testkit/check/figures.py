"""Amounts and quantities that a rule sets: plain numbers, as exact as Spectrum stores them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from core.model.planning.draft import LinePatch
from core.model.work_orders.cost_line import WHOLE_DIGITS
from core.model.work_orders.item import JobItem
from plugins.testkit.check.faults import Fault

_DECIMALS = 4
"""A quantity and a cost of two decimals each make an amount of four. More come from a float, or from a division."""
_ROUND = "Compute with Decimal and round the result: amount.quantize(Decimal('0.01'))."


def check_figures(patch: LinePatch, item: JobItem, about: str) -> None:
    """Raises Fault for a number that is none, or one with decimals that the item does not have."""
    for one in patch.fields:
        if one.field not in WHOLE_DIGITS or not one.value.strip():
            continue
        try:
            value = Decimal(one.value.strip())
        except InvalidOperation:
            raise Fault("figures", f"it set {one.field} to {one.value!a}, which is no number, for {about}") from None
        if not value.is_finite() or "e" in one.value.lower():
            raise Fault(
                "figures", f"it set {one.field} to {one.value!a}, which is no plain number, for {about}", _ROUND
            )
        if _decimals(value) > _DECIMALS and all(
            part is None or _decimals(part) <= 2 for part in (item.quantity, item.cost)
        ):
            words = f"it set {one.field} to {one.value}, though Spectrum stores two decimals, for {about}"
            raise Fault("figures", words, _ROUND)


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0
