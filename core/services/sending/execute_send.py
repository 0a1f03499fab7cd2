"""Execution: run the steps of one due send. A step that a crash interrupts runs again.

plan -> header -> write_back -> lines -> report -> done. A step calls a remote system and returns an outcome.
`core.model.sending.lifecycle` decides what follows from it, and `commit_change` stores that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from core.model.catalogue import finding
from core.model.planning.number_choice import claim_keys, claim_owner
from core.model.sending.lifecycle.event import (
    HeaderBegins,
    LineAnswered,
    LineBegins,
    NumberClaim,
    Planned,
    SpectrumTrouble,
    StepFailed,
)
from core.model.sending.send import Attempt, HeaderState, Send, Step
from core.model.shared.errors import LeaseLost, SendChanged, TimeMends
from core.model.work_orders.cost_line import LedgerLine, LineState
from core.services.sending.lifecycle.commit_change import CommitChange, Committed
from core.services.sending.notify_plugins import NotifyPlugins
from core.services.sending.steps.find_evidence import FindEvidence
from core.services.sending.steps.make_plan import MakePlan
from core.services.sending.steps.post_line import PostLine, StoreAnswer
from core.services.sending.steps.report_outcome import ReportOutcome
from core.services.sending.steps.send_context import SendContext
from core.services.sending.steps.write_header import WriteHeader, WriteNumber
from core.services.service import Dependencies, Service

_log = structlog.get_logger()
_Runner = Callable[[SendContext, Send], Awaitable[Committed]]


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps that call remote systems."""

    make_plan: MakePlan
    write_header: WriteHeader
    write_number: WriteNumber
    post_line: PostLine
    report_outcome: ReportOutcome
    find_evidence: FindEvidence


