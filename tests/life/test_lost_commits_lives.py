"""A database that falls back under a running drain: what it forgot is not sent again."""

from __future__ import annotations

from collections import deque
from typing import Any

import pytest

from core.model.sending.send import SendState, Step
from core.model.work_orders.cost_line import LineState
from tests.life import acts as a
from tests.life.by_hand import Told, told


def _fall_back_before_any_line(life: Told) -> None:
    transactions = life.stage.transactions
    for rows in reversed(transactions.former):
        lines = list(rows.ledger.values())
        planned = bool(lines) and all(line.state is LineState.PLANNED for line in lines)
        if planned and all(send.step is Step.WRITE_BACK for send in rows.sends.values()):
            transactions.rows = rows
            return
    raise AssertionError("no such moment")


async def test_the_drain_stops_at_its_next_intent() -> None:
    life = await told()
    life.stage.transactions.former = deque(life.stage.transactions.former, maxlen=20)
    await life.do(a.AddItem(0, "part", 2), a.AddItem(0, "part", 3), a.Complete(0), a.Ask(0, 0, "new_only"))
    spectrum = life.stage.spectrum

    def at_the_second() -> None:
        _fall_back_before_any_line(life)

    def at_the_first() -> None:
        spectrum.during_line = at_the_second

    spectrum.during_line = at_the_first
    await life.do(a.Work(), a.Work())
    assert life.books() == ["T104482 P001A 2", "T104482 P002A 3"]
    send = await life.last()
    assert (send.state, send.findings[0].code) == (SendState.NEEDS_ATTENTION, "DATABASE_RESTORED")


@pytest.mark.parametrize("answer", ["", "refused", "locked", "not_sent"])
async def test_a_line_that_is_known_to_stand_is_nothing_else_by_the_answer_of_another_call(answer: str) -> None:
    """The database goes back behind a verdict and a second call; before that is answered, somebody sees the first one's
    line."""
    life = await told()
    stage, tenant = life.stage, life.stage.seat(0).tenant.id
    settle = stage.use_cases.doubts.settle
    await life.do(a.AddItem(0, "part", 2), a.Complete(0), a.Answer("line", "cut_applied"), a.Ask(0, 0, "new_only"))
    await life.do(a.Work())
    doubtful, [row] = stage.transactions.rows, await stage.rows()
    await life.do(a.Wait(16))
    await settle(tenant, row.id, LineState.NOT_POSTED, reason="Overlooked.", by="ann")
    add = stage.spectrum.add_line

    async def seen_meanwhile(*args: Any, **kwargs: Any) -> Any:
        exchange = await add(*args, **kwargs)
        stage.transactions.rows = doubtful
        with stage.moments.asleep():
            await settle(tenant, row.id, LineState.POSTED, reason="It is there.", by="bob")
        return exchange

    stage.spectrum.add_line = seen_meanwhile  # type: ignore[method-assign]
    await life.do(*([a.Answer("line", answer)] if answer else []), a.Work())
    rows = list(stage.transactions.rows.ledger.values())
    assert (rows[0].id, rows[0].state, rows[0].settled_by) == (row.id, LineState.POSTED, "bob")
    assert len(rows) == len(life.books()), "also the one of a second call that was accepted"
