"""A rule that keeps jobs out of a connection hides nothing that may stand there."""

from __future__ import annotations

import pytest

from adapters.sandbox.faults import Fault, FaultKind
from core.model.connections.settings import PluginUse
from core.model.reconciliation.entry import Kind
from core.model.sending.send import SendState
from core.model.work_orders.cost_line import ItemsMode
from plugins.hookspecs import DoNotSend, Draft, PluginInfo, hookimpl
from tests.journeys.planted import ITEMS, WEST, Planted
from tests.journeys.test_reconciliation import check
from tests.journeys.world import HEADER_PATH, World


class Office:
    @staticmethod
    @hookimpl
    def plugin_info() -> PluginInfo:
        return PluginInfo("office", "1", "Says which office sends.")

    @staticmethod
    @hookimpl
    def should_send(draft: Draft) -> DoNotSend:
        return DoNotSend("Not this office.")


@pytest.fixture
def plugins() -> list[object]:
    return [Office]


async def test_a_write_without_an_answer_is_told_although_a_rule_keeps_the_job_out_now(world: World) -> None:
    """And another connection has sent it: the work order may stand twice, in two companies."""
    planted = Planted(world)
    await planted.connect()
    job_id = await planted.plant(unanswered, Kind.WAITING)
    await world.change(plugins=(PluginUse("office"),))
    await planted.send(job_id, ItemsMode.NEW_ONLY, connection=WEST)
    await planted.plant(only_for_the_west)
    await check(world, planted)


async def unanswered(p: Planted) -> str:
    job_id = p.job(*ITEMS)
    p.world.spectrum.faults.add(Fault(FaultKind.APPLY_THEN_DROP, match=HEADER_PATH))
    assert (await p.world.send(job_id)).state is SendState.RETRYING
    return job_id


async def only_for_the_west(p: Planted) -> str:
    """Somebody has tried it in the north, too: the rule refused it, and nothing of it left."""
    job_id = p.job(*ITEMS)
    assert (await p.world.send(job_id)).state is SendState.NEEDS_ATTENTION
    await p.send(job_id, ItemsMode.NEW_ONLY, connection=WEST)
    return job_id
