"""What follows for a send and its cost lines from their answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.model.catalogue import finding
from core.model.connections.connection import Hold
from core.model.sending.lifecycle.change import Act, Change, LineIntent, WarningChange
from core.model.sending.lifecycle.endings import (
    TOLD,
    failed,
    goes_on,
    in_doubt,
    record_of,
    rests,
    spectrum_trouble,
    waits,
)
from core.model.sending.lifecycle.event import EvidenceFound, LineAnswered, LineBegins, SpectrumTrouble
from core.model.sending.lifecycle.facts import Facts
from core.model.sending.lifecycle.following_step import step_after_items
from core.model.sending.send import HeaderState, Send, SendState, Step
from core.model.webhooks.event import EventType
from core.model.work_orders.cost_line import BY_HAND, TO_POST, LedgerLine, LineState
from core.model.work_orders.line_words import doubt_finding, line_findings, line_words

EVIDENCE = "evidence"
"""`settled_by` of a doubt that was settled by evidence."""


def line_begins(send: Send, event: LineBegins, facts: Facts) -> Change:
    """Begin the next line; or wait for a doubt before it; or go to the send's next step if no line is left.

    A refused line stops only later lines of its item. A line in doubt stops all later lines of the work order, also
    those of another send, which waits until the doubt is settled.
    """
    if facts.unclear_of(send.id):
        return in_doubt(send, facts)
    if any(line.given_back if line.plan_id == send.plan_id else line.owed for line in facts.lines):
        # A line of an earlier plan was found to be posted or not posted: plan again what is still missing.
        return Change(send=replace(send, step=Step.PLAN, due_at=facts.now, expected_hash=None), give_back=True)
    following = next_line(facts.of_plan(send.plan_id))
    if following and facts.unclear:
        return waits(send, facts, [doubt_finding(line) for line in facts.unclear])
    if following and facts.items_hold:
        # Planned before the database went back: some of its lines may have been posted since.
        return failed(send, facts, (facts.items_hold.finding,))
    if following:
        return Change(send=send, intent=LineIntent(following, event.attempt_id))
    rejected = [line for line in facts.of_plan(send.plan_id) if line.state is LineState.REJECTED]
    refused = [found for line in rejected for found in line_findings(line)]
    if refused:
        return failed(send, facts, refused)
    step = step_after_items(send, facts)
    return Change(send=replace(send, state=SendState.SENDING, step=step, due_at=facts.now, attempts=0, waits=0))


def next_line(lines: Sequence[LedgerLine]) -> LedgerLine | None:
    """The first line to post whose item has all earlier lines posted: a correction needs the line that it corrects."""
    for line in sorted(lines, key=lambda line: (line.place, line.item_id, line.round)):
        if line.given_back or line.state not in TO_POST:
            continue
        earlier = [other for other in lines if other.item_id == line.item_id and other.round < line.round]
        if all(other.state is LineState.POSTED for other in earlier):
            return line
    return None


def line_answered(send: Send, event: LineAnswered, facts: Facts) -> Change:
    """Store the answer to a line's call, in every present state of the line.

    The database may have lost the intent (a failover), or a person may have settled the line. The answer then overrides
    that, and a warning reports the difference.
    """
    row = next((line for line in facts.lines if line.id == event.line.id), None)
    learned = replace(
        row or event.line,
        state=event.state,
        findings=event.findings,
        system_key=event.system_key,
        attempt_id=event.attempt_id,
        given_back=(row or event.line).given_back and event.state.open,
    )
    lost = row is None or row.attempt_id is None or _newer_call(event, row)
    if row is not None and row.attempt_id != event.attempt_id and not lost:
        return _begun_anew(send, event, row, facts)
    if row is None or row.given_back or lost:
        taker = facts.in_place_of(learned)
        if taker and not event.state.open:
            return _place_taken(send, event, learned, taker, facts)
        learned = replace(learned, given_back=event.state.open and (taker is not None or learned.given_back))
    if row is None or lost:
        send = goes_on(send, facts) if row and _was_the_last_doubt(send, event, row, facts) else send
        return _intent_lost(send, event, learned)
    if row.state.unclear:
        send = goes_on(send, facts) if _was_the_last_doubt(send, event, row, facts) else send
        return _with_hold(_stored(send, event, learned), event, facts)
    if row.state is event.state or event.state.unclear:
        return Change(send=send)  # an earlier try stored it and its commit was not confirmed, or nothing is new
    if row.state is LineState.NOT_POSTED and event.state.open:
        return _stored(send, event, replace(learned, state=LineState.NOT_POSTED))
    return _verdict_was_wrong(send, event, row, learned, facts)


def spectrum_trouble_of_line(send: Send, event: SpectrumTrouble, facts: Facts) -> Change:
    return spectrum_trouble(send, facts, event.diagnosis)


def evidence_found(send: Send, event: EvidenceFound, facts: Facts) -> Change:
    """Settle what the lines in Spectrum prove, and leave the rest to a person. If a late answer has come in between,
    nothing is left to settle and the send continues."""
    unclear = {line.id: line for line in facts.unclear_of(send.id)}
    settled = []
    for line, verdict in event.verdicts:
        now_there = unclear.get(line.id)
        if now_there is None or now_there.state is not LineState.IN_DOUBT:
            continue
        if verdict.state is LineState.NOT_POSTED and not quiet(now_there, facts):
            continue
        there = replace(now_there, state=verdict.state, settled_at=facts.now)
        settled.append(replace(there, settled_by=EVIDENCE, settled_reason=verdict.reason))
    left = set(unclear) - {line.id for line in settled}
    change = Change(
        send=send,
        lines=tuple(settled),
        acts=tuple(settled_act(line) for line in settled),
        log="evidence.weighed",
        log_data={"settled": len(settled)},
    )
    if left:
        return rests(send, change)
    return change.but(send=goes_on(send, facts))


def settled_act(line: LedgerLine) -> Act:
    """The audit entry: who settled the line, and how."""
    detail = {
        "outcome": line.state.value,
        "reason": line.settled_reason or "",
        "line": line_words(line),
        "line_id": line.id,
        "work_order": line.work_order_number,
    }
    return Act(line.settled_by or "", "doubt.settled", line.send_id, detail)


def quiet(line: LedgerLine, facts: Facts) -> bool:
    """Whether the line's quiet period is over, by the database's time: its call can no longer add the line."""
    return line.quiet_until is not None and line.quiet_until <= facts.now


def _stored(send: Send, event: LineAnswered, learned: LedgerLine) -> Change:
    data = {"line": learned.id, "item": learned.item_id, "state": learned.state.value, "detail": event.attempt.detail}
    return Change(send=send, attempt=event.attempt, lines=(learned,), log="line.answered", log_data=data)


def _with_hold(change: Change, event: LineAnswered, facts: Facts) -> Change:
    if event.hold_for is None:
        return change
    tells = () if facts.hold else (EventType.CONNECTION_HELD,)
    return change.but(holds=True, hold=Hold(event.hold_for, facts.now, None), tells=tells)


def _was_the_last_doubt(send: Send, event: LineAnswered, row: LedgerLine, facts: Facts) -> bool:
    others = [line for line in facts.unclear_of(send.id) if line.id != row.id]
    return row.state is LineState.IN_DOUBT and not event.state.unclear and not others


def _newer_call(event: LineAnswered, row: LedgerLine) -> bool:
    """Whether the answer is to a later call than the last one in the row. False for a row that is posted or was entered
    by hand: it stays, and the answer's line comes in addition."""
    known = row.attempt_id in (BY_HAND, event.attempt_id) or row.state is LineState.POSTED
    if known or event.line.sent_at is None:
        return False
    return row.sent_at is None or event.line.sent_at >= row.sent_at


