"""A process that asks hostile servers one after the other while a neighbour's calls go on, and tells what it cost.

Reads a Task as JSON from stdin, writes one JSON object an attack to stdout.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from adapters.bootstrap.log import configure_log
from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from core.model.catalogue import CATALOGUE
from core.model.sending.answer import Accepted, Refused
from core.model.sending.diagnosis import diagnose
from core.model.shared.errors import JobferryError, TimeMends
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, ServiceTradeAccount
from tests.support.spectrum_scene import FIELDS, target

LOOPBACK = [ip_network("127.0.0.0/8")]
DEADLINE = 1.0
PATIENCE = 15.0
"""For a neighbour, in seconds: a busy machine may not serve it within its first deadlines. Whoever waits inside the
event loop uses no processor, and is found by this."""
PEAK = Path("/proc/self/status")


def peak_bytes() -> int:
    """The most memory that this process ever held."""
    if PEAK.exists():
        line = next(line for line in PEAK.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def account(url: str, tenant: str) -> ServiceTradeAccount:
    return ServiceTradeAccount(tenant, f"{url}/api", PasswordLogin("ada", Secret("right")))


async def main(task: dict[str, Any]) -> None:
    async with (
        AiohttpServiceTrade.open(timeout_seconds=DEADLINE, allowed_networks=LOOPBACK) as service_trade,
        SoapSpectrum(allowed_networks=LOOPBACK, deadline_seconds=DEADLINE) as spectrum,
    ):

        async def ask_spectrum(url: str) -> str:
            outcome = (await spectrum.write_header(target(url), FIELDS, leave_by=None)).outcome
            if isinstance(outcome, Accepted):
                return "accepted"
            code = diagnose(outcome).findings[0].code
            return f"refused {code}" if isinstance(outcome, Refused) else code

        async def ask_servicetrade(url: str) -> str:
            try:
                await service_trade.check(account(url, url))
            except JobferryError as error:
                return error.code if error.code in CATALOGUE and error.fix else f"unknown code {error.code}"
            return "accepted"

        async def neighbour() -> float:
            """What another tenant does at the same time: a sign-in afresh, a record, a write. In seconds of the
            processor that the event loop used meanwhile: a busy machine makes everything wait, and uses none."""
            since = time.thread_time()
            async with asyncio.timeout(PATIENCE):
                while not await served():
                    pass
            return time.thread_time() - since

        async def served() -> bool:
            """False where the deadline was too short for it, as it may be on a busy machine."""
            try:
                await service_trade.check(account(task["good_servicetrade"], "neighbour"))
            except TimeMends:
                return False
            told = await ask_spectrum(task["good_spectrum"])
            assert told in ("accepted", "OUTCOME_UNKNOWN"), told
            return told == "accepted"

        asks: dict[str, Callable[[str], Awaitable[str]]] = {"spectrum": ask_spectrum, "servicetrade": ask_servicetrade}
        await neighbour()
        for system, name, url in task["attacks"]:
            before, began = peak_bytes(), time.monotonic()
            attack = asyncio.create_task(_code(asks[system](url)))
            slowest = 0.0
            while not attack.done():
                slowest = max(slowest, await neighbour())
            told = {
                "system": system,
                "name": name,
                "code": await attack,
                "seconds": time.monotonic() - began,
                "grown": peak_bytes() - before,
                "neighbour": slowest,
            }
            print(json.dumps(told), flush=True)


async def _code(call: Awaitable[str]) -> str:
    try:
        return await call
    except Exception as error:
        return f"escaped: {type(error).__name__}"


if __name__ == "__main__":
    configure_log("warning")
    asyncio.run(main(json.load(sys.stdin)))
