"""Tenants, for operators: add with their ServiceTrade login, pause, resume, remove."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from adapters.inbound.console.forms import nested, parsed, problems_of, without_input
from adapters.inbound.console.page_request import PageRequest, Redirect, Rendered
from adapters.inbound.console.setting_fields import tenant_fields
from adapters.inbound.schema.tenants import TenantIn
from adapters.inbound.server.reading import read_document
from core.model.shared.errors import BadInput, JobferryError
from core.model.tenants.settings import SERVICETRADE

PAGE = "/operator/tenants"
SHOWN = 50


async def list_tenants(request: PageRequest, error: JobferryError | None = None) -> Rendered:
    """The page; after an error with the form as it was filled in, without its secrets."""
    fields = [
        replace(field, value="" if field.kind == "secret" else request.form.get(field.name, ""))
        for field in tenant_fields()
    ]
    problems = problems_of(error) if isinstance(error, BadInput) else {}
    page = await request.use_cases.find_tenant.page(limit=SHOWN, after=request.query.get("after") or None)
    return Rendered(
        "tenants.html",
        {
            "tenants": page.tenants,
            "newer": urlencode({"after": page.next_after}) if page.next_after else "",
            "fields": fields,
            "problems": problems,
            "others": without_input(problems, fields),
            "sign_in": SERVICETRADE,
            "done": request.query.get("done", ""),
        },
        error=error,
    )


async def add_tenant(request: PageRequest) -> Rendered | Redirect:
    """Add a tenant. Its login is tested first, and nothing is stored if it fails."""
    try:
        asked = read_document(_new(request.form), TenantIn)
        await request.use_cases.add_tenant(asked.tenant(), asked.servicetrade.login(), by=request.by)
    except JobferryError as error:
        return await list_tenants(request, error)
    return Redirect(f"{PAGE}?done=added")


async def pause_tenant(request: PageRequest) -> Redirect:
    return await _set_paused(request, paused=True)


async def resume_tenant(request: PageRequest) -> Redirect:
    return await _set_paused(request, paused=False)


async def remove_tenant(request: PageRequest) -> Rendered | Redirect:
    """Remove the tenant if its short name is typed in as confirmation."""
    tenant = await request.use_cases.find_tenant.fresh(request.path["slug"])
    try:
        if request.form.get("sure", "").strip() != tenant.slug:
            raise BadInput("Nothing was removed.", fix=f"Type {tenant.slug} into the field to remove it.")
        await request.use_cases.change_tenant.remove(tenant, by=request.by)
    except JobferryError as error:
        return await list_tenants(request, error)
    return Redirect(f"{PAGE}?done=removed")


async def _set_paused(request: PageRequest, *, paused: bool) -> Redirect:
    tenant = await request.use_cases.find_tenant.fresh(request.path["slug"])
    await request.use_cases.change_tenant.pause(tenant, paused=paused, by=request.by)
    return Redirect(f"{PAGE}?done={'paused' if paused else 'resumed'}")


def _new(form: Mapping[str, str]) -> dict[str, Any]:
    """The form as the API's message for a new tenant; empty fields get their defaults. A secret is taken as typed."""
    values = {field.name: parsed(field, form.get(field.name, "")) for field in tenant_fields()}
    secrets = {
        field.name: form[field.name] for field in tenant_fields() if field.kind == "secret" and values[field.name]
    }
    return {"servicetrade": {}, **nested(values | secrets)}
