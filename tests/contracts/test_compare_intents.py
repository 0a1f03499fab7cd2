"""The database beside the mark: held when it is behind, left alone when it is not, and let go by a person's word."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.outbound.memory.remote.intent_mark import MemoryIntentMark
from adapters.outbound.memory.remote.service_trade import MemoryServiceTrade
from core.model.catalogue import finding
from core.model.connections.connection import Connection, Hold
from core.model.planning.job import JobSnapshot, Party
from core.model.sending.send import DashboardWarning
from core.model.shared.errors import BadInput, Conflict, NotFound, OperatorMends
from core.model.work_orders.cost_line import LineState
from core.services.sending import acknowledge_restore
from core.services.sending.acknowledge_restore import AcknowledgeRestore
from core.services.sending.compare_intents import CompareIntents
from core.services.service import LineTiming
from ports.storage.transactions import Transactions
from tests.support.dependencies import over
from tests.support.storage_scene import NOW, a_line, a_send, count_intent

AT_ONCE = LineTiming(quiet=timedelta())
ENDS_SOON = finding("SECRET_ENDS_SOON", "It ends.")


@pytest.fixture
def mark() -> MemoryIntentMark:
    return MemoryIntentMark()


@pytest.fixture
def compare(transactions: Transactions, mark: MemoryIntentMark) -> CompareIntents:
    return CompareIntents(replace(over(transactions), intent_mark=mark, line_timing=AT_ONCE))


@pytest.fixture
def service_trade() -> MemoryServiceTrade:
    return MemoryServiceTrade()


@pytest.fixture
def acknowledge(
    transactions: Transactions, mark: MemoryIntentMark, service_trade: MemoryServiceTrade
) -> AcknowledgeRestore:
    return AcknowledgeRestore(replace(over(transactions), service_trade=service_trade, intent_mark=mark))


async def stored(transactions: Transactions, number: int = 1) -> Connection:
    async with transactions.begin(f"ten_{number}") as t:
        return await t.connections.get(f"con_{number}")


async def intents(transactions: Transactions, count: int) -> None:
    async with transactions.begin("ten_1") as t:
        for _ in range(count):
            await count_intent(t)


async def told(transactions: Transactions) -> tuple[list[str], list[str]]:
    """The codes of the open warnings, and the actions of the audit, newest first."""
    async with transactions.begin("ten_1") as t:
        return [one.finding.code for one in await t.warnings.open()], [one.action for one in await t.audit.page()]


async def test_a_database_that_knows_all_is_left_alone(
    transactions: Transactions, compare: CompareIntents, mark: MemoryIntentMark
) -> None:
    await intents(transactions, 2)
    mark.note("con_1", 2)
    found = await compare()
    assert (found.behind, found.held, found.unmarked, found.missing) == ((), (), (), ())
    assert (await stored(transactions)).items_hold is None
    assert await told(transactions) == ([], [])


async def test_a_database_that_is_behind_holds_the_connection_and_says_so_once(
    transactions: Transactions, compare: CompareIntents, mark: MemoryIntentMark
) -> None:
    await intents(transactions, 2)
    mark.note("con_1", 5)
    found = await compare()
    assert [(one.id, number) for one, number in found.behind] == [("con_1", 5)]
    held = await stored(transactions)
    assert held.items_hold
    assert held.items_hold.finding.code == "DATABASE_RESTORED"
    assert "3 calls that add something are missing" in held.items_hold.finding.message
    assert any("Confirm the check" in step for step in held.items_hold.finding.fix)
    assert held.hold is None, "headers go on"
    assert await told(transactions) == (["DATABASE_RESTORED"], ["restore.found"])
    again = await compare()
    assert [(one.id, number) for one, number in again.behind] == [("con_1", 5)]
    assert await stored(transactions) == held
    assert await told(transactions) == (["DATABASE_RESTORED"], ["restore.found"])


async def test_a_connection_to_the_same_company_is_held_beside_it_and_no_other(
    transactions: Transactions, compare: CompareIntents, mark: MemoryIntentMark
) -> None:
    """What the one that is behind has posted, the other does not see any more either, whoever's it is."""
    async with transactions.begin("ten_2") as t:
        beside = await t.connections.get("con_2")
        other = replace(beside, id="con_3", slug="other", external_system="other", company_code="999")
        await t.connections.add(other, await t.connections.secrets("con_2"))
    await intents(transactions, 2)
    mark.note("con_1", 5)
    await compare()
    held = {one.id: one.items_hold for one in (await compare()).held}
    assert held.keys() == {"con_1", "con_2"}
    assert held["con_2"]
    assert "another connection to the same Spectrum company" in held["con_2"].finding.message


