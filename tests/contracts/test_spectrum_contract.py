"""What every Spectrum does, the one in memory and the real adapter against the sandbox's sockets alike."""

from __future__ import annotations

import asyncio
import socket
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_network
from typing import Literal

import pytest

from adapters.outbound.memory.remote.spectrum import MemorySpectrum
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.spectrum.sandbox import SpectrumSandbox
from core.model.connections.connection import ConnectionSecrets, SpectrumTarget
from core.model.connections.endpoint import Endpoint
from core.model.sending.answer import (
    Accepted,
    AnswerRow,
    NotSent,
    NotSentReason,
    Refused,
    Unknown,
    UnknownReason,
    WriteOutcome,
)
from core.model.sending.diagnosis import returned_number
from core.model.shared.check_step import CheckState
from core.model.shared.secret import Secret
from core.model.work_orders.item import ItemKind
from ports.spectrum import Spectrum

AUTHORIZATION_ID = "SANDBOX-101"
NUMBER = "S1001"
FIELDS = {
    "Company_Code": "101",
    "WO_Number": NUMBER,
    "WO_Reference_Code": "S",
    "WO_Job_Number": "HV0001",
    "WO_Job_Division": "SVC",
    "Bill_Customer_Code": "HARVIEW",
    "Customer_PO_Number": "PO-7",
    "Summary_Description": "Check valve leaks",
}
LINES = {
    ItemKind.MATERIAL: {"Item_Code": "!VALVE", "Item_Description": "Valve", "Quantity_Used": "2", "Unit_Cost": "9.5"},
    ItemKind.OTHER_CHARGE: {"Other_Cost_Item": "FEE-TRIP", "Description": "Trip", "Cost_Of_Sales_Amount": "300.00"},
    ItemKind.TASK: {"Work_Task": "INSP", "Quantity": "1"},
}
NOW = 1000.0
"""What the machine's clock shows throughout; lines may leave before it shows `leave_by`."""
COMPLAINT = AnswerRow("I", "Cost center is not valid", "Cost_Center")

Mishap = Literal[
    "refused",
    "locked",
    "applied_then_lost",
    "lost_before_applied",
    "lost_and_applied_late",
    "filed_elsewhere",
    "filed_elsewhere_and_lost",
]
ELSEWHERE = "50001"
"""The number that Spectrum files a write under where it gives one of its own."""


class World(ABC):
    """A Spectrum under test, and what only a test may do: look into its records and make the next write go wrong."""

    spectrum: Spectrum
    target: SpectrumTarget

    @abstractmethod
    def stored(self, number: str) -> Mapping[str, str] | None: ...

    @abstractmethod
    def lines(self, number: str = NUMBER) -> list[tuple[ItemKind, dict[str, str]]]:
        """All cost lines there are, in the order of their posting, without company and number: those of `number`."""

    @abstractmethod
    def go_wrong_next(self, mishap: Mishap) -> None: ...

    @abstractmethod
    async def late_write_arrives(self) -> None:
        """What was to be applied late has been, when this returns."""

    def know_only(self, authorization_id: str) -> None:  # noqa: B027 - the sandbox knows only its own anyway
        """From now on this is the only Authorization ID that the test of a connection accepts."""

    @abstractmethod
    def unplug(self) -> None:
        """From now on nothing listens at the target."""

    async def write(self, **changes: str) -> WriteOutcome:
        return (await self.spectrum.write_header(self.target, {**FIELDS, **changes}, leave_by=None)).outcome

    async def add(
        self, kind: ItemKind, changes: Mapping[str, str] | None = None, *, leave_by: float = NOW + 60
    ) -> WriteOutcome:
        fields = {"WO_Number": NUMBER, **LINES[kind], **(changes or {})}
        return (await self.spectrum.add_line(self.target, kind, fields, leave_by=leave_by)).outcome


