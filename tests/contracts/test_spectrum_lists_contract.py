"""What every Spectrum does when its lists are read: the one in memory, and the real adapter against the sandbox."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from ipaddress import ip_network

import pytest

from adapters.outbound.memory.remote.spectrum import MemorySpectrum
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from adapters.sandbox.spectrum.sandbox import SpectrumSandbox
from adapters.sandbox.spectrum.state import Company, Customer, Item, ServiceName
from core.model.connections.connection import ConnectionSecrets, SpectrumTarget
from core.model.connections.endpoint import Endpoint
from core.model.mappings.alias import AliasKind
from core.model.mappings.list_read import BATCH, ListQuestion, ListRead
from core.model.mappings.listed_code import ListedCode, ListTrouble
from core.model.shared.secret import Secret
from ports.spectrum import Spectrum

CUSTOMER, ITEM = AliasKind.CUSTOMER, AliasKind.ITEM
HARVIEW = ListedCode(
    kind=CUSTOMER,
    code="HARVIEW",
    name="Harborview Foods Inc",
    street="12 Pier Rd, Dock 4",
    city="Portland",
    state="ME",
    postal_code="04101",
    phone="2075550101",
)
CLOSED = ListedCode(kind=CUSTOMER, code="CLOSED", name="Closed & Sons", active=False)
VALVE = ListedCode(kind=ITEM, code="CV4G", name="Check valve 4in", unit="EA")
OLD = ListedCode(kind=ITEM, code="OLD-1", name="Old pump", unit="EA", active=False)
SERVICES: dict[AliasKind, ServiceName] = {CUSTOMER: "GetCustomers", ITEM: "GetInventoryItems"}


class World(ABC):
    spectrum: Spectrum
    target: SpectrumTarget

    @abstractmethod
    def hold(self, *codes: ListedCode) -> None:
        """These are all codes of the company, items in the category CAT unless their name begins with Old."""

    @abstractmethod
    def limit_rows(self, most: int) -> None: ...

    @abstractmethod
    def forbid(self, kind: AliasKind) -> None: ...

    @abstractmethod
    def withdraw(self, kind: AliasKind) -> None:
        """The installation does not have the service any more."""

    async def read(
        self, kind: AliasKind, question: ListQuestion | None = None
    ) -> tuple[ListRead, list[Sequence[ListedCode]]]:
        batches: list[Sequence[ListedCode]] = []

        async def take(codes: Sequence[ListedCode]) -> None:
            batches.append(codes)

        return await self.spectrum.read_list(self.target, kind, take, question or ListQuestion()), batches

    async def codes(self, kind: AliasKind, question: ListQuestion | None = None) -> list[ListedCode]:
        read, batches = await self.read(kind, question)
        assert read.whole, read.detail
        found = [one for batch in batches for one in batch]
        assert read.rows == len(found)
        return found


class MemoryWorld(World):
    def __init__(self) -> None:
        self.spectrum = self.memory = MemorySpectrum()
        self.target = _target("https://spectrum.example.com")

    def hold(self, *codes: ListedCode) -> None:
        self.memory.lists.put("101", codes)
        items = [one for one in codes if one.kind is ITEM]
        self.memory.lists.categories = {one.code: "OLD" if one.name.startswith("Old") else "CAT" for one in items}

    def limit_rows(self, most: int) -> None:
        self.memory.lists.row_limit = most

    def forbid(self, kind: AliasKind) -> None:
        self.memory.lists.troubles[kind] = ListTrouble.NOT_ALLOWED

    def withdraw(self, kind: AliasKind) -> None:
        self.memory.lists.troubles[kind] = ListTrouble.NO_SERVICE


class SandboxWorld(World):
    def __init__(self, spectrum: Spectrum, sandbox: SpectrumSandbox) -> None:
        self.spectrum = spectrum
        self.state = sandbox.state
        self.state.settings.row_limit = 0
        self.target = _target(sandbox.url)

    def hold(self, *codes: ListedCode) -> None:
        company = Company()
        for one in codes:
            if one.kind is CUSTOMER:
                company.customers[one.code] = _customer(one)
            else:
                category = "OLD" if one.name.startswith("Old") else "CAT"
                discontinued = not one.active
                company.items[one.code] = Item(
                    name=one.name, category=category, units=[one.unit], discontinued=discontinued
                )
        self.state.companies["101"] = company

    def limit_rows(self, most: int) -> None:
        self.state.settings.row_limit = most

    def forbid(self, kind: AliasKind) -> None:
        self.state.authorizations["SANDBOX-101"].services.remove(SERVICES[kind])

    def withdraw(self, kind: AliasKind) -> None:
        self.state.settings.services.remove(SERVICES[kind])


def _customer(one: ListedCode) -> Customer:
    first, _, second = one.street.partition(", ")
    return Customer(
        name=one.name,
        active=bool(one.active),
        address_1=first,
        address_2=second,
        city=one.city,
        state=one.state,
        zip_code=one.postal_code,
        phone=one.phone,
    )


def _target(url: str) -> SpectrumTarget:
    return SpectrumTarget("con_1", Endpoint.parse(url), "101", ConnectionSecrets(Secret("SANDBOX-101")))


@pytest.fixture(params=["memory", "sandbox"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    if request.param == "memory":
        yield MemoryWorld()
        return
    async with (
        SpectrumSandbox.start(port=0, control_port=0) as sandbox,
        SoapSpectrum(allowed_networks=[ip_network("127.0.0.0/8")], deadline_seconds=10, connect_seconds=2) as spectrum,
    ):
        yield SandboxWorld(spectrum, sandbox)


async def test_customers_are_read_with_name_address_and_phone_inactive_ones_too(world: World) -> None:
    world.hold(HARVIEW, CLOSED, VALVE)
    assert await world.codes(CUSTOMER) == [CLOSED, HARVIEW]


async def test_items_are_read_with_text_and_unit_discontinued_ones_too(world: World) -> None:
    world.hold(HARVIEW, VALVE, OLD)
    assert await world.codes(ITEM) == [VALVE, OLD]


async def test_a_reading_names_the_categories_of_its_items(world: World) -> None:
    world.hold(VALVE, OLD)
    read, _ = await world.read(ITEM)
    assert read.categories == {"CAT", "OLD"}


@pytest.mark.parametrize(
    ("kind", "question", "expected"),
    [
        (CUSTOMER, ListQuestion(active_only=True), [HARVIEW]),
        (ITEM, ListQuestion(status="A"), [VALVE]),
        (ITEM, ListQuestion(status="D"), [OLD]),
        (ITEM, ListQuestion(status="N"), []),
        (ITEM, ListQuestion(category="OLD"), [OLD]),
        (ITEM, ListQuestion(description="check*"), [VALVE]),
        (ITEM, ListQuestion(status="A", category="OLD"), []),
    ],
)
async def test_a_narrower_question_gets_fewer_codes(
    world: World, kind: AliasKind, question: ListQuestion, expected: list[ListedCode]
) -> None:
    world.hold(HARVIEW, CLOSED, VALVE, OLD)
    assert await world.codes(kind, question) == expected


async def test_a_list_comes_in_batches(world: World) -> None:
    world.hold(*(replace(VALVE, code=f"P{number:05d}") for number in range(2 * BATCH + 7)))
    read, batches = await world.read(ITEM)
    assert (read.whole, [len(batch) for batch in batches]) == (True, [BATCH, BATCH, 7])


async def test_what_the_row_limit_cuts_is_told_and_never_whole(world: World) -> None:
    world.hold(HARVIEW, CLOSED)
    world.limit_rows(1)
    read, batches = await world.read(CUSTOMER)
    assert (read.trouble, read.rows, batches) == (ListTrouble.ROW_LIMIT, 1, [[CLOSED]])
    assert "limit" in read.detail
    assert read.warnings == ("Only the first 1 rows are returned; narrow the selection",)
    world.limit_rows(2)
    assert len(await world.codes(CUSTOMER)) == 2


async def test_a_list_that_nobody_may_read_says_so(world: World) -> None:
    world.hold(HARVIEW, VALVE)
    world.forbid(CUSTOMER)
    read, batches = await world.read(CUSTOMER)
    assert (read.trouble, batches) == (ListTrouble.NOT_ALLOWED, [])
    assert read.detail
    assert await world.codes(ITEM) == [VALVE]


async def test_a_service_that_is_not_there_says_so(world: World) -> None:
    world.withdraw(ITEM)
    read, batches = await world.read(ITEM)
    assert (read.trouble, batches) == (ListTrouble.NO_SERVICE, [])


@pytest.mark.parametrize("kind", [AliasKind.SITE, AliasKind.CONTRACT])
async def test_no_service_lists_sites_and_contracts(world: World, kind: AliasKind) -> None:
    read, batches = await world.read(kind)
    assert (read.trouble, batches) == (ListTrouble.NO_SERVICE, [])
    assert "Import" in read.detail


@pytest.mark.parametrize("error", [OSError, ValueError, TimeoutError])
@pytest.mark.parametrize("customers", [1, 2 * BATCH])
async def test_what_the_taker_raises_ends_the_reading(world: World, customers: int, error: type[Exception]) -> None:
    world.hold(*(replace(HARVIEW, code=f"C{number}") for number in range(customers)))

    async def fail(_: Sequence[ListedCode]) -> None:
        raise error("The database is away.")

    with pytest.raises(error, match="database"):
        await world.spectrum.read_list(world.target, CUSTOMER, fail)


async def test_no_secret_comes_back_with_a_list(world: World) -> None:
    world.forbid(CUSTOMER)
    read, _ = await world.read(CUSTOMER)
    assert "SANDBOX-101" not in repr(read)
