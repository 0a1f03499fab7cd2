"""Sends of every age in a real database, from one just requested to one that a kill cut short: what a release leaves
behind for the next one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.ids import UlidIds
from adapters.outbound.memory.remote.service_trade import MemoryServiceTrade
from adapters.outbound.memory.remote.spectrum import MemoryLine, MemorySpectrum
from adapters.outbound.postgres.transactions import PostgresTransactions
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from core.model.connections.connection import ConnectionSecrets, SpectrumTarget
from core.model.planning.job import Party
from core.model.sending.answer import Accepted, Exchange, NotSent, NotSentReason, Unknown, UnknownReason
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, Tenant
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.item import ItemKind, JobItem
from core.services.sending.request_send import SendRequest
from core.services.service import Dependencies
from core.services.wiring import Services
from tests.journeys.world import MovableClock
from tests.support.dependencies import over
from tests.support.http_scene import JOB
from tests.support.storage_scene import MASTER_KEY, a_connection

ITEMS = {"sent": 2, "cut": 3, "doubt": 2, "waiting": 2, "refused": 0, "retrying": 0}
"""How many items each job has, by what is the matter with its send. Its number is its place."""
POSTED_BEFORE = Counter({("sent", 0): 1, ("sent", 1): 1, ("cut", 0): 1, ("cut", 1): 1})
"""The items that Spectrum holds when the release ends. Of `cut` 1 nobody knows it: the process was killed before the
answer. `doubt` 0 was lost on the way."""


class Killed(BaseException):
    """What nobody catches."""


class MortalSpectrum(MemorySpectrum):
    """The process dies when the item of the code `dies_after` has reached Spectrum."""

    dies_after = "-"

    async def add_line(
        self, target: SpectrumTarget, kind: ItemKind, fields: Mapping[str, str], *, leave_by: float
    ) -> Exchange:
        done = await super().add_line(target, kind, fields, leave_by=leave_by)
        if self.dies_after in fields.values():
            raise Killed
        return done


@dataclass
class Office:
    """The tenant `cardinal` with its connection `north`, and both remote systems in memory."""

    services: Services
    spectrum: MortalSpectrum
    service_trade: MemoryServiceTrade
    clock: MovableClock

    async def tenant_id(self) -> str:
        return (await self.services.use_cases.find_tenant("cardinal")).id

    async def connection_id(self, slug: str) -> str:
        return (await self.services.use_cases.find_connection(await self.tenant_id(), slug)).id

    async def furnish_service_trade(self) -> None:
        for place, (name, items) in enumerate(ITEMS.items()):
            site = JOB.location if name != "refused" else Party(id="9", name="Cold Store")
            job = replace(JOB, id=job_id(name), number=str(104_500 + place), location=site)
            for slug in ("north", "south"):
                self.service_trade.add_job(await self.tenant_id(), job, slug)
            for n in range(items):
                item = JobItem(
                    id=f"{job.id}{n}", name="Valve", type="part", quantity=Decimal(n + 1), cost=Decimal("18.40")
                )
                item = replace(item, code=code_of(name, n))
                self.service_trade.add_item(await self.tenant_id(), job.id, item)
            if items:
                self.service_trade.complete(await self.tenant_id(), job.id)

    async def request(self, name: str, *, key: str | None = None) -> str:
        mode = ItemsMode.NEW_ONLY if ITEMS[name] else ItemsMode.NONE
        connection = "south" if name == "retrying" else "north"
        wanted = SendRequest(connection=connection, job_id=job_id(name), requested_by="office", items=mode)
        return (await self.services.use_cases.request_send(await self.tenant_id(), wanted, idempotency_key=key)).id

    async def drain(self, *connections: str) -> None:
        for slug in connections or ("north", "south"):
            while await self.services.drain_connection(await self.connection_id(slug)):
                pass

    def posted(self) -> Counter[tuple[str, int]]:
        """How often Spectrum holds each item."""
        return Counter(item_of(line.fields["Item_Code"]) for line in self.spectrum.lines)


def job_id(name: str) -> str:
    return str(2412087334600800 + [*ITEMS].index(name))


def code_of(name: str, n: int) -> str:
    return f"{name.upper()}-{n}"


def item_of(code: str) -> tuple[str, int]:
    name, _, n = code.rpartition("-")
    return name.lower(), int(n)


def line_of(name: str, n: int) -> MemoryLine:
    """What Spectrum holds of a posted item."""
    fields = {"Item_Code": code_of(name, n), "Quantity_Used": str(n + 1)}
    return MemoryLine("101", f"T{104_500 + [*ITEMS].index(name)}", ItemKind.MATERIAL, fields)


def open_office(engine: AsyncEngine, *, later: timedelta = timedelta()) -> Office:
    clock = MovableClock()
    clock.advance(later.total_seconds())
    parts: Dependencies = replace(
        over(PostgresTransactions(engine, AesGcmVault(MASTER_KEY), ahead=clock.ahead)),
        spectrum=(spectrum := MortalSpectrum(boot_seconds=clock.boot_seconds)),
        service_trade=(service_trade := MemoryServiceTrade()),
        clock=clock,
        ids=UlidIds(),
    )
    return Office(Services(parts), spectrum, service_trade, clock)


async def live(office: Office) -> None:
    """Add the tenant and the connection, and make every send."""
    use_cases = office.services.use_cases
    tenant = await use_cases.add_tenant(
        Tenant(id="", slug="cardinal", name="Cardinal"), PasswordLogin("user", Secret("password"))
    )
    for slug in ("north", "south"):
        wanted = replace(a_connection(1), id="", tenant_id="", slug=slug, external_system=slug, leading_character="T")
        await use_cases.add_connection(tenant.id, wanted, ConnectionSecrets(Secret("SECRET")))
    await office.furnish_service_trade()
    for name in ("sent", "refused"):
        await office.request(name)
        await office.drain()
    office.spectrum.answer_next(NotSent(NotSentReason.REFUSED, "No route."))
    await office.request("retrying")
    await office.drain("south")
    office.spectrum.answer_next(Accepted(), Unknown(UnknownReason.TIMEOUT, "No answer."))
    await office.request("doubt")
    await office.drain("north")
    office.spectrum.dies_after = code_of("cut", 1)
    await office.request("cut")
    with suppress(Killed):
        await office.drain("north")
    await office.request("waiting", key="key-of-waiting")
