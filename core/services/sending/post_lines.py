"""Post a send's cost lines, one after the other: intent, call, answer.

Spectrum adds a line for every call. So the intent is stored before the call, and the answer together with the next
line's intent.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from core.model.sending.lifecycle.event import Event, LineAnswered, LineBegins
from core.model.sending.send import Attempt, Send, Step
from core.model.shared.errors import LeaseLost, TimeMends
from core.model.work_orders.cost_line import LedgerLine, LineState
from core.services.sending.lifecycle.commit_change import Committed
from core.services.sending.steps.post_line import Posted, PostLine
from core.services.sending.steps.send_context import SendContext
from core.services.sending.store_answer import StoreAnswer
from core.services.sending.store_outcome import LineCall, StoreOutcome, Turn
from core.services.service import Dependencies, Service


class PostLines(Service):
    def __init__(self, d: Dependencies, post_line: PostLine, store: StoreOutcome, store_answer: StoreAnswer) -> None:
        super().__init__(d)
        self._post_line = post_line
        self._store = store
        self._store_answer = store_answer

    async def __call__(self, context: SendContext, send: Send, turn: Turn) -> Committed:
        """Post the lines from the first one that is not posted, until no line may follow or the turn is over.

        Raises LeaseLost, SendChanged, ConnectionChanged, TimeMends.
        """
        call = self._next_call()
        return await self._store_and_post(context, send, LineBegins(call.attempt_id), call, turn)

    async def after(self, context: SendContext, send: Send, event: Event, turn: Turn) -> Committed:
        """Store an event together with the intent of the first line, if that follows from it, and post the lines."""
        return await self._store_and_post(context, send, event, self._next_call(), turn)

    def _next_call(self) -> LineCall:
        """The next line's call. Its deadline is read before the intent is stored, so that it is never later than the
        stored one."""
        leave_by = self._clock.boot_seconds() + self._line_timing.send_within.total_seconds()
        return LineCall(self._ids.new("att"), leave_by)

    async def _store_and_post(
        self, context: SendContext, send: Send, event: Event, call: LineCall, turn: Turn
    ) -> Committed:
        try:
            committed = await self._store(context, send, event, turn, call)
        except TimeMends:
            await self._call_not_made(send, call)
            raise
        while committed.begun:
            send = committed.send
            await self._note_intent(committed.begun, committed.intent)
            posted = await self._post_line(context, committed.begun, call.attempt_id, leave_by=call.leave_by)
            call = self._next_call()
            committed = await self._store_posted(context, send, posted, turn, call)
        return committed

    async def _note_intent(self, line: LedgerLine, intent: int) -> None:
        """Raises LeaseLost if the database lost commits during this drain: nobody knows which, and the next drain
        compares. Raises what prevents the noting. In both cases the line is stored as not sent."""
        noted = False
        try:
            noted = self._intent_mark.note(line.connection_id, intent)
        finally:
            if not noted:
                await self._store_answer(line.tenant_id, _never_left(line, self._clock.now()))
        if not noted:
            raise LeaseLost("The database knows less than was sent.")

    async def _store_posted(
        self, context: SendContext, send: Send, posted: Posted, turn: Turn, following: LineCall
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

    async def _call_not_made(self, send: Send, call: LineCall) -> None:
        """Store that the call will not be made. The database may have stored its intent, although its answer was lost:
        without this, a person would have to check a line that never left."""
        with suppress(TimeMends):
            async with self._transactions.begin(send.tenant_id) as t:
                lines = await t.ledger.of_send(send.id)
            for line in lines:
                if line.attempt_id == call.attempt_id:
                    await self._store_answer(send.tenant_id, _never_left(line, self._clock.now()))


def _never_left(line: LedgerLine, now: datetime) -> LineAnswered:
    """The answer to an intent whose call was not made."""
    attempt = Attempt(
        send_id=line.send_id,
        step=Step.LINES,
        started_at=line.sent_at or now,
        ended_at=now,
        outcome=LineState.PLANNED.value,
        detail="not sent: the call was not made",
        line_id=line.id,
    )
    return LineAnswered(line=line, attempt=attempt, attempt_id=line.attempt_id or "", state=LineState.PLANNED)
