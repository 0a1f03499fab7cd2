"""Execution: run the steps of one due send. A step that a crash interrupts runs again.

plan -> header -> write_back -> lines -> report -> done. A step calls a remote system and returns an outcome.
`core.model.sending.lifecycle` decides what follows from it, and `commit_change` stores that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from core.model.catalogue import finding
from core.model.connections.maintenance_window import window_at
from core.model.planning.number_choice import claim_keys, claim_owner
from core.model.sending.lifecycle.change import Change
from core.model.sending.lifecycle.event import (
    EndpointSilent,
    Event,
    HeaderBegins,
    LineAnswered,
    LineBegins,
    NumberClaim,
    Planned,
    Reported,
    SpectrumTrouble,
    StepFailed,
)
from core.model.sending.lifecycle.facts import Facts
from core.model.sending.send import CALLS_SPECTRUM, Attempt, HeaderState, Send, Step
from core.model.shared.errors import LeaseLost, SendChanged, TimeMends
from core.model.work_orders.cost_line import LedgerLine, LineState
from core.services.sending.lifecycle.commit_change import CommitChange, Committed
from core.services.sending.notify_plugins import NotifyPlugins
from core.services.sending.steps.find_evidence import FindEvidence
from core.services.sending.steps.make_plan import MakePlan
from core.services.sending.steps.post_line import Posted, PostLine, StoreAnswer
from core.services.sending.steps.report_outcome import ReportOutcome, nothing_to_report
from core.services.sending.steps.send_context import SendContext
from core.services.sending.steps.write_header import WriteHeader, WriteNumber
from core.services.service import Dependencies, Service

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps that call remote systems."""

    make_plan: MakePlan
    write_header: WriteHeader
    write_number: WriteNumber
    post_line: PostLine
    report_outcome: ReportOutcome
    find_evidence: FindEvidence


@dataclass(frozen=True, slots=True)
class Turn:
    """One send's turn in a drain. `over`: the drain's time is up, so no further call is begun. `take`: the steps in
    which the drain's next send may be."""

    over: Callable[[], bool] = lambda: False
    take: Collection[Step] | None = None


_WHOLE = Turn()
_Runner = Callable[[SendContext, Send, Turn], Awaitable[Committed]]


