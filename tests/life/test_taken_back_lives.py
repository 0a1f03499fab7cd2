"""What was taken back stands no more, and is taken back once."""

from __future__ import annotations

from core.model.sending.send import SendState
from tests.life import acts as a
from tests.life.by_hand import Told, told

PART = a.AddItem(0, "part", 2)


async def _taken_off_and_back() -> Told:
    life = await told()
    await life.do(PART, a.Complete(0), a.Ask(0, 0, "new_only"), a.Work())
    item = life.stage.items[0]
    assert item.job
    life.stage.take_item(item, item.job)
    await life.do(a.Ask(0, 0, "difference"), a.Work())
    life.stage.put_item(item)
    return life


async def test_an_item_that_is_back_is_new() -> None:
    life = await _taken_off_and_back()
    await life.do(a.Ask(0, 0, "new_only"), a.Work(), a.Ask(0, 0, "new_only"), a.Work())
    assert life.books() == ["T104482 P001A 2", "T104482 P001A -2", "T104482 P001A 2"]


async def test_a_reversal_whose_new_line_was_refused_leaves_the_item_to_post() -> None:
    life = await told()
    await life.do(PART, a.Complete(0), a.Ask(0, 0, "new_only"), a.Work(), a.EditItem(0, "code", 1))
    await life.do(a.Answer("line", "refused", 1), a.Ask(0, 0, "difference"), a.Work())
    await life.do(a.Ask(0, 0, "new_only"), a.Work())
    assert life.books() == ["T104482 P001A 2", "T104482 P001A -2", "T104482 P001B 2"]


async def test_what_was_only_declared_here_is_taken_back_by_who_posted_it() -> None:
    life = await told()
    await life.do(PART, a.Complete(0), a.Ask(0, 1, "new_only"), a.Work())
    await life.declare()
    await life.do(a.RemoveItem(0), a.Ask(0, 1, "difference"), a.Work(), a.Ask(0, 0, "difference"), a.Work())
    assert life.books() == ["T104482 P001A 2", "T104482 P001A -2"]
    send = await life.last()
    assert (send.state, send.findings[0].code) == (SendState.SENT_WITH_WARNINGS, "ITEMS_POSTED_ELSEWHERE")
