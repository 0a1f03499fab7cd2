"""Which notes and documents wait for a person: listed, paged, counted, and asked for before another one is added."""

from __future__ import annotations

from datetime import timedelta

from core.model.planning.account import AccountEntry, EntryState, addition_accounts
from core.model.work_orders.annotation import AnnotationKind, AnnotationState, WrittenAnnotation
from core.model.work_orders.work_order import WorkOrderRecord
from core.services.sending.annotations.enter_additions import enter_additions
from ports.storage.send_changes import FactsQuery, StandingQuery
from ports.storage.transactions import Transactions
from ports.storage.work_orders import UnclearPosition
from tests.support.storage_scene import NOW, a_send


def written(state: AnnotationState, minute: int = 0, *, blocked: bool = False) -> WrittenAnnotation:
    return WrittenAnnotation(
        place="77",
        text="signed.pdf",
        state=state,
        plan_id="pln_1",
        begun_at=NOW + timedelta(minutes=minute),
        blocked=blocked,
    )


def record(number: int, job: str, **annotations: WrittenAnnotation) -> WorkOrderRecord:
    found = {key.replace("_", ":"): one for key, one in annotations.items()}
    return WorkOrderRecord(
        tenant_id=f"ten_{number}",
        connection_id=f"con_{number}",
        job_id=job,
        number=f"T{job}",
        last_send_id="snd_1",
        annotations=found,
    )


UNCLEAR, THERE = AnnotationState.UNCLEAR, AnnotationState.WRITTEN


async def fill(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.work_orders.save(record(1, "1", document_7=written(UNCLEAR, 2), marker=written(THERE)))
        await t.work_orders.save(record(1, "2", document_8=written(UNCLEAR, 1), note_ab=written(UNCLEAR, 3)))
        await t.work_orders.save(record(1, "3", document_9=written(THERE)))
    async with transactions.begin("ten_2") as t:
        await t.work_orders.save(record(2, "1", document_1=written(UNCLEAR, blocked=True)))


async def test_what_is_unclear_is_listed_the_oldest_first_and_page_by_page(transactions: Transactions) -> None:
    await fill(transactions)
    async with transactions.begin("ten_1") as t:
        all_of_them = await t.work_orders.unclear(limit=None)
        assert [(one.job_id, key) for one, key in all_of_them] == [
            ("2", "document:8"),
            ("1", "document:7"),
            ("2", "note:ab"),
        ]
        [(first, key)] = await t.work_orders.unclear(limit=1)
        after = UnclearPosition.of(first, key, first.annotations[key])
        assert await t.work_orders.unclear(after=after) == all_of_them[1:]
        assert [key for _, key in await t.work_orders.unclear(job_id="1")] == ["document:7"]
        assert await t.work_orders.unclear(connection_id="con_2") == []
        assert (await t.counts.jobs()).unclear_annotations == 3
        assert [one.job_id for one in await t.work_orders.annotated("con_1", limit=2)] == ["1", "2"]
        assert [one.job_id for one in await t.work_orders.annotated("con_1", after="2")] == ["3"]


async def test_only_a_call_that_was_not_let_through_keeps_others_from_being_made(transactions: Transactions) -> None:
    await fill(transactions)
    async with transactions.begin("ten_1") as t:
        assert not await t.work_orders.adds_none("con_1", AnnotationKind.DOCUMENT)
    async with transactions.begin("ten_2") as t:
        assert await t.work_orders.adds_none("con_2", AnnotationKind.DOCUMENT)
        assert not await t.work_orders.adds_none("con_2", AnnotationKind.NOTE)
        settled = record(2, "1", document_1=written(AnnotationState.NOT_WRITTEN, blocked=True))
        await t.work_orders.save(settled)
        assert not await t.work_orders.adds_none("con_2", AnnotationKind.DOCUMENT)
        assert await t.work_orders.unclear() == []


async def test_an_account_of_additions_shows_what_others_made_and_outlives_their_connection(
    transactions: Transactions,
) -> None:
    account, item = b"\x01additions", b"\x02item"
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send(1))
        await t.ledger.enter(account, "con_gone", {"ann_1": (item, EntryState.STANDS)})
    seen = [AccountEntry(account, item, EntryState.STANDS)]
    query = StandingQuery(
        connection_id="con_1", job_id="1", number="T1", claim_keys=(b"k",), owner=b"o", additions=(account,)
    )
    assert (await transactions.standing("ten_1", query)).additions == seen
    async with transactions.begin("ten_1") as t:
        facts = FactsQuery(send_id="snd_1", job_id="1", connection_id="con_1", additions=(account,))
        assert (await t.changes.facts(facts)).additions == seen
        assert list((await t.changes.facts(facts)).entries) == []


async def test_what_is_not_in_spectrum_leaves_the_accounts(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        connection = await t.connections.get("con_1")
        before = record(1, "1", document_7=written(UNCLEAR))
        await enter_additions(t, connection, None, before)
        await enter_additions(t, connection, before, record(1, "1", document_7=written(AnnotationState.NOT_WRITTEN)))
    query = StandingQuery(
        connection_id="con_9",
        job_id="1",
        number="T1",
        claim_keys=(b"k",),
        owner=b"o",
        additions=addition_accounts(connection, "T1"),
    )
    assert (await transactions.standing("ten_1", query)).additions == []
