"""Both sandboxes in a process of their own, without latency, full of jobs that all go through."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from multiprocessing.connection import Connection as Pipe

import aiohttp

from adapters.sandbox.servicetrade.sandbox import ServiceTradeSandbox
from adapters.sandbox.servicetrade.state import ServiceTradeState
from adapters.sandbox.spectrum.sandbox import SpectrumSandbox
from tests.bench.bare_send import Systems

CONNECTIONS = 50
"""A tenant's connections at most, if nobody asks for more: so many external systems hold the codes."""
AUTHORIZATION, COMPANY = "SANDBOX-101", "101"
ITEM_CODE, QUANTITY = "GAUGE-300", Decimal(2)


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the sandboxes listen, and jobs to send. Their control port takes lines away again."""

    systems: Systems
    job_ids: list[str]
    control_urls: tuple[str, str]
    """ServiceTrade's and Spectrum's."""

    async def answer_after(self, seconds: float) -> None:
        """Every answer of both systems comes so many seconds late; 0 ends that."""
        fault = {"kind": "latency", "match": "/", "seconds": seconds, "times": -1}
        async with aiohttp.ClientSession() as session:
            for url in self.control_urls:
                async with session.delete(f"{url}/faults") as answer:
                    answer.raise_for_status()
                if seconds:
                    async with session.post(f"{url}/faults", json=fault) as answer:
                        answer.raise_for_status()

    async def take_lines_away(self) -> None:
        """The simulated ledger gets slower as it grows, which is no merit of either side."""
        empty: dict[str, object] = {"companies": {COMPANY: {"material": [], "charges": []}}}
        url = f"{self.control_urls[1]}/state"
        async with aiohttp.ClientSession() as session, session.patch(url, json=empty) as answer:
            answer.raise_for_status()


@contextmanager
def sandboxes(jobs: int, items: int = 0, connections: int = CONNECTIONS) -> Iterator[Bench]:
    """`items` parts go on every job; such jobs are completed. A tenant may have so many `connections`."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(theirs, jobs, items, connections), daemon=True)
    process.start()
    theirs.close()  # so that `recv` raises if the process ends before it is ready
    try:
        yield ours.recv()
    finally:
        ours.send("stop")
        process.join()


def system(number: int) -> str:
    """The external system of a tenant's connection."""
    return f"spectrum_{number}"


def _run(pipe: Pipe, jobs: int, items: int, connections: int) -> None:
    asyncio.run(_serve(pipe, jobs, items, connections))


async def _serve(pipe: Pipe, jobs: int, items: int, connections: int) -> None:
    systems = [system(number) for number in range(connections)]
    state = ServiceTradeState(external_systems=systems)
    state.settings.call_ms = 0  # the server-time budget is not what is measured
    customer = state.add_company(**dict.fromkeys(systems, "HARVIEW"))
    site = state.add_location(**dict.fromkeys(systems, "HV0002"))
    contract = state.add_contract(**dict.fromkeys(systems, "HV-MSA-26"))
    ids = [
        state.add_job(
            str(100000 + number),
            customer=customer,
            location=site,
            contract=contract,
            customer_po="PO-1",
            description="Replace leaking check valve on riser 2 and retest.",
        )
        for number in range(jobs)
    ]
    for job_id in ids if items else ():
        state.complete(job_id)
        for _ in range(items):
            state.add_job_item(job_id, "Pressure gauge 300 psi", code=ITEM_CODE, quantity=QUANTITY)
    async with ServiceTradeSandbox.start(state=state) as servicetrade, SpectrumSandbox.start() as spectrum:
        addresses = Systems(
            servicetrade.url,
            spectrum.url,
            state.login.username,
            state.login.password,
            AUTHORIZATION,
            COMPANY,
            systems[0],
        )
        pipe.send(Bench(addresses, ids, (servicetrade.control_url, spectrum.control_url)))
        await asyncio.to_thread(pipe.recv)
