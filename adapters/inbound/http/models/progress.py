"""How far a send has come, step by step, read from what is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from adapters.inbound.http.models.wire import Output
from core.model.send import Attempt, Send, SendState, Step

_ARRIVED = (SendState.SENT, SendState.SENT_WITH_WARNINGS)
_TAKEN_BACK = (SendState.CANCELLED, SendState.SUPERSEDED, SendState.DONE_BY_HAND)


class Progress(StrEnum):
    """`skipped`: the send was taken back before it came to this step."""

    DONE = "done"
    DOING = "doing"
    WAITING = "waiting"
    SKIPPED = "skipped"


class StepOut(Output):
    name: Step
    state: Progress


def progress(send: Send, attempts: Sequence[Attempt]) -> list[StepOut]:
    """A failed send goes straight to its report, so only evidence counts as done, never the place in the order."""
    accepted = any(a.step is Step.HEADER and a.outcome == "accepted" for a in attempts)
    arrived, failed = send.state in _ARRIVED, send.state is SendState.NEEDS_ATTENTION
    done = {
        Step.PLAN: send.plan is not None and send.begun,
        Step.HEADER: accepted and send.step not in (Step.PLAN, Step.HEADER),
        Step.WRITE_BACK: arrived or (send.step is Step.REPORT and not failed),
        Step.REPORT: send.step is Step.DONE and (arrived or failed),
    }
    return [StepOut(name=step, state=_state(send, step, done=is_done)) for step, is_done in done.items()]


def _state(send: Send, step: Step, *, done: bool) -> Progress:
    if done:
        return Progress.DONE
    if send.state in _TAKEN_BACK:
        return Progress.SKIPPED
    under_way = send.state is not SendState.QUEUED and send.due_at is not None
    return Progress.DOING if step is send.step and under_way else Progress.WAITING
