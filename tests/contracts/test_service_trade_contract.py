"""What every ServiceTrade must do, asked of the fake and of the real adapter over sockets."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from adapters.outbound.memory.remote.service_trade import MemoryServiceTrade
from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from adapters.sandbox.servicetrade.account import Settings
from adapters.sandbox.servicetrade.parties import LibraryItem
from adapters.sandbox.servicetrade.sandbox import ServiceTradeSandbox
from adapters.sandbox.servicetrade.state import JobItem as SandboxItem
from adapters.sandbox.servicetrade.state import JobService as SandboxService
from adapters.sandbox.servicetrade.state import ServiceTradeState
from core.model.mappings.alias import AliasKind
from core.model.mappings.readiness import NamedRecord
from core.model.planning.job import ChangedJob, CompletedJob, JobSnapshot, Party
from core.model.shared.errors import BadInput, NotFound, TenantMends
from core.model.shared.secret import Secret
from core.model.tenants.tenant import ClientLogin, PasswordLogin, ServiceTradeAccount
from core.model.work_orders.item import JobItem
from core.model.work_orders.job_service import JobService
from ports.service_trade import RegisteredWebhook, ServiceTrade
from tests.support.spectrum_scene import LOOPBACK

MARKER = "[jobferry:spectrum]"
JOB = JobSnapshot(
    id="2412087334600705",
    number="104482",
    status="completed",
    type="repair",
    name="Repair Job #104482",
    description="Replace valve\nand retest.",
    customer_po="PO-77120",
    customer=Party(id="2274011930042369", name="Harborview Foods Inc", external_id="HARVIEW"),
    location=Party(id="2274012005539841", name="Harborview Foods - Plant 2", external_id="HV0002"),
    contract=Party(id="2274013112835073", name="Harborview Master Service", external_id="HV-MSA-26"),
    office="Raleigh Office",
    service_line="SPR",
    tags=("riser",),
    completed_on=datetime.fromtimestamp(1795180320, UTC),
    updated=datetime.fromtimestamp(1795180321, UTC),
)
BARE = JobSnapshot(
    id="2412087334604801",
    number=None,
    status="new",
    type="repair",
    name="Repair Job",
    updated=datetime.fromtimestamp(1795180321, UTC),
)
HOOK_URL = "https://sync.example.net/hooks/Zm9vYmFyYmF6cXV4LXJhbmRvbS1wYXRo"
VALVE = JobItem(
    id="2412088000012289",
    name="Check valve 4in grooved",
    type="part",
    quantity=Decimal("0.1"),
    cost=Decimal("412.85"),
    code="CV-4G",
    external_id="CV4G",
    source="tech",
    service_line="Sprinkler",
    library_id="2020000000000417",
)
LABOR = JobItem(
    id="2412088000004097",
    name="Labor - Regular",
    type="labor",
    quantity=Decimal("3.50"),
    cost=Decimal("42.00"),
    library_id="2020000000000101",
)
UNKNOWN = JobItem(id="2412088000016385", name="", type="", quantity=None, cost=None)
PRECISE = JobItem(
    id="2412088000020481",
    name="Wire",
    type="general conditions",
    quantity=Decimal("0.12345678901234567890123456789012345"),
    cost=Decimal("-98765432109876543210.01"),
    library_id="2020000000000102",
)


class Scene(ABC):
    """A ServiceTrade to ask, and hands that reach behind it."""

    service_trade: ServiceTrade
    account: ServiceTradeAccount

    names_the_user: bool
    """Whether the answer to this kind of sign-in tells about the user."""

    @abstractmethod
    def set_time_zone(self, name: str | None) -> None: ...

    @abstractmethod
    def add_job(self, job: JobSnapshot, system: str = "spectrum") -> None: ...

    @abstractmethod
    def comments(self, job_id: str) -> list[str]: ...

    @abstractmethod
    def add_comment(self, job_id: str, content: str) -> None: ...

    @abstractmethod
    def add_item(self, job_id: str, item: JobItem, system: str = "spectrum") -> None: ...

    @abstractmethod
    def add_service(self, job_id: str, service: JobService) -> None: ...

    @abstractmethod
    def remove_item(self, job_id: str, item_id: str) -> None: ...

    @abstractmethod
    def complete(self, job_id: str) -> None: ...

    @abstractmethod
    def reopen(self, job_id: str) -> None: ...

    @abstractmethod
    def schedule(self, job_id: str, at: datetime) -> None: ...

    @abstractmethod
    def refuse_completion(self, job_id: str, words: str) -> None: ...

    @abstractmethod
    def wrong_login(self) -> ServiceTradeAccount: ...


class MemoryScene(Scene):
    def __init__(self) -> None:
        self.fake = MemoryServiceTrade()
        self.service_trade = self.fake
        self.account = ServiceTradeAccount("ten_1", "https://st.example/api", PasswordLogin("ada", Secret("right")))
        self.fake.logins["ten_1"] = self.account.login
        self.names_the_user = True

    def set_time_zone(self, name: str | None) -> None:
        self.fake.time_zone = name

    def add_job(self, job: JobSnapshot, system: str = "spectrum") -> None:
        self.fake.add_job("ten_1", job, system)

    def comments(self, job_id: str) -> list[str]:
        return self.fake.comments_on("ten_1", job_id)

    def add_comment(self, job_id: str, content: str) -> None:
        self.fake.comments_on("ten_1", job_id).append(content)

    def add_item(self, job_id: str, item: JobItem, system: str = "spectrum") -> None:
        self.fake.add_item("ten_1", job_id, item, system)

    def add_service(self, job_id: str, service: JobService) -> None:
        self.fake.add_service("ten_1", job_id, service)

    def remove_item(self, job_id: str, item_id: str) -> None:
        self.fake.remove_item("ten_1", job_id, item_id)

    def complete(self, job_id: str) -> None:
        self.fake.complete("ten_1", job_id)

    def reopen(self, job_id: str) -> None:
        self.fake.reopen("ten_1", job_id)

    def schedule(self, job_id: str, at: datetime) -> None:
        self.fake.jobs["ten_1", job_id].scheduled = at

    def refuse_completion(self, job_id: str, words: str) -> None:
        self.fake.jobs["ten_1", job_id].refusal = words

    def wrong_login(self) -> ServiceTradeAccount:
        return replace(self.account, login=PasswordLogin("ada", Secret("wrong")))


class SocketScene(Scene):
    def __init__(self, sandbox: ServiceTradeSandbox, service_trade: ServiceTrade, *, oauth: bool) -> None:
        self.sandbox = sandbox
        self.service_trade = service_trade
        login = sandbox.state.login
        self.account = ServiceTradeAccount(
            "ten_1",
            sandbox.url,
            ClientLogin(login.client_id, Secret(login.client_secret))
            if oauth
            else PasswordLogin(login.username, Secret(login.password)),
        )
        self.names_the_user = not oauth

    def set_time_zone(self, name: str | None) -> None:
        self.sandbox.state.time_zone = name

    def add_job(self, job: JobSnapshot, system: str = "spectrum") -> None:
        state = self.sandbox.state
        ids: dict[str, str | None] = {}
        for kind, party in (("company", job.customer), ("location", job.location), ("contract", job.contract)):
            ids[kind] = party.id if party else None
            if party:
                codes = {system: party.external_id} if party.external_id is not None else {}
                document = {"name": party.name, "external_ids": codes}
                plural = {"company": "companies", "location": "locations", "contract": "contracts"}[kind]
                state.alter({plural: {party.id: document}})
        state.add_job(
            job.number,
            id=job.id,
            status=job.status,
            type=job.type,
            description=job.description,
            customer_po=job.customer_po or None,
            customer=ids["company"],
            location=ids["location"],
            contract=ids["contract"],
            service_line=job.service_line,
            office=job.office,
            tags=list(job.tags),
            completed_on=int(job.completed_on.timestamp()) if job.completed_on else None,
            external_ids={system: job.external_id} if job.external_id is not None else {},
            updated=int(job.updated.timestamp()) if job.updated else 0,
        )

    def add_item(self, job_id: str, item: JobItem, system: str = "spectrum") -> None:
        state = self.sandbox.state
        if item.library_id:
            state.library_items[item.library_id] = LibraryItem(
                name=item.name,
                type=item.type,
                code=item.code,
                external_ids={system: item.external_id} if item.external_id is not None else {},
            )
        state.job_items[item.id] = SandboxItem(
            job=job_id,
            name=item.name or None,
            kind=None,
            library=item.library_id or None,
            quantity=item.quantity,
            cost=item.cost,
            source=item.source or None,
            service_line=item.service_line or None,
        )

    def add_service(self, job_id: str, service: JobService) -> None:
        self.sandbox.state.services[service.id] = SandboxService(
            job=job_id,
            description=service.description or None,
            status=service.status,
            service_line=service.service_line or None,
        )

    def remove_item(self, job_id: str, item_id: str) -> None:
        assert self.sandbox.state.job_items[item_id].job == job_id
        self.sandbox.state.remove_item(item_id)

    def complete(self, job_id: str) -> None:
        self.sandbox.state.complete(job_id)

    def reopen(self, job_id: str) -> None:
        self.sandbox.state.reopen(job_id)

    def schedule(self, job_id: str, at: datetime) -> None:
        self.sandbox.state.jobs[job_id].scheduled_date = int(at.timestamp())

    def refuse_completion(self, job_id: str, words: str) -> None:
        self.sandbox.state.jobs[job_id].refuses_completion = words

    def comments(self, job_id: str) -> list[str]:
        return [one.content for one in self.sandbox.state.comments_on(job_id)]

    def add_comment(self, job_id: str, content: str) -> None:
        state = self.sandbox.state
        document = {"entity": job_id, "content": content}
        state.alter({"comments": {state.take_id(): document}})

    def wrong_login(self) -> ServiceTradeAccount:
        match self.account.login:
            case PasswordLogin(username=name):
                return replace(self.account, login=PasswordLogin(name, Secret("wrong")))
            case ClientLogin(client_id=name):
                return replace(self.account, login=ClientLogin(name, Secret("wrong")))


SETTINGS = {
    "flat": Settings(),
    "compound": Settings(
        job_shape="compound", empty_external_ids="array", total_pages="absent", messages="null", numbers_as_strings=True
    ),
    "oauth": Settings(total_pages="string", messages="string"),
}


@asynccontextmanager
async def _socket_scene(kind: str) -> AsyncIterator[Scene]:
    state = ServiceTradeState(external_systems=["spectrum", "spectrum_west"], settings=SETTINGS[kind])
    async with (
        ServiceTradeSandbox.start(state=state) as sandbox,
        AiohttpServiceTrade.open(allowed_networks=LOOPBACK) as service_trade,
    ):
        yield SocketScene(sandbox, service_trade, oauth=kind == "oauth")


@pytest.fixture(params=["memory", *SETTINGS])
async def scene(request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    if request.param == "memory":
        yield MemoryScene()
        return
    async with _socket_scene(request.param) as scene:
        yield scene


async def test_a_job_is_read_with_its_parties_and_their_codes(scene: Scene) -> None:
    scene.add_job(JOB)
    assert await scene.service_trade.read_job(scene.account, JOB.id, "spectrum") == JOB


async def test_a_job_with_nothing_on_it_is_read(scene: Scene) -> None:
    scene.add_job(BARE)
    assert await scene.service_trade.read_job(scene.account, BARE.id, "spectrum") == BARE


async def test_codes_of_another_system_do_not_count(scene: Scene) -> None:
    scene.add_job(replace(JOB, external_id="T104482"))
    job = await scene.service_trade.read_job(scene.account, JOB.id, "spectrum_west")
    assert job.customer == Party(id="2274011930042369", name="Harborview Foods Inc")
    assert job.location == Party(id="2274012005539841", name="Harborview Foods - Plant 2")
    assert job.contract == Party(id="2274013112835073", name="Harborview Master Service")
    assert job.external_id is None


async def test_a_blank_code_is_not_the_same_as_none(scene: Scene) -> None:
    blank = replace(JOB, customer=Party(id="2274011930042369", name="Summit", external_id=" "))
    scene.add_job(blank)
    job = await scene.service_trade.read_job(scene.account, JOB.id, "spectrum")
    assert job.customer is not None
    assert job.customer.external_id == " "


async def test_an_unknown_job_is_not_found(scene: Scene) -> None:
    with pytest.raises(NotFound) as caught:
        await scene.service_trade.read_job(scene.account, "999", "spectrum")
    assert caught.value.code == "JOB_NOT_FOUND"
    assert caught.value.fix


@pytest.mark.parametrize("job_id", ["", "12a", "../auth", "12345678901234567", "-1", "\u0661\u0662", "1\n"])
async def test_what_is_no_job_id_is_refused(scene: Scene, job_id: str) -> None:
    with pytest.raises(BadInput):
        await scene.service_trade.read_job(scene.account, job_id, "spectrum")
    with pytest.raises(BadInput):
        await scene.service_trade.write_external_id(scene.account, job_id, "spectrum", "T1")
    with pytest.raises(BadInput):
        await scene.service_trade.replace_comment(scene.account, job_id, MARKER, "text")
    with pytest.raises(BadInput):
        await scene.service_trade.read_items(scene.account, job_id, "spectrum")
    with pytest.raises(BadInput):
        await scene.service_trade.complete_job(scene.account, job_id)
    with pytest.raises(BadInput):
        await scene.service_trade.completion_of(scene.account, job_id)
    with pytest.raises(BadInput):
        await scene.service_trade.remove_webhook(scene.account, job_id)


@pytest.mark.parametrize("status", ["scheduled", "completed", "canceled", "new", "closed"])
async def test_a_job_is_found_by_its_number_whatever_its_status(scene: Scene, status: str) -> None:
    scene.add_job(replace(JOB, status=status))
    scene.add_job(BARE)
    assert await scene.service_trade.find_job_ids(scene.account, " 104482 ") == [JOB.id]


@pytest.mark.parametrize("number", ["104483", "10448", "", " "])
async def test_an_unknown_number_is_not_found(scene: Scene, number: str) -> None:
    scene.add_job(JOB)
    scene.add_job(BARE)
    assert await scene.service_trade.find_job_ids(scene.account, number) == []


async def test_two_jobs_with_one_number_are_both_found(scene: Scene) -> None:
    scene.add_job(JOB)
    scene.add_job(replace(BARE, number=JOB.number))
    assert set(await scene.service_trade.find_job_ids(scene.account, str(JOB.number))) == {JOB.id, BARE.id}


async def test_an_external_id_is_written_and_read_again(scene: Scene) -> None:
    scene.add_job(JOB)
    for _ in range(2):
        await scene.service_trade.write_external_id(scene.account, JOB.id, "spectrum", "T104482")
        job = await scene.service_trade.read_job(scene.account, JOB.id, "spectrum")
        assert job == replace(JOB, external_id="T104482")


async def test_an_external_id_that_another_job_has_is_refused(scene: Scene) -> None:
    scene.add_job(replace(JOB, external_id="T104482"))
    scene.add_job(BARE)
    with pytest.raises(TenantMends) as caught:
        await scene.service_trade.write_external_id(scene.account, BARE.id, "spectrum", "T104482")
    assert caught.value.code == "MAP_DUPLICATE_EXTERNAL_ID"
    assert (await scene.service_trade.read_job(scene.account, BARE.id, "spectrum")).external_id is None


async def test_the_external_id_of_a_job_that_is_gone_cannot_be_written(scene: Scene) -> None:
    with pytest.raises(TenantMends) as caught:
        await scene.service_trade.write_external_id(scene.account, "999", "spectrum", "T1")
    assert caught.value.code == "ST_PERMISSION"


async def test_there_is_one_comment_of_ours_and_nobody_elses_is_touched(scene: Scene) -> None:
    scene.add_job(JOB)
    scene.add_job(BARE)
    others = ["Please call before you come.", "Failed.\n\n[jobferry:spectrum_west]"]
    for content in others:
        scene.add_comment(JOB.id, content)
    scene.add_comment(BARE.id, f"Failed.\n\n{MARKER}")
    for text in ("Site not mapped.", "Site not mapped.", "Customer not mapped."):
        await scene.service_trade.replace_comment(scene.account, JOB.id, MARKER, text)
        assert scene.comments(JOB.id) == [*others, f"{text}\n\n{MARKER}"]
    await scene.service_trade.replace_comment(scene.account, JOB.id, MARKER, None)
    await scene.service_trade.replace_comment(scene.account, JOB.id, MARKER, None)
    assert scene.comments(JOB.id) == others
    assert scene.comments(BARE.id) == [f"Failed.\n\n{MARKER}"]


async def test_left_over_comments_are_reduced_to_one(scene: Scene) -> None:
    scene.add_job(JOB)
    for content in ("old", "new", "new"):
        scene.add_comment(JOB.id, f"{content}\n\n{MARKER}")
    await scene.service_trade.replace_comment(scene.account, JOB.id, MARKER, "new")
    assert scene.comments(JOB.id) == [f"new\n\n{MARKER}"]


async def test_a_failure_tag_is_put_on_and_taken_off(scene: Scene) -> None:
    scene.add_job(JOB)
    for present, tags in ((True, ("riser", "sync failed")), (True, ("riser", "sync failed")), (False, ("riser",))):
        await scene.service_trade.set_failure_tag(scene.account, JOB.id, "sync failed", present)
        assert (await scene.service_trade.read_job(scene.account, JOB.id, "spectrum")).tags == tags


async def test_items_are_read_as_they_stand(scene: Scene) -> None:
    scene.add_job(JOB)
    scene.add_job(BARE)
    items = [LABOR, VALVE, UNKNOWN, PRECISE]
    for item in items:
        scene.add_item(JOB.id, item)
    scene.add_item(BARE.id, replace(VALVE, id="2412088000024577"))
    read = await scene.service_trade.read_items(scene.account, JOB.id, "spectrum")
    assert list(read) == items
    numbers = [(item.quantity, item.cost) for item in read]
    assert [tuple(map(str, pair)) for pair in numbers] == [
        ("3.50", "42.00"),
        ("0.1", "412.85"),
        ("None", "None"),
        ("0.12345678901234567890123456789012345", "-98765432109876543210.01"),
    ]
    assert {type(number) for pair in numbers for number in pair} == {Decimal, type(None)}


async def test_a_removed_item_is_read_no_more(scene: Scene) -> None:
    scene.add_job(JOB)
    assert list(await scene.service_trade.read_items(scene.account, JOB.id, "spectrum")) == []
    for item in (LABOR, VALVE):
        scene.add_item(JOB.id, item)
    scene.remove_item(JOB.id, LABOR.id)
    assert list(await scene.service_trade.read_items(scene.account, JOB.id, "spectrum")) == [VALVE]


@pytest.mark.parametrize("count", [100, 101, 250])
async def test_items_are_read_to_the_last_in_their_order(scene: Scene, count: int) -> None:
    scene.add_job(JOB)
    items = [replace(VALVE, id=str(2412088000000000 + place * 7), name=f"Item {place}") for place in range(count)]
    for item in items:
        scene.add_item(JOB.id, item)
    assert list(await scene.service_trade.read_items(scene.account, JOB.id, "spectrum")) == items


@pytest.mark.parametrize(("external_id", "read"), [(None, None), ("", ""), ("CV4G", "CV4G")])
async def test_codes_of_items_are_those_under_the_system(
    scene: Scene, external_id: str | None, read: str | None
) -> None:
    scene.add_job(JOB)
    scene.add_item(JOB.id, replace(VALVE, external_id=external_id))
    [here] = await scene.service_trade.read_items(scene.account, JOB.id, "spectrum")
    [there] = await scene.service_trade.read_items(scene.account, JOB.id, "spectrum_west")
    assert (here.external_id, there.external_id) == (read, None)


async def test_services_of_the_job_are_read_in_their_order_and_no_others(scene: Scene) -> None:
    services = [
        JobService(id="2412087450000897", description="Check valve\nreplacement", service_line="Sprinkler"),
        JobService(id="2412087450000896", description="Inspect the café", status="open", service_line=""),
        JobService(id="2412087450000895", status="void", service_line="Alarm"),
    ]
    scene.add_job(JOB)
    scene.add_job(BARE)
    assert list(await scene.service_trade.read_services(scene.account, JOB.id)) == []
    for one in services:
        scene.add_service(JOB.id, one)
    scene.add_service(BARE.id, replace(services[0], id="2412087450000894"))
    assert list(await scene.service_trade.read_services(scene.account, JOB.id)) == services


@pytest.mark.parametrize("count", [100, 101, 250])
async def test_services_are_read_to_the_last(scene: Scene, count: int) -> None:
    scene.add_job(JOB)
    services = [JobService(id=str(2412087450000000 + place), description=f"No. {place}") for place in range(count)]
    for one in services:
        scene.add_service(JOB.id, one)
    assert list(await scene.service_trade.read_services(scene.account, JOB.id)) == services


async def test_a_job_is_completed_once(scene: Scene) -> None:
    scene.add_job(replace(JOB, status="scheduled", completed_on=None))
    assert await scene.service_trade.completion_of(scene.account, JOB.id) is None
    before = datetime.now(UTC).replace(microsecond=0)
    completion = await scene.service_trade.complete_job(scene.account, JOB.id)
    assert completion.id == JOB.id
    assert completion.completed_on is not None
    assert before <= completion.completed_on <= datetime.now(UTC)
    job = await scene.service_trade.read_job(scene.account, JOB.id, "spectrum")
    assert (job.status, job.completed_on) == ("completed", completion.completed_on)
    assert await scene.service_trade.complete_job(scene.account, JOB.id) == completion
    assert await scene.service_trade.completion_of(scene.account, JOB.id) == completion


@pytest.mark.parametrize("status", ["completed", "pending_invoice", "sending_invoice", "invoiced", "closed"])
async def test_a_completed_job_stays_as_it_is(scene: Scene, status: str) -> None:
    job = replace(JOB, status=status)
    scene.add_job(job)
    scene.refuse_completion(JOB.id, "It is completed already")
    assert await scene.service_trade.complete_job(scene.account, JOB.id) == CompletedJob(JOB.id, JOB.completed_on)
    assert await scene.service_trade.completion_of(scene.account, JOB.id) == CompletedJob(JOB.id, JOB.completed_on)
    assert await scene.service_trade.read_job(scene.account, JOB.id, "spectrum") == job


async def test_every_completion_after_a_reopening_is_a_later_one(scene: Scene) -> None:
    scene.add_job(replace(JOB, status="scheduled", completed_on=None))
    moments = []
    for _ in range(3):
        moments.append((await scene.service_trade.complete_job(scene.account, JOB.id)).completed_on)
        scene.reopen(JOB.id)
        assert await scene.service_trade.completion_of(scene.account, JOB.id) is None
    scene.complete(JOB.id)
    last = await scene.service_trade.completion_of(scene.account, JOB.id)
    moments.append(last.completed_on if last else None)
    told = [moment for moment in moments if moment]
    assert len(told) == len(set(told)) == 4
    assert told == sorted(told)


async def test_a_refused_completion_quotes_servicetrade(scene: Scene) -> None:
    scene.add_job(replace(JOB, status="scheduled", completed_on=None))
    scene.refuse_completion(JOB.id, "An appointment is still open")
    with pytest.raises(TenantMends) as caught:
        await scene.service_trade.complete_job(scene.account, JOB.id)
    assert caught.value.code == "ST_COMPLETION_REFUSED"
    assert JOB.id in caught.value.message
    assert caught.value.fix
    assert await scene.service_trade.completion_of(scene.account, JOB.id) is None
    scene.refuse_completion(JOB.id, "")
    assert (await scene.service_trade.complete_job(scene.account, JOB.id)).completed_on


async def test_an_unknown_job_is_neither_completed_nor_known_as_such(scene: Scene) -> None:
    for call in (
        scene.service_trade.complete_job(scene.account, "999"),
        scene.service_trade.completion_of(scene.account, "999"),
    ):
        with pytest.raises(NotFound) as caught:
            await call
        assert caught.value.code == "JOB_NOT_FOUND"


async def test_changed_jobs_are_listed_by_their_last_change(scene: Scene) -> None:
    assert JOB.updated is not None
    second = timedelta(seconds=1)
    statuses = ("completed", "pending_invoice", "sending_invoice", "invoiced", "closed", "scheduled", "canceled", "new")
    for place, status in enumerate(statuses):
        done = JOB.completed_on if place < 5 else None
        for row, updated in enumerate((JOB.updated - second, JOB.updated, JOB.updated + second)):
            id_ = str(100 + 10 * place + row)
            scene.add_job(replace(JOB, id=id_, number=id_, status=status, completed_on=done, updated=updated))
    since = JOB.updated + second / 2
    listed = [
        job
        async for job in scene.service_trade.changed_since(scene.account, since)
        if len(job.id) == 3 and job.id[1] != "6"  # whether a canceled job is listed is open
    ]
    expected = [
        ChangedJob(id_, CompletedJob(id_, JOB.completed_on) if place < 5 else None)
        for place in range(len(statuses))
        if statuses[place] != "canceled"
        for id_ in (str(100 + 10 * place + row) for row in (1, 2))
    ]
    assert sorted(listed, key=lambda job: job.id) == expected


async def test_more_completed_jobs_than_a_page_holds(scene: Scene) -> None:
    ids = [str(1000 + place) for place in range(230)]
    for id_ in ids:
        scene.add_job(replace(BARE, id=id_, status="closed", completed_on=None))
    assert BARE.updated is not None
    listed = [job async for job in scene.service_trade.changed_since(scene.account, BARE.updated)]
    assert sorted(listed, key=lambda job: job.id) == [ChangedJob(id_, CompletedJob(id_, None)) for id_ in ids]


async def test_upcoming_jobs_are_the_open_ones_with_what_they_name(scene: Scene) -> None:
    statuses = ("new", "scheduled", "canceled", "bidding", "completed", "invoiced")
    for place, status in enumerate(statuses):
        scene.add_job(replace(JOB, id=str(100 + place), number=str(place), status=status))
    scene.add_job(replace(BARE, id="200", status="scheduled"))
    day = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
    scene.schedule("101", day)
    found = {job.id: job async for job in scene.service_trade.upcoming_jobs(scene.account)}
    assert found.keys() == {"100", "101", "200"}
    assert JOB.customer
    assert (found["101"].number, found["101"].date, found["100"].date) == ("1", day, None)
    assert found["101"].customer == NamedRecord(JOB.customer.id, JOB.customer.name)
    assert [kind for kind, _ in found["101"].records] == [AliasKind.CUSTOMER, AliasKind.SITE, AliasKind.CONTRACT]
    assert (found["200"].number, dict(found["200"].records)) == (None, {})


async def test_a_job_is_described_for_people(scene: Scene) -> None:
    scene.add_job(replace(JOB, external_id="T104482"))
    day = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
    scene.schedule(JOB.id, day)
    assert JOB.customer
    assert JOB.location
    told = await scene.service_trade.describe_job(scene.account, JOB.id)
    assert (told.id, told.number, told.name, told.status) == (JOB.id, JOB.number, JOB.name, "completed")
    assert told.customer == NamedRecord(JOB.customer.id, JOB.customer.name)
    assert told.location == NamedRecord(JOB.location.id, JOB.location.name)
    assert (told.scheduled, told.systems) == (day, frozenset({"spectrum"}))
    scene.add_job(BARE)
    bare = await scene.service_trade.describe_job(scene.account, BARE.id)
    assert (bare.number, bare.scheduled, bare.customer, bare.location) == (None, None, None, None)
    assert not bare.systems
    with pytest.raises(NotFound) as refused:
        await scene.service_trade.describe_job(scene.account, "2412087334609999")
    assert refused.value.code == "JOB_NOT_FOUND"


async def test_the_systems_of_a_customer_are_those_with_a_code(scene: Scene) -> None:
    scene.add_job(JOB)
    assert JOB.customer
    assert await scene.service_trade.customer_systems(scene.account, JOB.customer.id) == {"spectrum"}
    scene.add_job(replace(JOB, customer=replace(JOB.customer, external_id=" ")))
    assert await scene.service_trade.customer_systems(scene.account, JOB.customer.id) == set()
    assert await scene.service_trade.customer_systems(scene.account, "2274011930049999") == set()


async def test_more_upcoming_jobs_than_a_page_holds(scene: Scene) -> None:
    ids = [str(1000 + place) for place in range(230)]
    for id_ in ids:
        scene.add_job(replace(BARE, id=id_, status="scheduled"))
    assert sorted([job.id async for job in scene.service_trade.upcoming_jobs(scene.account)]) == ids


@pytest.mark.parametrize("kind", list(AliasKind))
async def test_the_code_of_a_record_is_read_and_written(scene: Scene, kind: AliasKind) -> None:
    other = Party(id="77", name="Somebody else")
    scene.add_job(JOB)
    scene.add_job(replace(JOB, id="78", customer=other, location=other, contract=other))
    scene.add_item(JOB.id, VALVE)
    scene.add_item("78", replace(VALVE, id="79", external_id=None, library_id="77"))
    party = JOB.party(kind)
    known, code = (party.id, party.external_id) if party else (VALVE.library_id, VALVE.external_id)
    service_trade, account = scene.service_trade, scene.account
    assert await service_trade.read_code(account, kind, known, "spectrum") == code
    assert await service_trade.read_code(account, kind, "77", "spectrum") is None
    for _ in range(2):
        await service_trade.write_code(account, kind, "77", "spectrum", "NEW1")
    assert await service_trade.read_code(account, kind, "77", "spectrum") == "NEW1"
    assert code
    with pytest.raises(TenantMends) as taken:
        await service_trade.write_code(account, kind, "77", "spectrum", code)
    assert taken.value.code == "MAP_DUPLICATE_EXTERNAL_ID"
    assert await service_trade.read_code(account, kind, "77", "spectrum") == "NEW1"
    job = await service_trade.read_job(account, "78", "spectrum")
    [item] = await service_trade.read_items(account, "78", "spectrum")
    written = job.party(kind) or item
    assert written.external_id == "NEW1"
    with pytest.raises(TenantMends) as unknown:
        await service_trade.write_code(account, kind, "999", "spectrum", "X")
    assert unknown.value.code == "ST_PERMISSION"


async def test_webhooks_are_registered_listed_and_removed(scene: Scene) -> None:
    assert list(await scene.service_trade.webhooks(scene.account)) == []
    first = await scene.service_trade.register_webhook(scene.account, HOOK_URL)
    second = await scene.service_trade.register_webhook(scene.account, HOOK_URL + "2")
    assert list(await scene.service_trade.webhooks(scene.account)) == [
        RegisteredWebhook(first, HOOK_URL),
        RegisteredWebhook(second, HOOK_URL + "2"),
    ]
    for _ in range(2):
        await scene.service_trade.remove_webhook(scene.account, first)
        assert [hook.id for hook in await scene.service_trade.webhooks(scene.account)] == [second]


async def test_the_right_login_passes_the_check(scene: Scene) -> None:
    await scene.service_trade.check(scene.account)


@pytest.mark.parametrize(
    ("told", "known"), [("America/Denver", "America/Denver"), ("Mars/Olympus", None), ("", None), (None, None)]
)
async def test_the_check_tells_the_time_zone_of_the_user_if_it_is_one(
    scene: Scene, told: str | None, known: str | None
) -> None:
    scene.set_time_zone(told)
    assert await scene.service_trade.check(scene.account) == (known if scene.names_the_user else None)


async def test_a_wrong_login_is_refused_also_after_a_right_one(scene: Scene) -> None:
    scene.add_job(JOB)
    await scene.service_trade.check(scene.account)
    for call in (
        scene.service_trade.check(scene.wrong_login()),
        scene.service_trade.read_job(scene.wrong_login(), JOB.id, "spectrum"),
    ):
        with pytest.raises(TenantMends) as caught:
            await call
        assert caught.value.code == "ST_LOGIN_REFUSED"
        assert "wrong" not in str(caught.value)
    await scene.service_trade.read_job(scene.account, JOB.id, "spectrum")
