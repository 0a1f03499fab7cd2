"""Post one cost line whose intent is stored: call Spectrum once, and judge the answer strictly."""

from __future__ import annotations

from dataclasses import dataclass

from core.model.catalogue import finding
from core.model.sending.answer import Accepted, Exchange, Refused, Unknown, UnknownReason
from core.model.sending.diagnosis import Diagnosis, Remedy, differing_number, line_state, returned_number, warnings
from core.model.sending.lifecycle.event import LineAnswered, SpectrumTrouble
from core.model.sending.send import Attempt, Step
from core.model.shared.finding import Finding
from core.model.work_orders.column_words import folded
from core.model.work_orders.cost_line import LedgerLine, LineState
from core.model.work_orders.item import ItemKind
from core.model.work_orders.work_order import COMPANY_CODE, NUMBER
from core.services.sending.steps.diagnose_answer import diagnose_answer
from core.services.sending.steps.send_context import SendContext
from core.services.service import Service

_KEY = folded("System_Key")


@dataclass(frozen=True, slots=True)
class Posted:
    """The result of the call. `diagnosis` is the problem of the connection or of the line, None after a success."""

    answered: LineAnswered
    diagnosis: Diagnosis | None = None

    @property
    def trouble(self) -> SpectrumTrouble | None:
        """What prevents this line and the next ones, for a reason outside the line."""
        certain = self.answered.state is LineState.PLANNED
        return SpectrumTrouble(self.diagnosis) if certain and self.diagnosis else None


class PostLine(Service):
    """Spectrum adds a line for every call and no service reads lines, so nothing here repeats a call."""

    async def __call__(self, context: SendContext, line: LedgerLine, attempt_id: str, *, leave_by: float) -> Posted:
        """`line` is the row whose intent names `attempt_id`; the call leaves before `leave_by` or not at all."""
        company, began = context.connection.company_code, self._clock.boot_seconds()
        exchange = await self._spectrum.add_line(
            context.target,
            line.kind,
            {**line.fields, NUMBER: line.work_order_number, COMPANY_CODE: company},
            leave_by=leave_by,
        )
        context.admission.note(context.connection.endpoint, exchange.outcome, began)
        state, diagnosis = await self._judge(context, line, exchange)
        now = self._clock.now()
        attempt = Attempt(
            send_id=line.send_id,
            step=Step.LINES,
            started_at=line.sent_at or now,
            ended_at=now,
            outcome=state.value,
            detail=exchange.outcome.in_short,
            request=exchange.request,
            answer=exchange.answer,
            line_id=line.id,
        )
        answered = LineAnswered(
            line=line,
            attempt=attempt,
            attempt_id=attempt_id,
            state=state,
            findings=(*(diagnosis.findings if diagnosis else ()), *warnings(exchange.outcome)),
            hold_for=_hold_for(exchange, diagnosis),
            system_key=_system_key(exchange),
            target_version=context.connection.target_version,
        )
        return Posted(answered, diagnosis)

    async def _judge(
        self, context: SendContext, line: LedgerLine, exchange: Exchange
    ) -> tuple[LineState, Diagnosis | None]:
        outcome = exchange.outcome
        if not isinstance(outcome, Accepted):
            diagnosis = await diagnose_answer(self._rules, context.connection, outcome)
            if line.kind is ItemKind.TASK and isinstance(outcome, Refused):
                return _judge_refused_task(outcome, diagnosis)
            return line_state(outcome), diagnosis
        returned = returned_number(outcome)
        if returned and returned.upper() != line.work_order_number.upper():
            # The line may be on another job's work order, so a person has to check.
            return LineState.IN_DOUBT, Diagnosis((differing_number(line.work_order_number, returned),), Remedy.PERSON)
        return LineState.POSTED, None


def _judge_refused_task(outcome: Refused, diagnosis: Diagnosis) -> tuple[LineState, Diagnosis]:
    """A connection may not wait because of a service that it can do without: the header and the items of this send have
    just been accepted. So a refusal of the service itself is a refusal of this task."""
    state = line_state(outcome)
    if state is not LineState.PLANNED or diagnosis.remedy is not Remedy.HOLD_UNTIL_FIXED:
        return state, diagnosis
    said = finding("TASK_NOT_ALLOWED", f"Spectrum does not let Jobferry add tasks: {diagnosis.findings[0].message}")
    return LineState.REJECTED, Diagnosis((said,), Remedy.PERSON)


def _hold_for(exchange: Exchange, diagnosis: Diagnosis | None) -> Finding | None:
    """The finding to hold the connection for: if the service may be missing, each further line would be in doubt."""
    outcome = exchange.outcome
    missing = isinstance(outcome, Unknown) and outcome.reason is UnknownReason.SERVICE_NOT_THERE
    return diagnosis.findings[0] if missing and diagnosis else None


def _system_key(exchange: Exchange) -> str | None:
    """The line's key that Spectrum returned, if any."""
    if not isinstance(exchange.outcome, Accepted):
        return None
    return next((row.text for row in exchange.outcome.returned if folded(row.column) == _KEY), None)
