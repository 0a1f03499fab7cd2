"""The machine's clock, and so the database's, is set forward and back by hours under load: nothing that was accepted is
lost, and no line is sent twice."""

from __future__ import annotations

import asyncio
import base64
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import psycopg
import pytest

from adapters.outbound.postgres.server.embedded import EmbeddedPostgres
from adapters.outbound.postgres.server.migrate import migrate
from adapters.outbound.postgres.server.programs import RunOptions, run_options
from adapters.outbound.postgres.transactions import make_engine
from core.model.sending.send import Send, SendState
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
from tests.faults.support.shifted_clock import ShiftedClock, shifted_clock
from tests.journeys.world import NORTH, World, open_world
from tests.support.passable import let_pass

pytestmark = pytest.mark.long
PATIENCE_SECONDS = 60.0
ROUND = 12


@pytest.fixture
def clock(tmp_path: Path) -> ShiftedClock:
    let_pass(tmp_path)
    return shifted_clock(tmp_path)


@pytest.fixture
def url(clock: ShiftedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The server gets no environment of ours, except here."""

    def with_the_clock(cluster: Path) -> RunOptions:
        options = run_options(cluster)
        return options | RunOptions(env={**options["env"], **clock.environment})

    with monkeypatch.context() as m:
        m.setattr("adapters.outbound.postgres.server.postmaster.run_options", with_the_clock)
        embedded = EmbeddedPostgres.start(tmp_path / "data")
    yield embedded.url
    embedded.close()


@pytest.fixture
async def world(url: str) -> AsyncIterator[World]:
    await migrate(url)
    engine = make_engine(url)
    async with open_world(engine, deadline_seconds=20.0, plugins=[]) as world:
        world.servicetrade.state.settings.call_ms = 0
        yield world
    await engine.dispose()


@asynccontextmanager
async def working(url: str, clock: ShiftedClock, folder: Path) -> AsyncIterator[None]:
    """`jobferry serve`, whose clock is set, too."""
    port = free_port()
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "adapters.bootstrap", "serve", "--port", str(port)),
            env={
                **os.environ,
                **clock.environment,
                "PYTHONPATH": str(Path(__file__).parents[2]),
                "JOBFERRY_DATABASE_URL": url,
                "JOBFERRY_DATA_DIR": str(folder / "serving"),
                "JOBFERRY_ENCRYPTION_KEY": base64.b64encode(b"k" * 32).decode(),
                "JOBFERRY_ALLOWED_NETWORKS": '["127.0.0.0/8"]',
            },
            stdout=log,
            stderr=log,
        )
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), aiohttp.ClientSession() as session:
            while True:
                try:
                    async with session.get(f"http://127.0.0.1:{port}/livez") as answer:
                        assert answer.status == 200
                        break
                except aiohttp.ClientError:
                    assert process.returncode is None, (folder / "log").read_text()
                    await asyncio.sleep(0.05)
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def database_time(url: str) -> float:
    with psycopg.connect(url) as connection:
        [(seconds,)] = connection.execute("SELECT extract(epoch FROM now())::float").fetchall()
    return float(seconds)


async def test_the_clock_is_set_forward_and_back_under_load(
    world: World, url: str, clock: ShiftedClock, tmp_path: Path
) -> None:
    state, sends = world.servicetrade.state, list[Send]()
    customer, site = state.add_company(spectrum="HARVIEW"), state.add_location(spectrum="HV0002")
    before = await asyncio.to_thread(database_time, url)
    async with working(url, clock, tmp_path):
        for hours in (0, 5, -4, 0):
            clock.set(hours)
            for _ in range(ROUND):
                job_id = add_completed_job(state, 600001 + len(sends), customer=customer, site=site)
                asked = SendRequest(connection=NORTH, job_id=job_id, requested_by="load", items=ItemsMode.NEW_ONLY)
                sends.append(await world.use_cases.request_send(world.tenant.id, asked))
            async with asyncio.timeout(PATIENCE_SECONDS):
                await world.spectrum.requests.wait(len(world.spectrum.requests.applied()) + 5, applied=True)
            if hours == 5:
                assert await asyncio.to_thread(database_time, url) > before + 4 * 3600
        # What was asked for while the clock was ahead is due at that moment.
        clock.set(6)
        at_rest = [await world.use_cases.wait_for_send(send.tenant_id, send.id, PATIENCE_SECONDS) for send in sends]
    assert_books_agree(await lines_of(world.use_cases, at_rest), in_spectrum(world.spectrum.state))
    assert {send.state for send in at_rest} <= {SendState.SENT, SendState.IN_DOUBT}, "a send is stuck"
    world.clock.advance(16 * 60)
    verdicts = await settle_doubts(world.use_cases, world.tenant.id, world.spectrum.state)
    await world.drain()
    after = [await world.show(send) for send in sends]
    print(f"{len(sends)} sends, {verdicts.total()} doubts settled: {dict(verdicts)}")
    assert {send.state for send in after} == {SendState.SENT}
    assert {line.state for line in await lines_of(world.use_cases, after)} == {LineState.POSTED}
    assert in_spectrum(world.spectrum.state) == expected([f"T{600001 + n}" for n in range(len(sends))])
