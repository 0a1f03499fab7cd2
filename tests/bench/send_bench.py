"""What Jobferry adds to the remote calls of a send, beside a bare script that makes the same calls and stores nothing.

Both are measured in turn, in one run, against the same sandboxes without latency; the figures to keep are the ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path

import aiohttp
from rich.console import Console
from rich.table import Table

from adapters.bootstrap.commands.init import initialise
from adapters.bootstrap.log import configure_log
from adapters.bootstrap.runtime import Runtime, open_runtime
from adapters.bootstrap.settings import load_settings
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.endpoint import Endpoint
from core.model.sending.send import SendState
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, Tenant
from core.services.sending.request_send import SendRequest
from tests.bench.bare_send import BareSend, Systems
from tests.bench.sandboxes import AUTHORIZATION_ID, COMPANY, SYSTEMS, sandboxes

LETTERS = "ABCD"


async def main(sends: int, rounds: int) -> None:
    configure_log("error")
    console = Console()
    with sandboxes(sends * (rounds + 1) * 4) as bench, tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        jobs = iter(bench.job_ids)
        settings = load_settings({"data_dir": folder, "allowed_networks": ["127.0.0.0/8"], "worker_concurrency": 4})
        await initialise(settings)
        async with aiohttp.ClientSession() as session:
            bare = BareSend(bench.systems, session)
            await bare.sign_in()
            async with open_runtime(settings) as runtime, furnished(runtime, bench.systems) as tenant_id:
                for connections in (1, len(SYSTEMS)):
                    pairs = []
                    for round_number in range(rounds + 1):
                        ours = await time_jobferry(runtime, tenant_id, take(jobs, sends), connections)
                        theirs = await time_bare(bare, take(jobs, sends), connections)
                        if round_number:  # the first is to warm up
                            pairs.append((ours, theirs))
                    report(console, connections, sends, pairs)


@asynccontextmanager
async def furnished(runtime: Runtime, at: Systems) -> AsyncIterator[str]:
    """A tenant with four connections to one Spectrum company, told apart by their leading letters."""
    login = PasswordLogin(at.username, Secret(at.password))
    tenant = await runtime.use_cases.add_tenant(
        Tenant(id="", slug="bench", name="Bench", base_url=at.servicetrade_url), login
    )
    for system, letter in zip(SYSTEMS, LETTERS, strict=True):
        connection = Connection(
            id="new",
            tenant_id="new",
            slug=system.replace("_", "-"),
            name=system,
            external_system=system,
            endpoint=Endpoint.parse(at.spectrum_url),
            company_code=COMPANY,
            leading_character=letter,
        )
        await runtime.use_cases.add_connection(tenant.id, connection, ConnectionSecrets(Secret(AUTHORIZATION_ID)))
    yield tenant.id


async def time_jobferry(runtime: Runtime, tenant_id: str, jobs: Sequence[str], connections: int) -> float:
    """Seconds from the start of the worker to the last send's end; the requests are stored before."""
    slugs = [system.replace("_", "-") for system in SYSTEMS[:connections]]
    sends = []
    for place, job_id in enumerate(jobs):
        request = SendRequest(connection=slugs[place % connections], job_id=job_id, requested_by="bench")
        sends.append(await runtime.use_cases.request_send(tenant_id, request))
    last_of_each = sends[-connections:]
    started = time.perf_counter()
    async with runtime.working():
        ends = [await runtime.use_cases.wait_for_send(tenant_id, send.id, 120) for send in last_of_each]
        seconds = max(end.finished_at for end in ends if end.finished_at).timestamp() - _epoch(started)
    if any(end.state is not SendState.SENT for end in ends):
        raise RuntimeError("a send of the benchmark did not end well")
    return seconds


async def time_bare(bare: BareSend, jobs: Sequence[str], lanes: int) -> float:
    async def lane(number: int) -> None:
        for job_id in jobs[number::lanes]:
            await bare(job_id)

    started = time.perf_counter()
    await asyncio.gather(*(lane(number) for number in range(lanes)))
    return time.perf_counter() - started


def report(console: Console, connections: int, sends: int, pairs: Sequence[tuple[float, float]]) -> None:
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(mine / bare for mine, bare in pairs)
    table = Table(title=f"{sends} sends over {connections} connection(s), median of {len(pairs)} rounds")
    for name in ("", "Jobferry", "bare script", "Jobferry / bare"):
        table.add_column(name, justify="left" if not name else "right")
    table.add_row("sends a second", f"{sends / ours:.1f}", f"{sends / theirs:.1f}", f"{1 / ratio:.2f}")
    table.add_row("milliseconds a send", f"{ours / sends * 1000:.1f}", f"{theirs / sends * 1000:.1f}", f"{ratio:.2f}")
    console.print(table)
    added = statistics.median((mine - bare) / sends * 1000 for mine, bare in pairs)
    console.print(f"Beyond the remote calls, Jobferry adds {added:.1f} ms to a send.\n")


def take(jobs: Iterator[str], count: int) -> list[str]:
    return list(islice(jobs, count))


def _epoch(started: float) -> float:
    """The wall-clock moment of a perf_counter reading, to compare with what the database holds."""
    return time.time() - (time.perf_counter() - started)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sends", type=int, default=100, help="sends a round (default 100)")
    arguments.add_argument("--rounds", type=int, default=5, help="counted rounds (default 5)")
    given = arguments.parse_args()
    asyncio.run(main(given.sends, given.rounds))
