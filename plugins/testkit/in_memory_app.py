"""An installation in memory with one connection, for tests of plugins."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from adapters.outbound.clock import SystemClock
from adapters.outbound.memory.remote.intent_mark import MemoryIntentMark
from adapters.outbound.memory.remote.read_back import MemoryReadBack
from adapters.outbound.memory.remote.service_trade import MemoryServiceTrade
from adapters.outbound.memory.remote.spectrum import MemorySpectrum
from adapters.outbound.memory.transactions import MemoryTransactions
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.planning.job import JobSnapshot
from core.model.planning.plan import SendPlan
from core.model.sending.answer import AnswerRow, RefusalReason, Refused
from core.model.sending.send import Send
from core.model.shared.retry_delays import RetryDelays
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, Tenant
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.item import JobItem
from core.services.planning.plan_items import PlanItems
from core.services.planning.plan_send import PlanSend
from core.services.sending.compare_intents import CompareIntents
from core.services.sending.drain_connection import DrainConnection
from core.services.sending.execute_send import ExecuteSend, Steps
from core.services.sending.lifecycle.commit_change import CommitChange, LineTiming
from core.services.sending.lifecycle.enqueue_webhook_events import EnqueueWebhookEvents
from core.services.sending.notify_plugins import NotifyPlugins
from core.services.sending.request_send import RequestSend, SendRequest
from core.services.sending.steps.diagnose_answer import DiagnoseAnswer
from core.services.sending.steps.find_evidence import FindEvidence
from core.services.sending.steps.make_plan import MakePlan
from core.services.sending.steps.post_line import PostLine
from core.services.sending.steps.report_outcome import ReportOutcome
from core.services.sending.steps.store_answer import StoreAnswer
from core.services.sending.steps.write_header import WriteHeader
from core.services.sending.steps.write_number import WriteNumber
from plugins.host import PluginHost
from plugins.testkit.results import Sent
from ports.ids import Ids


class _CountingIds(Ids):
    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def new(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers):04}"


@dataclass
class InMemoryApp:
    """`plan` and `send` are what Jobferry itself does; only the two systems and the storage are in memory."""

    connection: Connection
    transactions: MemoryTransactions
    service_trade: MemoryServiceTrade
    spectrum: MemorySpectrum
    plan_send: PlanSend
    request_send: RequestSend
    drain: DrainConnection

    @classmethod
    async def set_up(cls, rules: PluginHost, connection: Connection) -> InMemoryApp:
        transactions, service_trade, spectrum = MemoryTransactions(), MemoryServiceTrade(), MemorySpectrum()
        clock, ids = SystemClock(), _CountingIds()
        tenant = Tenant(id=connection.tenant_id, slug="test", name="Test", created_at=datetime.now(UTC))
        async with transactions.begin_instance() as i:
            await i.tenants.add(tenant, PasswordLogin("test", Secret("test")))
        async with transactions.begin(tenant.id) as t:
            await t.connections.add(connection, ConnectionSecrets(Secret("TEST")))
        plan_send = PlanSend(transactions, service_trade, rules, PlanItems(rules))
        timing, diagnose, mark = LineTiming(), DiagnoseAnswer(rules), MemoryIntentMark()
        commit = CommitChange(transactions, EnqueueWebhookEvents(clock, ids), ids, RetryDelays(), timing)
        steps = Steps(
            make_plan=MakePlan(service_trade, plan_send, ids),
            write_header=WriteHeader(spectrum, diagnose, clock),
            write_number=WriteNumber(service_trade, clock),
            post_line=PostLine(spectrum, diagnose, clock),
            report_outcome=ReportOutcome(transactions, service_trade),
            find_evidence=FindEvidence(transactions, MemoryReadBack()),
        )
        execute = ExecuteSend(
            transactions,
            steps,
            commit,
            StoreAnswer(transactions, commit),
            NotifyPlugins(transactions, rules),
            clock,
            ids,
            timing,
            mark,
        )
        return cls(
            connection,
            transactions,
            service_trade,
            spectrum,
            plan_send,
            RequestSend(transactions, plan_send, commit, ids),
            DrainConnection(transactions, execute, CompareIntents(transactions, mark, ids, timing), clock),
        )

    async def plan(self, job: JobSnapshot, items: Sequence[JobItem], mode: ItemsMode) -> SendPlan:
        self._put(job, items)
        return (await self.plan_send(self.connection, job.id, items=mode, completing=bool(items))).plan

    async def send(self, job: JobSnapshot, items: Sequence[JobItem], mode: ItemsMode, refusal: str | None) -> Sent:
        self._put(replace(job, status="completed") if items else job, items)
        if refusal is not None:
            rows = (AnswerRow("E", refusal, ""),)
            self.spectrum.answer_next(Refused(rows, RefusalReason.ROWS))
        request = SendRequest(connection=self.connection.slug, job_id=job.id, requested_by="test", items=mode)
        requested = await self.request_send(self.connection.tenant_id, request)
        while await self.drain(self.connection.id):
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
        stored = self.service_trade.jobs[self.connection.tenant_id, send.job_id]
        number = send.work_order_number or ""
        return Sent(
            state=send.state.value,
            work_order=self.spectrum.work_orders.get((self.connection.company_code, number), {}),
            lines=tuple(line.fields for line in self.spectrum.lines),
            external_id=stored.external_ids.get(self.connection.external_system),
            comments=tuple(stored.comments),
            findings=send.findings,
        )
