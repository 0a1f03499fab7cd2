"""Store a set of aliases in one transaction: only changed ones are written, former ones go into the history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.model.mappings.alias import Alias, AliasEntry
from core.model.mappings.alias_change import AliasChanges, compare
from ports.ids import Ids
from ports.storage.transactions import TenantTransaction


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
