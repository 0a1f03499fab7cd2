"""The tenant's own settings: its name and time zone, its sign-in to ServiceTrade, its pause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from adapters.inbound.console.forms import Field, nested, parsed, problems_of, text_of, without_input
from adapters.inbound.console.page_request import Redirect, Rendered, StreamedFile, TenantRequest
from adapters.inbound.console.setting_fields import own_tenant_fields, sign_in_fields
from adapters.inbound.schema.tenants import TenantOut, TenantPatch
from adapters.inbound.server.reading import read_document
from core.model.shared.errors import BadInput, FieldError, JobferryError
from core.model.tenants.tenant import Tenant

_SHOWN = "shown."
"""Before the name of a hidden input: what the page showed. Only what differs from that is changed, so that two people
who save the page do not undo each other's changes."""
_DEFAULTS = "plugin_defaults"


async def show_account_settings(request: TenantRequest) -> Rendered:
    return await _page(request)


async def save_account_settings(request: TenantRequest) -> Rendered | Redirect:
    form = request.form
    typed = {one.name: parsed(one, form.get(one.name, "")) for one in own_tenant_fields()}
    shown = {one.name: parsed(one, form.get(_SHOWN + one.name, "")) for one in own_tenant_fields()}
    try:
        values = {name: value for name, value in typed.items() if value != shown[name]}
        if isinstance(values.get(_DEFAULTS), dict):  # the patch removes only what is null
            values[_DEFAULTS] = dict.fromkeys((await _fresh(request)).plugin_defaults) | values[_DEFAULTS]
        await _change(request, read_document(values, TenantPatch))
    except JobferryError as error:
        return await _page(request, error)
    return Redirect(f"{request.home}/settings?done=saved")


async def save_sign_in(request: TenantRequest) -> Rendered | Redirect:
    """Change the address, the login or both. It is tested first, and nothing is stored if ServiceTrade refuses it."""
    try:
        patch = read_document({"servicetrade": {}, **nested(_given_sign_in(request.form))}, TenantPatch)
        await _require_login(request, patch)
        await _change(request, patch)
    except JobferryError as error:
        return await _page(request, error, of="sign_in")
    return Redirect(f"{request.home}/settings?done=sign-in")


async def try_sign_in(request: TenantRequest) -> Rendered | Redirect:
    try:
        await request.use_cases.change_tenant.test_sign_in(request.tenant, by=request.by)
    except JobferryError as error:
        return await _page(request, error, of="test")
    return Redirect(f"{request.home}/settings?done=tested")


async def export_account(request: TenantRequest) -> StreamedFile:
    """All that is stored of the tenant, without secrets."""
    lines = request.use_cases.export_tenant(request.tenant, by=request.by)
    return StreamedFile(f"{request.tenant.slug}.jsonl", lines, "application/x-ndjson")


async def pause_account(request: TenantRequest) -> Redirect:
    return await _set_paused(request, paused=True)


async def resume_account(request: TenantRequest) -> Redirect:
    return await _set_paused(request, paused=False)


async def _set_paused(request: TenantRequest, *, paused: bool) -> Redirect:
    await request.use_cases.change_tenant.pause(await _fresh(request), paused=paused, by=request.by)
    return Redirect(f"{request.home}/settings?done={'paused' if paused else 'resumed'}")


def _given_sign_in(form: Mapping[str, str]) -> Mapping[str, Any]:
    """A secret is taken as it was typed, with its blanks."""
    values = {one.name: parsed(one, form.get(one.name, "")) for one in sign_in_fields()}
    return values | {one.name: form[one.name] for one in sign_in_fields() if one.kind == "secret" and values[one.name]}


async def _change(request: TenantRequest, patch: TenantPatch) -> None:
    before = await _fresh(request)
    await request.use_cases.change_tenant(before, patch.edit(before), patch.login(), by=request.by)


async def _require_login(request: TenantRequest, patch: TenantPatch) -> None:
    """Raises BadInput if nothing is given, or a new address without the login: people of a tenant cannot read the
    stored one, so they cannot have it sent to an address of their own choice either."""
    before = await _fresh(request)
    moved = patch.edit(before).base_url.rstrip("/") != before.base_url
    if patch.login() is None and not moved:
        raise BadInput("Nothing was changed.", fix="Give a new address, or a complete new sign-in.")
    if patch.login() is None and request.person.tenant_id is not None:
        raise BadInput(
            "The stored sign-in is not sent to another address for somebody who cannot read it.",
            fix="Give the user name and password, or the client id and secret, together with the new address.",
            errors=[FieldError("/servicetrade/base_url", "A new address needs the whole sign-in again.")],
        )


async def _fresh(request: TenantRequest) -> Tenant:
    return await request.use_cases.find_tenant.fresh(request.tenant.slug)


async def _page(request: TenantRequest, error: JobferryError | None = None, *, of: str = "settings") -> Rendered:
    """The page; after an error with the form as it was filled in, without its secrets. `of` is the form with the
    error."""
    tenant = await _fresh(request)
    shown = TenantOut.of(tenant).model_dump(mode="json")
    own, sign_in = _filled(own_tenant_fields(), shown), _filled(sign_in_fields(), {})
    stored = {one.name: one.value for one in own}
    problems = problems_of(error) if isinstance(error, BadInput) else {}
    given = request.form
    if error and of == "settings":
        own = [replace(one, value=given.get(one.name, "")) for one in own]
        stored = {one.name: given.get(_SHOWN + one.name, "") for one in own}
    if error and of == "sign_in":
        sign_in = [
            one if one.kind == "secret" else replace(one, value=request.form.get(one.name, "")) for one in sign_in
        ]
    return Rendered(
        "account/settings.html",
        {
            "tenant": tenant,
            "own": own,
            "stored": stored,
            "sign_in": sign_in,
            "wrong_form": of if error else "",
            "problems": problems,
            "others": without_input(problems, [*own, *sign_in]),
            "done": request.query.get("done", ""),
        },
        error=error,
    )


def _filled(fields: Sequence[Field], shown: Mapping[str, Any]) -> list[Field]:
    return [replace(one, value=text_of(one.kind, shown.get(one.name))) for one in fields]
