"""Lists companies, locations, contracts and library items, and reads one of them, for suggestions of Spectrum codes.

How the rows of these lists look is [unknown], except that those of locations page by 10 unless asked [doc]. So a row is
taken for what it holds: one without the member `externalIds` says nothing of its external id, and then `find_record`
asks for it. 200 companies and 400 locations are 6 calls if the rows are whole, and 606 if they are stubs. The lists of
contracts and library items, and the keys of their rows, are inferred [inf] from the lists that are known.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from adapters.net.json_shapes import identifier, key_of, rows_of, sole, text_or_nothing
from adapters.outbound.servicetrade.calls import ID, Part, Row, checked_id, checked_system
from adapters.outbound.servicetrade.records import (
    ExternalIds,
    Record,
    SpareReference,
    SpareText,
    ValueRecord,
    detail,
    read,
    read_from,
)
from adapters.outbound.servicetrade.refusal import record_unreadable
from adapters.outbound.servicetrade.transport import Request
from core.model.mappings.alias import AliasKind
from core.model.mappings.listed_record import ListedRecord
from core.model.mappings.suggestion import RecordToMap
from core.model.tenants.tenant import ServiceTradeAccount

_LIMIT = 256 << 20
"""Bytes of a list. It is not kept in memory; a location with its contacts and offices may have some kilobytes."""
_LISTS: Mapping[AliasKind, tuple[str, str]] = {
    AliasKind.CUSTOMER: ("company", "companies"),
    AliasKind.SITE: ("location", "locations"),
    AliasKind.CONTRACT: ("contract", "contracts"),
    AliasKind.ITEM: ("libitem", "libItems"),
}
"""The resource of each kind, and the key of its list. `libItems` is written like `jobItems` [inf]."""
_MEMBERS = {AliasKind.ITEM: "libItem"}
_GONE = frozenset({"inactive", "archived", "deleted", "expired", "canceled", "cancelled"})
"""Statuses of a record that no new job can have; only `active` is [seen]."""
_NO, _YES = ("false", "0", "no"), ("true", "1", "yes")


def _ids(value: object) -> list[str]:
    """The ids of a list of records or bare ids; what is neither is left out."""
    found = []
    for one in rows_of(value) or ():
        try:
            found.append(identifier(one.get("id") if isinstance(one, dict) else one))
        except ValueError:
            continue
    return [id_ for id_ in found if id_]


class _Address(Record):
    street: SpareText = ""
    city: SpareText = ""
    state: SpareText = ""
    postalCode: SpareText = ""


def _address(value: object) -> object:
    one = sole(value)
    return one if isinstance(one, dict) else {}


def _told(value: object) -> str:
    """A text, a number or a truth value as text."""
    return str(value).lower() if isinstance(value, bool) else text_or_nothing(value)


class _MappedRecord(Record):
    """What of a record helps to find its code. Only the external ids decide anything, so they must be readable."""

    name: SpareText = ""
    status: SpareText = ""
    customer: Annotated[str, BeforeValidator(_told)] = ""
    active: Annotated[str, BeforeValidator(_told)] = ""
    isGeneric: Annotated[str, BeforeValidator(_told)] = ""
    phoneNumber: SpareText = ""
    number: SpareText = ""
    refNumber: SpareText = ""
    code: SpareText = ""
    address: Annotated[_Address, BeforeValidator(_address)] = Field(default_factory=_Address)
    company: SpareReference = None
    locations: Annotated[list[str], BeforeValidator(_ids)] = Field(default_factory=list)
    externalIds: ExternalIds = Field(default_factory=dict)


class Listing(Part):
    async def list_records(
        self, account: ServiceTradeAccount, kind: AliasKind, system: str
    ) -> AsyncIterator[Sequence[ListedRecord]]:
        """Yield the records of each page, each once. A row without an id cannot be given a code and is left out."""
        resource, key = _LISTS[kind]
        what = f"to list the records of the kind {resource}"
        system = checked_system(system)
        listed = self._calls.pages(account, f"/{resource}", {}, key, what, limit=_LIMIT, lenient=True, whole=True)
        async for page in listed:
            yield [_listed(kind, row, system) for row in page if ID.fullmatch(key_of(row))]

    async def find_record(
        self, account: ServiceTradeAccount, kind: AliasKind, record_id: str, system: str
    ) -> ListedRecord | None:
        """Of a contract the external id is a second call, as the record may not hold it [unknown]."""
        resource, system = _LISTS[kind][0], checked_system(system)
        what = f"to read the {resource} {checked_id(record_id, kind)}"
        envelope = await self._calls.find(account, Request("GET", f"/{resource}/{record_id}"), what)
        if envelope is None:
            return None
        row = detail(envelope.data, _MEMBERS.get(kind, resource))
        if key_of(row) != record_id:
            raise record_unreadable(f"the {resource} {record_id}", "its id is missing or another one")
        found = _listed(kind, row, system)
        if found.code is not None:
            return found
        if "externalIds" in row:
            raise record_unreadable(f"the {resource} {record_id}", "its external ids are in an unknown form")
        path = f"/externalid/{resource}/{record_id}/{system}"
        told = await self._calls.find(account, Request("GET", path), what)
        of = f"the external ID of the {resource} {record_id}"
        value = read_from(account, ValueRecord, told.data, "answers with an invalid code", of).value if told else None
        return ListedRecord(record=found.record, code=(value or "").strip())


def _listed(kind: AliasKind, row: Row, system: str) -> ListedRecord:
    """The record of a row; an odd member other than its id is left out, and odd external ids count as not told."""
    told, known = "externalIds" in row, True
    try:
        found = read(_MappedRecord, row, system)
    except ValueError:
        known = False
        found = read(_MappedRecord, {name: value for name, value in row.items() if name in _PLAIN}, system)
    record = RecordToMap(
        kind=kind,
        id=key_of(row),
        name=_line(found.name),
        street=_line(found.address.street),
        city=_line(found.address.city),
        state=_line(found.address.state),
        postal_code=_line(found.address.postalCode),
        phone=_line(found.phoneNumber),
        customer_id=found.company.id if found.company else "",
        location_ids=tuple(found.locations),
        own_code=_line(found.code) if kind is AliasKind.ITEM else "",
        number=_line(found.number or found.refNumber) if kind is AliasKind.CONTRACT else "",
        active=_usable(kind, found),
    )
    return ListedRecord(record=record, code=found.externalIds.get(system, "").strip() if told and known else None)


_PLAIN = frozenset(_MappedRecord.model_fields) - {"externalIds"}


def _usable(kind: AliasKind, found: _MappedRecord) -> bool:
    """Whether a new job may have it and a code of its own: it is not marked as gone; if a company, not told to be no
    customer; if a library item, none that stands for anything, as its code would go with many things."""
    if kind is AliasKind.CUSTOMER and found.customer.strip().lower() in _NO:
        return False
    if kind is AliasKind.ITEM and found.isGeneric.strip().lower() in _YES:
        return False
    return found.status.strip().lower() not in _GONE and found.active.strip().lower() not in _NO


def _line(told: str) -> str:
    """The text in one line of printable characters, as people and the comparison need it."""
    printable: list[Any] = [sign if sign.isprintable() else " " for sign in told[:_MOST]]
    return " ".join("".join(printable).split())


_MOST = 300
