"""How many cost lines a second go through Jobferry, beside a bare script that posts the same lines, built beforehand.

Both are measured in turn, in one run, against the same sandboxes without latency; the figures to keep are the ratios.
Jobferry's time holds all of a send: reading job and items, planning, the header and the number written back too.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import aiohttp
from rich.console import Console
from rich.table import Table

from adapters.bootstrap.commands.init import initialise
from adapters.bootstrap.log import configure_log
from adapters.bootstrap.runtime import Runtime, open_runtime
from adapters.bootstrap.settings import load_settings
from adapters.outbound.spectrum.envelope import build
from core.model.sending.send import SendState
from core.model.shared.figures import plain
from core.model.work_orders.cost_line import ITEM_CODE, QUANTITY, ItemsMode
from core.model.work_orders.work_order import AUTHORIZATION_ID, COMPANY_CODE, GUID, NUMBER
from core.services.sending.request_send import SendRequest
from tests.bench import sandboxes as simulated
from tests.bench.bare_send import Systems
from tests.bench.send_bench import furnished, take

SERVICE = "AddWOMaterialCost"


async def main(sends: int, lines: int, rounds: int) -> None:
    configure_log("error")
    console = Console()
    jobs_needed = sends * (rounds + 1) * 2
    with simulated.sandboxes(jobs_needed, lines) as bench, tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        jobs = iter(bench.job_ids)
        settings = load_settings({"data_dir": folder, "allowed_networks": ["127.0.0.0/8"], "worker_concurrency": 4})
        await initialise(settings)
        async with open_runtime(settings) as runtime, furnished(runtime, bench.systems) as tenant_id:
            for connections in (1, len(simulated.SYSTEMS)):
                pairs = []
                for round_number in range(rounds + 1):
                    ours, numbers = await time_jobferry(runtime, tenant_id, take(jobs, sends), connections, lines)
                    await take_lines_away(bench.spectrum_control_url)
                    bodies = [body(bench.systems, number) for number in numbers for _ in range(lines)]
                    theirs = await time_bare(bench.systems, bodies, connections)
                    await take_lines_away(bench.spectrum_control_url)
                    if round_number:  # the first is to warm up
                        pairs.append((ours, theirs))
                report(console, connections, sends, lines, pairs)


async def time_jobferry(
    runtime: Runtime, tenant_id: str, jobs: Sequence[str], connections: int, lines: int
) -> tuple[float, list[str]]:
    """Seconds from the start of the worker to the last send's end, and the work orders. Requests are stored before."""
    slugs = [system.replace("_", "-") for system in simulated.SYSTEMS[:connections]]
    sends = []
    for place, job_id in enumerate(jobs):
        request = SendRequest(
            connection=slugs[place % connections], job_id=job_id, requested_by="bench", items=ItemsMode.NEW_ONLY
        )
        sends.append(await runtime.use_cases.request_send(tenant_id, request))
    started = time.time()
    async with runtime.working():
        ends = [await runtime.use_cases.wait_for_send(tenant_id, send.id, 600) for send in sends]
    if any(end.state is not SendState.SENT or not end.plan or len(end.plan.lines) != lines for end in ends):
        raise RuntimeError("a send of the benchmark did not end well")
    seconds = max(end.finished_at for end in ends if end.finished_at).timestamp() - started
    return seconds, [end.work_order_number or "" for end in ends]


async def time_bare(at: Systems, bodies: Sequence[bytes], lanes: int) -> float:
    """One connection a call, as Jobferry does it too, and nothing but the calls."""
    url = f"{at.spectrum_url}/ws/{SERVICE}"
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{url}"'}

    async def lane(number: int) -> None:
        for one in bodies[number::lanes]:
            connector = aiohttp.TCPConnector(force_close=True)
            async with (
                aiohttp.ClientSession(connector=connector) as fresh,
                fresh.post(url, data=one, headers=headers) as response,
            ):
                text = await response.text()
                if response.status != 200 or f"{SERVICE}Response" not in text or "<error_code>" in text:
                    raise RuntimeError(f"the sandbox refused: {text[:300]}")

    started = time.perf_counter()
    await asyncio.gather(*(lane(number) for number in range(lanes)))
    return time.perf_counter() - started


def body(at: Systems, number: str) -> bytes:
    fields = {
        AUTHORIZATION_ID: at.authorization_id,
        GUID: str(uuid4()),
        COMPANY_CODE: at.company_code,
        NUMBER: number,
        ITEM_CODE: simulated.ITEM_CODE,
        QUANTITY: plain(simulated.QUANTITY),
    }
    return build(SERVICE, fields)


async def take_lines_away(control_url: str) -> None:
    """The simulated ledger gets slower as it grows, which would be nobody's merit."""
    empty: dict[str, object] = {"companies": {simulated.COMPANY: {"material": [], "charges": []}}}
    async with aiohttp.ClientSession() as session, session.patch(f"{control_url}/state", json=empty) as response:
        response.raise_for_status()


def report(console: Console, connections: int, sends: int, lines: int, pairs: Sequence[tuple[float, float]]) -> None:
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(mine / bare for mine, bare in pairs)
    count = sends * lines
    title = f"{sends} sends of {lines} lines over {connections} connection(s), median of {len(pairs)} rounds"
    table = Table(title=title)
    for name in ("", "Jobferry", "bare script", "Jobferry / bare"):
        table.add_column(name, justify="left" if not name else "right")
    table.add_row("lines a second", f"{count / ours:.1f}", f"{count / theirs:.1f}", f"{1 / ratio:.2f}")
    table.add_row("milliseconds a line", f"{ours / count * 1000:.1f}", f"{theirs / count * 1000:.1f}", f"{ratio:.2f}")
    console.print(table)
    added = statistics.median((mine - bare) / count * 1000 for mine, bare in pairs)
    share = statistics.median((mine - bare) / mine for mine, bare in pairs)
    console.print(f"Beyond the call itself, Jobferry adds {added:.1f} ms to a line: {share:.0%} of its time.\n")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sends", type=int, default=12, help="sends a round (default 12)")
    arguments.add_argument("--lines", type=int, default=25, help="lines a send (default 25)")
    arguments.add_argument("--rounds", type=int, default=5, help="counted rounds (default 5)")
    given = arguments.parse_args()
    asyncio.run(main(given.sends, given.lines, given.rounds))
