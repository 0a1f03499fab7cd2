"""What follows from the report to ServiceTrade, and the end of a send: it is sent only if all lines are proved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from core.model.catalogue import finding
from core.model.mappings.job_record import REFUSED
from core.model.sending.lifecycle.annotate import given_up
from core.model.sending.lifecycle.change import Change, WarningChange
from core.model.sending.lifecycle.endings import (
    TOLD,
    clean,
    failed,
    in_doubt,
    kept_warnings,
    made_up_for,
    record_of,
    repeated,
    spectrum_warnings,
    standing,
    waits,
)
from core.model.sending.lifecycle.event import NotReported, Reported, StepFailed
from core.model.sending.lifecycle.facts import Facts
from core.model.sending.send import Send, SendState, Step
from core.model.shared.finding import Finding
from core.model.webhooks.event import EventType
from core.model.work_orders.cost_line import ItemsMode, LineState
from core.model.work_orders.line_words import line_findings


def reported(send: Send, event: Reported, facts: Facts) -> Change:
    """A failure or doubt is now reported on the job, and the send rests. Any other send ends here."""
    if send.state in TOLD:
        look_at = event.look_at if send.state is SendState.IN_DOUBT else None
        step = Step.EVIDENCE if look_at else Step.DONE
        return Change(send=replace(send, step=step, due_at=look_at, attempts=0, waits=0))
    return _ended(send, event, facts)


def not_reported(send: Send, event: NotReported, facts: Facts) -> Change:
    return waits(send, facts, (event.problem,), event.retry_after)


def step_failed(send: Send, event: StepFailed, facts: Facts) -> Change:
    """If a line may have left, the send becomes in doubt and not failed: otherwise nobody could settle the line."""
    change = repeated(send, facts, (event.problem,))
    if change.send.state is SendState.NEEDS_ATTENTION and send.step is Step.ANNOTATE:
        return given_up(send, facts, event.problem)  # work order and items are in Spectrum
    failed_now = change.send.state is SendState.NEEDS_ATTENTION and send.step is Step.LINES
    return in_doubt(send, facts) if failed_now and facts.unclear_of(send.id) else change


def _ended(send: Send, event: Reported, facts: Facts) -> Change:
    """End the send: the work order is in Spectrum, its number is on the job, each line of the plan is posted. Warning
    and comment of earlier failures are removed, except for items that this send did not include."""
    by_hand = send.state is SendState.DONE_BY_HAND
    if not by_hand and (missing := _not_shown(send, facts)):
        message = (
            f"{missing} of the items of this send are not known to be in Spectrum, so it does not count as sent. This "
            "is a fault of Jobferry itself."
        )
        return failed(send, facts, (finding("SENT_NOT_PROVED", message),))
    findings = (*_still_true(send), *_warned(send, facts), *event.trouble)
    state = SendState.SENT if clean(findings) else SendState.SENT_WITH_WARNINGS
    send = replace(
        send,
        state=SendState.DONE_BY_HAND if by_hand else state,
        step=Step.DONE,
        due_at=None,
        attempts=0,
        finished_at=facts.now,
        findings=tuple(findings),
    )
    left = standing(send, facts)
    return Change(
        send=send,
        superseded=made_up_for(send, facts),
        warning=WarningChange.RAISE if left else WarningChange.CLEAR,
        standing=left[-1] if left else None,
        record=replace(record_of(send, facts), failure_reported=bool(left) or event.comment_stands),
        tells=(EventType.SEND_SUCCEEDED,),
        log="send.succeeded",
        log_data={"number": send.work_order_number, "state": send.state.value},
    )


def _still_true(send: Send) -> Iterator[Finding]:
    """What the plan found, without the doubts whether Spectrum has a code: it has accepted them all."""
    return (found for found in (send.plan.findings if send.plan else ()) if found.code not in REFUSED)


def _warned(send: Send, facts: Facts) -> Iterator[Finding]:
    """What Spectrum warned of when it took the header and the lines, and what became of the note and the marker."""
    told = set(send.plan.findings if send.plan else ())
    yield from (found for found in kept_warnings(send.findings) if found not in told)
    for line in facts.lines:
        if line.state is LineState.POSTED:
            yield from spectrum_warnings(line_findings(line))


def _not_shown(send: Send, facts: Facts) -> int:
    """How many lines of the stored plan are neither posted nor settled as posted, or how many lines are still owed."""
    if send.plan is None and send.items is not ItemsMode.NONE:
        return 1  # a lost plan proves nothing
    posted = {
        (line.item_id, line.round)
        for line in facts.of_plan(send.plan_id)
        if line.takes_place and line.state is LineState.POSTED
    }
    missing = [line for line in send.plan.lines if (line.item_id, line.round) not in posted] if send.plan else []
    return max(len(missing), len(facts.owed))
