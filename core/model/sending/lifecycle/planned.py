"""What follows from a plan: the send fails, waits, or its header may be written."""

from __future__ import annotations

from dataclasses import replace

from core.model.catalogue import finding
from core.model.planning.earlier_additions import with_unsure
from core.model.planning.number_choice import taken_problem
from core.model.planning.plan import SendPlan
from core.model.sending.lifecycle.change import Change, ClaimChange, StoredPlan, WarningChange
from core.model.sending.lifecycle.endings import failed, record_of, repeated
from core.model.sending.lifecycle.event import Planned
from core.model.sending.lifecycle.facts import Facts
from core.model.sending.lifecycle.header import begun, gate_open_elsewhere
from core.model.sending.send import Send, SendState, Step
from core.model.shared.finding import Severity
from core.model.work_orders.cost_line import ItemsMode


def plan_problem(send: Send, plan: SendPlan) -> bool:
    """Whether a plan ends its send before anything is written. A job that is to be completed then stays open."""
    return bool(send.expected_hash and plan.plan_hash != send.expected_hash) or not plan.sendable


def planned(send: Send, event: Planned, facts: Facts) -> Change:
    """Check number, lines and other posting sends again when the plan is stored: they may have changed since."""
    plan = event.plan
    with_plan = replace(
        send,
        plan=plan,
        plan_id=event.plan_id,
        work_order_number=plan.number or None,
        job_number=plan.job_number,
        customer=plan.customer,
    )
    stored = StoredPlan(event.plan_id, plan, ())
    if send.expected_hash and plan.plan_hash != send.expected_hash:
        message = "The job changed between the preview and the send, so nothing was sent."
        change = failed(with_plan, facts, (finding("JOB_CHANGED_WHILE_SENDING", message),))
        return change.but(plan=stored)
    if plan.kept_back and send.by_itself:
        return _kept_back(with_plan, facts).but(plan=stored)
    if not plan.sendable:
        return failed(with_plan, facts, plan.findings).but(plan=stored)
    if facts.number_taken and not event.claim.adopt:
        change = failed(with_plan, facts, (taken_problem(plan.number),))
        return change.but(plan=stored, completion=event.completion)
    not_yet = _not_yet(send, event, facts) if send.items is not ItemsMode.NONE else None
    if wait := not_yet or gate_open_elsewhere(send, facts):
        return wait.but(completion=event.completion)
    started = replace(
        with_plan,
        state=SendState.SENDING,
        step=Step.HEADER,
        header=begun(send),
        number_written=send.number_written and plan.number == send.work_order_number,
        waits_for=None,
        expected_hash=send.expected_hash,
        findings=plan.findings,
    )
    record = replace(
        record_of(send, facts),
        claim_owner=event.claim.owner,
        items_unknown=_items_unknown(facts, plan),
        annotations=with_unsure(record_of(send, facts), plan, event.plan_id, facts.now, send.id),
        header_until=facts.now + facts.header_within,
        header_epoch=facts.epoch,
    )
    return Change(
        send=started,
        plan=replace(stored, lines=event.lines),
        give_back=True,
        record=record,
        claim=ClaimChange.TAKE,
        number=event.claim,
        completion=event.completion,
    )


def _kept_back(send: Send, facts: Facts) -> Change:
    """A rule excludes the job and no person requested the send: it ends without a failure."""
    findings = send.plan.findings if send.plan else ()
    send = replace(
        send, state=SendState.CANCELLED, step=Step.DONE, due_at=None, finished_at=facts.now, findings=tuple(findings)
    )
    reasons = [found.message for found in findings if found.blocks]
    return Change(send=send, give_back=True, log="send.kept_back", log_data={"reasons": reasons})


def _not_yet(send: Send, event: Planned, facts: Facts) -> Change | None:
    """The change if the items cannot be planned now: one send at a time posts to a work order, and a plan is valid only
    for the account that it was made from."""
    number = event.plan.number
    if facts.holder:
        message = (
            f"The send {facts.holder.id} still posts items to work order {number}. This one continues by itself when "
            "that one has ended."
        )
        return _wait_for(send, facts.holder, message)
    if facts.held_elsewhere:
        message = f"Another connection posts items to work order {number} at the moment."
        return repeated(send, facts, (finding("WORK_ORDER_BUSY", message),))
    # The items became unknown meanwhile, so the next plan is held for that.
    unheld = bool(event.lines) and facts.record is not None and facts.record.items_unknown
    if unheld or (facts.account and facts.account.without(send.id).snapshot != event.snapshot):
        if send.attempts == 0:
            return Change(send=replace(send, attempts=1, due_at=facts.now), log="send.planned_again")
        message = f"The lines of work order {number} changed each time while this send was planned."
        return repeated(send, facts, (finding("PLAN_KEEPS_CHANGING", message),))
    return None


def _wait_for(send: Send, holder: Send, message: str) -> Change:
    waiting = finding("WAITS_FOR_SEND", message, severity=Severity.INFO)
    # The blockers of a retried send show that it failed before. Those of a send that only waited are over.
    blockers = tuple(found for found in send.findings if found.blocks and send.failed_before)
    over = WarningChange.FORMER if send.state is SendState.RETRYING else WarningChange.KEEP
    send = replace(
        send,
        state=SendState.QUEUED,
        step=Step.PLAN,
        due_at=None,
        waits_for=holder.id,
        findings=(waiting, *blockers),
    )
    return Change(send=send, warning=over, log="send.waits", log_data={"waits_for": holder.id})


def _items_unknown(facts: Facts, plan: SendPlan) -> bool:
    """Once found, keep it until a person declares the items, because our own number will soon be on the job too.

    A record with a number is newer than a plan with `strange`: a person declared the items during planning.
    """
    record = facts.record
    if record is not None and record.number is not None:
        return record.items_unknown
    return (record is not None and record.items_unknown) or plan.strange
