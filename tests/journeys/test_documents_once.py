"""A document, and a text that is added to a note, go once for a work order, whatever the sends around them do."""

from __future__ import annotations

from functools import partial

import pytest

from adapters.sandbox.faults import Fault, FaultKind
from core.model.connections.optional_settings import NoteMode
from core.model.sending.send import SendState, Step
from core.model.shared.errors import Conflict
from core.model.work_orders.cost_line import ItemsMode, LineState
from tests.journeys.items import NUMBER, completed_job, lose_the_answer
from tests.journeys.world import HEADER_PATH, NORTH, World, codes

PDF = b"%PDF-1.7 the signed work order"
PATH = "/workOrders/images"
LONG = "Replace the check valve on riser two and retest it. " * 8


async def job_with(world: World, *names: str) -> str:
    await world.change(send_paperwork=True)
    job_id = completed_job(world, "CV4G 1 412.85")
    for name in names:
        world.servicetrade.state.attach(job_id, name, PDF)
    return job_id


def documents(world: World) -> list[str]:
    return [one.description for one in world.work_order(NUMBER).documents.values()]


async def test_a_send_whose_plan_is_older_does_not_add_what_another_one_has_added_since(world: World) -> None:
    job_id = await job_with(world, "signed.pdf")
    await world.change(send_paperwork=True, note_topic="JOBFERRY", note_mode=NoteMode.APPEND)
    world.job(job_id).description = LONG
    lose_the_answer(world)
    first = await world.send(job_id, items=ItemsMode.NEW_ONLY)
    assert first.state is SendState.IN_DOUBT
    world.spectrum.faults.add(Fault(FaultKind.DROP_BEFORE_APPLY, match=HEADER_PATH, times=2))
    second = await world.send(job_id)
    assert (second.state, second.step) == (SendState.RETRYING, Step.HEADER)
    [doubt] = await world.use_cases.doubts.list(world.tenant.id)
    await world.use_cases.doubts.settle(world.tenant.id, doubt.line.id, LineState.POSTED, reason="There.", by="ann")
    await world.drain()
    assert (await world.show(first)).state is SendState.SENT
    await world.later(minutes=10)
    await world.later(minutes=30)
    second = await world.show(second)
    assert (second.state, documents(world)) == (SendState.SENT, ["signed.pdf"])
    assert world.work_order(NUMBER).notes["JOBFERRY"].count("Job 600001:") == 1


async def test_a_document_that_may_still_be_added_is_not_settled_as_missing_while_its_send_goes_on(
    world: World,
) -> None:
    job_id = await job_with(world, "signed.pdf")
    photo = world.servicetrade.state.attach(job_id, "photo.pdf", PDF)
    world.spectrum.faults.add(Fault(FaultKind.DROP_BEFORE_APPLY, match=PATH))
    world.servicetrade.faults.add(Fault(FaultKind.STATUS, match=f"{photo}/content", status=502))
    send = await world.send(job_id)
    assert (send.state, send.step) == (SendState.RETRYING, Step.ANNOTATE)
    signed = (await world.use_cases.show_send(world.tenant.id, send.id)).annotations[0].annotation.place
    settle = partial(world.use_cases.send_actions.settle_document, world.tenant.id, send.id, signed)
    with pytest.raises(Conflict) as early:
        await settle(there=False, reason="Looked: nothing.", by="ann")
    assert early.value.code == "DOUBT_TOO_FRESH"


async def test_an_older_send_does_not_shorten_the_time_until_a_document_can_be_missing(world: World) -> None:
    job_id = await job_with(world)
    older = await world.send(job_id)
    await world.later(minutes=60)
    world.servicetrade.state.attach(job_id, "signed.pdf", PDF)
    world.spectrum.faults.add(Fault(FaultKind.DROP_BEFORE_APPLY, match=PATH))
    send = await world.send(job_id)
    assert codes(send) == ["DOCUMENT_UNCLEAR"]
    [one] = (await world.use_cases.show_send(world.tenant.id, send.id)).annotations
    settle = partial(world.use_cases.send_actions.settle_document, world.tenant.id)
    with pytest.raises(Conflict) as early:
        await settle(older.id, one.annotation.place, there=False, reason="Looked: nothing.", by="ann")
    assert early.value.code == "DOUBT_TOO_FRESH"


async def test_a_connection_set_up_again_adds_nothing_twice_and_sends_what_is_new(world: World) -> None:
    job_id = await job_with(world, "signed.pdf")
    await world.send(job_id)
    await world.use_cases.remove_connection(world.tenant.id, NORTH, version=None, by="ann")
    await world.connect(world.tenant, NORTH)
    await world.change(send_paperwork=True)
    send = await world.send(job_id)
    assert (send.state, codes(send)) == (SendState.SENT_WITH_WARNINGS, ["DOCUMENT_UNCLEAR"])
    assert documents(world) == ["signed.pdf"]
    world.servicetrade.state.attach(job_id, "later.pdf", PDF)
    [one] = (await world.use_cases.show_send(world.tenant.id, send.id)).annotations
    settle = partial(world.use_cases.send_actions.settle_document, world.tenant.id, send.id)
    await settle(one.annotation.place, there=True, reason="It is there.", by="ann")
    assert (await world.send(job_id)).state is SendState.SENT
    assert documents(world) == ["signed.pdf", "later.pdf"]