def _place_taken(send: Send, event: LineAnswered, learned: LedgerLine, taker: LedgerLine, facts: Facts) -> Change:
    """The line is or may be in Spectrum, but another line has its place now. If that line is this send's own and has
    not begun, give it back; the next step is a new plan. Else the item is or may be there twice."""
    if taker.send_id == send.id and taker.state.open:
        return _stored(send, event, learned).but(give_back=True, log="line.answered_after_verdict")
    if event.state is LineState.POSTED:
        return _begun_anew(send, event, learned, facts)
    beside = replace(learned, id=_beside(event), round=facts.next_round(learned.item_id), plan_id="")
    return _stored(send, event, beside)


def _beside(event: LineAnswered) -> str:
    return f"{event.line.id}-{event.attempt_id}"


def _intent_lost(send: Send, event: LineAnswered, learned: LedgerLine) -> Change:
    """Store the answer although the row does not have the call: the database went back since."""
    learned = replace(
        learned, sent_at=event.line.sent_at, send_by=event.line.send_by, quiet_until=event.line.quiet_until
    )
    if send.step is not Step.LINES and not send.state.finished:
        # The send itself went back too. Its header was accepted, otherwise no line would have begun.
        send = replace(send, header=HeaderState.STANDS)
    return _stored(send, event, learned).but(log="line.intent_lost")


def _begun_anew(send: Send, event: LineAnswered, row: LedgerLine, facts: Facts) -> Change:
    """A person settled the line as not posted and it was posted again; now the first call is answered as posted."""
    if event.state is not LineState.POSTED:
        return Change(send=send, attempt=event.attempt)
    message = (
        f"{line_words(row)} is twice on work order {row.work_order_number}: its first call was settled as not posted, "
        "and was later answered as posted."
    )
    twice = replace(
        row,
        id=_beside(event),
        state=LineState.POSTED,
        attempt_id=event.attempt_id,
        system_key=event.system_key,
        round=facts.next_round(row.item_id),
        send_id="",
        plan_id="",
        settled_by=None,
        settled_reason=None,
        settled_at=None,
        given_back=False,
    )
    late = replace(send, findings=(finding("ANSWER_AFTER_VERDICT", message),))
    return Change(send=send, attempt=event.attempt, lines=(twice,), late=late, log="line.stands_twice")


def _verdict_was_wrong(send: Send, event: LineAnswered, row: LedgerLine, learned: LedgerLine, facts: Facts) -> Change:
    said, is_so = row.state.value.replace("_", " "), "posted" if event.state is LineState.POSTED else "not posted"
    message = (
        f"{line_words(row)} was settled as {said} on work order {row.work_order_number}, but Spectrum's own answer "
        f"came later: it is {is_so}."
    )
    problem = finding("ANSWER_AFTER_VERDICT", message)
    if event.state is LineState.POSTED:
        # The line is there, as intended; the warning tells people who were told something else.
        late = replace(send, findings=(problem,))
        change = _stored(send, event, learned).but(log="line.answered_after_verdict")
        return change if send.state in (SendState.SENDING, SendState.RETRYING) else change.but(late=late)
    learned = replace(learned, state=LineState.REJECTED, given_back=True)
    if send.state.finished or send.state in TOLD:
        change = failed(send, facts, (problem, *line_findings(learned)), event.attempt)
        return change.but(lines=(learned,), log="line.answered_after_verdict")
    # The send is running: it finds the refused line itself after it has posted the others.
    learned = replace(learned, given_back=False)
    record = replace(record_of(send, facts), failure_reported=True)
    change = _stored(send, event, learned).but(log="line.answered_after_verdict", record=record)
    return change.but(warning=WarningChange.KEEP)
