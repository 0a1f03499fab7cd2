"""The aliases of one connection, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.model.mappings.alias import Alias, AliasKind
from ports.storage.transactions import Transactions


@dataclass(frozen=True, slots=True)
class AliasPage:
    """`next_before` is the `before` of the next page, None at the end."""

    aliases: Sequence[Alias]
    next_before: int | None


class ListAliases:
    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def __call__(
        self,
        tenant_id: str,
        connection: str,
        *,
        kind: AliasKind | None = None,
        search: str = "",
        limit: int = 100,
        before: int | None = None,
    ) -> AliasPage:
        """`connection` is a slug. `search` selects aliases with this text in their name, code or ServiceTrade id.

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
