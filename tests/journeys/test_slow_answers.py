"""Calls that hang end at the deadline, and what they may have done is repeated under the same number."""

from __future__ import annotations

import pytest

from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID
from core.model.sending.send import SendState
from tests.journeys.world import World, codes


@pytest.fixture
def deadline_seconds() -> float:
    return 1.0


@pytest.mark.parametrize("kind", [FaultKind.DRIP, FaultKind.APPLY_LATE])
async def test_an_answer_that_never_ends_is_cut_off_and_repeated(world: World, kind: FaultKind) -> None:
    world.spectrum.faults.add(Fault(kind, match="/ws/"))
    send = await world.send(FIRST_JOB_ID)
    assert (send.state, codes(send)) == (SendState.RETRYING, ["OUTCOME_UNKNOWN"])
    await world.later(minutes=1)
    assert (await world.show(send)).state is SendState.SENT
    assert list(world.company.work_orders) == ["T104482"]


async def test_servicetrade_that_does_not_answer_is_waited_for(world: World) -> None:
    world.servicetrade.faults.add(Fault(FaultKind.LATENCY, match="/api/job/", seconds=5))
    send = await world.send(FIRST_JOB_ID)
    assert (send.state, codes(send)) == (SendState.RETRYING, ["ST_UNREACHABLE"])
    assert world.headers_received() == 0
    await world.later(minutes=1)
    assert (await world.show(send)).state is SendState.SENT
