"""One suite for what the first page counts, in memory and in PostgreSQL: open warnings by cause, sends by time."""

from __future__ import annotations

from datetime import timedelta

from core.model.catalogue import finding
from core.model.sending.send import Cause, DashboardWarning, SendState
from core.model.shared.position import Position
from ports.storage.transactions import Transactions
from tests.support.storage_scene import NOW, a_send


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


async def test_warnings_are_counted_by_cause_the_most_frequent_first(transactions: Transactions) -> None:
    async with transactions.begin("ten_2") as t:
        await t.warnings.put(a_warning(9, "MAP_SITE_MISSING", tenant=2))
    async with transactions.begin("ten_1") as t:
        assert await t.warnings.causes() == []
        for number, code, minutes in (
            (1, "RECORD_LOCKED", 3),
            (2, "MAP_SITE_MISSING", 2),
            (3, "MAP_SITE_MISSING", 7),
            (4, "IN_DOUBT_POST", 1),
        ):
            await t.warnings.put(a_warning(number, code, minutes=minutes))
        first, last = NOW + timedelta(minutes=2), NOW + timedelta(minutes=7)
        found = await t.warnings.causes()
        assert found[0] == Cause(code="MAP_SITE_MISSING", count=2, first=first, last=last)
        assert [cause.code for cause in found[1:]] == ["IN_DOUBT_POST", "RECORD_LOCKED"]


async def test_warnings_of_one_cause_come_newest_first(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        for number, code in ((1, "MAP_SITE_MISSING"), (2, "RECORD_LOCKED"), (3, "MAP_SITE_MISSING")):
            await t.warnings.put(a_warning(number, code, minutes=number))
        newest = await t.warnings.open(code="MAP_SITE_MISSING")
        assert [one.id for one in newest] == ["wrn_3", "wrn_1"]
        rest = await t.warnings.open(code="MAP_SITE_MISSING", after=Position(newest[0].raised_at, newest[0].id))
        assert [one.id for one in rest] == ["wrn_1"]
        assert await t.warnings.open(code="NOTHING") == []


async def test_sends_are_counted_by_what_became_of_them_since_a_moment(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        for number, minutes, state in (
            (1, -1, SendState.SENT),
            (2, 0, SendState.SENT),
            (3, 5, SendState.SENT),
            (4, 5, SendState.QUEUED),
        ):
            await t.sends.add(a_send(number, requested_at=NOW + timedelta(minutes=minutes), state=state))
        assert await t.sends.count_since(NOW) == {SendState.SENT: 2, SendState.QUEUED: 1}
    async with transactions.begin("ten_2") as t:
        assert await t.sends.count_since(NOW) == {}
