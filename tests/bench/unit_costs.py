"""What one request, one send and one cost line cost: processor, commits, rows and bytes. For docs/sizing.md.

`python -m tests.bench.unit_costs` measures an installation on the embedded database with a worker process of its own.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import astuple, dataclass
from itertools import islice
from pathlib import Path

import psycopg
from rich.console import Console
from rich.table import Table

from adapters.bootstrap.log import configure_log
from adapters.bootstrap.runtime import Runtime
from adapters.bootstrap.settings import Settings
from core.model.work_orders.cost_line import ItemsMode
from tests.bench.installation import Place, add_tenant, add_tenants, installation
from tests.bench.requests import ends_of, make_due, request_one, store_all
from tests.bench.sandboxes import sandboxes
from tests.bench.worker_process import worker_process

SENDS, SENDS_WITH_LINES, LINES = 1000, 40, 25
TENANTS, CONNECTIONS = 8, 25
_TICKS = os.sysconf("SC_CLK_TCK")
_TABLES = "SELECT relname FROM pg_stat_user_tables"
_BYTES = "SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables"
_WRITTEN = "SELECT xact_commit, pg_current_wal_lsn() - '0/0' FROM pg_stat_database WHERE datname = current_database()"


@dataclass(frozen=True, slots=True)
class Costs:
    """Of one unit, or counted since the beginning."""

    ours_ms: float
    postgres_ms: float
    commits: float
    rows: float
    stored_bytes: float
    wal_bytes: float

    def since(self, before: Costs, units: int) -> Costs:
        """Of each of so many units since then."""
        return Costs(*((now - then) / units for now, then in zip(astuple(self), astuple(before), strict=True)))


class Counters:
    """`pid` is the process whose work is ours."""

    def __init__(self, runtime: Runtime, settings: Settings) -> None:
        self._url = runtime.database_url
        pid_file = next(Path(settings.data_dir).rglob("postmaster.pid"))
        self._postmaster = int(pid_file.read_text(encoding="utf-8").split()[0])

    def read(self, pid: int) -> Costs:
        time.sleep(1)  # PostgreSQL's sessions hand over their counts after a second
        with psycopg.connect(self._url, autocommit=True) as database:
            database.execute("VACUUM")
            tables = [name for (name,) in database.execute(_TABLES)]
            rows = sum(_one(database, f'SELECT count(*) FROM "{table}"') for table in tables)
            stored = _one(database, _BYTES)
            commits, wal = database.execute(_WRITTEN).fetchone() or (0, 0)
        return Costs(_own_ms(pid), self._postgres_ms(), commits, rows, float(stored), float(wal))

    def _postgres_ms(self) -> float:
        """Of the server's processes, also of those that have ended."""
        children = Path(f"/proc/{self._postmaster}/task/{self._postmaster}/children").read_text(encoding="ascii")
        ended = _stat(self._postmaster)[15:17]
        total = sum(map(int, ended)) * 1000 / _TICKS
        for pid in children.split():
            with suppress(FileNotFoundError):  # a session that has ended meanwhile
                total += _own_ms(int(pid))
        return total


def _one(database: psycopg.Connection, query: str) -> int:
    row = database.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0


def _own_ms(pid: int) -> float:
    user, system = _stat(pid)[13:15]
    return (int(user) + int(system)) * 1000 / _TICKS


def _stat(pid: int) -> list[str]:
    text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    name_ends = text.rindex(")")
    return ["", "", *text[name_ends + 2 :].split()]


async def measured() -> dict[str, Costs]:
    async with AsyncExitStack() as stack:
        bench = stack.enter_context(sandboxes(SENDS * 4))
        with_items = stack.enter_context(sandboxes(SENDS_WITH_LINES * 2, LINES))
        runtime, settings = await stack.enter_async_context(installation())
        places = await add_tenants(runtime, bench.systems, TENANTS, CONNECTIONS)
        for_lines = await add_tenant(runtime, with_items.systems, "lines", CONNECTIONS)
        counters, url = Counters(runtime, settings), runtime.database_url

        async def send(where: Sequence[Place], jobs: Iterable[str], items: ItemsMode = ItemsMode.NONE) -> Costs:
            ids = await store_all(url, where, jobs, due=False, items=items)
            before = counters.read(worker)
            await make_due(url, ids)
            await ends_of(url, ids)
            return counters.read(worker).since(before, len(ids))

        jobs, complete, asked = iter(bench.job_ids), iter(with_items.job_ids), []
        for _ in range(2):  # the first one warms up, here and below
            before = counters.read(os.getpid())
            for number, job in enumerate(islice(jobs, SENDS)):
                asked.append((await request_one(runtime, places[number % len(places)], job)).id)
            request = counters.read(os.getpid()).since(before, SENDS)
        worker = await stack.enter_async_context(worker_process(settings, TENANTS * CONNECTIONS))
        await ends_of(url, asked)
        for _ in range(2):
            plain = await send(places, islice(jobs, SENDS))
            whole = await send(for_lines, islice(complete, SENDS_WITH_LINES), ItemsMode.NEW_ONLY)
        return {
            "a request": request,
            "a send without items": plain,
            "each cost line more": whole.since(plain, LINES),
        }


def show(costs: dict[str, Costs]) -> None:
    table = Table("", "ours, ms", "PostgreSQL, ms", "commits", "rows", "bytes stored", "bytes of WAL")
    for what, one in costs.items():
        table.add_row(what, *(f"{value:,.2f}" if value < 100 else f"{value:,.0f}" for value in astuple(one)))
    Console(width=120).print(table)


if __name__ == "__main__":
    configure_log("error")
    show(asyncio.run(measured()))
