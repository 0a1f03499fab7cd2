"""The attachments of a job, asked of the fake and of the real adapter over sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from adapters.outbound.memory.remote.service_trade import MemoryServiceTrade
from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from adapters.sandbox.servicetrade.sandbox import ServiceTradeSandbox
from adapters.sandbox.servicetrade.state import ServiceTradeState
from core.model.shared.errors import BadInput, JobferryError, NotFound
from core.model.work_orders.paperwork import MOST_BYTES, Attachment
from ports.service_trade import ServiceTrade
from tests.contracts.test_service_trade_contract import JOB, SETTINGS, MemoryScene, SocketScene
from tests.support.spectrum_scene import LOOPBACK

PDF = b"%PDF-1.7 \x00\xff signed"
Attach = Callable[[str, bytes], Attachment]
Scene = tuple[ServiceTrade, MemoryScene | SocketScene, Attach]


@pytest.fixture(params=["memory", *SETTINGS])
async def scene(request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    if request.param == "memory":
        memory = MemoryScene()
        memory.add_job(JOB)
        fake = memory.service_trade
        assert isinstance(fake, MemoryServiceTrade)

        def attach(name: str, content: bytes) -> Attachment:
            one = Attachment(
                str(7000 + len(fake.jobs[memory.account.tenant_id, JOB.id].attachments)), name, len(content)
            )
            fake.attach(memory.account.tenant_id, JOB.id, one, content)
            return one

        yield fake, memory, attach
        return
    state = ServiceTradeState(external_systems=["spectrum"], settings=SETTINGS[request.param])
    async with (
        ServiceTradeSandbox.start(state=state) as sandbox,
        AiohttpServiceTrade.open(allowed_networks=LOOPBACK) as real,
    ):
        socket = SocketScene(sandbox, real, oauth=request.param == "oauth")
        socket.add_job(JOB)
        yield real, socket, lambda name, content: Attachment(state.attach(JOB.id, name, content), name, len(content))


async def test_attachments_are_listed_to_the_last_and_read_byte_by_byte(scene: Scene) -> None:
    service_trade, at, attach = scene
    wanted = [attach(f"{place}.pdf", PDF + bytes([place])) for place in range(120)]
    assert await service_trade.read_attachments(at.account, JOB.id) == wanted
    assert await service_trade.read_attachment(at.account, wanted[7].id) == PDF + bytes([7])


async def test_a_job_without_attachments_has_none(scene: Scene) -> None:
    service_trade, at, _ = scene
    assert await service_trade.read_attachments(at.account, JOB.id) == []


async def test_an_attachment_that_is_gone_is_not_found(scene: Scene) -> None:
    service_trade, at, _ = scene
    with pytest.raises(NotFound) as gone:
        await service_trade.read_attachment(at.account, "99")
    assert gone.value.code == "DOCUMENT_NOT_FOUND"


@pytest.mark.parametrize("bad", ["", "../auth", "12a"])
async def test_what_is_no_id_is_refused(scene: Scene, bad: str) -> None:
    service_trade, at, _ = scene
    with pytest.raises(BadInput):
        await service_trade.read_attachment(at.account, bad)


async def test_more_than_the_most_is_never_read_into_memory() -> None:
    state = ServiceTradeState(external_systems=["spectrum"])
    async with (
        ServiceTradeSandbox.start(state=state) as sandbox,
        AiohttpServiceTrade.open(allowed_networks=LOOPBACK) as real,
    ):
        socket = SocketScene(sandbox, real, oauth=False)
        socket.add_job(JOB)
        fits = state.attach(JOB.id, "fits.pdf", b"x" * MOST_BYTES)
        large = state.attach(JOB.id, "large.pdf", b"x" * (MOST_BYTES + 1))
        assert len(await real.read_attachment(socket.account, fits)) == MOST_BYTES
        with pytest.raises(JobferryError):
            await real.read_attachment(socket.account, large)
