"""The sandbox's own checks of a field's value.

Source: the lengths and formats of Spectrum's documentation. The sandbox refuses values that are too long, line breaks
and characters outside Windows-1252. This is a safe assumption: the documentation does not say it.
"""

from __future__ import annotations

import re
from datetime import datetime

from core.model.work_orders.spectrum_field import FieldType, SpectrumField

_FREE_TEXT = frozenset(
    {
        "Customer_PO_Number",
        "Summary_Description",
        "Bill_Contract",
        "Est_Arrival",
        "Item_Description",
        "Description",
        "Notes_Text",
        "Site_Name",
        "Site_Address1",
        "Site_Address2",
        "Site_City",
        "Site_Contact_Person",
        "Special_Instructions",
        "Name",
        "Address_1",
        "Address_2",
        "City",
        "Contact_1",
        "Contact_2",
        "Contact_3",
    }
)
_DECIMAL = re.compile(r"(?P<sign>-?)(?P<whole>\d*)(\.(?P<cents>\d*))?", re.ASCII)
_PLACE = re.compile(r"-?\d{1,3}(\.\d{1,6})?", re.ASCII)
_SIGNED = re.compile(r"-(\d)\.(\d)")
_TIME = re.compile(r"(\d\d)(\d\d)(\d\d)", re.ASCII)


def problem_of(field: SpectrumField, value: str) -> str:
    """Return what is wrong with a non-empty value, or ''."""
    if not _is_allowed_text(value) if field.name in _FREE_TEXT else not (value.isascii() and value.isprintable()):
        return "Invalid character(s)"
    if len(value) > field.length:
        return f"Value is longer than {field.length} characters"
    if field.type is FieldType.DATE:
        return "" if _is_date(value) else "Invalid date, use MM/DD/CCYY"
    if field.type is FieldType.NUMERIC:
        return _number_problem(value, field.format)
    if field.name.startswith("WO_Phone") or "digits" in field.format:
        return "" if value.isdigit() else "Digits only"
    if "no commas" in field.format and "," in value:
        return "Commas are not allowed"
    return _choice_problem(value, field.format)


def _number_problem(value: str, form: str) -> str:
    if form == "HHMMSS":
        return "" if _is_time(value) else "Invalid time, use HHMMSS"
    if form == "-XXX.XXXXXX":
        return "" if _PLACE.fullmatch(value) else "Invalid number"
    if form in ("1-5", "1-9"):
        return "" if len(value) == 1 and "1" <= value <= form[2] else f"Use 1 to {form[2]}"
    found = _DECIMAL.fullmatch(value)
    if not found or not (found["whole"] or found["cents"]):
        return "Invalid number"
    signed = _SIGNED.fullmatch(form)
    if found["sign"] and not signed:
        return "Must be positive"
    whole = int(signed[1]) if signed else 9
    if len(found["whole"].lstrip("0")) > whole or len(found["cents"] or "") > 2:
        return f"At most {whole} digits before and 2 after the point"
    return ""


def _choice_problem(value: str, form: str) -> str:
    choices = re.findall(r"\b[A-Z]\b", form) if len(form) <= 6 else []
    return "" if not choices or value in choices else f"Use {form}"


def _is_allowed_text(value: str) -> bool:
    try:
        value.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return value.isprintable()


def _is_date(value: str) -> bool:
    try:
        datetime.strptime(value, "%m/%d/%Y")  # noqa: DTZ007 - a calendar date, no moment
    except ValueError:
        return False
    return len(value) == 10


def _is_time(value: str) -> bool:
    found = _TIME.fullmatch(value)
    return found is not None and int(found[1]) <= 24 and int(found[2]) <= 59 and int(found[3]) <= 59
