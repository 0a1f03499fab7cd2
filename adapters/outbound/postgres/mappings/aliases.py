"""The stored codes of a tenant's records. Many are read and stored at once: an import has thousands."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Executable, Select, Text, delete, func, literal, or_, select, tuple_
from sqlalchemy import cast as as_type
from sqlalchemy.dialects.postgresql import ARRAY, insert

from adapters.outbound.postgres.records import alias_of, alias_values, former_alias_of
from adapters.outbound.postgres.repository import Repository, newest
from adapters.outbound.postgres.tables.setup import alias_history, aliases
from core.model.mappings.alias import Alias, AliasEnd, AliasKey, AliasKind, CodeSource, FormerAlias
from core.model.shared.errors import NotFound
from ports.storage.aliases import Aliases

_RECORD = ("connection_id", "kind", "servicetrade_id", "source")
_SET = ("name", "code", "set_at", "set_by")


class PostgresAliases(Repository, Aliases):
    async def of(
        self, connection_id: str, keys: Collection[AliasKey], *, source: CodeSource = CodeSource.ALIAS
    ) -> Sequence[Alias]:
        return await self._found(self._of(connection_id, keys, source)) if keys else []

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
        query = self._of(connection_id, source=source)
        if kind is not None:
            query = query.where(aliases.c.kind == kind.value)
        if search:
            searched = (aliases.c.name, aliases.c.code, aliases.c.servicetrade_id)
            query = query.where(or_(*(column.icontains(search, autoescape=True) for column in searched)))
        return await self._found(newest(query, aliases.c.seq, limit, before))

    async def alike(
        self, connection_id: str, kind: AliasKind, words: Collection[str], *, limit: int = 200
    ) -> Sequence[Alias]:
        if not words:
            return []
        named = or_(*(aliases.c.name.icontains(word, autoescape=True) for word in words))
        query = self._of(connection_id, source=None).where(aliases.c.kind == kind.value, named)
        return await self._found(newest(query, aliases.c.seq, limit, None))

    async def get(self, code_id: str) -> Alias:
        this = select(aliases).where(self._ours(aliases, id=code_id))
        return alias_of(await self._row_or(_missing(code_id), this))

    async def former(self, connection_id: str, key: AliasKey) -> Sequence[FormerAlias]:
        kind, record_id = key
        ours = self._ours(alias_history, connection_id=connection_id, kind=kind.value, servicetrade_id=record_id)
        query = select(alias_history).where(ours).order_by(alias_history.c.seq.desc())
        return [former_alias_of(row) for row in await self._rows(query)]

    async def take_turn(self, connection_id: str) -> None:
        # A record without an alias has no row to lock, so writers take turns on an advisory lock of the connection.
        key = func.hashtextextended(f"aliases of {connection_id}", 0)
        await self._run(select(func.pg_advisory_xact_lock(key)))

    async def put(self, connection_id: str, changed: Sequence[Alias]) -> None:
        if not changed:
            return
        await self.take_turn(connection_id)
        for source in {alias.source for alias in changed}:
            there = self._of(connection_id, [alias.key for alias in changed if alias.source is source], source)
            await self._keep(there, AliasEnd.REPLACED, changed[0].set_at, changed[0].set_by)
        stored = insert(aliases)
        await self._connection.execute(
            stored.on_conflict_do_update(index_elements=_RECORD, set_={name: stored.excluded[name] for name in _SET}),
            [alias_values(alias) | {"tenant_id": self._tenant_id} for alias in changed],
        )

    async def remove(self, alias_id: str, *, at: datetime, by: str) -> Alias:
        await self.take_turn((await self.get(alias_id)).connection_id)
        alias = await self.get(alias_id)  # read again after getting the lock
        this = self._ours(aliases, id=alias_id)
        await self._keep(select(aliases).where(this), AliasEnd.REMOVED, at, by)
        await self._run(delete(aliases).where(this))
        return alias

    async def history(self, alias_id: str) -> Sequence[FormerAlias]:
        now, past = (tuple_(*(table.c[name] for name in _RECORD)) for table in (aliases, alias_history))
        here = select(*now.clauses).where(self._ours(aliases, id=alias_id))
        there = select(*past.clauses).where(self._ours(alias_history, alias_id=alias_id))
        if await self._row(here.union(there).limit(1)) is None:
            raise _missing(alias_id)
        query = select(alias_history).where(self._ours(alias_history), past.in_(here.union(there)))
        return [former_alias_of(row) for row in await self._rows(query.order_by(alias_history.c.seq.desc()))]

    def _of(
        self,
        connection_id: str,
        keys: Collection[AliasKey] | None = None,
        source: CodeSource | None = CodeSource.ALIAS,
    ) -> Select[tuple[object]]:
        query = select(aliases).where(self._ours(aliases, connection_id=connection_id))
        if source is not None:
            query = query.where(aliases.c.source == source.value)
        if keys is None:
            return query
        # Two arrays for any number of keys: a statement in PostgreSQL has at most 65,535 parameters.
        kinds, ids = ([kind.value for kind, _ in keys], [id_ for _, id_ in keys])
        arrays = func.unnest(as_type(kinds, ARRAY(Text)), as_type(ids, ARRAY(Text)))
        asked = arrays.table_valued("kind", "id").render_derived()
        return query.where(tuple_(aliases.c.kind, aliases.c.servicetrade_id).in_(select(asked.c.kind, asked.c.id)))

    async def _found(self, query: Executable) -> list[Alias]:
        return [alias_of(row) for row in await self._rows(query)]

    async def _keep(self, query: Select[tuple[object]], end: AliasEnd, at: datetime, by: str) -> None:
        """Copy the current state of these aliases to the history."""
        values = {
            "alias_id": aliases.c.id,
            "alias_seq": aliases.c.seq,
            **{name: aliases.c[name] for name in ("tenant_id", *_RECORD, *_SET)},
            "ended": literal(end.value),
            "ended_at": literal(at),
            "ended_by": literal(by),
        }
        former = query.with_only_columns(*values.values()).order_by(aliases.c.seq)
        await self._run(insert(alias_history).from_select(list(values), former))


def _missing(alias_id: str) -> NotFound:
    return NotFound(f"There is no alias {alias_id}.", code="ALIAS_NOT_FOUND", fix="List them again.")
