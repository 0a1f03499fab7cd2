"""The daily summary tells how completed jobs stand: all well, what is not accounted for, or that nobody could tell."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from core.model.notifications.content import Content
from core.model.notifications.notice import NoticeKind
from core.model.notifications.recipient import Channel, Choice
from core.model.shared.errors import TenantMends, TimeMends
from tests.support.http_scene import JOB, Scene, api

AWAY = TimeMends("ServiceTrade does not answer.", code="ST_UNREACHABLE")


@dataclass
class Office:
    scene: Scene
    tenant_id: str
    recipients: list[str]

    async def completed(self, *numbers: int, sent: int = 0) -> None:
        for place, number in enumerate(numbers):
            job = replace(JOB, id=str(number), number=f"10{number}")
            await self.scene.add_job(job)
            self.scene.service_trade.complete(self.tenant_id, job.id)
            if place < sent:
                await self.scene.send(job)
                await self.scene.work()

    async def next_hour(self) -> None:
        """It is the hour of the summary."""
        async with self.scene.transactions.begin(self.tenant_id) as t:
            at = (await t.notifications.get(self.recipients[0])).digest_at
        assert at
        self.scene.clock.advance((at - self.scene.clock.now()).total_seconds() + 1)

    async def tell(self) -> list[Content]:
        """The summaries so far, after everybody's turn."""
        for one in self.recipients:
            await self.scene.tell_recipient(self.tenant_id, one)
        return [one.content for one in self.scene.mailer.sent if one.content.subject.startswith("Daily")]

    def due(self) -> datetime:
        """When the first recipient has its next turn."""
        return min(
            at for (_, subject), at in self.scene.transactions.rows.due_work.items() if subject in self.recipients
        )


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with api() as scene:
        await scene.furnish()
        scene.clock.advance((datetime.now(UTC) - scene.clock.now()).total_seconds())
        tenant = await scene.use_cases.find_tenant("cardinal")
        choice = Choice(kinds=(NoticeKind.DIGEST,))
        found = [
            await scene.use_cases.recipients.add(tenant.id, Channel.MAIL, f"{name}@example.com", choice, by="ann")
            for name in ("office", "owner")
        ]
        yield Office(scene, tenant.id, [one.id for one in found])


async def test_all_well_is_told_with_the_number_of_jobs(office: Office) -> None:
    await office.completed(1, 2, sent=2)
    await office.next_hour()
    first, second = await office.tell()
    assert first.lead[-1].endswith("All 2 completed jobs are accounted for.")
    assert first.subject.endswith("2 completed jobs accounted for")
    assert (first.path, first.sections) == ("/t/cardinal", ())
    assert second == first
    assert office.scene.service_trade.calls.count("completed_between") == 2, "one comparison for both"


async def test_what_is_not_accounted_for_is_named(office: Office) -> None:
    await office.completed(1, 2, 3, sent=1)
    await office.next_hour()
    told, *_ = await office.tell()
    assert told.lead[-1].endswith("Of 3 jobs completed, 2 are not accounted for.")
    [section] = [one for one in told.sections if one.title.startswith("Completed")]
    [run] = office.scene.transactions.rows.reconciliations
    whole = f"/t/cardinal/reconciliations/{run}"
    assert [row.path for row in section.rows] == ["/t/cardinal/jobs/2", "/t/cardinal/jobs/3", whole]
    assert section.rows[-1].text == "All 2 jobs, and what to do"
    assert told.path == whole, "the only link of a post"


async def test_while_servicetrade_is_away_the_summary_waits_and_then_says_so(office: Office) -> None:
    await office.completed(1, sent=1)
    await office.next_hour()
    office.scene.service_trade.fail_next(*[AWAY] * 20, call="completed_between")
    assert await office.tell() == []
    now = office.scene.clock.now()
    assert now < office.due() <= now + timedelta(minutes=1), "it looks again soon, and not all the time"
    office.scene.clock.advance(44 * 60)
    assert await office.tell() == []
    office.scene.clock.advance(2 * 60)
    told, *_ = await office.tell()
    assert "Not all completed jobs could be compared in time, no job so far." in told.lead[-1]
    assert "ServiceTrade does not answer." in told.lead[-1]
    assert told.subject.endswith("completed jobs not all compared")
    assert told.path.startswith("/t/cardinal/reconciliations/"), "where it can be compared again"


async def test_once_servicetrade_answers_again_the_waiting_summary_is_told(office: Office) -> None:
    await office.completed(1, sent=1)
    await office.next_hour()
    office.scene.service_trade.fail_next(AWAY, call="completed_between")
    assert await office.tell() == []
    [run] = office.scene.transactions.rows.reconciliations
    await office.scene.carry_out_reconciliation(office.tenant_id, run)
    told, *_ = await office.tell()
    assert told.lead[-1].endswith("The one completed job is accounted for.")


async def test_a_login_that_is_refused_is_told_at_once(office: Office) -> None:
    await office.completed(1, sent=1)
    await office.next_hour()
    refused = TenantMends("ServiceTrade refuses the password.", code="ST_LOGIN_REFUSED")
    office.scene.service_trade.fail_next(*[refused] * 9, call="completed_between")
    told, *_ = await office.tell()
    assert "Not all completed jobs could be compared: ServiceTrade refuses the password." in told.lead[-1]


async def test_the_next_day_is_compared_anew(office: Office) -> None:
    await office.next_hour()
    assert "No job was completed." in (await office.tell())[0].lead[-1]
    await office.completed(1)
    await office.next_hour()
    assert (await office.tell())[-1].lead[-1].endswith("Of 1 job completed, 1 is not accounted for.")
