"""A rule that is slow at each of thousands of items ends by its time for one plan, and only its own plan suffers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from core.model.connections.settings import PluginUse
from core.services.planning.plan_items import plan_items
from plugins.host import PluginHost
from plugins.plugin import ANSWER_SECONDS
from tests.support.plugin_scene import plugins_in
from tests.units.planning.test_plan_items import PART
from tests.units.planning.test_plan_send import CONNECTION, JOB

SLOW = """
import time

@hookimpl
def include_item(draft):
    time.sleep(draft.config.get("seconds", 0))
"""
STARTS_SLOWLY = """
import os, time
time.sleep(0.3)

@hookimpl
def include_item(draft):
    os._exit(1)
"""
ITEMS = [replace(PART, id=str(number)) for number in range(2_000)]


@asynccontextmanager
async def slow_host(folder: Path, *, trusted: bool = False) -> AsyncIterator[PluginHost]:
    async with plugins_in(folder, {"slow": SLOW}, trusted=("slow.py",) if trusted else ()) as catalog:
        yield PluginHost(catalog=catalog, plan_seconds=1)


async def planned(host: PluginHost, seconds: float) -> list[str]:
    """The messages of the items that the plugin's time-out blocks."""
    connection = replace(CONNECTION, plugins=(PluginUse("slow", {"seconds": seconds}),))
    folded = await plan_items(host.for_plan(), connection, JOB, ITEMS, {})
    found = [one for item in folded for one in item.findings if one.code == "PLUGIN_TIMEOUT"]
    assert {one.origin for one in found} <= {"slow"}
    return [one.message for one in found]


@pytest.mark.long
@pytest.mark.parametrize("trusted", [False, True])
async def test_a_rule_that_is_slow_at_each_item_ends_after_its_time_for_one_plan(tmp_path: Path, trusted: bool) -> None:
    clock = asyncio.get_running_loop().time
    async with slow_host(tmp_path, trusted=trusted) as host:
        began = clock()
        messages = await planned(host, 0.3)
        assert clock() - began < ANSWER_SECONDS + 3
        said = "The plugin slow 1.2 was not asked in include_item: it took more than 1 seconds for this plan."
        assert set(messages) == {said}
        assert len(ITEMS) - 4 <= len(messages) < len(ITEMS)
        assert len(await planned(host, 0.3)) == len(messages), "each plan has its own time"


@pytest.mark.long
async def test_a_quick_rule_may_be_asked_about_thousands_of_items(tmp_path: Path) -> None:
    async with plugins_in(tmp_path, {"slow": SLOW}) as catalog:
        assert await planned(PluginHost(catalog=catalog), 0) == []


@pytest.mark.long
async def test_other_connections_wait_once_for_a_rule_that_is_slow_at_each_item(tmp_path: Path) -> None:
    clock = asyncio.get_running_loop().time
    async with plugins_in(tmp_path, {"slow": SLOW}) as catalog:
        host = PluginHost(catalog=catalog, plan_seconds=4)
        slow = asyncio.create_task(planned(host, 1.0))
        await asyncio.sleep(0)  # until it is asked
        for _ in range(3):
            began = clock()
            connection = replace(CONNECTION, plugins=(PluginUse("slow", {}),))
            await plan_items(host.for_plan(), connection, JOB, ITEMS[:2], {})
        assert clock() - began < 1.0
        assert not slow.done(), "it goes on at its own pace"
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)


@pytest.mark.long
async def test_a_plugin_that_ends_at_each_item_and_starts_slowly_ends_after_its_time_too(tmp_path: Path) -> None:
    """Its starts are work for this plan."""
    clock = asyncio.get_running_loop().time
    async with plugins_in(tmp_path, {"slow": STARTS_SLOWLY}) as catalog:
        began = clock()
        messages = await planned(PluginHost(catalog=catalog, plan_seconds=1), 0)
        assert clock() - began < 1 + ANSWER_SECONDS + 1
    assert len(messages) > len(ITEMS) - 10
