"""Nouns to and from the rows that hold them: the one place that knows how a plan or a hold looks as JSON.

PostgreSQL stores neither NUL nor half a surrogate pair, and both come in answers of other systems: what goes into a row
has U+FFFD in their place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import RowMapping

from core.model.connection import Connection, ExternalSync, Hold, LongText, Overwrite, PluginUse
from core.model.endpoint import Endpoint
from core.model.finding import Finding
from core.model.plan import SendPlan
from core.model.send import Attempt, Send, SendState, Step, Warning
from core.model.work_order import WorkOrderRecord

_PLAN = TypeAdapter(SendPlan)
_FINDING = TypeAdapter(Finding)
_FINDINGS = TypeAdapter(tuple[Finding, ...])
_HOLD = TypeAdapter(Hold)

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

_SETTINGS = (
    "name", "company_code", "leading_character", "default_work_order_type", "lead_source", "long_text", "overwrite",
    "ca_certificate", "enhanced_auth", "failure_tag",
)  # fmt: skip


def send_values(send: Send) -> dict[str, Any]:
    """All columns but `seq`."""
    values = {
        "id": send.id, "tenant_id": send.tenant_id, "connection_id": send.connection_id, "job_id": send.job_id,
        "state": send.state.value, "step": send.step.value, "due_at": send.due_at, "attempts": send.attempts,
        "waits": send.waits,
        "adopt": send.adopt, "expected_hash": send.expected_hash,
        "plan": _PLAN.dump_python(send.plan, mode="json") if send.plan else None,
        "work_order_number": send.work_order_number,
        "findings": _FINDINGS.dump_python(send.findings, mode="json"),
        "requested_at": send.requested_at, "requested_by": send.requested_by, "finished_at": send.finished_at,
        "version": send.version,
    }  # fmt: skip
    return _storable(values)


def send_of(row: RowMapping) -> Send:
    values = dict(row)
    plan = values.pop("plan")
    return Send(
        **values
        | {
            "state": SendState(row["state"]),
            "step": Step(row["step"]),
            "plan": _PLAN.validate_python(plan) if plan else None,
            "findings": _FINDINGS.validate_python(row["findings"]),
        }
    )


def attempt_values(attempt: Attempt) -> dict[str, Any]:
    """All columns but `seq` and `tenant_id`."""
    values = {name: getattr(attempt, name) for name in Attempt.__dataclass_fields__}
    return _storable(values | {"step": attempt.step.value})


def attempt_of(row: RowMapping) -> Attempt:
    values = {name: value for name, value in row.items() if name not in ("seq", "tenant_id")}
    return Attempt(**values | {"step": Step(row["step"])})


def connection_settings(connection: Connection) -> dict[str, Any]:
    """What the settings column holds: everything that is neither a key, a secret nor a state."""
    sync = connection.external_sync
    return _storable(
        {name: getattr(connection, name) for name in _SETTINGS}
        | {
            "endpoint_url": str(connection.endpoint),
            "external_sync": asdict(sync) if sync else None,
            "plugins": [asdict(use) for use in connection.plugins],
        }
    )


def connection_of(row: RowMapping) -> Connection:
    settings = dict(row["settings"])
    sync, uses = settings.pop("external_sync"), settings.pop("plugins")
    return Connection(
        id=row["id"],
        tenant_id=row["tenant_id"],
        slug=row["slug"],
        external_system=row["external_system"],
        endpoint=Endpoint.parse(settings.pop("endpoint_url")),
        external_sync=ExternalSync(**sync) if sync else None,
        plugins=tuple(PluginUse(**use) for use in uses),
        paused=row["paused"],
        hold=_HOLD.validate_python(row["hold"]) if row["hold"] else None,
        version=row["version"],
        long_text=LongText(settings.pop("long_text")),
        overwrite=Overwrite(settings.pop("overwrite")),
        **settings,
    )


def hold_values(hold: Hold | None) -> Any:
    return _storable(_HOLD.dump_python(hold, mode="json")) if hold else None


def warning_values(warning: Warning) -> dict[str, Any]:
    """All columns."""
    values = {name: getattr(warning, name) for name in Warning.__dataclass_fields__}
    return _storable(values | {"finding": _FINDING.dump_python(warning.finding, mode="json")})


def warning_of(row: RowMapping) -> Warning:
    return Warning(**dict(row) | {"finding": _FINDING.validate_python(row["finding"])})


def work_order_values(record: WorkOrderRecord) -> dict[str, Any]:
    """All columns."""
    values = {name: getattr(record, name) for name in WorkOrderRecord.__dataclass_fields__}
    return _storable(values | {"sent": dict(record.sent) if record.sent is not None else None})


def work_order_of(row: RowMapping) -> WorkOrderRecord:
    return WorkOrderRecord(**row)


def _storable(values: Mapping[str, Any]) -> dict[str, Any]:
    return {_storable_value(name): _storable_value(value) for name, value in values.items()}


def _storable_value(value: Any) -> Any:
    match value:
        case str():
            return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
        case Mapping():
            return _storable(value)
        case list() | tuple():
            return [_storable_value(inner) for inner in value]
        case _:
            return value
