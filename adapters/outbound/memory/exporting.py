"""A tenant's rows as JSON, in memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from adapters.outbound.memory.rows import Rows
from core.model.shared.secret import Secret


def exported_rows(rows: Rows, tenant_id: str) -> Iterator[tuple[str, str]]:
    """The kind and the row, of the kinds that people ask for."""
    kinds: dict[str, Iterable[Any]] = {
        "tenants": [one.tenant for one in rows.tenants.values() if one.tenant.id == tenant_id],
        "connections": [one.connection for one in rows.connections.values()],
        "people": [person for person, _ in rows.people.people.values()],
        "api_keys": [one.key for one in rows.api_keys.values()],
        "sends": rows.sends.values(),
        "cost_lines": rows.ledger.values(),
        "work_orders": rows.work_orders.values(),
        "creations": rows.creations.values(),
        "warnings": rows.warnings.values(),
        "audit": [entry for owner, entry in rows.audit if owner == tenant_id],
    }
    for kind, found in kinds.items():
        for row in found:
            if getattr(row, "tenant_id", tenant_id) == tenant_id:
                yield kind, json.dumps(asdict(row), default=_text)


def _text(value: object) -> str | list[object]:
    if isinstance(value, (Secret, bytes)):
        return ""
    return [*value] if isinstance(value, (set, frozenset)) else str(value)
