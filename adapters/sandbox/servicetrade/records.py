"""Writes records of the sandbox ServiceTrade in the forms of its API: full, as a list row, or as a stub."""

from __future__ import annotations

from typing import Any

from adapters.sandbox.servicetrade.account import Webhook
from adapters.sandbox.servicetrade.parties import Company, Contract, LibraryItem
from adapters.sandbox.servicetrade.state import Comment, Job, JobItem, JobService, ServiceTradeState

_HOST = "https://api.servicetrade.com/api"
"""The host in the `uri` of a record. It is always ServiceTrade's own host."""
_USER = 2016630019555329


def reference(kind: str, record: str, name: str) -> dict[str, Any]:
    """Return the stub of another record. It has no external ids."""
    return {"id": int(record), "uri": f"{_HOST}/{kind}/{record}", "name": name}


def party(state: ServiceTradeState, kind: str, record: str) -> dict[str, Any]:
    """Return a full company, location, contract or library item."""
    return _full(state, kind, record, state.of_type(kind)[record])


def _full(state: ServiceTradeState, kind: str, record: str, found: Any) -> dict[str, Any]:
    shown = reference(kind, record, found.name)
    match found:
        case LibraryItem():
            shown |= {"type": found.type, "code": found.code or None, "isGeneric": found.generic}
        case Contract():
            places = [reference("location", one, state.locations[one].name) for one in found.locations]
            shown |= {"status": found.status, "number": found.number or None, "locations": places}
        case _:
            address = {name: getattr(found, name) for name in ("street", "city", "state")}
            address["postalCode"] = found.postal_code
            shown |= {"status": found.status, "phoneNumber": found.phone or None, "address": address}
    if isinstance(found, Company):
        shown |= {"customer": found.customer, "vendor": not found.customer}
    elif not isinstance(found, LibraryItem) and found.company in state.companies:
        shown["company"] = reference("company", found.company, state.companies[found.company].name)
    return shown | {"externalIds": external_ids(state, found.external_ids)}


def listed_parties(state: ServiceTradeState, kind: str) -> list[dict[str, Any]]:
    """Return the rows of a list of such records: whole, or stubs if the settings say so."""
    records = state.of_type(kind)
    if state.settings.listed_as_stubs:
        return [reference(kind, record, one.name) for record, one in records.items()]
    return [_full(state, kind, record, one) for record, one in records.items()]


def job_answer(state: ServiceTradeState, record: str) -> dict[str, Any]:
    """Return the `data` of a single job, in the shape that the settings select."""
    flat = job(state, record)
    if state.settings.job_shape == "flat":
        return flat
    bare = {name: flat[name]["id"] if flat[name] else None for name in ("customer", "location", "contract")}
    return {
        "job": flat | bare,
        "companies": [flat["customer"]] if flat["customer"] else [],
        "locations": [flat["location"]] if flat["location"] else [],
        "contracts": [flat["contract"]] if flat["contract"] else [],
        "users": [],
        "contacts": [],
        "serviceRequests": [],
    }


def job(state: ServiceTradeState, record: str) -> dict[str, Any]:
    found = state.jobs[record]
    return {
        "id": int(record),
        "uri": f"{_HOST}/job/{record}",
        "name": f"{found.type.capitalize()} Job #{found.number}" if found.number else f"{found.type.capitalize()} Job",
        "type": found.type,
        "status": found.status,
        "number": _number(found.number),
        "refNumber": found.number,
        "customerPo": found.customer_po,
        "description": found.description,
        "serviceLine": found.service_line,
        "scheduledDate": found.scheduled_date,
        "completedOn": found.completed_on,
        "created": found.created,
        "updated": found.updated,
        "customer": _stub(state, "company", found.customer),
        "location": _stub(state, "location", found.location),
        "contract": _stub(state, "contract", found.contract),
        "assignedOffice": {"id": 1985533100000257, "name": found.office} if found.office else None,
        "offices": [{"id": 1985533100000257, "name": found.office}] if found.office else [],
        "tags": [{"id": 77 + place, "name": tag} for place, tag in enumerate(found.tags)],
        "appointments": [],
        "serviceRequests": [service_stub(key, one) for key, one in state.services.items() if one.job == record],
        "externalIds": external_ids(state, found.external_ids),
    }


def job_item(state: ServiceTradeState, record: str) -> dict[str, Any]:
    found: JobItem = state.job_items[record]
    owner: Job = state.jobs[found.job]
    return {
        "id": int(record),
        "uri": f"{_HOST}/jobitem/{record}",
        "name": found.name,
        "quantity": found.quantity,
        "cost": found.cost,
        "usedOn": owner.updated,
        "job": {"id": int(found.job), "number": _number(owner.number)},
        "libItem": _library_item(state, record),
        "serviceLine": {"id": 2, "name": found.service_line} if found.service_line else None,
        "source": {"type": found.source} if found.source else None,
        "externalIds": external_ids(state, found.external_ids),
    }


def _library_item(state: ServiceTradeState, item: str) -> dict[str, Any] | None:
    library = state.library_of(item)
    return _full(state, "libitem", *library) if library else None


def service_stub(record: str, found: JobService) -> dict[str, Any]:
    """Return a service as the detail of its job shows it."""
    return {
        "id": int(record),
        "uri": f"{_HOST}/servicerequest/{record}",
        "description": found.description,
        "status": found.status,
    }


def service_request(state: ServiceTradeState, record: str) -> dict[str, Any]:
    """Return a service as the list of services shows it."""
    found = state.services[record]
    line = {"id": 2, "name": found.service_line, "abbr": "SPR"} if found.service_line else None
    owner = {"id": int(found.job), "number": _number(state.jobs[found.job].number)}
    return service_stub(record, found) | {"serviceLine": line, "job": owner}


def comment(record: str, found: Comment) -> dict[str, Any]:
    return {
        "id": int(record),
        "uri": f"{_HOST}/comment/{record}",
        "content": found.content,
        "visibility": found.visibility,
        "pinned": found.pinned,
        "author": {"id": _USER, "name": "Spectrum Integration"},
        "entity": {"id": int(found.entity), "type": found.entity_type},
        "created": found.created,
        "updated": found.created,
    }


def webhook(record: str, found: Webhook) -> dict[str, Any]:
    return {
        "id": int(record),
        "uri": f"https://app.servicetrade.com/api/webhook/{record}",
        "hookUrl": found.hook_url,
        "enabled": found.enabled,
        "confirmed": False,
        "includeChangesets": found.include_changesets,
        "entityEvents": [{"entityType": one.entity_type, "actions": one.actions} for one in found.entity_events],
    }


def user(state: ServiceTradeState) -> dict[str, Any]:
    return {
        "id": _USER,
        "username": state.login.username,
        "timezone": state.time_zone,
        "company": {"id": 1985533021405185, "name": state.name},
    }


def external_ids(state: ServiceTradeState, values: dict[str, str]) -> dict[str, str] | list[str]:
    """Return an object keyed by system. Without external ids it may be an empty list."""
    return values if values or state.settings.empty_external_ids == "object" else []


def _stub(state: ServiceTradeState, kind: str, record: str | None) -> dict[str, Any] | None:
    if record is None:
        return None
    return reference(kind, record, state.of_type(kind)[record].name)


def _number(number: str | None) -> int | str | None:
    return int(number) if number and number.isdecimal() else number
