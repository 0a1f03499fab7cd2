"""Import aliases from a CSV file, all or none; or preview what the import would change."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from core.model.mappings.alias_change import AliasChanges, WrongCell
from core.model.mappings.alias_csv import read_csv
from core.model.operations.audit import AuditEntry
from core.model.shared.errors import BadInput, FieldError
from core.services.mappings.change_aliases import change, look
from ports.clock import Clock
from ports.ids import Ids
from ports.storage.transactions import Transactions

_log = structlog.get_logger()
_NAMED_IN_MESSAGE = 3


class ImportAliases:
    def __init__(self, transactions: Transactions, clock: Clock, ids: Ids) -> None:
        self._transactions = transactions
        self._clock = clock
        self._ids = ids

    async def preview(self, tenant_id: str, connection: str, content: bytes) -> AliasChanges:
        """What the import would change, and every wrong cell. Nothing is written."""
        read = read_csv(content)
        async with self._transactions.begin(tenant_id) as t:
            found = await t.connections.by_slug(connection)
            changes = await look(t, found.id, read.entries)
        return AliasChanges(changes.added, changes.changed, changes.unchanged, read.wrong)

    async def __call__(self, tenant_id: str, connection: str, content: bytes, *, by: str) -> AliasChanges:
        """Import the file. `connection` is a slug. Aliases that the file does not name stay unchanged.

        Raises NotFound, BadInput (ALIAS_FILE_INVALID) that names every wrong cell by line and column.
        """
        read = read_csv(content)
        now = self._clock.now()
        async with self._transactions.begin(tenant_id) as t:
            found = await t.connections.by_slug(connection)
            if read.wrong:
                raise _refused(read.wrong)
            changes = await change(t, found.id, read.entries, at=now, by=by, ids=self._ids)
            if changes.added or changes.changed:
                detail = {
                    "connection": connection,
                    "added": str(len(changes.added)),
                    "changed": str(len(changes.changed)),
                    "unchanged": str(changes.unchanged),
                }
                await t.audit.record(AuditEntry(now, by, "aliases.imported", found.id, detail))
        _log.info(
            "aliases.imported",
            tenant=tenant_id,
            connection=connection,
            added=len(changes.added),
            changed=len(changes.changed),
            by=by,
        )
        return changes


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
