"""Converts model objects to rows and back. Only this module knows how a plan or a hold is stored as JSON.

PostgreSQL cannot store NUL or half a surrogate pair, but answers of other systems contain both. They are replaced by
U+FFFD.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator, TypeAdapter
from sqlalchemy import RowMapping

from core.model.connections.connection import Connection, FormerEndpoint, Hold, ItemsHold
from core.model.connections.endpoint import Endpoint
from core.model.connections.settings import CONNECTION_SETTINGS
from core.model.mappings.alias import Alias, AliasEnd, AliasEntry, AliasKind, FormerAlias
from core.model.operations.audit import AuditEntry
from core.model.planning.plan import SendPlan
from core.model.sending.send import Attempt, DashboardWarning, HeaderState, Send, SendState, Step
from core.model.shared.finding import Finding
from core.model.work_orders.cost_line import ItemsMode, LedgerLine, LinePurpose, LineState
from core.model.work_orders.item import ItemKind
from core.model.work_orders.work_order import WorkOrderRecord

_PLAN = TypeAdapter(SendPlan)
_FINDING = TypeAdapter(Finding)
_FINDINGS = TypeAdapter(tuple[Finding, ...])
_HOLD = TypeAdapter(Hold)
_ITEMS_HOLD = TypeAdapter(ItemsHold)

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

_CONNECTION_COLUMNS = (
    "id",
    "tenant_id",
    "slug",
    "external_system",
    "client_secret_expires_at",
    "paused",
    "plugin_failures",
    "intents",
    "last_intent_at",
    "restored_at",
    "endpoint_used",
    "version",
)
_AS_TEXT = {Endpoint: Annotated[Endpoint, PlainValidator(Endpoint.parse), PlainSerializer(str)]}
_SETTING: Mapping[str, TypeAdapter[Any]] = {
    one.name: TypeAdapter(_AS_TEXT.get(one.type, one.type))
    for one in CONNECTION_SETTINGS
    if one.name not in _CONNECTION_COLUMNS
}


def send_values(send: Send) -> dict[str, Any]:
    """Return all columns except `seq`. The plan is stored separately."""
    values = {
        "id": send.id,
        "tenant_id": send.tenant_id,
        "connection_id": send.connection_id,
        "job_id": send.job_id,
        "state": send.state.value,
        "step": send.step.value,
        "due_at": send.due_at,
        "attempts": send.attempts,
        "waits": send.waits,
        "adopt": send.adopt,
        "expected_hash": send.expected_hash,
        "items": send.items.value,
        "completes": send.completes,
        "work_order_number": send.work_order_number,
        "findings": _FINDINGS.dump_python(send.findings, mode="json"),
        "requested_at": send.requested_at,
        "requested_by": send.requested_by,
        "finished_at": send.finished_at,
        "version": send.version,
        "batch_id": send.batch_id,
        "plan_id": send.plan_id,
        "header": send.header.value,
        "number_written": send.number_written,
        "waits_for": send.waits_for,
    }
    return storable(values)


def send_of(row: RowMapping) -> Send:
    values = dict(row)
    plan = values.pop("plan")
    return Send(
        **values
        | {
            "state": SendState(row["state"]),
            "step": Step(row["step"]),
            "items": ItemsMode(row["items"]),
            "header": HeaderState(row["header"]),
            "plan": _PLAN.validate_python(plan) if plan else None,
            "findings": _FINDINGS.validate_python(row["findings"]),
        }
    )


def plan_values(plan: SendPlan) -> dict[str, Any]:
    return storable(_PLAN.dump_python(plan, mode="json"))


def attempt_values(attempt: Attempt) -> dict[str, Any]:
    """Return all columns except `seq` and `tenant_id`."""
    values = {name: getattr(attempt, name) for name in Attempt.__dataclass_fields__}
    return storable(values | {"step": attempt.step.value})


def attempt_of(row: RowMapping) -> Attempt:
    values = {name: value for name, value in row.items() if name not in ("seq", "tenant_id")}
    return Attempt(**values | {"step": Step(row["step"])})


def connection_settings(connection: Connection) -> dict[str, Any]:
    """What the settings column holds: every setting that has no column of its own, and the former addresses."""
    settings = {
        one.public_name: _SETTING[one.name].dump_python(getattr(connection, one.name), mode="json")
        for one in CONNECTION_SETTINGS
        if one.name in _SETTING
    }
    return storable(
        settings | {"former_endpoints": [[str(one.endpoint), one.used] for one in connection.former_endpoints]}
    )


def connection_of(row: RowMapping) -> Connection:
    """A setting that was added after the row was stored has its default."""
    stored = row["settings"]
    settings = {
        one.name: _SETTING[one.name].validate_python(stored[one.public_name])
        for one in CONNECTION_SETTINGS
        if one.name in _SETTING and one.public_name in stored
    }
    return Connection(
        **settings | {name: row[name] for name in _CONNECTION_COLUMNS},
        former_endpoints=tuple(
            FormerEndpoint(Endpoint.parse(url), used) for url, used in stored.get("former_endpoints", ())
        ),
        enhanced_auth=row["client_id"] is not None,
        hold=_HOLD.validate_python(row["hold"]) if row["hold"] else None,
        items_hold=_ITEMS_HOLD.validate_python(row["items_hold"]) if row["items_hold"] else None,
    )


def line_values(line: LedgerLine) -> dict[str, Any]:
    """Return all columns except `epoch` and `payload_hash`, which are written once and read only by people."""
    values = {name: getattr(line, name) for name in LedgerLine.__dataclass_fields__}
    changed = {
        "kind": line.kind.value,
        "purpose": line.purpose.value,
        "state": line.state.value,
        "fields": dict(line.fields),
        "findings": findings_values(line.findings),
    }
    return storable(values | changed)


def line_of(row: RowMapping) -> LedgerLine:
    values = {name: row[name] for name in LedgerLine.__dataclass_fields__}
    return LedgerLine(
        **values
        | {
            "kind": ItemKind(row["kind"]),
            "purpose": LinePurpose(row["purpose"]),
            "state": LineState(row["state"]),
            "findings": _FINDINGS.validate_python(row["findings"]),
        }
    )


def findings_values(findings: Sequence[Finding]) -> Any:
    return _storable_value(_FINDINGS.dump_python(tuple(findings), mode="json"))


def audit_values(entry: AuditEntry) -> dict[str, Any]:
    """Return all columns except `seq` and `tenant_id`."""
    values = {name: getattr(entry, name) for name in ("at", "actor", "action", "subject")}
    return storable(values | {"detail": dict(entry.detail)})


def audit_of(row: RowMapping) -> AuditEntry:
    return AuditEntry(**{name: value for name, value in row.items() if name != "tenant_id"})


def alias_values(alias: Alias) -> dict[str, Any]:
    """Return all columns except `seq` and `tenant_id`."""
    values = {name: getattr(alias, name) for name in ("id", "connection_id", "set_at", "set_by")}
    entry = alias.entry
    mapped = {
        "kind": entry.kind.value,
        "servicetrade_id": entry.servicetrade_id,
        "name": entry.name,
        "code": entry.code,
    }
    return storable(values | mapped)


def alias_of(row: RowMapping) -> Alias:
    return _alias_of(row, row["id"], row["seq"])


def former_alias_of(row: RowMapping) -> FormerAlias:
    alias = _alias_of(row, row["alias_id"], row["alias_seq"])
    return FormerAlias(alias, AliasEnd(row["ended"]), row["ended_at"], row["ended_by"])


def _alias_of(row: RowMapping, alias_id: str, seq: int) -> Alias:
    return Alias(
        id=alias_id,
        connection_id=row["connection_id"],
        entry=AliasEntry(AliasKind(row["kind"]), row["servicetrade_id"], row["name"], row["code"]),
        set_at=row["set_at"],
        set_by=row["set_by"],
        seq=seq,
    )


def hold_values(hold: Hold | None) -> Any:
    return storable(_HOLD.dump_python(hold, mode="json")) if hold else None


def items_hold_values(hold: ItemsHold | None) -> Any:
    return storable(_ITEMS_HOLD.dump_python(hold, mode="json")) if hold else None


def warning_values(warning: DashboardWarning) -> dict[str, Any]:
    """All columns."""
    values = {name: getattr(warning, name) for name in DashboardWarning.__dataclass_fields__}
    return storable(values | {"finding": _FINDING.dump_python(warning.finding, mode="json")})


def warning_of(row: RowMapping) -> DashboardWarning:
    return DashboardWarning(**dict(row) | {"finding": _FINDING.validate_python(row["finding"])})


def work_order_values(record: WorkOrderRecord) -> dict[str, Any]:
    """All columns."""
    values = {name: getattr(record, name) for name in WorkOrderRecord.__dataclass_fields__}
    return storable(values | {"sent": dict(record.sent) if record.sent is not None else None})


def work_order_of(row: RowMapping) -> WorkOrderRecord:
    return WorkOrderRecord(**row)


def storable(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns with characters that PostgreSQL cannot store replaced."""
    return {_storable_value(name): _storable_value(value) for name, value in values.items()}


def _storable_value(value: Any) -> Any:
    match value:
        case str():
            return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
        case Mapping():
            return storable(value)
        case list() | tuple():
            return [_storable_value(inner) for inner in value]
        case _:
            return value
