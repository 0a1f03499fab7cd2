"""SIGKILL at every moment of a header send: after a restart there is one work order, the right external id, and nothing
left over. A moment is the instant before or after a remote call or a commit; every one of them is tried."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.bootstrap.container import Container
from adapters.inbound.use_cases import UseCases
from adapters.outbound.clock import SystemClock
from adapters.outbound.ids import UlidIds
from adapters.outbound.postgres.transactions import PostgresTransactions, make_engine
from adapters.outbound.random import SystemRandom
from adapters.outbound.read_back.sandbox_read_back import SandboxReadBack
from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from adapters.sandbox.servicetrade import ServiceTradeSandbox
from adapters.sandbox.servicetrade_state import ServiceTradeState
from adapters.sandbox.spectrum import SpectrumSandbox
from core.model.connection import Connection, ConnectionSecrets
from core.model.endpoint import Endpoint
from core.model.retry_delays import RetryDelays
from core.model.secret import Secret
from core.model.send import Send, SendState
from core.model.tenant import PasswordLogin
from core.services.drain_connection import DrainConnection
from core.services.request_send import SendRequest
from plugins.host import PluginHost
from tests.faults.crash_worker import LOOPBACK, MASTER_KEY, Orders, work

MOST_MOMENTS = 80
"""More than any send has: a scenario that never ends is a bug of the test."""

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.faults.crash_worker"])


@dataclass(slots=True)
class Yard:
    """Both sandboxes, the database and unfused parts, which are the worker that starts after the crash."""

    servicetrade: ServiceTradeSandbox
    spectrum: SpectrumSandbox
    database_url: str
    use_cases: UseCases
    drain: DrainConnection
    tenant_id: str
    connection_id: str
    trail: Path
    customer: str
    site: str
    next_number: int = 700000

    def add_job(self, *, mapped: bool = True) -> str:
        self.next_number += 1
        state = self.servicetrade.state
        site = self.site if mapped else state.add_location("Dock 9")
        return state.add_job(
            str(self.next_number), customer=self.customer, location=site, customer_po="PO-1", description="Retest."
        )

    def map_site(self, job_id: str) -> None:
        """Somebody mends the mapping: the job moves to the mapped location."""
        self.servicetrade.state.jobs[job_id].location = self.site

    async def request(self, job_id: str) -> Send:
        asked = SendRequest(connection="main", job_id=job_id, requested_by="test")
        return await self.use_cases.request_send(self.tenant_id, asked)

    async def finish(self) -> None:
        """The restarted worker: takes over the lease and works off what is due."""
        while await self.drain(self.connection_id):
            pass

    async def crash(self, dies_at: int) -> bool:
        """Run a worker process that dies at that moment; False if it came to its end before."""
        orders = Orders(self.database_url, self.connection_id, dies_at, self.trail)
        process = processes.Process(target=work, args=(orders,))
        process.start()
        await asyncio.to_thread(process.join)
        code = process.exitcode
        process.close()
        assert code in (0, -signal.SIGKILL), f"the worker process ended with {code}"
        return code != 0


@pytest.fixture
async def yard(database_url: str, tmp_path: Path) -> AsyncIterator[Yard]:
    engine = make_engine(database_url, pool_size=2)
    async with (
        ServiceTradeSandbox.start(state=ServiceTradeState()) as servicetrade,
        SpectrumSandbox.start() as spectrum,
        AiohttpServiceTrade.open() as service_trade,
        SoapSpectrum(allowed_networks=[LOOPBACK]) as soap,
    ):
        container = Container(
            transactions=PostgresTransactions(engine, AesGcmVault(MASTER_KEY)),
            service_trade=service_trade,
            spectrum=soap,
            read_back=SandboxReadBack(allowed_networks=[LOOPBACK]),
            rules=PluginHost(),
            clock=SystemClock(),
            ids=UlidIds(),
            random=SystemRandom(),
            delays=RetryDelays(),
        )
        use_cases = container.use_cases()
        login = PasswordLogin(servicetrade.state.login.username, Secret(servicetrade.state.login.password))
        tenant = await use_cases.add_tenant("cardinal", "Cardinal", login, base_url=servicetrade.url)
        connection = Connection(
            id="new",
            tenant_id="new",
            slug="main",
            name="Spectrum",
            external_system="spectrum",
            endpoint=Endpoint.parse(spectrum.url),
            company_code="101",
            leading_character="T",
        )
        secrets = ConnectionSecrets(Secret("SANDBOX-101"))
        added = await use_cases.add_connection(tenant.id, connection, secrets)
        yield Yard(
            servicetrade,
            spectrum,
            database_url,
            use_cases,
            container.drain_connection(),
            tenant.id,
            added.id,
            tmp_path / "trail",
            servicetrade.state.add_company(spectrum="HARVIEW"),
            servicetrade.state.add_location(spectrum="HV0002"),
        )
    await engine.dispose()


async def work_orders_of(yard: Yard, job_id: str) -> list[str]:
    """Every work order in Spectrum whose number ends in this job's number."""
    number = yard.servicetrade.state.jobs[job_id].number or "?"
    return [found for found in yard.spectrum.state.companies["101"].work_orders if found.endswith(number)]


