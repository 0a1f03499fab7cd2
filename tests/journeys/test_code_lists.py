"""The lists of codes of a Spectrum company: read at night and on demand, whatever happens in the middle."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.outbound.memory.remote.spectrum import MemorySpectrum
from adapters.outbound.memory.transactions import MemoryTransactions
from core.model.catalogue import finding
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.endpoint import Endpoint
from core.model.connections.refresh_times import next_night
from core.model.mappings.alias import AliasKind
from core.model.mappings.job_record import JobRecord
from core.model.mappings.list_read import EVERYTHING, ListQuestion, ListRead, TakeCodes
from core.model.mappings.listed_code import ListedCode, ListedFrom, ListState, ListTrouble
from core.model.sending.send import DashboardWarning
from core.model.shared.errors import BadInput, Conflict
from core.model.shared.secret import Secret
from core.model.shared.time_zone import zone_of
from core.model.work_orders.work_order import CONTRACT, CUSTOMER, SITE, WorkOrderRecord
from core.services.wiring import Services
from ports.storage.due_work import WorkKind
from tests.support.dependencies import over
from tests.support.storage_scene import NOW, add_two_tenants

CODES = [ListedCode(kind=AliasKind.CUSTOMER, code=f"C{n}", name=f"Customer {n}") for n in range(1200)]
ITEMS = [ListedCode(kind=AliasKind.ITEM, code=f"I{n}", name=f"Item {n}") for n in range(3)]
Between = Callable[[int], Awaitable[None]]


class WatchedSpectrum(MemorySpectrum):
    """Calls `between` before each batch is taken."""

    between: Between | None = None

    async def read_list(
        self, target: object, kind: AliasKind, take: TakeCodes, question: ListQuestion = EVERYTHING
    ) -> ListRead:
        batches = 0

        async def watched(codes: Sequence[ListedCode]) -> None:
            nonlocal batches
            if self.between:
                await self.between(batches)
            batches += 1
            await take(codes)

        return await super().read_list(target, kind, watched, question)  # type: ignore[arg-type]


class Scene:
    def __init__(self, transactions: MemoryTransactions, spectrum: WatchedSpectrum) -> None:
        self.transactions = transactions
        self.spectrum = spectrum
        self.services = Services(replace(over(transactions), spectrum=spectrum))
        self.use_cases = self.services.use_cases

    async def refresh(self) -> None:
        await self.services.refresh_lists("ten_1", "con_1")

    async def state(self, kind: AliasKind = AliasKind.CUSTOMER) -> ListState:
        found = await self.use_cases.look_up_codes.states("ten_1", "main-1")
        return next(one for one in found.states if one.kind is kind)

    async def codes(self, kind: AliasKind = AliasKind.CUSTOMER) -> list[str]:
        async with self.transactions.begin("ten_1") as t:
            return [one.code async for one in t.code_lists.every("con_1", kind)]

    async def listed(self, kind: AliasKind, code: str) -> ListedCode | None:
        async with self.transactions.begin("ten_1") as t:
            found = await t.code_lists.of("con_1", [(kind, code)])
            return found[0] if found else None

    async def ask(self) -> None:
        await self.use_cases.look_up_codes.refresh("ten_1", "main-1", by="ann")

    def due(self) -> object:
        return self.transactions.rows.due_work.get((WorkKind.CODES, "con_1"))


@pytest.fixture
async def scene() -> Scene:
    transactions, spectrum = MemoryTransactions(), WatchedSpectrum()
    await add_two_tenants(transactions)
    spectrum.lists.put("101", [*CODES, *ITEMS])
    return Scene(transactions, spectrum)


async def test_the_night_reads_every_list_and_the_next_night_follows(scene: Scene) -> None:
    await scene.refresh()
    assert len(await scene.codes()) == 1200
    assert await scene.codes(AliasKind.ITEM) == ["I0", "I1", "I2"]
    state = await scene.state()
    assert (state.rows, state.complete, state.trouble, state.begun_at) == (1200, True, None, None)
    async with scene.transactions.begin("ten_1") as t:
        assert state.shows_missing(await t.now())
        assert timedelta() < scene.due() - await t.now() <= timedelta(days=1)  # type: ignore[operator]


async def test_what_spectrum_has_no_more_is_removed_only_by_a_whole_list(scene: Scene) -> None:
    await scene.refresh()
    scene.spectrum.lists.remove("101", AliasKind.CUSTOMER, "C7")
    scene.spectrum.lists.put("101", [replace(CODES[8], name="Renamed")])
    scene.spectrum.lists.row_limit = 500
    await scene.refresh()
    state = await scene.state()
    assert "C7" in await scene.codes()
    assert (state.trouble, state.complete, state.rows) == (ListTrouble.ROW_LIMIT, False, 1200)
    scene.spectrum.lists.row_limit = None
    await scene.refresh()
    assert "C7" not in await scene.codes()
    assert (await scene.listed(AliasKind.CUSTOMER, "c8")).name == "Renamed"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "trouble", [ListTrouble.UNREADABLE, ListTrouble.EMPTY, ListTrouble.NOT_ALLOWED, ListTrouble.NO_SERVICE]
)
async def test_a_list_that_cannot_be_read_leaves_the_former_one(scene: Scene, trouble: ListTrouble) -> None:
    await scene.refresh()
    before = await scene.state()
    scene.spectrum.lists.troubles[AliasKind.CUSTOMER] = trouble
    await scene.refresh()
    state = await scene.state()
    assert (state.trouble, state.read_at, state.complete, state.rows) == (trouble, before.read_at, True, 1200)
    assert state.detail


async def test_a_list_that_is_not_allowed_is_asked_for_rarely_and_at_once_on_demand(scene: Scene) -> None:
    scene.spectrum.lists.troubles[AliasKind.CUSTOMER] = ListTrouble.NOT_ALLOWED
    await scene.refresh()
    scene.spectrum.lists.questions.clear()
    await scene.refresh()
    assert {kind for kind, _ in scene.spectrum.lists.questions} == {AliasKind.ITEM}
    await scene.ask()
    await scene.refresh()
    assert {kind for kind, _ in scene.spectrum.lists.questions} == {AliasKind.ITEM, AliasKind.CUSTOMER}


async def test_other_secrets_have_the_list_that_was_not_allowed_read_again(scene: Scene) -> None:
    scene.spectrum.lists.troubles[AliasKind.CUSTOMER] = ListTrouble.NOT_ALLOWED
    await scene.refresh()
    del scene.spectrum.lists.troubles[AliasKind.CUSTOMER]

    def edit(before: Connection, _: ConnectionSecrets) -> tuple[Connection, ConnectionSecrets]:
        return before, ConnectionSecrets(Secret("OTHER"))

    await scene.use_cases.change_connection("ten_1", "main-1", edit, version=None, by="ann", check=False)
    assert (await scene.state()).begun_at
    await scene.refresh()
    assert (await scene.state()).complete


async def test_a_connection_to_another_company_forgets_the_codes_of_the_former_one(scene: Scene) -> None:
    await scene.refresh()

    def edit(before: Connection, secrets: ConnectionSecrets) -> tuple[Connection, ConnectionSecrets]:
        return replace(before, endpoint=Endpoint.parse("https://other.example.com")), secrets

    await scene.use_cases.change_connection("ten_1", "main-1", edit, version=None, by="ann", check=False)
    assert await scene.codes() == []
    assert (await scene.state()).read_at is None


async def test_a_reading_of_the_former_company_stores_nothing_more(scene: Scene) -> None:
    def edit(before: Connection, secrets: ConnectionSecrets) -> tuple[Connection, ConnectionSecrets]:
        return replace(before, company_code="102"), secrets

    async def move(batch: int) -> None:
        if batch == 1:
            await scene.use_cases.change_connection("ten_1", "main-1", edit, version=None, by="ann", check=False)

    scene.spectrum.between = move
    await scene.refresh()
    assert await scene.codes() == []
    assert (await scene.state()).begun_at, "that of the other company is asked for"


@pytest.mark.parametrize("of_tenant", [False, True])
async def test_a_pause_ends_a_reading_and_keeps_what_is_there(scene: Scene, of_tenant: bool) -> None:
    async def pause(batch: int) -> None:
        if batch == 1 and of_tenant:
            tenant = await scene.use_cases.find_tenant("tenant-1")
            await scene.use_cases.change_tenant.pause(tenant, paused=True, by="ann")
        elif batch == 1:
            await scene.use_cases.pause_connection("ten_1", "main-1", paused=True)

    scene.spectrum.between = pause
    await scene.refresh()
    assert len(await scene.codes()) == 500
    assert (await scene.state()).begun_at is None
    with pytest.raises(Conflict):
        await scene.ask()


async def test_a_connection_that_is_removed_meanwhile_ends_its_reading(scene: Scene) -> None:
    async def remove(batch: int) -> None:
        if batch == 1:
            await scene.use_cases.remove_connection("ten_1", "main-1", version=None, by="ann")

    scene.spectrum.between = remove
    await scene.refresh()
    assert scene.due() is None
    assert scene.transactions.rows.listed_codes == {}


async def test_a_reading_that_died_is_made_again(scene: Scene) -> None:
    async def die(batch: int) -> None:
        if batch == 1:
            raise asyncio.CancelledError

    scene.spectrum.between = die
    await scene.ask()
    with pytest.raises(asyncio.CancelledError):
        await scene.refresh()
    assert len(await scene.codes()) == 500, "what came stands"
    assert (await scene.state()).begun_at
    scene.spectrum.between = None
    await scene.refresh()
    assert (await scene.state()).complete
    assert len(await scene.codes()) == 1200


async def test_a_reading_that_fails_in_a_way_of_its_own_is_told_and_tried_again_later(scene: Scene) -> None:
    await scene.refresh()

    async def fail(batch: int) -> None:
        raise RuntimeError("a fault of ours")

    scene.spectrum.between = fail
    await scene.ask()
    await scene.refresh()
    state = await scene.state()
    assert (state.trouble, state.begun_at, state.rows) == (ListTrouble.UNREADABLE, None, 1200)
    async with scene.transactions.begin("ten_1") as t:
        now, due = await t.now(), scene.due()
        night = next_night("con_1", zone_of((await t.tenant()).time_zone), (), now)  # it may come before the two hours
    assert due == night or due - now > timedelta(hours=1)  # type: ignore[operator]


async def test_a_worker_that_stops_leaves_the_reading_to_another_one(scene: Scene) -> None:
    await scene.ask()
    began = scene.due()
    batches = iter((False, True))
    await scene.services.refresh_lists("ten_1", "con_1", stopping=lambda: next(batches))
    assert (len(await scene.codes()), scene.due()) == (500, began)
    assert (await scene.state()).begun_at
    await scene.refresh()
    assert (await scene.state()).complete


async def test_two_readings_at_once_are_one(scene: Scene) -> None:
    await scene.ask()
    await scene.ask()
    async with scene.transactions.begin("ten_1") as t:
        asked = [one for one in await t.audit.page() if one.action == "codes.refresh_requested"]
    assert len(asked) == 1

    async def again(batch: int) -> None:
        if batch == 1:
            scene.spectrum.between = None
            await scene.ask()

    scene.spectrum.between = again
    await scene.refresh()
    assert (await scene.state()).begun_at is None
    assert len([one for one in scene.spectrum.lists.questions if one[0] is AliasKind.CUSTOMER]) == 1


async def test_a_code_that_came_during_the_reading_stays(scene: Scene) -> None:
    await scene.refresh()

    async def create(batch: int) -> None:
        if batch == 1:
            new = ListedCode(kind=AliasKind.CUSTOMER, code="NEW", listed_from=ListedFrom.ACCEPTED)
            async with scene.transactions.begin("ten_1") as t:
                await t.code_lists.store("con_1", [new])

    scene.spectrum.between = create
    await scene.refresh()
    assert "NEW" in await scene.codes()


async def test_sites_and_contracts_are_learned_from_what_was_accepted_and_refused(scene: Scene) -> None:
    sent = {CUSTOMER: "C1", SITE: "SITE1", CONTRACT: "K1"}
    other = {CUSTOMER: "C1", SITE: "SITE2", CONTRACT: ""}
    async with scene.transactions.begin("ten_1") as t:
        for job, fields in (("1", sent), ("2", other)):
            record = WorkOrderRecord(
                tenant_id="ten_1", connection_id="con_1", job_id=job, number=f"T{job}", sent=fields, sent_at=NOW
            )
            await t.work_orders.save(record)
        told = ListedCode(kind=AliasKind.SITE, code="SITE3", name="Dock", listed_from=ListedFrom.IMPORTED)
        await t.code_lists.store("con_1", [told])
    await scene.refresh()
    assert await scene.codes(AliasKind.SITE) == ["SITE1", "SITE2", "SITE3"]
    site = await scene.listed(AliasKind.SITE, "SITE1")
    assert site == ListedCode(
        kind=AliasKind.SITE, code="SITE1", active=None, customer_code="C1", listed_from=ListedFrom.ACCEPTED
    )
    assert await scene.codes(AliasKind.CONTRACT) == ["K1"]
    async with scene.transactions.begin("ten_1") as t:
        for job, code in (("1", "SITE1"), ("3", "SITE3")):
            record_of = JobRecord(AliasKind.SITE, "7", "Harborview", code)
            await t.warnings.put(
                DashboardWarning(
                    id=f"wrn_{job}",
                    tenant_id="ten_1",
                    connection_id="con_1",
                    job_id=job,
                    send_id="snd_1",
                    finding=finding("ERP_SITE_UNKNOWN_OR_INACTIVE", "unknown"),
                    raised_at=NOW + timedelta(days=1),
                    needs=(record_of,),
                )
            )
    await scene.refresh()
    assert await scene.codes(AliasKind.SITE) == ["SITE2", "SITE3"], "the learned one is gone"
    marked = await scene.listed(AliasKind.SITE, "SITE3")
    assert marked == replace(told, refused_at=NOW + timedelta(days=1))


async def test_a_search_says_when_its_place_is_none(scene: Scene) -> None:
    await scene.refresh()
    page = await scene.use_cases.look_up_codes.search("ten_1", "main-1", text="customer 11", limit=1)
    assert [one.code for one in page.codes] == ["C11"]
    with pytest.raises(BadInput, match="place"):
        await scene.use_cases.look_up_codes.search("ten_1", "main-1", after="nowhere")
