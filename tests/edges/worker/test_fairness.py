"""Nobody waits for somebody else's remote: slots, a tenant's share of them, and turns, for every kind of work."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import groupby
from typing import Any

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.inbound.worker import sweeper
from adapters.inbound.worker.worker import GiveWay
from adapters.outbound.postgres.due_work import PostgresDueWork, workers_alive
from ports.storage.due_work import DUE_CHANNEL, Admission, DueSubject, Slots, WorkKind
from tests.support.due_scene import PATIENCE, Worked, add_tenants, make_due, run_by_a_dead_worker, serving

SLOTS = Slots(total=8, of_a_tenant=2)
KINDS = tuple(WorkKind)
_FIRST, *_OTHERS = KINDS
EACH = (_FIRST, *(pytest.param(kind, marks=pytest.mark.long) for kind in _OTHERS))
"""Of tests that wait for pauses, one kind of work is enough for every day: all are carried out by the same code."""


def many(count: int, prefix: str = "a") -> list[str]:
    return [f"{prefix}_{number}" for number in range(count)]


async def jobs_so_far(url: str) -> int:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        row = await (await connection.execute("SELECT last_value FROM procrastinate_jobs_id_seq")).fetchone()
    assert row
    return int(row[0])


@pytest.mark.parametrize("kind", EACH)
async def test_what_hangs_takes_its_tenants_share_and_no_more(
    engine: AsyncEngine, database_url: str, kind: WorkKind
) -> None:
    await add_tenants(engine, 2)
    worked = Worked(database_url, "ten_1")
    await make_due(database_url, "ten_1", *many(100), kind=kind)
    async with serving(database_url, {kind: worked.of(kind)}, SLOTS):
        await worked.until(lambda: worked.running["ten_1"] == 2)
        for turn in range(1, 6):
            await make_due(database_url, "ten_2", "b", kind=kind)
            await worked.times("b", turn)
        assert worked.order == ["b"] * 5, "nothing of ten_1 has ended"
        assert worked.running["ten_1"] == worked.most["ten_1"] == 2
        worked.gate.set()
        await worked.until(lambda: len(worked.order) == 105)
    assert worked.most["ten_1"] == 2


async def test_a_share_is_counted_over_all_kinds_and_all_workers(engine: AsyncEngine, database_url: str) -> None:
    """Each living worker adds its own share."""
    await add_tenants(engine, 2)
    worked = Worked(database_url, "ten_1")
    kinds = {kind: worked.of(kind) for kind in KINDS}
    for kind in KINDS:
        await make_due(database_url, "ten_1", *many(20, kind), kind=kind)
    async with serving(database_url, kinds, SLOTS), serving(database_url, kinds, SLOTS):
        await worked.until(lambda: worked.running["ten_1"] == 4)
        for turn in range(1, 6):
            await make_due(database_url, "ten_2", "b")
            await worked.times("b", turn)
        assert worked.most["ten_1"] == 4
        worked.gate.set()


async def test_what_drips_is_bounded_like_what_is_silent(engine: AsyncEngine, database_url: str) -> None:
    """Its slices have ended long ago, and still it has its place."""
    await add_tenants(engine, 2)
    worked, served, gate = Worked(database_url), Counter[str](), asyncio.Event()
    both = asyncio.Event()

    async def drip(tenant_id: str, subject: str, *_given: object) -> bool:
        if tenant_id == "ten_2":
            return await worked.of(WorkKind.DRAIN)(tenant_id, subject, lambda: True)
        served["running"] += 1
        if served["running"] == 2:
            both.set()
        while not gate.is_set():
            served["drops"] += 1
            await asyncio.sleep(0.01)
        served["running"] -= 1
        return True

    await make_due(database_url, "ten_1", *many(100))
    async with serving(database_url, {WorkKind.DRAIN: drip}, SLOTS), asyncio.timeout(PATIENCE):
        await both.wait()
        for turn in range(1, 6):
            await make_due(database_url, "ten_2", "b")
            await worked.times("b", turn)
        assert served["running"] == 2
        assert served["drops"] > 10
        gate.set()


@pytest.mark.parametrize("slots", [Slots(1, 1), Slots(2, 2)])
async def test_tenants_with_unequal_queues_get_equal_turns(
    engine: AsyncEngine, database_url: str, slots: Slots
) -> None:
    await add_tenants(engine, 4)
    worked = Worked(database_url)
    for number, length in enumerate((200, 40, 12, 10), start=1):
        await make_due(database_url, f"ten_{number}", *many(length, f"ten_{number}"))
    async with serving(database_url, {WorkKind.DRAIN: worked.of(WorkKind.DRAIN)}, slots):
        await worked.until(lambda: len(worked.order) >= 40)
    turns = Counter(subject.rpartition("_")[0] for subject in worked.order[:40])
    assert max(turns.values()) - min(turns.values()) <= slots.total, turns


async def test_a_tenants_subjects_take_turns_by_the_slice(engine: AsyncEngine, database_url: str) -> None:
    await add_tenants(engine, 1)
    slices: list[str] = []
    enough = asyncio.Event()

    async def always_more(_: str, subject: str, *_given: object) -> bool:
        await asyncio.sleep(0)
        slices.append(subject)
        if len(list(groupby(slices))) == 12:
            enough.set()
        return True

    await make_due(database_url, "ten_1", "a", "b", "c")
    async with serving(database_url, {WorkKind.DRAIN: always_more}, Slots(4, 1)), asyncio.timeout(PATIENCE):
        await enough.wait()
    assert [subject for subject, _ in groupby(slices)][:12] == ["a", "b", "c"] * 4


async def test_a_slot_is_kept_while_nobody_waits_for_it(engine: AsyncEngine, database_url: str) -> None:
    await add_tenants(engine, 1)
    slices, enough = Counter[str](), asyncio.Event()

    async def always_more(_: str, subject: str, *_given: object) -> bool:
        await asyncio.sleep(0)
        slices[subject] += 1
        if slices.total() >= 200:
            enough.set()
        return True

    await make_due(database_url, "ten_1", "a", "b")
    async with serving(database_url, {WorkKind.DRAIN: always_more}, SLOTS), asyncio.timeout(PATIENCE):
        await enough.wait()
    assert await jobs_so_far(database_url) == 2, "one job for each, however many slices it had"


async def test_a_slot_is_kept_while_another_tenants_work_waits_for_its_own_share(
    engine: AsyncEngine, database_url: str
) -> None:
    """The slots of others are of no use to it."""
    await add_tenants(engine, 2)
    worked, slices, enough = Worked(database_url, "ten_1"), Counter[str](), asyncio.Event()

    async def serve(tenant_id: str, subject: str, *given: GiveWay) -> bool:
        if tenant_id == "ten_1":
            return await worked.of(WorkKind.DRAIN)(tenant_id, subject, *given)
        await asyncio.sleep(0)
        slices[subject] += 1
        if slices.total() >= 200:
            enough.set()
        return True

    await make_due(database_url, "ten_1", *many(20))
    async with serving(database_url, {WorkKind.DRAIN: serve}, SLOTS), asyncio.timeout(PATIENCE):
        await worked.until(lambda: worked.running["ten_1"] == 2)
        await make_due(database_url, "ten_2", "b")
        await enough.wait()
        assert await jobs_so_far(database_url) == 3, "two of ten_1, and one for b"
        worked.gate.set()


async def test_no_more_runs_than_there_are_slots(engine: AsyncEngine, database_url: str) -> None:
    everybody = [f"ten_{number}" for number in range(1, 11)]
    await add_tenants(engine, len(everybody))
    worked = Worked(database_url, *everybody)
    for tenant_id in everybody:
        await make_due(database_url, tenant_id, *many(5, tenant_id))
    kinds = {WorkKind.DRAIN: worked.of(WorkKind.DRAIN)}
    async with serving(database_url, kinds, Slots(3, 2)), serving(database_url, kinds, Slots(4, 2)):
        await worked.until(lambda: worked.running[""] == 7)
        worked.gate.set()
        await worked.until(lambda: len(worked.order) == 50)
    assert worked.most[""] == 7
    assert max(Counter(worked.order).values()) == 1


async def test_two_workers_never_work_on_one_subject_at_once(engine: AsyncEngine, database_url: str) -> None:
    await add_tenants(engine, 3)
    worked, slices, enough = Worked(database_url), Counter[str](), asyncio.Event()

    async def serve(tenant_id: str, subject: str, *_given: object) -> bool:
        await worked.of(WorkKind.DRAIN)(tenant_id, subject, lambda: True)
        slices[subject] += 1
        await make_due(database_url, tenant_id, subject)  # woken while it still has its slot
        if min(slices[subject] for subject in "abc") >= 10:
            enough.set()
        return slices.total() % 2 == 0

    for number, subject in enumerate("abc", start=1):
        await make_due(database_url, f"ten_{number}", subject)
    kinds = {WorkKind.DRAIN: serve}
    async with (
        serving(database_url, kinds, Slots(2, 2)),
        serving(database_url, kinds, Slots(2, 2)),
        asyncio.timeout(PATIENCE),
    ):
        await enough.wait()
    assert [worked.most[subject] for subject in "abc"] == [1, 1, 1]


@pytest.mark.parametrize("kind", EACH)
async def test_what_fails_is_postponed_and_stops_nobody(engine: AsyncEngine, database_url: str, kind: WorkKind) -> None:
    await add_tenants(engine, 2)
    worked, failed = Worked(database_url), list[str]()

    async def serve(tenant_id: str, subject: str, *_given: object) -> bool:
        if subject == "fails":
            failed.append(subject)
            raise ZeroDivisionError
        return await worked.of(kind)(tenant_id, subject, lambda: True)

    await make_due(database_url, "ten_1", "fails", kind=kind)
    async with serving(database_url, {kind: serve}, Slots(1, 1)):
        for turn in range(1, 21):
            await make_due(database_url, "ten_2", "b", kind=kind)
            await worked.times("b", turn)
        await worked.until(lambda: len(failed) >= 1)
        at_first = len(failed)
        async with asyncio.timeout(PATIENCE):
            while len(failed) == at_first:  # it comes again by itself
                await make_due(database_url, "ten_2", "b", kind=kind)
                await worked.times("b", len(worked.order) + 1)
    assert len(failed) <= 4 < len(worked.order)


@pytest.mark.parametrize(("kind", "last_heard"), [*((kind, "-1 day") for kind in KINDS), (WorkKind.DRAIN, "1 day")])
async def test_the_work_of_a_dead_worker_is_taken_over(
    engine: AsyncEngine, database_url: str, kind: WorkKind, last_heard: str
) -> None:
    """Also of one whose last heartbeat is in the future, since the server's clock was set back after it."""
    await add_tenants(engine, 1)
    await make_due(database_url, "ten_1", "a", kind=kind)
    await run_by_a_dead_worker(database_url, DueSubject(kind, "ten_1", "a"), last_heard)
    assert await workers_alive(database_url) == 0
    worked = Worked(database_url)
    async with serving(database_url, {kind: worked.of(kind)}, SLOTS):
        await worked.times("a")
    assert worked.order == ["a"]


