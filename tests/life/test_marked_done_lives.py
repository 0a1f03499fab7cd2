"""Marking as done speaks of what this send was to post, and of nothing that is posted otherwise."""

from __future__ import annotations

import pytest

from core.model.sending.send import SendState
from tests.life import acts as a
from tests.life.by_hand import told

PART = a.AddItem(0, "part", 2)


async def test_items_that_were_declared_since_are_not_entered_once_more() -> None:
    life = await told()
    await life.do(PART, a.Ask(0, 0, "none"), a.Work(), a.Complete(0), a.Ask(0, 0, "new_only"), a.Work())
    life.stage.transactions.rows.accounts.clear()
    life.stage.transactions.rows.claims.clear()
    await life.do(a.Remake(0))
    life.stage.transactions.rows.accounts.clear()  # the former integration did it
    life.stage.transactions.rows.claims.clear()
    await life.do(a.Ask(0, 0, "new_only"), a.Work())
    held = await life.last()
    await life.declare()
    assert await life.mark_done(held) == "WORK_ORDER_MOVED_ON"
    await life.do(a.Retry(0), a.Work(), a.Ask(0, 0, "difference"), a.Work())
    assert life.books() == ["T104482 P001A 2"]


async def test_a_held_reversal_with_its_new_line_can_be_marked() -> None:
    life = await told()
    await life.do(PART, a.Complete(0), a.Ask(0, 0, "new_only"), a.Work(), a.AddItem(0, "part", 1), a.Backup())
    await life.do(a.Ask(0, 0, "difference"), a.Work(), a.RestoreBackup())
    await life.do(a.EditItem(0, "code", 1), a.Wait(16), a.Ask(0, 0, "difference"), a.Work())
    assert await life.mark_done(await life.last()) == ""
    rows = (await life.stage.sends())[-1].lines
    assert sorted((row.item_id[-3:], row.round) for row in rows) == [("001", 1), ("001", 2), ("002", 0)]


@pytest.mark.parametrize("mode", ["new_only", "difference"])
async def test_another_connection_that_posts_to_the_work_order_comes_first(mode: str) -> None:
    life = await told()
    await life.do(PART, a.Complete(0), a.Answer("line", "refused"), a.Ask(0, 0, mode), a.Work())
    failed = await life.last()
    await life.do(a.Answer("line", "locked"), a.Ask(0, 1, "new_only"), a.Work())
    assert await life.mark_done(failed) == "WORK_ORDER_BUSY"
    await life.do(a.Wait(5), a.Work())
    assert await life.mark_done(failed) == "WORK_ORDER_MOVED_ON"
    assert life.books() == ["T104482 P001A 2"]


async def test_after_a_restore_it_says_nothing_of_items_that_its_plan_never_named() -> None:
    life = await told()
    await life.do(PART, a.Complete(0), a.Answer("line", "refused"), a.Ask(0, 0, "new_only"), a.Work(), a.Backup())
    failed = await life.last()
    await life.do(a.AddItem(0, "part", 3), a.Ask(0, 0, "new_only"), a.Work(), a.RestoreBackup(), a.Wait(16))
    await life.player.person.mend_connections()
    assert await life.mark_done(failed) == ""
    await life.do(a.Work(), a.Ask(0, 0, "new_only"), a.Work())
    assert (await life.last()).state is SendState.NEEDS_ATTENTION
    assert life.books() == ["T104482 P001A 2", "T104482 P002A 3"]


@pytest.mark.parametrize("header", ["not_sent", "fault"])
async def test_a_send_that_never_read_its_job_waits_for_the_one_that_has_lines(header: str) -> None:
    life = await told()
    await life.do(PART, a.Complete(0), a.Ask(0, 0, "new_only"), a.Trouble("read_job", "tenant"), a.Work())
    unread = await life.last()
    await life.do(a.Answer("header", header), a.Ask(0, 0, "new_only"), a.Work())
    refused = await life.mark_done(unread)
    await life.do(a.Wait(5), a.Work(), a.Wait(5), a.Work())
    assert (refused, life.books()) in [("WORK_ORDER_BUSY", ["T104482 P001A 2"]), ("", [])]


async def test_what_is_said_while_another_send_is_planned_holds_that_one() -> None:
    life = await told()
    await life.do(PART, a.Complete(0), a.Ask(0, 0, "none"), a.Work())
    await life.do(a.Ask(0, 0, "new_only"), a.Trouble("read_job", "tenant"), a.Work())
    unread = await life.last()
    await life.do(a.Ask(0, 0, "new_only"))
    read_items = life.stage.service_trade.read_items

    async def marked_meanwhile(*args: object) -> object:
        life.stage.service_trade.read_items = read_items  # type: ignore[method-assign]
        assert await life.mark_done(unread) == ""
        return await read_items(*args)  # type: ignore[arg-type]

    life.stage.service_trade.read_items = marked_meanwhile  # type: ignore[method-assign, assignment]
    await life.do(a.Work(), a.Wait(5), a.Work())
    assert (await life.last()).state is SendState.NEEDS_ATTENTION
    assert life.books() == []


async def test_a_correction_of_ones_own_line_can_be_marked_although_others_posted_the_item_too() -> None:
    life = await told()
    refused = a.Answer("line", "refused")
    await life.do(PART, a.AddItem(0, "part", 3), a.Complete(0), a.Answer("line", "refused", 1))
    await life.do(a.Ask(0, 0, "difference"), a.Work(), a.Ask(0, 2, "again"), a.Work(), a.EditItem(0, "quantity", 5))
    await life.do(refused, refused, a.Retry(0), a.Work())
    [failed] = [one.send for one in await life.stage.sends() if one.send.state is SendState.NEEDS_ATTENTION]
    assert [line.purpose.value for line in failed.plan.lines] == ["correction"]  # type: ignore[union-attr]
    assert await life.mark_done(failed) == ""
