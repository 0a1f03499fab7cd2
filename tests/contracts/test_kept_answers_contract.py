"""One suite for answers that are kept for repeated requests, in memory and in PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from core.model.shared.secret import Secret
from ports.storage.kept_answers import KeptAnswer
from ports.storage.transactions import Transactions
from tests.support.storage_scene import NOW

LONG_AGO = NOW - timedelta(days=1)
ANSWER = Secret('{"key": "jf_secret"}')


async def test_the_first_request_begins_and_the_next_one_finds_it(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        assert await t.kept_answers.begin("a", "hash", NOW, LONG_AGO) is None
    async with transactions.begin("ten_1") as t:
        found = await t.kept_answers.begin("a", "other", NOW, LONG_AGO)
        assert found == KeptAnswer(body_hash="hash", begun_at=NOW)
        await t.kept_answers.keep("a", ANSWER)
    async with transactions.begin("ten_1") as t:
        found = await t.kept_answers.begin("a", "other", NOW, LONG_AGO)
    assert found is not None
    assert (found.made, found.answer and found.answer.reveal()) == (True, ANSWER.reveal())


async def test_the_operators_answers_are_apart_from_every_tenants(transactions: Transactions) -> None:
    async with transactions.begin_instance() as i:
        assert await i.kept_answers.begin("op", "hash", NOW, LONG_AGO) is None
        await i.kept_answers.keep("op", ANSWER)
        found = await i.kept_answers.begin("op", "hash", NOW, LONG_AGO)
        assert found is not None
        assert found.answer is not None
        assert found.answer.reveal() == ANSWER.reveal()
    async with transactions.begin("ten_1") as t:
        await t.kept_answers.begin("mine", "hash", NOW, LONG_AGO)
    async with transactions.begin("ten_2") as t:
        await t.kept_answers.release("mine")
        assert await t.kept_answers.forget(NOW + timedelta(days=2), 10) == 0
    async with transactions.begin("ten_1") as t:
        assert await t.kept_answers.begin("mine", "hash", NOW, LONG_AGO) is not None


async def test_a_released_or_old_one_begins_anew(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        for id in ("released", "old"):
            await t.kept_answers.begin(id, "hash", NOW, LONG_AGO)
            await t.kept_answers.keep(id, ANSWER)
        await t.kept_answers.release("released")
        assert await t.kept_answers.begin("released", "hash", NOW, LONG_AGO) is None
        later = NOW + timedelta(days=2)
        assert await t.kept_answers.begin("old", "new hash", later, later - timedelta(days=1)) is None
        found = await t.kept_answers.begin("old", "new hash", later, later - timedelta(days=1))
        assert found == KeptAnswer(body_hash="new hash", begun_at=later), "nothing of the former answer is left"


async def test_old_ones_are_forgotten_a_batch_at_a_time(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        for number in range(5):
            await t.kept_answers.begin(f"a{number}", "hash", NOW + timedelta(seconds=number), LONG_AGO)
        assert await t.kept_answers.forget(NOW + timedelta(seconds=4), 3) == 3
        assert await t.kept_answers.forget(NOW + timedelta(seconds=4), 3) == 1
        assert await t.kept_answers.begin("a4", "hash", NOW, LONG_AGO) is not None


async def test_of_many_at_once_one_begins(transactions: Transactions) -> None:
    async def begin() -> bool:
        async with transactions.begin("ten_1") as t:
            return await t.kept_answers.begin("a", "hash", NOW, LONG_AGO) is None

    assert sum(await asyncio.gather(*(begin() for _ in range(8)))) == 1