async def test_a_warning_that_was_put_aside_does_not_come_back(
    transactions: Transactions, compare: CompareIntents, mark: MemoryIntentMark
) -> None:
    mark.note("con_1", 1)
    await compare()
    async with transactions.begin("ten_1") as t:
        [warning] = await t.warnings.open()
        await t.warnings.dismiss(warning.id)
    await compare()
    assert (await told(transactions))[0] == []
    held = (await stored(transactions)).items_hold
    assert held
    assert "1 call that adds something to Spectrum is missing" in held.finding.message


async def test_looking_changes_nothing(
    transactions: Transactions, compare: CompareIntents, mark: MemoryIntentMark
) -> None:
    mark.note("con_1", 1)
    await intents(transactions, 0)
    assert len((await compare.look()).behind) == 1
    assert (await stored(transactions)).items_hold is None


async def test_a_connection_that_was_removed_and_is_back_with_a_backup_is_held(
    transactions: Transactions, compare: CompareIntents, mark: MemoryIntentMark
) -> None:
    mark.note("con_1", 4)
    mark.forget("con_1")
    await compare()
    assert (await stored(transactions)).items_hold


async def test_connections_that_only_the_mark_knows_are_named_unless_they_were_removed_on_purpose(
    compare: CompareIntents, mark: MemoryIntentMark
) -> None:
    mark.note("con_8", 4)
    mark.note("con_9", 4)
    mark.forget("con_9")
    assert (await compare()).missing == ("con_8",)


async def test_without_a_mark_nothing_can_be_said_and_from_then_on_it_can(
    transactions: Transactions, compare: CompareIntents, mark: MemoryIntentMark
) -> None:
    await intents(transactions, 3)
    found = await compare(sending=False)
    assert [one.id for one in found.unmarked] == ["con_1"]
    assert mark.highest() == {}, "who only looks notes nothing"
    await compare()
    assert mark.highest() == {"con_1": 3}
    assert (await compare()).unmarked == ()


async def test_who_is_about_to_send_finds_out_first_that_it_cannot_note(
    transactions: Transactions, monkeypatch: pytest.MonkeyPatch, compare: CompareIntents, mark: MemoryIntentMark
) -> None:
    def ready() -> None:
        raise OperatorMends("no", code="INTENT_MARK_UNWRITABLE")

    monkeypatch.setattr(mark, "ready", ready)
    with pytest.raises(OperatorMends):
        await compare()
    await compare(sending=False)


async def test_a_drain_checks_its_own_connection(
    transactions: Transactions, compare: CompareIntents, mark: MemoryIntentMark
) -> None:
    await intents(transactions, 2)
    seen = await stored(transactions)
    assert await compare.check(seen) is False
    assert mark.of("con_1") == 2, "what others have sent is taken over"
    await intents(transactions, 1)
    mark.note("con_1", 3)
    assert await compare.check(seen) is False, "another worker went on since it was read"
    assert (await stored(transactions)).items_hold is None
    mark.note("con_1", 4)
    assert await compare.check(seen) is True
    assert (await stored(transactions)).items_hold
    assert await compare.check(seen) is True


async def test_a_larger_number_of_another_machine_is_taken_into_the_hold(
    transactions: Transactions, compare: CompareIntents, mark: MemoryIntentMark
) -> None:
    mark.note("con_1", 2)
    await compare()
    first = (await stored(transactions)).items_hold
    other = MemoryIntentMark()
    other.note("con_1", 7)
    await CompareIntents(replace(over(transactions), intent_mark=other, line_timing=AT_ONCE))()
    second = (await stored(transactions)).items_hold
    assert first
    assert second
    assert (second.since, second.intents) == (first.since, 7)
    assert "7 calls" in second.finding.message


