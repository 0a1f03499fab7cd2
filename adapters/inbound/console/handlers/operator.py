"""The operator's home: the whole installation, and each tenant with what needs attention."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.inbound.console.page_request import PageRequest, Rendered
from adapters.inbound.console.words import STATES
from core.model.tenants.tenant import Tenant
from core.services.operations.show_home import Home

SHOWN = 100


@dataclass(frozen=True, slots=True)
class TenantRow:
    tenant: Tenant
    home: Home

    @property
    def needs_attention(self) -> int:
        """Warnings that do not pass by themselves."""
        return sum(one.cause.count for one in self.home.troubles if not one.by_itself)

    @property
    def doubts(self) -> str:
        return f"{len(self.home.doubts)}{' or more' if self.home.more_doubts else ''}"

    @property
    def paused(self) -> int:
        return sum(one.paused for one in self.home.connections)

    @property
    def held(self) -> int:
        return sum(one.hold is not None for one in self.home.connections)

    @property
    def calm(self) -> bool:
        return not (self.needs_attention or self.home.doubts or self.paused or self.held or self.tenant.paused)


async def operator_home(request: PageRequest) -> Rendered:
    """Reads only the database, so it works without the remote systems. Tenants that need attention come first."""
    page = await request.use_cases.find_tenant.page(limit=SHOWN)
    rows = [TenantRow(one, await request.use_cases.show_home(one.id)) for one in page.tenants]
    report = await request.use_cases.collect_stats()
    names = {one.id: f"{row.tenant.name}: {one.name}" for row in rows for one in row.home.connections}
    workers = await request.use_cases.collect_stats.workers()
    return Rendered(
        "operator.html",
        {
            "rows": sorted(rows, key=lambda row: row.calm),
            "more": page.next_after is not None,
            "census": report.census,
            "workers": [(one, [names.get(id, id) for id in one.in_hand]) for one in workers],
            "queue_minutes": int(report.age_seconds // 60),
            "states": STATES,
        },
    )
