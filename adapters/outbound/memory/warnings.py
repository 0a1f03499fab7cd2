"""The dashboard warnings of a tenant, in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from adapters.outbound.memory.repository import Repository
from adapters.outbound.memory.rows import WarningKey
from core.model.operations.job_counts import OpenSend
from core.model.sending.send import DashboardWarning, Topic
from core.model.shared.errors import NotFound
from core.model.shared.position import Position
from ports.storage.warnings import Warnings


class MemoryWarnings(Repository, Warnings):
    async def put(self, warning: DashboardWarning) -> None:
        self._rows.warnings[_key(warning)] = warning

    async def clear(self, connection_id: str, job_id: str | None, topic: str = Topic.SEND) -> None:
        for one in list(self._rows.warnings.values()):
            same = (one.tenant_id, one.connection_id, one.topic) == (self._tenant_id, connection_id, topic)
            if same and job_id in (None, one.job_id):
                del self._rows.warnings[_key(one)]

    async def dismiss(self, warning_id: str) -> DashboardWarning:
        for warning in await self.open(limit=len(self._rows.warnings)):
            if warning.id == warning_id:
                return self._rows.warnings.pop(_key(warning))
        raise NotFound(f"There is no open warning {warning_id}.", code="WARNING_NOT_FOUND")

    async def open(
        self, *, limit: int = 100, after: Position | None = None, code: str | None = None
    ) -> Sequence[DashboardWarning]:
        mine = (one for one in self._rows.warnings.values() if one.tenant_id == self._tenant_id)
        ours = (one for one in mine if code in (None, one.finding.code))
        ordered = sorted(ours, key=_position, reverse=True)
        return [warning for warning in ordered if after is None or _position(warning) < after][:limit]

    async def needing(
        self, connection_id: str, need_keys: Collection[str], *, limit: int
    ) -> Sequence[DashboardWarning]:
        ours = await self.open(limit=len(self._rows.warnings))
        found = [one for one in ours if one.connection_id == connection_id and one.needs and one.need_key in need_keys]
        return found[:limit]

    async def count_needing(self, connection_id: str, need_keys: Collection[str], *, without: str) -> int:
        found = await self.needing(connection_id, need_keys, limit=len(self._rows.warnings))
        return sum(one.job_id != without for one in found)

    async def needing_codes(self, sends: Sequence[OpenSend]) -> Sequence[DashboardWarning]:
        ids = {one.send_id for one in sends}
        found = await self.open(limit=len(self._rows.warnings))
        return [one for one in found if one.send_id in ids and one.topic == Topic.SEND and one.need_key]

    async def beside_sends(self, *, limit: int) -> Sequence[DashboardWarning]:
        found = await self.open(limit=len(self._rows.warnings))
        return [one for one in found if one.topic != Topic.SEND][:limit]


def _key(warning: DashboardWarning) -> WarningKey:
    return warning.connection_id, warning.job_id, warning.topic


def _position(warning: DashboardWarning) -> Position:
    return Position(warning.raised_at, warning.id)
