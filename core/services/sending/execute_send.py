"""Execution: run the steps of one due send. A step that a crash interrupts runs again.

plan -> header -> write_back -> lines -> annotate -> report -> done. A step calls a remote system and returns an
outcome. `core.model.sending.lifecycle` decides what follows from it, and `store_outcome` stores that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from core.model.catalogue import finding
from core.model.planning.number_choice import claim_keys, claim_owner
from core.model.sending.lifecycle.event import (
    AnnotationUnread,
    EndpointSilent,
    HeaderBegins,
    NumberClaim,
    Planned,
    StepFailed,
)
from core.model.sending.send import CALLS_SPECTRUM, HeaderState, Send, Step
from core.model.shared.errors import ConnectionChanged, LeaseLost, SendChanged, TimeMends
from core.services.sending.lifecycle.commit_change import Committed
from core.services.sending.notify_plugins import NotifyPlugins
from core.services.sending.post_lines import PostLines
from core.services.sending.steps.find_evidence import FindEvidence
from core.services.sending.steps.make_plan import MakePlan
from core.services.sending.steps.read_document import ReadDocument
from core.services.sending.steps.report_outcome import ReportOutcome
from core.services.sending.steps.send_context import SendContext
from core.services.sending.steps.write_annotation import WriteAnnotation
from core.services.sending.steps.write_header import WriteHeader, WriteNumber
from core.services.sending.store_outcome import StoreOutcome, Turn
from core.services.service import Dependencies, Service

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps that call remote systems and return an outcome."""

    make_plan: MakePlan
    write_header: WriteHeader
    write_number: WriteNumber
    read_document: ReadDocument
    write_annotation: WriteAnnotation
    report_outcome: ReportOutcome
    find_evidence: FindEvidence


_WHOLE = Turn()
_Runner = Callable[[SendContext, Send, Turn], Awaitable[Committed]]


class ExecuteSend(Service):
    def __init__(
        self,
        d: Dependencies,
        steps: Steps,
        post_lines: PostLines,
        store: StoreOutcome,
        tell_plugins: NotifyPlugins,
    ) -> None:
        super().__init__(d)
        self._steps = steps
        self._post_lines = post_lines
        self._store = store
        self._tell_plugins = tell_plugins

    async def __call__(
        self, context: SendContext, send: Send, steps: Collection[Step] = tuple(Step), turn: Turn = _WHOLE
    ) -> Committed:
        """Run the due steps of a send that are in `steps`, under a lease, as long as Spectrum may be called for them.
        Returns the send as it was stored last.

        Raises LeaseLost if another worker took over, SendChanged if somebody changed the send meanwhile,
        ConnectionChanged before a call if somebody changed, paused or held the connection, TimeMends while the database
        is unreachable. Nothing is lost then.
        """
        connection, committed = context.connection, Committed(send, due=True)
        while committed.due and send.step in steps and not turn.over():
            runner = self._runner(context, send)
            if runner is None:
                break
            structlog.contextvars.bind_contextvars(send=send.id, job=send.job_id)
            before = send
            committed = await self._run(runner, context, send, turn)
            send = committed.send
            connection = await self._tell_plugins(connection, before, send)
            context = replace(context, known=None)  # it was read before this step
        return committed

    def _runner(self, context: SendContext, send: Send) -> _Runner | None:
        """What carries out the send's step. None if that calls Spectrum, and Spectrum may not be called now."""
        runners: Mapping[Step, _Runner] = {
            Step.PLAN: self._plan,
            Step.HEADER: self._header,
            Step.WRITE_BACK: self._number,
            Step.LINES: self._lines,
            Step.ANNOTATE: self._annotate,
            Step.REPORT: self._report,
            Step.EVIDENCE: self._evidence,
        }
        if send.step not in CALLS_SPECTRUM:
            return runners.get(send.step)
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
        except (LeaseLost, ConnectionChanged, TimeMends):
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
        return await self._post_lines.after(context, send, event, turn)

    async def _lines(self, context: SendContext, send: Send, turn: Turn) -> Committed:
        return await self._no_place(context, send, turn) or await self._post_lines(context, send, turn)

    async def _annotate(self, context: SendContext, send: Send, turn: Turn) -> Committed:
        """Write the note, the marker or a document, whichever is next. Its intent is stored before the call."""
        read = await self._steps.read_document(context, send)
        if isinstance(read, AnnotationUnread):
            return await self._store(context, send, read, turn)
        if waits := await self._no_place(context, send, turn):
            return waits
        leave_by, attempt_id = self._header_leaves_by(), self._ids.new("att")
        committed = await self._store(context, send, read.begins(attempt_id), turn)
        if committed.annotation is None:
            return committed
        send, annotation = committed.send, committed.annotation
        if committed.intent and not self._intent_mark.note(send.connection_id, committed.intent):
            raise LeaseLost("The database knows less than was sent.")  # the next drain compares, and holds
        event = await self._steps.write_annotation(
            context, send, annotation, attempt_id, leave_by=leave_by, content=read.content
        )
        return await self._store(context, send, event, turn)

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
