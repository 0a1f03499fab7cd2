"""Alias mappings of a connection: list, set and remove them, as JSON or as CSV."""

from __future__ import annotations

from collections.abc import AsyncIterator

from adapters.inbound.api import cursor
from adapters.inbound.api.call import Call, Reply
from adapters.inbound.schema.aliases import (
    AliasesIn,
    AliasesQuery,
    AliasesSetOut,
    AliasExportQuery,
    AliasImportOut,
    AliasImportQuery,
    AliasOut,
    FormerAliasOut,
)
from adapters.inbound.schema.schema_base import Csv, Nothing, Page


async def list_aliases(call: Call[AliasesQuery]) -> Reply[Page[AliasOut]]:
    """List the alias mappings of a connection.

    Newest first, in pages. With `Accept: text/csv` all of them, as a file.
    """
    tenant, asked = call.tenant, call.input
    page = await call.use_cases.aliases.page(
        tenant.id,
        asked.connection,
        kind=asked.kind,
        search=asked.search,
        limit=asked.limit,
        before=cursor.decode(asked.cursor),
    )
    return cursor.page_before([AliasOut.of(alias, asked.connection) for alias in page.aliases], page.next_before)


async def export_aliases(call: Call[AliasExportQuery]) -> Reply[Csv]:
    """All alias mappings of a connection, as text/csv."""
    tenant, asked = call.tenant, call.input
    text = await call.use_cases.aliases.export_csv(tenant.id, asked.connection, kind=asked.kind)

    async def whole() -> AsyncIterator[str]:
        yield text

    return Reply(Csv(name=f"aliases-{asked.connection}.csv", pieces=whole))


async def set_aliases(call: Call[AliasesIn]) -> Reply[AliasesSetOut]:
    """Set alias mappings, all or none. The history keeps former codes."""
    tenant, asked = call.tenant, call.input
    done = await call.use_cases.aliases.set(tenant.id, asked.connection, asked.entries(), by=call.caller.name)
    return Reply(AliasesSetOut.of(done, asked.connection))


async def import_aliases(call: Call[AliasImportQuery]) -> Reply[AliasImportOut]:
    """Set alias mappings from text/csv, all or none; with `dry_run` only show what would change."""
    tenant, asked, importing = call.tenant, call.input, call.use_cases.aliases
    if asked.dry_run:
        changes = await importing.preview_import(tenant.id, asked.connection, call.csv)
    else:
        changes = await importing.import_csv(tenant.id, asked.connection, call.csv, by=call.caller.name)
    return Reply(AliasImportOut.of(changes, imported=not asked.dry_run))


async def remove_alias(call: Call[Nothing]) -> Reply[Nothing]:
    """Remove an alias mapping. The external id in ServiceTrade is used again."""
    await call.use_cases.aliases.remove(call.tenant.id, call.path["alias_id"], by=call.caller.name)
    return Reply(Nothing())


async def list_former_codes(call: Call[Nothing]) -> Reply[Page[FormerAliasOut]]:
    """List the former codes of an alias mapping.

    Newest first, with who set and who ended each.
    """
    found = await call.use_cases.aliases.history(call.tenant.id, call.path["alias_id"])
    return Reply(Page(items=[FormerAliasOut.of(former) for former in found]))