async def test_what_was_completed_since_is_listed_with_what_is_known_of_it(
    transactions: Transactions,
    compare: CompareIntents,
    mark: MemoryIntentMark,
    acknowledge: AcknowledgeRestore,
    service_trade: MemoryServiceTrade,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await acknowledge.look("ten_1") == []
    [unheld] = await acknowledge.look("ten_1", "main-1")
    assert (unheld.since, unheld.jobs) == (None, ())
    await intents(transactions, 1)
    last = (await stored(transactions)).last_intent_at
    assert last
    old, new = last - timedelta(hours=2), last + timedelta(minutes=1)
    for job_id, updated in (("1", new), ("2", new), ("3", old)):
        party = Party(id="1", name="One")
        job = JobSnapshot(
            id=job_id,
            number=f"60000{job_id}",
            status="scheduled",
            customer=party,
            location=party,
        )
        service_trade.add_job("ten_1", job)
        service_trade.complete("ten_1", job_id)
        kept = service_trade.jobs["ten_1", job_id]
        kept.snapshot = replace(kept.snapshot, updated=updated)
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send())
        await t.ledger.save([a_line()])
    mark.note("con_1", 2)
    await compare()
    [found] = await acknowledge.look("ten_1")
    assert found.since == last - timedelta(hours=1)
    assert {job.job_id for job in found.jobs} == {"1", "2"}
    assert not found.more
    assert not any(job.items_known for job in found.jobs), "a line that is only planned is no sign of items"
    async with transactions.begin("ten_1") as t:
        [line] = await t.ledger.on_account("con_1", "1", "")
        await t.ledger.save([replace(line, state=LineState.POSTED, attempt_id="att_1")])
    [found] = await acknowledge.look("ten_1", "main-1")
    assert {job.job_id: job.items_known for job in found.jobs} == {"1": True, "2": False}
    monkeypatch.setattr(acknowledge_restore, "MOST_JOBS", 1)
    [found] = await acknowledge.look("ten_1")
    assert (len(found.jobs), found.more) == (1, True)


async def test_acknowledging_lets_items_go_and_the_next_start_holds_nothing(
    transactions: Transactions, compare: CompareIntents, mark: MemoryIntentMark, acknowledge: AcknowledgeRestore
) -> None:
    await intents(transactions, 2)
    mark.note("con_1", 5)
    await compare()
    async with transactions.begin("ten_1") as t:
        waits = Hold(ENDS_SOON, NOW, None)
        await t.connections.set_hold("con_1", waits)
    [ended] = await acknowledge("ten_1", None, reason=" compared with the costs ", by="ann")
    now = await stored(transactions)
    assert ended == now
    assert (now.items_hold, now.intents, now.hold) == (None, 5, waits)
    assert now.restored_at
    assert abs(now.restored_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert await told(transactions) == ([], ["restore.acknowledged", "restore.found"])
    async with transactions.begin("ten_1") as t:
        entry = (await t.audit.page(limit=1))[0]
        assert await count_intent(t) == 6
    assert (entry.actor, entry.subject) == ("ann", "con_1")
    assert entry.detail == {"connection": "main-1", "reason": "compared with the costs", "known": "2", "sent": "5"}
    assert (await compare()).behind == ()
    assert (await stored(transactions)).items_hold is None


async def test_a_machine_without_the_mark_can_acknowledge_as_well(
    transactions: Transactions, compare: CompareIntents, mark: MemoryIntentMark, service_trade: MemoryServiceTrade
) -> None:
    mark.note("con_1", 5)
    await compare()
    elsewhere = AcknowledgeRestore(replace(over(transactions), service_trade=service_trade))
    await elsewhere("ten_1", "main-1", reason="compared", by="ann")
    assert (await compare()).behind == ()


async def test_another_warning_of_the_connection_stays(
    transactions: Transactions, compare: CompareIntents, mark: MemoryIntentMark, acknowledge: AcknowledgeRestore
) -> None:
    mark.note("con_1", 5)
    await compare()
    async with transactions.begin("ten_1") as t:
        await t.warnings.put(
            DashboardWarning(
                id="wrn_9",
                tenant_id="ten_1",
                connection_id="con_1",
                job_id="",
                send_id="",
                finding=ENDS_SOON,
                raised_at=NOW,
            )
        )
    await acknowledge("ten_1", "main-1", reason="compared", by="ann")
    assert (await told(transactions))[0] == ["SECRET_ENDS_SOON"]


async def test_only_what_is_held_can_be_acknowledged_and_only_with_a_reason(
    transactions: Transactions, compare: CompareIntents, mark: MemoryIntentMark, acknowledge: AcknowledgeRestore
) -> None:
    for slug in (None, "main-1"):
        with pytest.raises(Conflict) as caught:
            await acknowledge("ten_1", slug, reason="compared", by="ann")
        assert caught.value.code == "RESTORE_NOT_HELD"
    mark.note("con_1", 5)
    await compare()
    for reason in ("", "  ", "x" * 501):
        with pytest.raises(BadInput) as wrong:
            await acknowledge("ten_1", "main-1", reason=reason, by="ann")
        assert [one.pointer for one in wrong.value.errors] == ["/reason"]
    with pytest.raises(NotFound):
        await acknowledge("ten_1", "south", reason="compared", by="ann")
    assert (await stored(transactions)).items_hold
