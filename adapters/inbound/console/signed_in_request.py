"""A page's request of a signed-in person, made from the browser's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from aiohttp import web

from adapters.inbound.console.handlers.sign_in import SESSION, form_token, origin_of
from adapters.inbound.console.page_request import PageRequest, TenantRequest
from adapters.inbound.server.request_id import request_id_of
from core.model.access.person import Person
from core.model.tenants.tenant import Tenant
from core.services.wiring import UseCases


def page_request_of(
    use_cases: UseCases, request: web.Request, person: Person, form: Mapping[str, str] | None = None
) -> PageRequest:
    return PageRequest(
        use_cases=use_cases,
        person=person,
        path=request.match_info,
        query=request.query,
        form=form or {},
        form_token=form_token(SESSION.of(request)),
        session=SESSION.of(request),
        address=request.path_qs,
        origin=origin_of(request),
        now=use_cases.clock.now(),
        last_event=request.headers.get("Last-Event-ID", ""),
        request_id=request_id_of(request),
    )


def of_tenant(found: PageRequest, tenant: Tenant) -> TenantRequest:
    return TenantRequest(**{one.name: getattr(found, one.name) for one in fields(PageRequest)}, tenant=tenant)
