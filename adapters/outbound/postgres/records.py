"""Converts model objects to rows and back. Only this module knows how a plan or a hold is stored as JSON.

PostgreSQL cannot store NUL or half a surrogate pair, but answers of other systems contain both. They are replaced by
U+FFFD.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_type_hints

from pydantic import PlainSerializer, PlainValidator, TypeAdapter
from sqlalchemy import RowMapping

from adapters.outbound.postgres.tables.setup import connections
from core.model.connections.connection import Connection, FormerEndpoint, Hold, ItemsHold
from core.model.connections.connection_state import CodesMissing, ConnectionTest
from core.model.connections.endpoint import Endpoint
from core.model.connections.maintenance_window import MaintenanceWindow
from core.model.connections.settings import CONNECTION_SETTINGS
from core.model.mappings.alias import Alias, AliasEnd, AliasEntry, FormerAlias
from core.model.mappings.job_record import JobRecord
from core.model.notifications.content import Content
from core.model.planning.plan import SendPlan
from core.model.sending.send import DashboardWarning, Send, cause_of
from core.model.sending.send_filter import search_key
from core.model.shared.finding import Finding
from core.model.shared.setting import DescribedSetting
from core.model.tenants.settings import TENANT_SETTINGS
from core.model.tenants.tenant import Tenant
from core.model.work_orders.annotation import WrittenAnnotation
from core.model.work_orders.cost_line import LedgerLine
from core.model.work_orders.work_order import WorkOrderRecord

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")

StoredRow = RowMapping | Mapping[str, Any]
"""A row as a query returns it, or from a document."""

_PLAN = TypeAdapter(SendPlan)
_FINDING = TypeAdapter(Finding)
_FINDINGS = TypeAdapter(tuple[Finding, ...])
_JOB_RECORDS = TypeAdapter(tuple[JobRecord, ...])
_HOLD = TypeAdapter(Hold)
_ITEMS_HOLD = TypeAdapter(ItemsHold)
_TEST = TypeAdapter(ConnectionTest)
_CODES = TypeAdapter(CodesMissing)
_CONTENT = TypeAdapter(Content)
_ANNOTATIONS = TypeAdapter(dict[str, WrittenAnnotation])

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

_Window = Annotated[MaintenanceWindow, PlainValidator(MaintenanceWindow.parse), PlainSerializer(str)]
_AS_TEXT: Mapping[Any, Any] = {
    Endpoint: Annotated[Endpoint, PlainValidator(Endpoint.parse), PlainSerializer(str)],
    tuple[MaintenanceWindow, ...]: tuple[_Window, ...],
}


class StoredSettings:
    """Settings of one class as the JSON of a `settings` column: made from their descriptions, so a new one is stored,
    too. Those named in `columns` have columns of their own and are left out."""

    def __init__(self, settings: Sequence[DescribedSetting], columns: Collection[str] = ()) -> None:
        self._stored: Sequence[tuple[DescribedSetting, TypeAdapter[Any]]] = [
            (one, TypeAdapter(_AS_TEXT.get(one.type, one.type))) for one in settings if one.name not in columns
        ]

    def dump(self, owner: Any) -> dict[str, Any]:
        """The JSON, by public names."""
        return {one.public_name: kind.dump_python(getattr(owner, one.name), mode="json") for one, kind in self._stored}

    def load(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """The values by field names. A setting that was added after the row was stored is not there."""
        return {
            one.name: kind.validate_python(stored[one.public_name])
            for one, kind in self._stored
            if one.public_name in stored
        }


_DOCUMENTS = {"hold", "items_hold", "last_test", "codes_missing"}
_CONNECTION_COLUMNS = Connection.__dataclass_fields__.keys() & set(connections.c.keys()) - _DOCUMENTS
"""Fields that a column of their own holds as they are."""
_CONNECTION_SETTINGS = StoredSettings(CONNECTION_SETTINGS, _CONNECTION_COLUMNS)
_TENANT_SETTINGS = StoredSettings(TENANT_SETTINGS)
_TENANT_COLUMNS = ("id", "slug", "paused", "created_at", "signed_in_at", "first_steps_hidden")


def send_values(send: Send) -> dict[str, Any]:
    """Return all columns except `seq`, storable. The plan is stored separately."""
    return storable(send_fields(send))


def send_fields(send: Send) -> dict[str, Any]:
    """Return the same as it is in the object."""
    searched = {
        "job_key": search_key(send.job_number),
        "work_order_key": search_key(send.work_order_number),
        "customer_key": search_key(send.customer),
    }
    return fields_of(send, "seq", "plan", findings=_FINDINGS.dump_python(send.findings, mode="json"), **searched)


def send_of(row: StoredRow) -> Send:
    return made(
        Send,
        row,
        plan=_PLAN.validate_python(row["plan"]) if row["plan"] else None,
        findings=_FINDINGS.validate_python(row["findings"]),
    )


def cause_in(findings: Any) -> Finding | None:
    """Return what stops a send, of the JSON of its findings. None if there is none."""
    return cause_of(_FINDINGS.validate_python(findings))


def plan_fields(plan: SendPlan) -> dict[str, Any]:
    fields: dict[str, Any] = _PLAN.dump_python(plan, mode="json")
    return fields


def connection_settings(connection: Connection) -> dict[str, Any]:
    """What the settings column holds: every setting that has no column of its own, and the former addresses."""
    former = [[str(one.endpoint), one.used] for one in connection.former_endpoints]
    return storable(_CONNECTION_SETTINGS.dump(connection) | {"former_endpoints": former})


def connection_of(row: StoredRow) -> Connection:
    """A setting that was added after the row was stored has its default."""
    stored = row["settings"]
    return Connection(
        **_CONNECTION_SETTINGS.load(stored) | {name: row[name] for name in _CONNECTION_COLUMNS},
        former_endpoints=tuple(
            FormerEndpoint(Endpoint.parse(url), used) for url, used in stored.get("former_endpoints", ())
        ),
        enhanced_auth=row["client_id"] is not None,
        hold=_HOLD.validate_python(row["hold"]) if row["hold"] else None,
        items_hold=_ITEMS_HOLD.validate_python(row["items_hold"]) if row["items_hold"] else None,
        last_test=_TEST.validate_python(row["last_test"]) if row["last_test"] else None,
        codes_missing=_CODES.validate_python(row["codes_missing"]) if row["codes_missing"] else None,
    )


def tenant_settings(tenant: Tenant) -> dict[str, Any]:
    """What the settings column holds."""
    return storable(_TENANT_SETTINGS.dump(tenant))


def tenant_of(row: StoredRow) -> Tenant:
    """A setting that was added after the row was stored has its default."""
    return Tenant(**_TENANT_SETTINGS.load(row["settings"]) | {name: row[name] for name in _TENANT_COLUMNS})


def line_values(line: LedgerLine) -> dict[str, Any]:
    """Return all columns except `epoch` and `payload_hash`, which are written once and read only by people."""
    return storable(line_fields(line))


def line_fields(line: LedgerLine) -> dict[str, Any]:
    return fields_of(line, findings=_FINDINGS.dump_python(line.findings, mode="json"))


def line_of(row: StoredRow) -> LedgerLine:
    return made(LedgerLine, row, findings=_FINDINGS.validate_python(row["findings"]))


def record_values(record: WorkOrderRecord) -> dict[str, Any]:
    return storable(record_fields(record))


def record_fields(record: WorkOrderRecord) -> dict[str, Any]:
    """The columns as they are in the object; NULL for a work order without a note and a marker."""
    written = _ANNOTATIONS.dump_python(dict(record.annotations), mode="json") if record.annotations else None
    return fields_of(record, annotations=written)


def record_of(row: StoredRow) -> WorkOrderRecord:
    return made(WorkOrderRecord, row, annotations=_ANNOTATIONS.validate_python(row["annotations"] or {}))


def alias_values(alias: Alias) -> dict[str, Any]:
    """Return all columns except `seq` and `tenant_id`."""
    return columns(alias, "seq", "entry") | columns(alias.entry)


def alias_of(row: StoredRow) -> Alias:
    return made(Alias, row, entry=made(AliasEntry, row))


def former_alias_of(row: RowMapping) -> FormerAlias:
    alias = made(Alias, row, id=row["alias_id"], seq=row["alias_seq"], entry=made(AliasEntry, row))
    return FormerAlias(alias, AliasEnd(row["ended"]), row["ended_at"], row["ended_by"])


def hold_values(hold: Hold | None) -> Any:
    return storable(_HOLD.dump_python(hold, mode="json")) if hold else None


def items_hold_values(hold: ItemsHold | None) -> Any:
    return storable(_ITEMS_HOLD.dump_python(hold, mode="json")) if hold else None


def test_values(test: ConnectionTest) -> Any:
    return storable(_TEST.dump_python(test, mode="json"))


def codes_values(found: CodesMissing) -> Any:
    return _CODES.dump_python(found, mode="json")


def finding_tuple(findings: tuple[Finding, ...]) -> Any:
    return _FINDINGS.dump_python(findings, mode="json")


def finding_tuple_of(stored: object) -> tuple[Finding, ...]:
    return _FINDINGS.validate_python(stored)


def finding_values(found: Finding) -> Any:
    return _FINDING.dump_python(found, mode="json")


def warning_values(warning: DashboardWarning) -> dict[str, Any]:
    """All columns."""
    needs = _JOB_RECORDS.dump_python(warning.needs, mode="json")
    found = finding_values(warning.finding)
    return columns(warning, "outcome", finding=found, needs=needs, need_key=warning.need_key)


def warning_of(row: RowMapping) -> DashboardWarning:
    finding, needs = _FINDING.validate_python(row["finding"]), _JOB_RECORDS.validate_python(row["needs"])
    return made(DashboardWarning, row, finding=finding, needs=needs, outcome="")


def content_fields(content: Content) -> dict[str, Any]:
    fields: dict[str, Any] = _CONTENT.dump_python(content, mode="json")
    return fields


def content_of(stored: object) -> Content:
    return _CONTENT.validate_python(stored)


def columns(value: DataclassInstance, /, *without: str, **converted: Any) -> dict[str, Any]:
    """Return the columns of an object's fields, storable. `converted` holds fields that are stored in another form."""
    return storable(fields_of(value, *without, **converted))


