"""Set one or more aliases. A record's former alias is replaced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import structlog

from core.model.mappings.alias import Alias, AliasEntry, AliasKey
from core.model.mappings.alias_change import AliasChanges
from core.model.operations.audit import AuditEntry
from core.model.shared.errors import BadInput, FieldError
from core.services.mappings.change_aliases import change
from ports.clock import Clock
from ports.ids import Ids
from ports.storage.transactions import Transactions

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class AliasesSet:
    """`aliases` are the requested ones, in the order of the request, as stored."""

    changes: AliasChanges
    aliases: Sequence[Alias]


class SetAliases:
    def __init__(self, transactions: Transactions, clock: Clock, ids: Ids) -> None:
        self._transactions = transactions
        self._clock = clock
        self._ids = ids

    async def __call__(self, tenant_id: str, connection: str, entries: Sequence[AliasEntry], *, by: str) -> AliasesSet:
        """Set all entries or none. `connection` is a slug. Raises NotFound, BadInput if a record is named twice."""
        _check_once(entries)
        now = self._clock.now()
        async with self._transactions.begin(tenant_id) as t:
            found = await t.connections.by_slug(connection)
            changes = await change(t, found.id, entries, at=now, by=by, ids=self._ids)
            stored = {alias.key: alias for alias in await t.aliases.of(found.id, [entry.key for entry in entries])}
            for entry, former in _changed(changes):
                detail = {
                    "connection": connection,
                    "kind": entry.kind.value,
                    "servicetrade_id": entry.servicetrade_id,
                    "name": entry.name,
                    "code": entry.code,
                    **({"former": former} if former else {}),
                }
                subject = stored[entry.key].id
                await t.audit.record(AuditEntry(now, by, "alias.set", subject, detail))
        _log.info(
            "aliases.set",
            tenant=tenant_id,
            connection=connection,
            added=len(changes.added),
            changed=len(changes.changed),
            by=by,
        )
        return AliasesSet(changes, [stored[entry.key] for entry in entries])


def _changed(changes: AliasChanges) -> Iterator[tuple[AliasEntry, str]]:
    """The added and changed entries, each with its former code."""
    yield from ((entry, "") for entry in changes.added)
    yield from ((one.entry, one.former.code) for one in changes.changed)


def _check_once(entries: Sequence[AliasEntry]) -> None:
    seen: dict[AliasKey, int] = {}
    errors = []
    for index, entry in enumerate(entries):
        if (first := seen.setdefault(entry.key, index)) != index:
            detail = f"the same {entry.kind} is already at place {first + 1}"
            errors.append(FieldError(f"/aliases/{index}/servicetrade_id", detail))
    if errors:
        raise BadInput(
            "A record can have only one alias on a connection: "
            + "; ".join(f"{e.pointer[1:]}: {e.detail}" for e in errors)
            + ".",
            code="ALIAS_INVALID",
            fix="Name each record once.",
            errors=errors,
        )
