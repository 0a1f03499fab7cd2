"""A document, and a text that is added to a note, go once for a work order, whatever the sends around them do."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from adapters.sandbox.faults import Fault, FaultKind
from core.model.connections.optional_settings import NoteMode
from core.model.sending.send import Send, SendState, Step
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
    [signed] = await world.use_cases.unclear_annotations.list(world.tenant.id)
    settle = partial(world.use_cases.unclear_annotations.settle, world.tenant.id, signed.id)
    with pytest.raises(Conflict) as early:
        await settle(there=False, reason="Looked: nothing.", by="ann")
    assert early.value.code == "DOUBT_TOO_FRESH"


async def test_an_older_send_does_not_shorten_the_time_until_a_document_can_be_missing(world: World) -> None:
    job_id = await job_with(world)
    await world.send(job_id)
    await world.later(minutes=60)
    world.servicetrade.state.attach(job_id, "signed.pdf", PDF)
    world.spectrum.faults.add(Fault(FaultKind.DROP_BEFORE_APPLY, match=PATH))
    send = await world.send(job_id)
    assert codes(send) == ["DOCUMENT_UNCLEAR"]
    [one] = await world.use_cases.unclear_annotations.list(world.tenant.id)
    with pytest.raises(Conflict) as early:
        await world.use_cases.unclear_annotations.settle(
            world.tenant.id, one.id, there=False, reason="Looked: nothing.", by="ann"
        )
    assert early.value.code == "DOUBT_TOO_FRESH"


async def test_a_connection_set_up_again_adds_nothing_twice_and_sends_what_is_new(world: World) -> None:
    job_id = await job_with(world, "signed.pdf")
    await world.send(job_id)
    await world.use_cases.remove_connection(world.tenant.id, NORTH, version=None, by="ann")
    await world.connect(world.tenant, NORTH)
    await world.change(send_paperwork=True)
    send = await world.send(job_id)
    assert (send.state, codes(send)) == (SendState.SENT, [])
    assert documents(world) == ["signed.pdf"]
    world.servicetrade.state.attach(job_id, "later.pdf", PDF)
    assert (await world.send(job_id)).state is SendState.SENT
    assert documents(world) == ["signed.pdf", "later.pdf"]


async def append(world: World) -> None:
    await world.change(note_topic="JOBFERRY", note_mode=NoteMode.APPEND)


def texts(world: World, topic: str = "JOBFERRY") -> list[str]:
    """The end of each text in the topic."""
    note = world.work_order(NUMBER).notes.get(topic, "")
    return [line.rpartition(" ")[2] for line in note.split("\n") if line]


async def send_saying(world: World, job_id: str, word: str) -> Send:
    world.job(job_id).description = f"{LONG[:300]} {word}"
    return await world.send(job_id)


async def test_a_text_that_was_added_is_not_added_again_whatever_was_added_or_refused_since(world: World) -> None:
    job_id = completed_job(world)
    await append(world)
    await send_saying(world, job_id, "A")
    world.spectrum.faults.add(Fault(FaultKind.ROWS, match="WOHeaderNotes", text="I Notes_Text Not accepted"))
    refused = await send_saying(world, job_id, "B")
    assert "NOTE_NOT_WRITTEN" in codes(refused)
    await send_saying(world, job_id, "A")
    assert texts(world) == ["A"]
    await send_saying(world, job_id, "B")
    await send_saying(world, job_id, "A")
    assert texts(world) == ["A", "B"]


async def test_a_text_whose_answer_was_lost_stays_unclear_while_others_are_added(world: World) -> None:
    job_id = completed_job(world)
    await append(world)
    world.spectrum.faults.add(Fault(FaultKind.APPLY_THEN_DROP, match="WOHeaderNotes"))
    await send_saying(world, job_id, "A")
    await send_saying(world, job_id, "B")
    again = await send_saying(world, job_id, "A")
    assert "NOTE_UNCLEAR" in codes(again)
    assert texts(world) == ["A", "B"]
    [one] = await world.use_cases.unclear_annotations.list(world.tenant.id)
    await world.use_cases.unclear_annotations.settle(world.tenant.id, one.id, there=True, reason="There.", by="ann")
    assert codes(await send_saying(world, job_id, "A")) == ["NOTE_HOLDS_TEXT"]
    assert texts(world) == ["A", "B"]


async def test_a_note_that_is_not_there_is_added_by_the_next_send_after_a_persons_word(world: World) -> None:
    job_id = completed_job(world)
    await append(world)
    world.spectrum.faults.add(Fault(FaultKind.DROP_BEFORE_APPLY, match="WOHeaderNotes"))
    await send_saying(world, job_id, "A")
    [one] = await world.use_cases.unclear_annotations.list(world.tenant.id)
    settle = partial(world.use_cases.unclear_annotations.settle, world.tenant.id, one.id, there=False, by="ann")
    with pytest.raises(Conflict) as early:
        await settle(reason="Nothing there.")
    assert early.value.code == "DOUBT_TOO_FRESH"
    await world.later(minutes=16)
    await settle(reason="Nothing there.")
    await send_saying(world, job_id, "A")
    assert texts(world) == ["A"]


async def test_a_topic_that_is_changed_and_changed_back_has_each_text_once(world: World) -> None:
    job_id = completed_job(world)
    world.company.note_topics.append("OTHER")
    for topic in ("JOBFERRY", "OTHER", "JOBFERRY", "OTHER"):
        await world.change(note_topic=topic, note_mode=NoteMode.APPEND)
        await send_saying(world, job_id, "A")
    assert (texts(world), texts(world, "OTHER")) == (["A"], ["A"])


async def test_a_topic_that_was_replaced_takes_an_earlier_text_again(world: World) -> None:
    job_id = completed_job(world)
    await append(world)
    await send_saying(world, job_id, "A")
    await world.change(note_topic="JOBFERRY", note_mode=NoteMode.REPLACE)
    await send_saying(world, job_id, "B")
    assert texts(world) == ["B"]
    await append(world)
    await send_saying(world, job_id, "A")
    await send_saying(world, job_id, "A")
    assert texts(world) == ["B", "A"]


async def test_what_one_connection_added_another_one_to_the_company_does_not_add_again(world: World) -> None:
    job_id = await job_with(world, "signed.pdf")
    await append(world)
    await send_saying(world, job_id, "A")
    more: dict[str, Any] = {"note_topic": "JOBFERRY", "note_mode": NoteMode.APPEND}
    await world.connect(world.tenant, "west", external_system="spectrum_west", send_paperwork=True, **more)
    world.job(job_id).description = f"{LONG[:300]} B"
    await world.send(job_id, connection="west")
    await send_saying(world, job_id, "B")
    assert (texts(world), documents(world)) == (["A", "B"], ["signed.pdf"])


async def test_what_another_connection_may_have_added_waits_for_a_word_there(world: World) -> None:
    job_id = await job_with(world, "signed.pdf")
    world.spectrum.faults.add(Fault(FaultKind.DROP_BEFORE_APPLY, match=PATH))
    await world.send(job_id)
    await world.connect(world.tenant, "west", external_system="spectrum_west", send_paperwork=True)
    west = await world.send(job_id, connection="west")
    assert ("DOCUMENT_UNCLEAR" in codes(west), documents(world)) == (True, [])
    assert "another connection" in west.findings[-1].message
    [one] = await world.use_cases.unclear_annotations.list(world.tenant.id)
    with pytest.raises(Conflict) as busy:
        await world.use_cases.remove_connection(world.tenant.id, NORTH, version=None, by="ann")
    assert busy.value.code == "CONNECTION_BUSY"
    await world.later(minutes=16)
    await world.use_cases.unclear_annotations.settle(world.tenant.id, one.id, there=False, reason="No.", by="ann")
    assert "DOCUMENT_UNCLEAR" not in codes(await world.send(job_id, connection="west"))
    assert codes(await world.send(job_id)) == []
    assert documents(world) == ["signed.pdf"]


async def test_documents_of_a_job_with_a_number_that_this_database_does_not_know_wait_for_a_person(
    world: World,
) -> None:
    job_id = await job_with(world, "signed.pdf")
    world.job(job_id).external_ids["spectrum"] = NUMBER
    send = await world.send(job_id)
    assert (codes(send), documents(world)) == (["DOCUMENT_UNCLEAR"], [])
    await world.later(minutes=16)
    [one] = await world.use_cases.unclear_annotations.list(world.tenant.id)
    await world.use_cases.unclear_annotations.settle(world.tenant.id, one.id, there=False, reason="No.", by="ann")
    assert codes(await world.send(job_id)) == []
    assert documents(world) == ["signed.pdf"]
