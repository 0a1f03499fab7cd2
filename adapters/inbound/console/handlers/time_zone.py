"""The time zone of a tenant that has none yet: the first page offers that of the browser."""

from __future__ import annotations

from dataclasses import replace

from adapters.inbound.console.page_request import Redirect, Rendered, TenantRequest
from core.model.shared.errors import BadInput, Conflict


async def set_time_zone(request: TenantRequest) -> Rendered | Redirect:
    """Raises Conflict (TIME_ZONE_SET) if somebody else has set one meanwhile: an old page does not replace it."""
    tenant = await request.use_cases.find_tenant.fresh(request.tenant.slug)
    if tenant.time_zone is not None:
        raise Conflict(
            f"Somebody has set the time zone already: {tenant.time_zone}.",
            code="TIME_ZONE_SET",
            fix="Change it in the account's settings if it is wrong.",
        )
    asked = request.form.get("time_zone", "").strip()
    try:
        if not asked:
            raise BadInput("No time zone is given.", fix="Give an IANA name such as America/Chicago.")
        await request.use_cases.change_tenant(tenant, replace(tenant, time_zone=asked), by=request.by)
    except BadInput as error:
        return Rendered("time_zone.html", {"asked_zone": asked}, error=error)
    return Redirect(request.home)
