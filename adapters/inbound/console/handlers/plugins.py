"""The plugins of a connection: their order, a form for each, and a rehearsal before it is saved."""

from __future__ import annotations

from http import HTTPStatus

from adapters.inbound.console.forms import problems_of
from adapters.inbound.console.handlers.confirmation import ask, is_sure
from adapters.inbound.console.page_request import Redirect, Rendered, TenantRequest
from adapters.inbound.console.plugin_forms import config_of, fields_of
from core.model.connections.connection import Connection
from core.model.connections.settings import PluginUse
from core.model.plugins.plugin import PluginCard, earlier, use_of, with_plugin, without_plugin
from core.model.plugins.rehearsal import Rehearsal
from core.model.shared.errors import BadInput

_ABOUT_ITSELF = ("plugin_info", "config_model")
_LAST = 10
"""How many jobs a rehearsal reads if the form names none."""


async def show_plugin(request: TenantRequest) -> Rendered:
    connection = await request.use_cases.find_connection(request.tenant.id, request.path["connection"])
    card = request.use_cases.list_plugins.find(request.path["plugin"])
    used = use_of(connection.plugins, card.name)
    return _form(connection, card, used or PluginUse(card.name), used=used is not None)


async def save_plugin(request: TenantRequest) -> Rendered | Redirect:
    """Save the form, remove the plugin, or show what it would change; the pressed button decides."""
    connection = await request.use_cases.find_connection(request.tenant.id, request.path["connection"])
    card = request.use_cases.list_plugins.find(request.path["plugin"])
    used = use_of(connection.plugins, card.name) is not None
    wanted = PluginUse(card.name, config_of(card.schema or {}, request.form), _hooks(card, request))
    plugins = with_plugin(connection.plugins, wanted)
    asked = request.form.get("do")
    if asked not in ("save", "remove", "try"):
        raise BadInput("No button was pressed.", fix="Go back and press one of the buttons.")
    if asked == "remove" and used and not is_sure(request):
        return ask(
            request,
            heading=f"Remove the plugin {card.name} from {connection.name}?",
            lost=["Its settings on this connection are lost.", "Sends that are planned from now on do without it."],
            button="Remove the plugin",
            back=f"{request.home}/connections/{connection.slug}/plugins/{card.name}",
        )
    try:
        if asked == "try":
            job = request.form.get("job", "").strip()
            rehearsal = await request.use_cases.rehearse_plugins(
                request.tenant.id, connection.slug, plugins, last=_LAST, job_ids=[job] if job else ()
            )
            return _form(connection, card, wanted, used=used, rehearsal=rehearsal, version=request.version)
        if asked == "remove":
            plugins = without_plugin(plugins, card.name)
        await request.use_cases.change_connection.plugins(
            request.tenant.id, connection.slug, plugins, version=request.version, by=request.by
        )
    except BadInput as error:
        places = [place for place, use in enumerate(plugins) if use.name == card.name]
        problems = problems_of(error, below=f"/plugins/{places[0]}/config" if places else "")
        return _form(connection, card, wanted, used=used, problems=problems, version=request.version)
    return Redirect(f"{request.home}/connections/{connection.slug}")


async def move_plugin(request: TenantRequest) -> Redirect:
    """Move the plugin one place earlier in the order of calls."""
    connection = await request.use_cases.find_connection(request.tenant.id, request.path["connection"])
    await request.use_cases.change_connection.plugins(
        request.tenant.id,
        connection.slug,
        earlier(connection.plugins, request.path["plugin"]),
        version=request.version,
        by=request.by,
    )
    return Redirect(f"{request.home}/connections/{connection.slug}")


def _hooks(card: PluginCard, request: TenantRequest) -> dict[str, bool]:
    """Only hooks that are switched off are stored, so that a new hook of the plugin is on."""
    return {hook: False for hook in _switchable(card) if not request.form.get(f"hook.{hook}")}


def _switchable(card: PluginCard) -> list[str]:
    return [hook for hook in card.hooks if hook not in _ABOUT_ITSELF]


def _form(
    connection: Connection,
    card: PluginCard,
    use: PluginUse,
    *,
    used: bool,
    problems: dict[str, str] | None = None,
    rehearsal: Rehearsal | None = None,
    version: int = 0,
) -> Rendered:
    fields = fields_of(card.schema or {}, use.config)
    known = {field.name for field in fields}
    said = problems or {}
    return Rendered(
        "plugin.html",
        {
            "version": version or connection.version,
            "connection": connection,
            "card": card,
            "used": used,
            "fields": fields,
            "hooks": [(hook, use.hooks.get(hook, True)) for hook in _switchable(card)],
            "problems": {name: text for name, text in said.items() if name in known},
            "others": [f"{name}: {text}" if name else text for name, text in said.items() if name not in known],
            "rehearsal": rehearsal,
        },
        HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
    )
