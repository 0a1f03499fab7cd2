"""Store a step's outcome together with what follows from it without a call to a remote system."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from core.model.sending.lifecycle.change import Change
from core.model.sending.lifecycle.event import Event, LineBegins, Reported, SpectrumTrouble
from core.model.sending.lifecycle.facts import Facts
from core.model.sending.send import Send, Step
from core.services.sending.lifecycle.commit_change import CommitChange, Committed
from core.services.sending.steps.report_outcome import nothing_to_report
from core.services.sending.steps.send_context import SendContext
from core.services.service import Dependencies, Service


@dataclass(frozen=True, slots=True)
class Turn:
    """One send's turn in a drain. `over`: the drain's time is up, so no further call is begun. `take`: the steps in
    which the drain's next send may be."""

    over: Callable[[], bool] = lambda: False
    take: Collection[Step] | None = None


@dataclass(frozen=True, slots=True)
class LineCall:
    """The call for a line, named before the line is known. It leaves before `leave_by` (boot clock) or not at all."""

    attempt_id: str
    leave_by: float


class StoreOutcome(Service):
    def __init__(self, d: Dependencies, commit: CommitChange) -> None:
        super().__init__(d)
        self._commit = commit

    async def __call__(
        self,
        context: SendContext,
        send: Send,
        event: Event,
        turn: Turn,
        call: LineCall | None = None,
        *,
        trouble: SpectrumTrouble | None = None,
    ) -> Committed:
        """What may follow is the trouble that the outcome shows, the intent of the next line (for `call`), and the end
        of a send that has nothing to report.

        Raises LeaseLost, SendChanged, ConnectionChanged, TimeMends; then nothing is stored.
        """
        troubles = [trouble] if trouble else []

        def follow(change: Change, facts: Facts) -> Event | None:
            now = change.send
            if change.intent or change.annotation or now.state.finished or now.due_at is None or now.due_at > facts.now:
                return None
            if now.step is Step.LINES and troubles:
                return troubles.pop()
            if now.step is Step.LINES and call and self._may_go_on(context, facts, turn):
                return LineBegins(call.attempt_id)
            if now.step is Step.REPORT and nothing_to_report(context.connection, now, facts):
                return Reported()
            return None

        seen = context.connection
        return await self._commit(context.lease, send, event, seen=seen, follow=follow, take=turn.take)

    def _may_go_on(self, context: SendContext, facts: Facts, turn: Turn) -> bool:
        """Whether the next line may be called right after this outcome."""
        return not facts.stopped and not turn.over() and context.admission.take_free_place(context.connection.endpoint)
