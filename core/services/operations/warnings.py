"""The dashboard's open warnings, one by one."""

from __future__ import annotations

from collections.abc import Sequence

from core.model.operations.audit import AuditEntry
from core.model.sending.send import DashboardWarning
from core.model.shared.position import Position
from core.services.read_progress import with_outcomes
from core.services.service import Service


class Warnings(Service):
    """List the open warnings, and dismiss one."""

    async def open(
        self, tenant_id: str, *, limit: int = 100, after: Position | None = None
    ) -> Sequence[tuple[DashboardWarning, str]]:
        """The newest first, each with the slug of its connection. `after` has the same meaning as in the port."""
        async with self._transactions.begin(tenant_id) as t:
            connections = await t.connections.all()
            found = await with_outcomes(t, await t.warnings.open(limit=limit, after=after), connections)
        slugs = {c.id: c.slug for c in connections}
        return [(warning, slugs[warning.connection_id]) for warning in found]

    async def dismiss(self, tenant_id: str, warning_id: str, *, by: str) -> None:
        """Dismiss a warning. The send itself does not change, so it is still counted.
        Raises NotFound (WARNING_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            gone = await t.warnings.dismiss(warning_id)
            detail = {"code": gone.finding.code, "reason": gone.finding.message}
            detail |= {"job": gone.job_id} if gone.job_id else {}
            subject = gone.send_id or warning_id
            await t.audit.record(AuditEntry(self._clock.now(), by, "warning.dismissed", subject, detail))
