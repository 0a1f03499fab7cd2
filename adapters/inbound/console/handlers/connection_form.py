"""The forms to add a connection, to change its settings, and to remove it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from adapters.inbound.console.forms import Field, nested, parsed, problems_of, text_of, without_input
from adapters.inbound.console.page_request import Redirect, Rendered, TenantRequest
from adapters.inbound.console.setting_fields import FOLDED, connection_fields
from adapters.inbound.schema.connections import ConnectionIn, ConnectionOut, ConnectionPatch
from adapters.inbound.schema.setting_fields import start_of_day
from adapters.inbound.server.reading import read_document
from core.model.connections.connection import Connection
from core.model.shared.errors import BadInput, JobferryError
from core.model.work_orders.item import DEFAULT_KINDS

_KINDS = "item_kinds."
_ENDS = "client_secret_expires_at"
_SECRETS = {"authorization_id", "enhanced_auth"}


async def new_connection(_: TenantRequest) -> Rendered:
    return _rendered(None)


async def add_connection(request: TenantRequest) -> Rendered | Redirect:
    try:
        asked = read_document(_new(request.form), ConnectionIn)
        added = await request.use_cases.add_connection(
            request.tenant.id, asked.connection(), asked.secrets(), check=asked.check, by=request.by
        )
    except JobferryError as error:
        return _refused(request, None, error)
    return Redirect(f"{request.home}/connections/{added.slug}?done=added")


async def show_settings(request: TenantRequest) -> Rendered:
    connection = await request.use_cases.find_connection(request.tenant.id, request.path["connection"])
    return _rendered(connection)


async def save_settings(request: TenantRequest) -> Rendered | Redirect:
    connection = await request.use_cases.find_connection(request.tenant.id, request.path["connection"])
    try:
        patch = read_document(_changes(request.form, _shown(connection) or {}), ConnectionPatch)
        await request.use_cases.change_connection(
            request.tenant.id,
            connection.slug,
            patch.edit_by(request.caller),
            version=request.version,
            by=request.by,
            check=patch.check,
        )
    except JobferryError as error:
        return _refused(request, connection, error)
    return Redirect(f"{request.home}/connections/{connection.slug}?done=saved")


async def remove_connection(request: TenantRequest) -> Rendered | Redirect:
    """Remove the connection if its short name is typed in as confirmation."""
    connection = await request.use_cases.find_connection(request.tenant.id, request.path["connection"])
    try:
        if request.form.get("sure", "").strip() != connection.slug:
            raise BadInput("Nothing was removed.", fix=f"Type {connection.slug} into the field to remove it.")
        await request.use_cases.remove_connection(
            request.tenant.id, connection.slug, version=request.version, by=request.by
        )
    except JobferryError as error:
        return _rendered(connection, error)
    return Redirect(f"{request.home}/connections?done=removed")


def _new(form: Mapping[str, str]) -> dict[str, Any]:
    """The form as the API's message for a new connection; empty fields get their defaults."""
    document = _filled_in(connection_fields(None), form)
    ends = document.pop(_ENDS, None)
    if ends and "enhanced_auth" in document:
        document["enhanced_auth"]["expires_at"] = ends
    return document


def _changes(form: Mapping[str, str], shown: Mapping[str, Any]) -> dict[str, Any]:
    """The form as the API's message for a change; emptied fields get their defaults, empty secrets do not change."""
    fields = connection_fields(shown)
    emptied = dict.fromkeys({field.name.partition(".")[0] for field in fields} - _SECRETS)
    document = {**emptied, **_filled_in(fields, form)}
    return {**document, "enhanced_auth": None} if form.get("without_enhanced_auth") else document


def _filled_in(fields: Sequence[Field], form: Mapping[str, str]) -> dict[str, Any]:
    values = {field.name: parsed(field, form.get(field.name, "")) for field in fields}
    kinds = {name.removeprefix(_KINDS): values.pop(name) for name in list(values) if name.startswith(_KINDS)}
    if isinstance(ends := start_of_day(values[_ENDS]), datetime):
        values[_ENDS] = ends.isoformat()
    chosen = {item_type: kind for item_type, kind in kinds.items() if kind and kind != DEFAULT_KINDS.get(item_type)}
    return {**nested(values), "item_kinds": chosen, "check": "check" in form}


def _refused(request: TenantRequest, connection: Connection | None, error: JobferryError) -> Rendered:
    """The form as it was filled in, without its secrets, which are never sent back."""
    shown = _shown(connection)
    fields = [
        replace(field, value="" if field.kind == "secret" else request.form.get(field.name, ""))
        for field in connection_fields(shown)
    ]
    return _form(connection, fields, error, request.form)


def _rendered(connection: Connection | None, error: JobferryError | None = None) -> Rendered:
    shown = _shown(connection)
    values = shown or {"item_kinds": DEFAULT_KINDS}
    fields = [replace(field, value=_value(field, values)) for field in connection_fields(shown)]
    return _form(connection, fields, error, {"check": "on"})


def _shown(connection: Connection | None) -> dict[str, Any] | None:
    return ConnectionOut.of(connection).model_dump(mode="json") if connection else None


def _value(field: Field, values: Mapping[str, Any]) -> str:
    name, _, inner = field.name.partition(".")
    value = values.get(name)
    if inner:
        value = value.get(inner) if isinstance(value, Mapping) else None
    return text_of(field.kind, value)


def _form(
    connection: Connection | None, fields: Sequence[Field], error: JobferryError | None, form: Mapping[str, str]
) -> Rendered:
    problems = problems_of(error) if isinstance(error, BadInput) else {}
    return Rendered(
        "connection_form.html",
        {
            "connection": connection,
            "fields": fields,
            "folded": FOLDED,
            "check": "check" in form,
            "version": form.get("version") or (connection.version if connection else ""),
            "problems": problems,
            "others": without_input(problems, fields),
        },
        error=error,
    )
