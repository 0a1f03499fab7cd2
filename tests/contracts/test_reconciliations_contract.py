"""Reconciliations in storage: what is to be checked, what was found, and how it is counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from core.model.reconciliation.entry import DIFFERS, Kind, Sums, mark_of
from core.model.reconciliation.run import RunState, RunStep
from core.model.shared.errors import NotFound
from ports.storage.due_work import WorkKind
from ports.storage.transactions import Transactions
from tests.support.reconciliation_scene import AT, a_listed_job, a_reconciled_job, a_run


async def add(transactions: Transactions, *jobs: int) -> None:
    async with transactions.begin("ten_1") as t:
        await t.reconciliations.add(a_run(), AT)
        await t.reconciliations.enter("rec_1", 1, [a_listed_job(number) for number in jobs])


async def test_a_reconciliation_is_stored_and_changed(transactions: Transactions) -> None:
    await add(transactions)
    ended = a_run(state=RunState.INCOMPLETE, step=RunStep.CHECK, round=3, failures=2, reason="Away.", finished_at=AT)
    async with transactions.begin("ten_1") as t:
        stored = await t.reconciliations.get("rec_1", lock=True)
        assert replace(stored, seq=0) == a_run()
        assert await t.reconciliations.running() == [stored]
        await t.reconciliations.save(ended)
        assert await t.reconciliations.running() == []
        assert await t.reconciliations.get("rec_1") == replace(ended, seq=stored.seq)


async def test_they_are_listed_newest_first_page_by_page(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        for number in (1, 2, 3):
            await t.reconciliations.add(a_run(id=f"rec_{number}"), AT)
        first = await t.reconciliations.page(limit=2)
        assert [one.id for one in first] == ["rec_3", "rec_2"]
        assert [one.id for one in await t.reconciliations.page(limit=2, before=first[-1].seq)] == ["rec_1"]


async def test_the_part_that_is_due_too_late_is_pulled_forward(transactions: Transactions) -> None:
    far = timedelta(days=9000)
    async with transactions.begin("ten_1") as t:
        await t.reconciliations.add(a_run(), AT)
        await t.reconciliations.set_due("rec_1", AT + far)
        await t.code_lists.set_due("con_1", AT + far)
        assert await t.pull_forward(WorkKind.RECONCILIATION, ["rec_1"], AT + far) == 0
    async with transactions.begin("ten_2") as t:
        for kind, subject in ((WorkKind.RECONCILIATION, "rec_1"), (WorkKind.CODES, "con_1")):
            assert await t.pull_forward(kind, [subject], AT + far / 2) == 0, "another tenant's stay as they are"
    async with transactions.begin("ten_1") as t:
        assert await t.pull_forward(WorkKind.RECONCILIATION, ["rec_1", "con_1", "rec_none"], AT + far / 2) == 1
        assert await t.pull_forward(WorkKind.RECONCILIATION, ["rec_1"], AT + far / 2) == 0
        assert await t.pull_forward(WorkKind.CODES, ["con_1"], AT + far / 2) == 1, "the other kind"


async def test_another_tenant_sees_nothing_of_it(transactions: Transactions) -> None:
    await add(transactions, 1)
    async with transactions.begin("ten_2") as t:
        assert await t.reconciliations.page() == []
        assert await t.reconciliations.unchecked("rec_1", 10) == []
        assert (await t.reconciliations.tally("rec_1")).listed == 0
        with pytest.raises(NotFound):
            await t.reconciliations.get("rec_1")


async def test_a_listed_job_is_to_be_checked_until_what_was_found_is_stored(transactions: Transactions) -> None:
    await add(transactions, 1, 2)
    async with transactions.begin("ten_1") as t:
        assert await t.reconciliations.unchecked("rec_1", 10) == [a_listed_job(1), a_listed_job(2)]
        assert await t.reconciliations.unchecked("rec_1", 1) == [a_listed_job(1)]
        await t.reconciliations.store("rec_1", [a_reconciled_job(1, Kind.MISSING)])
        assert await t.reconciliations.unchecked("rec_1", 10) == [a_listed_job(2)]
        assert await t.reconciliations.jobs("rec_1") == [a_reconciled_job(1, Kind.MISSING)]


@pytest.mark.parametrize(
    "change", [{"updated": AT + timedelta(seconds=1)}, {"completed_on": None}, {"unreadable": "it has no status"}]
)
async def test_a_job_that_is_listed_otherwise_is_checked_again(
    transactions: Transactions, change: dict[str, object]
) -> None:
    await add(transactions, 1, 2)
    async with transactions.begin("ten_1") as t:
        await t.reconciliations.store("rec_1", [a_reconciled_job(1), a_reconciled_job(2)])
        await t.reconciliations.enter("rec_1", 2, [a_listed_job(1), a_listed_job(2, **change)])
        assert await t.reconciliations.unchecked("rec_1", 10) == [a_listed_job(2, **change)]


async def test_what_was_read_before_a_change_is_not_stored(transactions: Transactions) -> None:
    await add(transactions, 1)
    async with transactions.begin("ten_1") as t:
        await t.reconciliations.store("rec_1", [a_reconciled_job(1, updated=AT - timedelta(seconds=1))])
        assert len(await t.reconciliations.unchecked("rec_1", 10)) == 1


async def test_jobs_that_a_reading_did_not_see_are_forgotten(transactions: Transactions) -> None:
    await add(transactions, 1, 2, 3)
    async with transactions.begin("ten_1") as t:
        await t.reconciliations.enter("rec_1", 2, [a_listed_job(2)])
        assert await t.reconciliations.drop_unlisted("rec_1", 2) == 2
        assert await t.reconciliations.unchecked("rec_1", 10) == [a_listed_job(2)]


async def test_jobs_are_found_by_their_marks_page_by_page(transactions: Transactions) -> None:
    await add(transactions, 1, 2, 3, 4)
    missing = [a_reconciled_job(1, Kind.MISSING), a_reconciled_job(3, Kind.MISSING, Kind.DOUBLED, connection="south")]
    equal = [a_reconciled_job(2), a_reconciled_job(4, connection="")]
    async with transactions.begin("ten_1") as t:
        jobs = t.reconciliations.jobs
        await t.reconciliations.store("rec_1", [*missing, *equal])
        assert await jobs("rec_1", DIFFERS) == missing
        assert await jobs("rec_1", DIFFERS, limit=1) == missing[:1]
        assert await jobs("rec_1", DIFFERS, after="1") == missing[1:]
        assert await jobs("rec_1", mark_of("missing", "south")) == missing[1:]
        assert await jobs("rec_1", "doubled") == missing[1:]
        assert await jobs("rec_1", mark_of("", "")) == equal[1:]


async def test_the_tally_counts_jobs_by_mark_and_adds_up_by_connection(transactions: Transactions) -> None:
    await add(transactions, 1, 2, 3)
    found = [a_reconciled_job(1, Kind.DRIFTED), a_reconciled_job(2, connection="south")]
    async with transactions.begin("ten_1") as t:
        await t.reconciliations.store("rec_1", found)
        tally = await t.reconciliations.tally("rec_1")
    assert (tally.listed, tally.checked, tally.differs(), tally.accounted()) == (3, 2, 1, 1)
    assert (tally.of(Kind.DRIFTED), tally.of(Kind.DRIFTED, "main-1"), tally.of(Kind.DRIFTED, "south")) == (1, 1, 0)
    assert tally.connections == ["main-1", "south"]
    one = Sums(posted_quantity=Decimal(2), posted_amount=Decimal("45.50"), open_quantity=Decimal(-1))
    assert tally.sums == {"main-1": one, "south": one}
    assert tally.total == one + one


async def test_old_ones_are_deleted_their_jobs_first(transactions: Transactions) -> None:
    await add(transactions, 1, 2, 3)
    async with transactions.begin("ten_1") as t:
        forget = t.retention.forget_reconciliations
        assert await forget(AT, 2) == 0
        later = AT + timedelta(seconds=1)
        assert [await forget(later, 2) for _ in range(4)] == [2, 1, 1, 0]
        assert await t.reconciliations.page() == []
