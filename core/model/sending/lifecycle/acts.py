"""People's acts on a send. Each act changes only the send's own lines, and gives back what it frees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from core.model.planning.account import Account
from core.model.planning.items_held import refuse_while_fresh
from core.model.sending.lifecycle.change import Act, Change, WarningChange
from core.model.sending.lifecycle.endings import goes_on, record_of
from core.model.sending.lifecycle.event import Cancelled, GaveWay, MarkedDone, Retried, Settled
from core.model.sending.lifecycle.facts import Facts
from core.model.sending.lifecycle.lines import quiet, settled_act
from core.model.sending.send import HeaderState, Send, SendState, Step
from core.model.shared.errors import Conflict
from core.model.shared.moments import moment_words
from core.model.work_orders.cost_line import (
    BY_HAND,
    BlockedItem,
    ItemsMode,
    LedgerLine,
    LinePurpose,
    LineState,
    PlannedLine,
)
from core.model.work_orders.job_service import TasksMode, is_service
from core.model.work_orders.line_words import line_words


def cancelled(send: Send, event: Cancelled, facts: Facts) -> Change:
    """Raises Conflict (SEND_NOT_CANCELLABLE) once a write may have reached Spectrum."""
    waiting = send.state in (SendState.QUEUED, SendState.RETRYING) and not send.begun
    if not waiting or (send.header is not HeaderState.NONE and not send.failed_before):
        raise Conflict(
            f"The send {send.id} is {send.state.value} and can no longer be cancelled.",
            code="SEND_NOT_CANCELLABLE",
            fix="Wait until it has ended. Then correct the work order by sending the job again.",
        )
    # Cancelling a retry only cancels the retry: the failure, its warning and its comment stay.
    state = SendState.NEEDS_ATTENTION if send.failed_before else SendState.CANCELLED
    send = replace(send, state=state, step=Step.DONE, due_at=None, finished_at=facts.now, waits_for=None)
    act = Act(event.by, "send.cancelled", send.id, {"job": send.job_number or send.job_id})
    return Change(send=send, give_back=True, warning=WarningChange.FORMER, acts=(act,), log="send.cancelled")


def gave_way(send: Send, _: GaveWay, facts: Facts) -> Change:
    """Supersede a send without items that has written nothing. Raises Conflict (SEND_CHANGED) for any other send."""
    if not waits_without_items(send):
        raise Conflict(f"The send {send.id} is {send.state.value}.", code="SEND_CHANGED", fix="Load it again.")
    send = replace(send, state=SendState.SUPERSEDED, step=Step.DONE, due_at=None, waits_for=None, finished_at=facts.now)
    return Change(send=send, give_back=True, log="send.gave_way")


def waits_without_items(send: Send) -> bool:
    """Whether the send waits and may be superseded. One with items, or one that completes the job, may not."""
    waiting = send.state in (SendState.QUEUED, SendState.RETRYING) and not send.begun
    return waiting and send.items is ItemsMode.NONE and not send.completes


def retried(send: Send, event: Retried, facts: Facts) -> Change:
    """Retry with a new plan of what is still missing. Raises Conflict (SEND_IN_DOUBT, SEND_NOT_RETRYABLE)."""
    acts = (Act(event.by, "send.retried", send.id, {"job": send.job_number or send.job_id}),)
    if send.state is SendState.RETRYING:
        return Change(send=replace(send, due_at=facts.now), wakes=True, acts=acts, log="send.retried")
    if send.state is SendState.NEEDS_ATTENTION:
        # Without items, once Spectrum has accepted the header, only the number on the job is missing.
        only_number = send.header is HeaderState.STANDS and send.items is ItemsMode.NONE
        send = replace(
            send,
            state=SendState.QUEUED,
            step=Step.WRITE_BACK if only_number else Step.PLAN,
            due_at=facts.now,
            attempts=0,
            waits=0,
            finished_at=None,
            expected_hash=None,
        )
        return Change(send=send, wakes=True, acts=acts, log="send.retried", log_data={"step": send.step.value})
    if send.state is SendState.IN_DOUBT:
        raise Conflict(
            f"The send {send.id} waits for items that may or may not have been posted.",
            code="SEND_IN_DOUBT",
            fix="Look for them in Spectrum and enter what you find. Then the send continues by itself.",
        )
    raise Conflict(
        f"The send {send.id} is {send.state.value}; only one that needs attention or waits for a try can be retried.",
        code="SEND_NOT_RETRYABLE",
        fix="Send the job again instead.",
    )


def marked_done(send: Send, event: MarkedDone, facts: Facts) -> Change:
    """Every line of the plan and every item that blocked it count as posted by hand.

    Raises Conflict: SEND_NOT_FAILED, WORK_ORDER_BUSY (another send posts to the work order), WORK_ORDER_MOVED_ON (its
    lines were posted in another way since), RESTORE_TOO_FRESH (Spectrum may still add what the database lost).
    """
    if send.state is not SendState.NEEDS_ATTENTION:
        raise Conflict(
            f"The send {send.id} is {send.state.value}; only a failed send can be marked as done by hand.",
            code="SEND_NOT_FAILED",
            fix="Cancel a send that waits, or check its items in Spectrum. Other sends need nothing.",
        )
    if facts.holder or facts.held_elsewhere:
        who = f"The send {facts.holder.id}" if facts.holder else "Another connection to this Spectrum company"
        raise Conflict(
            f"{who} posts items to this work order at the moment.",
            code="WORK_ORDER_BUSY",
            fix="Wait until it has ended, or settle or cancel it. Then look at the work order in Spectrum again.",
        )
    if send.items is not ItemsMode.NONE:
        refuse_while_fresh(facts.items_hold, facts.now)
    entered = tuple(_by_hand(send, event, facts))
    _refuse_if_moved_on(send, entered, facts)
    record = record_of(send, facts)
    if send.items is not ItemsMode.NONE:
        unread = send.plan is None
        record = replace(
            record,
            items_unknown=unread or (record.items_unknown and not _speaks_of_all(send)),
            items_declared_at=facts.now if _speaks_of_all(send) else record.items_declared_at,
        )
    done = replace(send, state=SendState.DONE_BY_HAND, step=Step.REPORT, due_at=facts.now, attempts=0, waits=0)
    detail = {"reason": event.reason, "job": send.job_number or send.job_id, "lines": str(len(entered))}
    return Change(
        send=done,
        give_back=True,
        lines=entered,
        record=record,
        warning=WarningChange.CLEAR,
        wakes=True,
        acts=(Act(event.by, "send.done_by_hand", send.id, detail),),
        log="send.done_by_hand",
        log_data={"by": event.by},
    )


def settled(send: Send, event: Settled, facts: Facts) -> Change:
    """Settle a line in doubt. Raises Conflict (LINE_NOT_IN_DOUBT, or DOUBT_TOO_FRESH for `not_posted` before the end of
    the quiet period: until then Spectrum may still add the line)."""
    line = next((line for line in facts.unclear_of(send.id) if line.id == event.line_id), None)
    if line is None or line.state is not LineState.IN_DOUBT:
        raise Conflict(
            "This item does not wait for a check in Spectrum: its outcome is known.",
            code="LINE_NOT_IN_DOUBT",
            fix="Load the list of items to check again.",
        )
    if event.verdict is LineState.NOT_POSTED and not quiet(line, facts):
        until = moment_words(line.quiet_until, seconds=True) if line.quiet_until else "later"
        raise Conflict(
            f"It is too early to say that the item is not there: until {until} Spectrum may still add it.",
            code="DOUBT_TOO_FRESH",
            fix=f"Look again after {until}. If the item is there already, enter that now.",
        )
    line = replace(line, state=event.verdict, settled_by=event.by, settled_reason=event.reason, settled_at=facts.now)
    others = [other for other in facts.unclear_of(send.id) if other.id != line.id]
    return Change(
        send=send if others else goes_on(send, facts),
        lines=(line,),
        wakes=not others,
        acts=(settled_act(line),),
        log="doubt.settled",
        log_data={"line": line.id, "outcome": event.verdict.value, "by": event.by},
    )


def _speaks_of_all(send: Send) -> bool:
    """Whether the plan lists every item that somebody else may have posted."""
    return send.plan is not None and send.plan.items_held is not None


def _by_hand(send: Send, event: MarkedDone, facts: Facts) -> Iterable[LedgerLine]:
    """The rows of the plan's lines, existing or new ones, and a row for each item that could not be planned."""
    plan, ids = send.plan, iter(event.ids)
    if plan is None or send.items is ItemsMode.NONE:
        return
    rows = {(line.item_id, line.round): line for line in facts.of_plan(send.plan_id)}
    for place, line in enumerate(plan.lines):
        row = rows.get((line.item_id, line.round)) or new_row(send, line, next(ids), place, line.round, line.purpose)
        if row.state is not LineState.POSTED:
            yield _signed(row, event, facts)
    taken: Counter[str] = Counter()  # a held correction is a reversal and a new line, so one item may come twice
    for place, item in enumerate(plan.blocked, start=len(plan.lines)):
        next_round = facts.next_round(item.item_id) + taken[item.item_id]
        taken[item.item_id] += 1
        yield _signed(new_row(send, item, next(ids), place, next_round, LinePurpose.NEW), event, facts)


