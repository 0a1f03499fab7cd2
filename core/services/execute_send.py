"""Execution: carries one due send through its steps. Every step may be cut short by a crash and simply runs again.

plan -> header -> write_back -> report -> done. The stored plan is what is written; a step that cannot go on leaves
the send with a `due_at` (time mends it) or as needs_attention (a person mends it).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import structlog

from core.model.answer import Accepted, AnswerRow, Exchange, NotSent, Refused, Unknown
from core.model.catalogue import finding
from core.model.connection import Connection, ConnectionSecrets, SpectrumTarget
from core.model.diagnosis import Diagnosis, Remedy, diagnose, from_error
from core.model.errors import JobferryError, LeaseLost, SendChanged, TimeMends
from core.model.finding import Finding
from core.model.number_choice import taken_problem
from core.model.plan import SendPlan
from core.model.send import Attempt, Lease, Send, SendState, Step
from core.model.tenant import ServiceTradeAccount
from core.services.plan_send import PlanSend
from core.services.record_outcome import RecordOutcome, record_of
from core.services.report_outcome import ReportOutcome
from ports.clock import Clock
from ports.rules import Rules
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
        rules: Rules,
        plan_send: PlanSend,
        record_outcome: RecordOutcome,
        report_outcome: ReportOutcome,
        clock: Clock,
    ) -> None:
        self._transactions = transactions
        self._service_trade = service_trade
        self._spectrum = spectrum
        self._rules = rules
        self._plan_send = plan_send
        self._record = record_outcome
        self._report_outcome = report_outcome
        self._clock = clock

    async def __call__(self, lease: Lease, connection: Connection, account: ServiceTradeAccount, send: Send) -> Send:
        """Run the due steps of a send under a lease. Raises LeaseLost if another worker took over: nothing is lost."""
        runners: Mapping[Step, _StepRunner] = {
            Step.PLAN: self._plan,
            Step.HEADER: self._write_header_again,
            Step.WRITE_BACK: self._write_back,
            Step.REPORT: self._report,
        }
        while send.step in runners and send.due_at is not None and send.due_at <= self._clock.now():
            structlog.contextvars.bind_contextvars(send=send.id, job=send.job_id)
            try:
                send = await runners[send.step](lease, connection, account, send)
            except (LeaseLost, SendChanged):
                raise
            except Exception:
                _log.exception("send.step_crashed", step=send.step.value)
                problem = finding("INTERNAL_ERROR", f"Jobferry itself failed in the step {send.step.value}.")
                send = await self._record.repeat(lease, send, (problem,))
        return send

    async def _plan(self, lease: Lease, connection: Connection, account: ServiceTradeAccount, send: Send) -> Send:
        """Plan, claim the number and store both before the first write; then write the header."""
        try:
            planned = await self._plan_send(connection, send.job_id, adopt=send.adopt)
        except JobferryError as error:
            return await self._servicetrade_trouble(lease, send, error)
        plan = planned.plan
        send = replace(send, plan=plan, work_order_number=plan.number or None)
        if send.expected_hash and plan.plan_hash != send.expected_hash:
            message = "The job changed between the preview and the send, so nothing was sent."
            return await self._record.failed(lease, send, (finding("JOB_CHANGED_WHILE_SENDING", message),))
        if not plan.sendable:
            return await self._record.failed(lease, send, plan.findings)
        async with self._transactions.begin(lease.tenant_id) as t:
            await t.connections.confirm_epoch(lease.connection_id, lease.epoch)
            claimed = await t.claims.claim(planned.claim_key, planned.claim_owner, adopt=plan.adopt)
            if claimed:
                send = replace(send, state=SendState.SENDING, step=Step.HEADER, findings=plan.findings)
                send = await t.sends.save(send)
                secrets = await t.connections.secrets(connection.id)
        if not claimed:
            return await self._record.failed(lease, send, (taken_problem(plan.number),))
        return await self._write_header(lease, connection, secrets, send, fresh=True)

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
            detail=_detail(exchange),
            request=exchange.request,
            answer=exchange.answer,
        )
        _log.info("header.answered", outcome=attempt.outcome, detail=attempt.detail, number=send.work_order_number)
        if isinstance(exchange.outcome, Accepted):
            return await self._header_accepted(lease, connection, send, attempt)
        diagnosis = await self._diagnose(connection, exchange.outcome)
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
        return await self._report(lease, connection, account, replace(send, step=Step.REPORT, attempts=0, waits=0))

    async def _servicetrade_trouble(self, lease: Lease, send: Send, error: JobferryError) -> Send:
        problem = from_error(error)
        if isinstance(error, TimeMends):
            return await self._record.wait(lease, send, (problem,), error.retry_after)
        return await self._record.failed(lease, send, (problem,))

    async def _diagnose(self, connection: Connection, outcome: NotSent | Refused | Unknown) -> Diagnosis:
        """The catalogue's reading, unless a plugin of the connection reads one of the rows differently."""
        if not isinstance(outcome, Refused):
            return diagnose(outcome)
        own: list[Finding] = []
        unread: list[AnswerRow] = []
        for row in outcome.rows:
            said = await self._plugin_reading(connection, row)
            if said:
                own.append(said)
            else:
                unread.append(row)
        if own and not unread:
            return Diagnosis(tuple(own), Remedy.PERSON)
        rest = diagnose(replace(outcome, rows=tuple(unread)))
        if not own:
            return rest
        if rest.remedy is Remedy.HOLD_UNTIL_FIXED:
            return replace(rest, findings=(*rest.findings, *own))
        return Diagnosis((*own, *rest.findings), Remedy.PERSON)

    async def _plugin_reading(self, connection: Connection, row: AnswerRow) -> Finding | None:
        for rule in self._rules.chain(connection, "classify_error"):
            if said := await self._rules.classify(rule, row):
                return said
        return None

    async def _report(self, lease: Lease, connection: Connection, account: ServiceTradeAccount, send: Send) -> Send:
        return await self._report_outcome(lease, connection, account, send)


def _still_certain(sent: Mapping[str, str] | None, plan: SendPlan | None) -> Mapping[str, str] | None:
    """Of the values last sent, those that the plan leaves as they were; the others may or may not have been written."""
    if sent is None or plan is None:
        return sent
    planned = {header.field: header.source_value for header in plan.header}
    return {field: value for field, value in sent.items() if planned.get(field, "") == value}


def _detail(exchange: Exchange) -> str:
    match exchange.outcome:
        case Accepted(returned=rows):
            return "; ".join(f"{row.column}={row.text}" for row in rows)
        case Refused(rows=rows, detail=detail):
            return detail or "; ".join(f"{row.code} {row.column}: {row.text}" for row in rows)
        case NotSent(reason=reason, detail=detail) | Unknown(reason=reason, detail=detail):
            return f"{reason.value}: {detail}"
