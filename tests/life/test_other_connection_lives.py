"""What another connection to the company does, or leaves behind, neither stops a work order for good nor doubles it."""

from __future__ import annotations

import pytest

from core.model.sending.lifecycle.event import LineAnswered
from core.model.sending.send import Attempt, SendState, Step
from core.model.shared.errors import Conflict
from core.model.work_orders.cost_line import LineState
from tests.life import acts as a
from tests.life.by_hand import told
from tests.life.rules import READER

PART = a.AddItem(0, "part", 2)


async def test_a_connection_that_reaches_nobody_keeps_no_work_order_from_others() -> None:
    life = await told()
    await life.do(PART, a.Complete(0), a.Answer("header", "not_sent"), a.Ask(0, 2, "new_only"), a.Work())
    west = life.stage.seat(2)
    await life.stage.use_cases.pause_connection(west.tenant.id, west.slug, paused=True, by="ann")
    await life.do(a.Ask(0, 0, "new_only"), a.Work())
    assert (await life.last()).state is SendState.SENT
    await life.stage.use_cases.pause_connection(west.tenant.id, west.slug, paused=False, by="ann")
    await life.do(a.Wait(5), a.Work())
    assert life.books() == ["T104482 P001A 2"]


async def test_a_connection_with_a_line_in_doubt_stays() -> None:
    life = await told()
    cut = a.Answer("line", "cut_lost")
    await life.do(PART, a.AddItem(0, "part", 3), a.Complete(0), cut, cut, a.Ask(0, 0, "new_only"), a.Work())
    seat = life.stage.seat(0)
    [doubt] = await life.stage.use_cases.doubts.list(seat.tenant.id)
    line = doubt.line
    await life.stage.use_cases.doubts.settle(seat.tenant.id, line.id, LineState.POSTED, reason="I think.", by="ann")
    await life.do(a.Work())
    attempt = Attempt(send_id=line.send_id, step=Step.LINES, started_at=life.stage.clock.now())
    refused = LineAnswered(line=line, attempt=attempt, attempt_id=line.attempt_id or "", state=LineState.REJECTED)
    await life.stage.drain_connection._execute_send._post_lines._store_answer(seat.tenant.id, refused)
    await life.do(a.Work())
    assert (await life.last()).state is SendState.NEEDS_ATTENTION
    with pytest.raises(Conflict) as busy:
        await life.stage.use_cases.remove_connection(seat.tenant.id, seat.slug, version=None, by="ann")
    assert busy.value.code == "CONNECTION_BUSY"


async def test_lines_of_others_are_no_evidence() -> None:
    life = await told()
    await life.player.settings.change(1, plugins=READER)
    await life.do(PART, a.Complete(0), a.Ask(0, 0, "new_only"), a.Work())
    await life.do(a.Answer("line", "cut_lost"), a.Ask(0, 1, "again"), a.Work())
    await life.do(a.Wait(16), a.Work(), a.Work())
    assert (await life.last()).state is SendState.IN_DOUBT
