"""An installation in memory with one connection, for tests of plugins."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from adapters.outbound.clock import SystemClock
from adapters.outbound.memory.passwords import MemoryPasswords
from adapters.outbound.memory.remote.intent_mark import MemoryIntentMark
from adapters.outbound.memory.remote.service_trade import MemoryServiceTrade
from adapters.outbound.memory.remote.spectrum import MemorySpectrum
from adapters.outbound.memory.remote.webhook_sender import MemoryWebhookSender
from adapters.outbound.memory.transactions import MemoryTransactions
from adapters.outbound.random import SystemRandom
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.planning.job import JobSnapshot
from core.model.planning.plan import SendPlan
from core.model.sending.answer import AnswerRow, RefusalReason, Refused
from core.model.sending.send import Send
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, Tenant
from core.model.work_orders.cost_line import ItemsMode, LineState
from core.model.work_orders.item import JobItem
from core.services.sending.request_send import SendRequest
from core.services.service import Dependencies
from core.services.wiring import Services
from plugins.host import PluginHost
from plugins.testkit.by_item import ByItem
from plugins.testkit.results import Sent
from ports.ids import Ids


class _CountingIds(Ids):
    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def new(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers):04}"


@dataclass
class InMemoryApp:
    """Runs Jobferry's real `plan` and `send`. Only the two systems and the storage are in memory."""

    connection: Connection
    transactions: MemoryTransactions
    service_trade: MemoryServiceTrade
    spectrum: MemorySpectrum
    services: Services

    @classmethod
    async def set_up(cls, rules: PluginHost, connection: Connection) -> InMemoryApp:
        transactions, service_trade, spectrum = MemoryTransactions(), MemoryServiceTrade(), MemorySpectrum()
        tenant = Tenant(id=connection.tenant_id, slug="test", name="Test", created_at=datetime.now(UTC))
        async with transactions.begin_instance() as i:
            await i.tenants.add(tenant, PasswordLogin("test", Secret("test")))
        async with transactions.begin(tenant.id) as t:
            await t.connections.add(connection, ConnectionSecrets(Secret("TEST")))
        services = Services(
            Dependencies(
                transactions=transactions,
                change_feed=transactions.change_feed,
                service_trade=service_trade,
                spectrum=spectrum,
                webhook_sender=MemoryWebhookSender(),
                intent_mark=MemoryIntentMark(),
                rules=rules,
                clock=SystemClock(),
                ids=_CountingIds(),
                random=SystemRandom(),
                passwords=MemoryPasswords(),
            )
        )
        return cls(connection, transactions, service_trade, spectrum, services)

    async def plan(self, job: JobSnapshot, items: Sequence[JobItem], mode: ItemsMode) -> SendPlan:
        self._put(job, items)
        return (await self.services.plan_send(self.connection, job.id, items=mode, completing=bool(items))).plan

    async def send(self, job: JobSnapshot, items: Sequence[JobItem], mode: ItemsMode, refusal: str | None) -> Sent:
        self._put(replace(job, status="completed") if items else job, items)
        if refusal is not None:
            rows = (AnswerRow("E", refusal, ""),)
            self.spectrum.answer_next(Refused(rows, RefusalReason.ROWS))
        request = SendRequest(connection=self.connection.slug, job_id=job.id, requested_by="test", items=mode)
        requested = await self.services.use_cases.request_send(self.connection.tenant_id, request)
        while await self.services.drain_connection(self.connection.id):
            pass
        return await self._sent(requested)

    def _put(self, job: JobSnapshot, items: Sequence[JobItem]) -> None:
        tenant, system = self.connection.tenant_id, self.connection.external_system
        self.service_trade.add_job(tenant, job, system)
        for item in items:
            self.service_trade.add_item(tenant, job.id, item, system)

    async def _sent(self, requested: Send) -> Sent:
        async with self.transactions.begin(self.connection.tenant_id) as t:
            send = await t.sends.get(requested.id)
            posted = [line for line in await t.ledger.of_send(send.id) if line.state is LineState.POSTED]
        stored = self.service_trade.jobs[self.connection.tenant_id, send.job_id]
        number = send.work_order_number or ""
        return Sent(
            state=send.state.value,
            work_order=self.spectrum.work_orders.get((self.connection.company_code, number), {}),
            lines=tuple(line.fields for line in self.spectrum.lines),
            items=ByItem((line.item_id, line.item_name, line.fields) for line in posted),
            external_id=stored.external_ids.get(self.connection.external_system),
            comments=tuple(stored.comments),
            findings=send.findings,
        )
