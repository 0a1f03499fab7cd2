"""Two people set the same alias at the same moment: both are heard, one after the other, and nothing gets lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.ids import UlidIds
from core.model.mappings.alias import AliasEntry, AliasKind
from core.services.mappings.aliases import Aliases, change
from tests.support.dependencies import over
from tests.support.storage_scene import NOW, furnish, until_somebody_waits


def an_entry(code: str) -> AliasEntry:
    return AliasEntry(AliasKind.SITE, "7", "Dock 7", code)


async def test_the_second_one_waits_and_puts_the_first_into_the_history(engine: AsyncEngine, database_url: str) -> None:
    transactions = await furnish(engine)
    aliases = Aliases(replace(over(transactions), ids=UlidIds()))
    async with transactions.begin("ten_1") as t:
        await change(t, "con_1", [an_entry("FIRST")], at=NOW, by="ann", ids=UlidIds())
        second = asyncio.create_task(aliases.set("ten_1", "main-1", [an_entry("SECOND")], by="bob"))
        await asyncio.wait_for(until_somebody_waits(database_url), 20)
    done = await second
    assert [one.former.code for one in done.changes.changed] == ["FIRST"]
    async with transactions.begin("ten_1") as t:
        [alias] = await t.aliases.page("con_1")
        assert (alias.code, [one.alias.code for one in await t.aliases.history(alias.id)]) == ("SECOND", ["FIRST"])
        assert len(await t.audit.page()) == 1, "the first one was stored without its service"


async def test_what_no_database_takes_is_found_nowhere(engine: AsyncEngine) -> None:
    aliases = Aliases(over(await furnish(engine)))
    for search in ("\x00", "a\x00b", "\ud800"):
        assert (await aliases.page("ten_1", "main-1", search=search)).aliases == ()


async def test_another_connection_does_not_wait(engine: AsyncEngine) -> None:
    transactions = await furnish(engine)
    async with transactions.begin("ten_1") as t:
        await t.aliases.take_turn("con_1")
        async with asyncio.timeout(20), transactions.begin("ten_2") as other:
            changes = await change(other, "con_2", [an_entry("A")], at=NOW, by="ann", ids=UlidIds())
    assert len(changes.added) == 1
