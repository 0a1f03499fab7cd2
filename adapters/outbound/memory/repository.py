"""What all repositories in memory share: the rows of one transaction, its tenant and its time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from adapters.outbound.memory.rows import Rows, StoredConnection
from core.model.shared.errors import NotFound
from ports.storage.due_work import WorkKind


class Repository:
    """What all repositories share: the rows of one transaction, its tenant and its time."""

    def __init__(self, rows: Rows, tenant_id: str, now: datetime) -> None:
        self._rows = rows
        self._tenant_id = tenant_id
        self._now = now

    def _connection(self, connection_id: str) -> StoredConnection:
        stored = self._rows.connections.get(connection_id)
        if stored is None or stored.connection.tenant_id != self._tenant_id:
            raise connection_missing(connection_id)
        return stored

    def _wake(self, kind: WorkKind, subject: str, at: datetime | None) -> None:
        """Make it due at `at`, None for now, unless it is due earlier."""
        at = at or self._now
        self._rows.due_work[kind, subject] = min(at, self._rows.due_work.get((kind, subject), at))

    def _set_due(self, kind: WorkKind, subject: str, at: datetime | None) -> None:
        if at is None:
            self._rows.due_work.pop((kind, subject), None)
        else:
            self._rows.due_work[kind, subject] = at

    def _change_connection(self, connection_id: str, **changes: Any) -> None:
        stored = self._connection(connection_id)
        self._rows.connections[connection_id] = replace(stored, connection=replace(stored.connection, **changes))


def connection_missing(name: str) -> NotFound:
    return NotFound(f"There is no connection {name}.", code="CONNECTION_NOT_FOUND")
