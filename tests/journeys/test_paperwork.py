"""The attachments of a completed job become documents of its work order: each once, last, and never in the way."""

from __future__ import annotations

from functools import partial
from hashlib import sha256

import pytest

from adapters.sandbox.faults import UNTIL_CLEARED, Fault, FaultKind
from core.model.sending.send import Send, SendState, Step
from core.model.shared.errors import Conflict, NotFound
from core.model.work_orders.annotation import AnnotationKind
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.paperwork import MOST_BYTES, MOST_DOCUMENTS
from core.services.sending.read_sends import SendDetails
from tests.journeys.items import NUMBER, books, completed_job, open_job
from tests.journeys.world import World, codes

PDF = b"%PDF-1.7 the signed work order"
PATH = "/workOrders/images"


async def details(world: World, send: Send) -> SendDetails:
    return await world.use_cases.show_send(world.tenant.id, send.id)


def documents(world: World) -> list[tuple[str, str, str]]:
    kept = world.work_order(NUMBER).documents.values()
    return [(one.description, one.type, one.sha256) for one in kept]


def calls(world: World) -> int:
    return sum(call.path == PATH for call in world.spectrum.requests.calls)


async def job_with(world: World, *names: str, content: bytes = PDF) -> str:
    await world.change(send_paperwork=True)
    job_id = completed_job(world, "CV4G 1 412.85")
    for name in names:
        world.servicetrade.state.attach(job_id, name, content)
    return job_id


def sha(content: bytes = PDF) -> str:
    return sha256(content).hexdigest()


async def test_paperwork_of_a_completed_job_goes_once_and_last(world: World) -> None:
    job_id = await job_with(world, "signed.pdf", "Photo of the riser.pdf")
    send = await world.send(job_id, items=ItemsMode.NEW_ONLY)
    assert (send.state, send.findings) == (SendState.SENT, ())
    there = [("signed.pdf", "pdf", sha()), ("Photo of the riser.pdf", "pdf", sha())]
    assert documents(world) == there
    attempts = await world.attempts(send)
    assert [one.step for one in attempts[-2:]] == [Step.ANNOTATE] * 2
    assert "SANDBOX-101" not in attempts[-1].request
    assert f"SHA-256 {sha()}" in attempts[-1].request
    assert "JVBERi0" not in attempts[-1].request, "no content is kept"
    assert (await world.send(job_id, items=ItemsMode.NEW_ONLY)).state is SendState.SENT
    world.servicetrade.state.attach(job_id, "later.pdf", PDF)
    await world.send(job_id)
    assert documents(world) == [*there, ("later.pdf", "pdf", sha())]
    assert calls(world) == 3


async def test_the_preview_lists_the_documents(world: World) -> None:
    job_id = await job_with(world, "signed.pdf")
    [planned] = (await world.preview(job_id)).annotations
    assert (planned.kind, planned.text, planned.due) == (AnnotationKind.DOCUMENT, "signed.pdf", True)
    await world.send(job_id)
    [planned] = (await world.preview(job_id)).annotations
    assert (planned.due, planned.previous) == (False, "signed.pdf")


async def test_nothing_is_asked_unless_it_is_switched_on_and_the_job_completed(world: World) -> None:
    job_id = completed_job(world)
    world.servicetrade.state.attach(job_id, "signed.pdf", PDF)
    await world.send(job_id)
    assert calls(world) == 0
    assert not [call for call in world.servicetrade.requests.calls if "attachment" in call.path]
    await world.change(send_paperwork=True)
    still_open = open_job(world)
    world.servicetrade.state.attach(still_open, "signed.pdf", PDF)
    assert (await world.preview(still_open)).annotations == ()


async def test_what_is_no_paperwork_or_does_not_fit_is_left_out_and_said(world: World) -> None:
    many = [f"{place}.pdf" for place in range(MOST_DOCUMENTS + 1)]
    job_id = await job_with(world, "movie.mp4", *many)
    world.servicetrade.state.attach(job_id, "large.pdf", b"%PDF-" + b"x" * MOST_BYTES)
    world.servicetrade.state.attach(job_id, "picture.pdf", PDF, purpose=2)
    plan = await world.preview(job_id)
    assert [one.text for one in plan.annotations] == many[:MOST_DOCUMENTS]
    [found] = plan.findings
    assert found.code == "DOCUMENTS_LEFT_OUT"
    assert all(name in found.message for name in ("movie.mp4", "large.pdf", many[-1]))
    assert "picture.pdf" not in found.message


async def test_a_file_that_is_not_what_its_name_says_is_not_sent_and_told(world: World) -> None:
    job_id = await job_with(world, "signed.pdf", content=b"<html>Please sign in</html>")
    send = await world.send(job_id, items=ItemsMode.NEW_ONLY)
    assert (send.state, codes(send)) == (SendState.SENT_WITH_WARNINGS, ["DOCUMENT_NOT_SENT"])
    assert "its content is no pdf" in send.findings[0].message
    assert calls(world) == 0
    assert books(world) == [f"{NUMBER} CV4G 1"]


async def test_a_list_that_cannot_be_read_stops_nothing_and_is_told(world: World) -> None:
    job_id = await job_with(world, "signed.pdf")
    world.servicetrade.faults.add(Fault(FaultKind.STATUS, match="/attachment", status=500, times=UNTIL_CLEARED))
    send = await world.send(job_id)
    assert (send.state, codes(send)) == (SendState.SENT_WITH_WARNINGS, ["DOCUMENT_NOT_SENT"])
    world.servicetrade.faults.clear()
    assert (await world.send(job_id)).state is SendState.SENT
    assert len(documents(world)) == 1