class ExecuteSend(Service):
    def __init__(
        self,
        d: Dependencies,
        steps: Steps,
        commit: CommitChange,
        store_answer: StoreAnswer,
        tell_plugins: NotifyPlugins,
    ) -> None:
        super().__init__(d)
        self._steps = steps
        self._commit = commit
        self._store_answer = store_answer
        self._tell_plugins = tell_plugins

    async def __call__(self, context: SendContext, send: Send, steps: Collection[Step] = tuple(Step)) -> Send:
        """Run the due steps of a send that are in `steps`, under a lease.

        Raises LeaseLost if another worker took over, SendChanged if somebody changed the send meanwhile, TimeMends
        while the database is unreachable. Nothing is lost then.
        """
        runners: Mapping[Step, _Runner] = {
            Step.PLAN: self._plan,
            Step.HEADER: self._header,
            Step.WRITE_BACK: self._number,
            Step.LINES: self._line,
            Step.REPORT: self._report,
            Step.EVIDENCE: self._evidence,
        }
        able = runners.keys() & set(steps)
        connection, due = context.connection, True
        while due and send.step in able:
            structlog.contextvars.bind_contextvars(send=send.id, job=send.job_id)
            before = send
            committed = await self._run(runners[send.step], context, send)
            send = committed.send
            connection = await self._tell_plugins(connection, before, send)
            due = committed.due
        return send

    async def _run(self, runner: _Runner, context: SendContext, send: Send) -> Committed:
        try:
            return await runner(context, send)
        except (LeaseLost, TimeMends):
            raise  # TimeMends: the database is unreachable, so nothing can be stored and no try is used up
        except SendChanged as changed:
            if await self._changed_by_others(send):
                raise
            # Nobody changed it, so reading it again would give the same error without end.
            _log.exception("send.contradicts_itself", step=send.step.value)
            problem = finding("PLAN_KEEPS_CHANGING", f"What is stored does not fit this send: {changed.message}")
        except Exception:
            _log.exception("send.step_crashed", step=send.step.value)
            problem = finding("INTERNAL_ERROR", f"Jobferry itself failed in the step {send.step.value}.")
        async with self._transactions.begin(send.tenant_id) as t:
            stored = await t.sends.get(send.id)
        return await self._commit(context.lease, stored, StepFailed(problem))

    async def _changed_by_others(self, send: Send) -> bool:
        async with self._transactions.begin(send.tenant_id) as t:
            return (await t.sends.get(send.id)).version != send.version

    async def _plan(self, context: SendContext, send: Send) -> Committed:
        """Plan, claim the number and store both before the first write; then write the header."""
        event = await self._steps.make_plan(context, send)
        leave_by = self._header_leaves_by()
        committed = await self._commit(context.lease, send, event)
        if not committed.claimed or not isinstance(event, Planned):
            return committed
        fresh = send.header is not HeaderState.BEGUN
        return await self._write_header(context, committed.send, event.claim, fresh=fresh, leave_by=leave_by)

    async def _header(self, context: SendContext, send: Send) -> Committed:
        """Write the stored plan again, after a crash or an unclear outcome."""
        claim = await self._claim(context, send)
        leave_by = self._header_leaves_by()
        committed = await self._commit(context.lease, send, HeaderBegins(claim))
        if not committed.claimed:
            return committed
        return await self._write_header(context, committed.send, claim, fresh=False, leave_by=leave_by)

    async def _write_header(
        self, context: SendContext, send: Send, claim: NumberClaim, *, fresh: bool, leave_by: float
    ) -> Committed:
        event = await self._steps.write_header(context, send, claim, fresh=fresh, leave_by=leave_by)
        return await self._commit(context.lease, send, event)

    async def _number(self, context: SendContext, send: Send) -> Committed:
        return await self._commit(context.lease, send, await self._steps.write_number(context, send))

    async def _line(self, context: SendContext, send: Send) -> Committed:
        """Store the next line's intent, call Spectrum, store the answer. Without a next line, go to the next step."""
        # Read before the transaction, so that this deadline is never later than the stored one.
        leave_by = self._clock.boot_seconds() + self._line_timing.send_within.total_seconds()
        attempt_id = self._ids.new("att")
        committed = await self._commit(context.lease, send, LineBegins(attempt_id))
        if committed.begun is None:
            return committed
        if not self._intent_mark.note(send.connection_id, committed.intent):
            # The database lost commits during this drain, and nobody knows which. The next drain compares.
            await self._store_answer(send.tenant_id, _never_left(committed.begun, attempt_id, self._clock.now()))
            raise LeaseLost("The database knows less than was sent.")
        posted = await self._steps.post_line(context, committed.begun, attempt_id, leave_by=leave_by)
        stored = await self._store_answer(send.tenant_id, posted.answered)
        if stored is None:
            raise LeaseLost("The connection was removed.")
        if posted.answered.state is LineState.PLANNED and posted.diagnosis:
            return await self._commit(context.lease, stored, SpectrumTrouble(posted.diagnosis))
        return Committed(stored, due=stored.step is Step.LINES)

    async def _report(self, context: SendContext, send: Send) -> Committed:
        return await self._commit(context.lease, send, await self._steps.report_outcome(context, send))

    async def _evidence(self, context: SendContext, send: Send) -> Committed:
        return await self._commit(context.lease, send, await self._steps.find_evidence(context, send))

    def _header_leaves_by(self) -> float:
        """The header's deadline. Read before the intent is stored, so that it is never later than the stored one."""
        return self._clock.boot_seconds() + self._line_timing.header_within.total_seconds()

    async def _claim(self, context: SendContext, send: Send) -> NumberClaim:
        """The claim that was taken with the plan."""
        async with self._transactions.begin(send.tenant_id) as t:
            record = await t.work_orders.find(send.connection_id, send.job_id)
        owner = record.claim_owner if record else None
        owner = owner or claim_owner(context.account.base_url, send.job_id)
        adopt = send.plan.adopt if send.plan else False
        return NumberClaim(claim_keys(context.connection, send.work_order_number or ""), owner, adopt)


def _never_left(line: LedgerLine, attempt_id: str, now: datetime) -> LineAnswered:
    attempt = Attempt(
        send_id=line.send_id,
        step=Step.LINES,
        started_at=line.sent_at or now,
        ended_at=now,
        outcome=LineState.PLANNED.value,
        detail="not sent: the database lost its last commits",
        line_id=line.id,
    )
    return LineAnswered(line=line, attempt=attempt, attempt_id=attempt_id, state=LineState.PLANNED)
