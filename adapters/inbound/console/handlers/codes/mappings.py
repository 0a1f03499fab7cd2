"""Mappings: records of upcoming jobs without a Spectrum code, setting codes, and the aliases of a connection."""

from __future__ import annotations

from collections.abc import AsyncIterator
from http import HTTPStatus
from urllib.parse import urlencode

from adapters.inbound.console.page_request import File, Redirect, Rendered, TenantRequest
from core.model.connections.connection import Connection
from core.model.mappings.alias import AliasEntry, AliasKind
from core.model.mappings.readiness import Readiness
from core.model.mappings.suggested_record import Grade
from core.model.shared.errors import BadInput, JobferryError
from core.services.sending.set_codes import GivenCode

SHOWN = 50


async def show_mappings(request: TenantRequest) -> Rendered:
    """An only connection is chosen automatically. A search of aliases, or another page of them, does not wait for
    ServiceTrade."""
    connections = await request.use_cases.find_connection.all(request.tenant.id)
    asked = request.query.get("connection", "")
    chosen = next((one for one in connections if one.slug == asked), connections[0] if len(connections) == 1 else None)
    known = {"connections": connections, "connection": chosen, "done": request.query.get("done", "")}
    if chosen is None:
        return Rendered("codes/mappings.html", known)
    search = request.query.get("search", "").strip()
    tally = (await request.use_cases.show_suggestions(request.tenant.id, chosen.slug)).tally
    readiness = None if search or request.before else _readiness(request, chosen)
    return Rendered(
        "codes/mappings.html",
        {
            **known,
            "clear": tally.of(Grade.CLEAR),
            "doubtful": tally.of(Grade.DOUBTFUL),
            "readiness": readiness,
            "search": search,
            "pages": _codes(request, chosen, search),
        },
        live=True,
    )


async def _codes(request: TenantRequest, connection: Connection, search: str) -> AsyncIterator[dict[str, object]]:
    """Yields the page of the list of codes. It comes after the readiness, which finds External IDs."""
    page = await request.use_cases.list_codes.page(
        request.tenant.id, connection.slug, search=search, limit=SHOWN, before=request.before
    )
    older = urlencode({"connection": connection.slug, "search": search, "before": page.next_before or ""})
    yield {"codes": page.codes, "older": older if page.next_before else ""}


async def _readiness(request: TenantRequest, connection: Connection) -> AsyncIterator[Readiness | JobferryError]:
    """Yields one result when ServiceTrade has answered; the rest of the page is sent before."""
    try:
        yield await request.use_cases.check_readiness(request.tenant.id, connection.slug)
    except JobferryError as error:
        yield error


async def set_code(request: TenantRequest) -> Rendered | Redirect:
    """Write the code to ServiceTrade, or set an alias; the pressed button decides."""
    slug, form = request.path["connection"], request.form
    try:
        entry = _entry(request)
        if form.get("do") == "alias":
            await _set_alias(request, slug, entry)
        else:
            known = form.get("known_id")
            await request.use_cases.set_code(request.tenant.id, slug, entry, by=request.by, known=known)
    except JobferryError as error:
        connection = await request.use_cases.find_connection(request.tenant.id, slug)
        return Rendered(
            "codes/code.html",
            {
                "connection": connection,
                "kinds": list(AliasKind),
                "taken": error.code == "MAP_DUPLICATE_EXTERNAL_ID",
                "given": {name: form.get(name, "") for name in ("kind", "servicetrade_id", "name", "code")},
                "known": {name: form[name] for name in ("known", "known_id") if name in form},
            },
            error=error,
        )
    return _back(request, "set")


async def _set_alias(request: TenantRequest, slug: str, entry: AliasEntry) -> None:
    """A form that shows a record without an alias overwrites none that somebody set meanwhile."""
    known = request.form.get("known")
    if known is None:
        await request.use_cases.aliases.set(request.tenant.id, slug, [entry], by=request.by)
    else:
        await request.use_cases.set_codes.save(request.tenant.id, slug, [GivenCode(entry, known)], by=request.by)


def _entry(request: TenantRequest) -> AliasEntry:
    form = request.form
    kind = next((one for one in AliasKind if one.value == form.get("kind")), None)
    if kind is None:
        raise BadInput("The form does not say what the record is.", fix="Choose customer, site, contract or item.")
    return AliasEntry(
        kind, form.get("servicetrade_id", "").strip(), form.get("name", "").strip(), form.get("code", "").strip()
    )


async def export_aliases(request: TenantRequest) -> File:
    slug = request.path["connection"]
    return File(f"aliases-{slug}.csv", await request.use_cases.aliases.export_csv(request.tenant.id, slug))


async def import_aliases(request: TenantRequest) -> Rendered | Redirect:
    """Show what a file would change; the button on that page carries it out."""
    slug, content = request.path["connection"], request.form.get("content", "") or request.form.get("file", "")
    connection = await request.use_cases.find_connection(request.tenant.id, slug)
    importing = request.use_cases.aliases
    if request.form.get("do") == "import":
        await importing.import_csv(request.tenant.id, slug, content.encode("utf-8", "surrogateescape"), by=request.by)
        return _back(request, "imported")
    changes = await importing.preview_import(request.tenant.id, slug, content.encode("utf-8", "surrogateescape"))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if changes.wrong else HTTPStatus.OK
    return Rendered(
        "codes/alias_import.html",
        {"connection": connection, "changes": changes, "content": content, "most": SHOWN},
        status,
    )


def _back(request: TenantRequest, done: str) -> Redirect:
    slug = request.path.get("connection") or request.form.get("connection", "")
    return Redirect(f"{request.home}/mappings?{urlencode({'connection': slug, 'done': done})}")
