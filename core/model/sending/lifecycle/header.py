"""What follows from the outcomes of the header and the write-back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from core.model.planning.number_choice import taken_problem
from core.model.planning.plan import SendPlan
from core.model.sending.answer import Accepted, NotSent, Refused, Unknown
from core.model.sending.diagnosis import SPECTRUM_WARNED, differing_number, returned_number, warnings
from core.model.sending.lifecycle.change import Change, ClaimChange
from core.model.sending.lifecycle.endings import failed, record_of, spectrum_trouble, waits
from core.model.sending.lifecycle.event import (
    HeaderAnswered,
    HeaderBegins,
    NumberNotWritten,
    NumberWritten,
    ServiceTradeTrouble,
)
from core.model.sending.lifecycle.facts import Facts
from core.model.sending.lifecycle.following_step import step_after_items
from core.model.sending.send import HeaderState, Send, SendState, Step
from core.model.shared.errors import SendChanged
from core.model.work_orders.work_order import WorkOrderRecord

_LOGIN_REFUSED = frozenset({"AUTH_NOT_AUTHORIZED", "AUTH_ENHANCED_TURNED_ON", "AUTH_SECRET_EXPIRED"})


def header_begins(send: Send, event: HeaderBegins, facts: Facts) -> Change:
    """Write the stored plan again. The explicit number makes that safe.

    The work order may be in Spectrum already, so from now on the job keeps its number, in every outcome of this send.
    The values that this plan changes count as unknown in Spectrum.
    """
    _stored_plan(send)
    if facts.number_taken and not event.claim.adopt:
        return failed(send, facts, (taken_problem(send.work_order_number or ""),))
    if wait := gate_open_elsewhere(send, facts):
        return wait
    if facts.items_hold:
        # The database went back, so Spectrum may have a newer header: make a new plan from the job's present data.
        return Change(send=replace(send, step=Step.PLAN, expected_hash=None), give_back=True)
    record = replace(
        _may_stand(send, facts),
        claim_owner=event.claim.owner,
        header_until=facts.now + facts.header_within,
        header_epoch=facts.epoch,
    )
    send = replace(send, header=begun(send))
    return Change(send=send, record=record, claim=ClaimChange.TAKE, number=event.claim)


def header_answered(send: Send, event: HeaderAnswered, facts: Facts) -> Change:
    _stored_plan(send)
    match event.outcome:
        case Accepted() as outcome:
            returned = returned_number(outcome)
            if returned and returned.upper() != (send.work_order_number or "").upper():
                return _other_number(send, event, facts, returned)
            return _accepted(send, event, facts)
        case NotSent() | Refused():
            return _refused(send, event, facts)
        case Unknown():
            return _unclear(send, event, facts)


def number_written(send: Send, _: NumberWritten, facts: Facts) -> Change:
    waited = send.waits > 0 or send.attempts > 0
    send = replace(send, state=SendState.SENDING, number_written=True, attempts=0, waits=0, due_at=facts.now)
    plan = send.plan
    if plan and plan.items_held:
        return failed(send, facts, (plan.items_held,))
    in_doubt = any(line.state.unclear for line in facts.lines)  # of an earlier plan; must be settled first
    if not in_doubt and not (plan and plan.lines):
        return Change(send=replace(send, step=step_after_items(send, facts)))
    if waited and not any(line.attempt_id for line in facts.of_plan(send.plan_id)):
        # The items were read some time ago and none has begun: plan again from the job's present items.
        return Change(send=replace(send, step=Step.PLAN, expected_hash=None), give_back=True)
    return Change(send=replace(send, step=Step.LINES))


def number_not_written(send: Send, event: NumberNotWritten, facts: Facts) -> Change:
    """Only the external id is missing. The work order is in Spectrum and is not sent again."""
    if event.passes:
        return waits(send, facts, (event.problem,), event.retry_after, event.attempt)
    return failed(send, facts, (event.problem,), event.attempt)


def servicetrade_trouble(send: Send, event: ServiceTradeTrouble, facts: Facts) -> Change:
    if event.passes:
        return waits(send, facts, (event.problem,), event.retry_after)
    return failed(send, facts, (event.problem,))


def gate_open_elsewhere(send: Send, facts: Facts) -> Change | None:
    """Wait while another worker, which was only suspended, may still write its header."""
    record = facts.record
    if record is None or record.header_until is None or record.header_epoch == facts.epoch:
        return None
    if record.header_until <= facts.now:
        return None
    return Change(send=replace(send, due_at=record.header_until), log="header.waits")


def _accepted(send: Send, event: HeaderAnswered, facts: Facts) -> Change:
    plan = _stored_plan(send)
    record = replace(
        record_of(send, facts),
        number=plan.number,
        sent={h.field: h.source_value for h in plan.header},
        last_send_id=send.id,
        sent_at=event.attempt.ended_at,
        header_until=None,
        header_epoch=None,
    )
    before = [found for found in send.findings if found.code != SPECTRUM_WARNED]
    send = replace(
        send,
        state=SendState.SENDING,
        step=Step.WRITE_BACK,
        header=HeaderState.STANDS,
        expected_hash=None,
        attempts=0,
        waits=0,
        findings=(*before, *warnings(event.outcome)),
    )
    return Change(
        send=send, attempt=event.attempt, record=record, holds=True, claim=ClaimChange.ACCEPT, number=event.claim
    )


def _other_number(send: Send, event: HeaderAnswered, facts: Facts, returned: str) -> Change:
    """Write nothing back and post nothing: a person has to find out what Spectrum stored under which number."""
    problem = differing_number(send.work_order_number or "", returned)
    change = failed(send, facts, (problem, *warnings(event.outcome)), event.attempt)
    record = replace(_may_stand(send, facts), failure_reported=True, header_until=None, header_epoch=None)
    return change.but(record=record, claim=ClaimChange.ACCEPT, number=event.claim)


def _refused(send: Send, event: HeaderAnswered, facts: Facts) -> Change:
    """Spectrum stored nothing of this call. If it is the first one, plan again next time and free the number."""
    assert event.diagnosis is not None  # noqa: S101 - always set, except for Accepted
    if event.fresh:
        header = HeaderState.STANDS if send.header is HeaderState.STANDS else HeaderState.NONE
        send = replace(send, step=Step.PLAN, header=header)
    change = spectrum_trouble(send, facts, event.diagnosis, event.attempt)
    record = replace(change.record or record_of(send, facts), header_until=None, header_epoch=None)
    claim = ClaimChange.GIVE_BACK if event.fresh else ClaimChange.KEEP
    # A send that will be planned again must not block other connections while it waits.
    return change.but(record=record, claim=claim, number=event.claim, give_back=change.give_back or event.fresh)


def _unclear(send: Send, event: HeaderAnswered, facts: Facts) -> Change:
    """Spectrum may have stored the header. After a refused login the number is given back all the same: a connection
    that cannot sign in must not keep it. It is claimed again before the next try."""
    assert event.diagnosis is not None  # noqa: S101 - always set, except for Accepted
    send = replace(send, step=Step.HEADER, header=begun(send))
    change = spectrum_trouble(send, facts, event.diagnosis, event.attempt)
    reported = change.record is not None and change.record.failure_reported
    record = _may_stand(send, facts)
    record = replace(record, failure_reported=record.failure_reported or reported, header_until=None, header_epoch=None)
    login = any(found.code in _LOGIN_REFUSED for found in event.diagnosis.findings)
    return change.but(record=record, claim=ClaimChange.GIVE_BACK if login else ClaimChange.KEEP, number=event.claim)


def _stored_plan(send: Send) -> SendPlan:
    if send.plan is None:
        raise SendChanged(f"The send {send.id} has no stored plan to write.", fix="Load it again.")
    return send.plan


def begun(send: Send) -> HeaderState:
    return HeaderState.STANDS if send.header is HeaderState.STANDS else HeaderState.BEGUN


def _may_stand(send: Send, facts: Facts) -> WorkOrderRecord:
    record = record_of(send, facts)
    return replace(record, number=send.work_order_number, sent=_still_certain(record.sent, send.plan))


def _still_certain(sent: Mapping[str, str] | None, plan: SendPlan | None) -> Mapping[str, str] | None:
    """The values last sent that the plan does not change. The others may or may not have been written."""
    if sent is None or plan is None:
        return sent
    written = {header.field: header.source_value for header in plan.header}
    return {field: value for field, value in sent.items() if written.get(field, "") == value}
