"""Tenants, for operators: add with their ServiceTrade login, pause, resume, remove."""

from __future__ import annotations

from adapters.inbound.console.forms import nested
from adapters.inbound.console.page_request import PageRequest, Redirect, Rendered
from adapters.inbound.schema.tenants import TenantIn
from adapters.inbound.server.reading import read_document
from core.model.shared.errors import BadInput, JobferryError
from core.model.tenants.tenant import DEFAULT_BASE_URL

PAGE = "/operator/tenants"
_SIGN_IN = ("base_url", "username", "password", "client_id", "client_secret")


async def list_tenants(request: PageRequest) -> Rendered:
    return await _rendered(request)


async def add_tenant(request: PageRequest) -> Rendered | Redirect:
    """Add a tenant. Its login is tested first, and nothing is stored if it fails."""
    given = {name: value for name, value in request.form.items() if value.strip()}
    try:
        values = {"slug": given.get("slug", "").strip(), "name": given.get("name", "").strip()}
        login = {f"servicetrade.{name}": given[name] for name in _SIGN_IN if name in given}
        asked = read_document({"servicetrade": {}, **nested({**values, **login})}, TenantIn)
        await request.use_cases.add_tenant(
            asked.slug, asked.name, asked.servicetrade.login(), base_url=asked.servicetrade.base_url
        )
    except JobferryError as error:
        return await _rendered(request, error)
    return Redirect(f"{PAGE}?done=added")


async def pause_tenant(request: PageRequest) -> Redirect:
    return await _set_paused(request, paused=True)


async def resume_tenant(request: PageRequest) -> Redirect:
    return await _set_paused(request, paused=False)


async def remove_tenant(request: PageRequest) -> Rendered | Redirect:
    """Remove the tenant if its short name is typed in as confirmation."""
    tenant = await request.use_cases.find_tenant(request.path["slug"])
    try:
        if request.form.get("sure", "").strip() != tenant.slug:
            raise BadInput("Nothing was removed.", fix=f"Type {tenant.slug} into the field to remove it.")
        await request.use_cases.change_tenant.remove(tenant, by=request.by)
    except JobferryError as error:
        return await _rendered(request, error)
    return Redirect(f"{PAGE}?done=removed")


async def _set_paused(request: PageRequest, *, paused: bool) -> Redirect:
    tenant = await request.use_cases.find_tenant(request.path["slug"])
    await request.use_cases.change_tenant.pause(tenant, paused=paused, by=request.by)
    return Redirect(f"{PAGE}?done={'paused' if paused else 'resumed'}")


async def _rendered(request: PageRequest, error: JobferryError | None = None) -> Rendered:
    """The page; after an error with the form as it was filled in, without its secrets."""
    filled = {name: request.form.get(name, "") for name in ("slug", "name", "base_url", "username", "client_id")}
    return Rendered(
        "tenants.html",
        {
            "tenants": await request.use_cases.find_tenant.all(),
            "filled": filled,
            "base_url": DEFAULT_BASE_URL,
            "done": request.query.get("done", ""),
        },
        error=error,
    )
