"""What every ServiceTrade must do, asked of the fake and of the real adapter over sockets."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.outbound.memory.service_trade import MemoryServiceTrade
from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from adapters.sandbox.servicetrade import ServiceTradeSandbox
from adapters.sandbox.servicetrade_state import ServiceTradeState, Settings
from core.model.errors import BadInput, NotFound, TenantMends
from core.model.job import JobSnapshot, Party
from core.model.secret import Secret
from core.model.tenant import ClientLogin, PasswordLogin, ServiceTradeAccount
from ports.service_trade import ServiceTrade

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


class Scene(ABC):
    """A ServiceTrade to ask, and hands that reach behind it."""

    service_trade: ServiceTrade
    account: ServiceTradeAccount

    @abstractmethod
    def add_job(self, job: JobSnapshot, system: str = "spectrum") -> None: ...

    @abstractmethod
    def comments(self, job_id: str) -> list[str]: ...

    @abstractmethod
    def add_comment(self, job_id: str, content: str) -> None: ...

    @abstractmethod
    def wrong_login(self) -> ServiceTradeAccount: ...


class MemoryScene(Scene):
    def __init__(self) -> None:
        self.fake = MemoryServiceTrade()
        self.service_trade = self.fake
        self.account = ServiceTradeAccount("ten_1", "https://st.example/api", PasswordLogin("ada", Secret("right")))
        self.fake.logins["ten_1"] = self.account.login

    def add_job(self, job: JobSnapshot, system: str = "spectrum") -> None:
        self.fake.add_job("ten_1", job, system)

    def comments(self, job_id: str) -> list[str]:
        return self.fake.comments_on("ten_1", job_id)

    def add_comment(self, job_id: str, content: str) -> None:
        self.fake.comments_on("ten_1", job_id).append(content)

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
        )

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
    async with ServiceTradeSandbox.start(state=state) as sandbox, AiohttpServiceTrade.open() as service_trade:
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


@pytest.mark.parametrize("status", ["scheduled", "completed", "canceled", "new", "closed"])
async def test_a_job_is_found_by_its_number_whatever_its_status(scene: Scene, status: str) -> None:
    scene.add_job(replace(JOB, status=status))
    scene.add_job(BARE)
    assert await scene.service_trade.find_job_id(scene.account, " 104482 ") == JOB.id


@pytest.mark.parametrize("number", ["104483", "10448", "", " "])
async def test_an_unknown_number_is_not_found(scene: Scene, number: str) -> None:
    scene.add_job(JOB)
    scene.add_job(BARE)
    with pytest.raises(NotFound) as caught:
        await scene.service_trade.find_job_id(scene.account, number)
    assert caught.value.code == "JOB_NOT_FOUND"


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


async def test_the_right_login_passes_the_check(scene: Scene) -> None:
    await scene.service_trade.check(scene.account)


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
