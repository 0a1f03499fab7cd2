"""Execution: carries one due send through its steps. Every step may be cut short by a crash and simply runs again.

plan -> header -> write_back -> lines -> report -> done. The stored plan is what is written; a step that cannot go on
leaves the send with a `due_at` (time mends it), or as needs_attention or in_doubt (a person does).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace

import structlog

from core.model.answer import Accepted, Unknown
from core.model.catalogue import finding
from core.model.connection import Connection, ConnectionSecrets, SpectrumTarget
from core.model.cost_line import ItemsMode, LedgerLine, LineState
from core.model.diagnosis import from_error
from core.model.errors import JobferryError, LeaseLost, SendChanged, TimeMends
from core.model.job import CompletedJob
from core.model.number_choice import taken_problem
from core.model.plan import SendPlan
from core.model.send import Attempt, Lease, Send, SendState, Step
from core.model.tenant import ServiceTradeAccount
from core.services.diagnose_answer import DiagnoseAnswer
from core.services.find_evidence import FindEvidence
from core.services.plan_send import PlannedSend, PlanSend
from core.services.post_lines import PostLines
from core.services.record_outcome import RecordOutcome, record_of
from core.services.report_outcome import ReportOutcome
from core.services.tell_plugins import TellPlugins
from ports.clock import Clock
from ports.ids import Ids
from ports.service_trade import ServiceTrade
from ports.spectrum import Spectrum
from ports.transactions import Transactions

_log = structlog.get_logger()
_StepRunner = Callable[[Lease, Connection, ServiceTradeAccount, Send], Awaitable[Send]]


class ExecuteSend:
    def __init__(
        self,
        transactions: Transactions,
        service_trade: ServiceTrade,
        spectrum: Spectrum,
        plan_send: PlanSend,
        diagnose_answer: DiagnoseAnswer,
        record_outcome: RecordOutcome,
        post_lines: PostLines,
        report_outcome: ReportOutcome,
        find_evidence: FindEvidence,
        tell_plugins: TellPlugins,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._transactions = transactions
        self._service_trade = service_trade
        self._spectrum = spectrum
        self._plan_send = plan_send
        self._diagnose_answer = diagnose_answer
        self._record = record_outcome
        self._post_lines = post_lines
        self._report_outcome = report_outcome
        self._find_evidence = find_evidence
        self._tell_plugins = tell_plugins
        self._clock = clock
        self._ids = ids

    async def __call__(
        self,
        lease: Lease,
        connection: Connection,
        account: ServiceTradeAccount,
        send: Send,
        steps: Collection[Step] = tuple(Step),
    ) -> Send:
        """Run the due steps of a send, as far as they are in `steps`, under a lease.

        Raises LeaseLost if another worker took over, TimeMends while the database is away: nothing is lost.
        """
        runners: Mapping[Step, _StepRunner] = {
            Step.PLAN: self._plan,
            Step.HEADER: self._write_header_again,
            Step.WRITE_BACK: self._write_back,
            Step.LINES: self._lines,
            Step.REPORT: self._report,
            Step.EVIDENCE: self._evidence,
        }
        able = runners.keys() & set(steps)
        while send.step in able and send.due_at is not None and send.due_at <= self._clock.now():
            structlog.contextvars.bind_contextvars(send=send.id, job=send.job_id)
            before = send
            try:
                send = await runners[send.step](lease, connection, account, send)
            except (LeaseLost, SendChanged, TimeMends):
                raise  # TimeMends: the database is away, so nothing can be stored and no try is used up
            except Exception:
                _log.exception("send.step_crashed", step=send.step.value)
                problem = finding("INTERNAL_ERROR", f"Jobferry itself failed in the step {send.step.value}.")
                send = await self._record.repeat(lease, send, (problem,))
            connection = await self._tell_plugins(connection, before, send)
        return send

    async def _plan(self, lease: Lease, connection: Connection, account: ServiceTradeAccount, send: Send) -> Send:
        """Plan, claim the number and store both before the first write; then write the header."""
        try:
            planned = await self._plan_send(
                connection, send.job_id,
                adopt=send.adopt, items=send.items, send_id=send.id, completing=send.completes,
            )  # fmt: skip
        except JobferryError as error:
            return await self._servicetrade_trouble(lease, send, error)
        plan = planned.plan
        send = replace(send, plan=plan, work_order_number=plan.number or None)
        if send.expected_hash and plan.plan_hash != send.expected_hash:
            message = "The job changed between the preview and the send, so nothing was sent."
            return await self._record.failed(lease, send, (finding("JOB_CHANGED_WHILE_SENDING", message),))
        if plan.kept_back and send.by_itself:
            return await self._record.kept_back(lease, send, plan.findings)
        if not plan.sendable:
            return await self._record.failed(lease, send, plan.findings)
        completion: CompletedJob | None = None
        if send.completes:
            try:
                completion = await self._complete(account, send, planned)
            except JobferryError as error:
                return await self._servicetrade_trouble(lease, send, error)
        async with self._transactions.begin(lease.tenant_id) as t:
            await t.connections.confirm_epoch(lease.connection_id, lease.epoch)
            claimed = await t.claims.claim(planned.claim_key, planned.claim_owner, adopt=plan.adopt)
            if completion:
                await t.completions.record(connection.id, send.job_id, completion.completed_on)
            if claimed:
                if send.items is not ItemsMode.NONE:
                    await t.ledger.plan(connection.id, send.job_id, self._ledger_lines(send, plan))
                send = replace(send, state=SendState.SENDING, step=Step.HEADER, findings=plan.findings)
                send = await t.sends.save(send)
                secrets = await t.connections.secrets(connection.id)
        if not claimed:
            return await self._record.failed(lease, send, (taken_problem(plan.number),))
        return await self._write_header(lease, connection, secrets, send, fresh=True)

    async def _complete(self, account: ServiceTradeAccount, send: Send, planned: PlannedSend) -> CompletedJob:
        """Complete the job now that it can be sent. The event that this sets off finds its completion recorded, or
        this very send still open."""
        if planned.job_completed:
            return CompletedJob(send.job_id, planned.plan.completed_on)
        completion = await self._service_trade.complete_job(account, send.job_id)
        _log.info("job.completed", job=send.job_id)
        return completion

    def _ledger_lines(self, send: Send, plan: SendPlan) -> list[LedgerLine]:
        return [
            LedgerLine(
                id=self._ids.new("lin"),
                tenant_id=send.tenant_id,
                connection_id=send.connection_id,
                job_id=send.job_id,
                work_order_number=plan.number,
                item_id=line.item_id,
                item_name=line.item_name,
                kind=line.kind,
                round=line.round,
                purpose=line.purpose,
                fields=line.fields,
                state=LineState.PLANNED,
                send_id=send.id,
                place=place,
            )
            for place, line in enumerate(plan.lines)
        ]

    async def _write_header_again(
        self, lease: Lease, connection: Connection, _: ServiceTradeAccount, send: Send
    ) -> Send:
        """The stored plan once more: after a crash or an unknown outcome. The explicit number makes that safe.

        The work order may stand already, so from here on the job keeps its number, whatever becomes of this send, and
        what this plan changes counts as not known to stand in Spectrum.
        """
        async with self._transactions.begin(lease.tenant_id) as t:
            await t.connections.confirm_epoch(lease.connection_id, lease.epoch)
            record = await record_of(t, send)
            sent = _still_certain(record.sent, send.plan)
            await t.work_orders.save(replace(record, number=send.work_order_number, sent=sent))
            secrets = await t.connections.secrets(connection.id)
        return await self._write_header(lease, connection, secrets, send, fresh=False)

    async def _write_header(
        self, lease: Lease, connection: Connection, secrets: ConnectionSecrets, send: Send, *, fresh: bool
    ) -> Send:
        if send.plan is None:
            raise ValueError(f"send {send.id} has no stored plan to write")
        started = self._clock.now()
        exchange = await self._spectrum.write_header(SpectrumTarget.of(connection, secrets), send.plan.values)
        attempt = Attempt(
            send_id=send.id,
            step=Step.HEADER,
            started_at=started,
            ended_at=self._clock.now(),
            outcome=type(exchange.outcome).__name__.lower(),
            detail=exchange.outcome.in_short,
            request=exchange.request,
            answer=exchange.answer,
        )
        _log.info("header.answered", outcome=attempt.outcome, detail=attempt.detail, number=send.work_order_number)
        if isinstance(exchange.outcome, Accepted):
            return await self._header_accepted(lease, connection, send, attempt)
        diagnosis = await self._diagnose_answer(connection, exchange.outcome)
        # Nothing of this plan can stand in Spectrum yet, so the next try may plan anew from the job as it is then.
        untouched = fresh and not isinstance(exchange.outcome, Unknown)
        send = replace(send, step=Step.PLAN if untouched else Step.HEADER)
        return await self._record.spectrum_trouble(lease, connection, send, diagnosis, attempt)

    async def _header_accepted(self, lease: Lease, connection: Connection, send: Send, attempt: Attempt) -> Send:
        assert send.plan is not None  # noqa: S101 - checked by the caller, told to the type checker
        async with self._transactions.begin(lease.tenant_id) as t:
            await t.connections.confirm_epoch(lease.connection_id, lease.epoch)
            record = replace(
                await record_of(t, send),
                number=send.plan.number,
                sent={h.field: h.source_value for h in send.plan.header},
                last_send_id=send.id,
                sent_at=attempt.ended_at,
            )
            await t.work_orders.save(record)
            await t.connections.set_hold(connection.id, None)
            await t.sends.record_attempt(attempt)
            send = replace(send, state=SendState.SENDING, step=Step.WRITE_BACK, attempts=0, waits=0)
            return await t.sends.save(send)

    async def _write_back(
        self, lease: Lease, connection: Connection, account: ServiceTradeAccount, send: Send
    ) -> Send:
        """Only the external id: the work order stands, and nothing here sends it again."""
        started = self._clock.now()
        number = send.work_order_number or ""
        try:
            await self._service_trade.write_external_id(account, send.job_id, connection.external_system, number)
        except JobferryError as error:
            problem = replace(
                finding("ST_WRITEBACK_FAILED", f"Work order {number} stands in Spectrum, but: {error.message}"),
                origin=error.code,
            )
            attempt = Attempt(
                send_id=send.id, step=Step.WRITE_BACK, started_at=started, ended_at=self._clock.now(),
                outcome="failed", detail=error.message,
            )  # fmt: skip
            if isinstance(error, TimeMends):
                return await self._record.wait(lease, send, (problem,), error.retry_after, attempt)
            return await self._record.failed(lease, send, (problem,), attempt)
        # Not stored: after a crash here the same external id is written once more, which changes nothing.
        send = replace(send, state=SendState.SENDING, attempts=0, waits=0)
        if send.plan and send.plan.lines:
            return await self._keep(lease, replace(send, step=Step.LINES))
        return await self._report(lease, connection, account, replace(send, step=Step.REPORT))

    async def _keep(self, lease: Lease, send: Send) -> Send:
        """Stored, since this step may have to wait for a connection that is held."""
        async with self._transactions.begin(lease.tenant_id) as t:
            await t.connections.confirm_epoch(lease.connection_id, lease.epoch)
            return await t.sends.save(send)

    async def _lines(self, lease: Lease, connection: Connection, _: ServiceTradeAccount, send: Send) -> Send:
        return await self._post_lines(lease, connection, send)

    async def _evidence(self, lease: Lease, connection: Connection, _: ServiceTradeAccount, send: Send) -> Send:
        return await self._find_evidence(lease, connection, send)

    async def _servicetrade_trouble(self, lease: Lease, send: Send, error: JobferryError) -> Send:
        problem = from_error(error)
        if isinstance(error, TimeMends):
            return await self._record.wait(lease, send, (problem,), error.retry_after)
        return await self._record.failed(lease, send, (problem,))

    async def _report(self, lease: Lease, connection: Connection, account: ServiceTradeAccount, send: Send) -> Send:
        return await self._report_outcome(lease, connection, account, send)


def _still_certain(sent: Mapping[str, str] | None, plan: SendPlan | None) -> Mapping[str, str] | None:
    """Of the values last sent, those that the plan leaves as they were; the others may or may not have been written."""
    if sent is None or plan is None:
        return sent
    planned = {header.field: header.source_value for header in plan.header}
    return {field: value for field, value in sent.items() if planned.get(field, "") == value}

