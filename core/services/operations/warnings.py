"""The dashboard's open warnings: list them, all or those of one cause, and dismiss one."""

from __future__ import annotations

from collections.abc import Sequence

from core.model.sending.send import DashboardWarning
from core.model.shared.errors import NotFound
from core.model.shared.position import Position
from core.services.operations.show_home import Trouble, trouble
from core.services.sending.batches import LARGEST_BATCH
from core.services.service import Service


class Warnings(Service):
    async def open(
        self, tenant_id: str, *, limit: int = 100, after: Position | None = None
    ) -> Sequence[tuple[DashboardWarning, str]]:
        """The newest first, each with the slug of its connection. `after` has the same meaning as in the port."""
        async with self._transactions.begin(tenant_id) as t:
            slugs = {c.id: c.slug for c in await t.connections.all()}
            return [(w, slugs[w.connection_id]) for w in await t.warnings.open(limit=limit, after=after)]

    async def of_cause(self, tenant_id: str, code: str) -> Trouble:
        """The cause with its newest LARGEST_BATCH open warnings. Raises NotFound (CAUSE_NOT_FOUND) if none is open."""
        async with self._transactions.begin(tenant_id) as t:
            cause = next((one for one in await t.warnings.causes() if one.code == code), None)
            if cause is None:
                raise NotFound(
                    "No warning of this cause is open any more.", code="CAUSE_NOT_FOUND", fix="See the start page."
                )
            return await trouble(t, cause, LARGEST_BATCH)

    async def dismiss(self, tenant_id: str, warning_id: str) -> None:
        """Dismiss a warning. The send itself does not change. Raises NotFound (WARNING_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            await t.warnings.dismiss(warning_id)
