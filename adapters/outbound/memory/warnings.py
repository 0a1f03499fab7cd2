"""The dashboard's warnings of a tenant, in memory."""

from __future__ import annotations

from collections.abc import Sequence

from core.model.errors import NotFound
from core.model.position import Position
from core.model.send import Warning
from ports.warnings import Warnings


class MemoryWarnings(Warnings):
    def __init__(self, rows: dict[tuple[str, str], Warning], tenant_id: str) -> None:
        self._rows = rows
        self._tenant_id = tenant_id

    async def put(self, warning: Warning) -> None:
        self._rows[warning.connection_id, warning.job_id] = warning

    async def clear(self, connection_id: str, job_id: str) -> None:
        found = self._rows.get((connection_id, job_id))
        if found and found.tenant_id == self._tenant_id:
            del self._rows[connection_id, job_id]

    async def dismiss(self, warning_id: str) -> None:
        for warning in await self.open(limit=len(self._rows)):
            if warning.id == warning_id:
                del self._rows[warning.connection_id, warning.job_id]
                return
        raise NotFound(f"There is no open warning {warning_id}.", code="WARNING_NOT_FOUND")

    async def open(self, *, limit: int = 100, after: Position | None = None) -> Sequence[Warning]:
        ours = (warning for warning in self._rows.values() if warning.tenant_id == self._tenant_id)
        ordered = sorted(ours, key=_position, reverse=True)
        return [warning for warning in ordered if after is None or _position(warning) < after][:limit]


def _position(warning: Warning) -> Position:
    return Position(warning.raised_at, warning.id)
