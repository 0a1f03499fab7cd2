"""The last check of a header value before it is sent: length, characters, numbers and dates."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from core.model.catalogue import finding
from core.model.shared.finding import Finding, Owner
from core.model.shared.text import code_points
from core.model.work_orders.column_words import opening
from core.model.work_orders.work_order import CUSTOMER_PO, DATES, DESCRIPTION, FREE_TEXT, LENGTHS, NUMBER, NUMERIC

_NUMBER = re.compile(r"^-?\d{1,9}(\.\d{1,2})?$", re.ASCII)
_TOO_LONG = {CUSTOMER_PO: "PO_TOO_LONG", DESCRIPTION: "DESCRIPTION_TOO_LONG"}


def check_field(field: str, value: str) -> Finding | None:
    """The first problem of one value, as a blocker, or None. The work order number has its own checks."""
    if field == NUMBER or not value:
        return None
    if field not in LENGTHS:
        return finding("FIELD_LENGTH_OTHER", f"Spectrum's work order header has no field {field!a}.", field=field)
    name = opening(field)
    if bad := bad_characters(field, value):
        message = f"{name} holds characters that Spectrum's web service does not accept: {bad}."
        found = finding("INVALID_CHARACTERS", message, field=field)
        # Text is corrected in ServiceTrade, where it is typed; a code in Spectrum, where it is stored.
        return replace(found, owner=Owner.DISPATCHER) if field in FREE_TEXT else found
    if len(value) > LENGTHS[field]:
        code = _TOO_LONG.get(field, "FIELD_LENGTH_OTHER")
        message = f"{name} has {len(value)} characters; Spectrum takes at most {LENGTHS[field]}."
        return finding(code, message, field=field)
    if field in NUMERIC and not _NUMBER.match(value):
        return finding("NUMBER_PRECISION", f"{name} must be a plain number, not {value!a}.", field=field)
    if field in DATES and not is_date(value):
        return finding("INVALID_CHARACTERS", f"{name} must be a date as MM/DD/CCYY, not {value!a}.", field=field)
    return None


def bad_characters(field: str, value: str) -> str:
    """The characters that may not be sent in this field, by their code points, or ''.

    Codes are printable ASCII. Free text may hold all of Windows-1252: Spectrum's character set is not documented.
    """
    return bad_signs(value, free=field in FREE_TEXT)


def bad_signs(value: str, *, free: bool) -> str:
    """The same for free text (`free`) or a code."""
    allowed = _in_text if free else _in_code
    return code_points(ch for ch in value if not allowed(ch))


def _in_code(ch: str) -> bool:
    return ch.isascii() and ch.isprintable()


def _in_text(ch: str) -> bool:
    if not ch.isprintable():
        return False
    try:
        ch.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def is_date(text: str) -> bool:
    """Whether it is a day as Spectrum writes it: MM/DD/CCYY."""
    try:
        datetime.strptime(text, "%m/%d/%Y")  # noqa: DTZ007 - a calendar date, no moment
    except ValueError:
        return False
    return len(text) == 10
