"""One suite for lists of open warnings, in memory and in PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.model.catalogue import finding
from core.model.mappings.alias import AliasKind
from core.model.mappings.job_record import JobRecord, freed_by
from core.model.sending.send import DashboardWarning, Topic
from core.model.shared.position import Position
from ports.storage.transactions import Transactions
from tests.support.storage_scene import NOW


def a_warning(number: int, code: str, tenant: int = 1, minutes: int = 0) -> DashboardWarning:
    return DashboardWarning(
        id=f"wrn_{number}",
        tenant_id=f"ten_{tenant}",
        connection_id=f"con_{tenant}",
        job_id=str(number),
        send_id=f"snd_{number}",
        finding=finding(code, "so it is"),
        raised_at=NOW + timedelta(minutes=minutes),
    )


async def test_warnings_of_one_cause_come_newest_first(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        for number, code in ((1, "MAP_SITE_MISSING"), (2, "RECORD_LOCKED"), (3, "MAP_SITE_MISSING")):
            await t.warnings.put(a_warning(number, code, minutes=number))
        newest = await t.warnings.open(code="MAP_SITE_MISSING")
        assert [one.id for one in newest] == ["wrn_3", "wrn_1"]
        rest = await t.warnings.open(code="MAP_SITE_MISSING", after=Position(newest[0].raised_at, newest[0].id))
        assert [one.id for one in rest] == ["wrn_1"]
        assert await t.warnings.open(code="NOTHING") == []


async def test_warnings_beside_sends_are_those_of_connections_and_of_jobs_that_cannot_be_read(
    transactions: Transactions,
) -> None:
    async with transactions.begin("ten_1") as t:
        await t.warnings.put(a_warning(1, "RECORD_LOCKED"))
        for number, topic in ((2, Topic.POLL), (3, Topic.SECRET), (4, Topic.LATE)):
            await t.warnings.put(replace(a_warning(number, "RECORD_LOCKED", minutes=number), topic=topic))
        assert [one.id for one in await t.warnings.beside_sends(limit=9)] == ["wrn_4", "wrn_3", "wrn_2"]
        assert [one.id for one in await t.warnings.beside_sends(limit=1)] == ["wrn_4"]
    async with transactions.begin("ten_2") as t:
        assert await t.warnings.beside_sends(limit=9) == []


def a_need(number: int, *needs: tuple[AliasKind, str], minutes: int = 0) -> DashboardWarning:
    records = tuple(JobRecord(kind, record, f"<{record}>") for kind, record in needs)
    return replace(a_warning(number, "MAP_SITE_MISSING", minutes=minutes), needs=records)


async def test_sends_that_need_nothing_but_some_codes_are_found_by_them(transactions: Transactions) -> None:
    customer, site = (AliasKind.CUSTOMER, "7"), (AliasKind.SITE, "3")
    async with transactions.begin("ten_1") as t:
        await t.warnings.put(a_need(1, site))
        await t.warnings.put(a_need(2, site, minutes=1))
        await t.warnings.put(a_need(3, site, customer))
        await t.warnings.put(a_need(4))
        await t.warnings.put(a_need(5, (AliasKind.CUSTOMER, "3")))
    async with transactions.begin("ten_1") as t:
        found = await t.warnings.needing("con_1", freed_by([site]), limit=10)
        assert [one.id for one in found] == ["wrn_2", "wrn_1"]
        assert found[0].needs == (JobRecord(AliasKind.SITE, "3", "<3>"),)
        assert len(await t.warnings.needing("con_1", freed_by([site, customer]), limit=10)) == 3
        assert len(await t.warnings.needing("con_1", freed_by([customer, site]), limit=2)) == 2
        assert await t.warnings.count_needing("con_1", freed_by([site]), without="2") == 1
        assert await t.warnings.count_needing("con_1", freed_by([site]), without="") == 2
        assert await t.warnings.count_needing("con_1", [], without="") == 0
        assert await t.warnings.count_needing("con_1", [""], without="") == 0
        assert await t.warnings.needing("con_1", [""], limit=10) == []
    async with transactions.begin("ten_2") as t:
        assert await t.warnings.needing("con_1", freed_by([site]), limit=10) == []
