"""The operator's home: the whole installation, and each tenant with what needs attention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.inbound.console.menu import section_of
from adapters.inbound.console.page_request import PageRequest, Redirect, Rendered
from adapters.inbound.console.words import STATES
from core.model.connections.connection import Connection
from core.model.operations.job_counts import Waiting
from core.model.tenants.tenant import Tenant
from core.services.operations.count_jobs import Attention

SHOWN = 100


@dataclass(frozen=True, slots=True)
class TenantRow:
    """`attention` is what the tenant's own pages say."""

    tenant: Tenant
    attention: Attention
    connections: Sequence[Connection]

    @property
    def items_in_doubt(self) -> int:
        return self.attention.jobs.groups[Waiting.IN_DOUBT].items

    @property
    def paused(self) -> int:
        return sum(one.paused for one in self.connections)

    @property
    def held(self) -> int:
        return sum(one.hold is not None for one in self.connections)

    @property
    def calm(self) -> bool:
        return not (self.attention.total or self.paused or self.held or self.tenant.paused)


async def operator_home(request: PageRequest) -> Rendered:
    """Reads only the database, so it works without the remote systems. Tenants that need attention come first."""
    page = await request.use_cases.find_tenant.page(limit=SHOWN)
    rows = [
        TenantRow(one, await request.use_cases.count_jobs(one.id), await request.use_cases.find_connection.all(one.id))
        for one in page.tenants
    ]
    report = await request.use_cases.collect_stats()
    names = {one.id: f"{row.tenant.name}: {one.name}" for row in rows for one in row.connections}
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


async def switch_tenant(request: PageRequest) -> Redirect:
    """The same page of another tenant. Raises NotFound (TENANT_NOT_FOUND)."""
    slug = request.query.get("tenant", "")
    if not slug:
        return Redirect("/operator/tenants")
    tenant = await request.use_cases.find_tenant(slug, request.caller)
    section = request.query.get("at", "")
    return Redirect(f"/t/{tenant.slug}{section_of(section)}")
