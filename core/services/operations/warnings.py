"""The dashboard's open warnings, one by one."""

from __future__ import annotations

from collections.abc import Sequence

from core.model.sending.send import DashboardWarning
from core.model.shared.position import Position
from core.services.service import Service


class Warnings(Service):
    """List the open warnings, and dismiss one."""

    async def open(
        self, tenant_id: str, *, limit: int = 100, after: Position | None = None
    ) -> Sequence[tuple[DashboardWarning, str]]:
        """The newest first, each with the slug of its connection. `after` has the same meaning as in the port."""
        async with self._transactions.begin(tenant_id) as t:
            slugs = {c.id: c.slug for c in await t.connections.all()}
            return [(w, slugs[w.connection_id]) for w in await t.warnings.open(limit=limit, after=after)]

    async def dismiss(self, tenant_id: str, warning_id: str) -> None:
        """Dismiss a warning. The send itself does not change, so it is still counted.
        Raises NotFound (WARNING_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            await t.warnings.dismiss(warning_id)
