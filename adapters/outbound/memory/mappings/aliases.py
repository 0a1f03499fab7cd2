"""Alias mappings of a tenant, in memory."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from adapters.outbound.memory.repository import Repository
from adapters.outbound.memory.rows import StoredAlias
from core.model.mappings.alias import Alias, AliasEnd, AliasKey, AliasKind, CodeSource, FormerAlias
from core.model.shared.errors import NotFound
from ports.storage.aliases import Aliases

_seq = itertools.count(1)


class MemoryAliases(Repository, Aliases):
    async def of(
        self, connection_id: str, keys: Collection[AliasKey], *, source: CodeSource = CodeSource.ALIAS
    ) -> Sequence[Alias]:
        found = (self._rows.aliases.get((connection_id, key, source)) for key in keys)
        return [row.alias for row in found if row and row.tenant_id == self._tenant_id]

    async def page(
        self,
        connection_id: str,
        *,
        source: CodeSource | None = CodeSource.ALIAS,
        kind: AliasKind | None = None,
        search: str = "",
        limit: int | None = 100,
        before: int | None = None,
    ) -> Sequence[Alias]:
        found = [
            alias
            for alias in self._present()
            if alias.connection_id == connection_id
            and source in (None, alias.source)
            and (kind is None or alias.entry.kind is kind)
            and any(search.lower() in part.lower() for part in _searched(alias))
            and (before is None or alias.seq < before)
        ]
        return sorted(found, key=lambda alias: alias.seq, reverse=True)[:limit]

    async def alike(
        self, connection_id: str, kind: AliasKind, words: Collection[str], *, limit: int = 200
    ) -> Sequence[Alias]:
        listed = await self.page(connection_id, source=None, kind=kind, limit=None)
        return [one for one in listed if any(word.lower() in one.entry.name.lower() for word in words)][:limit]

    async def get(self, code_id: str) -> Alias:
        found = next((one for one in self._present() if one.id == code_id), None)
        if found is None:
            raise _missing(code_id)
        return found

    async def former(self, connection_id: str, key: AliasKey) -> Sequence[FormerAlias]:
        ours = (former for owner, former in self._rows.alias_history if owner == self._tenant_id)
        return [one for one in ours if (one.alias.connection_id, one.alias.key) == (connection_id, key)][::-1]

    async def take_turn(self, connection_id: str) -> None:
        """Nothing to do: transactions run one at a time."""

    async def put(self, connection_id: str, changed: Sequence[Alias]) -> None:
        for alias in changed:
            record = (connection_id, alias.key, alias.source)
            stored = replace(alias, seq=next(_seq))
            if record in self._rows.aliases:
                former = self._rows.aliases[record].alias
                self._end(FormerAlias(former, AliasEnd.REPLACED, alias.set_at, alias.set_by))
                stored = replace(alias, id=former.id, seq=former.seq)
            self._rows.aliases[record] = StoredAlias(self._tenant_id, stored)

    async def remove(self, alias_id: str, *, at: datetime, by: str) -> Alias:
        alias = await self.get(alias_id)
        del self._rows.aliases[alias.connection_id, alias.key, alias.source]
        self._end(FormerAlias(alias, AliasEnd.REMOVED, at, by))
        return alias

    async def history(self, alias_id: str) -> Sequence[FormerAlias]:
        ended = [former for owner, former in self._rows.alias_history if owner == self._tenant_id]
        for alias in (*self._present(), *(former.alias for former in ended)):
            if alias.id == alias_id:
                former = await self.former(alias.connection_id, alias.key)
                return [one for one in former if one.alias.source is alias.source]
        raise _missing(alias_id)

    def _present(self) -> list[Alias]:
        return [row.alias for row in self._rows.aliases.values() if row.tenant_id == self._tenant_id]

    def _end(self, former: FormerAlias) -> None:
        self._rows.alias_history.append((self._tenant_id, former))


def _searched(alias: Alias) -> tuple[str, ...]:
    return alias.entry.name, alias.code, alias.entry.servicetrade_id


def _missing(alias_id: str) -> NotFound:
    return NotFound(f"There is no alias {alias_id}.", code="ALIAS_NOT_FOUND", fix="List them again.")
