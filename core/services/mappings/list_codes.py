"""All codes of a connection that Jobferry knows: its aliases, and copies of the external ids that it met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.model.connections.connection import Connection
from core.model.mappings.alias import Alias, AliasKey, CodeSource, FormerAlias
from core.services.service import Service


@dataclass(frozen=True, slots=True)
class ListedCode:
    """`overruled`: an external id that does not count, because the record has an alias."""

    code: Alias
    overruled: bool


@dataclass(frozen=True, slots=True)
class CodePage:
    """`next_before` is the `before` of the next page, None at the end."""

    codes: Sequence[ListedCode]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class RecordCodes:
    """The codes of one record: its alias and external id, if it has them, and all former ones, newest first."""

    connection: Connection
    key: AliasKey
    alias: Alias | None
    external_id: Alias | None
    former: Sequence[FormerAlias]

    @property
    def name(self) -> str:
        """The record's name as it was given last, '' if nobody gave one."""
        known = [self.alias, self.external_id, *(one.alias for one in self.former)]
        return next((one.entry.name for one in known if one and one.entry.name), "")


class ListCodes(Service):
    async def page(
        self, tenant_id: str, connection: str, *, search: str = "", limit: int = 50, before: int | None = None
    ) -> CodePage:
        """A page, newest first. `connection` is a slug; `search` finds text in name, code or ServiceTrade id.

        Raises NotFound (CONNECTION_NOT_FOUND).
        """
        wanted = search.strip()
        async with self._transactions.begin(tenant_id) as t:
            found = await t.connections.by_slug(connection)
            if not wanted.isprintable():  # no code holds such a character, and databases refuse some of them
                return CodePage((), None)
            listed = await t.aliases.page(found.id, source=None, search=wanted, limit=limit + 1, before=before)
            shown = listed[:limit]
            copies = [one.key for one in shown if one.source is CodeSource.SERVICETRADE]
            with_alias = {one.key for one in await t.aliases.of(found.id, copies)}
        codes = [ListedCode(one, one.source is CodeSource.SERVICETRADE and one.key in with_alias) for one in shown]
        return CodePage(codes, shown[-1].seq if len(listed) > limit else None)

    async def of_record(self, tenant_id: str, connection: str, key: AliasKey) -> RecordCodes:
        """The codes of a record and their history, all empty if nothing is known. Raises NotFound."""
        async with self._transactions.begin(tenant_id) as t:
            found = await t.connections.by_slug(connection)
            alias = await t.aliases.of(found.id, [key])
            external_id = await t.aliases.of(found.id, [key], source=CodeSource.SERVICETRADE)
            return RecordCodes(
                found,
                key,
                alias[0] if alias else None,
                external_id[0] if external_id else None,
                await t.aliases.former(found.id, key),
            )
