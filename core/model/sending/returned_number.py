"""The work order number that Spectrum returns with a write. It must be the one that was sent."""

from __future__ import annotations

from core.model.catalogue import finding
from core.model.sending.answer import Accepted
from core.model.sending.diagnosis import safely_quoted
from core.model.shared.finding import Finding
from core.model.work_orders.column_words import folded
from core.model.work_orders.work_order import NUMBER

_COLUMN = folded(NUMBER)


def returned_number(outcome: Accepted) -> str | None:
    """The number in the answer, trimmed, since Spectrum right-justifies codes; None if the answer has none.

    Several different numbers are joined by a comma and a space, so that they equal no number that was sent.
    """
    numbers = (row.text.strip() for row in outcome.returned if folded(row.column) == _COLUMN)
    return ", ".join(dict.fromkeys(number for number in numbers if number)) or None


def differing_number(sent: str, returned: str) -> Finding:
    """WO_NUMBER_DIFFERS, naming both numbers."""
    message = f"Jobferry sent work order number {sent}, but Spectrum stored it under {safely_quoted(returned)}."
    return finding("WO_NUMBER_DIFFERS", message, field=NUMBER)
