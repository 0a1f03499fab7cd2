"""SIGKILL at every moment of a send with note, marker and document, whatever becomes of one of them: nothing that a
call adds is there twice, nothing is stuck, and what is not known to be there is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.sandbox.faults import Fault, FaultKind
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.optional_settings import NoteMode
from core.model.sending.send import Send, SendState
from tests.faults.support.crash_injector import assert_committed_around, last_run
from tests.faults.support.worker_harness import WorkerHarness, open_harness
from tests.faults.test_crash_points import MOST_MOMENTS

pytestmark = pytest.mark.long

TEXT = "Replace the check valve on riser two and retest it. " * 6
PDF = b"%PDF-1.7 signed"
NOTES, DOCUMENTS = "WOHeaderNotes", "/workOrders/images"
LOST = {"request lost": FaultKind.DROP_BEFORE_APPLY, "answer lost": FaultKind.APPLY_THEN_DROP}


@pytest.mark.parametrize("mode", list(NoteMode))
async def test_note_and_marker_survive_a_kill_at_every_moment(
    mode: NoteMode, new_database: Callable[[], str], tmp_path: Path
) -> None:
    outcomes = {says: Fault(kind, match=NOTES) for says, kind in LOST.items()} | {
        "locked": Fault(FaultKind.ROWS, match=NOTES, text="E WO_Number Locking error: the record is in use"),
    }
    async with asyncio.TaskGroup() as beside:
        for says, fault in outcomes.items():
            (folder := tmp_path / says).mkdir()
            beside.create_task(
                kill_at_every_moment(fault, new_database(), folder, note_topic="JOBFERRY", note_mode=mode)
            )


async def test_a_document_survives_a_kill_at_every_moment(new_database: Callable[[], str], tmp_path: Path) -> None:
    async with asyncio.TaskGroup() as beside:
        for says, kind in LOST.items():
            (folder := tmp_path / says).mkdir()
            fault = Fault(kind, match=DOCUMENTS)
            beside.create_task(kill_at_every_moment(fault, new_database(), folder, send_paperwork=True))


async def kill_at_every_moment(fault: Fault, database_url: str, folder: Path, **settings: object) -> None:
    async with open_harness(database_url, folder) as harness:
        await switch_on(harness, settings | {"marker_field": "UDF7"})
        told = 0
        for dies_at in range(1, MOST_MOMENTS):
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
        repeated = settings.get("note_mode") is NoteMode.REPLACE
        assert bool(told) is not repeated or fault.kind is FaultKind.ROWS
        call = "add_document" if "send_paperwork" in settings else "write_record" if repeated else "add_record"
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
