"""What every Spectrum does, the one in memory and the real adapter against the sandbox's sockets alike."""

from __future__ import annotations

import socket
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_network
from typing import Literal

import pytest

from adapters.outbound.memory.spectrum import MemorySpectrum
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.spectrum import SpectrumSandbox
from core.model.answer import (
    Accepted,
    AnswerRow,
    CheckState,
    NotSent,
    NotSentReason,
    Refused,
    Unknown,
    UnknownReason,
    WriteOutcome,
)
from core.model.connection import ConnectionSecrets, SpectrumTarget
from core.model.endpoint import Endpoint
from core.model.secret import Secret
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
COMPLAINT = AnswerRow("I", "Cost center is not valid", "Cost_Center")

Mishap = Literal["refused", "locked", "applied_then_lost", "lost_before_applied"]


class World(ABC):
    """A Spectrum under test, and what only a test may do: look into its records and make the next write go wrong."""

    spectrum: Spectrum
    target: SpectrumTarget

    @abstractmethod
    def stored(self, number: str) -> Mapping[str, str] | None: ...

    @abstractmethod
    def go_wrong_next(self, mishap: Mishap) -> None: ...

    @abstractmethod
    def unplug(self) -> None:
        """From now on nothing listens at the target."""

    async def write(self, **changes: str) -> WriteOutcome:
        return (await self.spectrum.write_header(self.target, {**FIELDS, **changes})).outcome


class MemoryWorld(World):
    def __init__(self) -> None:
        self.memory = MemorySpectrum()
        self.spectrum = self.memory
        self.target = _target("https://spectrum.example.com")

    def stored(self, number: str) -> Mapping[str, str] | None:
        return self.memory.work_orders.get(("101", number))

    def go_wrong_next(self, mishap: Mishap) -> None:
        lost = Unknown(UnknownReason.CONNECTION_LOST, "The connection broke.")
        if mishap in ("refused", "locked"):
            locked = AnswerRow("E", "Record is locked", "WO_Number")
            self.memory.answer_next(Refused((COMPLAINT if mishap == "refused" else locked,)))
        else:
            self.memory.answer_next(lost, applied=mishap == "applied_then_lost")

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

    def go_wrong_next(self, mishap: Mishap) -> None:
        self.sandbox.faults.add(
            {
                "refused": Fault(FaultKind.ROWS, text=f"{COMPLAINT.code} {COMPLAINT.column} {COMPLAINT.text}"),
                "locked": Fault(FaultKind.LOCK, text=NUMBER),
                "applied_then_lost": Fault(FaultKind.APPLY_THEN_DROP),
                "lost_before_applied": Fault(FaultKind.DROP_BEFORE_APPLY),
            }[mishap]
        )

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
        SoapSpectrum(allowed_networks=[ip_network("127.0.0.0/8")], deadline_seconds=10, connect_seconds=2) as spectrum,
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
    await world.spectrum.write_header(world.target, fewer)
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


async def test_no_secret_comes_back(world: World) -> None:
    exchange = await world.spectrum.write_header(world.target, FIELDS)
    assert AUTHORIZATION_ID not in repr(exchange)


async def test_an_examination_writes_nothing_and_leaves_the_permission_open(world: World) -> None:
    steps = await world.spectrum.examine(world.target)
    assert {step.name: step.state for step in steps}["connection"] is CheckState.OK
    assert CheckState.FAILED not in {step.state for step in steps}
    assert (steps[-1].name, steps[-1].state) == ("permission", CheckState.UNKNOWN)
    assert world.stored(NUMBER) is None
