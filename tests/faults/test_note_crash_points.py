"""SIGKILL at every moment of a send with note, marker and document, whatever becomes of one of them: nothing that a
call adds is there twice, nothing is stuck, and what is not known to be there is told."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from adapters.sandbox.faults import Fault, FaultKind
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.optional_settings import NoteMode
from core.model.sending.send import Send, SendState
from tests.faults.support.crash_injector import assert_committed_around, last_run
from tests.faults.support.worker_harness import WorkerHarness
from tests.faults.test_crash_points import MOST_MOMENTS

pytestmark = pytest.mark.long

TEXT = "Replace the check valve on riser two and retest it. " * 6
PDF = b"%PDF-1.7 signed"
NOTES, DOCUMENTS = "WOHeaderNotes", "/workOrders/images"
FIRST_MOMENT = 10
"""The moments before are those of every send: `test_crash_points` tries them."""
EVERY = 1 if os.environ.get("FAULTS") == "full" else 2
LOCKED = "E WO_Number Locking error: the record is in use"


async def test_a_note_that_replaces_survives_a_kill_at_every_moment(harness: WorkerHarness) -> None:
    fault = Fault(FaultKind.ROWS, match=NOTES, text=LOCKED)
    await kill_at_every_moment(harness, fault, note_topic="JOBFERRY")


async def test_a_text_to_be_added_survives_a_kill_at_every_moment(harness: WorkerHarness) -> None:
    fault = Fault(FaultKind.APPLY_THEN_DROP, match=NOTES)
    await kill_at_every_moment(harness, fault, note_topic="JOBFERRY", note_mode=NoteMode.APPEND)


async def test_a_document_survives_a_kill_at_every_moment(harness: WorkerHarness) -> None:
    await kill_at_every_moment(harness, Fault(FaultKind.APPLY_THEN_DROP, match=DOCUMENTS), send_paperwork=True)


async def kill_at_every_moment(harness: WorkerHarness, fault: Fault, **settings: object) -> None:
    await switch_on(harness, settings | {"marker_field": "UDF7"})
    told = 0
    for dies_at in range(FIRST_MOMENT, MOST_MOMENTS, EVERY):
        job_id = harness.add_job()
        harness.servicetrade.state.complete(job_id)
        harness.servicetrade.state.jobs[job_id].description = TEXT
        harness.servicetrade.state.attach(job_id, "signed.pdf", PDF)
        harness.spectrum.faults.add(fault)
        send = await harness.request(job_id)
        killed = await harness.crash(dies_at)
        await harness.settle_and_finish()
        harness.spectrum.faults.clear()
        told += assert_there_or_told(harness, await harness.show(send))
        if not killed:
            break
    else:
        pytest.fail("the send never came to its end")
    print(f"\n{settings}, {fault.kind.value}: {dies_at} moments, {told} told")
    adds = fault.kind is FaultKind.APPLY_THEN_DROP
    assert bool(told) is adds, "what is added and has no clear answer is told, and what replaces is repeated"
    call = "add_document" if "send_paperwork" in settings else "add_record" if adds else "write_record"
    assert_committed_around(last_run(harness.trail), f"SoapSpectrum.{call}")
    assert f"after SoapSpectrum.{call}" in harness.trail.read_text()


def assert_there_or_told(harness: WorkerHarness, send: Send) -> bool:
    """Whether the send tells that its note or document is unclear."""
    number = send.work_order_number or ""
    order = harness.spectrum.state.work_order("101", number)
    assert order.user_fields == {"UDF7": f"{number.removeprefix('T')} {send.id[-8:]}"}
    told = {found.code for found in send.findings} & {"NOTE_UNCLEAR", "NOTE_NOT_WRITTEN", "DOCUMENT_UNCLEAR"}
    assert (send.state in (SendState.SENT, SendState.SENT_WITH_WARNINGS), send.due_at) == (True, None)
    copies = order.notes.get("JOBFERRY", "").count(TEXT.strip()) or len(order.documents)
    assert copies <= 1, "it was added twice"
    assert copies or told, "it is missing, and nobody is told"
    return bool(told)


async def switch_on(harness: WorkerHarness, settings: dict[str, object]) -> None:
    def edit(before: Connection, secrets: ConnectionSecrets) -> tuple[Connection, ConnectionSecrets]:
        return replace(before, **settings), secrets  # type: ignore[arg-type]

    await harness.use_cases.change_connection(harness.tenant_id, "main", edit, version=None, by="ann")