def fields_of(value: DataclassInstance, /, *without: str, **converted: Any) -> dict[str, Any]:
    """Return the columns of an object's fields. `converted` holds fields that are stored in another form."""
    return {name: getattr(value, name) for name in value.__dataclass_fields__ if name not in without} | converted


def made(kind: type[T], row: StoredRow, /, **converted: Any) -> T:
    """Return an object of this dataclass from its columns. `converted` holds fields that are stored in another form."""
    values = {name: row[name] for name in kind.__dataclass_fields__ if name not in converted}
    for name, enum in _enums_of(kind).items():
        if name in values:
            values[name] = enum(values[name])
    return kind(**values, **converted)


@cache
def _enums_of(kind: type[DataclassInstance]) -> Mapping[str, type[StrEnum]]:
    """Return the fields that hold a member of an enum."""
    hints = get_type_hints(kind).items()
    return {name: hint for name, hint in hints if isinstance(hint, type) and issubclass(hint, StrEnum)}


def storable(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns with characters that PostgreSQL cannot store replaced, and enums as their values."""
    return {_storable_value(name): _storable_value(value) for name, value in values.items()}


def _storable_value(value: Any) -> Any:
    match value:
        case StrEnum():
            return value.value
        case str():
            return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
        case Mapping():
            return storable(value)
        case list() | tuple():
            return [_storable_value(inner) for inner in value]
        case _:
            return value
