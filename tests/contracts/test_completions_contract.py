"""One suite, in memory and in PostgreSQL, for hints, completions, the watch, webhooks and the audit."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.model.connections.connection import ConnectionSecrets
from core.model.operations.audit import AuditEntry, AuditFilter
from core.model.shared.secret import Secret
from ports.storage.completions import CompletionNews, JobChange, PollState
from ports.storage.transactions import Transactions
from ports.storage.webhooks import WebhookRecord
from tests.support.storage_scene import NOW, a_connection

LATER = NOW + timedelta(minutes=1)
HOUR = timedelta(hours=1)


async def test_a_hint_heard_of_again_stays_one_of_a_higher_version(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.completions.add_change("7", LATER)
        await t.completions.add_change("7", NOW)
        assert await t.completions.next_change(NOW) == JobChange("7", 2)
        await t.completions.add_change("7", LATER)
        assert await t.completions.earliest_change() == NOW, "never later than before"


async def test_a_hint_that_was_heard_of_meanwhile_survives_its_end(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.completions.add_change("7", NOW)
        first = await t.completions.next_change(NOW)
        assert first
        await t.completions.add_change("7", NOW)
        await t.completions.checked(first)
        second = await t.completions.next_change(NOW)
        assert second == JobChange("7", 2)
        await t.completions.checked(second)
        assert await t.completions.next_change(LATER) is None
        assert await t.completions.earliest_change() is None


async def test_hints_come_in_the_order_they_are_due_and_wait_when_postponed(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.completions.add_change("8", NOW)
        await t.completions.add_change("7", NOW - timedelta(seconds=1))
        seven = await t.completions.next_change(NOW)
        assert seven == JobChange("7", 1)
        await t.completions.postpone(seven, LATER)
        eight = await t.completions.next_change(NOW)
        assert eight == JobChange("8", 1)
        assert await t.completions.next_change(LATER) == eight
        await t.completions.checked(eight)
        assert await t.completions.next_change(NOW) is None
        assert await t.completions.next_change(LATER) == JobChange("7", 1, tries=1)
        await t.completions.postpone(seven, LATER, failed=False)
        assert await t.completions.next_change(NOW) is None
        assert await t.completions.next_change(LATER) == JobChange("7", 1, tries=1), "waiting is no failed try"


async def test_a_completion_acts_once_a_connection_job_and_moment(transactions: Transactions) -> None:
    for moment in (NOW, LATER, None):
        async with transactions.begin("ten_1") as t:
            assert not await t.completions.known("con_1", "7", moment)
            assert await t.completions.record("con_1", "7", moment) is CompletionNews.NEW
            assert await t.completions.record("con_1", "7", moment) is CompletionNews.KNOWN
            assert not CompletionNews.KNOWN
            assert await t.completions.known("con_1", "7", moment)
            assert not await t.completions.known("con_2", "7", moment)
    async with transactions.begin("ten_2") as t:
        assert not await t.completions.known("con_1", "7", NOW)


@pytest.mark.parametrize("moment", [NOW, LATER, None])
async def test_after_a_reopening_one_completion_acts_once_more(
    transactions: Transactions, moment: datetime | None
) -> None:
    """Under whatever moment: an office may give the former date back."""
    async with transactions.begin("ten_1") as t:
        for first in (NOW, None):
            await t.completions.record("con_1", "7", first)
        await t.completions.record("con_1", "8", NOW)
        for _ in range(2):  # seen twice
            await t.completions.reopened("7", await t.completions.of_job("7"))
        assert {one.reopened for one in await t.completions.of_job("7")} == {True}
        assert not await t.completions.known("con_1", "7", moment)
        assert await t.completions.known("con_1", "8", NOW)
        assert await t.completions.record("con_1", "7", moment) is CompletionNews.REOPENED
        assert await t.completions.known("con_1", "7", moment)
        assert await t.completions.record("con_1", "7", moment) is CompletionNews.KNOWN
        assert await t.completions.record("con_1", "7", LATER + HOUR) is CompletionNews.NEW, "a corrected date"


async def test_a_reopening_counts_for_each_connection_that_had_acted(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        other = replace(a_connection(1), id="con_9", slug="nine", external_system="nine")
        await t.connections.add(other, ConnectionSecrets(Secret("AUTH")))
        await t.completions.record("con_1", "7", NOW)
        await t.completions.record("con_9", "7", NOW)
        await t.completions.reopened("7", await t.completions.of_job("7"))
        assert await t.completions.record("con_1", "7", LATER) is CompletionNews.REOPENED
        assert await t.completions.record("con_9", "7", LATER) is CompletionNews.REOPENED
        await t.completions.reopened("7", await t.completions.of_job("7"))
        await t.completions.forget_reopenings("con_9")
        assert await t.completions.record("con_1", "7", LATER + HOUR) is CompletionNews.REOPENED
        assert await t.completions.record("con_9", "7", LATER + HOUR) is CompletionNews.NEW
    async with transactions.begin("ten_2") as t:
        assert await t.completions.of_job("7") == []


async def test_what_acted_after_the_look_began_was_not_reopened(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.completions.record("con_1", "7", NOW)
        seen = await t.completions.of_job("7")
        await t.completions.record("con_1", "7", LATER)
        await t.completions.reopened("7", seen)
        assert await t.completions.known("con_1", "7", LATER)
        assert await t.completions.record("con_1", "7", NOW) is CompletionNews.REOPENED
        await t.completions.reopened("7", seen)
        assert await t.completions.known("con_1", "7", NOW), "it acted again since it was seen"


async def test_the_watch_is_due_earlier_and_later_only_where_asked(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.completions.set_due(LATER, only_earlier=True)
        await t.completions.set_due(NOW, only_earlier=True)
        await t.completions.set_due(LATER, only_earlier=True)
        await t.completions.set_due(None, only_earlier=False)
        assert await t.completions.poll() == PollState()


async def test_a_poll_counts_its_failures_and_knows_how_far_it_came(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        begun = await t.completions.poll()
        assert begun == PollState()
        assert [await t.completions.poll_failed(begun, LATER) for _ in range(2)] == [1, 1], "twins of one poll"
        begun = await t.completions.poll()
        assert begun == PollState(due_at=LATER, failures=1)
        assert await t.completions.poll_failed(begun, LATER) == 2
        await t.completions.poll_succeeded(await t.completions.poll(), NOW, LATER + HOUR)
        assert await t.completions.poll() == PollState(NOW, LATER + HOUR)
    async with transactions.begin("ten_2") as t:
        assert await t.completions.poll() == PollState()


async def test_a_poll_sent_back_begins_there_at_once_also_if_one_was_under_way(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.completions.poll_succeeded(PollState(), NOW, LATER)
        begun = await t.completions.poll()
        await t.completions.go_back(NOW + HOUR)
        assert await t.completions.poll() == PollState(NOW, None, version=1), "never forward"
        await t.completions.go_back(NOW - HOUR)
        await t.completions.poll_succeeded(begun, LATER, LATER + HOUR)
        assert await t.completions.poll() == PollState(NOW - HOUR, None, version=2)
        assert await t.completions.poll_failed(begun, LATER + HOUR) == 1
        assert await t.completions.poll() == PollState(NOW - HOUR, None, 1, version=2)


async def test_a_poll_that_was_never_made_is_not_limited_by_being_sent_back(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        for version in (1, 2):
            await t.completions.go_back(NOW)
            assert await t.completions.poll() == PollState(version=version)


async def test_changes_and_a_poll_that_are_due_too_late_are_pulled_forward(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.completions.add_change("7", NOW + HOUR)
        await t.completions.add_change("8", NOW + 3 * HOUR)
        await t.completions.poll_succeeded(PollState(), NOW, NOW + 3 * HOUR)
        await t.completions.set_due(NOW + HOUR, only_earlier=False)
    async with transactions.begin("ten_2") as t:
        assert await t.completions.pull_forward(NOW + 2 * HOUR, NOW) == 0, "another tenant's stay as they are"
    async with transactions.begin("ten_1") as t:
        assert await t.completions.pull_forward(NOW + 2 * HOUR, NOW) == 2
        assert await t.completions.next_change(NOW) == JobChange("8", 1)
        assert (await t.completions.poll()).due_at == NOW
        assert await t.completions.pull_forward(NOW + 2 * HOUR, NOW) == 0


async def test_a_webhook_is_found_by_its_digest_across_tenants_until_it_is_removed(transactions: Transactions) -> None:
    record = WebhookRecord(digest=b"one", webhook_id=None, made_at=NOW)
    async with transactions.begin("ten_1") as t:
        await t.webhooks.add(WebhookRecord(digest=b"two", webhook_id="9", made_at=LATER))
        await t.webhooks.add(record)
        assert [one.digest for one in await t.webhooks.all()] == [b"one", b"two"]
        await t.webhooks.confirm(b"one", "77")
        assert (await t.webhooks.all())[0].webhook_id == "77"
    async with transactions.begin("ten_2") as t:
        assert await t.webhooks.all() == []
        await t.webhooks.remove(b"one")
        await t.webhooks.confirm(b"one", "stolen")
    async with transactions.begin_instance() as i:
        assert await i.credentials.webhook_tenant(b"one") == "ten_1"
        assert await i.credentials.webhook_tenant(b"three") is None
    async with transactions.begin("ten_1") as t:
        assert (await t.webhooks.all())[0].webhook_id == "77"
        await t.webhooks.remove(b"one")
    async with transactions.begin_instance() as i:
        assert await i.credentials.webhook_tenant(b"one") is None


async def test_the_audit_is_a_tenants_own_and_newest_first(transactions: Transactions) -> None:
    entries = [
        AuditEntry(at=NOW, actor="ann", action="doubt.settled", subject=f"lin_{n}", detail={"outcome": "posted"})
        for n in range(3)
    ]
    async with transactions.begin("ten_1") as t:
        for entry in entries:
            await t.audit.record(entry)
        newest = await t.audit.page(limit=2)
        assert [entry.subject for entry in newest] == ["lin_2", "lin_1"]
        assert newest[0].detail == {"outcome": "posted"}
        assert [entry.subject for entry in await t.audit.page(before=newest[-1].seq)] == ["lin_0"]
    async with transactions.begin("ten_2") as t:
        assert await t.audit.page() == []


async def test_the_audit_is_narrowed_down(transactions: Transactions) -> None:
    done = (("ann", "person.added"), ("bob", "person_.added"), ("ann", "personal.note"), ("bob", "person.removed"))
    async with transactions.begin("ten_1") as t:
        for hours, (actor, action) in enumerate(done):
            at = NOW + timedelta(hours=hours)
            await t.audit.record(AuditEntry(at=at, actor=actor, action=action, subject=str(hours)))
        for only, left in (
            (AuditFilter(), "3210"),
            (AuditFilter(actor="ann"), "20"),
            (AuditFilter(actor="an_"), ""),
            (AuditFilter(action="person"), "30"),
            (AuditFilter(action="person_"), "1"),
            (AuditFilter(action="person.added"), "0"),
            (AuditFilter(action="%"), ""),
            (AuditFilter(since=NOW + timedelta(hours=1)), "321"),
            (AuditFilter(until=NOW + timedelta(hours=1)), "0"),
            (AuditFilter(actor="bob", action="person", since=NOW), "3"),
        ):
            assert "".join(one.subject for one in await t.audit.page(only=only)) == left, only
        [first] = await t.audit.page(limit=1, only=AuditFilter(actor="ann"))
        assert [one.subject for one in await t.audit.page(before=first.seq, only=AuditFilter(actor="ann"))] == ["0"]
