"""Spectrum's address or company is changed: what stands there goes on to count, and only there."""

from __future__ import annotations

import pytest

from core.model.endpoint import Endpoint
from core.model.errors import Conflict
from tests.life import acts as a
from tests.life.by_hand import told

PART = a.AddItem(0, "part", 2)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_two_connections_that_follow_a_renamed_server_still_see_each_other(order: tuple[int, int]) -> None:
    life = await told()
    await life.do(PART, a.Complete(0), a.Ask(0, 0, "new_only"), a.Work())
    for seat in order:
        await life.player._change(seat, endpoint=Endpoint.parse("https://newname.example.com:8482/ws"))
    await life.do(a.Ask(0, 1, "new_only"), a.Work())
    assert life.books() == ["T104482 P001A 2"]


async def test_a_company_of_which_somebody_said_what_stands_there_stays() -> None:
    life = await told()
    await life.do(PART, a.Complete(0))
    await life.declare()
    with pytest.raises(Conflict) as refused:
        await life.player._change(0, company_code="202")
    assert refused.value.code == "CONNECTION_HAS_HISTORY"


async def test_a_clock_that_is_ahead_delays_no_send() -> None:
    life = await told()
    await life.do(PART, a.Complete(0), a.Skew(60), a.Ask(0, 0, "new_only"), a.Work())
    assert life.books() == ["T104482 P001A 2"]
