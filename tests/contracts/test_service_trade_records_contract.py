"""Companies, locations, contracts and library items, asked of the fake and of the real adapter over sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from adapters.outbound.memory.remote.service_trade import MemoryServiceTrade
from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from adapters.sandbox.servicetrade.account import Settings
from adapters.sandbox.servicetrade.sandbox import ServiceTradeSandbox
from adapters.sandbox.servicetrade.state import ServiceTradeState
from core.model.mappings.alias import AliasKind
from core.model.mappings.listed_record import ListedRecord
from core.model.mappings.suggestion import RecordToMap
from core.model.shared.errors import BadInput, TenantMends
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, ServiceTradeAccount
from ports.service_trade import ServiceTrade
from tests.support.spectrum_scene import LOOPBACK

COMPANY = RecordToMap(
    kind=AliasKind.CUSTOMER,
    id="2274011930042369",
    name="Harborview Foods Inc",
    street="PO Box 900",
    city="Raleigh",
    state="NC",
    postal_code="27602",
    phone="919-555-0100",
)
LOCATION = RecordToMap(
    kind=AliasKind.SITE,
    id="2274012005539841",
    name="Harborview Foods - Plant 2",
    street="4100 Foundry Rd",
    city="Raleigh",
    state="NC",
    postal_code="27610",
    phone="919-555-0100",
    customer_id=COMPANY.id,
)
CONTRACT = RecordToMap(
    kind=AliasKind.CONTRACT,
    id="2274013112835073",
    name="Harborview Master Service",
    customer_id=COMPANY.id,
    location_ids=(LOCATION.id,),
    number="C-77",
)
ITEM = RecordToMap(kind=AliasKind.ITEM, id="2020000000000514", name="Check valve 4in grooved", own_code="CV-4G")
RECORDS = (COMPANY, LOCATION, CONTRACT, ITEM)


@dataclass
class Scene:
    """`put` stores a record as it is in ServiceTrade, with its external ids by system."""

    service_trade: ServiceTrade
    account: ServiceTradeAccount
    put: Callable[..., None]

    def put_all(self, **codes: str) -> None:
        for record in RECORDS:
            self.put(record, **codes)

    async def listed(self, kind: AliasKind, system: str = "spectrum") -> list[ListedRecord]:
        pages = self.service_trade.list_records(self.account, kind, system)
        return [one async for page in pages for one in page]

    async def found(self, record: RecordToMap, system: str = "spectrum") -> ListedRecord | None:
        return await self.service_trade.find_record(self.account, record.kind, record.id, system)


def _memory(*, stubs: bool) -> Scene:
    fake = MemoryServiceTrade()
    fake.records.stubs = stubs
    account = ServiceTradeAccount("ten_1", "https://st.example/api", PasswordLogin("ada", Secret("right")))
    return Scene(fake, account, lambda record, **codes: fake.records.put("ten_1", record, **codes))


@asynccontextmanager
async def _sockets(settings: Settings) -> AsyncIterator[Scene]:
    state = ServiceTradeState(external_systems=["spectrum", "spectrum_west"], settings=settings)

    def put(record: RecordToMap, **codes: str) -> None:
        members: dict[str, object] = {"name": record.name, "external_ids": codes}
        if record.kind in (AliasKind.CUSTOMER, AliasKind.SITE):
            members |= {name: getattr(record, name) for name in ("street", "city", "state", "postal_code", "phone")}
        if record.kind in (AliasKind.SITE, AliasKind.CONTRACT):
            members["company"] = record.customer_id
        if record.kind is AliasKind.CONTRACT:
            members |= {"number": record.number, "locations": list(record.location_ids)}
        if record.kind is AliasKind.ITEM:
            members["code"] = record.own_code
        else:
            members["status"] = "active" if record.active else "inactive"
        plural = {"customer": "companies", "site": "locations", "contract": "contracts", "item": "library_items"}
        state.alter({plural[record.kind]: {record.id: members}})

    async with (
        ServiceTradeSandbox.start(state=state) as sandbox,
        AiohttpServiceTrade.open(allowed_networks=LOOPBACK) as service_trade,
    ):
        login = PasswordLogin(state.login.username, Secret(state.login.password))
        yield Scene(service_trade, ServiceTradeAccount("ten_1", sandbox.url, login), put)


ODD = Settings(empty_external_ids="array", total_pages="absent", messages="null", numbers_as_strings=True)


@pytest.fixture(params=["memory", "plain", "odd"])
async def scene(request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    """A ServiceTrade whose lists hold whole records."""
    if request.param == "memory":
        yield _memory(stubs=False)
        return
    async with _sockets(ODD if request.param == "odd" else Settings()) as scene:
        yield scene


@pytest.fixture(params=["memory", "sandbox"])
async def stubs(request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    """A ServiceTrade whose lists hold stubs."""
    if request.param == "memory":
        yield _memory(stubs=True)
        return
    async with _sockets(Settings(listed_as_stubs=True)) as scene:
        yield scene


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.kind.value)
async def test_every_kind_of_record_is_listed_with_what_helps_to_find_its_code(
    scene: Scene, record: RecordToMap
) -> None:
    scene.put_all()
    assert await scene.listed(record.kind) == [ListedRecord(record=record, code="")]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.kind.value)
async def test_a_record_is_read_with_its_present_external_id(scene: Scene, record: RecordToMap) -> None:
    scene.put_all(spectrum=" HV1 ", spectrum_west="W")
    assert await scene.found(record) == ListedRecord(record=record, code="HV1")
    assert await scene.found(replace(record, id="999")) is None


async def test_only_an_external_id_of_the_connections_own_system_counts(scene: Scene) -> None:
    scene.put(COMPANY, spectrum_west="HARVIEW")
    assert [one.code for one in await scene.listed(AliasKind.CUSTOMER)] == [""]
    assert [one.code for one in await scene.listed(AliasKind.CUSTOMER, "spectrum_west")] == ["HARVIEW"]


async def test_more_records_than_a_page_holds_are_listed_once_each(scene: Scene) -> None:
    ids = [str(1000 + place) for place in range(230)]
    for id_ in ids:
        scene.put(replace(COMPANY, id=id_))
    assert sorted(one.record.id for one in await scene.listed(AliasKind.CUSTOMER)) == ids


async def test_an_empty_account_lists_nothing(scene: Scene) -> None:
    assert [await scene.listed(kind) for kind in AliasKind] == [[]] * len(AliasKind)


async def test_an_inactive_record_says_so(scene: Scene) -> None:
    scene.put(replace(COMPANY, active=False))
    assert [one.record.active for one in await scene.listed(AliasKind.CUSTOMER)] == [False]


async def test_a_list_of_stubs_does_not_pretend_to_know_the_external_id(stubs: Scene) -> None:
    stubs.put_all(spectrum="HV1")
    for record in RECORDS:
        [one] = await stubs.listed(record.kind)
        assert (one.key, one.record.name, one.code) == (record.key, record.name, None)
        assert await stubs.found(record) == ListedRecord(record=record, code="HV1")


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.kind.value)
async def test_a_code_that_is_written_is_found(scene: Scene, record: RecordToMap) -> None:
    scene.put_all()
    scene.put(replace(record, id="77"), spectrum="TAKEN")
    write = scene.service_trade.write_code
    await write(scene.account, *record.key, "spectrum", "NEW1")
    found = await scene.found(record)
    assert found
    assert found.code == "NEW1"
    with pytest.raises(TenantMends) as taken:
        await write(scene.account, *record.key, "spectrum", "TAKEN")
    assert taken.value.code == "MAP_DUPLICATE_EXTERNAL_ID"


async def test_what_is_no_id_is_refused(scene: Scene) -> None:
    with pytest.raises(BadInput):
        await scene.found(replace(COMPANY, id="../auth"))