class MemoryWorld(World):
    def __init__(self) -> None:
        self.memory = MemorySpectrum(boot_seconds=lambda: NOW)
        self.spectrum = self.memory
        self.target = _target("https://spectrum.example.com")

    def stored(self, number: str) -> Mapping[str, str] | None:
        return self.memory.work_orders.get(("101", number))

    def lines(self, number: str = NUMBER) -> list[tuple[ItemKind, dict[str, str]]]:
        ours = [line for line in self.memory.lines if (line.company, line.number) == ("101", number)]
        assert len(ours) == len(self.memory.lines)
        return [(line.kind, dict(line.fields)) for line in ours]

    def go_wrong_next(self, mishap: Mishap) -> None:
        lost = Unknown(UnknownReason.CONNECTION_LOST, "The connection broke.")
        if mishap in ("refused", "locked"):
            locked = AnswerRow("E", "Record is locked", "WO_Number")
            self.memory.answer_next(Refused((COMPLAINT if mishap == "refused" else locked,)))
        elif mishap == "filed_elsewhere":
            self.memory.answer_next(Accepted(), filed_under=ELSEWHERE)
        elif mishap == "filed_elsewhere_and_lost":
            self.memory.answer_next(lost, applied=True, filed_under=ELSEWHERE)
        elif mishap == "lost_and_applied_late":
            self.memory.answer_next(lost, applied="late")
        else:
            self.memory.answer_next(lost, applied=mishap == "applied_then_lost")

    async def late_write_arrives(self) -> None:
        self.memory.late.popleft()()

    def know_only(self, authorization_id: str) -> None:
        self.memory.good_ids = {authorization_id}

    def unplug(self) -> None:
        self.memory.answer_next(NotSent(NotSentReason.REFUSED, "Nothing listens there."))


class SandboxWorld(World):
    def __init__(self, spectrum: Spectrum, sandbox: SpectrumSandbox) -> None:
        self.spectrum = spectrum
        self.sandbox = sandbox
        self.target = _target(sandbox.url)

    def stored(self, number: str) -> Mapping[str, str] | None:
        order = self.sandbox.state.companies["101"].work_orders.get(number)
        return order.fields if order else None

    def lines(self, number: str = NUMBER) -> list[tuple[ItemKind, dict[str, str]]]:
        kinds = {
            "AddWOMaterialCost": ItemKind.MATERIAL,
            "AddWOOtherCharges": ItemKind.OTHER_CHARGE,
            "AddWOTask": ItemKind.TASK,
        }
        lines = self.sandbox.state.lines_of("101", number)
        company = self.sandbox.state.companies["101"]
        assert len(lines) == len(company.material) + len(company.charges) + len(company.task_lines)
        return [
            (kinds[service], {name: text for name, text in line.fields.items() if name != "WO_Number"})
            for service, line in lines
        ]

    def go_wrong_next(self, mishap: Mishap) -> None:
        if mishap == "filed_elsewhere_and_lost":
            self.go_wrong_next("filed_elsewhere")
            mishap = "applied_then_lost"
        self.sandbox.faults.add(
            {
                "filed_elsewhere": Fault(FaultKind.RENUMBER, text=ELSEWHERE),
                "refused": Fault(FaultKind.ROWS, text=f"{COMPLAINT.code} {COMPLAINT.column} {COMPLAINT.text}"),
                "locked": Fault(FaultKind.LOCK, text=NUMBER),
                "applied_then_lost": Fault(FaultKind.APPLY_THEN_DROP),
                "lost_before_applied": Fault(FaultKind.DROP_BEFORE_APPLY),
                "lost_and_applied_late": Fault(FaultKind.APPLY_LATE, seconds=0.2),
            }[mishap]
        )

    async def late_write_arrives(self) -> None:
        in_time = sum(call.fault is None for call in self.sandbox.requests.calls)
        await asyncio.wait_for(self.sandbox.requests.wait(in_time, applied=True), 5)

    def unplug(self) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
        self.target = replace(self.target, endpoint=Endpoint("http", "127.0.0.1", port))


def _target(url: str) -> SpectrumTarget:
    return SpectrumTarget("con_1", Endpoint.parse(url), "101", ConnectionSecrets(Secret(AUTHORIZATION_ID)))


