"""A restored backup: the jobs completed since, and the form that confirms the comparison."""

from __future__ import annotations

from adapters.inbound.console.page_request import Redirect, Rendered, TenantRequest


async def show_restore(request: TenantRequest) -> Rendered:
    [found] = await request.use_cases.acknowledge_restore.look(request.tenant.id, request.path["connection"])
    return Rendered("restore.html", {"found": found, "connection": found.connection})


async def acknowledge_restore(request: TenantRequest) -> Redirect:
    slug = request.path["connection"]
    await request.use_cases.acknowledge_restore(
        request.tenant.id, slug, reason=request.form.get("reason", ""), by=request.by
    )
    return Redirect(f"{request.home}/connections/{slug}?done=acknowledged")
