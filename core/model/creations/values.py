"""The rules for values of a new record. What breaks one is told and never cut: a person corrects it in the preview."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from core.model.creations.creation import CODE_FIELD, SERVICE_OF, CreationKind
from core.model.shared.errors import FieldError
from core.model.work_orders.field_check import bad_signs, is_date
from core.model.work_orders.spectrum_field import FieldType, SpectrumField
from core.model.work_orders.spectrum_fields import SPECTRUM_FIELDS
from core.model.work_orders.work_order import AUTHORIZATION_ID, COMPANY_CODE, GUID

_OURS = frozenset({AUTHORIZATION_ID, GUID, COMPANY_CODE})
_NO_COMMAS = frozenset({"Site_Name"})
"""Besides those whose documentation says so."""
_CODE = re.compile(r"^[A-Z0-9]+\Z", re.ASCII)
_STATE = re.compile(r"^[A-Z]{2}\Z", re.ASCII)
_DECIMAL = re.compile(r"^-?\d{1,9}(\.\d{1,6})?\Z", re.ASCII)
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+\Z")


def fields_of(kind: CreationKind) -> tuple[SpectrumField, ...]:
    """The fields that a person can fill, in the order of the request."""
    return tuple(one for one in SPECTRUM_FIELDS[SERVICE_OF[kind]] if one.name not in _OURS)


def value_errors(kind: CreationKind, values: Mapping[str, str]) -> Iterator[FieldError]:
    """What is wrong with the values, one error for each field. An empty value counts as none."""
    known = {one.name: one for one in fields_of(kind)}
    for name in values:
        if name not in known:
            yield FieldError(f"/fields/{name}", f"{SERVICE_OF[kind]} has no such field")
    for name, field in known.items():
        if problem := _problem(kind, field, values.get(name, "")):
            yield FieldError(f"/fields/{name}", problem)


def _problem(kind: CreationKind, field: SpectrumField, value: str) -> str:
    if not value.strip():
        return "Spectrum requires a value" if field.required is True else ""
    if value != value.strip():
        return "must not begin or end with a space"
    if bad := bad_signs(value, free=field.type is FieldType.TEXT and field.name != CODE_FIELD[kind]):
        return f"holds characters that Spectrum's web service does not accept: {bad}"
    if len(value) > field.length:
        return f"has {len(value)} characters; Spectrum takes at most {field.length}: shorten it"
    if field.name == CODE_FIELD[kind]:
        return "" if _CODE.match(value) else "use capital letters A to Z and digits only"
    return _form_problem(field, value)


def _form_problem(field: SpectrumField, value: str) -> str:
    form = field.format
    if ("no commas" in form or field.name in _NO_COMMAS) and "," in value:
        return "must not hold a comma"
    if "digits" in form:
        return "" if value.isdecimal() and value.isascii() else "digits only: no dashes, spaces or brackets"
    if field.length == 2 and field.name.endswith("State"):
        return "" if _STATE.match(value) else "the postal code of the state: two capital letters"
    if form == "e-mail":
        return "" if _EMAIL.match(value) else "must be an e-mail address"
    if form == "Y/N":
        return "" if value in ("Y", "N") else "Y or N"
    if field.type is FieldType.DATE:
        return "" if is_date(value) else "must be a date as MM/DD/CCYY"
    if field.type is FieldType.NUMERIC:
        return _number_problem(form, value)
    return ""


def _number_problem(form: str, value: str) -> str:
    if choice := re.match(r"^1-([59])\Z", form):
        return "" if len(value) == 1 and "1" <= value <= choice[1] else f"a digit from 1 to {choice[1]}"
    return "" if _DECIMAL.match(value) else "must be a plain number, such as 10.5"
