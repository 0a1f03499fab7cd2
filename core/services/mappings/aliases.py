"""The aliases of a connection: list, set, remove, export and import them. A former alias goes into the history."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from core.model.connections.connection import Connection
from core.model.mappings.alias import (
    Alias,
    AliasChanges,
    AliasEntry,
    AliasKey,
    AliasKind,
    CodeSource,
    FormerAlias,
    WrongCell,
    compare,
)
from core.model.mappings.alias_csv import read_csv, write_csv
from core.model.operations.audit import AuditEntry
from core.model.shared.errors import BadInput, FieldError, NotFound
from core.services.mappings.code_set_meanwhile import CodeSetMeanwhile
from core.services.service import Service
from ports.ids import Ids
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()
_NAMED_IN_MESSAGE = 3


@dataclass(frozen=True, slots=True)
class AliasPage:
    """`next_before` is the `before` of the next page, None at the end."""

    aliases: Sequence[Alias]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class AliasesSet:
    """`aliases` are the requested ones, in the order of the request, as stored."""

    changes: AliasChanges
    aliases: Sequence[Alias]


class Aliases(Service):
    """`connection` is a slug in all methods."""

    async def page(
        self,
        tenant_id: str,
        connection: str,
        *,
        kind: AliasKind | None = None,
        search: str = "",
        limit: int = 100,
        before: int | None = None,
    ) -> AliasPage:
        """`search` selects aliases with this text in their name, code or ServiceTrade id.

        Raises NotFound (CONNECTION_NOT_FOUND).
        """
        wanted = search.strip()
        async with self._transactions.begin(tenant_id) as t:
            found = await t.connections.by_slug(connection)
            # No alias holds a control character, and databases refuse some of them.
            if not wanted.isprintable():
                return AliasPage((), None)
            aliases = await t.aliases.page(found.id, kind=kind, search=wanted, limit=limit + 1, before=before)
        page = aliases[:limit]
        return AliasPage(page, page[-1].seq if len(aliases) > limit else None)

    async def all(self, tenant_id: str, connection: str, *, kind: AliasKind | None = None) -> Sequence[Alias]:
        """The aliases that the file holds."""
        async with self._transactions.begin(tenant_id) as t:
            found = await t.connections.by_slug(connection)
            aliases = await t.aliases.page(found.id, kind=kind, limit=None)
        return sorted(aliases, key=lambda alias: (alias.entry.kind.value, int(alias.entry.servicetrade_id)))

    async def history(self, tenant_id: str, alias_id: str) -> Sequence[FormerAlias]:
        """Raises NotFound (ALIAS_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            return await t.aliases.history(alias_id)

    async def set(self, tenant_id: str, connection: str, entries: Sequence[AliasEntry], *, by: str) -> AliasesSet:
        """Set all entries or none. A former alias is replaced.

        Raises NotFound, BadInput (ALIAS_INVALID for a record that is named twice, CODE_UNKNOWN).
        """
        _check_once(entries)
        async with self._transactions.begin(tenant_id) as t:
            found = await t.connections.by_slug(connection)
        await self.check(found, entries)
        async with self._transactions.begin(tenant_id) as t:
            found = await t.connections.by_slug(connection)
            return await self.set_within(t, found, entries, at=self._clock.now(), by=by)

    async def set_within(
        self, t: TenantTransaction, connection: Connection, entries: Sequence[AliasEntry], *, at: datetime, by: str
    ) -> AliasesSet:
        """The same in the caller's transaction, of entries that were checked before. Each record is named once."""
        changes = await change(t, connection.id, entries, at=at, by=by, ids=self._ids)
        stored = {alias.key: alias for alias in await t.aliases.of(connection.id, [entry.key for entry in entries])}
        for entry, former in _changed(changes):
            detail = set_detail(connection.slug, entry, former)
            await t.audit.record(AuditEntry(at, by, "alias.set", stored[entry.key].id, detail))
        _log_changes("aliases.set", connection.tenant_id, connection.slug, changes, by)
        return AliasesSet(changes, [stored[entry.key] for entry in entries])

    async def check(self, connection: Connection, entries: Sequence[AliasEntry]) -> None:
        """Raises BadInput (CODE_UNKNOWN) for codes that the connection's Spectrum company surely does not have.

        Where no fresh list of its codes is whole, every code passes.
        """
        codes = {(entry.kind, entry.code) for entry in entries}
        if not codes:
            return
        listed, now = await self._transactions.listed(connection.tenant_id, connection.id, codes), self._clock.now()
        listed = listed.heeded(strictly=connection.unlisted_codes_stop)
        if unknown := [code for code in codes if listed.lacks(code, now)]:
            raise _unknown_codes(connection, entries, unknown)

    async def remove(self, tenant_id: str, alias_id: str, *, by: str, known: str | None = None) -> Alias:
        """Remove an alias and return it. From then on the record's own external id is used again.

        `known` is the code that the person saw. Raises NotFound (ALIAS_NOT_FOUND), Conflict (CODE_SET_MEANWHILE) if the
        present one is another.
        """
        now = self._clock.now()
        async with self._transactions.begin(tenant_id) as t:
            await t.aliases.take_turn((await t.aliases.get(alias_id)).connection_id)
            alias = await t.aliases.get(alias_id)  # as it is in our turn
            if alias.source is not CodeSource.ALIAS:
                raise NotFound(f"There is no alias {alias_id}.", code="ALIAS_NOT_FOUND", fix="List them again.")
            if known not in (None, alias.code):
                raise CodeSetMeanwhile.by([alias])
            await t.aliases.remove(alias_id, at=now, by=by)
            connection, entry = await t.connections.get(alias.connection_id), alias.entry
            detail = {**_record_detail(connection.slug, entry), "former": entry.code}
            await t.audit.record(AuditEntry(now, by, "alias.removed", alias_id, detail))
        _log.info("alias.removed", tenant=tenant_id, alias=alias_id, by=by)
        return alias

    async def export_csv(self, tenant_id: str, connection: str, *, kind: AliasKind | None = None) -> str:
        """The CSV, sorted by kind and id, so that exports can be compared. Raises NotFound (CONNECTION_NOT_FOUND)."""
        return write_csv(alias.entry for alias in await self.all(tenant_id, connection, kind=kind))

    async def preview_import(self, tenant_id: str, connection: str, content: bytes) -> AliasChanges:
        """What the import would change, and every wrong cell. Nothing is written.

        Raises NotFound, BadInput (CODE_UNKNOWN).
        """
        read = read_csv(content)
        async with self._transactions.begin(tenant_id) as t:
            found = await t.connections.by_slug(connection)
            changes = await look(t, found.id, read.entries)
        await self.check(found, read.entries)
        return AliasChanges(changes.added, changes.changed, changes.unchanged, read.wrong)

    async def import_csv(self, tenant_id: str, connection: str, content: bytes, *, by: str) -> AliasChanges:
        """Import the file, all or none. Aliases that the file does not name stay unchanged.

        Raises NotFound, BadInput (ALIAS_FILE_INVALID that names every wrong cell by line and column, CODE_UNKNOWN).
        """
        read = read_csv(content)
        now = self._clock.now()
        async with self._transactions.begin(tenant_id) as t:
            found = await t.connections.by_slug(connection)
        if read.wrong:
            raise _refused(read.wrong)
        await self.check(found, read.entries)
        async with self._transactions.begin(tenant_id) as t:
            found = await t.connections.by_slug(connection)
            changes = await change(t, found.id, read.entries, at=now, by=by, ids=self._ids)
            if changes.added or changes.changed:
                detail = {
                    "connection": connection,
                    "added": str(len(changes.added)),
                    "changed": str(len(changes.changed)),
                    "unchanged": str(changes.unchanged),
                }
                await t.audit.record(AuditEntry(now, by, "aliases.imported", found.id, detail))
        _log_changes("aliases.imported", tenant_id, connection, changes, by)
        return changes


async def look(t: TenantTransaction, connection_id: str, entries: Sequence[AliasEntry]) -> AliasChanges:
    """What storing these entries would change. Each record may occur in them once."""
    return compare(entries, await t.aliases.of(connection_id, [entry.key for entry in entries]))


async def change(
    t: TenantTransaction, connection_id: str, entries: Sequence[AliasEntry], *, at: datetime, by: str, ids: Ids
) -> AliasChanges:
    """Compare and store under a lock, so that nobody else changes aliases in between."""
    await t.aliases.take_turn(connection_id)
    changes = await look(t, connection_id, entries)
    new = [*changes.added, *(one.entry for one in changes.changed)]
    await t.aliases.put(
        connection_id,
        [Alias(id=ids.new("als"), connection_id=connection_id, entry=one, set_at=at, set_by=by) for one in new],
    )
    return changes


def _record_detail(connection: str, entry: AliasEntry) -> dict[str, str]:
    kind, servicetrade_id = entry.key
    return {"connection": connection, "kind": kind.value, "servicetrade_id": servicetrade_id, "name": entry.name}


def set_detail(connection: str, entry: AliasEntry, former: str | None) -> dict[str, str]:
    detail = {**_record_detail(connection, entry), "code": entry.code}
    return {**detail, "former": former} if former else detail


def _log_changes(event: str, tenant_id: str, connection: str, changes: AliasChanges, by: str) -> None:
    added, changed = len(changes.added), len(changes.changed)
    _log.info(event, tenant=tenant_id, connection=connection, added=added, changed=changed, by=by)


def _changed(changes: AliasChanges) -> Iterator[tuple[AliasEntry, str]]:
    """The added and changed entries, each with its former code."""
    yield from ((entry, "") for entry in changes.added)
    yield from ((one.entry, one.former.code) for one in changes.changed)


def _unknown_codes(
    connection: Connection, entries: Sequence[AliasEntry], unknown: Collection[tuple[AliasKind, str]]
) -> BadInput:
    told = ", ".join(f"{kind.value} {code}" for kind, code in sorted(unknown))
    return BadInput(
        f"Spectrum company {connection.company_code} does not have these codes: {told}. Nothing was saved.",
        code="CODE_UNKNOWN",
        fix="Choose a code that is in Spectrum. If it was added there just now, read Spectrum's list again first.",
        errors=[
            FieldError(f"/aliases/{index}/code", "is not in Spectrum")
            for index, entry in enumerate(entries)
            if (entry.kind, entry.code) in unknown
        ],
    )


def _check_once(entries: Sequence[AliasEntry]) -> None:
    seen: dict[AliasKey, int] = {}
    errors = []
    for index, entry in enumerate(entries):
        if (first := seen.setdefault(entry.key, index)) != index:
            detail = f"the same {entry.kind} is already at place {first + 1}"
            errors.append(FieldError(f"/aliases/{index}/servicetrade_id", detail))
    if errors:
        problem = "A record can have only one alias on a connection"
        raise BadInput.of(problem, errors, code="ALIAS_INVALID", fix="Name each record once.")


def _refused(wrong: Sequence[WrongCell]) -> BadInput:
    told = "; ".join(words(cell) for cell in wrong[:_NAMED_IN_MESSAGE])
    more = f"; and {len(wrong) - _NAMED_IN_MESSAGE} more" if len(wrong) > _NAMED_IN_MESSAGE else ""
    return BadInput(
        f"Nothing was imported: {told}{more}.",
        code="ALIAS_FILE_INVALID",
        fix="Correct the named cells and import the whole file again.",
        errors=[FieldError(f"/{cell.line}/{cell.column}".rstrip("/"), cell.detail) for cell in wrong],
    )


def words(cell: WrongCell) -> str:
    where = f"line {cell.line}, {cell.column}" if cell.column else f"line {cell.line}"
    return f"{where}: {cell.detail}"