async def test_content_that_cannot_be_read_for_a_while_is_sent_later(world: World) -> None:
    job_id = await job_with(world, "signed.pdf")
    world.servicetrade.faults.add(Fault(FaultKind.STATUS, match="/content", status=502))
    send = await world.send(job_id)
    assert (send.state, send.step) == (SendState.RETRYING, Step.ANNOTATE)
    await world.later(minutes=1)
    assert (await world.show(send)).state is SendState.SENT
    assert len(documents(world)) == 1


@pytest.mark.parametrize("kind", [FaultKind.APPLY_THEN_DROP, FaultKind.DROP_BEFORE_APPLY, FaultKind.TRUNCATE])
async def test_a_document_without_a_clear_answer_is_never_sent_again(world: World, kind: FaultKind) -> None:
    job_id = await job_with(world, "signed.pdf")
    world.spectrum.faults.add(Fault(kind, match=PATH, bytes=20))
    send = await world.send(job_id, items=ItemsMode.NEW_ONLY)
    assert (send.state, codes(send)) == (SendState.SENT_WITH_WARNINGS, ["DOCUMENT_UNCLEAR"])
    assert codes(await world.send(job_id)) == ["DOCUMENT_UNCLEAR"]
    assert calls(world) == 1
    assert books(world) == [f"{NUMBER} CV4G 1"]


async def test_a_person_settles_what_is_unclear_and_what_is_not_there_goes_with_the_next_send(world: World) -> None:
    job_id = await job_with(world, "signed.pdf", "photo.pdf")
    world.spectrum.faults.add(Fault(FaultKind.DROP_BEFORE_APPLY, match=PATH, times=2))
    send = await world.send(job_id)
    assert len((await details(world, send)).annotations) == 2
    first, second = (one.id for one in await world.use_cases.unclear_annotations.list(world.tenant.id))
    settle = partial(world.use_cases.unclear_annotations.settle, world.tenant.id, by="ann")
    with pytest.raises(Conflict) as early:
        await settle(first, there=False, reason="Looked: nothing.")
    assert early.value.code == "DOUBT_TOO_FRESH"
    await settle(second, there=True, reason="It is there.")
    await world.later(minutes=16)
    await settle(first, there=False, reason="Looked: nothing.")
    with pytest.raises(NotFound) as again:
        await settle(first, there=True, reason="Once more.")
    assert again.value.code == "ANNOTATION_NOT_FOUND"
    assert (await world.send(job_id)).findings == ()
    assert documents(world) == [("signed.pdf", "pdf", sha())]
    entries = (await world.use_cases.list_audit(world.tenant.id)).entries
    assert [one.action for one in entries].count("annotation.settled") == 2


async def unclear(world: World) -> list[str]:
    return [one.written.text for one in await world.use_cases.unclear_annotations.list(world.tenant.id)]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 415, 422])
async def test_a_status_alone_says_nothing_of_a_document_and_no_other_one_is_tried_until_a_person_looked(
    world: World, status: int
) -> None:
    job_id = await job_with(world, "signed.pdf", "photo.pdf")
    world.spectrum.faults.add(Fault(FaultKind.STATUS, match=PATH, status=status, times=UNTIL_CLEARED))
    send = await world.send(job_id)
    assert (send.state, codes(send)) == (SendState.SENT_WITH_WARNINGS, ["DOCUMENT_UNCLEAR", "DOCUMENT_NOT_SENT"])
    assert (calls(world), await unclear(world)) == (1, ["signed.pdf"])
    assert [(one.topic, one.finding.code) for one in await world.warnings()] == [("documents", "PAPERWORK_HELD")]
    assert (await world.connection()).hold is None, "work orders and items go on"
    world.spectrum.faults.clear()
    assert set(codes(await world.send(job_id))) == {"DOCUMENT_UNCLEAR", "DOCUMENT_NOT_SENT"}
    assert calls(world) == 1, "a right that was given meanwhile is not tried before somebody has looked"
    await world.later(minutes=16)
    [one] = await world.use_cases.unclear_annotations.list(world.tenant.id)
    assert one.written.blocked
    await world.use_cases.unclear_annotations.settle(
        world.tenant.id, one.id, there=False, reason="Looked: nothing.", by="ann"
    )
    assert await world.warnings() == []
    assert (await world.send(job_id)).state is SendState.SENT
    assert [name for name, _, _ in documents(world)] == ["signed.pdf", "photo.pdf"]


async def test_a_service_that_is_missing_leaves_one_document_to_check_and_not_a_hundred(world: World) -> None:
    world.spectrum.state.settings.images = False
    for _ in range(3):
        await world.send(await job_with(world, "signed.pdf"))
    assert (calls(world), await unclear(world)) == (1, ["signed.pdf"])
    assert (await world.use_cases.count_jobs(world.tenant.id)).jobs.unclear_annotations == 1


async def test_the_same_file_attached_once_more_is_not_stored_twice(world: World) -> None:
    job_id = await job_with(world, "signed.pdf")
    await world.send(job_id)
    world.servicetrade.state.attach(job_id, "signed.pdf", PDF)
    world.servicetrade.state.attach(job_id, "signed.pdf", PDF + b", corrected")
    assert (await world.send(job_id)).state is SendState.SENT
    assert [one for _, _, one in documents(world)] == [sha(), sha(PDF + b", corrected")]


async def test_a_refused_document_is_told_with_spectrums_reason(world: World) -> None:
    job_id = await job_with(world, "signed.pdf")
    world.spectrum.faults.add(Fault(FaultKind.ROWS, match=PATH, text="I Image_Type Type is not set up"))
    send = await world.send(job_id)
    assert (send.state, codes(send)) == (SendState.SENT_WITH_WARNINGS, ["DOCUMENT_NOT_SENT"])
    assert "Type is not set up" in send.findings[0].message
