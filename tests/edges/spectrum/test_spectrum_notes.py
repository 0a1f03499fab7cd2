"""Notes and user-defined fields over the wire, against the sandbox: replaced, added, and under either spelling."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from adapters.sandbox.faults import UNTIL_CLEARED, Fault, FaultKind
from adapters.sandbox.spectrum.sandbox import SpectrumSandbox
from core.model.sending.answer import Accepted, RefusalReason, Refused, Unknown
from core.model.shared.check_step import CheckState
from core.model.work_orders.optional_fields import WRITE_NOTES, WRITE_USER_FIELDS
from tests.edges.spectrum.test_spectrum_sandbox import FIELDS, target
from tests.support.spectrum_scene import spectrum

NUMBER = FIELDS["WO_Number"]
NOTE = {"WO_Number": NUMBER, "Notes_Topic": "JOBFERRY", "Notes_Text": "First."}
LATE = float("inf")


@pytest.fixture
async def sandbox() -> AsyncIterator[SpectrumSandbox]:
    async with SpectrumSandbox.start() as started:
        started.state.companies["101"].open_work_order(NUMBER)
        yield started


@pytest.fixture
async def adapter() -> AsyncIterator[SoapSpectrum]:
    async with spectrum() as opened:
        yield opened


def paths(sandbox: SpectrumSandbox) -> list[str]:
    return [call.path for call in sandbox.requests.calls if call.method == "POST"]


async def test_a_note_replaces_the_topic_unless_it_is_added(sandbox: SpectrumSandbox, adapter: SoapSpectrum) -> None:
    where, order = target(sandbox), sandbox.state.work_order("101", NUMBER)
    for text in ("First.", "Second."):
        answer = await adapter.write_record(where, WRITE_NOTES, NOTE | {"Notes_Text": text}, leave_by=None)
        assert answer.outcome == Accepted()
    assert order.notes == {"JOBFERRY": "Second."}
    added = await adapter.add_record(where, WRITE_NOTES, NOTE | {"Append_Note": "Y"}, leave_by=LATE)
    assert (added.outcome, order.notes) == (Accepted(), {"JOBFERRY": "Second.\nFirst."})


@pytest.mark.parametrize(
    "fields, column",
    [
        ({"Notes_Topic": "OTHER"}, "Notes_Topic"),
        ({"Notes_Text": "x" * 1001}, "Notes_Text"),
        ({"WO_Number": "NOBODY"}, "WO_Number"),
    ],
)
async def test_what_the_documentation_forbids_is_refused(
    sandbox: SpectrumSandbox, adapter: SoapSpectrum, fields: dict[str, str], column: str
) -> None:
    answer = await adapter.write_record(target(sandbox), WRITE_NOTES, NOTE | fields, leave_by=None)
    assert isinstance(answer.outcome, Refused)
    assert [row.column for row in answer.outcome.rows] == [column]
    assert sandbox.state.work_order("101", NUMBER).notes == {}


async def test_added_texts_share_the_room_of_a_topic(sandbox: SpectrumSandbox, adapter: SoapSpectrum) -> None:
    where, more = target(sandbox), NOTE | {"Notes_Text": "x" * 600, "Append_Note": "Y"}
    outcomes = [(await adapter.add_record(where, WRITE_NOTES, more, leave_by=LATE)).outcome for _ in range(2)]
    assert [type(one) for one in outcomes] == [Accepted, Refused]


@pytest.mark.parametrize("misspelt", [False, True])
async def test_user_fields_are_written_under_the_spelling_that_is_there_and_it_is_remembered(
    sandbox: SpectrumSandbox, adapter: SoapSpectrum, misspelt: bool
) -> None:
    sandbox.state.settings.misspelt = misspelt
    where = target(sandbox)
    for value in ("104482 A", "104482 B", ""):
        fields = {"WO_Number": NUMBER, "UDF7": value, "UDF8": "kept" if value else ""}
        answer = await adapter.write_record(where, WRITE_USER_FIELDS, fields, leave_by=None)
        assert answer.outcome == Accepted()
    assert sandbox.state.work_order("101", NUMBER).user_fields == {"UDF7": "104482 B", "UDF8": "kept"}, "blank is kept"
    wrong, right = "/ws/UpdateWokOrderHeader_UDF", "/ws/UpdateWorkOrderHeader_UDF"
    assert paths(sandbox) == ([right, wrong, wrong, wrong] if misspelt else [right] * 3)


async def test_a_service_that_is_there_under_no_spelling_is_told_as_missing(
    sandbox: SpectrumSandbox, adapter: SoapSpectrum
) -> None:
    sandbox.state.settings.services.remove("UpdateWorkOrderHeader_UDF")
    fields = {"WO_Number": NUMBER, "UDF7": "x"}
    answer = await adapter.write_record(target(sandbox), WRITE_USER_FIELDS, fields, leave_by=None)
    assert isinstance(answer.outcome, Refused)
    assert answer.outcome.reason is RefusalReason.SERVICE_MISSING
    assert len(paths(sandbox)) == 2


async def test_a_text_that_is_added_is_never_called_twice(sandbox: SpectrumSandbox, adapter: SoapSpectrum) -> None:
    """Not after a session that has ended, and not under another spelling."""
    fault = Fault(FaultKind.ROWS, match=WRITE_NOTES, text="E GUID Time out has occurred", times=UNTIL_CLEARED)
    sandbox.faults.add(fault)
    more = NOTE | {"Append_Note": "Y"}
    answer = await adapter.add_record(target(sandbox), WRITE_NOTES, more, leave_by=LATE)
    assert isinstance(answer.outcome, Refused | Unknown)
    assert len(paths(sandbox)) == 1


@pytest.mark.parametrize("misspelt", [False, True])
async def test_the_connection_test_finds_the_service_under_either_spelling(
    sandbox: SpectrumSandbox, adapter: SoapSpectrum, misspelt: bool
) -> None:
    sandbox.state.settings.misspelt = misspelt
    steps = {step.name: step async for step in adapter.examine(target(sandbox), (WRITE_USER_FIELDS,))}
    assert steps[WRITE_USER_FIELDS].state is CheckState.OK