def _signed(row: LedgerLine, event: MarkedDone, facts: Facts) -> LedgerLine:
    return replace(
        row,
        state=LineState.POSTED,
        attempt_id=BY_HAND,
        given_back=False,
        findings=(),
        settled_by=event.by,
        settled_reason=event.reason,
        settled_at=facts.now,
    )


def new_row(
    send: Send, line: PlannedLine | BlockedItem, line_id: str, place: int, in_round: int, purpose: LinePurpose
) -> LedgerLine:
    """The row of a line of the send's plan, before it is posted."""
    return LedgerLine(
        id=line_id,
        tenant_id=send.tenant_id,
        connection_id=send.connection_id,
        job_id=send.job_id,
        work_order_number=send.work_order_number or "",
        item_id=line.item_id,
        item_name=line.item_name,
        kind=line.kind,
        round=in_round,
        purpose=purpose,
        fields=line.fields,
        state=LineState.PLANNED,
        send_id=send.id,
        place=place,
        plan_id=send.plan_id or "",
    )


def _refuse_if_moved_on(send: Send, entered: tuple[LedgerLine, ...], facts: Facts) -> None:
    for line in entered:
        if facts.in_place_of(line) or _posted_since(send, line, facts):
            raise Conflict(
                f"{line_words(line)} was posted in another way since this send failed.",
                code="WORK_ORDER_MOVED_ON",
                fix="Retry the send: it makes a new plan with only what is still missing.",
            )


