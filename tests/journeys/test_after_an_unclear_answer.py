"""What an answer that never came leaves uncertain is not taken for known by the next send."""

from __future__ import annotations

from adapters.sandbox.faults import UNTIL_CLEARED, Fault, FaultKind
from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID as JOB
from core.model.connections.settings import Overwrite
from core.model.sending.send import SendState
from tests.journeys.world import World


async def test_changed_fields_sends_a_value_that_went_back_after_an_unclear_answer(world: World) -> None:
    await world.change(overwrite=Overwrite.CHANGED_FIELDS)
    await world.send(JOB)
    first = world.job(JOB).customer_po

    world.job(JOB).customer_po = "PO-OTHER"
    world.spectrum.faults.add(Fault(FaultKind.APPLY_THEN_DROP, match="/ws/", times=UNTIL_CLEARED))
    lost = await world.send(JOB)
    for minutes in (1, 2, 5, 15):
        await world.later(minutes=minutes)
    assert (await world.show(lost)).state is SendState.NEEDS_ATTENTION
    assert world.work_order("T104482").fields["Customer_PO_Number"] == "PO-OTHER"

    world.spectrum.faults.clear()
    world.job(JOB).customer_po = first
    assert (await world.send(JOB)).state is SendState.SENT
    assert world.work_order("T104482").fields["Customer_PO_Number"] == first
