"""The Send menu of a job: one entry for each connection, with its last send and why it cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.model.sending.send import Send
from core.model.work_orders.work_order import WorkOrderRecord
from core.services.service import Service


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """`disabled` says why the entry cannot be used, None if it can. `notice` is a hold that sends will wait for."""

    connection: str
    label: str
    record: WorkOrderRecord | None
    last_send: Send | None
    disabled: str | None
    notice: str | None


class SendMenu(Service):
    async def __call__(self, tenant_id: str, job_id: str) -> Sequence[MenuEntry]:
        """Read our own rows only, so the menu opens at once. Preselect a single entry."""
        entries = []
        async with self._transactions.begin(tenant_id) as t:
            tenant = await t.tenant()
            for connection in await t.connections.all():
                last = await t.sends.page(connection_id=connection.id, job_id=job_id, limit=1)
                paused = "this account is paused" if tenant.paused else "this connection is paused"
                entries.append(
                    MenuEntry(
                        connection=connection.slug,
                        label=f"Send Job to {connection.name}",
                        record=await t.work_orders.find(connection.id, job_id),
                        last_send=last[0] if last else None,
                        disabled=paused if tenant.paused or connection.paused else None,
                        notice=connection.hold.finding.message if connection.hold else None,
                    )
                )
        return entries