def _stands_by_a_call(line: LedgerLine, account: Account | None) -> bool:
    """Whether a call of ours posted the item. Then `difference` plans it, even if others posted it too."""
    return any(
        other.item_id == line.item_id and not other.state.open and other.attempt_id != BY_HAND
        for other in (account.lines if account else ())
    )


def _posted_since(send: Send, line: LedgerLine, facts: Facts) -> bool:
    """Whether the item was posted since this send failed, in any round and by anybody; a person's declaration counts.
    `new_only` planned only items that were not posted."""
    account = facts.account
    posted = [
        other
        for other in (account.lines if account else ())
        if other.item_id == line.item_id and other.send_id != send.id and other.state is LineState.POSTED
    ]
    elsewhere = account is not None and line.item_id in account.elsewhere
    if is_service(line.item_id):
        if send.tasks is not TasksMode.AGAIN:
            return bool(posted) or elsewhere
    elif send.items is ItemsMode.NEW_ONLY:
        return bool(posted) or elsewhere
    elif send.items is ItemsMode.DIFFERENCE and elsewhere and not _stands_by_a_call(line, account):
        return True  # `difference` leaves out what others posted, so they posted it after the plan
    failed_at = send.finished_at
    moments = (other.settled_at or other.sent_at for other in posted)
    return failed_at is not None and any(moment is not None and moment > failed_at for moment in moments)
