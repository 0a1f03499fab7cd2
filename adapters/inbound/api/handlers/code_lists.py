"""The lists of codes that a connection's Spectrum company has: their states, a search, a new reading, an import."""

from __future__ import annotations

from typing import Any

from adapters.inbound.api import cursor
from adapters.inbound.api.call import Call, Reply
from adapters.inbound.schema.code_lists import (
    CodeImportIn,
    CodeImportOut,
    CodeImportQuery,
    CodeListsOut,
    CodesQuery,
    ListedCodeOut,
)
from adapters.inbound.schema.schema_base import Nothing, Page
from core.services.mappings.import_codes import AskedImport


async def show_code_lists(call: Call[Nothing]) -> Reply[CodeListsOut]:
    """Show what is known of each list.

    Lists of customers and items are read from Spectrum every night. No service lists sites and contracts: these are
    learned from work orders that Spectrum accepted, and imported.
    """
    found = await call.use_cases.look_up_codes.states(call.tenant.id, call.path["connection"])
    return Reply(CodeListsOut.of_lists(found))


async def find_codes(call: Call[CodesQuery]) -> Reply[Page[ListedCodeOut]]:
    """Search the codes that the Spectrum company has.

    Those whose code begins with the text come first, in order of the code, then those found by words of their names.
    """
    asked = call.input
    page = await call.use_cases.look_up_codes.search(
        call.tenant.id,
        call.path["connection"],
        kind=asked.kind,
        text=asked.search,
        limit=asked.limit,
        after=cursor.decode_code(asked.cursor),
    )
    return cursor.page_of_codes([ListedCodeOut.of(one) for one in page.codes], page.next)


async def refresh_codes(call: Call[Nothing]) -> Reply[CodeListsOut]:
    """Let a worker read the lists of customers and items now.

    A reading that goes on already is not begun again. Follow it by `reading_since` of the lists.
    """
    found = await call.use_cases.look_up_codes.refresh(call.tenant.id, call.path["connection"], by=call.caller.name)
    return Reply(CodeListsOut.of_lists(found))


async def import_codes(call: Call[CodeImportIn]) -> Reply[CodeImportOut]:
    """Import a list of codes that Spectrum's administrator exported as CSV.

    First as a dry run, which answers what would change and a fingerprint; then with `dry_run` false and that
    fingerprint. A large file goes as text/csv, with the other fields in the query.
    """
    asked = call.input
    content = asked.content.encode("utf-8", "surrogatepass")
    wanted = AskedImport(kind=asked.kind, content=content, whole=asked.whole, columns=asked.columns or None)
    return await _imported(call, wanted, asked.fingerprint, dry_run=asked.dry_run)


async def import_codes_file(call: Call[CodeImportQuery]) -> Reply[CodeImportOut]:
    """The same with the file as the body, text/csv of at most 25,000,000 bytes and 100,000 rows."""
    asked = call.input
    wanted = AskedImport(kind=asked.kind, content=call.csv, whole=asked.whole, columns=asked.columns())
    return await _imported(call, wanted, asked.fingerprint, dry_run=asked.dry_run)


async def _imported(call: Call[Any], wanted: AskedImport, fingerprint: str, *, dry_run: bool) -> Reply[CodeImportOut]:
    importing, slug = call.use_cases.import_codes, call.path["connection"]
    if dry_run:
        found = await importing.preview(call.tenant.id, slug, wanted)
    else:
        found = await importing(call.tenant.id, slug, wanted, fingerprint=fingerprint, by=call.caller.name)
    return Reply(CodeImportOut.of_import(found))