@pytest.fixture(params=["memory", "sandbox"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with _memory() if request.param == "memory" else _sandbox() as chosen:
        yield chosen


@asynccontextmanager
async def _memory() -> AsyncIterator[World]:
    yield MemoryWorld()


@asynccontextmanager
async def _sandbox() -> AsyncIterator[World]:
    async with (
        SpectrumSandbox.start(port=0, control_port=0) as sandbox,
        SoapSpectrum(
            allowed_networks=[ip_network("127.0.0.0/8")],
            deadline_seconds=10,
            connect_seconds=2,
            boot_seconds=lambda: NOW,
        ) as spectrum,
    ):
        yield SandboxWorld(spectrum, sandbox)


async def test_an_unknown_number_makes_a_work_order(world: World) -> None:
    assert world.stored(NUMBER) is None
    assert isinstance(await world.write(), Accepted)
    stored = world.stored(NUMBER)
    assert stored is not None
    assert {name: stored[name] for name in FIELDS if name in stored}.items() >= {
        ("WO_Job_Number", "HV0001"),
        ("Bill_Customer_Code", "HARVIEW"),
        ("Customer_PO_Number", "PO-7"),
        ("Summary_Description", "Check valve leaks"),
    }


async def test_a_known_number_is_changed(world: World) -> None:
    await world.write()
    assert isinstance(await world.write(Customer_PO_Number="PO-8"), Accepted)
    stored = world.stored(NUMBER)
    assert stored is not None
    assert (stored["Customer_PO_Number"], stored["Summary_Description"]) == ("PO-8", "Check valve leaks")


async def test_numbers_are_separate_work_orders(world: World) -> None:
    await world.write()
    await world.write(WO_Number="S1002", Customer_PO_Number="PO-9")
    first, second = world.stored(NUMBER), world.stored("S1002")
    assert first is not None
    assert second is not None
    assert (first["Customer_PO_Number"], second["Customer_PO_Number"]) == ("PO-7", "PO-9")


async def test_blank_never_clears(world: World) -> None:
    await world.write()
    assert isinstance(await world.write(Customer_PO_Number="", Summary_Description=" "), Accepted)
    stored = world.stored(NUMBER)
    assert stored is not None
    assert (stored["Customer_PO_Number"], stored["Summary_Description"]) == ("PO-7", "Check valve leaks")


async def test_what_is_not_sent_stays(world: World) -> None:
    await world.write()
    fewer = {name: text for name, text in FIELDS.items() if name != "Customer_PO_Number"}
    await world.spectrum.write_header(world.target, fewer, leave_by=None)
    stored = world.stored(NUMBER)
    assert stored is not None
    assert stored["Customer_PO_Number"] == "PO-7"


@pytest.mark.parametrize(
    "changes",
    [
        {"WO_Number": ""},
        {"WO_Number": "  "},
        {"No_Such_Field": "x"},
        {"Authorization_ID": "x"},
        {"GUID": "x"},
        {"Company_Code": "102"},
    ],
)
async def test_a_caller_s_mistake_is_a_value_error_and_changes_nothing(world: World, changes: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        await world.write(**changes)
    assert world.stored(NUMBER) is None


async def test_a_refusal_names_its_entries_and_changes_nothing(world: World) -> None:
    world.go_wrong_next("refused")
    assert await world.write() == Refused((COMPLAINT,))
    assert world.stored(NUMBER) is None
    assert isinstance(await world.write(), Accepted)


async def test_a_lock_is_a_clean_refusal(world: World) -> None:
    await world.write()
    world.go_wrong_next("locked")
    outcome = await world.write(Customer_PO_Number="PO-8")
    assert isinstance(outcome, Refused)
    assert "lock" in outcome.rows[0].text.lower()
    stored = world.stored(NUMBER)
    assert stored is not None
    assert stored["Customer_PO_Number"] == "PO-7"


async def test_an_answer_lost_after_the_write_is_unknown_and_may_be_repeated(world: World) -> None:
    world.go_wrong_next("applied_then_lost")
    assert isinstance(await world.write(), Unknown)
    assert world.stored(NUMBER) is not None
    assert isinstance(await world.write(), Accepted)


async def test_a_request_lost_before_the_write_is_unknown_too(world: World) -> None:
    world.go_wrong_next("lost_before_applied")
    assert isinstance(await world.write(), Unknown)
    assert world.stored(NUMBER) is None


async def test_a_target_that_is_gone_means_not_sent(world: World) -> None:
    world.unplug()
    outcome = await world.write()
    assert isinstance(outcome, NotSent)
    assert outcome.reason is NotSentReason.REFUSED
    assert world.stored(NUMBER) is None


@pytest.mark.parametrize("leave_by", [NOW - 60, NOW, float("nan")])
async def test_a_header_that_is_too_late_does_not_leave(world: World, leave_by: float) -> None:
    outcome = (await world.spectrum.write_header(world.target, FIELDS, leave_by=leave_by)).outcome
    assert isinstance(outcome, NotSent)
    assert outcome.reason is NotSentReason.GATE_CLOSED
    assert world.stored(NUMBER) is None
    in_time = await world.spectrum.write_header(world.target, FIELDS, leave_by=NOW + 0.001)
    assert isinstance(in_time.outcome, Accepted)


async def test_a_header_filed_under_another_number_says_so(world: World) -> None:
    world.go_wrong_next("filed_elsewhere")
    outcome = await world.write()
    assert isinstance(outcome, Accepted)
    assert returned_number(outcome) == ELSEWHERE
    assert world.stored(NUMBER) is None
    stored = world.stored(ELSEWHERE)
    assert stored is not None
    assert (stored["WO_Number"], stored["Customer_PO_Number"]) == (ELSEWHERE, "PO-7")
    outcome = await world.write()
    assert isinstance(outcome, Accepted)
    assert returned_number(outcome) in (None, NUMBER)
    assert world.stored(NUMBER) is not None


async def test_a_lost_answer_may_hide_another_number(world: World) -> None:
    world.go_wrong_next("filed_elsewhere_and_lost")
    assert isinstance(await world.write(), Unknown)
    assert world.stored(NUMBER) is None
    assert world.stored(ELSEWHERE) is not None


async def test_no_secret_comes_back(world: World) -> None:
    exchange = await world.spectrum.write_header(world.target, FIELDS, leave_by=None)
    assert AUTHORIZATION_ID not in repr(exchange)


async def test_an_examination_writes_nothing_and_leaves_the_permission_open(world: World) -> None:
    steps = [step async for step in world.spectrum.examine(world.target)]
    assert {step.name: step.state for step in steps}["connection"] is CheckState.OK
    assert CheckState.FAILED not in {step.state for step in steps}
    assert (steps[-1].name, steps[-1].state) == ("permission", CheckState.UNKNOWN)
    assert world.stored(NUMBER) is None


async def test_an_examination_finds_a_wrong_authorization_id_and_writes_nothing(world: World) -> None:
    world.know_only(AUTHORIZATION_ID)
    wrong = replace(world.target, secrets=ConnectionSecrets(Secret("SANDBOX-WRONG")))
    for target, state in ((world.target, CheckState.OK), (wrong, CheckState.FAILED)):
        steps = {step.name: step async for step in world.spectrum.examine(target)}
        assert steps["authorization"].state is state
        assert steps["read_items"].state is (CheckState.OK if state is CheckState.OK else CheckState.SKIPPED)
        assert (steps["authorization"].code == "AUTH_NOT_AUTHORIZED") is (state is CheckState.FAILED)
        assert steps["permission"].state is CheckState.UNKNOWN
    assert world.stored(NUMBER) is None


# --- cost lines

BOTH = pytest.mark.parametrize("kind", [ItemKind.MATERIAL, ItemKind.OTHER_CHARGE, ItemKind.TASK])


@BOTH
async def test_a_line_is_added_as_it_was_given(world: World, kind: ItemKind) -> None:
    await world.write()
    assert isinstance(await world.add(kind), Accepted)
    assert world.lines() == [(kind, LINES[kind])]


@BOTH
async def test_every_call_adds_a_line_of_its_own(world: World, kind: ItemKind) -> None:
    await world.write()
    for _ in range(2):
        assert isinstance(await world.add(kind), Accepted)
    assert world.lines() == [(kind, LINES[kind])] * 2


async def test_both_kinds_stand_beside_each_other(world: World) -> None:
    await world.write()
    for kind in LINES:
        await world.add(kind)
    assert world.lines() == list(LINES.items())


@pytest.mark.parametrize(
    ("kind", "amounts"),
    [
        (ItemKind.MATERIAL, {"Quantity_Used": "-2.25", "Extension": "-123456789.01"}),
        (ItemKind.OTHER_CHARGE, {"Cost_Of_Sales_Amount": "-300.00", "Sell_Price": "-0.01"}),
    ],
)
async def test_a_correction_takes_negative_amounts(world: World, kind: ItemKind, amounts: dict[str, str]) -> None:
    await world.write()
    assert isinstance(await world.add(kind, amounts), Accepted)
    assert world.lines() == [(kind, {**LINES[kind], **amounts})]


@BOTH
@pytest.mark.parametrize(
    "changes",
    [
        {"WO_Number": ""},
        {"WO_Number": "  "},
        {"No_Such_Field": "x"},
        {"Summary_Description": "a header's field"},
        {"Authorization_ID": "x"},
        {"GUID": "x"},
        {"Company_Code": "102"},
    ],
)
async def test_a_caller_s_mistake_adds_no_line(world: World, kind: ItemKind, changes: dict[str, str]) -> None:
    await world.write()
    with pytest.raises(ValueError):
        await world.add(kind, changes)
    assert world.lines() == []


async def test_the_fields_of_one_kind_do_not_fit_the_other(world: World) -> None:
    await world.write()
    with pytest.raises(ValueError):
        await world.add(ItemKind.MATERIAL, {"Other_Cost_Item": "FEE-TRIP"})
    with pytest.raises(ValueError):
        await world.add(ItemKind.OTHER_CHARGE, {"Item_Code": "CV4G"})
    assert world.lines() == []


async def test_a_skipped_item_is_no_line(world: World) -> None:
    await world.write()
    fields = {"WO_Number": NUMBER, **LINES[ItemKind.MATERIAL]}
    with pytest.raises(ValueError):
        await world.spectrum.add_line(world.target, ItemKind.SKIP, fields, leave_by=NOW + 60)
    assert world.lines() == []


@BOTH
async def test_a_refused_line_adds_nothing(world: World, kind: ItemKind) -> None:
    await world.write()
    world.go_wrong_next("refused")
    assert await world.add(kind) == Refused((COMPLAINT,))
    assert world.lines() == []
    assert isinstance(await world.add(kind), Accepted)


@BOTH
async def test_a_line_filed_under_another_number_says_so(world: World, kind: ItemKind) -> None:
    await world.write()
    world.go_wrong_next("filed_elsewhere")
    outcome = await world.add(kind)
    assert isinstance(outcome, Accepted)
    assert returned_number(outcome) == ELSEWHERE
    assert world.lines(ELSEWHERE) == [(kind, LINES[kind])]


@BOTH
async def test_a_locked_work_order_takes_no_line(world: World, kind: ItemKind) -> None:
    await world.write()
    world.go_wrong_next("locked")
    assert isinstance(await world.add(kind), Refused)
    assert world.lines() == []


@BOTH
async def test_a_line_whose_answer_is_lost_is_unknown_and_there_once(world: World, kind: ItemKind) -> None:
    await world.write()
    world.go_wrong_next("applied_then_lost")
    assert isinstance(await world.add(kind), Unknown)
    assert world.lines() == [(kind, LINES[kind])]


@BOTH
async def test_a_line_that_is_lost_itself_is_unknown_too(world: World, kind: ItemKind) -> None:
    await world.write()
    world.go_wrong_next("lost_before_applied")
    assert isinstance(await world.add(kind), Unknown)
    assert world.lines() == []


@BOTH
async def test_a_line_can_turn_up_after_the_call_is_over(world: World, kind: ItemKind) -> None:
    await world.write()
    world.go_wrong_next("lost_and_applied_late")
    assert isinstance(await world.add(kind), Unknown)
    assert world.lines() == []
    await world.late_write_arrives()
    assert world.lines() == [(kind, LINES[kind])]


@BOTH
@pytest.mark.parametrize("leave_by", [NOW - 60, NOW, float("nan")])
async def test_a_line_that_is_too_late_does_not_leave(world: World, kind: ItemKind, leave_by: float) -> None:
    await world.write()
    outcome = await world.add(kind, leave_by=leave_by)
    assert isinstance(outcome, NotSent)
    assert outcome.reason is NotSentReason.GATE_CLOSED
    assert world.lines() == []
    assert isinstance(await world.add(kind, leave_by=NOW + 0.001), Accepted)


@BOTH
async def test_a_line_to_a_target_that_is_gone_is_not_sent(world: World, kind: ItemKind) -> None:
    await world.write()
    world.unplug()
    outcome = await world.add(kind)
    assert isinstance(outcome, NotSent)
    assert outcome.reason is NotSentReason.REFUSED
    assert world.lines() == []


@BOTH
async def test_no_secret_comes_back_with_a_line(world: World, kind: ItemKind) -> None:
    await world.write()
    fields = {"WO_Number": NUMBER, **LINES[kind]}
    exchange = await world.spectrum.add_line(world.target, kind, fields, leave_by=NOW + 60)
    assert AUTHORIZATION_ID not in repr(exchange)