@pytest.mark.parametrize("kind", EACH)
async def test_work_whose_job_has_vanished_is_due_again(engine: AsyncEngine, database_url: str, kind: WorkKind) -> None:
    await add_tenants(engine, 2)
    worked = Worked(database_url, "ten_1")
    await make_due(database_url, "ten_1", "a", kind=kind)
    async with serving(database_url, {kind: worked.of(kind)}, SLOTS):
        await worked.until(lambda: worked.running["a"] == 1)
        async with await psycopg.AsyncConnection.connect(database_url) as connection:
            await connection.execute("DELETE FROM procrastinate_jobs")
        await worked.until(lambda: worked.running["a"] == 2)
        worked.gate.set()
        await worked.times("a", 2)


async def test_work_that_becomes_due_is_begun_without_a_poll(
    engine: AsyncEngine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeper, "LOOK_SECONDS", 600)
    await add_tenants(engine, 1)
    worked = Worked(database_url)
    async with serving(database_url, {WorkKind.DRAIN: worked.of(WorkKind.DRAIN)}, SLOTS):
        await until_listening(database_url)
        await make_due(database_url, "ten_1", "a")
        await worked.times("a")


async def test_a_wake_up_while_its_work_ends_is_heard(
    engine: AsyncEngine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is seen, and cannot be admitted yet: the end of the job makes the worker look once more."""
    monkeypatch.setattr(sweeper, "LOOK_SECONDS", 600)
    await add_tenants(engine, 1)
    worked, looks, admit = Worked(database_url), asyncio.Event(), PostgresDueWork.admit

    async def counted(*asked: Any, **more: Any) -> Admission:
        found = await admit(*asked, **more)
        looks.set()
        return found

    async def serve(tenant_id: str, subject: str, *_given: object) -> bool:
        first = not worked.order
        await worked.of(WorkKind.DRAIN)(tenant_id, subject, lambda: True)
        if first:  # after it has stored that nothing more is due, and before its job has ended
            await until_listening(database_url)
            looks.clear()
            await make_due(database_url, tenant_id, subject)
            await looks.wait()
        return False

    monkeypatch.setattr(PostgresDueWork, "admit", counted)
    await make_due(database_url, "ten_1", "a")
    async with serving(database_url, {WorkKind.DRAIN: serve}, SLOTS):
        await worked.times("a", 2)


async def until_listening(url: str) -> None:
    """Return once a session of this database listens for due work."""
    listening = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE %s"
    async with asyncio.timeout(PATIENCE), await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        while await (await connection.execute(listening, (f"LISTEN%{DUE_CHANNEL}%",))).fetchone() is None:
            pass