async def assert_sent_without_a_trace(yard: Yard, send: Send) -> None:
    job = yard.servicetrade.state.jobs[send.job_id]
    number = f"T{job.number}"
    assert await work_orders_of(yard, send.job_id) == [number]
    fields = yard.spectrum.state.work_order("101", number).fields
    assert (fields["WO_Job_Number"], fields["Customer_PO_Number"]) == ("HV0002", "PO-1")
    assert job.external_ids == {"spectrum": number}
    assert yard.servicetrade.state.comments_on(send.job_id) == []
    assert await yard.use_cases.list_warnings(yard.tenant_id) == []
    stored = (await yard.use_cases.show_send(yard.tenant_id, send.id)).send
    assert (stored.state, stored.due_at) == (SendState.SENT, None)


async def test_a_first_send_survives_a_kill_at_every_moment(yard: Yard) -> None:
    for dies_at in range(1, MOST_MOMENTS):
        send = await yard.request(yard.add_job())
        killed = await yard.crash(dies_at)
        await yard.finish()
        await assert_sent_without_a_trace(yard, send)
        if not killed:
            break
    else:
        pytest.fail("the send never came to its end")
    passed = yard.trail.read_text().splitlines()
    for call in ("SoapSpectrum.write_header", "AiohttpServiceTrade.write_external_id"):
        assert f"before {call}" in passed, "the kill before this call was tried"
        assert f"after {call}" in passed, "the kill after this call was tried"
    assert dies_at > 10, "a send has more than ten moments to die at"


async def test_a_mended_send_survives_a_kill_at_every_moment_and_its_comment_goes(yard: Yard) -> None:
    for dies_at in range(1, MOST_MOMENTS):
        job_id = yard.add_job(mapped=False)
        send = await yard.request(job_id)
        await yard.finish()
        assert len(yard.servicetrade.state.comments_on(job_id)) == 1
        yard.map_site(job_id)
        await yard.use_cases.retry_send(yard.tenant_id, send.id)
        killed = await yard.crash(dies_at)
        await yard.finish()
        await assert_sent_without_a_trace(yard, send)
        if not killed:
            break
    else:
        pytest.fail("the send never came to its end")
    assert "after AiohttpServiceTrade.replace_comment" in yard.trail.read_text()


async def test_a_failing_send_survives_a_kill_at_every_moment_with_one_comment_and_one_warning(yard: Yard) -> None:
    for dies_at in range(1, MOST_MOMENTS):
        job_id = yard.add_job(mapped=False)
        send = await yard.request(job_id)
        killed = await yard.crash(dies_at)
        await yard.finish()
        [comment] = yard.servicetrade.state.comments_on(job_id)
        assert "MAP_SITE_MISSING" in comment.content
        [warning] = [w for w, _ in await yard.use_cases.list_warnings(yard.tenant_id) if w.job_id == job_id]
        assert warning.finding.code == "MAP_SITE_MISSING"
        assert await work_orders_of(yard, job_id) == []
        stored = (await yard.use_cases.show_send(yard.tenant_id, send.id)).send
        assert (stored.state, stored.due_at) == (SendState.NEEDS_ATTENTION, None)
        if not killed:
            break
    else:
        pytest.fail("the send never came to its end")
