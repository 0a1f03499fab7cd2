"""Ten times as many callers as a process can take: it goes on at its capacity, refuses the rest with when to come back,
loses nothing that it accepted, and people, health checks and metrics do not notice."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median_low
from typing import cast

import aiohttp
import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.argon2_passwords import Argon2Passwords
from core.model.access.caller import Caller
from core.model.access.person import Role
from core.services.access.api_keys import KeyRequest
from core.services.wiring import Services
from tests.support.browser_scene import Browser
from tests.support.dependencies import over
from tests.support.http_scene import QUICK_PASSWORDS, Scene
from tests.support.storage_scene import MASTER_KEY, furnish

pytestmark = pytest.mark.long

PLACES, TENFOLD = 40, 400
"""`JOBFERRY_REQUESTS_AT_ONCE`, and the callers."""
SECONDS, ROUNDS = 4.0, 2
AT_LEAST = 0.8
TIMES, SECONDS_MORE = 5.0, 0.5
"""What others wait at tenfold is compared with what they wait in the same minutes with callers that are not refused:
how long a page takes, and a password above all, depends on what else the machine does. A structural wait behind the
refused callers would be ten times as long, in each round."""
HUNG_SECONDS = 60.0
KEYS = 4
PASSWORD = "a long and quiet afternoon"


@dataclass
class Callers:
    """Each asks for one send after the other, as fast as it is answered, and never waits as it is told to."""

    host: str
    port: str
    keys: list[str]
    pid: int
    answers: Counter[int] = field(default_factory=Counter)
    made: int = 0
    by_the_clock: dict[int, list[float]] = field(default_factory=dict)
    """By the number of callers: how many requests were accepted in a second of the clock, in each round. That is what a
    caller sees, but it depends on what else the machine does, so it is only printed."""

    async def all_ask(self, callers: int, seconds: float) -> float:
        """How many requests were accepted for each second of the server's processor time: other work of the machine
        changes how many there are in a second of the clock. When the time is over, those who are held wait for their
        answers, while nobody asks: what the server does then for others is not counted."""
        lines = [await asyncio.open_connection(self.host, self.port) for _ in range(callers)]
        before, used, until = self.answers[202], processor_seconds(self.pid), time.monotonic() + seconds
        async with asyncio.TaskGroup() as asking:
            for n, line in enumerate(lines):
                asking.create_task(self._ask(self.keys[n % KEYS], until, *line))
            began = time.monotonic()
            await asyncio.sleep(seconds)
            rate = (self.answers[202] - before) / (time.monotonic() - began)
            self.by_the_clock.setdefault(callers, []).append(rate)
            return (self.answers[202] - before) / (processor_seconds(self.pid) - used)

    async def _ask(self, key: str, until: float, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while time.monotonic() < until:
                self.made += 1
                body = json.dumps({"job_id": str(1_000_000 + self.made), "connection": "main-1"})
                writer.write(
                    f"POST /v1/tenants/tenant-1/sends HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
                    f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
                )
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                status = int(head[9:12])
                await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
                self.answers[status] += 1
                assert status == 202 or (status == 503 and b"retry-after: 5" in head), head
        finally:
            writer.close()


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass
class Others:
    """Somebody who signs in and works at the console, a probe, and Prometheus: how long each waited for an answer, by
    the number of callers beside them."""

    url: str
    http: aiohttp.ClientSession
    beside: int = 0
    waited: dict[int, dict[str, list[float]]] = field(default_factory=dict)

    async def go_on(self) -> None:
        """Until it is cancelled."""
        browser = Browser(cast(Scene, self))
        next_sign_in = time.monotonic()
        while True:
            if time.monotonic() >= next_sign_in:  # it is work for the processor: as much of it in each round
                next_sign_in += SECONDS
                await self._timed("sign-in", browser.sign_in("ann@example.com", PASSWORD))
            for path in ("/livez", "/readyz", "/metrics", "/t/tenant-1", "/t/tenant-1/sends", "/sign-in"):
                await self._timed(path, browser.open(path))
                assert browser.status == 200, (path, browser.status)
            await asyncio.sleep(0.2)

    async def _timed(self, name: str, looks: Awaitable[object]) -> None:
        began, beside = time.monotonic(), self.beside
        async with asyncio.timeout(HUNG_SECONDS):
            await looks
        self.waited.setdefault(beside, {}).setdefault(name, []).append(time.monotonic() - began)

    def usual(self, beside: int) -> dict[str, float]:
        """How long each waits usually, beside so many callers. One long wait may be that of the machine."""
        return {name: round(median_low(waited), 2) for name, waited in self.waited[beside].items()}


@asynccontextmanager
async def serving(folder: Path, database_url: str) -> AsyncIterator[tuple[str, int]]:
    """The address and the process of a `jobferry serve` without a worker: what it accepts stays to be counted."""
    settings = {
        "JOBFERRY_DATABASE_URL": database_url,
        "JOBFERRY_DATA_DIR": str(folder),
        "JOBFERRY_ENCRYPTION_KEY": base64.b64encode(MASTER_KEY).decode(),
        "JOBFERRY_REQUESTS_AT_ONCE": str(PLACES),
        "JOBFERRY_RATE_LIMIT_PER_MINUTE": "0",
        "JOBFERRY_WAITING_SENDS_PER_TENANT": "0",
        "JOBFERRY_TRUSTED_PROXIES": '["127.0.0.0/8"]',
        "JOBFERRY_LOG_LEVEL": "error",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "adapters.bootstrap", "serve", "--no-worker", "--port", "0"),
        cwd=folder,
        env=os.environ | settings,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    try:
        yield (await process.stdout.readline()).decode().split()[-1], process.pid
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def test_at_ten_times_its_capacity_it_works_on_and_loses_nothing(
    engine: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    transactions = await furnish(engine)
    use_cases = Services(replace(over(transactions), passwords=QUICK_PASSWORDS)).use_cases
    keys = [(await use_cases.api_keys.create(KeyRequest(name=f"k{n}"), Caller())).text for n in range(KEYS)]
    by = Caller(who="test")
    await use_cases.manage_people.add("ten_1", "ann@example.com", "Ann", Role.SENDER, by=by)
    # Of the usual strength: another hash would be made anew with the first sign-in.
    people = Services(replace(over(transactions), passwords=Argon2Passwords())).use_cases.manage_people
    await people.set_password("ten_1", "ann@example.com", PASSWORD, by=by)
    of_prometheus = {"Authorization": f"Bearer {keys[0]}"}
    async with serving(tmp_path, database_url) as (url, pid), aiohttp.ClientSession(headers=of_prometheus) as http:
        host, port = url.removeprefix("http://").split(":")
        callers = Callers(host, port, keys, pid)
        others = Others(url, http)
        going_on = asyncio.create_task(others.go_on())
        await callers.all_ask(PLACES // 2, SECONDS / 3)  # not measured: the first ones find nothing prepared
        capacity = goodput = 0.0
        for _ in range(ROUNDS):  # in turn, as the machine has other work, too
            refused, others.beside = callers.answers[503], PLACES // 2
            capacity += await callers.all_ask(PLACES // 2, SECONDS) / ROUNDS
            assert callers.answers[503] == refused
            others.beside = TENFOLD
            goodput += await callers.all_ask(TENFOLD, SECONDS) / ROUNDS
        assert not going_on.done(), going_on
        going_on.cancel()
    without, beside = others.usual(PLACES // 2), others.usual(TENFOLD)
    print(
        f"in a second of the processor {capacity:.0f}, at tenfold {goodput:.0f}; {callers.answers}; "
        f"others wait {without}, at tenfold {beside}; "
        f"in a second of the clock, by callers: {callers.by_the_clock}"
    )
    assert callers.answers[503] >= TENFOLD - PLACES
    assert goodput >= AT_LEAST * capacity
    assert len(without) == len(beside) == 7
    assert not {name: seconds for name, seconds in beside.items() if seconds > TIMES * without[name] + SECONDS_MORE}
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        stored = await (await connection.execute("SELECT count(*) FROM sends")).fetchone()
    assert stored == (callers.answers[202],), "accepted and lost: none"
