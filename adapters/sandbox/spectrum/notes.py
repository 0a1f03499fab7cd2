"""Notes and user-defined fields of the sandbox's work orders.

Source: Spectrum Data Exchange documentation of WOHeaderNotes and UpdateWorkOrderHeader_UDF: a topic must exist, holds
1,000 characters in all, and is replaced unless the call says that it adds; a blank user-defined field is not written,
and one that is not mapped at the Authorization ID is refused. What happens to a text that does not fit is not
documented: it is refused here.
"""

from __future__ import annotations

from collections.abc import Mapping

from adapters.sandbox.spectrum.envelope import Row
from adapters.sandbox.spectrum.rules import Problems
from adapters.sandbox.spectrum.state import Company, WorkOrder
from core.model.work_orders.annotation import APPEND, NOTE_LENGTH, NOTE_TEXT, TOPIC, USER_FIELDS
from core.model.work_orders.optional_fields import WRITE_NOTES, WRITE_USER_FIELDS

MISSPELT = "UpdateWokOrderHeader_UDF"
"""How the documentation prints the name of the WSDL of UpdateWorkOrderHeader_UDF."""


def deployed_as(name: str, *, misspelt: bool) -> str:
    """The service of this name, '' if none is deployed under it. `misspelt`: as the documentation prints the WSDL."""
    if name == (WRITE_USER_FIELDS if misspelt else MISSPELT):
        return ""
    return WRITE_USER_FIELDS if name == MISSPELT else name


def note_problems(company: Company, values: Mapping[str, str]) -> list[Row]:
    """All problems that stop WOHeaderNotes."""
    found = Problems(WRITE_NOTES, values)
    order = found.look_up("WO_Number", company.work_orders, "Work order")
    if values[TOPIC] and values[TOPIC] not in company.note_topics:
        found.invalid(TOPIC, "Notes topic does not exist")
    if order and len(_text_after(order, values)) > NOTE_LENGTH:
        found.invalid(NOTE_TEXT, f"Notes of a topic are longer than {NOTE_LENGTH} characters")
    return found.rows


def user_field_problems(company: Company, values: Mapping[str, str], mapped: list[str]) -> list[Row]:
    """All problems that stop UpdateWorkOrderHeader_UDF. `mapped` are the fields that the Authorization ID may write."""
    found = Problems(WRITE_USER_FIELDS, values)
    found.look_up("WO_Number", company.work_orders, "Work order")
    for field in USER_FIELDS:
        if values[field] and field not in mapped:
            found.invalid(field, "User-defined field is not mapped for this Authorization ID")
    return found.rows


def write_note(company: Company, values: Mapping[str, str]) -> None:
    order = company.work_orders[values["WO_Number"]]
    order.notes[values[TOPIC]] = _text_after(order, values)


def write_user_fields(company: Company, values: Mapping[str, str]) -> None:
    order = company.work_orders[values["WO_Number"]]
    order.user_fields |= {field: values[field] for field in USER_FIELDS if values[field]}


def _text_after(order: WorkOrder, values: Mapping[str, str]) -> str:
    """The topic's text once the call is applied. How Spectrum separates what is added is not documented."""
    before = order.notes.get(values[TOPIC], "") if values[APPEND] == "Y" else ""
    return "\n".join(filter(None, (before, values[NOTE_TEXT])))
