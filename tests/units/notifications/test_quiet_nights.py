"""What happens in quiet hours is told when they end, by the tenant's clock, also on nights on which clocks change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from adapters.outbound.memory.remote.mailer import MemoryMailer
from adapters.outbound.memory.transactions import MemoryTransactions
from core.model.notifications.notice import NoticeKind
from core.model.notifications.recipient import Choice
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, Tenant
from ports.storage.due_work import WorkKind
from tests.support.dependencies import over, telling
from tests.support.notification_scene import SECRETS, a_notice, a_recipient

QUIET = Choice(kinds=(NoticeKind.FAILED,), quiet_from=22, quiet_until=6)


@pytest.mark.parametrize(
    ("zone", "evening", "hours"),
    [
        ("America/Chicago", (2026, 3, 7), 7),
        ("America/Chicago", (2026, 10, 31), 9),
        ("Europe/Berlin", (2026, 3, 28), 7),
        ("Europe/Berlin", (2026, 10, 24), 9),
        ("Europe/Berlin", (2026, 6, 1), 8),
    ],
)
async def test_the_mail_goes_out_at_six_by_the_clock_on_the_wall(
    zone: str, evening: tuple[int, int, int], hours: int
) -> None:
    there = ZoneInfo(zone)
    clock = [datetime(*evening, 22, tzinfo=there).astimezone(UTC)]
    transactions, mailer = MemoryTransactions(lambda: clock[0]), MemoryMailer()
    async with transactions.begin_instance() as i:
        tenant = Tenant(id="ten_1", slug="tenant-1", name="Tenant", time_zone=zone)
        await i.tenants.add(tenant, PasswordLogin("user", Secret("x")))
    began = clock[0]
    async with transactions.begin("ten_1") as t:
        await t.notifications.add(a_recipient(choice=QUIET), SECRETS)
        await t.notifications.tell(a_notice(at=began, ready_at=began + timedelta(minutes=1)))
    d = replace(over(transactions), mailer=mailer)
    tell = telling(d)
    while not mailer.sent:
        await tell("ten_1", "rcp_1")
        if not mailer.sent:
            clock[0] = transactions.rows.due_work[WorkKind.NOTIFICATION, "rcp_1"]
    assert clock[0] - began == timedelta(hours=hours)
    assert clock[0].astimezone(there).hour == 6
