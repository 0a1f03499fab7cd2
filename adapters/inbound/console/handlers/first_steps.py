"""The first steps of a new tenant: a part of Home, which counts missing codes after the page is there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from adapters.inbound.console.page_request import PageRequest, Redirect, Rendered, TenantRequest
from core.model.operations.first_steps import FirstStep, FirstSteps
from core.model.shared.errors import JobferryError

COUNTED_FOR = timedelta(minutes=5)
"""How long a count of missing codes is shown before the page counts again: that reads many records."""
_TITLES: Mapping[FirstStep, str] = {
    FirstStep.SIGN_IN: "Sign in to ServiceTrade",
    FirstStep.CONNECT: "Connect Spectrum",
    FirstStep.TEST: "Test the connection",
    FirstStep.CODES: "Set customer and site codes",
    FirstStep.SEND: "Send a first job",
    FirstStep.PEOPLE: "Invite people",
}


async def first_steps_content(request: TenantRequest) -> Mapping[str, Any]:
    """What `parts/first_steps.html` needs. Without JavaScript it shows the last count."""
    found = await request.use_cases.show_first_steps(request.tenant.id)
    return _content(found, counting=found.shown and found.counts_codes and not _is_fresh(found, request))


async def count_codes(request: TenantRequest) -> Rendered:
    """The part again, with missing codes counted now. If ServiceTrade cannot be read, the last count stays."""
    found = await request.use_cases.show_first_steps(request.tenant.id)
    if found.counts_codes and not _is_fresh(found, request):
        try:
            for connection in await request.use_cases.find_connection.all(request.tenant.id):
                await request.use_cases.check_readiness(request.tenant.id, connection.slug)
        except JobferryError:
            pass  # the page of the codes says why
        found = await request.use_cases.show_first_steps(request.tenant.id)
    return Rendered("parts/first_steps.html", _content(found, counting=False))


async def hide_first_steps(request: TenantRequest) -> Redirect:
    await request.use_cases.change_tenant.hide_first_steps(request.tenant, hidden=True, by=request.by)
    return Redirect(request.home)


async def show_first_steps_again(request: TenantRequest) -> Redirect:
    await request.use_cases.change_tenant.hide_first_steps(request.tenant, hidden=False, by=request.by)
    return Redirect(request.home)


def _content(found: FirstSteps, *, counting: bool) -> Mapping[str, Any]:
    return {"first_steps": found, "step_titles": _TITLES, "counting": counting}


def _is_fresh(found: FirstSteps, request: PageRequest) -> bool:
    codes = next(one for one in found.steps if one.step is FirstStep.CODES)
    return codes.at is not None and request.now - codes.at < COUNTED_FOR
