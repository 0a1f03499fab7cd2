"""Money and quantities: exact decimals, rounded once, to the two decimals that Spectrum stores."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

_CENT = Decimal("0.01")
_MOST_DIGITS = 15
_EXACT = Context(prec=200, rounding=ROUND_HALF_UP)


def to_cents(number: Decimal) -> Decimal | None:
    """The number with two decimals, a half rounded away from zero; None for a number that no field can hold."""
    if not number.is_finite() or (number and number.adjusted() >= _MOST_DIGITS):
        return None
    return number.quantize(_CENT, context=_EXACT)


def extended(quantity: Decimal, cost: Decimal) -> Decimal | None:
    """Quantity times cost, rounded once; None for a product that no field can hold."""
    if not (quantity.is_finite() and cost.is_finite()):
        return None
    return to_cents(_EXACT.multiply(quantity, cost))


def fits(cents: Decimal, whole_digits: int) -> bool:
    """Whether a number with two decimals has at most `whole_digits` digits before the point."""
    return not cents or cents.adjusted() < whole_digits


def money(text: str) -> str:
    """An amount as people read it, with two decimals; a text that is no such number stays as it is."""
    try:
        cents = to_cents(Decimal(text))
    except InvalidOperation:
        return text
    return text if cents is None else str(cents)


def plain(number: Decimal) -> str:
    """A number as Spectrum reads it, without exponent and trailing zeros."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text
