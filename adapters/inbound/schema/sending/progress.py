"""The progress of a send, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from adapters.inbound.schema.schema_base import Output
from core.model.sending.send import Attempt, Send, SendState, Step
from core.model.work_orders.cost_line import LedgerLine, LineState

_ARRIVED = (SendState.SENT, SendState.SENT_WITH_WARNINGS)
_TAKEN_BACK = (SendState.CANCELLED, SendState.SUPERSEDED, SendState.DONE_BY_HAND)


class Progress(StrEnum):
    """`skipped`: the send ended before this step, because it was cancelled, replaced or done by hand."""

    DONE = "done"
    DOING = "doing"
    WAITING = "waiting"
    SKIPPED = "skipped"


class StepOut(Output):
    """The step `lines` exists if the send posts items; `posted` of its `total` lines are posted."""

    name: Step
    state: Progress
    posted: int | None = None
    total: int | None = None


def progress(send: Send, attempts: Sequence[Attempt], lines: Sequence[LedgerLine] = ()) -> list[StepOut]:
    """The steps of a send. A failed send goes straight to its report, so a step is done only if there is evidence."""
    accepted = any(a.step is Step.HEADER and a.outcome == "accepted" for a in attempts)
    arrived, failed = send.state in _ARRIVED, send.state in (SendState.NEEDS_ATTENTION, SendState.IN_DOUBT)
    posted = sum(line.state is LineState.POSTED for line in lines)
    begun_lines = any(line.sent_at for line in lines)
    done = {
        Step.PLAN: send.plan is not None and send.begun,
        Step.HEADER: accepted and send.step not in (Step.PLAN, Step.HEADER),
        Step.WRITE_BACK: arrived or begun_lines or send.step is Step.LINES or (send.step is Step.REPORT and not failed),
    }
    if lines or (send.plan and send.plan.lines):
        done[Step.LINES] = bool(lines) and posted == len(lines)
    done[Step.REPORT] = send.step in (Step.DONE, Step.EVIDENCE) and (arrived or failed)
    counts = {Step.LINES: {"posted": posted, "total": len(lines)}}
    return [
        StepOut(name=step, state=_state(send, step, done=is_done), **counts.get(step, {}))
        for step, is_done in done.items()
    ]


def _state(send: Send, step: Step, *, done: bool) -> Progress:
    if done:
        return Progress.DONE
    if send.state in _TAKEN_BACK:
        return Progress.SKIPPED
    under_way = send.state is not SendState.QUEUED and send.due_at is not None
    return Progress.DOING if step is send.step and under_way else Progress.WAITING
