"""SIGKILL at every moment of a send with items, note and marker, whatever becomes of the note: no line is lost or
posted twice, no text is added twice, nothing is stuck, and a note that is not known to be there is told."""

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
from core.model.work_orders.cost_line import ItemsMode
from tests.faults.support.crash_injector import assert_committed_around, last_run
from tests.faults.support.fixtures import expected, in_spectrum
from tests.faults.support.worker_harness import WorkerHarness, open_harness
from tests.faults.test_crash_points import MOST_MOMENTS

pytestmark = pytest.mark.long

TEXT = "Replace the check valve on riser two and retest it. " * 6
NOTES = "WOHeaderNotes"
OUTCOMES: dict[str, Fault | None] = {
    "accepted": None,
    "request lost": Fault(FaultKind.DROP_BEFORE_APPLY, match=NOTES),
    "applied and answer lost": Fault(FaultKind.APPLY_THEN_DROP, match=NOTES),
    "refused": Fault(FaultKind.ROWS, match=NOTES, text="I Notes_Topic no such topic"),
    "locked": Fault(FaultKind.ROWS, match=NOTES, text="E WO_Number Locking error: the record is in use"),
}


@pytest.mark.parametrize("mode", list(NoteMode))
async def test_note_and_marker_survive_a_kill_at_every_moment(
    mode: NoteMode, new_database: Callable[[], str], tmp_path: Path
) -> None:
    async with asyncio.TaskGroup() as beside:
        for outcome in OUTCOMES:
            folder = tmp_path / outcome
            folder.mkdir()
            beside.create_task(kill_at_every_moment(outcome, mode, new_database(), folder))


async def kill_at_every_moment(outcome: str, mode: NoteMode, database_url: str, folder: Path) -> None:
    async with open_harness(database_url, folder) as harness:
        await name_places(harness, mode)
        told, numbers = 0, []
        for dies_at in range(1, MOST_MOMENTS):
            job_id = harness.add_job_with_items()
            harness.servicetrade.state.jobs[job_id].description = TEXT
            numbers.append(harness.number)
            if fault := OUTCOMES[outcome]:
                harness.spectrum.faults.add(fault)
            send = await harness.request(job_id, items=ItemsMode.NEW_ONLY)
            killed = await harness.crash(dies_at)
            await harness.settle_and_finish()
            harness.spectrum.faults.clear()
            assert in_spectrum(harness.spectrum.state) == expected(numbers)
            told += assert_note_is_there_or_told(harness, await harness.show(send), mode)
            if not killed:
                break
        else:
            pytest.fail("the send never came to its end")
        print(f"\n{mode.value}, {outcome}: {dies_at} moments, {told} told")
        if outcome != "refused":
            assert mode is NoteMode.APPEND or not told
        call = "SoapSpectrum.add_record" if mode is NoteMode.APPEND else "SoapSpectrum.write_record"
        assert_committed_around(last_run(harness.trail), call)
        assert f"after {call}" in harness.trail.read_text()


def assert_note_is_there_or_told(harness: WorkerHarness, send: Send, mode: NoteMode) -> bool:
    """Whether the send tells that its note is missing or unclear."""
    number = send.work_order_number or ""
    order = harness.spectrum.state.work_order("101", number)
    note, text = order.notes.get("JOBFERRY", ""), TEXT.strip()
    assert note.count(text) <= 1, "the text was added twice"
    assert order.user_fields == {"UDF7": f"{number.removeprefix('T')} {send.id[-8:]}"}
    told = {found.code for found in send.findings} & {"NOTE_UNCLEAR", "NOTE_NOT_WRITTEN"}
    assert (send.state, send.due_at) == (SendState.SENT_WITH_WARNINGS if told else SendState.SENT, None)
    assert told or text in note, "the note is missing, and nobody is told"
    if mode is NoteMode.REPLACE:
        assert note in ("", text)
    return bool(told)


async def name_places(harness: WorkerHarness, mode: NoteMode) -> None:
    def edit(before: Connection, secrets: ConnectionSecrets) -> tuple[Connection, ConnectionSecrets]:
        return replace(before, note_topic="JOBFERRY", note_mode=mode, marker_field="UDF7"), secrets

    await harness.use_cases.change_connection(harness.tenant_id, "main", edit, version=None, by="ann")