@dataclass(frozen=True, slots=True)
class _LineCall:
    """The call for a line, named before the line is known. It leaves before `leave_by` (boot clock) or not at all."""

    attempt_id: str
    leave_by: float


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

    async def __call__(
        self, context: SendContext, send: Send, steps: Collection[Step] = tuple(Step), turn: Turn = _WHOLE
    ) -> Committed:
        """Run the due steps of a send that are in `steps`, under a lease, as long as Spectrum may be called for them.
        Returns the send as it was stored last.

        Raises LeaseLost if another worker took over, SendChanged if somebody changed the send meanwhile, TimeMends
        while the database is unreachable. Nothing is lost then.
        """
        connection, asked, committed = context.connection, send, Committed(send, due=True)
        while committed.due and send.step in steps and not turn.over():
            runner = self._runner(context, send, first=send is asked)
            if runner is None:
                break
            structlog.contextvars.bind_contextvars(send=send.id, job=send.job_id)
            before = send
            committed = await self._run(runner, context, send, turn)
            send = committed.send
            connection = await self._tell_plugins(connection, before, send)
            context = replace(context, known=None)  # it was read before this step
        return committed

    def _runner(self, context: SendContext, send: Send, *, first: bool) -> _Runner | None:
        """What carries out the send's step. None if that calls Spectrum, and Spectrum may not be called now."""
        runners: Mapping[Step, _Runner] = {
            Step.PLAN: self._plan,
            Step.HEADER: self._header,
            Step.WRITE_BACK: self._number,
            Step.LINES: self._lines,
            Step.REPORT: self._report,
            Step.EVIDENCE: self._evidence,
        }
        if send.step not in CALLS_SPECTRUM:
            return runners.get(send.step)
        # The caller has just looked, by the database's time. A window may begin between two lines of a send.
        if not first and window_at(context.connection.maintenance_windows, self._clock.now()):
            return None
        # Without its hold, a send that met an endpoint in silence is here because a person ended the hold.
        met_silence = any(found.code == "ENDPOINT_UNREACHABLE" for found in send.findings)
        asked_for = met_silence and context.connection.hold is None
        turned_away = context.admission.ask(context.connection.endpoint, asked_for=asked_for)
        if turned_away:
            return self._endpoint_silent if turned_away.silent else None
        return runners[send.step]

    async def _run(self, runner: _Runner, context: SendContext, send: Send, turn: Turn) -> Committed:
        try:
            return await runner(context, send, turn)
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
        finally:
            context.admission.give_place_back()
        async with self._transactions.begin(send.tenant_id) as t:
            stored = await t.sends.get(send.id)
        return await self._store(context, stored, StepFailed(problem), turn)

    async def _changed_by_others(self, send: Send) -> bool:
        async with self._transactions.begin(send.tenant_id) as t:
            return (await t.sends.get(send.id)).version != send.version

    async def _plan(self, context: SendContext, send: Send, turn: Turn) -> Committed:
        """Plan, claim the number and store both before the first write; then write the header."""
        event = await self._steps.make_plan(context, send)
        if isinstance(event, Planned) and (waits := await self._no_place(context, send, turn)):
            return waits
        leave_by = self._header_leaves_by()
        committed = await self._store(context, send, event, turn)
        if not committed.claimed or not isinstance(event, Planned):
            return committed
        fresh = send.header is not HeaderState.BEGUN
        return await self._write_header(context, committed.send, event.claim, turn, fresh=fresh, leave_by=leave_by)

    async def _header(self, context: SendContext, send: Send, turn: Turn) -> Committed:
        """Write the stored plan again, after a crash or an unclear outcome."""
        claim = await self._claim(context, send)
        if waits := await self._no_place(context, send, turn):
            return waits
        leave_by = self._header_leaves_by()
        committed = await self._store(context, send, HeaderBegins(claim), turn)
        if not committed.claimed:
            return committed
        return await self._write_header(context, committed.send, claim, turn, fresh=False, leave_by=leave_by)

    async def _write_header(
        self, context: SendContext, send: Send, claim: NumberClaim, turn: Turn, *, fresh: bool, leave_by: float
    ) -> Committed:
        event = await self._steps.write_header(context, send, claim, fresh=fresh, leave_by=leave_by)
        return await self._store(context, send, event, turn)

    async def _number(self, context: SendContext, send: Send, turn: Turn) -> Committed:
        """Write the number on the job. The first line's intent, if there are lines, is stored together with that."""
        event = await self._steps.write_number(context, send)
        call = self._line_call()
        return await self._post_lines(context, await self._store(context, send, event, turn, call), call, turn)

    async def _lines(self, context: SendContext, send: Send, turn: Turn) -> Committed:
        if waits := await self._no_place(context, send, turn):
            return waits
        call = self._line_call()
        try:
            committed = await self._store(context, send, LineBegins(call.attempt_id), turn)
        except TimeMends:
            await self._call_not_made(send, call)
            raise
        return await self._post_lines(context, committed, call, turn)

    async def _post_lines(self, context: SendContext, committed: Committed, call: _LineCall, turn: Turn) -> Committed:
        """Post the line whose intent is stored. Its answer is stored together with the next line's intent."""
        while committed.begun:
            send = committed.send
            if not self._intent_mark.note(send.connection_id, committed.intent):
                # The database lost commits during this drain, and nobody knows which. The next drain compares.
                await self._store_answer(send.tenant_id, never_left(committed.begun, self._clock.now()))
                raise LeaseLost("The database knows less than was sent.")
            posted = await self._steps.post_line(context, committed.begun, call.attempt_id, leave_by=call.leave_by)
            call = self._line_call()
            committed = await self._store_line(context, send, posted, turn, call)
        return committed

    async def _store_line(
        self, context: SendContext, send: Send, posted: Posted, turn: Turn, following: _LineCall
    ) -> Committed:
        """Store a line's answer and what follows from it. Whatever prevents the second, the first is stored alone: it
        exists only in this process."""
        try:
            return await self._store(context, send, posted.answered, turn, following, trouble=posted.trouble)
        except Exception as error:
            stored = await self._store_answer(send.tenant_id, posted.answered)
            if stored is None:
                raise LeaseLost("The connection was removed.") from error
            if not isinstance(error, TimeMends):
                raise
        # The database was away, and is there again.
        await self._call_not_made(send, following)
        if posted.trouble and stored.step is Step.LINES:
            return await self._store(context, stored, posted.trouble, turn)
        return Committed(stored, due=stored.step is Step.LINES)

    async def _call_not_made(self, send: Send, call: _LineCall) -> None:
        """Store that the call will not be made. The database may have stored its intent, although its answer was lost:
        without this, a person would have to check a line that never left."""
        with suppress(TimeMends):
            async with self._transactions.begin(send.tenant_id) as t:
                lines = await t.ledger.of_send(send.id)
            for line in lines:
                if line.attempt_id == call.attempt_id:
                    await self._store_answer(send.tenant_id, never_left(line, self._clock.now()))

    async def _report(self, context: SendContext, send: Send, turn: Turn) -> Committed:
        return await self._store(context, send, await self._steps.report_outcome(context, send), turn)

    async def _evidence(self, context: SendContext, send: Send, turn: Turn) -> Committed:
        return await self._store(context, send, await self._steps.find_evidence(context, send), turn)

    async def _no_place(self, context: SendContext, send: Send, turn: Turn) -> Committed | None:
        """None once there is a place for a call. Otherwise nothing is begun, and the send waits as it is stored."""
        turned_away = await context.admission.take_place(context.connection.endpoint)
        if turned_away is None:
            return None
        return await self._endpoint_silent(context, send, turn) if turned_away.silent else Committed(send)

    async def _endpoint_silent(self, context: SendContext, send: Send, turn: Turn) -> Committed:
        """Hold the connection without a call, because nobody answers the calls of others."""
        host, port = context.connection.endpoint.place
        turned_away = context.admission.turned_away
        wait = turned_away.wait if turned_away else timedelta()
        return await self._store(context, send, EndpointSilent(f"{host}:{port}", wait), turn)

    def _may_go_on(self, context: SendContext, turn: Turn) -> bool:
        """Whether the next line may be called right after this one."""
        if turn.over() or window_at(context.connection.maintenance_windows, self._clock.now()):
            return False
        return context.admission.take_free_place(context.connection.endpoint)

    async def _store(
        self,
        context: SendContext,
        send: Send,
        event: Event,
        turn: Turn,
        call: _LineCall | None = None,
        *,
        trouble: SpectrumTrouble | None = None,
    ) -> Committed:
        """Store an outcome together with what follows from it without a call: the trouble that it shows, the intent of
        the next line (for `call`), and the end of a send that has nothing to report."""

        troubles = [trouble] if trouble else []

        def follow(change: Change, facts: Facts) -> Event | None:
            now = change.send
            if change.intent or now.state.finished or now.due_at is None or now.due_at > facts.now:
                return None
            if now.step is Step.LINES and troubles:
                return troubles.pop()
            if now.step is Step.LINES and call and self._may_go_on(context, turn):
                return LineBegins(call.attempt_id)
            if now.step is Step.REPORT and nothing_to_report(context.connection, now, facts):
                return Reported()
            return None

        return await self._commit(context.lease, send, event, follow=follow, take=turn.take)

    def _line_call(self) -> _LineCall:
        """The next line's call. Its deadline is read before the intent is stored, so that it is never later than the
        stored one."""
        leave_by = self._clock.boot_seconds() + self._line_timing.send_within.total_seconds()
        return _LineCall(self._ids.new("att"), leave_by)

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


def never_left(line: LedgerLine, now: datetime) -> LineAnswered:
    """The answer to an intent whose call was not made."""
    attempt = Attempt(
        send_id=line.send_id,
        step=Step.LINES,
        started_at=line.sent_at or now,
        ended_at=now,
        outcome=LineState.PLANNED.value,
        detail="not sent: the database lost its last commits",
        line_id=line.id,
    )
    return LineAnswered(line=line, attempt=attempt, attempt_id=line.attempt_id or "", state=LineState.PLANNED)
