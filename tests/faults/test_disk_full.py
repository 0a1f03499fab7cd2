"""The disk with the database, the data folder and the log is full for a while, under load: nothing that was accepted is
lost, nothing is doubled, and work goes on by itself once there is room."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from adapters.outbound.postgres.server.embedded import EmbeddedPostgres
from adapters.outbound.postgres.server.migrate import migrate
from adapters.outbound.postgres.transactions import make_engine
from core.model.sending.send import Send, SendState
from core.model.shared.errors import TimeMends
from core.model.work_orders.cost_line import ItemsMode, LineState
from core.services.sending.request_send import SendRequest
from tests.faults.support.fixtures import (
    add_completed_job,
    assert_books_agree,
    expected,
    in_spectrum,
    lines_of,
    settle_doubts,
)
from tests.faults.support.ports import free_port
from tests.faults.support.serve_process import Orders, Server
from tests.faults.support.small_disk import SmallDisk, small_disk
from tests.journeys.world import NORTH, World, open_world
from tests.support.passable import let_pass

pytestmark = pytest.mark.long

MEGABYTES = 160
PATIENCE_SECONDS = 90.0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    let_pass(tmp_path)
    with small_disk(tmp_path / "disk", MEGABYTES) as disk:
        yield disk


@pytest.fixture
def url(disk: SmallDisk) -> Iterator[str]:
    embedded = EmbeddedPostgres.start(disk.folder)
    yield embedded.url
    disk.free()
    embedded.close()


@pytest.fixture
async def world(url: str) -> AsyncIterator[World]:
    await migrate(url)
    engine = make_engine(url)
    try:
        async with open_world(engine, deadline_seconds=20.0, plugins=[]) as world:
            world.servicetrade.state.settings.call_ms = 0
            yield world
    finally:
        await engine.dispose()


class Caller:
    """Persistent: repeats under the same key what was not accepted."""

    def __init__(self, world: World) -> None:
        self._world = world
        state = world.servicetrade.state
        self._customer, self._site = state.add_company(spectrum="HARVIEW"), state.add_location(spectrum="HV0002")
        self.accepted: list[Send] = []
        self.refused = asyncio.Event()

    async def ask(self) -> None:
        """Until some were refused, and some accepted after that."""
        after = 0
        while after < 10:
            job_id = add_completed_job(
                self._world.servicetrade.state,
                600001 + len(self.accepted),
                customer=self._customer,
                site=self._site,
            )
            self.accepted.append(await self._accepted(job_id))
            after += self.refused.is_set()

    async def _accepted(self, job_id: str) -> Send:
        asked = SendRequest(connection=NORTH, job_id=job_id, requested_by="load", items=ItemsMode.NEW_ONLY)
        while True:
            try:
                return await self._world.use_cases.request_send(self._world.tenant.id, asked, idempotency_key=job_id)
            except TimeMends:
                self.refused.set()
                await asyncio.sleep(0.1)


def started_at(url: str) -> object:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT pg_postmaster_start_time()").fetchone()


def end_segment(url: str) -> None:
    """The server's log needs a new file then. Without room for it, the server stops."""
    with suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as connection:
        for _ in range(8):
            connection.execute("SELECT pg_logical_emit_message(true, 'test', 'x')")
            connection.execute("SELECT pg_switch_wal()")


@pytest.mark.parametrize("what", ["tables", "log"])
async def test_the_disk_is_full_under_load_and_has_room_again(
    world: World, disk: SmallDisk, url: str, what: str
) -> None:
    server = Server(Orders(None, free_port(), disk.folder / "serve.log", data_dir=disk.folder))
    await server.start()
    caller = Caller(world)
    started = await asyncio.to_thread(started_at, url)
    try:
        asking = asyncio.create_task(caller.ask())
        await world.spectrum.requests.wait(20, applied=True)
        await asyncio.to_thread(disk.fill)
        if what == "log":
            await asyncio.to_thread(end_segment, url)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await caller.refused.wait()
        await asyncio.sleep(2)  # whoever tries again does so now
        disk.free()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asking
        sends = [
            await world.use_cases.wait_for_send(send.tenant_id, send.id, PATIENCE_SECONDS) for send in caller.accepted
        ]
    finally:
        disk.free()
        await server.stop()

    assert (await asyncio.to_thread(started_at, url) != started) == (what == "log"), "it was started again by itself"
    assert_books_agree(await lines_of(world.use_cases, sends), in_spectrum(world.spectrum.state))
    assert {send.state for send in sends} <= {SendState.SENT, SendState.IN_DOUBT}, "a send is stuck"
    world.clock.advance(16 * 60)
    verdicts = await settle_doubts(world.use_cases, world.tenant.id, world.spectrum.state)
    await world.drain()
    after = [await world.show(send) for send in sends]
    print(f"{len(sends)} sends, {verdicts.total()} doubts settled: {dict(verdicts)}")
    assert {send.state for send in after} == {SendState.SENT}
    assert {line.state for line in await lines_of(world.use_cases, after)} == {LineState.POSTED}
    assert in_spectrum(world.spectrum.state) == expected([f"T{600001 + n}" for n in range(len(sends))])
