"""Mappings: what upcoming jobs lack a Spectrum code for, where it is set, and the aliases of a connection."""

from __future__ import annotations

from collections.abc import AsyncIterator
from http import HTTPStatus
from urllib.parse import urlencode

from adapters.inbound.console.visit import Drawn, File, GoTo, Visit
from adapters.inbound.server.problem import status_of
from core.model.connections.connection import Connection
from core.model.mappings.alias import AliasEntry, AliasKind
from core.model.mappings.readiness import Readiness
from core.model.shared.errors import BadInput, JobferryError

SHOWN = 50


async def show_mappings(visit: Visit) -> Drawn:
    """The usual account has one connection, which is chosen already. Whoever searches aliases, or leafs through them,
    does not wait for ServiceTrade."""
    connections = await visit.use_cases.find_connection.all(visit.tenant.id)
    asked = visit.query.get("connection", "")
    chosen = next((one for one in connections if one.slug == asked), connections[0] if len(connections) == 1 else None)
    known = {"connections": connections, "connection": chosen, "done": visit.query.get("done", "")}
    if chosen is None:
        return Drawn("mappings.html", known)
    search = visit.query.get("search", "").strip()
    page = await visit.use_cases.list_aliases(
        visit.tenant.id, chosen.slug, search=search, limit=SHOWN, before=visit.before
    )
    readiness = None if search or visit.before else _readiness(visit, chosen)
    older = urlencode({"connection": chosen.slug, "search": search, "before": page.next_before or ""})
    return Drawn(
        "mappings.html",
        {
            **known,
            "readiness": readiness,
            "search": search,
            "aliases": page.aliases,
            "older": older if page.next_before else "",
        },
        live=True,
    )


async def _readiness(visit: Visit, connection: Connection) -> AsyncIterator[Readiness | JobferryError]:
    """One, as soon as ServiceTrade has told all of it; what stands beside it is there at once."""
    try:
        yield await visit.use_cases.check_readiness(visit.tenant.id, connection.slug)
    except JobferryError as error:
        yield error


async def set_code(visit: Visit) -> Drawn | GoTo:
    """To ServiceTrade, or as an alias of ours, as the pressed button says."""
    slug, form = visit.path["connection"], visit.form
    try:
        entry = _entry(visit)
        if form.get("do") == "alias":
            await visit.use_cases.set_aliases(visit.tenant.id, slug, [entry], by=visit.by)
        else:
            await visit.use_cases.set_code(visit.tenant.id, slug, entry, by=visit.by)
    except JobferryError as error:
        connection = await visit.use_cases.find_connection(visit.tenant.id, slug)
        return Drawn(
            "code.html",
            {
                "connection": connection,
                "kinds": list(AliasKind),
                "error": error,
                "taken": error.code == "MAP_DUPLICATE_EXTERNAL_ID",
                "given": {name: form.get(name, "") for name in ("kind", "servicetrade_id", "name", "code")},
            },
            status_of(error),
        )
    return _back(visit, "set")


def _entry(visit: Visit) -> AliasEntry:
    form = visit.form
    kind = next((one for one in AliasKind if one.value == form.get("kind")), None)
    if kind is None:
        raise BadInput("It was not said what the record is.", fix="Choose customer, site or contract.")
    return AliasEntry(
        kind, form.get("servicetrade_id", "").strip(), form.get("name", "").strip(), form.get("code", "").strip()
    )


async def remove_alias(visit: Visit) -> GoTo:
    await visit.use_cases.remove_alias(visit.tenant.id, visit.path["alias_id"], by=visit.by)
    return _back(visit, "removed")


async def export_aliases(visit: Visit) -> File:
    slug = visit.path["connection"]
    return File(f"aliases-{slug}.csv", await visit.use_cases.export_aliases(visit.tenant.id, slug))


async def import_aliases(visit: Visit) -> Drawn | GoTo:
    """First what a file would change; the second button, below that, carries it out."""
    slug, content = visit.path["connection"], visit.form.get("content", "") or visit.form.get("file", "")
    connection = await visit.use_cases.find_connection(visit.tenant.id, slug)
    importing = visit.use_cases.import_aliases
    if visit.form.get("do") == "import":
        await importing(visit.tenant.id, slug, content.encode("utf-8", "surrogateescape"), by=visit.by)
        return _back(visit, "imported")
    changes = await importing.preview(visit.tenant.id, slug, content.encode("utf-8", "surrogateescape"))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if changes.wrong else HTTPStatus.OK
    return Drawn(
        "alias_import.html", {"connection": connection, "changes": changes, "content": content, "most": SHOWN}, status
    )


def _back(visit: Visit, done: str) -> GoTo:
    slug = visit.path.get("connection") or visit.form.get("connection", "")
    return GoTo(f"{visit.home}/mappings?{urlencode({'connection': slug, 'done': done})}")
