"""Lives written for one rule each, where the books alone would not show that it is broken."""

from __future__ import annotations

import pytest

from core.model.sending.send import COMPLETION, Send, SendState
from core.model.work_orders.cost_line import ItemsMode, LineState
from tests.life import acts as a
from tests.life.player import Player
from tests.life.stages.memory_stage import MemoryStage

ON, OFF = a.Trigger(0, "send"), a.Trigger(0, "off")


@pytest.fixture
async def player() -> Player:
    stage = MemoryStage()
    await stage.open()
    return Player(stage, ItemsMode.NEW_ONLY)


async def live(player: Player, *life: a.Act) -> None:
    for act in life:
        await player._act(act)
        assert [*await player.judge.look(), *player.runaway] == []


async def sends(player: Player) -> list[Send]:
    return [one.send for one in await player.stage.sends()]


async def by_itself(player: Player) -> int:
    """How many sends completions have set off."""
    return sum(send.requested_by == COMPLETION for send in await sends(player))


async def test_a_start_moved_back_finds_what_was_completed_since(player: Player) -> None:
    await live(player, a.Complete(0), a.Wait(60), ON, a.Poll())
    assert await by_itself(player) == 0
    await live(player, a.StartDate(0, 240), a.Poll())
    assert await by_itself(player) == 1


async def test_a_trigger_switched_on_again_leaves_alone_what_was_completed_before(player: Player) -> None:
    await live(player, ON, a.Poll(), OFF, a.Complete(0), a.Wait(60), ON, a.Poll())
    assert await by_itself(player) == 0
    await live(player, a.Complete(1), a.Poll())
    assert await by_itself(player) == 1


async def test_a_poll_that_fails_twice_is_told(player: Player) -> None:
    fails = a.Trouble("changed_since", "tenant")
    await live(player, ON, a.Poll(), fails, a.Poll(), fails, a.Poll())
    warnings = await player.stage.use_cases.warnings.open(player.stage.tenants()[0].id)
    assert [warning.finding.code for warning, _ in warnings] == ["COMPLETIONS_STOPPED"]


async def test_a_line_that_spectrum_filed_under_another_number_is_in_doubt(player: Player) -> None:
    ask = (a.AddItem(0, "part", 2), a.Complete(0), a.Answer("line", "other_number"), a.Ask(0, 0, "new_only"), a.Work())
    for act in ask:
        await player._act(act)
    [send] = await sends(player)
    [row] = await player.stage.rows()
    assert (send.state, row.state) == (SendState.IN_DOUBT, LineState.IN_DOUBT)
    assert [found.code for found in row.findings] == ["WO_NUMBER_DIFFERS"]


@pytest.mark.parametrize("call", range(1, 6))
async def test_a_frozen_worker_writes_no_old_header_over_a_newer_one(player: Player, call: int) -> None:
    await live(
        player,
        a.Describe(0, 1),
        a.Complete(0),
        a.Ask(0, 0, "none"),
        a.Freeze(call),
        a.Work(),
        a.Describe(0, 2),
        a.Ask(0, 0, "none"),
        a.Work(),
        a.Wait(1),
        a.Work(),
        a.Thaw(),
        a.Work(),
    )
    header = player.stage.header("T104482")
    assert header is not None
    assert header["Summary_Description"] == "Retest 2."


async def test_a_number_under_which_nobody_could_sign_in_is_free_for_others(player: Player) -> None:
    """Two jobs of one number, sent by two tenants."""
    await live(
        player,
        a.SecondJob(),
        a.Complete(0),
        a.Complete(2),
        a.Answer("header", "login"),
        a.Ask(0, 0, "none"),
        a.Work(),
        a.Ask(2, 2, "none"),
        a.Work(),
    )
    assert (await sends(player))[-1].state is SendState.SENT


@pytest.mark.parametrize("spelling", [0, 1, 2])
async def test_our_own_number_stays_ours_however_servicetrade_is_spelt(player: Player, spelling: int) -> None:
    ask = a.Ask(0, 0, "none")
    await live(player, a.Complete(0), ask, a.Work(), a.ServiceTradeAddress(0, spelling), ask, a.Work())
    assert [send.state for send in await sends(player)] == [SendState.SENT, SendState.SENT]


async def test_an_item_moved_to_a_job_that_adopts_its_number_is_posted_once(player: Player) -> None:
    """The send comes to its end: its number stands on the other job already, which somebody has to look at."""
    await live(
        player,
        a.AddItem(0, "part", 2),
        a.Complete(0),
        a.Ask(0, 0, "new_only"),
        a.Work(),
        a.SecondJob(),
        a.MoveItem(0, 2),
        a.Complete(2),
        a.Ask(2, 0, "new_only", adopt=True),
        a.Work(),
    )
    assert [str(line) for line in player.stage.books()] == ["T104482 P001A 2"]
    assert (await sends(player))[-1].state is SendState.NEEDS_ATTENTION
