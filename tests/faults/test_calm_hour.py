"""An hour of an installation at work, at speed: one scrape a second of its processes stands for a minute. In calm no
alert of the samples fires; with Spectrum away, the one for that does."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from adapters.bootstrap.settings import Settings
from core.model.access.caller import Caller
from core.services.access.api_keys import KeyRequest
from tests.bench.installation import add_tenant_to, installation
from tests.bench.sandboxes import sandboxes
from tests.faults.support.proxy import Proxy
from tests.units.test_deploy_files import DEPLOY, RULES, check_rules, expects, needed, series

pytestmark = pytest.mark.long

CALM, FAULTY = 62, 40
"""Minutes. One alert looks back an hour, and the one for a silent Spectrum waits half an hour."""
TENANT, CONNECTIONS, ITEMS = "cardinal", 4, 2


@dataclass
class Watch:
    """What a Prometheus would store: for each series a value a minute, `_` where a process did not tell it."""

    targets: Sequence[str]
    minutes: int = 0
    stored: dict[str, list[str]] = field(default_factory=dict)

    async def scrape(self, http: aiohttp.ClientSession) -> None:
        told: dict[str, str] = {}
        for target in self.targets:
            own = f'instance="{target.removeprefix("http://")}",job="jobferry"'
            try:
                async with http.get(f"{target}/metrics") as answer:
                    text = await answer.text() if answer.status == 200 else ""
            except aiohttp.ClientError:
                text = ""
            told[f"up{{{own}}}"] = "1" if text else "0"
            for line in text.splitlines():
                if not line.startswith("#"):
                    name, _, value = line.rpartition(" ")
                    told[f"{name[:-1]},{own}}}" if name.endswith("}") else f"{name}{{{own}}}"] = value
        for name in self.stored.keys() | told.keys():
            self.stored.setdefault(name, ["_"] * self.minutes).append(told.get(name, "_"))
        self.minutes += 1

    def input_series(self) -> list[dict[str, str]]:
        return [series(name, " ".join(values)) for name, values in self.stored.items()]

    def last(self, name: str) -> float:
        """Over all processes."""
        return max(float(values[-1]) for one, values in self.stored.items() if one.startswith(name))


@asynccontextmanager
async def process(settings: Settings, *command: str) -> AsyncIterator[str]:
    """`jobferry COMMAND` on that installation, at the address that is yielded."""
    own = {"JOBFERRY_ALLOWED_NETWORKS": '["127.0.0.0/8"]', "JOBFERRY_LOG_LEVEL": "error"}
    ours = (sys.executable, "-m", "adapters.bootstrap", "--data-dir", str(settings.data_dir), *command, "--port", "0")
    one = await asyncio.create_subprocess_exec(*ours, env=os.environ | own, stdout=asyncio.subprocess.PIPE)
    try:
        assert one.stdout
        async with asyncio.timeout(60):
            said = await one.stdout.readline()
        yield said.decode().split()[-1]
    finally:
        one.terminate()
        await one.communicate()


async def one_minute(http: aiohttp.ClientSession, url: str, job_id: str, connection: str) -> None:
    """What an office and its programs ask: a job is sent, and lists and pages are looked at."""
    body = {"job_id": job_id, "connection": connection, "items": "new_only"}
    async with http.post(f"{url}/v1/tenants/{TENANT}/sends", json=body) as answer:
        assert answer.status == 202, await answer.text()
    for path in ("/livez", "/readyz", "/sign-in", f"/v1/tenants/{TENANT}/sends"):
        async with http.get(url + path) as answer:
            assert answer.status == 200, await answer.text()


async def until_a_worker_is_known(http: aiohttp.ClientSession, *targets: str) -> None:
    """What is read from the database is told for up to five seconds: at this speed five minutes."""
    async with asyncio.timeout(60):
        for target in targets:
            watch = Watch((target,))
            while not watch.stored or watch.last("jobferry_workers_alive") != 1:
                await watch.scrape(http)
                await asyncio.sleep(0.2)


async def test_an_hour_of_calm_work_fires_no_alert_and_spectrum_away_fires_its_own(tmp_path: Path) -> None:
    needed("promtool")
    async with AsyncExitStack() as stack:
        bench = stack.enter_context(sandboxes(CALM + FAULTY, ITEMS, connections=CONNECTIONS))
        runtime, settings = await stack.enter_async_context(installation())
        spectrum = await stack.enter_async_context(AsyncExitStack())
        line = await spectrum.enter_async_context(Proxy.before(bench.systems.spectrum_url))
        address = line.url + URL(bench.systems.spectrum_url).path.rstrip("/")
        places = await add_tenant_to(runtime, bench.systems, TENANT, [address] * CONNECTIONS)
        key = await runtime.use_cases.api_keys.create(KeyRequest(name="prometheus"), Caller())
        serve = await stack.enter_async_context(process(settings, "serve", "--no-worker"))
        worker = await stack.enter_async_context(process(settings, "worker"))
        headers = {"Authorization": f"Bearer {key.text}"}
        http = await stack.enter_async_context(aiohttp.ClientSession(headers=headers))
        await until_a_worker_is_known(http, serve, worker)
        watch, began = Watch((serve, worker)), time.monotonic()
        for minute, job_id in enumerate(bench.job_ids):
            if minute == CALM:
                calm = watch.input_series()
                sent = watch.last('jobferry_sends{state="sent"')
                await spectrum.aclose()  # nobody listens there any more
            await one_minute(http, serve, job_id, places[minute % CONNECTIONS].slug)
            await watch.scrape(http)
            await asyncio.sleep(max(0.0, began + minute + 1 - time.monotonic()))
    assert sent >= CALM / 2, "work was done meanwhile"
    names = [rule["alert"] for rule in RULES]
    never = [expects(name, f"{minute}m", fires=False) for name in names for minute in range(CALM)]
    away = [
        expects(name, f"{CALM + FAULTY - 1}m", fires=True)
        for name in ("JobferrySpectrumSilent", "JobferryConnectionsHeld")
    ]
    check_rules(
        tmp_path,
        DEPLOY / "alerts.yaml",
        [
            {"interval": "1m", "input_series": calm, "alert_rule_test": never},
            {"interval": "1m", "input_series": watch.input_series(), "alert_rule_test": away},
        ],
    )
