"""A database that falls back under a running drain: what it forgot is not sent again."""

from __future__ import annotations

from collections import deque

from core.model.cost_line import LineState
from core.model.send import SendState, Step
from tests.life import acts as a
from tests.life.by_hand import Told, told


def _fall_back_before_any_line(life: Told) -> None:
    transactions = life.stage.transactions
    for rows in reversed(transactions.former):
        lines = list(rows.ledger.values())
        planned = bool(lines) and all(line.state is LineState.PLANNED for line in lines)
        if planned and all(send.step is Step.LINES for send in rows.sends.values()):
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
