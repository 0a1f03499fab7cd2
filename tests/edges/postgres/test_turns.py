"""Turns at the database: a share for each tenant that has work, all for one that is alone, and none is ever lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack

import pytest

from adapters.outbound.postgres.server.turns import LONGEST, RECENT, Turns
from tests.support.virtual_time import run_in_virtual_time


class Scene:
    """Tenants that take turns of `seconds` each, and how many of each are at work."""

    def __init__(self, beside_others: int = 2, *, seconds: float = LONGEST / 2) -> None:
        self.turns = Turns(beside_others)
        self.order: list[str] = []
        self.running: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self._seconds = seconds

    async def work(self, tenant_id: str) -> None:
        async with self.turns.of(tenant_id):
            self.order.append(tenant_id)
            self.running[tenant_id] += 1
            self.most[tenant_id] = max(self.most[tenant_id], self.running[tenant_id])
            try:
                await asyncio.sleep(self._seconds)
            finally:
                self.running[tenant_id] -= 1

    def begin(self, tenant_id: str, times: int = 1) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self.work(tenant_id)) for _ in range(times)]


def test_a_tenant_that_is_alone_has_all_the_turns_it_asks_for() -> None:
    async def work() -> None:
        scene = Scene()
        await asyncio.gather(*scene.begin("alone", 20))
        assert scene.most["alone"] == 20

    run_in_virtual_time(work())


def test_a_tenant_that_comes_beside_a_busy_one_begins_at_once_and_both_have_a_share() -> None:
    async def work() -> None:
        scene = Scene()
        busy = scene.begin("busy", 20)
        await asyncio.sleep(0)
        [other] = scene.begin("other")
        await asyncio.sleep(0)
        assert scene.running["other"] == 1, "it waits for nobody"
        await other
        busy += scene.begin("busy", 20)
        await asyncio.sleep(0)
        assert scene.running["busy"] == 2, "once the first ones have ended"
        others = scene.begin("other", 9)
        await asyncio.sleep(0)
        assert scene.running == {"busy": 2, "other": 2}
        await asyncio.gather(*busy, *others)

    run_in_virtual_time(work())


@pytest.mark.parametrize(("tenants", "each"), [(2, 1), (2, 3), (30, 1)])
def test_tenants_that_have_work_have_equal_shares(tenants: int, each: int) -> None:
    async def work() -> None:
        scene = Scene(each)
        names = [f"tenant {number}" for number in range(tenants)]
        for name in names:  # all of them are known to have work
            async with scene.turns.of(name):
                pass
        tasks = [task for name in names for task in scene.begin(name, 5)]
        await asyncio.gather(*tasks)
        assert scene.most == dict.fromkeys(names, each)

    run_in_virtual_time(work())


def test_a_tenant_has_all_turns_again_when_the_other_ones_have_been_quiet() -> None:
    async def work() -> None:
        scene = Scene()
        async with scene.turns.of("other"):
            pass
        waiting = scene.begin("busy", 400)
        await asyncio.sleep(RECENT / 2 + LONGEST / 4)
        assert scene.running["busy"] == 2
        await asyncio.sleep(RECENT / 2 + LONGEST)
        assert scene.most["busy"] > 100
        assert all(task.done() for task in waiting)

    run_in_virtual_time(work())


def test_one_tenants_own_work_begins_in_the_order_in_which_it_came() -> None:
    async def work() -> None:
        turns, order = Turns(1), []

        async def one(number: int) -> None:
            async with turns.of("a"):
                order.append(number)
                await asyncio.sleep(LONGEST / 2)

        async with turns.of("b"):
            await asyncio.gather(*(one(number) for number in range(12)))
        assert order == list(range(12))

    run_in_virtual_time(work())


def test_a_turn_that_takes_long_counts_no_more() -> None:
    """It waits for a lock, say: everybody else goes on."""

    async def work() -> None:
        scene = Scene(1)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(scene.turns.of("b"))
            await stack.enter_async_context(scene.turns.of("stuck"))
            waiting = scene.begin("stuck")
            await asyncio.sleep(LONGEST / 2)
            assert not scene.order
            await asyncio.sleep(LONGEST)
            assert scene.order == ["stuck"]
            await asyncio.gather(*waiting)
        await asyncio.gather(*scene.begin("stuck", 10), *scene.begin("b", 10))
        assert scene.most == {"stuck": 1, "b": 1}, "the end of a turn that counts no more frees nothing"

    run_in_virtual_time(work())


@pytest.mark.parametrize("each", [1, 2, 4])
def test_no_turn_is_lost_when_those_who_wait_or_work_give_up(each: int) -> None:
    async def work() -> None:
        scene = Scene(each)
        for given_up in range(8):
            tasks = [*scene.begin("a", 4), *scene.begin("b", 4)]
            for _ in range(given_up):
                await asyncio.sleep(LONGEST / 4)
            for task in tasks[given_up:] + tasks[:given_up]:
                task.cancel()
                await asyncio.sleep(0)
            await asyncio.gather(*tasks, return_exceptions=True)
        scene.most.clear()
        await asyncio.gather(*scene.begin("a", 9), *scene.begin("b", 9))
        assert scene.most == dict.fromkeys("ab", each)

    run_in_virtual_time(work())


def test_a_turn_that_is_given_to_one_who_gives_up_at_that_moment_goes_to_the_next() -> None:
    async def work() -> None:
        turns = Turns(1)
        async with turns.of("b"):
            pass
        async with turns.of("a"):
            gone = asyncio.create_task(turns.take("a"))
            following = asyncio.create_task(turns.take("a"))
            await asyncio.sleep(0)
        gone.cancel()
        await asyncio.wait_for(following, LONGEST / 2)
        assert gone.cancelled()
        turns.give_back("a")

    run_in_virtual_time(work())
