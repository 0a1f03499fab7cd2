"""Turns at the database: a few at once, the tenants in turn, and none is ever lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack

import pytest

from adapters.outbound.postgres.server.turns import LONGEST, Turns
from tests.support.virtual_time import run_in_virtual_time


class Scene:
    """Tenants that take turns of `seconds` each, and the order in which they began."""

    def __init__(self, at_once: int, *, seconds: float = LONGEST / 2) -> None:
        self.turns = Turns(at_once)
        self.order: list[str] = []
        self.running: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self._seconds = seconds

    async def work(self, tenant_id: str) -> None:
        async with self.turns.of(tenant_id):
            self.order.append(tenant_id)
            self.running[tenant_id] += 1
            self.most[tenant_id] = max(self.most[tenant_id], self.running[tenant_id])
            self.most["all"] = max(self.most["all"], self.running.total())
            await asyncio.sleep(self._seconds)
            self.running[tenant_id] -= 1

    def begin(self, tenant_id: str, times: int = 1) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self.work(tenant_id)) for _ in range(times)]


def test_one_turn_is_left_for_a_tenant_that_has_none() -> None:
    async def work() -> None:
        scene = Scene(4)
        busy = scene.begin("busy", 20)
        await asyncio.sleep(0)
        assert scene.running == {"busy": 3}
        for _ in range(5):
            [other] = scene.begin("other")
            await asyncio.sleep(0)
            assert scene.running["other"] == 1, "it waits for nobody"
            await other
        await asyncio.gather(*busy)
        assert scene.most == {"busy": 3, "other": 1, "all": 4}

    run_in_virtual_time(work())


def test_tenants_with_unequal_lines_take_turns_one_by_one() -> None:
    async def work() -> None:
        scene = Scene(2)
        await asyncio.gather(*scene.begin("a", 30), *scene.begin("b", 3), *scene.begin("c", 3))
        assert Counter(scene.order[:10]) == {"a": 4, "b": 3, "c": 3}
        assert scene.most["all"] == 2

    run_in_virtual_time(work())


def test_who_comes_while_all_turns_are_taken_is_next() -> None:
    async def work() -> None:
        scene = Scene(4)
        waiting = [*scene.begin("a", 20), *scene.begin("b", 20)]
        await asyncio.sleep(0)
        assert scene.running.total() == 4
        begun = len(scene.order)
        [other] = scene.begin("c")
        await other
        assert scene.order.index("c") == begun
        await asyncio.gather(*waiting)

    run_in_virtual_time(work())


def test_one_tenants_own_work_begins_in_the_order_in_which_it_came() -> None:
    async def work() -> None:
        turns, order = Turns(3), []

        async def one(number: int) -> None:
            async with turns.of("a"):
                order.append(number)
                await asyncio.sleep(LONGEST / 2)

        await asyncio.gather(*(one(number) for number in range(12)))
        assert order == list(range(12))

    run_in_virtual_time(work())


def test_a_turn_that_takes_long_counts_no_more() -> None:
    """It waits for a lock, say: everybody else goes on."""

    async def work() -> None:
        scene = Scene(3)
        async with AsyncExitStack() as stack:
            for _ in range(2):
                await stack.enter_async_context(scene.turns.of("stuck"))
            waiting = scene.begin("stuck")
            await asyncio.sleep(LONGEST / 2)
            assert not scene.order
            await asyncio.sleep(LONGEST)
            assert scene.order == ["stuck"]
            await asyncio.gather(*waiting)
        await asyncio.gather(*scene.begin("a", 10))
        assert scene.most["a"] == 2, "the end of a turn that counts no more frees nothing"

    run_in_virtual_time(work())


@pytest.mark.parametrize("at_once", [1, 2, 4])
def test_no_turn_is_lost_when_those_who_wait_or_work_give_up(at_once: int) -> None:
    async def work() -> None:
        scene = Scene(at_once)
        for given_up in range(8):
            tasks = [*scene.begin("a", 4), *scene.begin("b", 4)]
            for _ in range(given_up):
                await asyncio.sleep(LONGEST / 4)
            for task in tasks[given_up:] + tasks[:given_up]:
                task.cancel()
                await asyncio.sleep(0)
            await asyncio.gather(*tasks, return_exceptions=True)
            scene.running.clear()
        scene.most.clear()
        await asyncio.gather(*scene.begin("a", 9), *scene.begin("b", 9))
        assert scene.most["all"] == at_once

    run_in_virtual_time(work())


def test_a_turn_that_is_given_to_one_who_gives_up_at_that_moment_goes_to_the_next() -> None:
    async def work() -> None:
        turns = Turns(1)
        async with turns.of("a"):
            gone = asyncio.create_task(turns.take("b"))
            following = asyncio.create_task(turns.take("c"))
            await asyncio.sleep(0)
        gone.cancel()
        await asyncio.wait_for(following, LONGEST / 2)
        assert gone.cancelled()
        turns.give_back("c")

    run_in_virtual_time(work())
